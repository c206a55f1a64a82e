"""What scrolls without changing, rows of semitones, beats and notes to sing, painted once in tiles and then moved."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap

WIDTH = 256
"""Logical pixels of a tile."""

MOST = 24
"""Tiles that are kept: those of the view, and some that it goes back to."""

PaintTile = Callable[[QPainter, float, float], None]
"""Paints what lies between two pixels, counted from second 0, into a painter whose left edge is the first."""


class Tiles:
    """Main thread. `key` is all that the tiles depend on; with another one they are painted anew, and while it changes
    from frame to frame nothing is kept."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._made: dict[int, QPixmap] = {}

    def draw(self, painter: QPainter, key: tuple[object, ...], box: QRectF, left: float, paint: PaintTile) -> bool:
        """Draws the pixels from `left` on, counted from second 0, into a box; False where they change too fast."""
        if key != self._key:
            self._key = key
            self._made.clear()
            return False
        ratio = painter.device().devicePixelRatioF()
        begin = round(left * ratio) / ratio
        for number in range(math.floor(begin / WIDTH), math.floor((begin + box.width()) / WIDTH) + 1):
            at = QPointF(box.left() + number * WIDTH - begin, box.top())
            painter.drawPixmap(at, self._tile(number, box.height(), ratio, paint))
        return True

    def _tile(self, number: int, height: float, ratio: float, paint: PaintTile) -> QPixmap:
        made = self._made.get(number)
        if made is None:
            if len(self._made) >= MOST:
                self._made.pop(next(iter(self._made)))
            made = QPixmap(QSize(math.ceil(WIDTH * ratio), math.ceil(height * ratio)))
            made.setDevicePixelRatio(ratio)
            with QPainter(made) as painter:
                paint(painter, number * WIDTH, (number + 1) * WIDTH)
            self._made[number] = made
        return made
