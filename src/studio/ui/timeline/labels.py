"""Short texts as cached pixel arrays, ready to be copied into the backing picture."""

from __future__ import annotations

from collections import OrderedDict
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter

from .. import theme
from .backing import Pixels, image_of
from .columns import paint_of, rgb

KEPT = 4000
WIDEST = 360
"""Longest picture of a name, in logical pixels."""


class Labels:
    """Makes and keeps opaque pictures of names. Main thread."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, int, int, float, int], Pixels] = OrderedDict()

    def label(self, text: str, color: str, style: int, height: int, ratio: float, indent: int = 0) -> Pixels:
        """The name of a clip of a style on a track of a colour, `indent` pixels from the left: uint32 (height, width
        as needed)."""
        key = (text, color, style, height, ratio, indent)
        found = self._kept.get(key)
        if found is None:
            paint = paint_of(color, style)
            found = self._kept[key] = _draw(text, paint.text, paint.band, height, ratio, indent)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return found


@lru_cache(maxsize=64)
def device_font(size: int, ratio: float, weight: theme.Weight = "regular", mono: bool = False) -> QFont:
    """A face for painting in device pixels. Kept: making one gives the interpreter lock away a dozen times."""
    font = theme.font(size, weight, mono)
    font.setPixelSize(round(size * ratio))
    return font


@lru_cache(maxsize=8)
def _metrics(ratio: float) -> QFontMetrics:
    return QFontMetrics(device_font(theme.SMALL, ratio, "medium"))


def _draw(text: str, ink: QColor, ground: QColor, height: int, ratio: float, indent: int) -> Pixels:
    font = device_font(theme.SMALL, ratio, "medium")
    width = min(_metrics(ratio).horizontalAdvance(text) + round(2 * ratio), round(WIDEST * ratio)) + indent
    pixels = np.full((height, max(width, 1)), rgb(ground), np.uint32)
    image: QImage = image_of(pixels)
    with QPainter(image) as painter:
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(
            QRect(indent, 0, width - indent, height), Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text
        )
    return pixels
