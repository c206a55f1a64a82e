"""The tune: motifs that come back, phrases that ask, answer and breathe, chord tones where it counts."""

from __future__ import annotations

from collections.abc import Sequence

from ....document.harmony import SCALES, Chord
from ..genres.genre import Rhythm
from ..genres.lines import bars_of
from ..harmony.symbols import tones
from .chance import Chance
from .draft import Draft, loudness
from .sheet import Bar, Sheet

PHRASE = 4
"""Bars of a phrase: two that ask and two that answer."""

ROLES = (0, 1, 0, 2)
"""Which motif the bars of a phrase use: the first comes back."""

HEIGHTS = (0.45, 0.62, 0.55, 0.36)
"""Where in its range the tune stands in each bar of a phrase: it rises and comes down."""

TENTH = 16
"""Semitones that a tune spans at most: what most people can sing."""

AGAIN = 0.5
"""How often a bar of a tune that comes back is another one, in a genre that never repeats itself."""

LIFT = {
    "chorus": 0.22,
    "drop": 0.22,
    "pre-chorus": 0.1,
    "bridge": 0.05,
    "solo": 0.2,
    "verse": -0.08,
    "intro": -0.1,
    "outro": -0.1,
}
"""How much higher in its range the tune of a section stands."""


class Tune:
    """What one section's tune is made of, while it is being written."""

    def __init__(self, sheet: Sheet, bar: Bar) -> None:
        self.sheet, kind = sheet, sheet.genre.melody
        mode = kind.scale.get(sheet.key.mode, sheet.key.mode)
        self.classes = frozenset((sheet.key.tonic + step) % 12 for step in SCALES[mode])
        spare = max(kind.high - kind.low - TENTH, 0)
        self.low = kind.low + round(spare * min(max(0.5 + 2 * LIFT.get(bar.section.kind, 0.0), 0.0), 1.0))
        self.high = min(self.low + TENTH, kind.high)
        self.ladder = [pitch for pitch in range(self.low, self.high + 1) if pitch % 12 in self.classes]

    def moved(self, pitch: int, steps: int) -> int:
        """The pitch so many steps of the ladder away, turned back at its ends."""
        at = min(range(len(self.ladder)), key=lambda n: (abs(self.ladder[n] - pitch), n)) + steps
        top = len(self.ladder) - 1
        at = -at if at < 0 else at
        at = 2 * top - at if at > top else at
        return self.ladder[min(max(at, 0), top)]

    def settled(self, pitch: int, chord: Chord, wanted: frozenset[int] | None = None) -> int:
        """The nearest chord tone to a pitch, of the wanted classes if the chord has them."""
        own = _classes(chord)
        classes = (wanted & own if wanted else own) or own
        places = [place for place in range(self.low, self.high + 1) if place % 12 in classes]
        return min(places, key=lambda place: (abs(place - pitch), place)) if places else pitch

    def onward(self, pitch: int, chord: Chord, up: bool) -> int:
        """The next chord tone above or below a pitch; the pitch itself at the end of the range."""
        own = _classes(chord)
        rest = range(pitch + 1, self.high + 1) if up else range(pitch - 1, self.low - 1, -1)
        return next((place for place in rest if place % 12 in own), pitch)


def _classes(chord: Chord) -> frozenset[int]:
    return frozenset((chord.root + tone) % 12 for tone in tones(chord))


def write_melody(sheet: Sheet, bars: Sequence[Bar]) -> list[Draft]:
    """The melody of some bars, unfelt."""
    notes: list[Draft] = []
    tunes: dict[int, Tune] = {}
    for bar in bars:
        tune = tunes.setdefault(bar.section.number, Tune(sheet, bar))
        notes += _bar(tune, bar, notes[-1].pitch if notes else _before(sheet, bar))
    return notes


def _before(sheet: Sheet, bar: Bar) -> int | None:
    """The pitch that the bar before ends on, where it is written already."""
    heard = [note for note in sheet.written.get("melody", ()) if note.start < bar.start]
    return max(heard, key=lambda note: note.start).pitch if heard else None


