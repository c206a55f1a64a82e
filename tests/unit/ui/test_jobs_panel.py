import threading

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

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


def drag(qtbot, card, to) -> None:
    """Drags a card by the mouse to a point of its list."""
    begin = QPoint(40, card.height() // 2)
    qtbot.mousePress(card, Qt.MouseButton.LeftButton, pos=begin)
    end = card.mapFromParent(to)
    for step in (0.1, 0.5, 1.0):
        qtbot.mouseMove(card, begin + (end - begin) * step)
    qtbot.mouseRelease(card, Qt.MouseButton.LeftButton, pos=end)


def test_a_card_is_dragged_to_another_place(panel, queue, qtbot) -> None:
    jobs = [queue.add("wait", name) for name in ("first", "second", "third", "fourth")]
    qtbot.waitUntil(lambda: queue.job(jobs[0].id).state == "running")
    panel.resize(500, 400)
    qtbot.waitUntil(lambda: cards(panel)[3].y() > 150)

    def order() -> list[str]:
        qtbot.waitUntil(lambda: (ys := [card.y() for card in cards(panel)]) == sorted(ys))
        return [card.job.label for card in cards(panel)]

    drag(qtbot, cards(panel)[3], cards(panel)[1].geometry().topLeft() + QPoint(40, 4))
    assert order() == ["first", "fourth", "second", "third"]
    drag(qtbot, cards(panel)[1], cards(panel)[3].geometry().bottomLeft() + QPoint(40, 30))
    assert order() == ["first", "second", "third", "fourth"]
    drag(qtbot, cards(panel)[0], cards(panel)[3].geometry().bottomLeft())
    assert order() == ["first", "second", "third", "fourth"], "what runs stays"
    drag(qtbot, cards(panel)[2], QPoint(40, -50))
    assert order() == ["first", "third", "second", "fourth"]
    assert not panel.queue._mark.isVisible()


def test_what_waits_for_others_stands_below_them(panel, queue, qtbot) -> None:
    words = queue.add("wait", "words")
    music = queue.add("wait", "music", needs=[words.id])
    both = queue.add("wait", "both", needs=[words.id, music.id])
    shown = {key: panel.queue.cards[key] for key in (words.id, music.id, both.id)}
    assert [card.depth for card in shown.values()] == [0, 1, 2]
    assert shown[both.id].account() == "waits for “words” and 1 more"
    queue.gate.set()
    qtbot.waitUntil(lambda: queue.job(both.id).state == "done")
    assert [card.depth for card in shown.values()] == [0, 0, 0]


def test_a_running_job_shows_what_it_makes(panel, queue, qtbot) -> None:
    given = {"picture": np.full((16, 16, 3), (255, 0, 0), np.uint8), "levels": np.ones(60, np.float32)}
    given["text"] = "I took the late bus home " * 20

    def show(parameters, results, work: Work) -> None:
        work.show(given[parameters])
        work.report(0.5, "Step 2 of 4")
        while not queue.gate.wait(0.005):
            work.check()

    queue.can("show", show)
    for name, width in (("picture", 1.0), ("levels", 3.0), ("text", 0.0)):
        job = queue.add("show", name, name)
        card = panel.queue.cards[job.id]
        qtbot.waitUntil(lambda card=card: card.account().startswith("50 %") and card.preview._given is not None)
        assert card.preview.width(36.0) == 36.0 * width
        if name == "text":
            assert card.account().endswith("I took the late bus home")
        else:
            spot = card.grab().toImage().pixelColor(30, 25)
            assert spot.red() > 200 and (name == "levels" or spot.green() < 40)
        queue.cancel(job.id)
        qtbot.waitUntil(lambda job=job: queue.job(job.id).state == "cancelled")
        assert card.preview.width(36.0) == 0.0


def test_what_is_left_is_said_no_more_exactly_than_it_is_known() -> None:
    assert [time_left(s) for s in (1, 42, 61, 3000, 9000)] == ["5 s", "40 s", "1 min", "50 min", "2.5 h"]
