"""The mouse on the notes: which gesture a press begins, the cursor, scrolling at the edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from ...document.edits import notes as edits
from .gestures import DrawNote, Gesture, MoveNotes, Point, ResizeNotes, RubberBand

if TYPE_CHECKING:
    from .view import NoteView

Held = Qt.KeyboardModifier
Shape = Qt.CursorShape
Zone = Literal["", "left", "body", "right"]

EDGE = 7
"""How near to the end of a note a press resizes it, in logical pixels; never more than a third of the note."""

EDGE_SCROLL_MS = 25


class Pointer:
    """Turns mouse events into gestures. `at` is where the pointer was last; with `pen` a press on free ground draws."""

    def __init__(self, view: NoteView) -> None:
        self._view = view
        self.gesture: Gesture | None = None
        self.at = Point(0, 0)
        self.pen = False
        self._pressed: tuple[int, Zone] | None = None
        self._start = Point(0, 0)
        self._held = Held.NoModifier
        self._was_selected = False
        self._pan: QPoint | None = None
        self._edge = QTimer(view, interval=EDGE_SCROLL_MS)
        self._edge.timeout.connect(self._scroll_at_edge)

    def press(self, event: QMouseEvent) -> None:
        """Begins a pan, opens the menu, or selects and gets ready for a gesture."""
        self.at = self._point(event)
        view = self._view
        if view.stage.clip is None:
            return
        if event.button() == Qt.MouseButton.MiddleButton:
            self._pan = event.position().toPoint()
            view.viewport().setCursor(Shape.ClosedHandCursor)
        elif event.button() == Qt.MouseButton.RightButton and self.gesture is None:
            found, _ = self.hit(self.at)
            if found >= 0 and view.stage.table.ids[found] not in view.stage.selection:
                view.stage.select((view.stage.table.ids[found],))
            view.menu_requested.emit(event.globalPosition().toPoint())
        elif event.button() == Qt.MouseButton.LeftButton:
            view.setFocus(Qt.FocusReason.MouseFocusReason)
            self._press_left(event)

    def _press_left(self, event: QMouseEvent) -> None:
        stage, held = self._view.stage, event.modifiers()
        found, zone = self.hit(self.at)
        self._pressed, self._start, self._held = (found, zone), self.at, held
        if found < 0:
            if self.pen and stage.may_write:
                self.gesture = self._draw(self.at)
            elif not held & (Held.ControlModifier | Held.ShiftModifier):
                stage.select(())
            return
        note_id = stage.table.ids[found]
        self._was_selected = note_id in stage.selection
        if not self._was_selected:
            stage.select(
                (*stage.selection, note_id) if held & (Held.ControlModifier | Held.ShiftModifier) else (note_id,)
            )
        stage.velocity = int(stage.table.velocity[found])

    def _draw(self, at: Point) -> Gesture | None:
        view = self._view
        clip = view.stage.written
        return DrawNote(view.stage, view.canvas, view.grid(), at, clip) if clip is not None else None

    def move(self, event: QMouseEvent) -> None:
        """Goes on with what the press began, or shows what could be done here."""
        self.at = self._point(event)
        if self._pan is not None:
            now, ratio = event.position().toPoint(), self._view.stage.axis.ratio
            step, self._pan = self._pan - now, now
            self._view.scroll_by(round(step.x() * ratio), round(step.y() * ratio))
        elif event.buttons() & Qt.MouseButton.LeftButton and self._pressed is not None:
            self._drag()
        else:
            self._look()

    def _drag(self) -> None:
        far = QApplication.startDragDistance() * 0.4 * self._view.stage.axis.ratio
        if self.gesture is None:
            if abs(self.at.x - self._start.x) < far and abs(self.at.y - self._start.y) < far:
                return
            self.gesture = self._begin()
            if self.gesture is None:
                self._pressed = None
                return
        self._edge.start()
        self.gesture.move(self.at)
        self._view.viewport().update()

    def _begin(self) -> Gesture | None:
        view, held = self._view, self._held
        assert self._pressed is not None
        found, zone = self._pressed
        if found < 0 or held & Held.ShiftModifier:
            add = bool(held & (Held.ControlModifier | Held.ShiftModifier))
            return RubberBand(view.stage, view.canvas, self._start, add)
        if not view.stage.may_write:
            return None
        if zone in ("left", "right"):
            return ResizeNotes(view.stage, view.canvas, view.grid(), found, zone)
        return MoveNotes(view.stage, view.canvas, view.grid(), self._start, found, bool(held & Held.AltModifier))

    def release(self, event: QMouseEvent) -> None:
        """Ends the gesture, or makes the click."""
        if event.button() == Qt.MouseButton.MiddleButton and self._pan is not None:
            self._pan = None
            self._look()
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        (found, _), gesture = self._pressed, self.gesture
        self._end()
        if gesture is not None:
            gesture.finish()
        elif found >= 0 and self._was_selected:
            self._click(found, event.modifiers())
        self._view.viewport().update()

    def _click(self, found: int, held: Qt.KeyboardModifier) -> None:
        stage = self._view.stage
        note_id = stage.table.ids[found]
        if held & (Held.ControlModifier | Held.ShiftModifier):
            stage.select(stage.selection - {note_id})
        else:
            stage.select((note_id,))

    def double_click(self, event: QMouseEvent) -> None:
        """Draws a note on empty ground; deletes the one under the pointer."""
        stage = self._view.stage
        if event.button() != Qt.MouseButton.LeftButton or not stage.may_write:
            return
        self.at = self._point(event)
        found, _ = self.hit(self.at)
        if found >= 0:
            stage.apply(edits.remove_notes(stage.clip_id, (stage.table.ids[found],)))
        elif self.gesture is None:
            self._pressed, self._start, self._held = (-1, ""), self.at, event.modifiers()
            self.gesture = self._draw(self.at)

    def escape(self) -> bool:
        """Cancels the gesture in progress; False when there is none."""
        if self.gesture is None:
            return False
        gesture = self.gesture
        self._end()
        gesture.cancel()
        self._view.viewport().update()
        return True

    def abandon(self) -> None:
        """Forgets everything: another clip is shown."""
        self._end()
        self._pan = None

    def hit(self, at: Point) -> tuple[int, Zone]:
        """The index of the note under a point, and the part of it; -1 for none."""
        stage, canvas = self._view.stage, self._view.canvas
        row = canvas.rows.at(at.y + canvas.top)
        found = stage.table.at(stage.axis.tick(at.x), canvas.rows.rows[row].pitch) if row >= 0 else -1
        if found < 0:
            return -1, ""
        left, right = stage.axis.x(float(stage.table.start[found])), stage.axis.x(float(stage.table.end[found]))
        reach = min(EDGE * stage.axis.ratio, (right - left) / 3)
        return found, "left" if at.x - left < reach else "right" if right - at.x < reach else "body"

    def _end(self) -> None:
        self._edge.stop()
        self.gesture, self._pressed = None, None

    def _look(self) -> None:
        if self._view.stage.clip is None:
            return
        _, zone = self.hit(self.at)
        empty = Shape.CrossCursor if self.pen else Shape.ArrowCursor
        shape = empty if not zone else Shape.SizeAllCursor if zone == "body" else Shape.SplitHCursor
        if self._view.viewport().cursor().shape() != shape:
            self._view.viewport().setCursor(shape)

    def _scroll_at_edge(self) -> None:
        """Scrolls on while the pointer is held at or beyond an edge during a gesture."""
        backing, reach = self._view.canvas.backing, 16 * self._view.stage.axis.ratio
        dx = min(self.at.x - reach, 0) + max(self.at.x - (backing.width - reach), 0)
        dy = min(self.at.y - reach, 0) + max(self.at.y - (backing.height - reach), 0)
        if (dx or dy) and self.gesture is not None:
            self._view.scroll_by(round(dx / 2), round(dy / 2))
            self.gesture.move(self.at)
            self._view.viewport().update()

    def _point(self, event: QMouseEvent) -> Point:
        ratio, at = self._view.stage.axis.ratio, event.position()
        return Point(at.x() * ratio, at.y() * ratio, bool(event.modifiers() & Held.ControlModifier))