def _bar(tune: Tune, bar: Bar, last: int | None) -> list[Draft]:
    sheet, kind = tune.sheet, tune.sheet.genre.melody
    within = bar.within % PHRASE
    role = ROLES[within]
    own = _own(sheet, bar)
    faithful = own.happens(kind.repeat)
    motif = sheet.habit("melody", bar, "motif", role) if faithful else own
    if role == 1 and own.happens(kind.rest * 0.5) and bar.section.bars > 2:
        return []
    places = _places(sheet, bar, motif, within)
    moves = [_move(motif, kind.leap) for _ in places]
    height = HEIGHTS[within] + 0.12 * (sheet.habit("melody", bar, "height", role).unit() - 0.5)
    pitch = tune.settled(round(tune.low + height * (tune.high - tune.low)), sheet.chord_at(bar.start))
    if last is not None and bar.within:
        pitch = round(0.35 * last + 0.65 * pitch)
    notes: list[Draft] = []
    for n, (start, drawn, strong) in enumerate(places):
        pitch = tune.moved(pitch, moves[n]) if n else tune.moved(pitch, 0)
        chord = sheet.chord_under(start, drawn)
        if n == len(places) - 1 and within in (1, 3):
            pitch = _cadence(tune, pitch, chord, within)
        elif strong or drawn >= sheet.beat or _counts(sheet, bar, start, drawn):
            pitch = tune.settled(pitch, chord)
            if moves[n] and pitch == (notes[-1].pitch if notes else last):
                pitch = tune.onward(pitch, chord, moves[n] > 0)
        length = _cut(sheet, pitch, start, drawn)
        level = 1.08 if strong else 0.94
        level += 0.06 * (pitch - tune.low) / max(tune.high - tune.low, 1)
        notes.append(Draft(start, max(round(length * kind.gate), 1), pitch, loudness(kind.velocity, level)))
    return notes


def _own(sheet: Sheet, bar: Bar) -> Chance:
    """What decides where a bar leaves its motif: the same in each chorus, but for a bar here and there."""
    fresh = sheet.chance("melody", bar, "bar")
    varied = bar.section.turn > 0 and fresh.happens(AGAIN * (1.0 - sheet.genre.melody.repeat))
    return fresh if varied else sheet.tune("melody", bar)


def _counts(sheet: Sheet, bar: Bar, start: int, length: int) -> bool:
    """Whether a tone is held into a strong beat or another chord."""
    strong = 2 * sheet.beat
    return (start - bar.start) % strong + length > strong or sheet.change_after(start) < start + length


def _cut(sheet: Sheet, pitch: int, start: int, length: int) -> int:
    """How long a tone may last: no longer than its chord where it is no tone of the next."""
    change = sheet.change_after(start)
    fits = change >= start + length or pitch % 12 in _classes(sheet.chord_at(change))
    return length if fits or sheet.chord_under(start, length) != sheet.chord_at(start) else change - start


def _cadence(tune: Tune, pitch: int, chord: Chord, within: int) -> int:
    """A question ends open, on another tone than the tonic; an answer comes home where the chord lets it."""
    tonic = tune.sheet.key.tonic
    if within == 1:
        return tune.settled(pitch, chord, frozenset(range(12)) - {tonic})
    return tune.settled(pitch, chord, frozenset({tonic, chord.root, *(_thirds(chord.root))}))


def _thirds(root: int) -> tuple[int, int]:
    return (root + 3) % 12, (root + 4) % 12


def _places(sheet: Sheet, bar: Bar, motif: Chance, within: int) -> list[tuple[int, int, bool]]:
    """Start, length and whether it is a strong beat, for each note of a bar."""
    if sheet.ends(bar):
        return [(bar.start, bar.ticks * 3 // 4, True)]
    rhythm = _rhythm(sheet, bar, motif)
    cycle = bars_of(rhythm.line, bar.ticks)
    steps = cycle[bar.within % len(cycle)]
    step = bar.ticks // len(steps)
    places = []
    for n, sign in enumerate(steps):
        if sign in ".-":
            continue
        length = 1
        while n + length < len(steps) and steps[n + length] == "-":
            length += 1
        start = bar.start + n * step
        places.append((start, length * step, sign == "X" or (start - bar.start) % (2 * sheet.beat) == 0))
    if within == PHRASE - 1 or (bar.closes and bar.section.bars > 1):
        places = _breathing(sheet, bar, places)
    return places


def _breathing(sheet: Sheet, bar: Bar, places: list[tuple[int, int, bool]]) -> list[tuple[int, int, bool]]:
    """The end of a phrase: few notes, the last one held, then air."""
    half = bar.start + bar.ticks // 2
    kept = [place for place in places if place[0] <= half][:4]
    if not kept:
        return places[:1]
    start, _, strong = kept[-1]
    until = min(start + bar.ticks // 2, bar.end - sheet.beat // 2)
    return [*kept[:-1], (start, max(until - start, sheet.beat // 2), strong)]


def _rhythm(sheet: Sheet, bar: Bar, motif: Chance) -> Rhythm:
    usable = sheet.fitting(sheet.genre.melody.rhythms, bar)
    busy = sheet.request.complexity - 0.5
    counts = [sum(sign in "xX" for sign in one.line) / (1 + one.line.strip("|").count("|")) for one in usable]
    middle = sum(counts) / len(counts)
    weights = [
        one.weight * max(1.0 + 2.0 * busy * (count - middle) / middle, 0.05) if middle else one.weight
        for one, count in zip(usable, counts, strict=True)
    ]
    return motif.pick(usable, weights)


def _move(chance: Chance, leap: float) -> int:
    """Steps to the next tone: mostly one, sometimes none, now and then a leap."""
    up = 1 if chance.happens(0.5) else -1
    if chance.happens(leap):
        return up * (2 + chance.below(3))
    return 0 if chance.happens(0.18) else up
