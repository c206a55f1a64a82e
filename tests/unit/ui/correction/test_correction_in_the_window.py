"""The editor of a correction: a voice is heard, its notes are moved by hand, keys and knobs, each as one undo step."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QMouseEvent
from PySide6.QtWidgets import QApplication

import voices
from rooms import Room, room
from studio.actions.correcting import made_sounds
from studio.actions.placing import Target
from studio.document.correction import Correction
from studio.document.edits.clips import delete_clips, split_clips
from studio.document.edits.harmony import set_key
from studio.document.edits.takes import Pass, record_passes
from studio.document.project import AudioClip
from studio.document.segments import segments
from studio.storage.cache import CACHE
from studio.ui.correction.panel import CorrectionPanel
from studio.ui.correction.tuning import GONE, LISTENING, NO_CLIP, NO_SONG
from windows import begin, idle, open_window, window

__all__ = ["open_window", "room", "window"]

RATE = 48_000
SUNG = (57.3, 60.25, 64.4, 62.2)
Held, Key = Qt.KeyboardModifier, Qt.Key


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four notes that are all sharp, a rest before each."""
    parts = [part for pitch in SUNG for part in (voices.rest(0.2, RATE), voices.note(pitch, 0.4, RATE))]
    path = tmp_path_factory.mktemp("voice") / "Voice.wav"
    soundfile.write(path, np.concatenate([*parts, voices.rest(0.2, RATE)]), RATE, subtype="FLOAT")
    return path


@pytest.fixture
def panel(room: Room, voice: Path, qtbot: Any) -> CorrectionPanel:
    """The editor with the voice's notes in it."""
    session = room.new()
    room.over(room.workspace.import_files([voice], Target()))
    made = CorrectionPanel(room.workspace)
    qtbot.addWidget(made)
    made.resize(1000, 420)
    made.set_session(session)
    made.show()
    assert made.tuning.sentence == NO_CLIP
    made.open(clip_of(made).id)
    assert made.tuning.sentence == LISTENING
    room.until(lambda: made.tuning.sung is not None)
    return made


def clip_of(panel: CorrectionPanel) -> AudioClip:
    clip = panel.session.document.project.tracks[0].clips[0]
    assert isinstance(clip, AudioClip)
    return clip


def places(panel: CorrectionPanel) -> list[float]:
    """Where the notes are heard, in semitones, by the song."""
    now = clip_of(panel).correction or Correction(panel.tuning.notes)
    return [round(note.pitch + now.moved(note), 2) for note in now.notes]


def spot(panel: CorrectionPanel, number: int) -> QPoint:
    tuning = panel.tuning
    return panel.view.staff.box(tuning.notes[number], tuning.correction, RATE).center().toPoint()


def drag(panel: CorrectionPanel, qtbot: Any, number: int, semitones: float, held: Any = Held.NoModifier) -> None:
    start, port = spot(panel, number), panel.view.viewport()
    end = start - QPoint(0, round(semitones * panel.view.staff.row))
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, held, start)
    for step in (0.5, 1.0):
        at = QPointF(start) + (QPointF(end) - QPointF(start)) * step
        qtbot.mouseMove(port, at.toPoint())
        move(panel, at, held)
    qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, held, end)


def move(panel: CorrectionPanel, at: QPointF, held: Any) -> None:
    """A move of the mouse with its button and keys held, which Qt's own test does not send."""
    left = Qt.MouseButton.LeftButton
    QApplication.sendEvent(
        panel.view.viewport(), QMouseEvent(QEvent.Type.MouseMove, at, at, Qt.MouseButton.NoButton, left, held)
    )


def test_opening_a_clip_shows_what_was_sung_and_changes_nothing(panel: CorrectionPanel) -> None:
    assert len(panel.tuning.visible) == len(SUNG)
    assert places(panel) == pytest.approx(SUNG, abs=0.06)
    assert clip_of(panel).correction is None and panel.tuning.sentence == ""
    seconds, sung, corrected = panel.tuning.lines()
    assert len(seconds) == len(sung) and np.nanmedian(np.abs(sung - corrected)) == 0


