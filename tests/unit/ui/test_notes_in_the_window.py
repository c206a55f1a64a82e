"""The note editor in the real window: opened from the timeline, following it, and taking the keys while it is used."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication

from studio.document.notes import NoteClip
from studio.ui.pianoroll.accessible import NotesAccessible
from studio.ui.shell import MainWindow
from windows import begin, open_window, press, window

__all__ = ["open_window", "window"]

Key, Held = Qt.Key, Qt.KeyboardModifier


def clips_of(window: MainWindow, track: int = 0) -> list[NoteClip]:
    return list(window.session.document.project.tracks[track].clips)


def test_a_song_is_written_with_the_keyboard_alone(window: MainWindow, qtbot: Any) -> None:
    begin(window, qtbot)
    window.commands.run("track.add_notes")
    panel = window.panels["notes"]
    qtbot.waitUntil(lambda: window.docks["notes"].in_front)
    assert window.commands.conflicts == ()
    assert QApplication.focusWidget() is panel.view
    (clip,) = clips_of(window)
    assert panel.stage.clip_id == clip.id
    for _ in range(3):
        press(window, qtbot, Key.Key_Return)
    press(window, qtbot, Key.Key_Up)
    assert [note.start for note in clips_of(window)[0].notes] == [0, 240, 480]
    first, *_, last = clips_of(window)[0].notes
    assert last.pitch == first.pitch + 1
    press(window, qtbot, Key.Key_A, Held.ControlModifier)
    press(window, qtbot, Key.Key_D, Held.ControlModifier)
    assert len(clips_of(window)[0].notes) == 6
    assert len(clips_of(window)) == 1, "the keys belong to the notes while they have the focus"
    press(window, qtbot, Key.Key_Z, Held.ControlModifier)
    assert len(clips_of(window)[0].notes) == 3
    press(window, qtbot, Key.Key_F6)
    press(window, qtbot, Key.Key_D, Held.ControlModifier)
    assert len(clips_of(window)) == 2


def test_the_editor_follows_the_selected_clip(window: MainWindow, qtbot: Any) -> None:
    begin(window, qtbot)
    window.commands.run("track.add_notes")
    window.panels["timeline"].setFocus()
    window.commands.run("track.add_notes")
    first, second = clips_of(window)
    stage, panel = window.panels["timeline"].stage, window.panels["notes"]
    assert panel.stage.clip_id == second.id
    stage.select((first.id,))
    assert panel.stage.clip_id == first.id
    stage.select(())
    assert panel.stage.clip_id == first.id
    window.commands.run("edit.undo")
    window.commands.run("edit.undo")
    assert panel.stage.clip is None
    assert panel.view.hint().startswith("Select a clip of notes")


def test_notes_have_names_for_screen_readers(window: MainWindow, qtbot: Any) -> None:
    begin(window, qtbot)
    window.commands.run("track.add_notes")
    view = window.panels["notes"].view
    press(window, qtbot, Key.Key_Return)
    editor = NotesAccessible(view)
    text = QAccessible.Text
    assert (editor.text(text.Name), editor.text(text.Description)) == ("Piano roll", "Instrument 1, 1 note")
    note = editor.child(0)
    assert note is not None
    assert note.text(text.Description) == "bar 1 beat 1, 0.25 beats, velocity 96"
    assert note.state().selected
    assert editor.focusChild() is note
    centre = note.rect().center()
    assert editor.childAt(centre.x(), centre.y()) is note
    press(window, qtbot, Key.Key_Delete)
    assert not note.isValid()
    assert note.text(text.Name) == ""
