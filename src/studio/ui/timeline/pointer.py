"""The mouse on the canvas: which gesture a press begins, the hover, the cursor, scrolling at the edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from ...document.document import EditRefused
from ...document.notes import NoteClip
from . import menus, overlay
from .gestures import ClipGain, Fade, Gesture, MoveClips, Point, RubberBand, SwipeTake, TrimClips
from .grid import GridMode
from .hit import Hit, hit
from .selection import between, toggled

if TYPE_CHECKING:
    from .view import TimelineView

Held = Qt.KeyboardModifier
Shape = Qt.CursorShape
CURSORS = {
    "left": Shape.SplitHCursor,
    "right": Shape.SplitHCursor,
    "fade_in": Shape.SizeHorCursor,
    "fade_out": Shape.SizeHorCursor,
    "gain": Shape.SizeVerCursor,
}
EDGE_SCROLL_MS = 25


class Pointer:
    """Turns mouse events into gestures. `at` is where the pointer was last, in device pixels of the canvas."""

    def __init__(self, view: TimelineView) -> None:
        self._view = view
        self.gesture: Gesture | None = None
        self.hover: Hit | None = None
        self.at = Point(0, 0)
        self.grid: GridMode = "adaptive"
        self.snapping = True
        self._pressed: Hit | None = None
        self._start = Point(0, 0)
        self._held = Held.NoModifier
        self._pan: QPoint | None = None
        self.anchor = ""
        self._was_selected = False
        self._before: frozenset[str] = frozenset()
        self._said = QRect()
        self._edge = QTimer(view, interval=EDGE_SCROLL_MS)
        self._edge.timeout.connect(self._scroll_at_edge)

    def press(self, event: QMouseEvent) -> None:
        """Begins a pan, opens a menu, or selects and gets ready for a gesture."""
        self.at = self._point(event)
        if self._view.stage.project is None:
            return
        if event.button() == Qt.MouseButton.MiddleButton:
            self._pan = event.position().toPoint()
            self._view.viewport().setCursor(Shape.ClosedHandCursor)
        elif event.button() == Qt.MouseButton.RightButton and self.gesture is None:
            self._menu(event)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._press_left(event)

    def _press_left(self, event: QMouseEvent) -> None:
        self._view.setFocus(Qt.FocusReason.MouseFocusReason)
        found = hit(self._view.stage, self.at.x, self.at.y)
        self._pressed, self._start, self._held = found, self.at, event.modifiers()
        if found.row is not None:
            self._view.stage.pick_track(found.row.track.id)
        if found.row is not None and found.row.lane >= 0:
            return
        self._before = self._view.stage.selection
        self._was_selected = found.clip_id in self._before
        if found.clip_id:
            self._select(found.clip_id, event.modifiers())
        elif not event.modifiers() & (Held.ControlModifier | Held.ShiftModifier):
            self._view.stage.select(())

    def _select(self, clip_id: str, held: Qt.KeyboardModifier) -> None:
        stage = self._view.stage
        if held & Held.ShiftModifier and self.anchor:
            stage.select(stage.selection | between(stage, self.anchor, clip_id))
        elif held & Held.ControlModifier:
            if not self._was_selected:
                stage.select(stage.selection | {clip_id})
        elif not self._was_selected:
            stage.select((clip_id,))
        taken_out = held & Held.ControlModifier and self._was_selected
        if not held & Held.ShiftModifier and not taken_out:
            self.anchor = clip_id

    def move(self, event: QMouseEvent) -> None:
        """Goes on with what the press began, or shows what could be done here."""
        self.at = self._point(event)
        if self._pan is not None:
            now, ratio = event.position().toPoint(), self._view.stage.canvas.axis.ratio
            step, self._pan = self._pan - now, now
            self._view.navigation.scroll_by(round(step.x() * ratio), round(step.y() * ratio))
        elif event.buttons() & Qt.MouseButton.LeftButton and self._pressed is not None:
            self._drag()
        else:
            self._look(event)

    def _drag(self) -> None:
        far = QApplication.startDragDistance() * 0.5 * self._view.stage.canvas.axis.ratio
        if self.gesture is None:
            if abs(self.at.x - self._start.x) < far and abs(self.at.y - self._start.y) < far:
                return
            self.gesture = self._begin()
            self.hover = None
            if self.gesture is None:
                self._pressed = None
                return
        self._edge.start()
        self._go_on()

    def _go_on(self) -> None:
        if self.gesture is not None:
            before = overlay.say_rect(self._view)
            guides = [self.gesture.guide]
            self.gesture.move(self.at)
            guides.append(self.gesture.guide)
            for guide in dict.fromkeys(guides):
                if guide is not None and guides[0] != guides[1]:
                    canvas = self._view.stage.canvas
                    self._view.update_device(round(self._view.stage.x_of(guide)) - 2, 0, 6, canvas.backing.height)
            if isinstance(self.gesture, RubberBand):
                self._view.viewport().update()
            else:
                for box in (before, self._said, overlay.say_rect(self._view)):
                    self._view.update_device(box.x(), box.y(), box.width(), box.height())
            self._said = overlay.say_rect(self._view)

    def _begin(self) -> Gesture | None:  # noqa: PLR0911
        stage, found, start, held = self._view.stage, self._pressed, self._start, self._held
        assert found is not None
        self._said = overlay.say_rect(self._view)
        if not found.clip_id or found.row is None:
            return RubberBand(stage, start, bool(held & (Held.ControlModifier | Held.ShiftModifier)), self._before)
        if found.row.lane >= 0:
            return SwipeTake(stage, found, start)
        if (stage.document and stage.document.read_only) or not stage.selection:
            return None
        match found.zone:
            case "left" | "right":
                return TrimClips(stage, found, start, found.zone, self.grid, self.snapping)
            case "fade_in" | "fade_out":
                return Fade(stage, found, found.zone)
            case "gain":
                return ClipGain(stage, found, start)
        if found.clip_id not in stage.selection:
            stage.select((*stage.selection, found.clip_id))
        return MoveClips(stage, found, start, self.grid, self.snapping, bool(held & Held.AltModifier))

    def release(self, event: QMouseEvent) -> None:
        """Ends the gesture, or makes the click."""
        if event.button() == Qt.MouseButton.MiddleButton and self._pan is not None:
            self._pan = None
            self._look(event)
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        self.at = self._point(event)
        found, gesture = self._pressed, self.gesture
        self._end()
        if gesture is not None:
            self._guarded(gesture)
        else:
            self._click(found, event.modifiers())
        self._view.viewport().update()

    def _guarded(self, gesture: Gesture) -> None:
        try:
            gesture.finish()
        except EditRefused as error:
            gesture.cancel()
            self._view.failed.emit(error)

    def _click(self, found: Hit, held: Qt.KeyboardModifier) -> None:
        stage = self._view.stage
        if found.row is not None and found.row.lane >= 0 and found.clip_id:
            if stage.document is not None and not stage.document.read_only:
                self._guarded(SwipeTake(stage, found, self._start))
        elif found.clip_id and self._was_selected:
            if held & Held.ControlModifier:
                stage.select(toggled(stage.selection, found.clip_id))
                self.anchor = next(iter(stage.selection), "")
            elif not held & Held.ShiftModifier:
                stage.select((found.clip_id,))

    def double_click(self, event: QMouseEvent) -> None:
        """Renames the clip under the pointer, opens it if it holds notes; on empty ground the playhead goes there."""
        if event.button() != Qt.MouseButton.LeftButton or self._view.stage.project is None:
            return
        self.at = self._point(event)
        found = hit(self._view.stage, self.at.x, self.at.y)
        if found.clip_id and found.row is not None and found.row.lane < 0:
            if isinstance(self._view.stage.clip(found.clip_id), NoteClip):
                self._view.notes_requested.emit(found.clip_id)
            else:
                self._view.editing.rename_clip(found.clip_id)
        elif not found.clip_id:
            self._view.locate_requested.emit(max(self._view.stage.frame_at(self.at.x), 0))

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
        """Forgets everything: another song is shown."""
        self._end()
        self.hover, self.anchor, self._pan = None, "", None

    def leave(self) -> None:
        """The pointer left the canvas."""
        self.forget_hover()

    def forget_hover(self) -> None:
        """The picture moved under the pointer."""
        if self.hover is not None:
            self.hover = None
            self._view.viewport().update()

    def _end(self) -> None:
        self._edge.stop()
        self.gesture, self._pressed = None, None

    def _look(self, event: QMouseEvent) -> None:
        found = hit(self._view.stage, self.at.x, self.at.y) if self._view.stage.project else Hit(None)
        shape = CURSORS.get(found.zone, Shape.ArrowCursor) if found.clip_id else Shape.ArrowCursor
        if found.row is not None and found.row.lane >= 0 and found.clip_id:
            shape = Shape.IBeamCursor
        if self._view.viewport().cursor().shape() != shape:
            self._view.viewport().setCursor(shape)
        if found != self.hover:
            for one in (self.hover, found):
                if one is not None and one.clip_id and one.row is not None:
                    canvas = self._view.stage.canvas
                    self._view.update_device(0, one.row.top - canvas.top, canvas.backing.width, one.row.height)
            self.hover = found

    def _menu(self, event: QMouseEvent) -> None:
        found = hit(self._view.stage, self.at.x, self.at.y)
        if found.row is not None:
            self._view.stage.pick_track(found.row.track.id)
        if found.clip_id and found.clip_id not in self._view.stage.selection and found.row and found.row.lane < 0:
            self._view.stage.select((found.clip_id,))
        menus.show_canvas_menu(self._view, found, event.globalPosition().toPoint())

    def _scroll_at_edge(self) -> None:
        """Scrolls on while the pointer is held at or beyond an edge during a gesture."""
        canvas = self._view.stage.canvas
        reach = 24 * canvas.axis.ratio
        width, height = canvas.backing.width, canvas.backing.height
        dx = min(self.at.x - reach, 0) + max(self.at.x - (width - reach), 0)
        dy = min(self.at.y - reach, 0) + max(self.at.y - (height - reach), 0)
        if dx or dy:
            self._view.navigation.scroll_by(round(dx), round(dy))
            self._go_on()

    def _point(self, event: QMouseEvent) -> Point:
        ratio, at = self._view.stage.canvas.axis.ratio, event.position()
        return Point(at.x() * ratio, at.y() * ratio, bool(event.modifiers() & Held.ControlModifier))
