"""How alike several takes of the same notes are: what varies from take to take, phrase by phrase."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from .grading import Graded, GradedNote
from .phrases import words_of

LEAST = 2
"""Takes in which a note must have been sung to be compared."""

OUT = 1.2
"""How many times the mean of all lines a line must vary to stand out."""

FAR = 200.0
"""Cents from which on a note is another one; it does not count for the spread."""


class Varying(msgspec.Struct, frozen=True):
    """A line that was sung in several takes: the mean over its notes of how far these takes are apart.

    `cents` and `seconds` are standard deviations between takes, None where too little was sung; `takes` is how many of
    them sang in it.
    """

    number: int
    words: str
    start: float
    takes: int
    cents: float | None
    seconds: float | None

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return f"line {self.number + 1}" + (f" “{self.words}”" if self.words else "")


def between_takes(takes: Sequence[Graded]) -> tuple[Varying, ...]:
    """The lines in order; none where the takes were not judged by the same notes, or there are fewer than two. Pure."""
    if len(takes) < LEAST or len({_shape(take) for take in takes}) > 1:
        return ()
    lines: dict[int, list[int]] = {}
    for n, note in enumerate(takes[0].notes):
        if note.target.kind in {"normal", "golden"}:
            lines.setdefault(note.line, []).append(n)
    return tuple(_varying(takes, line, numbers) for line, numbers in sorted(lines.items()))


def _shape(graded: Graded) -> tuple[tuple[float, float, float], ...]:
    """What was to be sung, whatever octave it was sung in."""
    return tuple(
        (round(n.target.start, 3), round(n.target.length, 3), n.target.pitch - 12 * graded.octaves)
        for n in graded.notes
    )


def _varying(takes: Sequence[Graded], line: int, numbers: Sequence[int]) -> Varying:
    columns = [[take.notes[n] for take in takes] for n in numbers]
    cents = [_spread([_cents(note) for note in column]) for column in columns]
    onsets = [_spread([note.onset for note in column]) for column in columns]
    sang = sum(any(take.notes[n].cents is not None for n in numbers) for take in takes)
    first = takes[0].notes[numbers[0]]
    words = words_of([takes[0].notes[n] for n in numbers])
    return Varying(line, words, first.target.start, sang, _mean(cents), _mean(onsets))


def _cents(note: GradedNote) -> float | None:
    return note.cents if note.cents is not None and abs(note.cents) < FAR else None


def _spread(values: Sequence[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return float(np.std(there, ddof=1)) if len(there) >= LEAST else None


def _mean(values: Sequence[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return sum(there) / len(there) if there else None


def told_between(lines: Sequence[Varying], takes: int) -> tuple[str, ...]:
    """What is to be said of them, with the figures; nothing where nothing could be compared."""
    told = []
    pitched = [(line.cents, line) for line in lines if line.cents is not None]
    timed = [(line.seconds, line) for line in lines if line.seconds is not None]
    if pitched:
        mean = sum(cents for cents, _ in pitched) / len(pitched)
        told.append(f"Between {takes} takes a note differs by {mean:.0f} cents{_most(pitched, mean, 'cents')}.")
    if timed:
        timed = [(1000 * seconds, line) for seconds, line in timed]
        mean = sum(late for late, _ in timed) / len(timed)
        told.append(f"Its beginning differs by {mean:.0f} ms{_most(timed, mean, 'ms')}.")
    return tuple(told)


def _most(found: Sequence[tuple[float, Varying]], mean: float, unit: str) -> str:
    """The line that stands out, if one does."""
    value, line = max(found, key=lambda one: one[0])
    return f", most in {line.name} ({value:.0f} {unit})" if value >= OUT * mean and round(value) else ""
