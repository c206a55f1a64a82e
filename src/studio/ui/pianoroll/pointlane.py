"""The lane below the notes that shows one controller, the pitch bend or the programs, drawn and dragged by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from ...document.edits import controls as edits
from ...document.edits.controls import PROGRAM, Line, value_of
from ...document.notes import Control, NoteClip, Program
from .. import theme
from ..timeline.axis import Axis
from ..timeline.backing import Backing
from ..timeline.columns import rgb
from ..timeline.labels import device_font
from .lane import replace_scroll
from .lines import line_title, point_text, value_text
from .pointcolumns import columns_of
from .pointhand import NEAR, PointHand
from .pointkeys import PointKeys
from .pointpaint import DOT, Points, heights_of, paint_points
from .programs import show_programs
from .stage import Stage

if TYPE_CHECKING:
    from .view import NoteView

HEIGHT = 104
"""The height of the lane, in logical pixels."""


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
        self._drawn_at: Axis | None = None
        self._dotted = False
        self.chosen: Control | None = None
        nothing = Points(np.zeros(0, np.int64), np.zeros(0, np.int64))
        self._known: tuple[object, Line, list[Control], Points] = (None, 1, [], nothing)
        self.turn = 0
        self._hand, self._keys = PointHand(self), PointKeys(self)
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
        self._drawn_at = None
        self.update()

    @property
    def stage(self) -> Stage:
        """The clip that is edited."""
        return self._view.stage

    # -- where things are ----------------------------------------------------------------------------------------

    def own(self, clip: NoteClip | None) -> list[Control]:
        """The points of the line, in order; of those at one tick the last."""
        if clip is None:
            return []
        if self._known[0] is not clip.control_blocks or self._known[1] != self.line:
            points, ticks, values = columns_of(clip, self.line)
            self._known = (clip.control_blocks, self.line, points, Points(ticks, values))
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
        clip, axis = self.stage.clip, self.stage.axis
        hair = max(round(axis.ratio), 1)
        low, high, _ = edits.range_of(self.line)
        y = int(heights_of(np.array([round(value)]), low, high, self._height(), hair)[0])
        return QPointF(axis.x((clip.origin if clip else 0) + self.turn + tick) / axis.ratio, y / axis.ratio)

    def at(self, where: QPointF, free: bool = True) -> tuple[int, float]:
        """The tick of the clip's own time and the value under a point, inside the clip's window."""
        stage = self.stage
        clip = stage.written
        assert clip is not None
        tick = stage.axis.tick(where.x() * stage.axis.ratio)
        song = round(tick) if free else self._view.grid().nearest(tick)
        own = song - clip.origin - self.turn
        first, last = (0, clip.loop) if clip.loop else (clip.lead, clip.lead + clip.ticks)
        low, high, _ = edits.range_of(self.line)
        hair = max(round(stage.axis.ratio), 1) / stage.axis.ratio
        share = 1 - (where.y() - 2 * hair) / max(self.height() - 4 * hair, 1)
        return min(max(own, first), last - 1), low + min(max(share, 0.0), 1.0) * (high - low)

    def point_at(self, where: QPointF) -> Control | None:
        """The point under the pointer, if any."""
        clip, axis = self.stage.written, self.stage.axis
        points = self.own(clip)
        if clip is None or not points:
            return None
        table, (low, high, _) = self._known[3], edits.range_of(self.line)
        x = (axis.xs((table.ticks + clip.origin + self.turn).astype(np.float64))) / axis.ratio
        far = np.abs(x - where.x())
        if self.line != PROGRAM:
            rows = heights_of(table.values, low, high, self._height(), max(round(axis.ratio), 1))
            far = np.maximum(far, np.abs(rows / axis.ratio - where.y()))
        nearest = int(far.argmin())
        return points[nearest] if far[nearest] <= NEAR else None

    def _height(self) -> int:
        """The height of the picture in device pixels."""
        return -int(-self.height() * self.stage.axis.ratio // 1)

    # -- the picture ---------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        try:
            self._paint()
        except Exception as error:  # an exception that leaves a paint event ends the program
            self._view.paint_failed(error)

    def _paint(self) -> None:
        stage, ratio = self.stage, self.stage.axis.ratio
        size = (-int(-self.width() * ratio // 1), -int(-self.height() * ratio // 1))
        if size != (self.picture.width, self.picture.height):
            self.picture, self._drawn_at = Backing(*size), None
        self._draw_picture()
        with QPainter(self) as painter:
            painter.scale(1 / ratio, 1 / ratio)
            painter.drawImage(QPoint(0, 0), self.picture.image)
            if stage.clip is not None and self.line == PROGRAM:
                self._programs(painter, stage.clip)
            painter.scale(ratio, ratio)
            self._words(painter)

    def _draw_picture(self) -> None:
        """Brings the picture up to date; after scrolling, by moving what is there and painting the rest."""
        axis, width = self.stage.axis, self.picture.width
        clip = self.stage.clip
        dotted = clip is not None and self._points(clip, self.turn).dotted(axis, width)
        (before, was), (self._drawn_at, self._dotted) = (self._drawn_at, self._dotted), (axis, dotted)
        alike = before is not None and was == dotted and replace_scroll(before, axis) == axis
        if before is None or not alike or abs(axis.scroll - before.scroll) >= width:
            self._draw(0, width)
        elif axis.scroll != before.scroll:
            dx, edge = axis.scroll - before.scroll, round(DOT * axis.ratio)
            self.picture.shift(dx, 0)
            self._draw(*((width - dx - edge, width) if dx > 0 else (0, edge - dx)))

    def _draw(self, left: int, right: int) -> None:
        """Paints the columns `left` to `right`."""
        left, right = max(left, 0), min(right, self.picture.width)
        stage, pixels = self.stage, self.picture.pixels[:, left:right]
        axis = replace_scroll(stage.axis, stage.axis, left)
        hair = max(round(axis.ratio), 1)
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
            ink = color if turn == self.turn else theme.mix(color, "bg", 0.5).name()
            begin, end = axis.xs(np.array([first, last], np.float64)).tolist()
            paint_points(pixels, self._points(clip, turn), axis, bounds, ink, (begin, end), self._dotted)

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
        stage, ratio = self.stage, self.stage.axis.ratio
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
        stage = self.stage
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
        if self.line != PROGRAM and self._hover.x() >= 0 and stage.written is not None and self._hand.tool != "erase":
            _, value = self.at(self._hover)
            text = value_text(self.line, value_of(edits.make_point(self.line, 0, value)))
            wide = painter.fontMetrics().horizontalAdvance(text) + 10
            x = min(self._hover.x() + 12, self.width() - wide)
            box = QRectF(x, min(max(self._hover.y() - 22, 0), self.height() - 18), wide, 18)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("raised"))
            painter.drawRoundedRect(box, 4, 4)
            painter.setPen(theme.color("text"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    # -- hands ---------------------------------------------------------------------------------------------------

    @property
    def dragging(self) -> bool:
        """Whether something is being drawn."""
        return bool(self._hand.tool)

    def escape(self) -> bool:
        """Gives up what is being drawn; False when nothing is."""
        return self._hand.escape()

    def choose(self, point: Control | None) -> None:
        """Makes a point the chosen one, which the keys change."""
        self.chosen = point
        self._describe()
        self.update()

    def ask_program(self, tick: int, point: Control | None, where: QPointF) -> None:
        """Asks for a program at a tick of the clip's own time, or for another one in place of a point."""
        stage = self.stage
        track, clip_id = stage.track, stage.clip_id
        usual = track.instrument.bank if track and track.instrument else 0
        bank = point.bank if isinstance(point, Program) else usual

        def put(program: int) -> None:
            stage.apply(edits.put_control(clip_id, edits.make_point(PROGRAM, tick, program, bank)))

        show_programs(self, bank, put, self.mapToGlobal(where.toPoint()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._hand.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover = event.position()
        self._hand.move(event)
        if not self.dragging:
            shape = Qt.CursorShape.SizeAllCursor if self.point_at(self._hover) else Qt.CursorShape.CrossCursor
            self.setCursor(shape)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._hand.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._hand.double_click(event)

    def leaveEvent(self, _event: object) -> None:
        self._hover = QPointF(-1, -1)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._view.wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._keys.press(event):
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def _describe(self) -> None:
        self.setAccessibleDescription(point_text(self.chosen) if self.chosen is not None else "No point is chosen")
