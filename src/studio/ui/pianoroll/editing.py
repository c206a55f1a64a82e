"""What the commands do to the notes: clipboard, nudges, quantising, chords, velocities."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ...document.document import Edit, EditRefused
from ...document.edits import notes as edits
from ...document.edits import timing
from ...document.edits.drawing import growing, pattern_start, put_notes
from ...document.harmony import chord_at
from ...document.notes import Note
from ...document.time import signature_at
from ..timeline.axis import Axis
from .chords import chord_pitches

if TYPE_CHECKING:
    from .view import NoteView

Chosen = Collection[str] | None
HUMANISE_TICKS, HUMANISE_VELOCITY = 20, 10


class Editing:
    """Commands on the selected notes, or on all of them where none is. Main thread; refused edits become `failed`."""

    clipboard: tuple[Note, ...] = ()
    """Notes counted from the first one's start; shared by all editors, so that notes go from clip to clip."""

    def __init__(self, view: NoteView) -> None:
        self._view = view

    @property
    def _axis(self) -> Axis:
        return self._view.stage.axis

    def run(self, edit: Callable[[str, Chosen], Edit]) -> None:
        """Makes an edit of the selected notes, or of all of them."""
        stage = self._view.stage
        if stage.may_write:
            stage.apply(edit(stage.clip_id, tuple(stage.selection) or None))

    def _step(self) -> int:
        """The grid where the selected notes begin."""
        chosen, clip = self._view.stage.chosen(), self._view.stage.written
        at = clip.origin + chosen[0].start if chosen and clip else self._axis.tick(0)
        return self._view.grid().step(at)

    # -- the selection ---------------------------------------------------------------------------------------------

    def select_all(self) -> None:
        """Selects all notes."""
        self._view.stage.select(self._view.stage.table.ids)

    def delete(self) -> None:
        """Deletes the selected notes."""
        stage = self._view.stage
        if stage.selection and stage.may_write:
            stage.apply(edits.remove_notes(stage.clip_id, tuple(stage.selection)))

    def copy(self) -> None:
        """Puts the selected notes on the clipboard."""
        chosen = self._view.stage.chosen()
        if chosen:
            Editing.clipboard = edits.copies(chosen, -chosen[0].start)

    def cut(self) -> None:
        """Copies and deletes."""
        self.copy()
        self.delete()

    def paste(self) -> None:
        """Pastes at the playhead, where it stands in the clip, else at the clip's beginning; selects what came."""
        clip = self._view.stage.written
        if clip is None or not Editing.clipboard:
            return
        at = self._view.grid().nearest(self._view.stage.playhead_tick)
        start = pattern_start(clip, at) if clip.anchor <= at < clip.end else clip.lead
        self._put(edits.copies(Editing.clipboard, start), "Paste")

    def duplicate(self) -> None:
        """Repeats the selected notes after themselves, a whole number of grid steps later."""
        chosen, step = self._view.stage.chosen(), self._step()
        if chosen:
            length = max(note.start + note.length for note in chosen) - chosen[0].start
            self._put(edits.copies(chosen, max(-(-length // step), 1) * step), "Duplicate")

    def _put(self, made: tuple[Note, ...], label: str) -> None:
        stage = self._view.stage
        if stage.may_write and stage.apply(put_notes(stage.clip_id, made, label)):
            stage.select(note.id for note in made)
            self._view.reveal(made[0].id)

    # -- keys ------------------------------------------------------------------------------------------------------

    def _key(self, edit: Edit) -> None:
        """Makes an edit by a key; the same key pressed again in a row goes on with the same undo step."""
        stage = self._view.stage
        if stage.may_write and stage.apply(edit, close=False) and stage.selection:
            self._view.reveal(min(stage.selection, key=stage.table.place))

    def nudge(self, by: int) -> None:
        """Moves the selected notes by steps of the grid."""
        stage = self._view.stage
        ids = tuple(stage.selection)
        edit = edits.move_notes(stage.clip_id, ids, by * self._step(), 0, self._merge("nudge"))
        self._key(growing(edit, stage.clip_id, ids))

    def raise_rows(self, by: int, octaves: bool) -> None:
        """Moves the selected notes by semitones or octaves; in the drum grid by lanes."""
        stage, rows = self._view.stage, self._view.canvas.rows
        ids, merge = tuple(stage.selection), self._merge("pitch")
        if not rows.drums:
            self._key(edits.move_notes(stage.clip_id, ids, 0, by * (12 if octaves else 1), merge))
            return
        moved = []
        for note in stage.chosen():
            row = int(rows.of_pitch[note.pitch]) - by
            if row < 0 or row >= len(rows.rows):
                return
            moved.append(replace(note, pitch=rows.rows[row].pitch))
        self._key(edits.replace_notes(stage.clip_id, moved, "Move notes", merge))

    def lengthen(self, by: int) -> None:
        """Makes the selected notes longer or shorter by steps of the grid."""
        stage = self._view.stage
        shortest = min((note.length for note in stage.chosen()), default=0)
        step, merge = self._step(), self._merge("length")
        if by > 0 or shortest > step:
            self._key(edits.resize_notes(stage.clip_id, tuple(stage.selection), by * step, "right", merge))

    def _merge(self, what: str) -> str:
        return f"notes {what} {self._view.stage.clip_id} {hash(self._view.stage.selection)}"

    def draw_at_playhead(self) -> None:
        """Draws a note at the playhead, at the height of the last one chosen, and selects it."""
        stage = self._view.stage
        clip = stage.written
        if clip is None or not stage.may_write:
            return
        chosen, grid = stage.chosen(), self._view.grid()
        middle = self._view.canvas.rows.nearest(self._view.canvas.top + self._view.canvas.backing.height / 2)
        pitch = chosen[-1].pitch if chosen else self._view.canvas.rows.rows[middle].pitch
        at = grid.floor(stage.playhead_tick)
        if chosen:
            at = clip.origin + chosen[-1].start + grid.step(clip.origin + chosen[-1].start)
        elif not clip.anchor <= at < clip.end:
            at = clip.anchor
        note = edits.make_note(pattern_start(clip, at), grid.step(at), pitch, stage.velocity)
        self._put((note,), "Draw note")

    # -- music -----------------------------------------------------------------------------------------------------

    def quantise(self, strength: float = 1.0, swing: float = 0.5, ends: bool = False) -> None:
        """Draws notes to the grid of the editor."""
        step = self._step()
        self.run(lambda clip, ids: timing.quantise(clip, ids, timing.Grid(step, strength, swing, ends=ends)))

    def humanise(self) -> None:
        """Moves notes and their velocities a little, by chance."""
        seed = random.SystemRandom().randrange(2**31)
        self.run(lambda clip, ids: timing.humanise(clip, ids, HUMANISE_TICKS, HUMANISE_VELOCITY, seed))

    def pattern_bars(self) -> float:
        """How many bars of the clip repeat; 0 where nothing does."""
        clip, project = self._view.stage.clip, self._view.stage.project
        return clip.loop / signature_at(project.signatures, clip.anchor).bar_ticks if clip and project else 0.0

    def set_pattern(self, bars: float) -> None:
        """Repeats the first bars of the clip as far as it goes; 0 ends the repeating."""
        stage = self._view.stage
        clip, project = stage.written, stage.project
        if clip is not None and project is not None and stage.may_write:
            length = round(bars * signature_at(project.signatures, clip.anchor).bar_ticks)
            stage.apply(edits.set_pattern(stage.clip_id, length))

    def toggle_mute(self) -> None:
        """Silences the selected notes, or lets them sound again."""
        muted = not all(note.muted for note in self._view.stage.chosen())
        self.run(lambda clip, ids: edits.mute_notes(clip, ids, muted))

    def split(self) -> None:
        """Cuts the selected notes, or those under it, in two at the playhead."""
        stage = self._view.stage
        clip = stage.written
        if clip is None or not stage.may_write:
            return
        tick = round(stage.playhead_tick)
        under = stage.selection or stage.table.named(stage.table.between(tick, tick + 1))
        stage.apply(edits.split_notes(stage.clip_id, tuple(under), tick - clip.origin))

    def join(self) -> None:
        """Makes one note of the selected ones of each pitch."""
        stage = self._view.stage
        stage.apply(edits.join_notes(stage.clip_id, tuple(stage.selection)))

    def stamp_chord(self) -> None:
        """Draws the song's chord at the playhead (or where the selected notes begin), as long as it lasts."""
        stage = self._view.stage
        clip, project = stage.written, stage.project
        if clip is None or project is None:
            return
        chosen = stage.chosen()
        at = clip.origin + chosen[0].start if chosen else round(stage.playhead_tick)
        at = at if clip.anchor <= at < clip.end else clip.anchor
        chord = chord_at(project.chords, at)
        if chord is None:
            text = "The song has no chord at this place; type one with Ctrl+H, or put the playhead under a chord."
            stage.failed.emit(EditRefused(text))
            return
        first, last = max(chord.start, clip.anchor), min(chord.start + chord.length, clip.end)
        start = pattern_start(clip, first)
        made = tuple(edits.make_note(start, last - first, p, stage.velocity) for p in chord_pitches(chord))
        self._put(made, "Stamp chord")
