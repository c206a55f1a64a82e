"""A small plot of one figure over days."""

from __future__ import annotations

import datetime

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from .. import theme
from .series import Series, told

HEAD, FOOT, SIDE = 24, 18, 38
"""Pixels above, below and at the left of the drawing."""

DOT = 2.5
LEAST = 60.0
"""Seconds around a single take."""


class Plot(QWidget):
    """Dots for takes, a line through the days. Main thread."""

    def __init__(self, series: Series, first: float, last: float) -> None:
        super().__init__()
        self._series = series
        spare = max((last - first) * 0.04, LEAST)
        self._first, self._last = first - spare, last + spare
        low, high = series.range
        if series.signed:
            low, high = min(low, 0.0), max(high, 0.0)
        edge = max((high - low) * 0.08, 0.5)
        self._low, self._high = low - edge, high + edge
        self.setAccessibleName(series.title)
        self.setAccessibleDescription(told(series))
        self.setToolTip(told(series))
        self.setMinimumSize(180, 96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(240, 130)

    def _x(self, when: float) -> float:
        return SIDE + (when - self._first) / (self._last - self._first) * (self.width() - SIDE - 8)

    def _y(self, value: float) -> float:
        room = self.height() - HEAD - FOOT
        return HEAD + room - (value - self._low) / (self._high - self._low) * room

    def paintEvent(self, event: QPaintEvent) -> None:
        series = self._series
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._frame(painter)
            painter.setPen(QPen(theme.mix("#5aa9e6", "well", 0.8), 3))
            for when, low, high in series.spans:
                painter.drawLine(QPointF(self._x(when), self._y(low)), QPointF(self._x(when), self._y(high)))
            painter.setPen(QPen(theme.mix("#5aa9e6", "well", 0.45), 1))
            painter.drawPolyline([QPointF(self._x(when), self._y(value)) for when, value in series.points])
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.mix("#5aa9e6", "well", 0.8))
            for when, value in series.points:
                painter.drawEllipse(QPointF(self._x(when), self._y(value)), DOT, DOT)
            if len(series.days) > 1:
                painter.setPen(QPen(theme.color("accent"), 2))
                painter.drawPolyline([QPointF(self._x(when), self._y(value)) for when, value in series.days])

    def _frame(self, painter: QPainter) -> None:
        series, box = self._series, QRectF(SIDE, HEAD, self.width() - SIDE - 8, self.height() - HEAD - FOOT)
        painter.fillRect(box, theme.color("well"))
        painter.setFont(theme.font(theme.TEXT, "medium"))
        painter.setPen(theme.color("text"))
        painter.drawText(QRectF(SIDE, 2, box.width(), HEAD - 4), Qt.AlignmentFlag.AlignVCenter, series.title)
        newest = series.points[-1:] or series.spans[-1:]
        last = " – ".join(series.words(value) for _, *values in newest for value in values)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.setPen(theme.color("accent"))
        painter.drawText(QRectF(SIDE, 2, box.width(), HEAD - 4), right, last)
        painter.setFont(theme.font(theme.SMALL))
        painter.setPen(theme.color("dim"))
        low, high = series.range
        for value in {low, high}:
            painter.drawText(QRectF(0, self._y(value) - 9, SIDE - 5, 18), right, series.words(value))
        if series.signed and low < 0 < high:
            painter.fillRect(QRectF(SIDE, round(self._y(0.0)), box.width(), 1), theme.color("faint"))
        foot = QRectF(SIDE, self.height() - FOOT, box.width(), FOOT)
        painter.drawText(foot, Qt.AlignmentFlag.AlignVCenter, _date(self._first))
        if _date(self._first) != _date(self._last):
            painter.drawText(foot, right, _date(self._last))


def _date(when: float) -> str:
    return datetime.datetime.fromtimestamp(when).strftime("%d %b").lstrip("0")
