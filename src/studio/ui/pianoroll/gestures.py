"""What a hand can do to notes. A gesture shows a preview of its edit while it lasts and makes it at its end, so that
each is one undo step and Esc leaves the song untouched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPen

from ...document.document import Edit
from ...document.edits import notes as edits
from ...document.edits.drawing import growing, pattern_start, put_notes
from ...document.notes import Note, NoteClip
from .. import theme
from .canvas import Canvas
from .rows import pitch_name
from .snapping import NoteGrid
from .stage import Stage


@dataclass(frozen=True)
class Point:
    """Where the pointer is, in device pixels of the canvas; `free` says that the grid is off for now."""

    x: float
    y: float
    free: bool = False


class Gesture(Protocol):
    """A movement from press to release."""

    @property
    def says(self) -> str:
        """What to show beside the pointer."""

    def move(self, at: Point) -> None:
        """The pointer moved."""

    def finish(self) -> None:
        """The button was released."""

    def cancel(self) -> None:
        """Esc was pressed."""

    def paint(self, painter: QPainter) -> None:
        """Draws what lies over the picture, in device pixels."""


class Previewed:
    """A gesture that is an edit: the newest one that was not refused is made at the end."""

    def __init__(self, stage: Stage, canvas: Canvas, grid: NoteGrid) -> None:
        self.stage, self.canvas, self.grid = stage, canvas, grid
        self.edit: Edit | None = None
        self.says = ""
        self.heard = -1

    def hear(self, pitch: int) -> None:
        """Sounds a pitch when it is another than before."""
        if pitch != self.heard:
            self.heard = pitch
            self.stage.hear(pitch)

    def show(self, edit: Edit) -> bool:
        """Previews an edit; keeps the last one if this is refused."""
        if self.stage.preview(edit):
            self.edit = edit
            return True
        return False

    def row(self, at: Point) -> int:
        """The row under the pointer, the first or last one beyond them."""
        return self.canvas.rows.nearest(at.y + self.canvas.top)

    def pitch(self, at: Point) -> int:
        """The pitch under the pointer."""
        return self.canvas.rows.rows[self.row(at)].pitch

    def tick(self, at: Point) -> float:
        """The song tick under the pointer."""
        return self.stage.axis.tick(at.x)

    def finish(self) -> None:
        """Makes the edit."""
        if self.edit is None:
            self.stage.preview(None)
        else:
            self.stage.apply(self.edit)

    def cancel(self) -> None:
        """Shows the clip as it is."""
        self.edit = None
        self.stage.preview(None)

    def paint(self, _painter: QPainter) -> None:
        """Nothing lies over the picture."""


class DrawNote(Previewed):
    """Draws a note where the button went down; a drag to the right makes it longer, up and down changes its pitch."""

    def __init__(self, stage: Stage, canvas: Canvas, grid: NoteGrid, start: Point, clip: NoteClip) -> None:
        super().__init__(stage, canvas, grid)
        tick = self.tick(start)
        self._first = round(tick) if start.free else grid.floor(tick)
        self._step = grid.step(tick)
        note = edits.make_note(pattern_start(clip, self._first), self._step, self.pitch(start), stage.velocity)
        self._note = note
        self._draw(note)

    def _draw(self, note: Note) -> None:
        self.says = f"{pitch_name(note.pitch)}  {note.velocity}"
        if self.show(put_notes(self.stage.clip_id, (note,), "Draw note")):
            self.stage.select((note.id,))
            self.hear(note.pitch)

    def move(self, at: Point) -> None:
        """Follows the pointer."""
        end = self.grid.nearest(self.tick(at), at.free)
        length = max(end - self._first, 1 if at.free else self._step)
        self._draw(replace(self._note, length=length, pitch=self.pitch(at)))


class MoveNotes(Previewed):
    """Moves the selected notes, or copies of them, in time and pitch."""

    def __init__(self, stage: Stage, canvas: Canvas, grid: NoteGrid, start: Point, grabbed: int, copy: bool) -> None:
        super().__init__(stage, canvas, grid)
        self._from, self._row = self.tick(start), self.row(start)
        self._start = int(stage.table.start[grabbed])
        self._ids, self._copied = tuple(stage.selection), tuple(stage.chosen()) if copy else ()
        self._pitch = self.heard = int(stage.table.pitch[grabbed])

    def move(self, at: Point) -> None:
        """Follows the pointer; the grabbed note stays on the grid."""
        wanted = self._start + self.tick(at) - self._from
        ticks = self.grid.nearest(wanted, at.free) - self._start
        row = min(max(self.row(at), 0), len(self.canvas.rows.rows) - 1)
        semitones = self._semitones(row)
        if self._copied:
            made = edits.copies(self._copied, ticks, semitones)
            if self.show(put_notes(self.stage.clip_id, made, "Copy notes")):
                self.stage.select(note.id for note in made)
        else:
            edit = edits.move_notes(self.stage.clip_id, self._ids, ticks, semitones)
            self.show(growing(edit, self.stage.clip_id, self._ids))
        pitch = min(max(self._pitch + semitones, 0), 127)
        self.hear(pitch)
        self.says = f"{pitch_name(pitch)}  {_beats(ticks)}"

    def _semitones(self, row: int) -> int:
        rows = self.canvas.rows
        if not rows.drums:
            return self._row - row
        here = int(rows.of_pitch[self._pitch])
        to = min(max(here + row - self._row, 0), len(rows.rows) - 1)
        return rows.rows[to].pitch - self._pitch


class ResizeNotes(Previewed):
    """Moves the ends, or the starts, of the selected notes."""

    def __init__(
        self, stage: Stage, canvas: Canvas, grid: NoteGrid, grabbed: int, edge: Literal["left", "right"]
    ) -> None:
        super().__init__(stage, canvas, grid)
        self._edge, self._ids = edge, tuple(stage.selection)
        table = stage.table
        self._at = int(table.start[grabbed] if edge == "left" else table.end[grabbed])
        self._other = int(table.end[grabbed] if edge == "left" else table.start[grabbed])

    def move(self, at: Point) -> None:
        """Follows the pointer; the grabbed edge stays on the grid."""
        to = self.grid.nearest(self.tick(at), at.free)
        to = min(to, self._other - 1) if self._edge == "left" else max(to, self._other + 1)
        self.show(edits.resize_notes(self.stage.clip_id, self._ids, to - self._at, self._edge))
        self.says = _beats(abs(self._other - to))


class RubberBand:
    """Selects the notes that a rectangle touches."""

    says = ""

    def __init__(self, stage: Stage, canvas: Canvas, start: Point, add: bool) -> None:
        self._stage, self._canvas, self._start, self._end = stage, canvas, start, start
        self._tick, self._top = stage.axis.tick(start.x), start.y + canvas.top
        self._before = stage.selection
        self._kept = stage.selection if add else frozenset[str]()

    def move(self, at: Point) -> None:
        """Follows the pointer; the corner where it began stays at its note, however the picture is scrolled."""
        self._end = at
        table, rows, stage = self._stage.table, self._canvas.rows, self._stage
        left, right = sorted((self._tick, stage.axis.tick(at.x)))
        top, bottom = sorted((self._top, at.y + self._canvas.top))
        of_note = rows.of_pitch[table.pitch.astype(np.int64)] * rows.height
        within = (of_note + rows.height > top) & (of_note < bottom) & (of_note >= 0)
        found = np.flatnonzero((table.start < right) & (table.end > left) & within)
        stage.select(self._kept | table.named(found))

    def finish(self) -> None:
        """The selection stays."""

    def cancel(self) -> None:
        """Selects what was selected before."""
        self._stage.select(self._before)

    def paint(self, painter: QPainter) -> None:
        """Draws the rectangle."""
        x, y = self._stage.axis.x(self._tick), self._top - self._canvas.top
        painter.setPen(QPen(theme.color("accent"), max(round(self._stage.axis.ratio), 1)))
        painter.setBrush(theme.color("accent", 0.12))
        painter.drawRect(QRectF(min(x, self._end.x), min(y, self._end.y), abs(self._end.x - x), abs(self._end.y - y)))


def _beats(ticks: int) -> str:
    return f"{ticks / 960:+.2f} beats"
