"""The report in the real window: a take is coached, judged anew, heard, compared, exported and made into notes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from studio.actions.placing import Target as Place
from studio.actions.workspace import Opened, Workspace
from studio.document.edits import takes
from studio.document.edits.clips import add_clips
from studio.document.edits.tracks import add_tracks, fresh_track
from studio.document.notes import NoteClip
from studio.document.project import Comp
from studio.engine.audio.status import EngineStatus
from studio.engine.voice.kept import KeptTrace
from studio.engine.voice.livering import Seen
from studio.engine.voice.targets import Target
from studio.ui.coach.panel import CoachPanel
from studio.ui.report import panel as report_panel
from studio.ui.report.panel import ReportPanel
from studio.ui.shell import MainWindow, prepare
from sungsongs import PITCHES, PPQ, RATE, SECONDS, WORDS, melody, sung
from windows import begin, idle, press


@pytest.fixture(scope="module")
def window(qapp: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    """One window for all; each test begins a song in it."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIO_HOME", str(home))
        prepare(qapp)
        made = MainWindow(home / "config")
        workspace = Workspace(Opened(), made.notices.error)
        made.show()
        made.activateWindow()
        ready: list[bool] = []
        made.ready.connect(lambda: ready.append(True))
        made.attach(workspace)
        end = time.monotonic() + 20
        while not ready and time.monotonic() < end:
            qapp.processEvents()
        yield made
        made.close()
        workspace.close()
        made.deleteLater()


@pytest.fixture(autouse=True)
def _again(window: MainWindow) -> Iterator[None]:
    yield
    window._timer.start()


def add_melody(window: MainWindow) -> None:
    """A clip of the notes to sing on a track of its own, chosen as what the coach judges by."""
    document = window.session.document
    lead, clip = melody()
    document.apply(add_tracks((lead,)))
    document.apply(add_clips("lead", (clip,)))
    coach = window.panels["coach"]
    assert isinstance(coach, CoachPanel)
    coach.controls.mode.choose("notes")
    coach.controls.mode.activated.emit(2)
    window.panels["timeline"].stage.select(("melody",))


def bring(window: MainWindow, qtbot: Any, tmp_path: Path, sound: np.ndarray, name: str = "Voice") -> str:
    """Imports a sound at the beginning of the song and returns the id of its clip."""
    path = tmp_path / f"{name}.wav"
    soundfile.write(path, sound, RATE, subtype="FLOAT")
    arrived: list[tuple[str, ...]] = []
    window.session.import_files([path], Place(frame=0), arrived.append)
    qtbot.waitUntil(lambda: bool(arrived), timeout=20_000)
    idle(window, qtbot)
    return arrived[0][0]


def coached(window: MainWindow, qtbot: Any, clip_id: str) -> ReportPanel:
    """Coaches a clip by the key, as the timeline has it selected."""
    panel = window.panels["report"]
    assert isinstance(panel, ReportPanel)
    timeline = window.panels["timeline"]
    timeline.stage.select((clip_id,))
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    timeline.setFocus()
    before = panel.result
    press(window, qtbot, Qt.Key.Key_V, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: panel.result is not None and panel.result is not before, timeout=60_000)
    idle(window, qtbot)
    return panel


@pytest.fixture
def report(window: MainWindow, qtbot: Any, tmp_path: Path) -> Iterator[ReportPanel]:
    """A voice, flat in the second line, coached by a melody of the song."""
    begin(window, qtbot)
    add_melody(window)
    clip = bring(window, qtbot, tmp_path, sung(4.0, -45.0))
    yield coached(window, qtbot, clip)


def test_progress_says_what_will_be_there(window: MainWindow, qtbot: Any) -> None:
    begin(window, qtbot)
    panel = window.panels["report"]
    assert isinstance(panel, ReportPanel)
    window.show_dock("report")
    panel.tabs.setCurrentIndex(2)
    qtbot.waitUntil(lambda: "Nothing was coached yet" in panel.progress.says.text(), timeout=10_000)
    assert panel.progress.plots == [] and not panel.progress.what.isVisible()
    window.docks["report"].hide()


