"""The best comp out of judged takes: which take sings each phrase, by pitch, timing and how well the tones join."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec
import numpy as np
import numpy.typing as npt

from .aims import Judged
from .grading import GradedNote
from .heard import Heard
from .notes import SungNote

Reals = npt.NDArray[np.float64]

PITCH, TIME = 0.6, 0.4
"""How much pitch and timing count for a phrase."""

SEAM = 0.03
"""What a change of take costs, in shares of a phrase sung perfectly: nothing is changed for less."""

LOUDER, BRIGHTER = 12.0, 12.0
"""Decibels by which two takes differ that make a seam as bad as the worst phrase, each by itself."""

AROUND = 3.0
"""Seconds before and after a seam in which takes are compared."""

REST = 0.12
"""Seconds that all takes rest where a phrase may end that no target ends."""

EDGE = 0.02
"""Seconds that a seam stays away from notes."""


class TakeHeard(msgspec.Struct, frozen=True):
    """A take of a comp: what was heard, in seconds from the comp's left edge, and what it is worth."""

    heard: Heard
    judged: Judged


class Choice(msgspec.Struct, frozen=True):
    """A take for the seconds from `start` to `end` of a comp, and what it scores there, 0 to 100."""

    start: float
    end: float
    take: str
    score: float


class Proposal(msgspec.Struct, frozen=True):
    """The choices in order, without gaps; the score they reach, and that of each take alone, 0 to 100."""

    choices: tuple[Choice, ...]
    score: float
    alone: dict[str, float]


class Worth(msgspec.Struct, frozen=True):
    """What each take is worth in each phrase of a comp, 0 to 100: `spans` in seconds, `scores` a row for each span, the
    takes as they were given; None where there is nothing to sing."""

    spans: tuple[tuple[float, float], ...]
    scores: tuple[tuple[float | None, ...], ...]


def worth_of(takes: Mapping[str, TakeHeard], length: float) -> Worth:
    """What `best_comp` chooses by. Pure; any thread."""
    if not takes:
        return Worth((), ())
    borders = _borders(takes, length)
    spans = tuple(zip([0.0, *borders], [*borders, length], strict=True))
    return Worth(spans, tuple(_row(takes, span) for span in spans))


def _row(takes: Mapping[str, TakeHeard], span: tuple[float, float]) -> tuple[float | None, ...]:
    if _sung_seconds(takes, span) <= 0:
        return (None,) * len(takes)
    return tuple(round(100 * _worth(take.judged.graded.notes, span), 1) for take in takes.values())


def best_comp(takes: Mapping[str, TakeHeard], length: float) -> Proposal:
    """The takes that together sing a comp of `length` seconds best, by dynamic programming over its phrases.

    A seam lies in a rest of both takes that it joins, never inside a note. Pure; any thread.
    """
    names = list(takes)
    if not names:
        return Proposal((), 0.0, {})
    borders = _borders(takes, length)
    spans = list(zip([0.0, *borders], [*borders, length], strict=True))
    worth = np.array([[_worth(takes[name].judged.graded.notes, span) for name in names] for span in spans])
    weights = np.array([_sung_seconds(takes, span) for span in spans])
    weights = weights / weights.sum() if weights.sum() > 0 else np.full(len(spans), 1 / len(spans))
    path, seams = _best_path(takes, names, borders, worth, weights)
    edges = [0.0, *np.maximum.accumulate(np.clip(seams, 0.0, length)).tolist(), length]
    choices = [
        Choice(edges[n], edges[n + 1], names[take], round(100 * float(worth[n, take]), 1))
        for n, take in enumerate(path)
    ]
    reached = float(sum(worth[n, take] * weights[n] for n, take in enumerate(path)))
    alone = {name: round(100 * float(worth[:, k] @ weights), 1) for k, name in enumerate(names)}
    return Proposal(tuple(_joined(choices)), round(100 * reached, 1), alone)


def _borders(takes: Mapping[str, TakeHeard], length: float) -> list[float]:
    """Where phrases end: between the lines of the target, which all takes share, or else where all takes rest."""
    shared = {tuple(note.target.start for note in take.judged.graded.notes) for take in takes.values()}
    notes = next(iter(takes.values())).judged.graded.notes
    if len(shared) == 1 and notes:
        ends = [
            (before.target.end + after.target.start) / 2
            for before, after in pairwise(notes)
            if after.line != before.line
        ]
    else:
        sung = [note for take in takes.values() for note in take.judged.notes]
        ends = [(a + b) / 2 for a, b in _rests(sung, 0.0, length) if a > 0 and b < length and b - a >= REST]
    return [end for end in ends if 0.0 < end < length]


