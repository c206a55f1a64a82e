import threading

import pytest

from studio.engine.jobs import JobRunner, Work
from studio.errors import StudioError
from studio.ui.icons import IconButton
from studio.ui.jobs_panel import JobRow, JobsPanel
from studio.ui.notices import DetailDialog


@pytest.fixture
def runner(qtbot):
    made = JobRunner()
    yield made
    assert made.close()


@pytest.fixture
def panel(qtbot, runner):
    made = JobsPanel(runner)
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
