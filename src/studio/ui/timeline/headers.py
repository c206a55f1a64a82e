"""The track headers at the left: name, colour, M S R, level, meter; chosen, renamed, dragged and sized by hand."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from ...document.edits import mix, tracks
from ...engine.audio.status import EngineStatus
from .. import theme
from ..controls import (
    InlineEdit,
    Meter,
    decibels,
    fader_level,
    fader_position,
    fall,
    gain_of,
    level_text,
    meter_position,
)
from ..file_drops import FileDrops
from . import menus
from .header_layout import WIDTH, Layout, layout
from .header_paint import paint_lane, paint_meter
from .header_pictures import HeaderPictures
from .instruments import instrument_name
from .scene import Row

if TYPE_CHECKING:
    from .view import TimelineView

__all__ = ["WIDTH", "Headers"]

BORDER = 4
"""Within this many pixels of its lower border a header is sized."""

SILENCE = 1e-5
"""A meter below this shows nothing."""

_Drag = Callable[[QMouseEvent], None]


class Headers(QWidget):
    """The headers of all rows, scrolled with the canvas."""

    def __init__(self, view: TimelineView) -> None:
        super().__init__(view)
        self._view = view
        self._pictures = HeaderPictures()
        self._meters: dict[str, Meter] = {}
        self._shown: dict[str, object] = {}
        self._last = time.monotonic()
        self._hover: tuple[str, str] = ("", "")
        self._live: dict[str, float] = {}
        self._drag: _Drag | None = None
        self._done: Callable[[], None] | None = None
        self._undo: Callable[[], None] | None = None
        self._pressed: tuple[QPoint, Row, str] | None = None
        self._drops = FileDrops(self, self._instrument_at, view.samples_dropped.emit)
        self.setMouseTracking(True)
        self.setAccessibleName("Track headers")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # -- the picture ---------------------------------------------------------------------------------------------

    def _extent(self, row: Row) -> tuple[int, int]:
        """The upper edge and the height of the header of a row."""
        canvas = self._view.stage.canvas
        ratio = canvas.axis.ratio
        top = round((row.top - canvas.top) / ratio)
        return top, round((row.top + row.height - canvas.top) / ratio) - top

    def box(self, row: Row) -> QRect:
        """Where the header of a row is."""
        top, height = self._extent(row)
        return QRect(0, top, WIDTH, height)

    def parts(self, row: Row) -> Layout:
        """The layout of a track's header."""
        return layout(self._extent(row)[1], row.track.kind != "bus", row.track.instrument is not None)

    def paintEvent(self, event: QPaintEvent) -> None:
        try:
            self._paint(event)
        except Exception as error:  # an exception that leaves a paint event ends the program
            self._view.paint_failed(error)

    def _paint(self, event: QPaintEvent) -> None:
        stage = self._view.stage
        canvas, exposed = stage.canvas, event.region().boundingRect()
        ratio = canvas.axis.ratio
        with QPainter(self) as painter:
            end = round((stage.scene.height - canvas.top) / ratio)
            painter.fillRect(0, max(end, 0), WIDTH, self.height(), theme.color("panel"))
            top = canvas.top + int(exposed.top() * ratio) - 1
            for row in stage.scene.rows_between(top, canvas.top + int((exposed.bottom() + 1) * ratio) + 1):
                self._paint_row(painter, row, exposed)
            painter.fillRect(WIDTH - 1, 0, 1, self.height(), theme.color("line"))

    def _paint_row(self, painter: QPainter, row: Row, exposed: QRect) -> None:
        box, track = self.box(row), row.track
        if row.lane >= 0:
            paint_lane(painter, box, track, row.lane + 1)
            return
        parts = self.parts(row)
        place = parts.meter.translated(box.topLeft())
        if not place.contains(exposed):
            hover = self._hover[1] if self._hover[0] == track.id else ""
            gain = self._live.get(track.id, track.strip.gain)
            self._pictures.paint(painter, box, parts, row, track.id == self._view.stage.track_id, gain, hover)
        meter = self._meters.get(track.id)
        if place.height() > 0:
            levels = (meter.levels[0], meter.levels[1]) if meter else (0.0, 0.0)
            paint_meter(painter, place, levels, meter.clipped if meter else False)

        if self._drops.over == track.id:
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(1, 1, -2, -2))

    def _instrument_at(self, at: QPoint) -> str | None:
        """The instrument track at a place that sounds can be dropped on."""
        row, document = self._row_at(at), self._view.stage.document
        if row is None or row.track.instrument is None or document is None or document.read_only:
            return None
        return row.track.id

    def feed(self, status: EngineStatus) -> None:
        """Moves the meters; repaints those that look different and can be seen."""
        now = time.monotonic()
        seconds, self._last = min(now - self._last, 0.1), now
        factor = fall(seconds)
        stage = self._view.stage
        canvas = stage.canvas
        for row in stage.scene.rows_between(canvas.top, canvas.top + canvas.backing.height):
            if row.lane >= 0:
                continue
            key = row.track.id
            meter, peaks = self._meters.setdefault(key, Meter()), status.meters.get(key)
            if peaks is None and meter.levels[0] < SILENCE and meter.levels[1] < SILENCE and key in self._shown:
                continue
            meter.feed(*(peaks or (0.0, 0.0)), factor, seconds)
            place = self.parts(row).meter
            height = place.height()
            left, right = meter.levels
            rows = (int(meter_position(left) * height), int(meter_position(right) * height), meter.clipped)
            if height > 0 and self._shown.get(key) != rows:
                self._shown[key] = rows
                self.update(place.translated(self.box(row).topLeft()))
        for key, peaks in status.meters.items():  # a clip light comes on where nobody looks, too
            if max(peaks) >= 1.0:
                self._meters.setdefault(key, Meter()).clipped = True

    # -- hands ---------------------------------------------------------------------------------------------------

    def _part_at(self, row: Row, at: QPoint) -> str:  # noqa: PLR0911
        """What of a header lies at a point: a letter, "level", "lanes", "meter", "name", or nothing."""
        if row.lane >= 0:
            return ""
        parts, inside = self.parts(row), at - self.box(row).topLeft()
        if self.box(row).height() - inside.y() <= BORDER:
            return "border"
        for letter, place in parts.buttons.items():
            if place.contains(inside):
                return letter
        if parts.lanes.contains(inside) and row.plan.comps:
            return "lanes"
        if parts.level.adjusted(-4, 0, 4, 0).contains(inside):
            return "level"
        if parts.meter.adjusted(-4, 0, 8, 0).contains(inside):
            return "meter"
        if parts.instrument.contains(inside):
            return "instrument"
        return "name" if parts.name.contains(inside) else ""

    def _row_at(self, at: QPoint) -> Row | None:
        canvas = self._view.stage.canvas
        return self._view.stage.scene.row_at(int(at.y() * canvas.axis.ratio) + canvas.top)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at, stage = event.position().toPoint(), self._view.stage
        row = self._row_at(at)
        self._view.setFocus(Qt.FocusReason.MouseFocusReason)
        if row is not None:
            stage.pick_track(row.track.id)
        if event.button() == Qt.MouseButton.RightButton:
            menus.show_track_menu(self._view, row.track.id if row else "", event.globalPosition().toPoint())
        elif event.button() == Qt.MouseButton.LeftButton and row is not None:
            part = self._part_at(row, at)
            self._pressed = (at, row, part)
            if part == "level":
                self._take_level(row, event)
            elif part == "border":
                self._take_border(row, at.y())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        if self._pressed is None:
            self._look(at)
            return
        start, row, part = self._pressed
        far = (at - start).manhattanLength() >= QApplication.startDragDistance()
        if self._drag is None and far and part in {"", "name", "instrument"} and row.lane < 0:
            self._take_row(row)
        if self._drag is not None:
            self._drag(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        (_, row, part), done = self._pressed, self._done
        dragged = self._drag is not None
        self._end()
        if done is not None:
            done()
        elif not dragged:
            self._click(row, part)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event.position().toPoint())
        if row is None or event.button() != Qt.MouseButton.LeftButton:
            return
        part = self._part_at(row, event.position().toPoint())
        if part == "level":
            self._view.stage.apply(mix.set_gain(row.track.id, 1.0))
        elif part == "instrument":
            self._view.instrument_requested.emit(row.track.id)
        elif part in {"", "name"} and row.lane < 0:
            self.rename(row.track.id)
        elif part in {"M", "S", "R", "lanes"}:
            self._click(row, part)

    def escape(self) -> bool:
        """Cancels the drag in progress; False when there is none."""
        undo = self._undo
        if self._drag is None or undo is None:
            return False
        self._end()
        undo()
        self.update()
        return True

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._view.navigation.wheel(event)

    def leaveEvent(self, _event: object) -> None:
        self._hover = ("", "")
        self.update()

    def rename(self, track_id: str) -> None:
        """Edits the name of a track in place."""
        self._view.navigation.reveal_track(track_id)
        row = self._view.stage.scene.row(track_id)
        if row is None:
            return
        name = self.parts(row).name.translated(self.box(row).topLeft())
        place = QRect(name.left() - 4, name.top(), max(name.width(), 120) + 8, max(name.height(), 22))
        editor = InlineEdit(self, place, row.track.name, "Name of the track")
        editor.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        editor.accepted.connect(lambda text: self._view.editing.name_track(track_id, text))

    def _click(self, row: Row, part: str) -> None:
        track, apply = row.track, self._view.stage.apply
        if part == "M":
            apply(mix.set_mute(track.id, not track.strip.mute))
        elif part == "S":
            apply(mix.set_solo(track.id, not track.strip.solo))
        elif part == "R":
            apply(tracks.arm(track.id, not track.armed))
        elif part == "lanes":
            apply(tracks.open_lanes(track.id, not track.lanes_open))
        elif part == "meter" and track.id in self._meters:
            self._meters[track.id].clear()

    def _look(self, at: QPoint) -> None:
        row = self._row_at(at)
        part = self._part_at(row, at) if row else ""
        shape = Qt.CursorShape.SizeVerCursor if part == "border" else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)
        hover = (row.track.id if row else "", part)
        if hover != self._hover:
            self._hover = hover
            texts = {"M": "Mute", "S": "Solo", "R": "Arm to record", "lanes": "Show or hide takes"}
            if row is not None and part == "instrument":
                texts["instrument"] = f"{instrument_name(row.track.instrument)}: double-click to edit the instrument"
            self.setToolTip(texts.get(part, ""))
            self.update()

    def _take_level(self, row: Row, event: QMouseEvent) -> None:
        track, width = row.track, self.parts(row).level.width()
        start = fader_position(decibels(track.strip.gain)) if track.strip.gain > 0 else 0.0
        x, session = event.position().x(), self._view.stage.session

        def drag(moved: QMouseEvent) -> None:
            fine = 0.2 if moved.modifiers() & Qt.KeyboardModifier.ControlModifier else 1.0
            position = min(max(start + (moved.position().x() - x) / width * fine, 0.0), 1.0)
            level = fader_level(position)
            gain = gain_of(level)
            self._live[track.id] = gain
            if session is not None:
                session.set_strip_live(track.id, gain=gain)
            QToolTip.showText(moved.globalPosition().toPoint(), f"{level_text(level)} dB", self)
            self.update(self.box(row))

        def done() -> None:
            gain = self._live.pop(track.id, None)
            if gain is not None and not math.isclose(gain, track.strip.gain, rel_tol=1e-9):
                self._view.stage.apply(mix.set_gain(track.id, gain))

        def undo() -> None:
            self._live.pop(track.id, None)
            if session is not None:
                session.set_strip_live(track.id, gain=track.strip.gain)

        self._drag, self._done, self._undo = drag, done, undo

    def _take_border(self, row: Row, y: int) -> None:
        view = self._view
        scene, before = view.stage.scene, view.stage.scene.logical_height(row.track.id)
        grip = self.box(row).top() + before - y

        def set_height(height: int) -> None:
            scene.set_height(row.track.id, height)
            view.stage.canvas.mark_all()
            view.navigation.update_ranges()
            view.update_all()

        def drag(moved: QMouseEvent) -> None:
            now = scene.row(row.track.id)
            if now is not None:
                set_height(round(moved.position().y()) + grip - self.box(now).top())

        self._drag, self._done, self._undo = drag, lambda: None, lambda: set_height(before)

    def _take_row(self, row: Row) -> None:
        stage, track_id = self._view.stage, row.track.id

        def drag(moved: QMouseEvent) -> None:
            over = self._row_at(moved.position().toPoint())
            others = [track.id for track in stage.project.tracks if track.id != track_id] if stage.project else []
            if over is None:
                index = len(others) if moved.position().y() > 0 else 0
            elif over.track.id == track_id:
                return
            else:
                index = others.index(over.track.id)
                shown = [one.track.id for one in stage.scene.track_rows()]
                if shown.index(over.track.id) > shown.index(track_id):
                    index += 1
            self._order = tracks.move_track(track_id, index)
            stage.preview(self._order)

        def done() -> None:
            if self._order is not None:
                stage.apply(self._order)

        self._order = None
        self._drag, self._done, self._undo = drag, done, lambda: stage.preview(None) and None

    def _end(self) -> None:
        self._drag, self._done, self._undo, self._pressed = None, None, None, None