def test_it_says_what_to_do_while_there_is_nothing(window: MainWindow, qtbot: Any) -> None:
    begin(window, qtbot)
    press(window, qtbot, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    panel = window.panels["report"]
    assert isinstance(panel, ReportPanel)
    qtbot.waitUntil(panel.isVisible)
    assert panel.pages.currentIndex() == 0
    panel.begin.click()
    assert "Select one clip of singing" in window.notices.all()[-1].text
    assert not panel.header.export.isEnabled()


def test_a_take_is_coached_by_what_the_coach_has_chosen(report: ReportPanel, window: MainWindow, qtbot: Any) -> None:
    result = report.result
    assert result is not None and report.isVisible()
    graded = result.coached.judged.graded
    assert [round(note.cents or 0, -1) for note in graded.notes] == [0] * 4 + [-50] * 4 or abs(graded.accuracy) > 15
    assert [report.tree.topLevelItem(n).text(0) for n in range(2)] == [
        "0:03.5  home and dry again",
        "0:00.0  Walk in the rain",
    ]
    assert report.tree.line == 1
    assert report.header.judged_by.currentText() == "Melody"
    assert report.figures.widget().findChildren(object)
    image = report.view.grab().toImage()
    assert len({image.pixel(x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}) > 8


def test_tolerance_target_and_offset_judge_anew_without_a_job(
    report: ReportPanel, window: MainWindow, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pitch() -> float:
        assert report.result is not None
        return report.result.coached.judged.graded.scores.pitch

    first, header = pitch(), report.header
    header.difficulty.setCurrentIndex(0)
    easy = pitch()
    assert easy > first + 3
    header.close_by.setValue(60)
    assert pitch() == 100
    header.close_by.setValue(25)
    header.difficulty.setCurrentIndex(1)
    assert pitch() == pytest.approx(first)
    header.nudge.setValue(0.5)
    assert pitch() < first - 10
    header.nudge.setValue(0.0)
    choice = header.judged_by
    choice.setCurrentIndex(choice.findText("Sung freely"))
    assert report.result is not None and report.result.coached.aim.target is None
    report.tree.choose_line(0)
    choice.setCurrentIndex(choice.findText("Melody"))
    assert pitch() == pytest.approx(first)
    assert report.tree.line == 1
    report.tree.choose_line(0)
    header.in_tune.setValue(16)
    assert report.tree.line == 0
    header.in_tune.setValue(15)
    assert not window.workspace.jobs.running()
    header.difficulty.setCurrentIndex(2)
    hard = pitch()
    assert window.workspace.preferences.report.difficulty == "hard"
    header.difficulty.setCurrentIndex(1)
    monkeypatch.setattr(report_panel, "LONG", 0)
    header.difficulty.setCurrentIndex(0)
    header.nudge.setValue(0.5)
    header.nudge.setValue(0.0)
    header.difficulty.setCurrentIndex(2)
    assert pitch() == pytest.approx(first)
    qtbot.waitUntil(lambda: pitch() == pytest.approx(hard), timeout=10_000)
    header.difficulty.setCurrentIndex(1)
    qtbot.waitUntil(lambda: pitch() == pytest.approx(first), timeout=10_000)


class Asked:
    """What the player is asked for, beside doing it."""

    def __init__(self, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[Any] = []
        player = window.workspace.player
        for name in ("locate", "play", "stop"):
            monkeypatch.setattr(player, name, self._told(name, getattr(player, name)))

    def _told(self, name: str, run: Callable[..., None]) -> Callable[..., None]:
        def told(*given: Any) -> None:
            self.asked.append(given[0] if given else name)
            run(*given)

        return told


def test_a_phrase_or_note_is_heard_and_stops_at_its_end(
    report: ReportPanel, window: MainWindow, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, player = Asked(window, monkeypatch), window.workspace.player
    report.view.show_all()
    note = report.view._scale().bar(report.view._notes[1])
    qtbot.mouseClick(report.view, Qt.MouseButton.LeftButton, pos=note.center().toPoint())
    assert report.tree.note == 1
    assert heard.asked == ["stop", round(0.25 * RATE), "play"]
    qtbot.waitUntil(lambda: player.status().playing, timeout=5_000)
    qtbot.waitUntil(lambda: not player.status().playing, timeout=10_000)
    assert heard.asked[3:] == ["stop"]
    assert 1.2 * RATE <= player.status().position <= 1.8 * RATE
    window._timer.stop()
    report.tree.choose_line(1)
    report.tree.setFocus()
    press(window, qtbot, Qt.Key.Key_Return)
    assert heard.asked[5:] == [round(3.25 * RATE), "play"]
    status = EngineStatus(device="running", playing=True)
    for second in (3.3, 20.0, 5.8):
        report.tick(replace(status, position=round(second * RATE)))
    assert report.hearing.range is None
    assert len(heard.asked) == 7
    player.stop()


def test_a_line_is_practised_round_and_round(
    report: ReportPanel, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = Asked(window, monkeypatch)
    report.practise.click()
    loop = window.session.document.project.loop
    assert loop.on and loop.start == 3 * PPQ and loop.end == pytest.approx(11.5 * PPQ, abs=80)
    assert heard.asked[-1] == "play"
    report.practise.click()
    assert not window.session.document.project.loop.on
    assert heard.asked[-1] == "stop"


def test_notes_of_a_take_are_one_step_and_selected(report: ReportPanel, window: MainWindow) -> None:
    before = window.session.document.project
    report.header.make_notes.click()
    project = window.session.document.project
    made = project.tracks[-1].clips[0]
    assert isinstance(made, NoteClip)
    assert [note.pitch for note in made.notes][:4] == list(PITCHES[:4])
    assert [note.text for note in made.notes] == list(WORDS)
    assert window.panels["timeline"].stage.selection == {made.id}
    assert project.tracks[-1].strip.mute
    window.session.document.undo()
    assert window.session.document.project == before


def test_files_are_written_and_the_folder_is_kept(
    report: ReportPanel, window: MainWindow, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    folder = tmp_path / "out"
    folder.mkdir()

    def answer(_: Any, _title: str, start: str, _filters: str) -> tuple[str, str]:
        asked.append(start)
        return str(folder / Path(start).name), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    for action in report.header.export.menu().actions():
        action.trigger()
        idle(window, qtbot)
    assert [Path(path).parent == folder for path in asked] == [False, True, True, True]
    assert "home and dry again" in (folder / "Voice.html").read_text()
    assert json.loads((folder / "Voice.json").read_text())["target"] == "Melody"
    assert (folder / "Voice.csv").read_text().startswith("t,hz,note")
    assert (folder / "Voice.mid").read_bytes()[:4] == b"MThd"


def comp_of(window: MainWindow, qtbot: Any, tmp_path: Path, *takes_of: np.ndarray) -> str:
    """A comp of takes that were recorded one after the other."""
    whole = bring(window, qtbot, tmp_path, np.concatenate(takes_of), "Recorded")
    document = window.session.document
    media = document.media(document.clip(whole).media)
    track = fresh_track(document.project, "Comp", base="time")
    document.apply(add_tracks((track,)))
    passes = [takes.Pass(0, n * SECONDS * RATE, SECONDS * RATE) for n in range(len(takes_of))]
    document.apply(takes.record_passes(track.id, media, passes))
    return document.project.tracks[-1].clips[0].id


def test_the_best_comp_is_proposed_accepted_and_undone(window: MainWindow, qtbot: Any, tmp_path: Path) -> None:
    begin(window, qtbot)
    add_melody(window)
    clip = comp_of(window, qtbot, tmp_path, sung(0.0, -60.0), sung(-60.0, 0.0))
    panel = coached(window, qtbot, clip)
    page = panel.takes
    panel.tabs.setCurrentIndex(1)
    names = [page.table.horizontalHeaderItem(n).text() for n in range(3)]
    assert names[0] == "Phrase" and len(set(names)) == 3
    assert page.table.rowCount() == 2
    first = [float(page.table.item(0, n).text()) for n in (1, 2)]
    assert first[0] > first[1] + 20
    assert "best" in page.table.item(0, 1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert not page.accept.isVisible()
    page.propose.click()
    assert page.accept.isVisible()
    assert "alone: " in page.says.text()
    before = window.session.document.project
    result = panel.result
    page.accept.click()
    comp = window.session.document.clip(clip)
    assert isinstance(comp, Comp)
    assert [span.take for span in comp.spans] == [take.id for take in comp.takes]
    qtbot.waitUntil(lambda: panel.result is not result, timeout=30_000)
    assert panel.result is not None and panel.result.coached.judged.graded.scores.pitch > 95
    idle(window, qtbot)
    window.session.document.undo()
    assert window.session.document.project == before


def test_other_attempts_are_compared_and_progress_is_plotted(window: MainWindow, qtbot: Any, tmp_path: Path) -> None:
    begin(window, qtbot, "Rainy")
    add_melody(window)
    for n, cents in enumerate((-50.0, -30.0, -10.0)):
        panel = coached(window, qtbot, bring(window, qtbot, tmp_path, sung(cents, cents), f"Take {n}"))
    assert panel.result is not None
    assert len(panel.result.takes) == len(panel.result.earlier) == 2
    told = " ".join(label.text() for label in panel.figures.widget().findChildren(type(panel.takes.says)))
    assert "Between 3 takes a note differs by 20 cents" in told
    assert "2 earlier attempts since" in told
    panel = coached(window, qtbot, panel.result.clip)
    assert panel.result is not None and len(panel.result.earlier) == 2
    panel.tabs.setCurrentIndex(2)
    qtbot.waitUntil(lambda: panel.progress.what.findText("Rainy – Melody (3)") == 1, timeout=10_000)
    panel.progress.what.setCurrentIndex(1)
    assert len(panel.progress.plots) == 6
    assert "distance from the pitch −4" in panel.progress.says.text()
    accuracy = panel.progress.plots[1]
    assert accuracy.accessibleDescription().startswith("Accuracy, cents: 3 takes, first −4")
    assert panel.progress.grab().toImage().width() > 100


def trace(target: Target) -> KeptTrace:
    """An exercise that was sung, 20 cents flat, but for its last lines."""
    kept = KeptTrace(RATE)
    at = np.arange(int(target.lines[3].end / 0.016))
    times = at * 0.016
    hz = np.zeros(len(at), np.float32)
    for line in target.lines[:3]:
        for note in line.notes:
            hz[(times >= note.start) & (times < note.end)] = 440.0 * 2 ** ((note.pitch - 0.2 - 69) / 12)
    sure = np.where(hz > 0, 0.95, 0.0).astype(np.float32)
    loud = np.where(hz > 0, -20.0, -90.0).astype(np.float32)
    kept.add(Seen(at * 768, np.full(len(at), np.nan), hz, sure, loud), times, over=True)
    return kept


def test_an_exercise_that_was_sung_is_judged_kept_and_offered(window: MainWindow, qtbot: Any) -> None:
    begin(window, qtbot)
    coach = window.panels["coach"]
    assert isinstance(coach, CoachPanel)
    window.show_dock("coach")
    coach.controls.mode.setCurrentIndex(1)
    coach.controls.mode.activated.emit(1)
    assert coach.target is not None
    coach.exercise_sung.emit(coach.target, trace(coach.target))
    qtbot.waitUntil(coach.offer.isVisible, timeout=10_000)
    assert coach.offer.says.text().startswith("100 of 100: pitch 100") and "flat" in coach.offer.says.text()
    coach.offer.button.click()
    panel = window.panels["report"]
    assert isinstance(panel, ReportPanel) and panel.result is not None
    assert panel.isVisible() and panel.result.clip == ""
    assert not panel.hear.isEnabled() and not panel.header.make_notes.isEnabled()
    (kept,) = window.workspace.library.coached_takes("", "Five notes, major")
    assert kept.accuracy == pytest.approx(-20, abs=2)
    plan = panel.result.coached.judged.advice.plan[0]
    panel.practice_asked.emit(plan)
    assert coach.controls.kind.value == plan.kind and coach.controls.tempo.value() == plan.bpm
    assert coach.target is not None and coach.target.range[1] <= plan.high


def test_what_was_recorded_is_offered_while_there_is_something_to_sing(
    window: MainWindow, qtbot: Any, tmp_path: Path
) -> None:
    begin(window, qtbot)
    coach = window.panels["coach"]
    assert isinstance(coach, CoachPanel)
    window.show_dock("coach")
    coach.controls.mode.setCurrentIndex(0)
    coach.controls.mode.activated.emit(0)
    comp_of(window, qtbot, tmp_path, sung(0.0, 0.0), sung(0.0, 0.0))
    assert not coach.offer.isVisible()
    add_melody(window)
    comp_of(window, qtbot, tmp_path, sung(0.0, 0.0), sung(0.0, 0.0))
    assert "is recorded" in coach.offer.says.text()
    coach.offer.button.click()
    panel = window.panels["report"]
    assert isinstance(panel, ReportPanel)
    qtbot.waitUntil(lambda: panel.result is not None, timeout=30_000)


def test_a_job_can_be_cancelled_and_what_cannot_be_judged_is_told(
    window: MainWindow, qtbot: Any, tmp_path: Path
) -> None:
    begin(window, qtbot)
    clip = bring(window, qtbot, tmp_path, np.zeros(40 * RATE, np.float32))
    panel = window.panels["report"]
    assert isinstance(panel, ReportPanel)
    timeline = window.panels["timeline"]
    timeline.stage.select((clip,))
    window.commands.run("clip.coach")
    assert panel.busy.cancel.isVisible()
    panel.busy.cancel.click()
    qtbot.waitUntil(lambda: not panel.busy.cancel.isVisible(), timeout=20_000)
    assert panel.result is None
    coached(window, qtbot, clip)
    assert panel.result is not None
    assert "Nothing is heard" in panel.result.coached.notices[0]
    panel.header.make_notes.click()
    window.commands.run("clip.voice_notes")
    assert "No notes are heard" in window.notices.all()[-1].text
