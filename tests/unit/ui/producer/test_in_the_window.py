"""The producer in the real window: words, controls, parts, clips written anew, candidates, and what is remembered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pretty_midi
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QStyle, QStyleOptionComboBox

from studio.actions.midi import export_midi
from studio.document.edits.notes import add_notes, make_note
from studio.document.notes import NoteClip
from studio.document.recipes import PARTS
from studio.storage.preferences import Preferences
from studio.ui.producer.panel import NARROW, USUAL, ProducerPanel
from studio.ui.shell import MainWindow
from studio.ui.timeline.producing import add_producing, clips_between
from windows import OpenWindow, begin, idle, open_window, window

__all__ = ["open_window", "window"]


@pytest.fixture
def panel(window: MainWindow, qtbot: Any) -> ProducerPanel:
    begin(window, qtbot)
    window.show_dock("producer")
    found = window.panels["producer"]
    assert isinstance(found, ProducerPanel)
    return found


def clips(window: MainWindow, part: str = "") -> list[NoteClip]:
    project = window.session.document.project
    found = [clip for track in project.tracks for clip in track.clips if isinstance(clip, NoteClip) and clip.recipe]
    return [clip for clip in found if clip.recipe is not None and part in {"", clip.recipe.part}]


def make(panel: ProducerPanel, window: MainWindow, qtbot: Any, text: str) -> None:
    before = len(panel.candidates.candidates)
    panel.box.line.clear()
    qtbot.keyClicks(panel.box.line, text)
    qtbot.keyClick(panel.box.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(panel.candidates.candidates) > min(before, 7), timeout=30_000)
    idle(window, qtbot)


def sounds(clip: NoteClip) -> list[tuple[int, ...]]:
    return sorted((note.start, note.length, note.pitch, note.velocity) for note in clip.notes)


def test_words_typed_and_enter_stand_as_tracks(panel: ProducerPanel, window: MainWindow, qtbot: Any) -> None:
    make(panel, window, qtbot, "house at 126 in E minor, 4 bars, no harmony")
    project = window.session.document.project
    assert project.tempo[0].bpm == 126.0
    assert (project.keys[0].tonic, project.keys[0].mode) == (4, "minor")
    assert {clip.recipe.part for clip in clips(window) if clip.recipe} >= {"drums", "bass", "chords", "melody"}
    assert not clips(window, "harmony")
    assert panel.controls.bars.value() == 4
    assert "notes on" in panel.hint.text()
    window.commands.run("edit.undo")
    assert not window.session.document.project.tracks


def test_a_whole_song_in_words_is_a_form_shown_from_its_beginning(panel: ProducerPanel, qtbot: Any) -> None:
    qtbot.keyClicks(panel.box.line, "trap, whole song")
    qtbot.waitUntil(panel.controls.whole.isChecked)
    assert panel.controls.form.text() == panel.controls.chosen_genre.forms[0].sections
    assert panel.controls.form.cursorPosition() == 0


def test_a_song_with_music_shows_its_own_tempo_whatever_the_genre(
    panel: ProducerPanel, window: MainWindow, qtbot: Any
) -> None:
    make(panel, window, qtbot, "house at 121, 4 bars")
    panel.controls.genre.setCurrentIndex(panel.controls.genre.findText("Trap"))
    assert panel.controls.bpm.value() == 121.0
    make(panel, window, qtbot, "trap, 4 bars")
    assert "tempo" not in panel.hint.text()
    make(panel, window, qtbot, "trap at 150, 4 bars")
    assert "keeps its tempo of 121 BPM here, not 150" in panel.hint.text()
    for _ in range(3):
        window.commands.run("edit.undo")
    panel.controls.genre.setCurrentIndex(panel.controls.genre.findText("Jazz"))
    assert panel.controls.bpm.value() == panel.controls.chosen_genre.tempo.default


def test_the_button_keeps_the_keys_while_it_makes(panel: ProducerPanel, window: MainWindow, qtbot: Any) -> None:
    panel.go.setFocus()
    qtbot.mouseClick(panel.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(panel.candidates.candidates), timeout=30_000)
    idle(window, qtbot)
    assert panel.go.hasFocus()


@pytest.mark.parametrize("width", [NARROW, USUAL])
def test_what_the_closed_choices_say_is_seen_whole(panel: ProducerPanel, width: int, qtbot: Any) -> None:
    panel.setFixedWidth(width)
    qtbot.waitUntil(lambda: panel.width() == width)
    for part, check in panel.parts.checks.items():
        assert check.width() >= check.sizeHint().width(), part
    for box in (panel.controls.tonic, panel.controls.groove):
        option = QStyleOptionComboBox()
        box.initStyleOption(option)
        field = box.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, box
        )
        assert box.fontMetrics().horizontalAdvance(box.currentText()) <= field.width()


def test_what_is_not_understood_is_shown(panel: ProducerPanel, qtbot: Any) -> None:
    qtbot.keyClicks(panel.box.line, "house with kazoo at 900 bpm")
    qtbot.waitUntil(lambda: "kazoo" in panel.box.meaning.text())
    said = panel.box.meaning.accessibleDescription()
    assert "not understood: kazoo" in said
    assert "900" in said


def test_a_wrong_form_is_told_and_changes_nothing(panel: ProducerPanel, window: MainWindow, qtbot: Any) -> None:
    panel.controls.whole.setChecked(True)
    panel.controls.form.setText("intro:4 kazoo:9")
    panel.make()
    assert "kazoo" in panel.hint.text()
    assert not window.session.document.project.tracks


def test_one_part_is_written_anew_and_another_kept(panel: ProducerPanel, window: MainWindow, qtbot: Any) -> None:
    make(panel, window, qtbot, "house 4 bars")
    bass, drums = clips(window, "bass")[0], clips(window, "drums")[0]
    qtbot.mouseClick(panel.parts.buttons["drums", "reroll"], Qt.MouseButton.LeftButton)
    assert sounds(clips(window, "drums")[0]) != sounds(drums)
    assert clips(window, "bass")[0] is bass
    qtbot.mouseClick(panel.parts.locks["drums"], Qt.MouseButton.LeftButton)
    assert not panel.parts.buttons["drums", "reroll"].isEnabled()
    kept = sounds(clips(window, "drums")[0])
    make(panel, window, qtbot, "house 4 bars seed 99")
    assert sounds(clips(window, "drums")[0]) == kept
    assert sounds(clips(window, "bass")[0]) != sounds(bass)


def test_the_menu_of_a_clip_writes_a_bar_anew_and_keeps_what_a_hand_did(
    panel: ProducerPanel, window: MainWindow, qtbot: Any
) -> None:
    make(panel, window, qtbot, "house 4 bars")
    timeline = window.panels["timeline"]
    melody = clips(window, "melody")[0]
    mine = make_note(3840 + 720, 120, 72, 99)
    window.session.document.apply(add_notes(melody.id, (mine,)))
    timeline.stage.select([melody.id])
    menu = QMenu()
    frame = int(window.session.document.project.time.frame(2 * 3840 + 100))
    add_producing(menu, timeline, frame)
    (sub,) = (action.menu() for action in menu.actions() if action.menu())
    entries = {action.text(): action for action in sub.actions()}
    before = {note.id for note in clips(window, "melody")[0].notes}
    entries["Re-roll Bar 3 of This Clip"].trigger()
    after = {note.id for note in clips(window, "melody")[0].notes}
    gone = [note for note in melody.notes if note.id in before - after]
    assert gone and all(2 * 3840 <= note.start - note.shift < 3 * 3840 for note in gone)
    entries["Re-roll"].trigger()
    assert mine.id in {note.id for note in clips(window, "melody")[0].notes}
    assert "edited by hand" in panel.hint.text()
    entries["Show Request"].trigger()
    assert panel.controls.chosen_genre.id == "house"
    menu.deleteLater()


def test_candidates_can_be_heard_and_used_again(panel: ProducerPanel, window: MainWindow, qtbot: Any) -> None:
    make(panel, window, qtbot, "house 2 bars seed 1")
    first = sounds(clips(window, "melody")[0])
    make(panel, window, qtbot, "house 2 bars seed 2")
    assert sounds(clips(window, "melody")[0]) != first
    panel.candidates.list.setCurrentRow(1)
    qtbot.mouseClick(panel.candidates.hear, Qt.MouseButton.LeftButton)
    assert panel.candidates.list.item(1).text().startswith("▶")
    idle(window, qtbot)
    qtbot.mouseClick(panel.candidates.hear, Qt.MouseButton.LeftButton)
    assert panel.candidates.hear.text() == "Listen"
    qtbot.mouseClick(panel.candidates.use, Qt.MouseButton.LeftButton)
    idle(window, qtbot)
    assert sounds(clips(window, "melody")[0]) == first


def test_what_was_chosen_is_there_the_next_time(open_window: OpenWindow, qtbot: Any) -> None:
    window = open_window()
    begin(window, qtbot)
    panel = window.panels["producer"]
    panel.controls.genre.setCurrentIndex(panel.controls.genre.findData("jazz"))
    panel.controls.bars.setValue(12)
    qtbot.waitUntil(lambda: (Preferences.load().producer.genre, Preferences.load().producer.bars) == ("jazz", 12))
    again = open_window().panels["producer"]
    assert again.controls.chosen_genre.id == "jazz"
    assert again.controls.bars.value() == 12


def test_without_a_song_it_says_what_to_do(window: MainWindow) -> None:
    panel = window.panels["producer"]
    assert "Open a song" in panel.hint.text()
    assert not panel.go.isEnabled()
    assert set(panel.parts.checks) == set(PARTS)


@pytest.mark.parametrize("genre", ["trap", "rock", "jazz", "reggaeton", "lo-fi"])
def test_an_arranged_song_by_clicks_alone(
    genre: str, panel: ProducerPanel, window: MainWindow, qtbot: Any, tmp_path: Path
) -> None:
    panel.controls.genre.setCurrentIndex(panel.controls.genre.findData(genre))
    qtbot.mouseClick(panel.controls.whole, Qt.MouseButton.LeftButton, pos=QPoint(8, panel.controls.whole.height() // 2))
    assert panel.controls.whole.isChecked()
    qtbot.mouseClick(panel.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(panel.candidates.candidates), timeout=30_000)
    idle(window, qtbot)
    project = window.session.document.project
    assert len(project.sections) >= 4
    assert float(project.time.seconds_of([max(clip.end for clip in clips(window))])[0]) > 80
    section = max(project.sections, key=lambda one: sum(clip.anchor == one.start for clip in clips(window)))
    inside = clips_between(window.panels["timeline"], section.start, section.start + section.length)
    melody = next(clip for clip in clips(window) if clip.id in inside and clip.recipe and clip.recipe.part == "chords")
    mine = make_note(0, 240, 71, 99)
    window.session.document.apply(add_notes(melody.id, (mine,)))
    before = {clip.id: clip for clip in clips(window)}
    window.panels["timeline"].rewrite_requested.emit(inside, "reroll", None)
    after = {clip.id: clip for clip in clips(window)}
    assert {key for key in after if after[key] is not before[key]} <= set(inside)
    assert any(sounds(after[key]) != sounds(before[key]) for key in inside)
    assert mine.id in {note.id for note in after[melody.id].notes}
    done = export_midi(window.session.document.project, tmp_path / "song.mid")
    read = pretty_midi.PrettyMIDI(str(tmp_path / "song.mid"))
    assert sum(len(one.notes) for one in read.instruments) == done.notes
    tracks = [track for track in window.session.document.project.tracks if track.kind == "instrument"]
    assert len(tracks) == done.tracks
    heard = {track.name for track in tracks if any(clip.note_count for clip in track.clips)}
    assert {one.name for one in read.instruments} == heard
    assert any(one.is_drum for one in read.instruments)