def _rests(sung: Sequence[SungNote], start: float, end: float) -> list[tuple[float, float]]:
    """The stretches from `start` to `end` in which none of these notes sounds."""
    rests, at = [], start
    for note in sorted(sung, key=lambda one: one.start):
        if note.end <= start or note.start >= end:
            continue
        if note.start > at:
            rests.append((at, note.start))
        at = max(at, note.end)
    if at < end:
        rests.append((at, end))
    return rests


def _worth(notes: Sequence[GradedNote], span: tuple[float, float]) -> float:
    """What a take is worth in a span, 0 to 1: each note as long as it lasts."""
    inside = [note for note in notes if span[0] <= note.target.start + note.target.length / 2 < span[1]]
    total = sum(note.target.length for note in inside)
    return sum(_credit(note) * note.target.length for note in inside) / total if total else 0.0


def _credit(note: GradedNote) -> float:
    if note.time_credit is None:
        return note.pitch_credit
    return PITCH * note.pitch_credit + TIME * note.time_credit


def _sung_seconds(takes: Mapping[str, TakeHeard], span: tuple[float, float]) -> float:
    """How much there is to sing in a span: the most that any take was judged by."""
    return max(
        sum(
            note.target.length
            for note in take.judged.graded.notes
            if span[0] <= note.target.start + note.target.length / 2 < span[1]
        )
        for take in takes.values()
    )


def _best_path(
    takes: Mapping[str, TakeHeard],
    names: Sequence[str],
    borders: Sequence[float],
    worth: Reals,
    weights: Reals,
) -> tuple[list[int], list[float]]:
    """The take of each phrase, and the second of each seam."""
    count = len(names)
    best = worth[0] * weights[0]
    back: list[npt.NDArray[np.int64]] = []
    places: list[list[list[float]]] = []
    for n, border in enumerate(borders):
        cost = np.zeros((count, count))
        place = [[border] * count for _ in range(count)]
        for a in range(count):
            for b in range(count):
                if a != b:
                    cost[a, b], place[a][b] = seam(takes[names[a]], takes[names[b]], border)
        total = best[:, None] - cost * (weights[n] + weights[n + 1]) / 2
        back.append(total.argmax(axis=0))
        places.append(place)
        best = total.max(axis=0) + worth[n + 1] * weights[n + 1]
    path = [int(best.argmax())]
    for came in reversed(back):
        path.append(int(came[path[-1]]))
    path.reverse()
    return path, [places[n][path[n]][path[n + 1]] for n in range(len(borders))]


def seam(left: TakeHeard, right: TakeHeard, border: float) -> tuple[float, float]:
    """What it costs to go from one take to another near a border, and the second at which to do it.

    Infinite where one of them sings all the time around it.
    """
    sung = [*left.judged.notes, *right.judged.notes]
    rests = [one for one in _rests(sung, border - 1.0, border + 1.0) if one[1] - one[0] > 2 * EDGE]
    if not rests:
        return math.inf, border
    begin, end = min(rests, key=lambda one: max(one[0] - border, border - one[1], 0.0))
    at = min(max(border, begin + EDGE), end - EDGE)
    louder = abs(_loudness(left, at) - _loudness(right, at)) / LOUDER
    brighter = abs(_brightness(left, at) - _brightness(right, at)) / BRIGHTER
    return SEAM + 0.5 * (min(louder, 1.0) + min(brighter, 1.0)), at


def _loudness(take: TakeHeard, at: float) -> float:
    part = take.heard.track.between(at - AROUND, at + AROUND)
    return float(np.median(part.loudness[part.voiced])) if part.voiced.any() else 0.0


def _brightness(take: TakeHeard, at: float) -> float:
    near = [tone.brightness for tone in take.heard.tone if abs(tone.at - at) <= AROUND]
    return float(np.median(near)) if near else 0.0


def _joined(choices: Sequence[Choice]) -> list[Choice]:
    """Neighbours of one take as one choice."""
    joined: list[Choice] = []
    for one in choices:
        if joined and joined[-1].take == one.take:
            before = joined.pop()
            long, short = before.end - before.start, one.end - one.start
            score = (before.score * long + one.score * short) / (long + short) if long + short > 0 else one.score
            joined.append(Choice(before.start, one.end, one.take, round(score, 1)))
        else:
            joined.append(one)
    return joined
