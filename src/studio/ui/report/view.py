"""The picture of a take: the voice over what was to be sung, to be zoomed, scrolled and clicked to hear."""

from __future__ import annotations

import bisect

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ...actions.results import Result
from ...engine.voice.grading import GradedNote
from .. import theme
from .paint import NAMES, Scale, paint_curve, paint_ground, paint_notes
from .shape import Curve, curve_of, rows_of
from .wording import note_words

MARGIN = 0.5
"""Seconds shown before and after a phrase."""

CLOSEST = 0.5
"""Seconds that are shown at least."""

ZOOM = 1.25


class TakeView(QWidget):
    """Main thread. `note_clicked(number)` is the number of a graded note, `line_clicked(line)` that of a phrase."""

    note_clicked = Signal(int)
    line_clicked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.result: Result | None = None
        self.start, self.end = 0.0, 1.0
        self.chosen = -1
        self._rows = (57.0, 66.0)
        self._curve: Curve | None = None
        self._pixmap = QPixmap()
        self._drawn: tuple[object, ...] = ()
        self._playhead: float | None = None
        self.setAccessibleName("Picture of the take")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(160, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)

    def sizeHint(self) -> QSize:
        return QSize(480, 260)

    # -- what is shown -------------------------------------------------------------------------------------------

    def show_result(self, result: Result | None, keep: bool = False) -> None:
        """Shows a take, the whole of it unless what was shown is to be kept."""
        self.result, self.chosen = result, -1
        self._drawn = ()
        if result is not None:
            coached = result.coached
            self._curve = curve_of(coached.heard.track, coached.judged.graded.notes, result.tolerance)
            if not keep:
                self.show_all()
        self.update()

    @property
    def seconds(self) -> float:
        """The length of the take."""
        return self.result.coached.heard.sound.seconds if self.result is not None else 1.0

    def show_all(self) -> None:
        """Shows the whole take."""
        notes = self._notes
        last = max((note.target.end for note in notes), default=0.0)
        self.show_span(0.0, max(min(last + MARGIN, self.seconds), CLOSEST) if notes else self.seconds)

    def show_span(self, start: float, end: float, same_rows: bool = False) -> None:
        """Shows the seconds from `start` to `end`, and the semitones that are needed there, or the same as before."""
        length = min(max(end - start, CLOSEST), max(self.seconds, CLOSEST))
        middle = (start + end) / 2
        first = min(max(middle - length / 2, 0.0), max(self.seconds - length, 0.0))
        self.start, self.end = first, first + length
        if self._curve is not None and not same_rows:
            seen = self._curve.between(self.start, self.end, 4000)
            self._rows = rows_of(seen, [note.target for note in self._visible()])
        self.update()

    def show_line(self, line: int) -> None:
        """Shows a phrase."""
        notes = [note for note in self._notes if note.line == line]
        if notes:
            self.show_span(notes[0].target.start - MARGIN, max(note.target.end for note in notes) + MARGIN)

    def choose(self, number: int) -> None:
        """Marks a note, -1 for none, and brings it into view."""
        self.chosen = number
        if 0 <= number < len(self._notes):
            note = self._notes[number].target
            if note.start < self.start or note.end > self.end:
                half = (self.end - self.start) / 2
                middle = (note.start + note.end) / 2
                self.show_span(middle - half, middle + half)
        self.update()

    def zoom(self, factor: float, x: float | None = None) -> None:
        """Shows more (below 1) or less of the time around a place, by default the middle."""
        at = self._scale().second(x) if x is not None else (self.start + self.end) / 2
        length = min(max((self.end - self.start) / factor, CLOSEST), max(self.seconds, CLOSEST))
        share = (at - self.start) / max(self.end - self.start, 1e-6)
        self.show_span(at - share * length, at - share * length + length)

    def show_playhead(self, second: float | None) -> None:
        """Draws where the song plays, in seconds of the take; None for nowhere."""
        if second != self._playhead:
            self._playhead = second
            self.update()

    # -- the picture ---------------------------------------------------------------------------------------------

    @property
    def _notes(self) -> tuple[GradedNote, ...]:
        return self.result.coached.judged.graded.notes if self.result is not None else ()

    def _visible(self) -> list[GradedNote]:
        return [note for note in self._notes if note.target.end > self.start and note.target.start < self.end]

    def _scale(self) -> Scale:
        box = QRectF(0, 0, self.width(), self.height())
        return Scale(box, self.start, self.end, *self._rows)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            if self.result is None or self._curve is None:
                painter.fillRect(self.rect(), theme.color("well"))
                return
            scale = self._scale()
            painter.drawPixmap(0, 0, self._ground(scale))
            self._paint_marks(painter, scale)

    def _ground(self, scale: Scale) -> QPixmap:
        """The picture without what moves, painted once for each place and size."""
        ratio = self.devicePixelRatioF()
        key = (self.width(), self.height(), ratio, self.start, self.end, self._rows)
        if key != self._drawn:
            self._drawn = key
            self._pixmap = QPixmap(self.size() * ratio)
            self._pixmap.setDevicePixelRatio(ratio)
            assert self._curve is not None and self.result is not None
            with QPainter(self._pixmap) as painter:
                painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
                paint_ground(painter, scale, self.result.start)
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setClipRect(QRectF(NAMES, 0, self.width() - NAMES, scale.bottom))
                paint_notes(painter, scale, self._visible())
                paint_curve(painter, scale, self._curve.between(self.start, self.end, 4 * self.width()))
        return self._pixmap

    def _paint_marks(self, painter: QPainter, scale: Scale) -> None:
        painter.setClipRect(QRectF(NAMES, 0, self.width() - NAMES, scale.bottom))
        if 0 <= self.chosen < len(self._notes):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color("text"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(scale.bar(self._notes[self.chosen]).adjusted(-2, -2, 2, 2), 4, 4)
        if self._playhead is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.fillRect(QRectF(round(scale.x(self._playhead)), 0, 2, scale.bottom), theme.color("text"))

    # -- the mouse -----------------------------------------------------------------------------------------------

    def note_at(self, place: QPointF) -> int:
        """The number of the note at a place, -1 for none."""
        if self._curve is None or self.result is None:
            return -1
        scale = self._scale()
        for number, note in enumerate(self._notes):
            if scale.bar(note).adjusted(-2, -4, 2, 4).contains(place):
                return number
        return -1

    def line_at(self, second: float) -> int:
        """The phrase that is sung at a second, or the one before it; -1 where there is none."""
        notes = self._notes
        at = bisect.bisect_right([note.target.start for note in notes], second + MARGIN) - 1
        return notes[at].line if at >= 0 and second <= notes[at].target.end + 2 * MARGIN else -1

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self.result is None:
            return
        number = self.note_at(event.position())
        if number >= 0:
            self.note_clicked.emit(number)
            return
        line = self.line_at(self._scale().second(event.position().x()))
        if line >= 0:
            self.line_clicked.emit(line)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(ZOOM if turned > 0 else 1 / ZOOM, event.position().x())
        else:
            by = -turned / 120 * (self.end - self.start) / 8
            self.show_span(self.start + by, self.end + by, same_rows=True)
        event.accept()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            number = self.note_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), note_words(self._notes[number]) if number >= 0 else "", self)
            return True
        return super().event(event)
