"""What a teacher would say after a take: faults by what they cost, what went well, and what to practise next."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from ...document.harmony import Key
from . import faults
from .evidence import Evidence, Tip
from .grading import ON_TIME, Graded, Tolerance
from .notes import SungNote
from .pitchtrack import name_of
from .targets import ExerciseKind, Target, exercise

MOST = 5
"""Hints that a singer can keep in mind."""

PRAISES = 4


class Practice(msgspec.Struct, frozen=True):
    """An exercise to sing, for `exercise`: from `low` to `high` on the scale of MIDI notes, and why."""

    kind: ExerciseKind
    key: Key
    low: float
    high: float
    bpm: float
    why: str

    @property
    def target(self) -> Target:
        """What is to be sung."""
        return exercise(self.kind, self.key, self.low, self.high, self.bpm)


class Advice(msgspec.Struct, frozen=True):
    """Hints, the dearest first, at most one of each cause; praise as measured; a plan of three exercises."""

    hints: tuple[Tip, ...]
    praise: tuple[Tip, ...]
    plan: tuple[Practice, ...]


def advise(
    graded: Graded, sung: Sequence[SungNote], key: Key | None = None, tolerance: Tolerance | None = None
) -> Advice:
    """What a take shows. Pure; any thread. A take without notes has nothing to say about."""
    facts = Evidence(graded, sung)
    if not facts.pitched:
        return Advice((), (), ())
    hints = sorted(_hints(facts), key=lambda tip: -tip.cost)[:MOST]
    praise = _praise(facts, tolerance or Tolerance())[:PRAISES]
    return Advice(tuple(hints), tuple(praise), tuple(_plan(facts, hints, key or Key(0, 0))))


def _hints(facts: Evidence) -> list[Tip]:
    region = faults.region(facts)
    bias = faults.bias(facts, region)
    known = [tip for tip in (region, bias) if tip is not None]
    others = (
        faults.wrong_notes(facts),
        faults.intervals(facts, known),
        faults.scoops(facts),
        faults.drift(facts),
        faults.unsteady(facts),
        faults.swing(facts),
        faults.timing(facts),
        faults.breath(facts),
        faults.unsung(facts),
    )
    return known + [tip for tip in others if tip is not None]


def _praise(facts: Evidence, tolerance: Tolerance) -> list[Tip]:
    found = [_in_tune(facts, tolerance), _swinging(facts), _sure_interval(facts), _on_time(facts), _held(facts)]
    return [tip for tip in found if tip is not None]


def _in_tune(facts: Evidence, tolerance: Tolerance) -> Tip | None:
    good = [n for n in facts.pitched if abs(facts.cents(n)) <= tolerance.in_tune]
    if len(good) < 4 or len(good) < 0.7 * len(facts.numbers):
        return None
    text = f"{len(good)} of {len(facts.numbers)} notes are within {tolerance.in_tune:.0f} cents."
    return facts.tip("in tune", text, 0.0, good, praise=True)


def _sure_interval(facts: Evidence) -> Tip | None:
    """The widest kind of interval that lands close."""
    for name in reversed(faults.INTERVALS):
        numbers = [n for (one, _), found in faults.groups(facts).items() if one == name for n in found]
        off = [abs(facts.cents(n)) for n in numbers]
        if len(off) >= 3 and max(off) <= 15.0:
            text = f"Your {name} are within {max(*off, 1.0):.0f} cents ({len(off)} of {len(off)})."
            return facts.tip("intervals", text, 0.0, numbers, praise=True)
    return None


def _on_time(facts: Evidence) -> Tip | None:
    timed = [n for n in facts.numbers if facts.notes[n].onset is not None]
    good = [n for n in timed if abs(facts.notes[n].onset or 0.0) <= ON_TIME]
    if len(good) < 4 or len(good) < 0.8 * len(timed):
        return None
    text = f"{len(good)} of {len(timed)} notes begin within {1000 * ON_TIME:.0f} ms of their time."
    return facts.tip("on time", text, 0.0, good, praise=True)


def _held(facts: Evidence) -> Tip | None:
    held = faults.long_notes(facts)
    good = [n for n, one in held if abs(one.drift) <= 10.0]
    if len(good) < 3 or len(good) < 0.8 * len(held):
        return None
    text = f"Your long notes hold their pitch: {len(good)} of {len(held)} drift by less than 10 cents."
    return facts.tip("held", text, 0.0, good, praise=True)


def _swinging(facts: Evidence) -> Tip | None:
    held = faults.long_notes(facts)
    good = [(n, one.vibrato) for n, one in held if one.vibrato is not None and one.vibrato.kind == "vibrato"]
    if len(good) < 3 or len(good) < 0.5 * len(held):
        return None
    rate = float(np.median([swing.rate for _, swing in good]))
    extent = float(np.median([swing.extent for _, swing in good]))
    text = f"Your vibrato is even: {rate:.1f} Hz and {extent:.1f} semitones on {len(good)} of {len(held)} long notes."
    return facts.tip("vibrato", text, 0.0, [n for n, _ in good], praise=True)


EXERCISES: dict[str, ExerciseKind] = {
    "high": "five notes", "low": "five notes", "range": "five notes", "tuning": "scale", "wrong notes": "thirds",
    "interval semitones": "five notes", "interval tones": "scale", "interval thirds": "thirds",
    "interval fourths and fifths": "arpeggio", "interval sixths and wider": "octaves", "scoops": "octaves",
    "drift": "long tones", "steadiness": "long tones", "vibrato": "long tones", "breath": "long tones",
    "timing": "scale", "tempo": "scale", "line beginnings": "arpeggio", "unsteady beat": "scale", "unsung": "scale",
}  # fmt: skip
"""What to sing against each fault."""

SPANS: dict[ExerciseKind, int] = {"five notes": 7, "long tones": 0}
"""Semitones that an exercise spans at least where it is not an octave."""

IN_TIME = {"timing", "tempo", "line beginnings", "unsteady beat"}


def _plan(facts: Evidence, hints: Sequence[Tip], key: Key) -> list[Practice]:
    """Three exercises of different kinds, from the dearest faults and then from the weakest figures."""
    heights = [facts.notes[n].target.pitch + facts.cents(n) / 100 for n in facts.pitched]
    low, high = float(min(heights)), float(max(heights))
    found: dict[ExerciseKind, Practice] = {}
    for cause, why in [*((tip.cause, tip.text) for tip in hints), *_weakest(facts)]:
        kind = EXERCISES[cause]
        if kind not in found and len(found) < 3:
            span = (facts.middle, high + 1) if cause in {"high", "range"} else (low, high)
            span = (low - 1, facts.middle) if cause == "low" else span
            bpm = 60.0 if cause in IN_TIME else 72.0 if kind != "long tones" else 66.0
            found[kind] = Practice(kind, key, *_wide(span, SPANS.get(kind, 12)), bpm, why)
    return list(found.values())


def _weakest(facts: Evidence) -> list[tuple[str, str]]:
    """Causes with the largest errors, whether or not they are more than chance; each with its figure."""
    off = {
        name: [abs(facts.cents(n)) for (one, _), found in faults.groups(facts).items() if one == name for n in found]
        for name in faults.INTERVALS
    }
    ranked = sorted((float(np.mean(one)), name) for name, one in off.items() if len(one) >= 2)[::-1]
    told = [(f"interval {name}", f"Your {name} are {mean:.0f} cents off on the mean.") for mean, name in ranked]
    held = [one.spread for _, one in faults.long_notes(facts)]
    longest = max((one.length for one in facts.sung), default=0.0)
    told += [
        (
            "steadiness",
            f"Your long notes move by {np.mean(held):.0f} cents while they are held."
            if held
            else f"No note was held for longer than {longest:.1f} s; long ones show how steady you are.",
        ),
        ("high", _upper(facts)),
        ("tuning", f"All notes together scatter by {facts.graded.precision:.0f} cents."),
    ]
    return told


def _upper(facts: Evidence) -> str:
    upper = [abs(facts.cents(n)) for n in facts.pitched if facts.notes[n].target.pitch >= facts.middle]
    return f"Your notes from {name_of(facts.middle)} up are {np.mean(upper):.0f} cents off on the mean."


def _wide(span: tuple[float, float], semitones: int) -> tuple[float, float]:
    """A span that holds an exercise, widened on both sides where it is too narrow."""
    low, high = span
    spare = max(semitones + 2 - (high - low), 0.0) / 2
    return float(np.floor(low - spare)), float(np.ceil(high + spare))
