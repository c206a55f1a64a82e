"""The rounded corners of clips, as small pictures that are copied over the square ones."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from .. import theme
from .backing import Pixels, image_of
from .columns import rgb

Ints = npt.NDArray[np.int64]
Corners = tuple[Pixels, Pixels, Pixels, Pixels]


@lru_cache(maxsize=512)
def corners(radius: int, hair: int, top: int, bottom: int, edge: int) -> Corners:
    """Upper left, upper right, lower left, lower right: uint32 (radius, radius) each.

    `top` and `bottom` are the pixels of the clip's body there, `edge` that of its outline (0 for none).
    """
    size = radius * 2
    pixels = np.full((size, size), rgb(theme.color("bg")), np.uint32)
    image = image_of(pixels)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row, body in ((0, top), (radius, bottom)):
            painter.setClipRect(0, row, size, radius)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(body))
            painter.drawRoundedRect(QRectF(0, 0, size, size), radius, radius)
            if edge:
                half = hair / 2
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(edge), hair))
                painter.drawRoundedRect(QRectF(half, half, size - hair, size - hair), radius - half, radius - half)
    parts = pixels[:radius, :radius], pixels[:radius, radius:], pixels[radius:, :radius], pixels[radius:, radius:]
    return tuple(np.ascontiguousarray(part) for part in parts)  # type: ignore[return-value]


def stamp(pixels: Pixels, x: int, y: int, picture: Pixels) -> None:
    """Copies a picture to (x, y) as far as it lies inside."""
    height, width = picture.shape
    x0, y0 = max(x, 0), max(y, 0)
    x1, y1 = min(x + width, pixels.shape[1]), min(y + height, pixels.shape[0])
    if x1 > x0 and y1 > y0:
        pixels[y0:y1, x0:x1] = picture[y0 - y : y1 - y, x0 - x : x1 - x]


def stamp_all(pixels: Pixels, xs: Ints, ys: Ints, pictures: Pixels) -> None:
    """Copies square pictures, uint32 (n, size, size), each to its place (xs, ys), as far as they lie inside."""
    if not len(xs):
        return
    size = pictures.shape[1]
    height, width = pixels.shape
    inside = (xs >= 0) & (xs <= width - size) & (ys >= 0) & (ys <= height - size)
    across, down = xs[inside, None] + np.arange(size), ys[inside, None] + np.arange(size)
    pixels[down[:, :, None], across[:, None, :]] = pictures[inside]
    for i in np.flatnonzero(~inside).tolist():
        stamp(pixels, int(xs[i]), int(ys[i]), pictures[i])
