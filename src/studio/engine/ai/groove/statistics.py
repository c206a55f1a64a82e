"""Figures of how drums are played, for what a model plays to stand beside what people play."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from .hits import LANES, STEPS, Hits, times_of, velocities_of

Floats = npt.NDArray[np.float64]

KICK, SNARE = 0, 1
PER_BEAT = STEPS // 4

_WEIGHTS = np.array([0, -4, -3, -4, -2, -4, -3, -4, -1, -4, -3, -4, -2, -4, -3, -4])
"""How strong each step of a bar is (Longuet-Higgins and Lee: The rhythmic interpretation of monophonic music, 1984)."""

UPBEAT = (0.4, 0.75)
"""Where in a beat its second eighth is looked for."""


class Figures(msgspec.Struct, frozen=True):
    """How some stretches of drums are played, each figure the mean of all stretches.

    `lanes`: hits a bar on each lane; `steps`: the share of hits on each step. `syncopation`: of kick and snare a bar,
    after Longuet-Higgins and Lee. `swing`: where in the beat its second eighth falls, in per cent. `timing`: standard
    deviation around sixteenths in beats; `loudness` and `dynamics`: mean and standard deviation of MIDI velocities.
    `likeness`: the share of places that two neighbouring bars have in common of those that either has.
    """

    stretches: int
    hits: float
    lanes: dict[str, float]
    steps: tuple[float, ...]
    syncopation: float
    swing: float
    timing: float
    loudness: float
    dynamics: float
    likeness: float


def figures(stretches: Sequence[tuple[Hits, int]]) -> Figures:
    """The figures of stretches with their lengths in bars; those without hits count as silence."""
    filled = [(hits, bars) for hits, bars in stretches if hits.count and bars]
    if not filled:
        return Figures(0, 0.0, dict.fromkeys(LANES, 0.0), (0.0,) * STEPS, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    lanes = np.mean([np.bincount(hits.lanes, minlength=len(LANES)) / bars for hits, bars in filled], axis=0)
    steps = np.mean([np.bincount(hits.steps % STEPS, minlength=STEPS) / hits.count for hits, _ in filled], axis=0)
    return Figures(
        len(filled),
        _mean([hits.count / bars for hits, bars in filled]),
        {name: round(float(many), 3) for name, many in zip(LANES, lanes, strict=True)},
        tuple(round(float(share), 4) for share in steps),
        _mean([syncopation(hits, bars) for hits, bars in filled]),
        _mean([one for hits, _ in filled if (one := swing(hits)) is not None]),
        _mean([float(np.std((times_of(hits) - hits.steps) / PER_BEAT)) for hits, _ in filled]),
        _mean([float(np.mean(velocities_of(hits))) for hits, _ in filled]),
        _mean([float(np.std(velocities_of(hits))) for hits, _ in filled]),
        _mean([likeness(hits, bars) for hits, bars in filled if bars > 1]),
    )


def syncopation(hits: Hits, bars: int) -> float:
    """How far kick and snare lean on weak places before empty stronger ones, a bar."""
    played = np.zeros(bars * STEPS + 1, np.bool_)
    chosen = hits.steps[(hits.lanes <= SNARE) & (hits.steps < bars * STEPS)]
    played[chosen] = played[-1] = True
    places = np.flatnonzero(played)
    total = 0
    for at, following in itertools.pairwise(places.tolist()):
        between = _WEIGHTS[np.arange(at + 1, following) % STEPS]
        if len(between):
            total += max(int(between.max() - _WEIGHTS[at % STEPS]), 0)
    return total / bars


def swing(hits: Hits) -> float | None:
    """Where in the beat its second eighth falls, in per cent of the beat; None where there are none."""
    within = times_of(hits) / PER_BEAT % 1.0
    upbeats = within[(within > UPBEAT[0]) & (within < UPBEAT[1])]
    return float(100 * np.median(upbeats)) if len(upbeats) >= 4 else None


def likeness(hits: Hits, bars: int) -> float:
    """The share of places that neighbouring bars have in common, of those that either has."""
    sets = places_by_bar(hits, bars)
    shares = [len(a & b) / len(a | b) for a, b in itertools.pairwise(sets) if a | b]
    return float(np.mean(shares)) if shares else 0.0


def places_by_bar(hits: Hits, bars: int) -> list[frozenset[int]]:
    """For each bar its places, `step * 12 + lane`."""
    found: list[set[int]] = [set() for _ in range(bars)]
    for step, lane in zip(hits.steps.tolist(), hits.lanes.tolist(), strict=True):
        if step < bars * STEPS:
            found[step // STEPS].add(step % STEPS * len(LANES) + lane)
    return [frozenset(one) for one in found]


def _mean(numbers: Sequence[float]) -> float:
    return round(float(np.mean(numbers)), 4) if len(numbers) else 0.0
