"""Lyrics in the piano roll: typed note by note, written as a whole, seen on the notes."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.document.edits.lyrics import set_syllables
from studio.ui.pianoroll.syllables import SyllableEdit
from windows import begin, open_window, press, window

from .conftest import Editor
from .test_roll import run

__all__ = ["open_window", "window"]

Key = Qt.Key


def line(editor: Editor) -> SyllableEdit:
    made = editor.view.syllables.editor
    assert made is not None and not made.isHidden()
    return made


def texts(editor: Editor) -> list[str]:
    return [note.text for note in editor.clip.notes]


def test_syllables_are_typed_from_note_to_note(editor: Editor) -> None:
    run(editor, "notes.syllable")
    for word, key in (("Mor-", Key.Key_Tab), ("ning", Key.Key_Space), ("tram", Key.Key_Return)):
        QTest.keyClicks(line(editor), word)
        QTest.keyClick(line(editor), key)
    assert texts(editor) == ["Mor-", "ning ", "tram ", ""]
    assert editor.panel.stage.selection == {"n2"}
    run(editor, "notes.syllable")
    QTest.keyClick(line(editor), Key.Key_Backtab)
    assert line(editor).text() == "ning"
    QTest.keyClicks(line(editor), "ly")
    QTest.keyClick(line(editor), Key.Key_Escape)
    assert texts(editor) == ["Mor-", "ning ", "tram ", ""]
    editor.document.undo()
    assert texts(editor) == ["Mor-", "ning ", "", ""]


def test_a_syllable_is_taken_away_by_emptying_it(editor: Editor) -> None:
    editor.document.apply(set_syllables(editor.clip.id, {"n0": "la "}))
    run(editor, "notes.syllable")
    line(editor).clear()
    QTest.keyClick(line(editor), Key.Key_Return)
    assert texts(editor) == ["", "", "", ""]


def test_whole_lyrics_are_spread_and_removed(editor: Editor) -> None:
    editor.view.syllables.put("One two-three")
    assert texts(editor) == ["One ", "two-", "three ", ""]
    editor.panel.stage.select(["n2", "n3"])
    editor.view.syllables.put("four")
    assert texts(editor) == ["One ", "two-", "four ", ""]
    editor.panel.stage.select(())
    run(editor, "notes.no_lyrics")
    assert texts(editor) == ["", "", "", ""]


def test_a_syllable_is_seen_on_its_note(editor: Editor) -> None:
    x, y = (round(at) for at in editor.at(0, 60))
    box = (slice(y - 5, y + 5), slice(x, x + 30))
    before = editor.view.canvas.backing.pixels[box].copy()
    editor.document.apply(set_syllables(editor.clip.id, {"n0": "WWW "}))
    editor.paint()
    assert not np.array_equal(editor.view.canvas.backing.pixels[box], before)
    assert editor.panel.stage.table.texts == {0: "WWW"}


def test_f2_types_a_syllable_while_the_notes_have_the_keys(window: Any, qtbot: Any) -> None:
    begin(window, qtbot)
    window.commands.run("track.add_notes")
    panel = window.panels["notes"]
    press(window, qtbot, Key.Key_Return)
    press(window, qtbot, Key.Key_Return)
    press(window, qtbot, Key.Key_Left)
    QApplication.processEvents()
    press(window, qtbot, Key.Key_F2)
    assert isinstance(QApplication.focusWidget(), SyllableEdit)
    qtbot.keyClicks(QApplication.focusWidget(), "Hey")
    press(window, qtbot, Key.Key_Return)
    assert QApplication.focusWidget() is panel.view
    assert "Hey " in [note.text for note in panel.stage.written.notes]
