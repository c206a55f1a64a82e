"""From what sounds in each cell of a grid to chords: templates, a chain of likely changes, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .qualities import quality_tones

Floats = npt.NDArray[np.float64]


class Manner(NamedTuple):
    """What is looked for, and how much a better match says.

    `qualities` with what speaks against each beforehand; `certain` turns a match, 0 to 1, into evidence; `low` is the
    weight of the lowest tone, less where less than `bass` of the sound is low; `silent` is the match that no chord must
    beat. How sure a chord is counts the evidence whole and, as neighbouring cells err together, by the share `apart`:
    the mean of both, times `most`.
    """

    qualities: tuple[tuple[str, float], ...]
    certain: float
    low: float
    bass: float
    silent: float
    apart: float
    most: float


class Decided(NamedTuple):
    """A chord from cell `first` to before cell `last`; `root` is None for none. `confidence` is 0 to 1."""

    first: int
    last: int
    root: int | None
    quality: str
    bass: int | None
    confidence: float


NOTES = Manner(
    (("", 0.0), ("m", 0.0), ("7", 0.02), ("maj7", 0.02), ("m7", 0.02), ("dim", 0.05), ("m7b5", 0.04), ("dim7", 0.05),
     ("aug", 0.06), ("sus4", 0.05), ("sus2", 0.07), ("5", 0.1)), 14.0, 0.3, 0.0, 0.35, 1.0, 0.97)  # fmt: skip
SOUND = Manner(
    (("", 0.0), ("m", 0.0), ("7", 0.06), ("maj7", 0.06), ("m7", 0.08), ("dim", 0.08), ("m7b5", 0.08), ("sus4", 0.15)),
    20.0, 0.22, 0.5, 0.45, 0.6, 0.9)  # fmt: skip
"""Weighed and tuned with songs of random chords, in fourteen sounds, with and without bass, melody and drums."""


def decide(heard: Floats, low: Floats, changes: Sequence[float], manner: Manner) -> list[Decided]:
    """The likeliest chords of cells, neighbours that are alike joined.

    `heard` and `low`: (cells, 12) float64, how much of each pitch class sounds in all and lowest, not negative.
    `changes`: how likely a chord begins at each cell. The confidence of a chord is the chance that its cells have it.
    """
    if not len(heard):
        return []
    floor = manner.bass * heard.sum(axis=1, keepdims=True)
    evidence = _evidence(_normal(heard), _shares(low, floor), manner)
    path = _likeliest(evidence, np.asarray(changes, np.float64))
    both = (_chances(evidence * share, np.asarray(changes, np.float64)) for share in (1.0, manner.apart))
    chances = sum(both, np.zeros_like(evidence)) * (manner.most / 2)
    borders = [0, *(np.nonzero(np.diff(path))[0] + 1).tolist(), len(path)]
    return [_decided(first, last, int(path[first]), chances, low, manner) for first, last in pairwise(borders)]


def _decided(first: int, last: int, state: int, chances: Floats, low: Floats, manner: Manner) -> Decided:
    confidence = float(chances[first:last, state].mean())
    if state == 12 * len(manner.qualities):
        return Decided(first, last, None, "", None, confidence)
    kind, root = divmod(state, 12)
    quality = manner.qualities[kind][0]
    return Decided(first, last, root, quality, _bass(low[first:last].sum(axis=0), root, quality), confidence)


def _bass(low: Floats, root: int, quality: str) -> int | None:
    """The tone of the chord that is lowest most of the time, None where that is the root or nothing is."""
    lowest = int(np.argmax(low))
    tone = (lowest - root) % 12 in {step % 12 for step in quality_tones(quality)}
    clear = low[lowest] > 0.6 * low.sum() and low[root] < 0.25 * low.sum()
    return lowest if clear and tone and lowest != root else None


@lru_cache(maxsize=8)
def _templates(manner: Manner) -> tuple[Floats, Floats]:
    """For every state but silence its tones, and its lowest tone, (states, 12) each."""
    tones, lowest = [], []
    for quality, _ in manner.qualities:
        steps = sorted({step % 12 for step in quality_tones(quality)})
        plain = np.zeros(12)
        plain[steps] = 1.0
        below = np.full(12, -0.3)
        below[steps] = 0.3
        below[0] = 1.0
        tones += [np.roll(plain / np.sqrt(len(steps)), root) for root in range(12)]
        lowest += [np.roll(below, root) for root in range(12)]
    return np.array(tones), np.array(lowest)


def _evidence(heard: Floats, low: Floats, manner: Manner) -> Floats:
    """Log evidence for every state, (cells, states), silence last."""
    tones, lowest = _templates(manner)
    against = np.repeat([cost for _, cost in manner.qualities], 12)
    match = heard @ tones.T + manner.low * (low @ lowest.T) - against
    silent = np.full((len(heard), 1), manner.silent + manner.low / 3)
    quiet = np.sum(heard, axis=1) == 0.0
    match[quiet] = 0.0
    silent[quiet] = 1.0 + manner.low
    return np.asarray(manner.certain * np.concatenate((match, silent), axis=1))


def _moves(changes: Floats, states: int) -> tuple[Floats, Floats]:
    """Logs of staying and of moving to one certain other state, by cell."""
    return np.log1p(-changes), np.log(changes / (states - 1))


def _likeliest(evidence: Floats, changes: Floats) -> npt.NDArray[np.intp]:
    """The likeliest way through the states (A. Viterbi, 1967): any other state is as likely as another."""
    cells, states = evidence.shape
    stay, move = _moves(changes, states)
    came = np.zeros((cells, states), np.intp)
    score = evidence[0]
    everyone = np.arange(states)
    for cell in range(1, cells):
        best = int(np.argmax(score))
        staying, moving = score + stay[cell], score[best] + move[cell]
        came[cell] = np.where(staying >= moving, everyone, best)
        score = np.maximum(staying, moving) + evidence[cell]
    path = np.zeros(cells, np.intp)
    path[-1] = np.argmax(score)
    for cell in range(cells - 1, 0, -1):
        path[cell - 1] = came[cell, path[cell]]
    return path


def _chances(evidence: Floats, changes: Floats) -> Floats:
    """The chance of every state in every cell, all ways through considered (forward and backward sums)."""
    cells, states = evidence.shape
    weight = np.exp(evidence - evidence.max(axis=1, keepdims=True))
    moves = (changes / (states - 1))[:, None]
    stays = (1.0 - changes)[:, None] - moves
    forward, backward = np.empty_like(weight), np.ones_like(weight)
    forward[0] = weight[0] / weight[0].sum()
    for cell in range(1, cells):
        before = forward[cell - 1]
        now = (stays[cell] * before + moves[cell] * before.sum()) * weight[cell]
        forward[cell] = now / now.sum()
    for cell in range(cells - 2, -1, -1):
        after = backward[cell + 1] * weight[cell + 1]
        now = stays[cell + 1] * after + moves[cell + 1] * after.sum()
        backward[cell] = now / now.sum()
    both = forward * backward
    return np.asarray(both / both.sum(axis=1, keepdims=True))


def _normal(rows: Floats) -> Floats:
    size = np.sqrt(np.sum(rows**2, axis=1, keepdims=True))
    return np.asarray(np.divide(rows, size, out=np.zeros_like(rows), where=size > 0))


def _shares(rows: Floats, floor: Floats) -> Floats:
    """Each row by its sum, or by its floor where that is more."""
    size = np.maximum(np.sum(rows, axis=1, keepdims=True), floor)
    return np.asarray(np.divide(rows, size, out=np.zeros_like(rows), where=size > 0))
