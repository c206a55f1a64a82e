"""The picture the screen is copied from: 32-bit pixels seen both as an image and as an array."""

from __future__ import annotations

import ctypes

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

Pixels = npt.NDArray[np.uint32]


class Backing:
    """An opaque RGB32 picture in device pixels, `pixels` (height, width) uint32 as 0xffRRGGBB. Main thread."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = max(width, 1), max(height, 1)
        self.pixels: Pixels = np.full((self.height, self.width), 0xFF000000, np.uint32)
        self.image = image_of(self.pixels)
        self._spare: tuple[Pixels, QImage] | None = None

    def shift(self, dx: int, dy: int) -> None:
        """Moves the picture left by `dx` and up by `dy`. What comes in at the other side is undefined.

        One memory move for both: pixels that run over a row's end land in columns that are undefined anyway.
        """
        by = dy * self.width + dx
        count = self.width * self.height - abs(by)
        if by == 0 or count <= 0:
            return
        base = self.pixels.ctypes.data
        to, start = (base, base + by * 4) if by > 0 else (base - by * 4, base)
        ctypes.memmove(to, start, count * 4)

    def stretch(self, source: npt.NDArray[np.int64], empty: int) -> None:
        """Replaces column i by column `source[i]` of the picture as it was, or by the colour `empty` outside of it.

        `source` rises. The picture goes into a second array, which takes the place of the first: half the memory is
        moved that way.
        """
        if self._spare is None:
            pixels = np.empty_like(self.pixels)
            self._spare = pixels, image_of(pixels)
        old, (self.pixels, self.image) = (self.pixels, self.image), self._spare
        self._spare = old
        np.take(old[0], source, axis=1, out=self.pixels, mode="clip")
        self.pixels[:, : int(np.searchsorted(source, 0))] = empty
        self.pixels[:, int(np.searchsorted(source, self.width)) :] = empty


def image_of(pixels: Pixels) -> QImage:
    """An image that shows an array of pixels; keep the array for as long as the image."""
    height, width = pixels.shape
    return QImage(memoryview(pixels).cast("B"), width, height, width * 4, QImage.Format.Format_RGB32)
