"""How written notes are played: swing, lanes that drag or push, and a person's unevenness."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ....document.grooves import Groove
from ....document.time import PPQ
from .chance import Chance
from .draft import Draft, Felt, loudness
from .sheet import Bar, Sheet

DRIFT = 0.65
"""How much of the unevenness is a wandering of the pulse that all parts share; `ALONE` completes it to a variance of 1.

The drummers of the Groove MIDI Dataset wander by 11 ms, alike for a beat and unlike after four, and place each stroke
within 13 ms of that (medians of 320 performances).
"""
ALONE = 0.76

TOUCH = 0.6
"""How uneven the loudness of tones is beside that of drums: drummers vary one drum at one place by 14 (median)."""

ON_BEAT = 0.8
"""How much of what is a note's own is left on the beat."""

WANDERING = 4
"""Beats after which the pulse has forgotten where it stood."""

TOGETHER = 0.9
"""How much of what is a note's own the tones of one chord share, as the fingers of a hand do."""
APART = 0.44


def play(sheet: Sheet, part: str, bar: Bar, notes: Sequence[Draft]) -> list[Felt]:
    """The notes of a bar with their feel. Order: swing and the lane's lean, or the groove; unevenness; velocity."""
    feel, request = sheet.genre.feel, sheet.request
    per_ms = PPQ * request.bpm / 60_000
    amount = request.humanise / 0.5
    swing, pair = swing_of(sheet)
    groove = request.groove if part in request.grooved else None
    chance = sheet.chance(part, bar, "feel")
    person = _Person(sheet, chance)
    out = []
    for note in sorted(notes, key=lambda one: (one.start, one.pitch)):
        into = note.start - bar.start
        late = feel.late_ms.get(note.lane, feel.late_ms.get(part, 0.0)) * min(amount, 1.0)
        uneven = person.unevenness(note, into) * feel.timing_ms * amount
        if groove is None:
            placed, accent = swung(into, swing, pair) + round(late * per_ms), 0
        else:
            placed, accent = grooved(groove, note.start)
        moved = placed + round(uneven * per_ms)
        lift = accent + round(chance.bell() * feel.velocity * (1.0 if note.lane else TOUCH) * amount)
        lift = loudness(1.0, note.velocity + lift) - note.velocity
        out.append(Felt(note, moved, lift))
    return out


class _Person:
    """Who plays the notes of a bar, one after the other: uneven with a standard deviation of nearly 1."""

    def __init__(self, sheet: Sheet, chance: Chance) -> None:
        self._seed, self._beat, self._chance = sheet.request.seed, sheet.beat, chance
        self._pulse: dict[int, float] = {}
        self._hands: dict[int, float] = {}

    def unevenness(self, note: Draft, into: int) -> float:
        """How late a note is, `into` ticks into its bar; less on the beat, nearly alike in a chord."""
        beat = note.start // self._beat
        if beat not in self._pulse:
            self._pulse[beat] = _wandered(self._seed, beat)
        own = self._chance.bell()
        hand = own if note.lane else self._hands.setdefault(note.start * 8 // self._beat, own)
        own = own if hand == own else TOGETHER * hand + APART * own
        return DRIFT * self._pulse[beat] + ALONE * own * (ON_BEAT if into % self._beat == 0 else 1.0)


def _wandered(seed: int, beat: int) -> float:
    """Where the pulse stands in a beat, with a standard deviation of 1: what the last few beats did to it, added up."""
    total = 0.0
    for before in range(WANDERING):
        total += Chance(seed, "drift", beat - before).bell()
    return total / math.sqrt(WANDERING)


def grooved(groove: Groove, at: int) -> tuple[int, int]:
    """How many ticks later and how much louder a groove has the step that a straight place belongs to."""
    step = round(at / groove.step) % len(groove.shifts)
    return groove.shifts[step], groove.accents[step]


def swing_of(sheet: Sheet) -> tuple[float, int]:
    """The share of a pair that its first half takes, and the ticks of a pair."""
    feel = sheet.genre.feel
    pair = PPQ if feel.swing_of == 8 else PPQ // 2
    if sheet.request.swing is not None:
        return sheet.request.swing / 100, pair
    if feel.swing_follows_tempo:
        return jazz_swing(sheet.request.bpm), pair
    return feel.swing / 100, pair


def jazz_swing(bpm: float) -> float:
    """The share of a beat that a jazz drummer's long note takes: the short one stays near 100 ms.

    After Friberg and Sundstrom: Swing ratios and ensemble timing in jazz performance, Music Perception 19 (2002).
    """
    ratio = min(max((60_000 / bpm - 100) / 100, 1.0), 3.5)
    return ratio / (1.0 + ratio)


def swung(into: int, share: float, pair: int) -> int:
    """How many ticks later a place stands when the first half of each pair takes `share` of it."""
    if share == 0.5:
        return 0
    within = into % pair
    half = pair / 2
    way = within / half
    return round((way * share if way <= 1.0 else share + (way - 1.0) * (1.0 - share)) * pair - within)
