"""The lane below the notes that shows one controller, the pitch bend or the programs, drawn and dragged by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from ...document.document import Edit
from ...document.edits import controls as edits
from ...document.edits.controls import BEND, PROGRAM, STEP, SWITCHES, Line, line_of, value_of
from ...document.notes import Control, NoteClip
from .. import theme
from ..timeline.backing import Backing
from ..timeline.columns import rgb
from ..timeline.labels import device_font
from .lines import line_title, point_text, value_text
from .pointpaint import Points, heights_of, paint_points
from .programs import show_programs

if TYPE_CHECKING:
    from .view import NoteView

HEIGHT = 104
"""The height of the lane, in logical pixels."""

NEAR = 6
"""How near to a point a press takes it, in logical pixels."""

Held = Qt.KeyboardModifier


class PointLane(QWidget):
    """One line of the clip. Main thread.

    Drag draws, Shift+drag a straight line, right drag or Alt+drag erases; a point is dragged where it is seen and
    removed by a double-click. By keyboard: left and right go from point to point, up and down change it (Shift: by
    more), Enter sets one at the playhead, Delete removes it.
    """

    def __init__(self, view: NoteView) -> None:
        super().__init__(view)
        self._view = view
        self.line: Line = 1
        self.picture = Backing(1, 1)
        self.chosen: Control | None = None
        nothing = Points(np.zeros(0, np.int64), np.zeros(0, np.int64))
        self._known: tuple[object, Line, list[Control], Points] = (None, 1, [], nothing)
        self._tool: str = ""
        self._start = self._last = (0, 0.0)
        self._turn = 0
        self._drawn: dict[int, float] = {}
        self._span = (0, 0)
        self._grabbed: Control | None = None
        self._moved = False
        self._hover = QPointF(-1, -1)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.show_line(1)

    def show_line(self, line: Line) -> None:
        """Shows another line."""
        self.line, self.chosen = line, None
        self.setAccessibleName(line_title(line))
        how = "Click to choose a program; drag one to move it" if line == PROGRAM else "Drag to draw, Shift for a line"
        self.setToolTip(f"{line_title(line)}. {how}; right drag erases, double-click removes a point")
        self._describe()
        self.redraw()

    def redraw(self) -> None:
        """Paints everything anew."""
        self.update()

    # -- where things are ----------------------------------------------------------------------------------------

    def own(self, clip: NoteClip | None) -> list[Control]:
        """The points of the line, in order; of those at one tick the last."""
        if clip is None:
            return []
        if self._known[0] is not clip.control_blocks or self._known[1] != self.line:
            found = {point.tick: point for point in clip.controls if line_of(point) == self.line}
            points = list(found.values())
            ticks = np.array([point.tick for point in points], np.int64)
            table = Points(ticks, np.array([value_of(point) for point in points], np.int64))
            self._known = (clip.control_blocks, self.line, points, table)
        return self._known[2]

    def _points(self, clip: NoteClip, turn: int = 0) -> Points:
        self.own(clip)
        table = self._known[3]
        if not clip.loop:
            return Points(table.ticks + clip.origin, table.values)
        inside = (table.ticks >= 0) & (table.ticks < clip.loop)
        return Points(table.ticks[inside] + clip.origin + turn, table.values[inside])

    def place(self, tick: int, value: float) -> QPointF:
        """Where a tick of the clip's own time and a value are, in logical pixels."""
        clip, axis = self._view.stage.clip, self._view.stage.axis
        hair = max(round(axis.ratio), 1)
        low, high, _ = edits.range_of(self.line)
        y = int(heights_of(np.array([round(value)]), low, high, self._height(), hair)[0])
        return QPointF(axis.x((clip.origin if clip else 0) + self._turn + tick) / axis.ratio, y / axis.ratio)

    def _at(self, where: QPointF, free: bool = True) -> tuple[int, float]:
        """The tick of the clip's own time and the value under a point, inside the clip's window."""
        stage = self._view.stage
        clip = stage.written
        assert clip is not None
        tick = stage.axis.tick(where.x() * stage.axis.ratio)
        song = round(tick) if free else self._view.grid().nearest(tick)
        own = song - clip.origin - self._turn
        first, last = (0, clip.loop) if clip.loop else (clip.lead, clip.lead + clip.ticks)
        low, high, _ = edits.range_of(self.line)
        hair = max(round(stage.axis.ratio), 1) / stage.axis.ratio
        share = 1 - (where.y() - 2 * hair) / max(self.height() - 4 * hair, 1)
        return min(max(own, first), last - 1), low + min(max(share, 0.0), 1.0) * (high - low)

    def point_at(self, where: QPointF) -> Control | None:
        """The point under the pointer, if any."""
        clip, axis = self._view.stage.written, self._view.stage.axis
        points = self.own(clip)
        if clip is None or not points:
            return None
        table, (low, high, _) = self._known[3], edits.range_of(self.line)
        x = (axis.xs((table.ticks + clip.origin + self._turn).astype(np.float64))) / axis.ratio
        far = np.abs(x - where.x())
        if self.line != PROGRAM:
            rows = heights_of(table.values, low, high, self._height(), max(round(axis.ratio), 1))
            far = np.maximum(far, np.abs(rows / axis.ratio - where.y()))
        nearest = int(far.argmin())
        return points[nearest] if far[nearest] <= NEAR else None

    def _height(self) -> int:
        """The height of the picture in device pixels."""
        return -int(-self.height() * self._view.stage.axis.ratio // 1)

    # -- the picture ---------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        try:
            self._paint()
        except Exception as error:  # an exception that leaves a paint event ends the program
            self._view.paint_failed(error)

    def _paint(self) -> None:
        stage, ratio = self._view.stage, self._view.stage.axis.ratio
        size = (-int(-self.width() * ratio // 1), -int(-self.height() * ratio // 1))
        if size != (self.picture.width, self.picture.height):
            self.picture = Backing(*size)
        self._draw()
        with QPainter(self) as painter:
            painter.scale(1 / ratio, 1 / ratio)
            painter.drawImage(QPoint(0, 0), self.picture.image)
            if stage.clip is not None and self.line == PROGRAM:
                self._programs(painter, stage.clip)
            painter.scale(ratio, ratio)
            self._words(painter)

    def _draw(self) -> None:
        stage, pixels = self._view.stage, self.picture.pixels
        axis, hair = stage.axis, max(round(stage.axis.ratio), 1)
        height, width = pixels.shape
        pixels[:] = rgb(theme.color("bg"))
        pixels[:hair] = rgb(theme.color("line"))
        clip = stage.clip
        if clip is None:
            return
        bounds = edits.range_of(self.line)
        middle = int(heights_of(np.array([(bounds[0] + bounds[1] + 1) // 2]), bounds[0], bounds[1], height, hair)[0])
        pixels[middle : middle + hair] = rgb(theme.mix("line", "bg", 0.5))
        if self.line == PROGRAM:
            return
        color = stage.track.color if stage.track else theme.TRACKS[0]
        for turn, first, last in self._turns(clip, axis.tick(0), axis.tick(width)):
            ink = color if turn == self._turn else theme.mix(color, "bg", 0.5).name()
            span = (round(axis.x(first)), round(axis.x(last)))
            paint_points(pixels, self._points(clip, turn), axis, bounds, ink, span)

    def _turns(self, clip: NoteClip, begin: float, end: float) -> list[tuple[int, int, int]]:
        """For each turn of the pattern that is seen: how far it is shifted, and the song ticks it lasts."""
        if not clip.loop:
            return [(0, clip.anchor, clip.end)]
        first = max(int(begin - clip.origin) // clip.loop, clip.lead // clip.loop)
        last = min(int(end - clip.origin) // clip.loop + 1, -(-(clip.lead + clip.ticks) // clip.loop))
        starts = ((n * clip.loop, clip.origin + n * clip.loop) for n in range(first, max(last, first)))
        return [(turn, max(at, clip.anchor), min(at + clip.loop, clip.end)) for turn, at in starts]

    def _programs(self, painter: QPainter, clip: NoteClip) -> None:
        """Programs as flags with their names."""
        stage, ratio = self._view.stage, self._view.stage.axis.ratio
        color = theme.color(stage.track.color if stage.track else theme.TRACKS[0])
        painter.setFont(device_font(theme.SMALL, ratio))
        for point in self.own(clip):
            x = stage.axis.x(clip.origin + point.tick)
            painter.fillRect(QRectF(x, 0, max(round(1.5 * ratio), 1), self.picture.height), color)
            text = point_text(point)
            box = QRectF(x, 6 * ratio, painter.fontMetrics().horizontalAdvance(text) + 12 * ratio, 18 * ratio)
            painter.fillRect(box, color)
            painter.setPen(theme.color("on_accent"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _words(self, painter: QPainter) -> None:
        """What is under the pointer or chosen, and how to begin where there is nothing."""
        stage = self._view.stage
        painter.setFont(theme.font(theme.SMALL))
        painter.setPen(theme.color("dim"))
        if stage.clip is None:
            return
        if not self.own(stage.clip):
            text = (
                "Click to choose a program here."
                if self.line == PROGRAM
                else "Drag here to draw; Shift+drag for a line."
            )
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
        if self.hasFocus() and self.chosen is not None:
            place = self.place(self.chosen.tick, value_of(self.chosen))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color("accent"), 1.5))
            painter.drawEllipse(place, 6, 6)
        if self.line != PROGRAM and self._hover.x() >= 0 and stage.written is not None and self._tool != "erase":
            _, value = self._at(self._hover)
            text = value_text(self.line, value_of(edits.make_point(self.line, 0, value)))
            wide = painter.fontMetrics().horizontalAdvance(text) + 10
            x = min(self._hover.x() + 12, self.width() - wide)
            box = QRectF(x, min(max(self._hover.y() - 22, 0), self.height() - 18), wide, 18)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("raised"))
            painter.drawRoundedRect(box, 4, 4)
            painter.setPen(theme.color("text"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    # -- the mouse -----------------------------------------------------------------------------------------------

    @property
    def dragging(self) -> bool:
        """Whether something is being drawn."""
        return bool(self._tool)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        stage, where = self._view.stage, event.position()
        if self._tool or not stage.may_write or stage.written is None:
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._turn = self._turn_at(stage.written, stage.axis.tick(where.x() * stage.axis.ratio))
        self._grabbed = self.point_at(where)
        self._moved, self._drawn = False, {}
        if event.button() == Qt.MouseButton.RightButton or event.modifiers() & Held.AltModifier:
            self._tool = "erase"
        elif event.button() != Qt.MouseButton.LeftButton:
            return
        elif self._grabbed is not None and not event.modifiers() & Held.ShiftModifier:
            self._tool, self.chosen = "move", self._grabbed
            self._describe()
        elif self.line == PROGRAM:
            self._choose_program(where, None)
            return
        else:
            self._tool = "line" if event.modifiers() & Held.ShiftModifier else "draw"
        self._start = self._last = self._at(where, self._free(event))
        self._span = (self._start[0], self._start[0] + 1)
        if self._tool != "move":
            self._follow(where, event)

    def _turn_at(self, clip: NoteClip, tick: float) -> int:
        """How far the turn of the pattern under a song tick is shifted."""
        return int(tick - clip.origin) // clip.loop * clip.loop if clip.loop else 0

    def _free(self, event: QMouseEvent) -> bool:
        """Whether the grid is off: for all that is drawn freely, but not for switches, lines and points."""
        coarse = self.line in SWITCHES or self.line == PROGRAM or self._tool in {"line", "move"}
        return bool(event.modifiers() & Held.ControlModifier) or not coarse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover = event.position()
        if self._tool:
            self._moved = True
            self._follow(event.position(), event)
        else:
            shape = Qt.CursorShape.SizeAllCursor if self.point_at(self._hover) else Qt.CursorShape.CrossCursor
            self.setCursor(shape)
        self.update()

    def leaveEvent(self, _event: object) -> None:
        self._hover = QPointF(-1, -1)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._tool:
            return
        tool, self._tool = self._tool, ""
        if tool == "move" and not self._moved:
            self._view.stage.preview(None)
            if self.line == PROGRAM:
                self._choose_program(event.position(), self._grabbed)
        else:
            edit = self._edit(tool)
            if edit is not None:
                self._view.stage.apply(edit)
        self._choose_near()
        self._turn = 0
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        found = self.point_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and found is not None and self._view.stage.may_write:
            self._view.stage.apply(edits.remove_control(self._view.stage.clip_id, found))
            self.chosen = None
            self._describe()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._view.wheelEvent(event)

    def escape(self) -> bool:
        """Gives up what is being drawn; False when nothing is."""
        if not self._tool:
            return False
        self._tool, self._turn = "", 0
        self._view.stage.preview(None)
        return True

    def _follow(self, where: QPointF, event: QMouseEvent) -> None:
        """Goes on with the tool, and shows what it would do."""
        (t0, v0), self._last = self._last, self._at(where, self._free(event))
        t1, v1 = self._last
        if self._tool == "draw":
            first, last = min(t0, t1), max(t0, t1)
            self._drawn = {t: v for t, v in self._drawn.items() if not first <= t <= last}
            step = 1 if self.line in SWITCHES else STEP
            for point in edits.ramp(self.line, (t0 // step * step, v0), (t1 // step * step, v1)):
                self._drawn[point.tick] = value_of(point)
            self._span = (min(self._span[0], first // step * step), max(self._span[1], last + 1))
        elif self._tool == "line":
            self._span = (min(self._start[0], t1), max(self._start[0], t1) + 1)
        elif self._tool == "erase":
            self._span = (min(self._span[0], t0, t1), max(self._span[1], t0 + 1, t1 + 1))
        edit = self._edit(self._tool)
        if edit is not None:
            self._view.stage.preview(edit)

    def _edit(self, tool: str) -> Edit | None:
        """What the tool has done so far."""
        clip_id, (begin, end) = self._view.stage.clip_id, self._span
        match tool:
            case "draw":
                ordered = sorted(self._drawn.items())
                thin = [ordered[n] for n in range(len(ordered)) if not n or ordered[n][1] != ordered[n - 1][1]]
                points = [edits.make_point(self.line, tick, value) for tick, value in thin]
                return edits.draw_controls(clip_id, self.line, begin, end, points) if points else None
            case "line":
                return edits.draw_controls(
                    clip_id, self.line, begin, end, edits.ramp(self.line, self._start, self._last)
                )
            case "erase":
                near = round(NEAR / self._view.stage.axis.logical_per_tick()) if not self._moved else 0
                return edits.draw_controls(clip_id, self.line, begin - near, end + near, ())
            case _:
                assert self._grabbed is not None
                return edits.move_control(clip_id, self._grabbed, *self._last) if self._moved else None

    def _choose_near(self) -> None:
        """Chooses the point where the hand let go."""
        points = self.own(self._view.stage.written)
        tick = self._last[0]
        self.chosen = min(points, key=lambda point: abs(point.tick - tick), default=None)
        self._describe()

    def _choose_program(self, where: QPointF, point: Control | None) -> None:
        """Asks for a program at a place, or for another one in place of a point."""
        stage = self._view.stage
        track = stage.track
        bank = track.instrument.bank if track and track.instrument else 0
        tick = point.tick if point is not None else self._at(where, False)[0]
        clip_id = stage.clip_id

        def put(program: int) -> None:
            made = edits.make_point(PROGRAM, tick, program, bank if point is None else getattr(point, "bank", bank))
            stage.apply(edits.put_control(clip_id, made))

        show_programs(self, bank, put, self.mapToGlobal(where.toPoint()))

    # -- the keyboard --------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        stage, key = self._view.stage, Qt.Key(event.key())
        points = self.own(stage.written)
        at = points.index(self.chosen) if self.chosen in points else -1
        much = bool(event.modifiers() & Held.ShiftModifier)
        if key is Qt.Key.Key_Escape and self.escape():
            return
        if key in {Qt.Key.Key_Left, Qt.Key.Key_Right} and points:
            step = 1 if key is Qt.Key.Key_Right else -1
            self.chosen = points[min(max(at + step, 0), len(points) - 1)]
        elif key in {Qt.Key.Key_Up, Qt.Key.Key_Down} and at >= 0 and self.line != PROGRAM and stage.may_write:
            self._nudge(points[at], (1 if key is Qt.Key.Key_Up else -1) * (10 if much else 1))
        elif key in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace} and at >= 0 and stage.may_write:
            stage.apply(edits.remove_control(stage.clip_id, points[at]))
            self.chosen = points[at - 1] if at else None
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and stage.may_write:
            self._put_at_playhead(points)
        else:
            event.ignore()
            return
        self._describe()
        self.update()

    def _nudge(self, point: Control, by: int) -> None:
        stage = self._view.stage
        scale = 128 if self.line == BEND else 127 if self.line in SWITCHES else 1
        value = value_of(point) + by * scale
        moved = edits.make_point(self.line, point.tick, value)
        edit = edits.move_control(stage.clip_id, point, point.tick, value, f"point {stage.clip_id} {point.tick}")
        if stage.apply(edit, close=False):
            self.chosen = moved

    def _put_at_playhead(self, points: list[Control]) -> None:
        """Sets a point at the playhead, at the height of the one before it."""
        stage = self._view.stage
        clip = stage.written
        assert clip is not None
        own = min(max(round(stage.playhead_tick) - clip.origin, clip.lead), clip.lead + clip.ticks - 1)
        own = own % clip.loop if clip.loop else own
        before = [point for point in points if point.tick <= own]
        if self.line == PROGRAM:
            self._choose_program(self.place(own, 64), None)
            return
        value = value_of(before[-1]) if before else edits.range_of(self.line)[2]
        made = edits.make_point(self.line, own, value)
        if stage.apply(edits.put_control(stage.clip_id, made)):
            self.chosen = made

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def _describe(self) -> None:
        self.setAccessibleDescription(point_text(self.chosen) if self.chosen is not None else "No point is chosen")
