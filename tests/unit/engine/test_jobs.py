"""Jobs: progress, results, failures, cancel while waiting and while running, on real threads."""

from __future__ import annotations

import threading
import time

import pytest
from pytestqt.qtbot import QtBot

from studio.engine.jobs import Job, JobRunner, Work
from studio.errors import StudioError, Unreachable


@pytest.fixture
def runner(qtbot: QtBot) -> JobRunner:
    runner = JobRunner(threads=2)
    yield runner
    assert runner.close()


def _ended(qtbot: QtBot, runner: JobRunner, job: Job) -> Job:
    qtbot.waitUntil(lambda: runner.job(job.id).over, timeout=10_000)
    return runner.job(job.id)


def test_a_result_arrives_on_the_main_thread(qtbot: QtBot, runner: JobRunner) -> None:
    threads: list[threading.Thread] = []
    job = runner.start("test", "Add", lambda _: 1 + 1, lambda _: threads.append(threading.current_thread()))
    assert _ended(qtbot, runner, job).result == 2
    assert threads == [threading.main_thread()]


def test_progress_is_reported_in_order(qtbot: QtBot, runner: JobRunner) -> None:
    seen: list[float] = []
    runner.changed.connect(lambda job: seen.append(job.progress))

    def task(work: Work) -> None:
        for n in range(5):
            work.report(n / 5, f"step {n}")
            time.sleep(0.04)

    _ended(qtbot, runner, runner.start("test", "Steps", task))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(set(seen)) >= 5


def test_errors_keep_their_sentence_and_their_cause(qtbot: QtBot, runner: JobRunner) -> None:
    def known(_: Work) -> None:
        raise StudioError("The file is empty; choose another one.")

    def unknown(_: Work) -> None:
        raise ZeroDivisionError

    first = _ended(qtbot, runner, runner.start("test", "A", known))
    second = _ended(qtbot, runner, runner.start("test", "B", unknown))
    assert (first.state, first.error) == ("failed", "The file is empty; choose another one.")
    assert second.state == "failed"
    assert "ZeroDivisionError" in second.detail


def test_partial_failures_do_not_fail_the_job(qtbot: QtBot, runner: JobRunner) -> None:
    def task(work: Work) -> str:
        work.fail("a.wav is empty.")
        return "rest"

    job = _ended(qtbot, runner, runner.start("test", "Some", task))
    assert (job.state, job.result, job.failures) == ("done", "rest", ("a.wav is empty.",))


def test_cancel_stops_running_and_waiting_jobs(qtbot: QtBot, runner: JobRunner) -> None:
    def endless(work: Work) -> None:
        while True:
            work.check()
            time.sleep(0.005)

    jobs = [runner.start("test", str(n), endless) for n in range(5)]
    qtbot.waitUntil(lambda: sum(runner.job(j.id).state == "running" for j in jobs) == 2, timeout=5000)
    for job in reversed(jobs):
        runner.cancel(job.id)
    for job in jobs:
        assert _ended(qtbot, runner, job).state == "cancelled"


def test_many_short_jobs_all_end_once(qtbot: QtBot, runner: JobRunner) -> None:
    ended: list[str] = []
    jobs = [runner.start("test", str(n), lambda _, n=n: n, lambda job: ended.append(job.id)) for n in range(200)]
    qtbot.waitUntil(lambda: len(ended) == 200, timeout=10_000)
    assert sorted(ended) == sorted(job.id for job in jobs)
    assert [runner.job(job.id).result for job in jobs] == list(range(200))
    runner.clear()
    assert not runner.jobs()


def test_a_paused_job_stands_still_and_goes_on(qtbot: QtBot, runner: JobRunner) -> None:
    steps: list[int] = []

    def task(work: Work) -> None:
        inner = work.part(0.0, 1.0)
        for n in range(200):
            inner.check()
            steps.append(n)
            inner.report(n / 200)
            time.sleep(0.002)

    job = runner.start("test", "Steps", task)
    qtbot.waitUntil(lambda: len(steps) > 3)
    runner.pause(job.id)
    qtbot.waitUntil(lambda: runner.job(job.id).state == "paused")
    there = len(steps)
    qtbot.wait(150)
    assert len(steps) == there and runner.job(job.id).remaining is None
    runner.pause(job.id, False)
    done = _ended(qtbot, runner, job)
    assert done.state == "done" and len(steps) == 200 and done.paused >= 0.15


def test_a_paused_job_can_be_cancelled(qtbot: QtBot, runner: JobRunner) -> None:
    def task(work: Work) -> None:
        while True:
            work.check()
            time.sleep(0.002)

    job = runner.start("test", "Endless", task)
    runner.pause(job.id)
    qtbot.waitUntil(lambda: runner.job(job.id).state == "paused")
    runner.cancel(job.id)
    assert _ended(qtbot, runner, job).state == "cancelled"


def test_what_is_shown_meanwhile_arrives(qtbot: QtBot, runner: JobRunner) -> None:
    def task(work: Work) -> None:
        work.show("a first picture")
        raise Unreachable("The hub does not answer; try again later.")

    done = _ended(qtbot, runner, runner.start("test", "Show", task))
    assert done.preview == "a first picture" and done.unreachable


def test_the_time_that_is_left_follows_the_pace() -> None:
    job = Job("a", "k", "l", "running", 0.25, started=time.time() - 12.0, paused=2.0)
    assert job.remaining == pytest.approx(30.0, abs=0.5)
    assert Job("a", "k", "l", "running", 0.0, started=time.time()).remaining is None
