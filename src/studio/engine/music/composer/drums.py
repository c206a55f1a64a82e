"""Drums and percussion: a pattern with its ranked accents, rolls, fills, and a crash where a section opens."""

from __future__ import annotations

from collections.abc import Sequence

from ..genres.genre import Drums, Fill, Pattern
from ..genres.lines import bars_of
from .chance import Chance
from .draft import Draft, loudness
from .sheet import Bar, Sheet

STRONG, PLAIN, MILD, GHOST = 1.18, 1.0, 0.66, 0.44
"""What an accent's velocity is multiplied by."""

SHORT = 120
"""How long a stroke is written, in ticks; drums ring on their own."""

VARIED = 0.22
"""How often an optional accent is decided for one bar alone, as drummers repeat a bar with small changes."""


def write_drums(sheet: Sheet, part: str, drums: Drums, bars: Sequence[Bar]) -> list[Draft]:
    """The strokes of some bars, unfelt."""
    hits: list[Draft] = []
    for bar in bars:
        if sheet.ends(bar):
            hits += _last_stroke(sheet, part, drums, bar)
            continue
        strokes = _groove(sheet, part, drums, bar)
        fill = fill_of(sheet, part, drums, bar)
        if fill is not None:
            strokes = _filled(sheet, drums, strokes, fill, bar)
        else:
            strokes = _rolled(sheet, part, drums, strokes, bar)
        if drums.crash and _opens(sheet, part, bar):
            strokes = [*strokes, _stroke(drums, drums.crash, bar.start, STRONG)]
        hits += strokes
    return hits


def _last_stroke(sheet: Sheet, part: str, drums: Drums, bar: Bar) -> list[Draft]:
    """What the pattern plays on the first beat, and with the drums the kick and the crash."""
    wanted = {lane for lane in ("kick", drums.crash) if lane in drums.lanes and part == "drums"}
    kept = [one for one in _groove(sheet, part, drums, bar) if one.start == bar.start and one.lane not in wanted]
    return [*kept, *(_stroke(drums, lane, bar.start, PLAIN) for lane in sorted(wanted))]


def _groove(sheet: Sheet, part: str, drums: Drums, bar: Bar) -> list[Draft]:
    pattern = _pattern(sheet, part, drums, bar)
    lanes = {lane: bars_of(drawn, bar.ticks) for lane, drawn in pattern.lanes.items()}
    cycle = bar.within % max(map(len, lanes.values()))
    shared = sheet.habit(part, bar, "accents", pattern.name, cycle)
    own = sheet.chance(part, bar, "accents")
    strokes = []
    for lane, drawn in lanes.items():
        steps = drawn[cycle % len(drawn)]
        step = bar.ticks // len(steps)
        for n, sign in enumerate(steps):
            if sign != ".":
                chance = own.unit() if own.happens(VARIED) else None
                level = _level(sign, sheet.request.complexity, shared.unit() if chance is None else chance)
                if level:
                    strokes.append(_stroke(drums, lane, bar.start + n * step, level))
    return strokes


def _pattern(sheet: Sheet, part: str, drums: Drums, bar: Bar) -> Pattern:
    usable = sheet.fitting(drums.patterns, bar, growing=True)
    return sheet.habit(part, bar, "pattern").pick(usable, [one.weight for one in usable])


def _level(sign: str, complexity: float, drawn: float) -> float:
    """What an accent is played with; 0 for one that complexity has not unlocked."""
    if sign == "X":
        return STRONG
    if sign == "x":
        return PLAIN
    if sign == "m":
        return MILD
    if sign == "o":
        return GHOST if drawn < 0.35 + 1.3 * complexity else 0.0
    rank = int(sign) if sign.isdigit() else ord(sign) - ord("a") + 1
    if drawn >= complexity * 10 - rank + 0.5:
        return 0.0
    return PLAIN * 0.9 if sign.isdigit() else GHOST


def _stroke(drums: Drums, lane: str, start: int, level: float) -> Draft:
    kind = drums.lanes[lane]
    return Draft(start, SHORT, kind.pitch, loudness(kind.velocity, level), lane)


def fill_of(sheet: Sheet, part: str, drums: Drums, bar: Bar) -> Fill | None:
    """The fill of a bar: before a new section nearly always, in the middle of a long one more or less."""
    usable = sheet.fitting(drums.fills, bar, growing=True)
    chance = sheet.chance(part, bar, "fill")
    if not usable or sheet.request.fills == 0.0:
        return None
    regular = bar.within % 8 == 7 or (bar.within % 4 == 3 and bar.section.bars > 4)
    closes = bar.closes or sheet.ends(sheet.bars[bar.number + 1])
    wanted = 0.55 + 0.9 * sheet.request.fills if closes else (sheet.request.fills if regular else 0.0)
    if not chance.happens(wanted if closes else wanted * (0.8 if bar.within % 8 == 7 else 0.35)):
        return None
    return chance.pick(usable, [one.weight for one in usable])


def _filled(sheet: Sheet, drums: Drums, strokes: list[Draft], fill: Fill, bar: Bar) -> list[Draft]:
    """The strokes with their tail replaced."""
    begin = bar.start + fill.from_beat * sheet.signature.beat_ticks
    kept = [stroke for stroke in strokes if stroke.start < begin]
    for lane, drawn in fill.lanes.items():
        steps = bars_of(drawn, bar.ticks)[0]
        step = bar.ticks // len(steps)
        for n, sign in enumerate(steps):
            level = _level(sign, sheet.request.complexity, 0.5) if sign != "." else 0.0
            if level and bar.start + n * step >= begin:
                rise = 0.85 + 0.2 * n / len(steps)
                kept.append(_stroke(drums, lane, bar.start + n * step, level * rise))
    return kept


def _rolled(sheet: Sheet, part: str, drums: Drums, strokes: list[Draft], bar: Bar) -> list[Draft]:
    """The strokes with a burst on a lane here and there."""
    for n, roll in enumerate(drums.rolls):
        chance = sheet.chance(part, bar, "roll", n)
        if not chance.happens(roll.chance * sheet.request.complexity * (1.3 if bar.within % 2 else 0.7)):
            continue
        strokes = _burst(
            sheet, drums, strokes, bar, roll.lane, chance.pick(roll.beats), chance.pick(roll.rates), chance
        )
    return strokes


def _burst(
    sheet: Sheet, drums: Drums, strokes: list[Draft], bar: Bar, lane: str, beats: float, rate: int, chance: Chance
) -> list[Draft]:
    beat = sheet.signature.beat_ticks
    length = min(round(beats * beat), bar.ticks)
    places = max((bar.ticks - length) // (beat // 2) + 1, 1)
    begin = bar.start + chance.below(places) * (beat // 2)
    kept = [one for one in strokes if one.lane != lane or not begin <= one.start < begin + length]
    step = beat // rate
    count = max(length // step, 1)
    rising = chance.happens(0.5)
    for n in range(count):
        way = n / count
        kept.append(_stroke(drums, lane, begin + n * step, 0.6 + 0.4 * (way if rising else 1.0 - way)))
    return kept


def _opens(sheet: Sheet, part: str, bar: Bar) -> bool:
    """Whether a crash falls on a bar: where a fuller section begins."""
    if bar.within or bar.number == 0:
        return False
    before = sheet.sections[bar.section.number - 1]
    fuller = bar.section.energy >= before.energy - 0.01
    return fuller and sheet.chance(part, bar, "crash").happens(sheet.genre.transitions.crash)
