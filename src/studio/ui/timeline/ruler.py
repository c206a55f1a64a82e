"""The ruler: loop, bars, time, markers, sections and chords, and what the mouse does on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from ...document.project import Project
from .. import theme
from ..controls import InlineEdit
from . import menus
from .axis import Axis
from .backing import Backing
from .chord_lane import ChordGesture, paint_chords
from .overlay import playhead_x
from .ruler_gestures import LocateGesture, LoopGesture, MarkerGesture, RulerGesture, SectionGesture
from .ruler_lanes import CHORDS, HEIGHT, LOOP, MARKERS, SECTIONS, TIME, paint_places, paint_playhead, paint_scale

if TYPE_CHECKING:
    from .view import TimelineView

NEXT_TO = 40
"""Closer than this, in logical pixels, two places of the playhead are repainted as one."""

NEAR = 6
"""Reach of an edge, in logical pixels."""


class Ruler(QWidget):
    """Bars and time over the canvas, scrolled with it."""

    def __init__(self, view: TimelineView) -> None:
        super().__init__(view)
        self._view = view
        self._gesture: RulerGesture | None = None
        self._press = QPoint()
        self._scale, self._places = Backing(1, 1), Backing(1, 1)
        self._drawn, self._stale = Axis(), True
        self.setMouseTracking(True)
        self.setAccessibleName("Ruler")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setToolTip("")

    def refresh(self) -> None:
        """The ruler looks different now."""
        self._stale = True
        self.update()

    def move_playhead(self, old: int, new: int) -> None:
        """Repaints where the playhead was and is, in device pixels."""
        ratio = self._view.stage.canvas.axis.ratio
        a, b = sorted((int(old / ratio), int(new / ratio)))
        for left, right in ((a, b),) if b - a < NEXT_TO else ((a, a), (b, b)):
            self.update(QRect(left - 9, 0, right - left + 20, HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        try:
            self._paint(event)
        except Exception as error:  # an exception that leaves a paint event ends the program
            self._view.paint_failed(error)

    def _paint(self, event: QPaintEvent) -> None:
        stage, ratio = self._view.stage, self._view.stage.canvas.axis.ratio
        self._draw()
        with QPainter(self) as painter:
            painter.scale(1 / ratio, 1 / ratio)
            for rect in event.region():
                x, width, y = int(rect.x() * ratio), -int(-rect.width() * ratio // 1) + 1, 0
                for part in (self._scale, self._places):
                    painter.drawImage(QPoint(x, y), part.image, QRect(x, 0, width, part.height))
                    y += part.height
            if stage.project is not None:
                paint_playhead(painter, playhead_x(stage), ratio)

    def _draw(self) -> None:
        """Brings the pictures up to date; after scrolling, by moving what is there and painting the rest."""
        stage = self._view.stage
        project, axis = stage.scene.project, stage.canvas.axis
        old, self._drawn = self._drawn, axis
        width, dx = stage.canvas.backing.width, axis.scroll - old.scroll
        if self._scale.width != width or old.ratio != axis.ratio:
            upper, height = round(TIME[1] * axis.ratio), -int(-HEIGHT * axis.ratio // 1)
            self._scale, self._places, self._stale = Backing(width, upper), Backing(width, height - upper), True
        if not self._stale and old == axis:
            return
        if project is None:
            for part in (self._scale, self._places):
                part.image.fill(theme.color("panel"))
        else:
            same = not self._stale and old.per_tick == axis.per_tick and abs(dx) < width
            self._draw_scale(project, axis, dx if same else width)
            with QPainter(self._places.image) as painter:
                paint_places(painter, project, axis, width)
                paint_chords(painter, project, axis, width)
        self._stale = False

    def _draw_scale(self, project: Project, axis: Axis, dx: int) -> None:
        width = self._scale.width
        if abs(dx) < width:
            self._scale.shift(dx, 0)
        with QPainter(self._scale.image) as painter:
            paint_scale(painter, project, axis, max(width - dx, 0) if dx >= 0 else 0, width if dx >= 0 else -dx)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._view.navigation.wheel(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._view.stage.project is None:
            return
        self._press = event.position().toPoint()
        if event.button() == Qt.MouseButton.RightButton:
            menus.show_ruler_menu(self._view, self._tick(event), self._press.y(), event.globalPosition().toPoint())
        elif event.button() == Qt.MouseButton.LeftButton:
            self._view.setFocus(Qt.FocusReason.MouseFocusReason)
            self._gesture = self._begin(event)
            self._gesture.press(self._tick(event), self._free(event))

    def _begin(self, event: QMouseEvent) -> RulerGesture:
        view, y, tick = self._view, event.position().y(), self._tick(event)
        reach = NEAR * view.stage.canvas.axis.ratio / view.stage.canvas.axis.per_tick
        if y < LOOP[1] or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            return LoopGesture(view, tick, reach)
        if SECTIONS[0] <= y < SECTIONS[1]:
            return SectionGesture(view, tick, reach)
        if y >= CHORDS[0]:
            return ChordGesture(view, tick, reach)
        if MARKERS[0] <= y < MARKERS[1]:
            found = self.marker_at(tick)
            if found:
                return MarkerGesture(view, found)
        return LocateGesture(view)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._gesture is None:
            self._look(event)
            return
        far = (event.position().toPoint() - self._press).manhattanLength() >= QApplication.startDragDistance() // 2
        if far or self._gesture.moved:
            self._gesture.drag(self._tick(event), self._free(event))
            self.refresh()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._gesture is not None and event.button() == Qt.MouseButton.LeftButton:
            gesture, self._gesture = self._gesture, None
            gesture.release()
            self.refresh()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        y, tick = event.position().y(), self._tick(event)
        if self._view.stage.project is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if SECTIONS[0] <= y < SECTIONS[1]:
            found = self.section_at(tick)
            if found:
                self.rename_section(found)
        elif y >= CHORDS[0]:
            self._view.chords.name(int(tick))
        elif TIME[1] <= y < MARKERS[1]:
            found = self.marker_at(tick)
            if found:
                self.rename_marker(found)
            else:
                self._view.editing.add_marker(round(tick), name=True)

    def escape(self) -> bool:
        """Cancels the gesture in progress; False when there is none."""
        if self._gesture is None:
            return False
        gesture, self._gesture = self._gesture, None
        gesture.cancel()
        self.refresh()
        return True

    def section_at(self, tick: float) -> str:
        """The id of the section at a tick, empty for none."""
        project = self._view.stage.project
        found = [s for s in project.sections if s.start <= tick < s.start + s.length] if project else []
        return found[-1].id if found else ""

    def marker_at(self, tick: float) -> str:
        """The id of the marker whose flag lies at a tick, empty for none."""
        project, axis = self._view.stage.project, self._view.stage.canvas.axis
        x = axis.x(tick)
        near = [m for m in project.markers if -NEAR <= (x - axis.x(m.start)) / axis.ratio <= 24] if project else []
        return near[-1].id if near else ""

    def rename_section(self, section_id: str) -> None:
        """Edits the name of a section in place."""
        project = self._view.stage.project
        section = next((s for s in project.sections if s.id == section_id), None) if project else None
        if section is not None:
            box = self.box(section.start, section.length, SECTIONS)
            editor = InlineEdit(self, box, section.name, "Name of the section")
            editor.accepted.connect(lambda text: self._view.editing.name_section(section_id, text))

    def rename_marker(self, marker_id: str) -> None:
        """Edits the name of a marker in place."""
        project = self._view.stage.project
        marker = next((m for m in project.markers if m.id == marker_id), None) if project else None
        if marker is not None:
            editor = InlineEdit(self, self.box(marker.start, 0, MARKERS), marker.name, "Name of the marker")
            editor.accepted.connect(lambda text: self._view.editing.name_marker(marker_id, text))

    def box(self, start: int, length: int, lane: tuple[int, int]) -> QRect:
        """Where a stretch of ticks stands in a lane, wide enough to write in; in logical pixels."""
        axis = self._view.stage.canvas.axis
        left, right = int(axis.x(start) / axis.ratio), int(axis.x(start + length) / axis.ratio)
        left = min(max(left, 0), self.width() - 120)
        return QRect(left, lane[0], max(min(right, self.width()) - left, 120), lane[1] - lane[0])

    def _look(self, event: QMouseEvent) -> None:
        y, tick, project = event.position().y(), self._tick(event), self._view.stage.project
        axis = self._view.stage.canvas.axis
        reach = NEAR * axis.ratio / axis.per_tick
        edges: list[int] = []
        if project is not None and y < LOOP[1]:
            edges = [project.loop.start, project.loop.end]
        elif project is not None and SECTIONS[0] <= y < SECTIONS[1]:
            edges = [edge for s in project.sections for edge in (s.start, s.start + s.length)]
        elif project is not None and y >= CHORDS[0]:
            edges = [edge for c in project.chords for edge in (c.start, c.start + c.length)]
        near = any(abs(tick - edge) <= reach for edge in edges)
        self.setCursor(Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.ArrowCursor)
        lanes = ((LOOP, "Drag to set the loop, click to turn it on or off"), (TIME, "Click to move the playhead"))
        lanes += ((MARKERS, "Double-click to add a marker"), (SECTIONS, "Drag to draw a section"))
        lanes += ((CHORDS, "Drag to draw a chord, double-click to type one"),)
        self.setToolTip(next((text for lane, text in lanes if y < lane[1]), ""))

    def _tick(self, event: QMouseEvent) -> float:
        axis = self._view.stage.canvas.axis
        return max(axis.tick(event.position().x() * axis.ratio), 0.0)

    def _free(self, event: QMouseEvent) -> bool:
        return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)


class Corner(QWidget):
    """The corner between ruler and headers: the names of the ruler's lanes."""

    def __init__(self, view: TimelineView) -> None:
        super().__init__(view)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.color("panel"))
            painter.setFont(theme.font(theme.SMALL))
            painter.setPen(theme.color("dim"))
            for lane, text in ((TIME, "Time"), (MARKERS, "Markers"), (SECTIONS, "Sections"), (CHORDS, "Chords")):
                box = QRect(14, lane[0], self.width() - 20, lane[1] - lane[0])
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
            painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("line"))
            painter.fillRect(self.width() - 1, 0, 1, self.height(), theme.color("line"))
