"""The hand on the drum grid: a click sets or clears a step, a drag across paints steps, up and down sets how hard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent

from ...document.edits import notes as edits
from ...document.edits.drawing import pattern_start, put_notes
from ...document.notes import Note
from ..pianoroll.gestures import Gesture, Point, Previewed
from ..pianoroll.pointer import Pointer

if TYPE_CHECKING:
    from .view import DrumView

Held = Qt.KeyboardModifier
LOUD_PER_PIXEL = 1.0


class PaintSteps(Previewed):
    """Sets every step of a lane that the pointer passes."""

    def __init__(self, view: DrumView, start: Point) -> None:
        super().__init__(view.stage, view.canvas, view.grid())
        self._pitch = self.pitch(start)
        self._last = self.tick(start)
        self._made: dict[int, Note] = {}
        self.move(start)

    def move(self, at: Point) -> None:
        """Follows the pointer along the lane where it began."""
        clip, tick = self.stage.written, self.tick(at)
        if clip is None:
            return
        low, high = sorted((self._last, tick))
        self._last = tick
        step = self.grid.floor(low)
        while step <= high:
            width = self.grid.step(step)
            start = pattern_start(clip, step)
            end = clip.loop or clip.lead + clip.ticks
            taken = self.stage.table.at(step, self._pitch) >= 0
            if (clip.lead if not clip.loop else 0) <= start < end and start not in self._made and not taken:
                self._made[start] = edits.make_note(start, width, self._pitch, self.stage.velocity)
            step += width
        if self._made:
            self.show(put_notes(self.stage.clip_id, tuple(self._made.values()), "Draw steps"))
            self.says = f"{self.stage.velocity}"


class StepVelocity(Previewed):
    """Sets how hard the selected steps are struck, by dragging up and down."""

    def __init__(self, view: DrumView, start: Point) -> None:
        super().__init__(view.stage, view.canvas, view.grid())
        self._from, self._notes = start.y, view.stage.chosen()

    def move(self, at: Point) -> None:
        """Follows the pointer."""
        by = round((self._from - at.y) / self.stage.axis.ratio * LOUD_PER_PIXEL)
        changed = [replace(note, velocity=min(max(note.velocity + by, 1), 127), lift=0) for note in self._notes]
        self.show(edits.replace_notes(self.stage.clip_id, changed, "Velocity"))
        self.stage.velocity = changed[0].velocity
        self.says = f"{changed[0].velocity}"


class StepPointer(Pointer):
    """Plain presses are about steps; with Shift a rectangle selects, with Ctrl notes are chosen and moved freely."""

    _view: DrumView

    def _press_left(self, event: QMouseEvent) -> None:
        stage, held = self._view.stage, event.modifiers()
        found, _ = self.hit(self.at)
        plain = not held & (Held.ShiftModifier | Held.ControlModifier | Held.AltModifier)
        if not plain or not stage.may_write:
            super()._press_left(event)
            return
        self._pressed, self._start, self._held = (found, "body" if found >= 0 else ""), self.at, held
        if found < 0:
            stage.select(())
            if self._view.canvas.rows.at(self.at.y + self._view.canvas.top) >= 0:
                self.gesture = PaintSteps(self._view, self.at)
            return
        note_id = stage.table.ids[found]
        self._was_selected = True
        if note_id not in stage.selection:
            stage.select((note_id,))
        stage.velocity = int(stage.table.velocity[found])

    def _begin(self) -> Gesture | None:
        plain = not self._held & (Held.ShiftModifier | Held.ControlModifier | Held.AltModifier)
        if plain and self._pressed is not None and self._pressed[0] >= 0 and self._view.stage.may_write:
            return StepVelocity(self._view, self._start)
        return super()._begin()

    def _click(self, found: int, held: Qt.KeyboardModifier) -> None:
        stage = self._view.stage
        if held & (Held.ShiftModifier | Held.ControlModifier):
            super()._click(found, held)
        elif stage.may_write:
            stage.apply(edits.remove_notes(stage.clip_id, (stage.table.ids[found],)))

    def double_click(self, event: QMouseEvent) -> None:
        """The second press of a double-click is a press like any other: it sets or clears."""
        self.press(event)
