"""The queue: order, needs, pause, cancel, tries after the network failed, what a restart or another window finds."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from studio.actions import queue as module
from studio.actions.queue import Queue
from studio.engine.jobs import JobRunner, Work
from studio.errors import StudioError, Unreachable
from studio.storage.library import JobRecord, Library


class Rig:
    """A queue on a library of its own, with a kind that notes what is done and one that waits to be let go."""

    def __init__(self, qtbot: QtBot, file: Path) -> None:
        self.qtbot, self.file = qtbot, file
        self.done: list[Any] = []
        self.told: list[StudioError] = []
        self.gate = threading.Event()
        self.open()

    def open(self) -> None:
        self.library = Library(self.file)
        self.library.interrupt_running()
        self.queue = Queue(
            self.library, {"models": JobRunner(threads=1), "network": JobRunner(threads=1)}, self.told.append
        )
        self.queue.can("note", self._note)
        self.queue.can("wait", self._wait)
        self.queue.load(self.library.load_jobs())
        self.queue.begin()

    def close(self) -> None:
        self.queue.close()
        self.library.close()

    def _note(self, parameters: Any, results: Mapping[str, Any], work: Work) -> Any:
        self.done.append(parameters)
        return {"made": parameters, "from": sorted(str(one["made"]) for one in results.values())}

    def _wait(self, parameters: Any, results: Mapping[str, Any], work: Work) -> Any:
        self.done.append(parameters)
        while not self.gate.wait(0.005):
            work.check()
        return {"made": parameters}

    def note(self, name: str, *needs: JobRecord, first: bool = False) -> JobRecord:
        return self.queue.add("note", f"Note {name}", name, [job.id for job in needs], first)

    def waiting(self, name: str = "gate") -> JobRecord:
        """A job that runs until the gate is opened."""
        job = self.queue.add("wait", "Wait", name)
        self.until(lambda: self.state(job) == "running" and name in self.done)
        return job

    def state(self, job: JobRecord) -> str:
        now = self.queue.job(job.id)
        return now.state if now is not None else "gone"

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=10_000)


@pytest.fixture
def rig(qtbot: QtBot, tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(qtbot, tmp_path / "library.db")
    yield rig
    rig.close()
    assert not rig.told


def test_jobs_run_one_after_the_other_in_order(rig: Rig) -> None:
    gate = rig.waiting()
    a, b, c = (rig.note(name) for name in "abc")
    front = rig.note("front", first=True)
    rig.queue.move(c.id, a.id)
    rig.queue.move(front.id, None)
    assert [job.id for job in rig.queue.jobs()] == [gate.id, c.id, a.id, b.id, front.id]
    rig.gate.set()
    rig.until(lambda: rig.state(front) == "done")
    assert rig.done == ["gate", "c", "a", "b", "front"]


def test_a_job_waits_for_what_it_needs_and_gets_its_results(rig: Rig) -> None:
    words, music = JobRecord("w", "note", "Words", "words"), JobRecord("m", "note", "Music", "music", needs=("w",))
    cover = JobRecord("c", "note", "Cover", "cover", needs=("m", "w"))
    rig.queue.add_all([cover, music, words])
    rig.until(lambda: rig.state(cover) == "done")
    assert rig.done == ["words", "music", "cover"]
    result = rig.queue.job("c")
    assert result is not None and result.result == {"made": "cover", "from": ["music", "words"]}


def test_graphs_that_cannot_be_done_are_refused_whole(rig: Rig) -> None:
    circle = [JobRecord("a", "note", "A", needs=("b",)), JobRecord("b", "note", "B", needs=("a",))]
    with pytest.raises(StudioError, match="circle"):
        rig.queue.add_all([JobRecord("ok", "note"), *circle])
    with pytest.raises(StudioError, match="not there"):
        rig.queue.add("note", "Lost", needs=["nowhere"])
    with pytest.raises(StudioError, match="cannot do"):
        rig.queue.add("unheard of", "What")
    assert rig.queue.jobs() == ()


def test_what_needs_a_job_that_was_not_done_fails_and_goes_on_with_it(rig: Rig) -> None:
    gate = rig.waiting()
    after = rig.note("after", gate)
    last = rig.note("last", after)
    rig.queue.cancel(gate.id)
    rig.until(lambda: rig.state(last) == "failed")
    failed = rig.queue.job(after.id)
    assert failed is not None and failed.error == "It needs “Wait”, which was not done."
    rig.gate.set()
    rig.queue.go_on(last.id)
    rig.until(lambda: rig.state(last) == "done")
    assert rig.done == ["gate", "gate", "after", "last"]


def test_pausing_one_and_holding_all(rig: Rig) -> None:
    gate = rig.waiting()
    a, b = rig.note("a"), rig.note("b")
    rig.queue.pause(a.id)
    rig.queue.pause(gate.id)
    rig.until(lambda: rig.state(gate) == "paused")
    rig.queue.go_on(gate.id)
    rig.until(lambda: rig.state(gate) == "running")
    rig.queue.hold(True)
    rig.gate.set()
    rig.until(lambda: rig.state(gate) == "done")
    rig.qtbot.wait(50)
    assert rig.state(b) == "waiting"
    rig.queue.hold(False)
    rig.until(lambda: rig.state(b) == "done")
    assert rig.state(a) == "paused"
    rig.queue.go_on(a.id)
    rig.until(lambda: rig.state(a) == "done")


def test_lanes_do_not_wait_for_one_another(rig: Rig) -> None:
    rig.queue.can("fetch", lambda parameters, results, work: rig.done.append(parameters), "network")
    gate = rig.waiting()
    fetched, after = rig.queue.add("fetch", "Fetch", "fetched"), rig.note("after")
    rig.until(lambda: rig.state(fetched) == "done")
    assert rig.state(gate) == "running" and rig.state(after) == "waiting"
    rig.gate.set()
    rig.until(lambda: rig.state(after) == "done")
    assert rig.done == ["gate", "fetched", "after"]


def test_only_the_network_is_tried_again(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", (0.01, 0.02))
    tries: list[str] = []

    def fetch(parameters: Any, results: Mapping[str, Any], work: Work) -> str:
        tries.append(parameters)
        if parameters == "broken":
            raise StudioError("The file is damaged; choose another.")
        if len(tries) < parameters:
            raise Unreachable("The hub does not answer.")
        return "here"

    rig.queue.can("fetch", fetch)
    third = rig.queue.add("fetch", "Fetch", 3)
    rig.until(lambda: rig.state(third) == "done")
    assert len(tries) == 3
    tries.clear()
    never = rig.queue.add("fetch", "Fetch", 99)
    rig.until(lambda: rig.state(never) == "failed")
    assert len(tries) == 3
    tries.clear()
    broken = rig.queue.add("fetch", "Fetch", "broken")
    rig.until(lambda: rig.state(broken) == "failed")
    assert len(tries) == 1


def test_a_restart_finds_everything_in_its_place(rig: Rig) -> None:
    ended = rig.note("ended")
    rig.until(lambda: rig.state(ended) == "done")
    gate = rig.waiting()
    a, b, c = (rig.note(name) for name in "abc")
    rig.queue.move(c.id, a.id)
    rig.queue.pause(b.id)
    rig.close()
    rig.done.clear()
    rig.gate.set()
    rig.open()
    assert rig.state(gate) == "interrupted" and rig.state(b) == "paused"
    rig.until(lambda: rig.state(a) == "done")
    assert rig.done == ["c", "a"]
    result = rig.queue.job(ended.id)
    assert result is not None and result.result == {"made": "ended", "from": []}
    rig.queue.go_on(gate.id)
    rig.until(lambda: rig.state(gate) == "done")
    rig.queue.forget([gate.id, a.id, b.id])
    assert rig.state(gate) == "gone" and rig.state(b) == "paused"
    rig.close()
    rig.open()
    assert rig.state(gate) == "gone" and rig.state(b) == "paused" and rig.state(c) == "done"


def test_what_is_waited_for_is_not_forgotten(rig: Rig) -> None:
    words, other = rig.note("words"), rig.note("other")
    rig.until(lambda: rig.state(other) == "done")
    rig.queue.hold(True)
    music = rig.note("music", words)
    rig.queue.forget([words.id, other.id])
    assert rig.state(words) == "done" and rig.state(other) == "gone"
    rig.queue.hold(False)
    rig.until(lambda: rig.state(music) == "done")
    rig.queue.forget([words.id, music.id])
    assert rig.queue.jobs() == ()


KILLED = """
import os, signal, sys, time
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QTimer
from studio.actions.queue import Queue
from studio.engine.jobs import JobRunner
from studio.storage.library import Library
app = QCoreApplication([])
queue = Queue(Library(Path(sys.argv[1])), {"models": JobRunner(threads=1)}, print)
def die(parameters, results, work):
    os.kill(os.getpid(), signal.SIGKILL)
queue.can("note", lambda *_: "done")
queue.can("die", die)
done = queue.add("note", "Done", "before")
queue.add("die", "Dies", {"seed": 7})
queue.add("note", "After", "after")
app.exec()
"""


def test_a_process_that_is_killed_leaves_its_job_interrupted(rig: Rig) -> None:
    rig.close()
    subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED), str(rig.file)], timeout=60, check=False)
    rig.open()
    rig.until(lambda: rig.done == ["after"])
    found = {job.label: job for job in rig.queue.jobs()}
    assert found["Done"].state == "done" and found["Dies"].state == "interrupted"
    assert found["Dies"].parameters == {"seed": 7}


def test_another_window_does_not_run_it_too(rig: Rig) -> None:
    gate = rig.waiting()
    job = rig.note("once")
    rig.until(lambda: bool(rig.library.load_jobs("waiting")))
    with Library(rig.file) as other:
        assert other.claim_job(job.id) and not other.claim_job(job.id)
        rig.gate.set()
        rig.until(lambda: rig.state(job) == "gone")
    assert rig.done == ["gate"] and rig.state(gate) == "done"
    assert [row.state for row in rig.library.load_jobs() if row.id == job.id] == ["running"]