def test_a_drag_snaps_to_semitones_and_is_one_step_back(panel: CorrectionPanel, qtbot: Any) -> None:
    drag(panel, qtbot, 0, 2.1)
    assert places(panel)[0] == 59 and places(panel)[1:] == pytest.approx(SUNG[1:], abs=0.06)
    panel.session.document.undo()
    assert clip_of(panel).correction is None
    drag(panel, qtbot, 0, 2.1, Held.ControlModifier)
    assert places(panel)[0] == pytest.approx(SUNG[0] + 2.1, abs=0.1)


def test_a_drag_that_is_given_up_changes_nothing(panel: CorrectionPanel, qtbot: Any) -> None:
    port, start = panel.view.viewport(), spot(panel, 0)
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, Held.NoModifier, start)
    move(panel, QPointF(start - QPoint(0, 60)), Held.NoModifier)
    assert panel.tuning.correction.sounds
    qtbot.keyClick(panel.view, Key.Key_Escape)
    assert not panel.tuning.correction.sounds
    qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, Held.NoModifier, start)
    assert clip_of(panel).correction is None


def test_keys_walk_over_the_notes_and_move_them(panel: CorrectionPanel, qtbot: Any) -> None:
    for key, held in (
        (Key.Key_Right, Held.NoModifier),
        (Key.Key_Right, Held.NoModifier),
        (Key.Key_Up, Held.NoModifier),
    ):
        qtbot.keyClick(panel.view, key, held)
    assert panel.tuning.selection == {1} and places(panel)[1] == 61
    qtbot.keyClick(panel.view, Key.Key_Down, Held.ControlModifier)
    assert places(panel)[1] == pytest.approx(60.95)
    qtbot.keyClick(panel.view, Key.Key_Right, Held.ShiftModifier)
    assert panel.tuning.selection == {1, 2}
    qtbot.keyClick(panel.view, Key.Key_Return)
    assert places(panel)[1:3] == [61, 64] and places(panel)[0] == pytest.approx(SUNG[0], abs=0.06)
    panel.tuning.reset()
    assert places(panel)[1:3] == pytest.approx(SUNG[1:3], abs=0.06)


def test_a_double_click_puts_a_note_on_the_nearest_of_the_scale(panel: CorrectionPanel, qtbot: Any) -> None:
    panel.session.document.apply(set_key(0, 2, "minor"))
    panel.scale.choose(tuple(sorted((2 + step) % 12 for step in (0, 2, 3, 5, 7, 8, 10))))
    panel._choose_scale()
    assert panel.scale.itemText(1) == "Song: D minor"
    qtbot.mouseDClick(panel.view.viewport(), Qt.MouseButton.LeftButton, Held.NoModifier, spot(panel, 2))
    assert clip_of(panel).correction.scale == (0, 2, 4, 5, 7, 9, 10)
    assert places(panel)[2] == 64
    drag(panel, qtbot, 1, 1.0)
    assert places(panel)[1] == 62, "C sharp is not in D minor"


def test_a_song_with_a_key_has_notes_drawn_to_it_from_the_start(panel: CorrectionPanel, room: Room) -> None:
    panel.session.document.apply(set_key(0, 2, "major"))
    panel.set_session(panel.session)
    panel.open(clip_of(panel).id)
    room.until(lambda: panel.tuning.sung is not None)
    assert panel.scale.currentText() == "Song: D major"
    panel.tuning.select((1,))
    panel.tuning.centre()
    assert places(panel)[1] == 61, "C sharp, for C is not in D major"


