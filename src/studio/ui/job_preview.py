"""What a running job shows of what it makes: a small picture, the levels of a sound, or the end of a text."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from . import theme

WAVE = 3.0
"""How much wider than high the levels of a sound are shown."""

LONGEST = 80
"""Characters of the end of a text."""


class Preview:
    """Takes what `engine.jobs.Work.show` was given: uint8 (height, width, 3), float32 (n,) levels 0..1, or text."""

    def __init__(self) -> None:
        self.text = ""
        self._given: Any = None
        self._picture = QImage()
        self._levels: list[float] = []

    def show(self, given: Any) -> None:
        """Shows something else, or nothing for None. Costs nothing where it is what was shown before."""
        if given is self._given:
            return
        self._given, self.text, self._picture, self._levels = given, "", QImage(), []
        if isinstance(given, str):
            self.text = " ".join(given[-2 * LONGEST :].split())[-LONGEST:]
        elif getattr(given, "ndim", 0) == 3:
            height, width, _ = given.shape
            self._picture = QImage(given.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
        elif getattr(given, "ndim", 0) == 1:
            self._levels = [float(level) for level in given]

    def width(self, height: float) -> float:
        """How wide it is where it is so high; 0 where there is nothing to be drawn."""
        if not self._picture.isNull():
            return height * self._picture.width() / self._picture.height()
        return height * WAVE if self._levels else 0.0

    def paint(self, painter: QPainter, place: QRectF) -> None:
        """Draws it into a place as wide as `width` says."""
        if not self._picture.isNull():
            painter.drawImage(place, self._picture)
            return
        step = place.width() / max(len(self._levels), 1)
        there, to_come = theme.color("accent"), theme.color("faint")
        for n, level in enumerate(self._levels):
            half = max(level * place.height() / 2, 0.5)
            painter.fillRect(
                QRectF(place.left() + n * step, place.center().y() - half, step, 2 * half),
                there if level > 0 else to_come,
            )
