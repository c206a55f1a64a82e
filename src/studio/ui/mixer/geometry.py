"""Where everything stands inside a strip: pure arithmetic on a 4 px grid."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect

from ..theme import GAP, HIT, PAD

LINE = 18
"""Height of one line of the list of inserts and sends."""

METER = 18
"""Width of a meter."""

LEAST_FADER = 72
"""A fader is never lower than this."""


@dataclass(frozen=True)
class Places:
    """The rectangles of a strip, in its own coordinates. `inserts` may be empty."""

    inserts: QRect
    buttons: QRect
    pan: QRect
    chip: QRect
    level: QRect
    peak: QRect
    fader: QRect
    meter: QRect
    scale: QRect
    name: QRect


def places(width: int, height: int, lines: int) -> Places:
    """The rectangles of a strip of this size whose mixer shows `lines` lines of inserts."""
    inner = width - 2 * PAD
    room = height - LEAST_FADER - FIXED
    shown = max(0, min(lines, room // LINE))
    y = PAD
    inserts = QRect(PAD, y, inner, shown * LINE)
    y += shown * LINE + (GAP if shown else 0)
    buttons = QRect(PAD, y, inner, HIT)
    y += HIT + GAP
    pan, chip = QRect(PAD, y, 52, HIT), QRect(width - PAD - 34, y, 34, HIT)
    y += HIT + GAP
    half = min(inner, 88) // 2
    level, peak = QRect(PAD, y, half - 2, LINE), QRect(PAD + half + 2, y, half - 2, LINE)
    y += LINE + GAP
    name = QRect(PAD, height - PAD - HIT, inner, HIT)
    tall = max(LEAST_FADER, name.y() - PAD - y)
    fader = QRect(PAD + (half - 40) // 2, y, 40, tall)
    meter = QRect(peak.x() + (peak.width() - METER) // 2, y + 6, METER, tall - 12)
    scale = QRect(meter.right() + GAP, y, 20, tall)
    return Places(inserts, buttons, pan, chip, level, peak, fader, meter, scale, name)


FIXED = PAD + HIT + GAP + HIT + GAP + LINE + GAP + PAD + HIT + PAD
"""Height of everything in a strip but inserts and fader."""

LEAST_HEIGHT = FIXED + LEAST_FADER