def test_a_knob_changes_the_selected_notes_when_it_is_let_go(panel: CorrectionPanel, qtbot: Any) -> None:
    panel.tuning.select((1,))
    panel.knobs["centre"].put_amount(0.5)
    panel.knobs["vibrato"].put_amount(30.0)
    panel.knobs["strength"].put_amount(0.8)
    panel.knobs["speed"].put_amount(200.0)
    correction = clip_of(panel).correction
    assert correction is not None
    assert (correction.notes[1].centre, correction.notes[1].vibrato) == (0.5, pytest.approx(0.3))
    assert (correction.notes[0].centre, correction.strength, correction.speed) == (0.0, 0.8, 200.0)
    for _ in range(3):
        qtbot.keyClick(panel.knobs["drift"], Key.Key_Up)
    assert clip_of(panel).correction.notes[1].drift > 0
    panel.session.document.undo()
    assert clip_of(panel).correction == correction, "a run of keys is one step"
    panel.tuning.select(())
    panel.knobs["drift"].put_amount(1.0)
    assert {note.drift for note in clip_of(panel).correction.notes} == {1.0}


def test_notes_are_split_and_merged(panel: CorrectionPanel) -> None:
    panel.tuning.select((0,))
    panel.split_middle()
    notes = clip_of(panel).correction.notes
    assert len(notes) == 5 and notes[0].end == notes[1].start
    panel.tuning.select((0, 1))
    panel.tuning.merge()
    assert len(clip_of(panel).correction.notes) == 4
    said: list[str] = []
    panel.failed.connect(lambda error: said.append(str(error)))
    panel.tuning.select((0, 2))
    panel.tuning.merge()
    assert "neighbouring" in said[0]


def test_bypass_and_removal_bring_back_what_was_sung(panel: CorrectionPanel, room: Room) -> None:
    panel.tuning.centre()
    assert panel.tuning.waits
    sound = clip_of(panel).sound
    assert panel.session.peaks(sound) is not None, "what was sung is drawn until the other is made"
    room.until(lambda: not panel.tuning.waits)
    assert panel.session.waveforms.get(sound) is not None
    panel.bypass.click()
    assert clip_of(panel).correction.bypassed and clip_of(panel).sound == clip_of(panel).media
    panel.bypass.click()
    assert clip_of(panel).sound == sound
    panel.tuning.remove()
    assert clip_of(panel).correction is None


def test_a_click_lets_a_note_be_heard(panel: CorrectionPanel, room: Room, qtbot: Any, monkeypatch: Any) -> None:
    played: list[Path] = []
    monkeypatch.setattr(room.workspace, "preview", lambda path, gain: played.append(path))
    panel.tuning.select((1,))
    panel.tuning.step(3, False)
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, Held.NoModifier, spot(panel, 1))
    room.until(lambda: played)
    sound, rate = soundfile.read(played[0])
    assert len(sound) / rate == pytest.approx(0.4, abs=0.1)
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    assert np.argmax(spectrum) * rate / len(sound) == pytest.approx(440 * 2 ** ((61 - 69) / 12), rel=0.02)


