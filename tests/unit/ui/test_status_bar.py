import pytest

from studio.engine.audio.status import EngineStatus
from studio.ui.notices import Notices
from studio.ui.status_bar import StatusBar, size_text
from studio.ui.title_bar import TitleBar


@pytest.fixture
def bar(qtbot):
    notices = Notices()
    made = StatusBar(notices)
    qtbot.addWidget(made)
    made.resize(1400, 28)
    made.show()
    return made, notices


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (EngineStatus(), "Opening the sound device"),
        (EngineStatus(device="running"), "Ready"),
        (EngineStatus(device="running", playing=True), "Playing"),
        (EngineStatus(device="running", playing=True, recording=True), "Recording"),
        (EngineStatus(device="running", counting_in=True), "Counting in"),
        (EngineStatus(device="lost", playing=True), "The sound device is gone"),
    ],
)
def test_the_state_is_said_in_words(bar, status: EngineStatus, words: str) -> None:
    bar[0].tick(status)
    assert bar[0].state.text() == words


def test_device_rate_ring_and_drop_outs_are_readable(bar) -> None:
    bar[0].tick(
        EngineStatus(device="running", rate=44_100, device_rate=44_100, ring_size=17_640, dropouts=1, input_dropouts=2)
    )
    assert bar[0].device.text() == "44.1 kHz · 32 bit · ring 400 ms · 3 drop-outs"
    bar[0].tick(EngineStatus(device="clock"))
    assert bar[0].device.text().startswith("No sound device")


def test_disk_space_is_told_in_hours_and_warns(bar) -> None:
    bar[0].show_disk(412_000_000_000, 48_000)
    assert bar[0].disk.text() == "Disk 412 GB, 298 h of recording"
    bar[0].show_disk(300_000_000, 48_000)
    assert bar[0].disk._tint == "rec_text"


def test_latency_is_told_where_it_was_measured(bar) -> None:
    bar[0].show_latency(0, 48_000)
    assert "not measured" in bar[0].latency.text()
    bar[0].show_latency(451, 48_000)
    assert bar[0].latency.text() == "Round trip 9.4 ms, calibrated"


def test_the_newest_notice_is_shown_and_a_click_asks_for_all(bar, qtbot) -> None:
    bar[1].say("The device is gone.", "error")
    qtbot.waitUntil(bar[0].notice.isVisible)
    assert (bar[0].notice.text(), bar[0].notice.toolTip()) == ("The device is gone.",) * 2
    with qtbot.waitSignal(bar[0].notices_clicked):
        bar[0].notice.click()


@pytest.mark.parametrize(
    ("count", "text"), [(999, "999 B"), (1500, "2 kB"), (9_400_000_000, "9.4 GB"), (2_500_000_000_000, "2.5 TB")]
)
def test_sizes(count: int, text: str) -> None:
    assert size_text(count) == text


def test_saving_is_told_only_when_it_takes_long(qtbot, monkeypatch) -> None:
    title = TitleBar()
    qtbot.addWidget(title)
    title.show_song("Night Bus")
    now = [100.0]
    monkeypatch.setattr("studio.ui.title_bar.time.monotonic", lambda: now[0])
    said = []
    for saved, at in ((True, 100.0), (False, 100.1), (False, 100.5), (False, 100.9), (True, 101.0), (False, 101.1)):
        now[0] = at
        title.show_saved(saved)
        said.append(title.saved.text())
    assert said == ["all saved", "all saved", "all saved", "saving", "all saved", "all saved"]
    title.show_saved(True, "The disk is full; free some space.")
    assert (title.saved.text(), title.saved.toolTip()) == ("read-only", "The disk is full; free some space.")


def test_jobs_are_counted(bar) -> None:
    made, _ = bar
    clicked: list[bool] = []
    made.jobs_clicked.connect(lambda: clicked.append(True))
    for counts, words in (
        ((0, 0, 0), ""),
        ((1, 0, 0), "Jobs: 1 running"),
        ((2, 3, 1), "Jobs: 2 running, 3 waiting, 1 interrupted"),
        ((0, 0, 2), "Jobs: 2 interrupted"),
    ):
        made.show_jobs(*counts)
        assert made.jobs.isVisible() == bool(words) and (not words or made.jobs.text() == words)
    made.jobs.click()
    assert clicked
