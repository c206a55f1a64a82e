"""The piano roll as a hand uses it: real notes in a real document, a real widget without a screen."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from notesongs import BAR, note_song
from studio.document.document import Document
from studio.document.edits import clips, harmony, tracks
from studio.document.edits.notes import make_note_clip, remove_notes
from studio.document.harmony import Chord
from studio.document.instruments import DRUM_BANK
from studio.document.notes import Note
from studio.ui.pianoroll import palette
from studio.ui.pianoroll.chords import chord_pitches

from .conftest import BEAT, Editor

Key, Held = Qt.Key, Qt.KeyboardModifier
HALF = BEAT // 2


def key(editor: Editor, which: Qt.Key, held: Qt.KeyboardModifier = Held.NoModifier) -> None:
    QTest.keyClick(editor.view, which, held)


def double_click(editor: Editor, beat: float, pitch: int) -> None:
    x, y = editor.at(beat, pitch)
    hand = editor.hand
    hand.double_click(x, y)
    hand._down = Qt.MouseButton.LeftButton
    hand.release(x, y)


def run(editor: Editor, command: str) -> None:
    found = {one.id: one for one in editor.panel.commands()}[command]
    assert found.enabled()
    found.run()


def test_a_double_click_draws_a_note_on_the_grid_and_deletes_it(editor: Editor) -> None:
    double_click(editor, 4.3, 62)
    assert editor.notes[-1] == (4 * BEAT + BEAT // 4, BEAT // 4, 62, 96)
    assert editor.panel.stage.selection == {editor.clip.notes[-1].id}
    double_click(editor, 4.3, 62)
    assert len(editor.notes) == 4


def test_the_pen_draws_as_long_as_it_is_dragged(editor: Editor) -> None:
    run(editor, "notes.pen")
    editor.hand.drag(editor.at(5.02, 65), editor.at(6.5, 65))
    assert editor.notes[-1] == (5 * BEAT, BEAT * 3 // 2, 65, 96)
    editor.document.undo()
    assert len(editor.notes) == 4


def test_a_note_drawn_after_the_end_makes_the_clip_longer(editor: Editor) -> None:
    editor.show(4 * BAR, 6 * BAR)
    run(editor, "notes.pen")
    x, y = editor.at(16.5, 62)
    editor.hand.click(x, y)
    assert editor.notes[-1][0] == 16 * BEAT + HALF
    assert editor.clip.ticks == 5 * BAR


def test_in_a_pattern_notes_are_drawn_into_its_first_turn(edit: Callable[[Document], Editor]) -> None:
    editor = edit(note_song([Note("n0", 0, HALF, 60)], [], anchor=BAR, loop=BAR))
    run(editor, "notes.pen")
    editor.hand.click(*editor.at(5.1, 62))
    assert editor.notes[-1][0] == BEAT


def test_a_drag_moves_the_selected_notes_in_time_and_pitch(editor: Editor) -> None:
    editor.hand.click(*editor.at(0.25, 60))
    editor.hand.click(*editor.at(1.25, 64), Held.ControlModifier)
    editor.hand.drag(editor.at(1.25, 64), editor.at(3.27, 66))
    assert editor.notes == [
        (2 * BEAT, HALF, 62, 96), (2 * BEAT, HALF, 68, 96), (3 * BEAT, HALF, 66, 96), (3 * BEAT, HALF, 72, 96),
    ]  # fmt: skip
    editor.document.undo()
    assert editor.notes[0] == (0, HALF, 60, 96)


def test_alt_drags_a_copy(editor: Editor) -> None:
    editor.hand.drag(editor.at(0.25, 60), editor.at(4.25, 60), Held.AltModifier)
    assert [note[0] for note in editor.notes] == [0, BEAT, 2 * BEAT, 3 * BEAT, 4 * BEAT]


def test_both_ends_are_resized(editor: Editor) -> None:
    editor.hand.drag(editor.at(0.49, 60), editor.at(1.0, 60))
    assert editor.notes[0] == (0, BEAT, 60, 96)
    editor.hand.drag(editor.at(0.02, 60), editor.at(0.5, 60))
    assert editor.notes[0] == (HALF, HALF, 60, 96)


def test_escape_gives_up_a_drag(editor: Editor) -> None:
    before = editor.notes
    editor.hand.drag(editor.at(0.25, 60), editor.at(2.25, 65), release=False)
    assert [round(start) for start in editor.panel.stage.table.start][:1] != [BAR]
    key(editor, Key.Key_Escape)
    assert editor.notes == before
    assert len(editor.document.revisions) == 3


def test_a_rectangle_selects_what_it_touches(editor: Editor) -> None:
    editor.hand.drag(editor.at(0.9, 70), editor.at(2.2, 62))
    assert editor.panel.stage.selection == {"n1", "n2"}
    editor.hand.drag(editor.at(-0.2, 63), editor.at(0.2, 58), Held.ControlModifier)
    assert editor.panel.stage.selection == {"n0", "n1", "n2"}
    run(editor, "edit.select_all")
    assert len(editor.panel.stage.selection) == 4


def test_the_keyboard_alone(editor: Editor) -> None:
    editor.view.setFocus()
    key(editor, Key.Key_Tab)
    key(editor, Key.Key_Tab)
    assert editor.panel.stage.selection == {"n1"}
    for which, held in (
        (Key.Key_Up, Held.NoModifier), (Key.Key_Up, Held.ShiftModifier), (Key.Key_Right, Held.NoModifier),
        (Key.Key_Right, Held.NoModifier), (Key.Key_Right, Held.ShiftModifier),
    ):  # fmt: skip
        key(editor, which, held)
    moved = next(note for note in editor.clip.notes if note.id == "n1")
    assert (moved.pitch, moved.start, moved.length) == (77, BEAT + HALF, HALF + BEAT // 4)
    revisions = [revision.label for revision in editor.document.revisions][3:]
    assert revisions == ["Move note", "Move note", "Note length"], "presses of one key in a row are one undo step"
    key(editor, Key.Key_Delete)
    assert len(editor.notes) == 3
    key(editor, Key.Key_Return)
    assert len(editor.notes) == 4


def test_copy_paste_and_duplicate(editor: Editor) -> None:
    editor.panel.stage.select(["n0", "n1"])
    run(editor, "edit.copy")
    run(editor, "edit.duplicate")
    assert sorted(note[0] for note in editor.notes) == [0, BEAT, HALF * 3, 2 * BEAT, 5 * HALF, 3 * BEAT]
    editor.document.undo()
    editor.view.move_playhead(int(editor.document.project.time.frame(BAR + 8 * BEAT)))
    run(editor, "edit.paste")
    assert [note[0] for note in editor.notes[-2:]] == [8 * BEAT, 9 * BEAT]


def test_commands_are_one_step_each(editor: Editor) -> None:
    editor.panel.stage.select(["n0", "n1"])
    for command, check in (
        ("notes.octave_up", lambda notes: notes[0][2] == 72 and notes[2][2] == 68),
        ("notes.louder", lambda notes: [n[3] for n in notes] == [106, 106, 96, 96]),
        ("notes.legato", lambda notes: notes[0][1] == BEAT),
        ("notes.crescendo", lambda notes: (notes[0][3], notes[1][3]) == (40, 120)),
    ):
        before = editor.notes
        run(editor, command)
        assert check(editor.notes), command
        editor.document.undo()
        assert editor.notes == before


def test_quantise_uses_the_grid_of_the_editor(edit: Callable[[Document], Editor]) -> None:
    editor = edit(note_song([Note("n0", 300, 100, 60), Note("n1", 1000, 100, 60)], [], anchor=BAR))
    editor.panel.change_snap("1/8T")
    run(editor, "notes.quantise")
    assert [note[0] for note in editor.notes] == [320, 960]
    assert editor.panel.snap.currentText() == "1/8 triplet"


def test_every_command_runs_and_undoes(editor: Editor) -> None:
    editor.document.apply(harmony.set_key(0, 0))
    editor.document.apply(harmony.put_chord(Chord("c", BAR, BAR, 9, "m7")))
    before = editor.document.project
    for command in editor.panel.commands():
        editor.panel.stage.select(["n0", "n2"])
        if command.enabled():
            command.run()
        editor.paint()
        while editor.document.project != before:
            editor.document.undo()
    assert editor.view.paint_failures == 0
    assert [text.split(";")[0] for text in editor.failures] == [
        "No selected note lies under this position",
        "Only notes of one pitch can be joined",
    ]


def test_a_chord_of_the_song_is_stamped(editor: Editor) -> None:
    editor.document.apply(harmony.put_chord(Chord("c", 2 * BAR, BAR, 9, "m7", bass=4)))
    editor.view.move_playhead(int(editor.document.project.time.frame(2 * BAR + 100)))
    run(editor, "notes.chord")
    assert sorted(n[2] for n in editor.notes if n[0] == BAR) == [40, 57, 60, 64, 67]
    assert all(n[1] == BAR for n in editor.notes if n[0] == BAR)
    editor.view.move_playhead(int(editor.document.project.time.frame(4 * BAR)))
    editor.panel.stage.select(())
    run(editor, "notes.chord")
    assert editor.failures[-1].startswith("The song has no chord at this place")


@pytest.mark.parametrize(
    ("quality", "steps"),
    [("", (0, 4, 7)), ("m", (0, 3, 7)), ("maj7", (0, 4, 7, 11)), ("m7", (0, 3, 7, 10)), ("7", (0, 4, 7, 10)),
     ("dim7", (0, 3, 6, 9)), ("m7b5", (0, 3, 6, 10)), ("sus4", (0, 5, 7)), ("6", (0, 4, 7, 9)), ("5", (0, 7)),
     ("add9", (0, 4, 7, 14)), ("9", (0, 4, 7, 10, 14)), ("maj9", (0, 4, 7, 11, 14)), ("7b9", (0, 4, 7, 10, 13)),
     ("aug", (0, 4, 8)), ("mmaj7", (0, 3, 7, 11))],
)  # fmt: skip
def test_chords_are_spelt_by_their_quality(quality: str, steps: tuple[int, ...]) -> None:
    assert chord_pitches(Chord("c", 0, 1, 0, quality)) == tuple(48 + step for step in steps)


def test_velocities_are_drawn_in_the_lane(editor: Editor) -> None:
    lane = editor.view.lane
    hand = type(editor.hand)(lane)
    x0, x1 = editor.at(0, 60)[0], editor.at(1, 60)[0]
    hand.drag((x0, lane.height() * 0.75), (x1 + 1, lane.height() * 0.25))
    drawn = [note[3] for note in editor.notes]
    assert abs(drawn[0] - 32) <= 2
    assert abs(drawn[1] - 95) <= 2
    assert drawn[2:] == [96, 96]
    editor.document.undo()
    assert [note[3] for note in editor.notes] == [96] * 4
    editor.panel.stage.select(["n1"])
    hand.drag((x0, lane.height() * 0.5), (x1 + 1, lane.height() * 0.5))
    assert [note[3] != 96 for note in editor.notes] == [False, True, False, False], "the selected note alone follows"
    editor.panel.stage.select(())
    editor.panel.values.setCurrentIndex(1)
    editor.panel.values.activated.emit(1)
    hand.click(x0, lane.height() / 2)
    assert abs(editor.clip.notes[0].probability - 0.5) < 0.02


def _codes(editor: Editor, beat: float, pitch: int) -> int:
    """The colour at a place of the picture."""
    editor.paint()
    x, y = editor.at(beat, pitch)
    return int(editor.view.canvas.backing.pixels[int(y), int(x)])


def test_notes_ghosts_and_the_scale_are_painted(editor: Editor) -> None:
    track = editor.document.project.tracks[0]
    inside, _ = palette.inks(track.color)
    note = inside[palette.code_of(np.array([palette.NORMAL]), np.array([96.0]))[0]]
    assert _codes(editor, 0.45, 60) == note
    ghost = inside[palette.GHOST]
    assert _codes(editor, 0.45, 65) != ghost
    other = tracks.fresh_track(editor.document.project, kind="instrument")
    editor.document.apply(tracks.add_tracks((other,)))
    part = make_note_clip("Bass", BAR, BAR, [Note("b", 0, BEAT, 65)])
    editor.document.apply(clips.add_clips(other.id, (part,)))
    assert _codes(editor, 0.45, 65) == ghost
    instrument = other.instrument
    assert instrument is not None
    editor.document.apply(tracks.set_instrument(other.id, replace(instrument, bank=DRUM_BANK)))
    assert _codes(editor, 0.45, 65) != ghost, "a drum is no pitch"
    editor.document.undo()
    assert _codes(editor, 0.45, 65) == ghost
    run(editor, "notes.ghosts")
    assert _codes(editor, 0.45, 65) != ghost
    before = _codes(editor, 4.6, 66)
    editor.document.apply(harmony.set_key(0, 2, "major"))
    assert _codes(editor, 4.6, 66) != before, "F sharp belongs to D major"


def test_the_playhead_and_the_pitches_of_the_clip_are_seen(editor: Editor) -> None:
    rows = {int(row) for row in editor.rows.of_pitch[[60, 64, 68, 72]]}
    first, last = editor.view.canvas.seen()
    assert all(first <= row < last for row in rows)
    editor.view.move_playhead(int(editor.document.project.time.frame(BAR + BEAT)))
    picture = editor.view.viewport().grab().toImage()
    x, _ = editor.at(1, 60)
    assert picture.pixelColor(round(x), 5).lightness() > 200


def test_a_click_in_the_ruler_asks_for_the_playhead(editor: Editor) -> None:
    asked: list[int] = []
    editor.panel.locate_requested.connect(asked.append)
    x, _ = editor.at(2.03, 60)
    type(editor.hand)(editor.view.ruler).click(x, 8)
    assert asked == [editor.document.project.time.frame(BAR + 2 * BEAT)]


def test_zoom_to_notes_and_back(editor: Editor) -> None:
    run(editor, "view.fit_song")
    axis, width = editor.panel.stage.axis, editor.view.canvas.backing.width
    assert 0 < axis.x(BAR) < width * 0.1
    assert width * 0.85 < axis.x(BAR + 3.5 * BEAT) < width
    before = axis.per_tick
    run(editor, "view.zoom_in")
    assert editor.panel.stage.axis.per_tick > before


def test_without_a_clip_it_says_what_to_do(editor: Editor) -> None:
    editor.document.apply(clips.delete_clips((editor.clip.id,)))
    assert editor.panel.stage.clip is None
    assert editor.view.hint().startswith("Select a clip of notes")
    editor.panel.set_session(None)
    assert editor.view.hint().startswith("Open a song")
    assert not any(command.enabled() for command in editor.panel.commands())


def test_a_read_only_song_is_looked_at_and_not_changed(editor: Editor) -> None:
    editor.document.read_only = "Somebody else works on this song."
    before = editor.notes
    editor.hand.drag(editor.at(0.25, 60), editor.at(2.25, 65))
    double_click(editor, 4.3, 62)
    key(editor, Key.Key_Delete)
    assert editor.notes == before


def test_an_edit_elsewhere_is_followed(editor: Editor) -> None:
    editor.panel.stage.select(["n0", "n1"])
    editor.document.apply(remove_notes(editor.clip.id, ["n0"]))
    assert editor.panel.stage.selection == {"n1"}
    assert len(editor.panel.stage.table) == 3


def test_a_scrolled_picture_is_the_one_painted_anew(edit: Callable[[Document], Editor]) -> None:
    random = np.random.default_rng(2)
    many = [Note(f"n{n}", n * 150, int(random.integers(20, 2000)), int(random.integers(40, 90))) for n in range(150)]
    editor = edit(note_song(many, [], anchor=BAR, ticks=6 * BAR))
    editor.document.apply(harmony.set_key(3 * BAR, 2))
    editor.panel.stage.select(["n3", "n50"])
    view = editor.view
    for dx, dy in [(40, 0), (0, 33), (-25, -50), (130, 7), (-3, 0), (0, -1), (2000, 0), (-700, 20)]:
        view.scroll_by(dx, dy)
        editor.paint()
        view.lane.grab()
        scrolled, stems = view.canvas.backing.pixels.copy(), view.lane.picture.pixels.copy()
        view.redraw()
        editor.paint()
        view.lane.grab()
        assert np.array_equal(scrolled, view.canvas.backing.pixels), (dx, dy)
        assert np.array_equal(stems, view.lane.picture.pixels), (dx, dy)