def test_a_piece_of_a_clip_shows_its_own_notes(panel: CorrectionPanel, room: Room) -> None:
    panel.session.document.apply(split_clips((clip_of(panel).id,), RATE * 5 // 4))
    second = panel.session.document.project.tracks[0].clips[1]
    panel.open(second.id)
    room.until(lambda: panel.tuning.sung is not None)
    assert panel.tuning.visible == [2, 3]
    panel.tuning.centre()
    assert clip_of(panel).correction is None
    panel.session.document.apply(delete_clips((second.id,)))
    assert panel.tuning.sentence == GONE and panel.tuning.sung is None


def test_a_sound_without_a_voice_is_told(panel: CorrectionPanel, room: Room, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).standard_normal(RATE).astype(np.float32) * 0.1
    soundfile.write(tmp_path / "Noise.wav", noise, RATE, subtype="FLOAT")
    room.over(room.workspace.import_files([tmp_path / "Noise.wav"], Target()))
    clip = panel.session.document.project.tracks[-1].clips[-1]
    panel.open(clip.id)
    room.until(lambda: not panel.tuning.job)
    assert "nothing to correct" in panel.tuning.sentence.lower()
    assert {job.state for job in room.workspace.jobs.jobs()} == {"done"}, "the editor says it, no card does"
    panel.set_session(None)
    assert panel.tuning.sentence == NO_SONG


def test_screen_readers_find_the_notes(panel: CorrectionPanel) -> None:
    found = QAccessible.queryAccessibleInterface(panel.view)
    assert found.childCount() == 4 and found.text(QAccessible.Text.Description) == "Voice, 4 notes"
    note = found.child(0)
    assert re.fullmatch(r"A3 and [23]\d cents", note.text(QAccessible.Text.Name))
    panel.tuning.select((0,))
    panel.tuning.centre()
    assert note.text(QAccessible.Text.Name) == "A3" and note.state().selected
    assert re.match(r"sung as A3 and \d+ cents, at 0.2 seconds", note.text(QAccessible.Text.Description))


def test_the_editor_says_while_the_corrected_sound_is_being_made(panel: CorrectionPanel, qtbot: Any) -> None:
    calm = panel.view.viewport().grab().toImage()
    panel.tuning.centre()
    busy = panel.view.viewport().grab().toImage()
    at = (70, panel.view.viewport().height() - 26)
    assert panel.tuning.waits
    assert busy.pixelColor(*at) != calm.pixelColor(*at)


def test_the_clips_menu_opens_the_editor(window: Any, voice: Path, qtbot: Any) -> None:
    begin(window, qtbot)
    window.workspace.import_files([voice], Target())
    qtbot.waitUntil(lambda: bool(window.session.document.project.tracks), timeout=20_000)
    idle(window, qtbot)
    panel, timeline = window.panels["correction"], window.panels["timeline"]
    assert not window.docks["correction"].isVisible()
    timeline.stage.select((window.session.document.project.tracks[0].clips[0].id,))
    assert window.commands.run("clip.correct")
    assert window.docks["correction"].isVisible()
    qtbot.waitUntil(lambda: panel.tuning.sung is not None, timeout=30_000)
    assert panel.title.text() == "Voice" and panel.view.hasFocus()


def test_a_song_that_is_opened_again_has_its_corrected_sound_made_where_it_is_gone(
    panel: CorrectionPanel, room: Room
) -> None:
    panel.tuning.centre()
    room.until(lambda: not panel.tuning.waits)
    folder, sound = panel.session.bundle.folder, clip_of(panel).sound
    (made,) = made_sounds(panel.session.bundle, panel.session.document.project).values()
    panel.set_session(None)
    room.workspace.close_project()
    room.until(lambda: not room.workspace.jobs.running())
    shutil.rmtree(folder / CACHE)
    session = room.open(folder)
    assert session is not None
    room.until(lambda: session.waveforms.get(sound) is not None)
    assert made.is_file()
    room.until(lambda: str(made) in playing(session))


def test_what_is_played_is_the_corrected_sound_once_it_is_made(panel: CorrectionPanel, room: Room) -> None:
    session = panel.session
    room.until(lambda: playing(session))
    raw = playing(session)
    panel.tuning.centre()
    room.until(lambda: not panel.tuning.waits)
    (made,) = made_sounds(session.bundle, session.document.project).values()
    room.until(lambda: playing(session) == {str(made)})
    session.document.undo()
    room.until(lambda: playing(session) == raw)
    made.unlink()
    session.document.redo()
    room.until(lambda: made.is_file() and playing(session) == {str(made)})


def playing(session: Any) -> set[str]:
    """The files that the player reads."""
    plan = session.playback._plan
    return {media.path for strip in plan.strips for media in strip.segments.media} if plan is not None else set()


def test_a_take_of_a_comp_is_corrected_by_itself(panel: CorrectionPanel, room: Room, voice: Path) -> None:
    document = panel.session.document
    track, media = document.project.tracks[0], document.project.media[0]
    document.apply(record_passes(track.id, media, (Pass(0, 0, media.frames),)))
    (comp,) = document.project.tracks[0].clips
    panel.open(comp.id)
    room.until(lambda: panel.tuning.sung is not None)
    assert panel.tuning.take_id == comp.takes[1].id, "the one that sounds"
    panel.tuning.centre()
    (comp,) = document.project.tracks[0].clips
    assert comp.takes[0].correction is None and comp.takes[1].correction is not None
    assert [part.sound for part in segments(comp, RATE)] == [comp.takes[1].sound]
