"""The figures of a take from which advice is drawn, and the tests that tell a habit from chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import msgspec
import numpy as np

from .grading import WEIGHTS, Graded, GradedNote
from .notes import SungNote

LEAST_SPREAD = 5.0
"""Cents that a voice scatters by at least, however alike its notes come out: a measurement is no better."""

AGREEING = 2 / 3
"""The share of notes that must lean to the side that their mean leans to."""

LONG = 0.5
"""Seconds from which on a note is held long enough to drift, to waver and to swing."""

OUTSIDE = 150.0
"""Cents from which on a note was not meant for its target."""


class Tip(msgspec.Struct, frozen=True):
    """One thing that was found, with its numbers in the sentence.

    `cost` is about how many points of the overall score it takes (0 for praise); `notes` are the numbers of the graded
    notes that show it, `times` the seconds at which these begin.
    """

    cause: str
    text: str
    cost: float
    notes: tuple[int, ...]
    times: tuple[float, ...]
    kind: Literal["hint", "praise"] = "hint"


class Lean(msgspec.Struct, frozen=True):
    """Values that lean to one side: their mean, and how many of them lean there by half of what counts."""

    mean: float
    agreeing: int
    count: int


def surely(count: int) -> float:
    """How many standard errors a mean of `count` values must be away from nothing to be chance once in a hundred.

    Student's t, two-sided, within 4 % from three values on.
    """
    free = max(count - 1, 1)
    return 2.58 + 4.0 / free + 21.0 / free**2


def lean(values: Sequence[float], least: float, count: int = 3, floor: float = LEAST_SPREAD) -> Lean | None:
    """Whether values lean to one side by at least `least` on the mean, more than chance makes them."""
    if len(values) < count:
        return None
    array = np.asarray(values, np.float64)
    mean, spread = float(array.mean()), max(float(array.std(ddof=1)), floor)
    agreeing = int((array * math.copysign(1.0, mean) > least / 2).sum())
    sure = abs(mean) * math.sqrt(len(values)) / spread >= surely(len(values))
    if abs(mean) < least or not sure or agreeing < AGREEING * len(values):
        return None
    return Lean(mean, agreeing, len(values))


def apart(some: Sequence[float], others: Sequence[float], floor: float = LEAST_SPREAD) -> float:
    """How many times as far as chance allows the means of two groups are apart (above 1: surely)."""
    if len(some) < 3 or len(others) < 3:
        return 0.0
    a, b = np.asarray(some), np.asarray(others)
    error = math.sqrt(max(float(a.var(ddof=1)), floor**2) / len(a) + max(float(b.var(ddof=1)), floor**2) / len(b))
    return abs(float(a.mean() - b.mean())) / error / surely(min(len(a), len(b)))


class Evidence:
    """A graded take as columns that hints ask. `numbers` are those of its judged notes among all."""

    def __init__(self, graded: Graded, sung: Sequence[SungNote]) -> None:
        self.graded, self.sung = graded, tuple(sung)
        self.notes = graded.notes
        self.numbers = [n for n, note in enumerate(self.notes) if note.target.kind in {"normal", "golden"}]
        self.pitched = [n for n in self.numbers if _near(self.notes[n])]
        heights = [self.notes[n].target.pitch for n in self.pitched]
        self.middle = float(np.median(heights)) if heights else 60.0
        self.lines: dict[int, list[int]] = {}
        for n in self.numbers:
            self.lines.setdefault(self.notes[n].line, []).append(n)
        scores = graded.scores
        there = {name for name in WEIGHTS if getattr(scores, name) is not None}
        self._weight = {name: WEIGHTS[name] / sum(WEIGHTS[one] for one in there) for name in there}

    def cents(self, number: int) -> float:
        """How far a pitched note is off."""
        return self.notes[number].cents or 0.0

    def pitch_cost(self, numbers: Sequence[int]) -> float:
        """Points of the overall score that the pitch of these notes costs."""
        total = sum(self.notes[n].target.length for n in self.numbers)
        lost = sum((1.0 - self.notes[n].pitch_credit) * self.notes[n].target.length for n in numbers)
        return 100.0 * self._weight.get("pitch", 0.0) * lost / total if total else 0.0

    def time_cost(self, numbers: Sequence[int]) -> float:
        """Points of the overall score that the onsets of these notes cost."""
        timed = [note for note in self.notes if note.time_credit is not None]
        lost = sum(1.0 - (self.notes[n].time_credit or 0.0) for n in numbers)
        return 100.0 * self._weight.get("rhythm", 0.0) * lost / len(timed) if timed else 0.0

    def tip(self, cause: str, text: str, cost: float, numbers: Sequence[int], praise: bool = False) -> Tip:
        """A tip about graded notes."""
        times = tuple(self.notes[n].target.start for n in numbers)
        return Tip(cause, text, 0.0 if praise else cost, tuple(numbers), times, "praise" if praise else "hint")

    def steps(self) -> list[tuple[int, int]]:
        """Pairs of neighbours in a line that were both sung: (number of the second, semitones from the first)."""
        pitched = set(self.pitched)
        return [
            (b, round(self.notes[b].target.pitch - self.notes[a].target.pitch))
            for numbers in self.lines.values()
            for a, b in pairwise(numbers)
            if a in pitched and b in pitched
        ]


def _near(note: GradedNote) -> bool:
    return note.cents is not None and abs(note.cents) < OUTSIDE and note.covered > 0.2
