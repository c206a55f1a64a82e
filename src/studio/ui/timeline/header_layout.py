"""Where the parts of a track header are, by its height. Logical pixels, relative to the header's corner."""

from __future__ import annotations

from dataclasses import dataclass, field
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
    instrument: QRect = field(default_factory=QRect)


@lru_cache(maxsize=256)
def layout(height: int, records: bool, plays: bool = False) -> Layout:
    """The layout of a header of `height` logical pixels. Buses have no R; a track that `plays` names its instrument.

    The instrument stands below where there is room, else beside the name.
    """
    letters = "MSR" if records else "MS"
    meter = QRect(WIDTH - 14, 4, METER, max(height - 9, 0)) if height >= 16 else QRect()
    left, right = BAR + 10, WIDTH - 20
    if height >= 50:
        y = height // 2 + 1 if height < 80 else 36
        buttons = {letter: QRect(left - 2 + i * (BUTTON + 2), y, BUTTON, theme.HIT) for i, letter in enumerate(letters)}
        x = left - 2 + 3 * (BUTTON + 2) + 6
        level = QRect(x, y, right - x - 2, theme.HIT)
        name, lanes = QRect(left, y - 25, right - left - 24, 22), QRect(right - 22, y - 25, 22, 22)
        if not plays:
            return Layout(name, buttons, level, meter, lanes)
        if height >= y + 2 * theme.HIT + 2:
            return Layout(name, buttons, level, meter, QRect(), QRect(left, y + theme.HIT, right - left, theme.HIT))
        half = (right - left) * 9 // 20
        beside = QRect(left + half + 6, y - 25, right - left - half - 6, 22)
        return Layout(QRect(left, y - 25, half, 22), buttons, level, meter, QRect(), beside)
    if height >= theme.HIT:
        y = (height - theme.HIT) // 2
        x = right - len(letters) * BUTTON
        buttons = {letter: QRect(x + i * BUTTON, y, BUTTON, theme.HIT) for i, letter in enumerate(letters)}
        return Layout(QRect(left, y, x - left - 4, theme.HIT), buttons, QRect(), meter, QRect())
    return Layout(QRect(left, 0, right - left, height - 1), {}, QRect(), meter, QRect())
