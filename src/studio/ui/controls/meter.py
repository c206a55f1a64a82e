"""A stereo peak meter: how it falls and holds, and how it is painted (by the widget that it belongs to)."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPixmap

from ..theme import color, mix
from .levels import meter_position

FALL = 13.3
"""How fast a meter falls, in dB a second."""

HOLD = 1.5
"""How long the mark of a peak stays, in seconds."""

CLIP_ROOM = 4
"""Height of the clip light above the bars, with its gap, in logical pixels."""

_SEGMENT, _SPACE = 3, 1


def fall(seconds: float) -> float:
    """The factor by which meters fall within some seconds. Computed once a tick, shared by all meters."""
    return float(10 ** (-FALL * seconds / 20))


class Meter:
    """The state of one stereo meter, linear peaks. `highest` is the highest peak since `clear`."""

    __slots__ = ("_age", "clipped", "held", "highest", "levels")

    def __init__(self) -> None:
        self.levels = [0.0, 0.0]
        self.held = [0.0, 0.0]
        self._age = [0.0, 0.0]
        self.highest = 0.0
        self.clipped = False

    def feed(self, left: float, right: float, factor: float, seconds: float) -> None:
        """Takes the peaks since the last call; `factor` is `fall(seconds)`."""
        for n, peak in ((0, left), (1, right)):
            self.levels[n] = max(peak, self.levels[n] * factor)
            self._age[n] += seconds
            if peak >= self.held[n]:
                self.held[n], self._age[n] = peak, 0.0
            elif self._age[n] > HOLD:
                self.held[n] = max(self.levels[n], self.held[n] * factor)
            self.highest = max(self.highest, peak)
            if peak >= 1.0:
                self.clipped = True

    def clear(self) -> None:
        """Puts the clip light out and forgets the highest peak."""
        self.highest, self.clipped = 0.0, False
        self.held = list(self.levels)

    def rows(self, height: int) -> tuple[int, int, int, int, bool]:
        """What a picture of `height` rows shows: lit rows and marks of both sides, and the clip light.

        Equal rows need no repaint.
        """
        a, b = self.levels
        c, d = self.held
        return (
            int(meter_position(a) * height),
            int(meter_position(b) * height),
            int(meter_position(c) * height),
            int(meter_position(d) * height),
            self.clipped,
        )


@lru_cache(maxsize=32)
def _bars(width: int, height: int) -> tuple[QPixmap, QPixmap]:
    """A bar fully lit and one fully dark, in device pixels."""
    lit, dark = QPixmap(width, height), QPixmap(width, height)
    full, near = height - int(meter_position(1.0) * height), height - int(meter_position(0.5) * height)
    unit = max(1, round(width / 7))
    with QPainter(lit) as bright, QPainter(dark) as dim:
        for picture in (bright, dim):
            picture.fillRect(0, 0, width, height, color("well"))
        y = height
        while y > 0:
            top = max(0, y - _SEGMENT * unit)
            name = "rec" if y <= full else "warn" if y <= near else "ok"
            bright.fillRect(0, top, width, y - top, color(name))
            dim.fillRect(0, top, width, y - top, mix(name, "well", 0.13))
            y = top - _SPACE * unit
    return lit, dark


def paint_meter(painter: QPainter, rect: QRect, ratio: float, rows: tuple[int, int, int, int, bool]) -> None:
    """Paints a meter of two bars into `rect` (logical pixels, at `ratio` device pixels each).

    `rows` come from `Meter.rows(bar_rows(rect.height(), ratio))`.
    """
    painter.save()
    painter.scale(1 / ratio, 1 / ratio)
    x, y, height = round(rect.x() * ratio), round((rect.y() + CLIP_ROOM) * ratio), bar_rows(rect.height(), ratio)
    gap = max(1, round(2 * ratio))
    width = (round(rect.width() * ratio) - gap) // 2
    lit, dark = _bars(width, height)
    light = color("rec") if rows[4] else mix("rec", "well", 0.16)
    painter.fillRect(x, round(rect.y() * ratio), 2 * width + gap, max(2, round((CLIP_ROOM - 1) * ratio)), light)
    for n in (0, 1):
        left, on, mark = x + n * (width + gap), rows[n], rows[n + 2]
        painter.drawPixmap(left, y, dark, 0, 0, width, height - on)
        painter.drawPixmap(left, y + height - on, lit, 0, height - on, width, on)
        if mark > on:
            row = height - mark
            shade = "rec" if mark > meter_position(1.0) * height else "text"
            painter.fillRect(left, y + row, width, max(1, round(ratio)), color(shade))
    painter.restore()


def bar_rows(height: int, ratio: float) -> int:
    """How many device rows the bars of a meter of `height` logical pixels have."""
    return max(1, round((height - CLIP_ROOM) * ratio))


METER_MARKS = (0, -6, -12, -24, -48)
"""The levels in dB that a scale beside a meter names."""


def paint_meter_scale(painter: QPainter, rect: QRect, bars: QRect) -> None:
    """Writes the scale of a meter painted in `bars` into `rect`, right-aligned. The painter's font is used."""
    painter.setPen(color("dim"))
    height, free = bars.height() - CLIP_ROOM, rect.top() - 6
    for level in METER_MARKS:
        middle = round(bars.bottom() + 1 - meter_position(10 ** (level / 20)) * height)
        if middle - 6 >= free and middle + 6 <= rect.bottom() + 6:
            free = middle + 6
            box = QRect(rect.x(), middle - 6, rect.width(), 12)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(abs(level)))
