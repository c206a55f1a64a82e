"""Where the parts of a track header are, by its height. Logical pixels, relative to the header's corner."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QRect

from .. import theme

WIDTH = 204
BAR = 4
METER = 6
BUTTON = 26


@dataclass(frozen=True)
class Layout:
    """The parts of a header; `buttons` are the hit areas of M, S and R. A part without room is empty."""

    name: QRect
    buttons: dict[str, QRect]
    level: QRect
    meter: QRect
    lanes: QRect


@lru_cache(maxsize=256)
def layout(height: int, audio: bool) -> Layout:
    """The layout of a header of `height` logical pixels. Buses have no R."""
    letters = "MSR" if audio else "MS"
    meter = QRect(WIDTH - 14, 4, METER, max(height - 9, 0)) if height >= 16 else QRect()
    left, right = BAR + 10, WIDTH - 20
    if height >= 50:
        y = height // 2 + 1 if height < 80 else 36
        buttons = {letter: QRect(left - 2 + i * (BUTTON + 2), y, BUTTON, theme.HIT) for i, letter in enumerate(letters)}
        x = left - 2 + 3 * (BUTTON + 2) + 6
        level = QRect(x, y, right - x - 2, theme.HIT)
        return Layout(
            QRect(left, y - 25, right - left - 24, 22), buttons, level, meter, QRect(right - 22, y - 25, 22, 22)
        )
    if height >= theme.HIT:
        y = (height - theme.HIT) // 2
        x = right - len(letters) * BUTTON
        buttons = {letter: QRect(x + i * BUTTON, y, BUTTON, theme.HIT) for i, letter in enumerate(letters)}
        return Layout(QRect(left, y, x - left - 4, theme.HIT), buttons, QRect(), meter, QRect())
    return Layout(QRect(left, 0, right - left, height - 1), {}, QRect(), meter, QRect())
