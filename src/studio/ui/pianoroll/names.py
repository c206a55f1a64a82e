"""The names written on notes, as cached pictures."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter

from .. import theme
from ..timeline.backing import Pixels, image_of
from ..timeline.labels import device_font


@lru_cache(maxsize=4000)
def name_picture(text: str, ink: int, ground: int, height: int, ratio: float) -> Pixels:
    """A text on a ground, colours as pixels: uint32 (height, width as needed). Main thread; not to be changed."""
    font = device_font(min(theme.SMALL, max(round(height / ratio) - 2, 7)), ratio, "medium")
    width = QFontMetrics(font).horizontalAdvance(text) + round(2 * ratio)
    pixels = np.full((height, max(width, 1)), ground, np.uint32)
    image = image_of(pixels)
    with QPainter(image) as painter:
        painter.setFont(font)
        painter.setPen(QColor.fromRgb(ink))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(QRect(0, 0, width, height), flags, text)
    return pixels
