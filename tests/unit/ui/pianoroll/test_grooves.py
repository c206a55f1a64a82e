"""Grooves of the editor: taken from notes, kept, and played onto others."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QMenu

from notesongs import BAR, note_song
from studio.document.document import Document
from studio.document.notes import Note
from studio.ui.pianoroll.panel import note_menu

from .conftest import BEAT, Editor
from .test_roll import run

STEP = BEAT // 4


def swung() -> Document:
    """Sixteenths, every second one 40 ticks late and soft."""
    notes = [Note(f"n{n:02}", n * STEP + 40 * (n % 2), STEP // 2, 60, 100 - 40 * (n % 2)) for n in range(16)]
    return note_song(notes, [], anchor=BAR)


def menu_of(editor: Editor, title: str) -> QMenu:
    top = note_menu(editor.panel)
    found = next(menu for menu in top.findChildren(QMenu) if menu.title() == title)
    editor.kept_menu = top  # type: ignore[attr-defined]
    return found


def entries(menu: QMenu) -> dict[str, Callable[[], None]]:
    return {action.text(): action.trigger for action in menu.actions() if not action.menu()}


def test_a_groove_is_taken_kept_and_applied_as_far_as_wanted(edit: Callable[[Document], Editor]) -> None:
    editor, told = edit(swung()), list[object]()
    editor.panel.habits_changed.connect(lambda: told.append(editor.panel.habits()["grooves"]))
    for _ in range(2):
        run(editor, "notes.groove_take")
    grooves = editor.panel.grooves
    assert [one.name for one in grooves.kept] == ["Part", "Part 2"]
    assert grooves.kept[0].groove.shifts[:4] == (0, 40, 0, 40)
    assert len(told) == 2
    other = edit(note_song([(n * STEP, STEP, 60, 80) for n in range(8)], [], anchor=0))
    other.panel.take_habits(**editor.panel.habits())
    other.panel.grooves.set_strength(0.5)
    entries(menu_of(other, "Groove"))["Part"]()
    assert [start for start, *_ in other.notes] == [n * STEP + 20 * (n % 2) for n in range(8)]
    assert [velocity for *_, velocity in other.notes][:2] == [90, 70]
    assert {note.shift for note in other.clip.notes} == {0, 20}
    other.document.undo()
    run(other, "notes.groove_accents")
    entries(menu_of(other, "Groove"))["Part"]()
    assert {velocity for *_, velocity in other.notes} == {80}
    run(other, "notes.straighten")
    assert [start for start, *_ in other.notes] == [n * STEP for n in range(8)]


def test_the_swing_of_drum_machines(edit: Callable[[Document], Editor]) -> None:
    editor = edit(note_song([(n * STEP, STEP, 60, 80) for n in range(4)], [], anchor=0))
    run(editor, "notes.groove_mpc_66")
    assert [start for start, *_ in editor.notes] == [
        0,
        STEP + round(0.32 * STEP),
        2 * STEP,
        3 * STEP + round(0.32 * STEP),
    ]


def test_a_groove_is_forgotten(edit: Callable[[Document], Editor]) -> None:
    editor = edit(swung())
    run(editor, "notes.groove_take")
    entries(menu_of(editor, "Forget"))["Part"]()
    assert editor.panel.grooves.kept == () and editor.panel.habits()["grooves"] == []


def test_without_notes_or_sound_a_sentence_says_what_to_do(edit: Callable[[Document], Editor]) -> None:
    editor = edit(note_song([], [], anchor=0))
    run(editor, "notes.groove_take")
    editor.panel.grooves.take_from_sound()
    assert editor.failures == [
        "There are no notes to take a groove from; draw or select some first.",
        "Select a clip of sound on the timeline, then take its groove.",
    ]
