"""How written notes are played: swing, lanes that drag or push, and a person's unevenness."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ....document.grooves import Groove
from ....document.time import PPQ
from .chance import Chance
from .draft import Draft, loudness
from .sheet import Bar, Sheet

DRIFT = 0.6
"""How much of the unevenness is one that all notes of a beat share; `ALONE` completes it to a variance of 1."""
ALONE = 0.8


class Felt(msgspec.Struct, frozen=True, gc=False):
    """A note as it is played: `shift` ticks later and `lift` louder than written."""

    draft: Draft
    shift: int
    lift: int


def play(sheet: Sheet, part: str, bar: Bar, notes: Sequence[Draft]) -> list[Felt]:
    """The notes of a bar with their feel. Order: swing and the lane's lean, or the groove; unevenness; velocity."""
    feel, request = sheet.genre.feel, sheet.request
    per_ms = PPQ * request.bpm / 60_000
    amount = request.humanise / 0.5
    swing, pair = swing_of(sheet)
    groove = request.groove if part in request.grooved else None
    chance = sheet.chance(part, bar, "feel")
    drift: dict[int, float] = {}
    out = []
    for note in sorted(notes, key=lambda one: (one.start, one.pitch)):
        into = note.start - bar.start
        late = feel.late_ms.get(note.lane, feel.late_ms.get(part, 0.0)) * min(amount, 1.0)
        beat = into // sheet.beat
        common = drift.setdefault(beat, Chance(request.seed, "drift", bar.number, beat).bell())
        uneven = (DRIFT * common + ALONE * chance.bell()) * feel.timing_ms * amount
        if into % sheet.beat == 0:
            uneven *= 0.7
        if groove is None:
            placed, accent = _swung(into, swing, pair) + round(late * per_ms), 0
        else:
            placed, accent = _grooved(groove, note.start)
        moved = placed + round(uneven * per_ms)
        lift = accent + round(chance.bell() * feel.velocity * amount)
        lift = loudness(1.0, note.velocity + lift) - note.velocity
        out.append(Felt(note, moved, lift))
    return out


def _grooved(groove: Groove, at: int) -> tuple[int, int]:
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


def _swung(into: int, share: float, pair: int) -> int:
    """How many ticks later a place stands when the first half of each pair takes `share` of it."""
    if share == 0.5:
        return 0
    within = into % pair
    half = pair / 2
    way = within / half
    return round((way * share if way <= 1.0 else share + (way - 1.0) * (1.0 - share)) * pair - within)
