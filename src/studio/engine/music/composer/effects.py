"""What leads into a fuller section: a tone that rises to its first beat."""

from __future__ import annotations

from collections.abc import Sequence

from ....document.notes import Bend, Control, Controller
from .draft import Draft
from .sheet import Bar, Sheet

STEPS = 32
"""Points of a rise."""

EXPRESSION = 11


def write_effects(sheet: Sheet, bars: Sequence[Bar]) -> list[Draft]:
    """The risers that begin in some bars, unfelt."""
    return [rise for bar in bars if (rise := _rise(sheet, bar)) is not None]


def _rise(sheet: Sheet, bar: Bar) -> Draft | None:
    """A riser over the last bar of a section, or over its last two where the next one is much fuller."""
    after = bar.section.number + 1
    if after >= len(sheet.sections):
        return None
    gain = sheet.sections[after].energy - bar.section.energy
    bars = 2 if gain > 0.3 and bar.section.bars >= 4 else 1
    if bar.within != bar.section.bars - bars or gain <= 0.05:
        return None
    if not sheet.chance("effects", bar, "riser").happens(sheet.genre.transitions.riser):
        return None
    return Draft(bar.start, bars * bar.ticks, 60 + sheet.key.tonic, 88)


def rises(notes: Sequence[Draft]) -> list[Control]:
    """The bends and swells of risers, at their ticks; the wheel is back in the middle when one ends."""
    points: list[Control] = []
    for note in notes:
        for n in range(STEPS):
            tick = note.start + note.length * n // STEPS
            points.append(Bend(tick, -8192 + 16383 * n // STEPS))
            points.append(Controller(tick, EXPRESSION, 30 + 97 * n // STEPS))
        points.append(Bend(note.end - 1, 8191))
    return points


def ducked(kicks: Sequence[int], depth: float, beat: int, end: int) -> list[Control]:
    """Expression that each kick pushes down by `depth` and that is back after most of a beat, as side-chaining does."""
    points: list[Control] = []
    for n, kick in enumerate(kicks):
        until = min(kicks[n + 1] if n + 1 < len(kicks) else end, kick + beat * 3 // 4)
        for step in range(8):
            tick = kick + beat * 3 // 4 * step // 8
            if tick < until:
                way = step / 8
                points.append(Controller(tick, EXPRESSION, round(127 * (1.0 - depth * (1.0 - way) * (1.0 - way)))))
        if kick + beat * 3 // 4 <= until < end:
            points.append(Controller(until, EXPRESSION, 127))
    return points
