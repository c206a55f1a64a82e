import threading

import pytest
from PySide6.QtCore import Qt

from studio.actions.queue import Queue
from studio.engine.jobs import JobRunner, Work
from studio.errors import StudioError
from studio.storage.library import Library
from studio.ui.icons import IconButton
from studio.ui.jobs_panel import JobRow, JobsPanel
from studio.ui.notices import DetailDialog
from studio.ui.queue_list import time_left


@pytest.fixture
def runner(qtbot):
    made = JobRunner()
    yield made
    assert made.close()


@pytest.fixture
def queue(qtbot, tmp_path):
    library, told = Library(tmp_path / "library.db"), []
    made = Queue(library, {"models": JobRunner(threads=1)}, told.append)
    gate = threading.Event()
    made.gate = gate

    def wait(parameters, results, work: Work) -> str:
        work.report(0.25, "Step 1 of 4")
        while not gate.wait(0.005):
            work.check()
        return "done"

    made.can("wait", wait)
    yield made
    made.close()
    library.close()
    assert not told


@pytest.fixture
def panel(qtbot, runner, queue):
    made = JobsPanel(runner, queue)
    qtbot.addWidget(made)
    made.show()
    return made


def row(panel: JobsPanel) -> JobRow:
    return panel.findChildren(JobRow)[-1]


def test_a_job_is_followed_to_its_end(panel, runner, qtbot) -> None:
    begun, go = threading.Event(), threading.Event()

    def task(work: Work) -> str:
        work.report(0.5, "halfway")
        begun.set()
        assert go.wait(10)
        return "ok"

    runner.start("import", "Import Loop", task)
    assert begun.wait(10)
    qtbot.waitUntil(lambda: row(panel).account() == "50 %  halfway")
    go.set()
    qtbot.waitUntil(lambda: row(panel).account() == "done")
    assert not row(panel).findChild(IconButton).isVisible()
    panel.clear()
    qtbot.waitUntil(lambda: not panel.findChildren(JobRow))


def test_a_job_can_be_stopped_from_its_row(panel, runner, qtbot) -> None:
    begun = threading.Event()

    def task(work: Work) -> None:
        begun.set()
        while True:
            work.check()

    runner.start("export", "Export", task)
    assert begun.wait(10)
    row(panel).findChild(IconButton).click()
    qtbot.waitUntil(lambda: row(panel).account() == "cancelled")


def test_what_failed_is_told_in_full(panel, runner, qtbot) -> None:
    def partly(work: Work) -> None:
        work.fail("“a.mid” is a MIDI file; this version opens sound files only.")
        work.fail("“b.txt” is not a sound.")

    def wholly(work: Work) -> None:
        raise StudioError("The disk is full; free some space.")

    runner.start("import", "Import 3 files", partly)
    qtbot.waitUntil(lambda: row(panel).account().startswith("done; 2 did not work"))
    row(panel).details.click()
    (dialog,) = panel.findChildren(DetailDialog)
    dialog.close()
    runner.start("export", "Export", wholly)
    qtbot.waitUntil(lambda: any(r.account().startswith("The disk is full") for r in panel.findChildren(JobRow)))


def cards(panel: JobsPanel) -> list:
    """The cards of the queue from top to bottom."""
    column = panel.queue.layout()
    return [column.itemAt(n).widget() for n in range(column.count())]


def test_the_queue_is_shown_in_its_order_and_moved_by_buttons_and_keys(panel, queue, qtbot) -> None:
    assert not panel.queue.isVisible() and not panel.hold_button.isVisible()
    jobs = [queue.add("wait", name) for name in ("first", "second", "third")]
    qtbot.waitUntil(lambda: cards(panel)[0].account() == "25 %  Step 1 of 4")
    assert [card.job.label for card in cards(panel)] == ["first", "second", "third"]
    assert "about" not in cards(panel)[0].accessibleName() and not cards(panel)[0].sooner.isVisible()
    cards(panel)[2].sooner.click()
    assert [card.job.label for card in cards(panel)] == ["first", "third", "second"]
    qtbot.keyClick(cards(panel)[1], Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert [card.job.label for card in cards(panel)] == ["first", "second", "third"]
    cards(panel)[1].hold.click()
    assert queue.job(jobs[1].id).state == "paused" and cards(panel)[1].account() == "paused"
    qtbot.keyClick(cards(panel)[2], Qt.Key.Key_Delete)
    assert queue.job(jobs[2].id).state == "cancelled"
    queue.gate.set()
    qtbot.waitUntil(lambda: queue.job(jobs[0].id).state == "done")
    assert queue.job(jobs[1].id).state == "paused"
    assert cards(panel)[0].job.label == "second"
    cards(panel)[0].hold.click()
    qtbot.waitUntil(lambda: queue.job(jobs[1].id).state == "done")
    panel.clear()
    assert not queue.jobs() and not panel.queue.isVisible()


def test_a_running_one_stands_still_a_cancelled_one_begins_again_and_all_are_held(panel, queue, qtbot) -> None:
    first, second = queue.add("wait", "first"), queue.add("wait", "second")
    qtbot.waitUntil(lambda: queue.job(first.id).state == "running")
    panel.hold_button.click()
    cards(panel)[0].hold.click()
    qtbot.waitUntil(lambda: queue.job(first.id).state == "paused")
    assert "Go on first" in [button.accessibleName() for button in cards(panel)[0].findChildren(IconButton)]
    cards(panel)[0].stop.click()
    qtbot.waitUntil(lambda: queue.job(first.id).state == "cancelled")
    qtbot.wait(30)
    assert queue.job(second.id).state == "waiting"
    queue.gate.set()
    panel.hold_button.click()
    qtbot.waitUntil(lambda: queue.job(second.id).state == "done")
    panel.queue.cards[first.id].hold.click()
    qtbot.waitUntil(lambda: queue.job(first.id).state == "done")
    panel.queue.cards[first.id].stop.click()
    assert queue.job(first.id) is None and first.id not in panel.queue.cards


def test_what_is_left_is_said_no_more_exactly_than_it_is_known() -> None:
    assert [time_left(s) for s in (1, 42, 61, 3000, 9000)] == ["5 s", "40 s", "1 min", "50 min", "2.5 h"]
