"""Whether a model copies: how much of what it plays stands as it is in what it was trained on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from .codes import BAR, codes_of
from .hits import Hits
from .statistics import places_by_bar

FULL = 6
"""Hits from which a bar counts as one that can be known again."""

NEAR = 1
"""Bins that each velocity may differ in a bar that is played alike."""

_PRIME = np.uint64(1_000_003)


class Copies(msgspec.Struct, frozen=True):
    """Figures of stretches against the training data.

    `same_places`: the share of full bars whose places some training bar has exactly; `same_touch`: of those whose
    velocities are also within a bin each. `longest_run` and `usual_run`: the most, and the median, hits in a row of a
    stretch whose places and velocities (in four classes) stand in a row in a training performance.
    """

    bars: int
    same_places: float
    same_touch: float
    longest_run: int
    usual_run: float


class Known:
    """The bars and runs of training performances."""

    def __init__(self, trained_on: Iterable[Hits]) -> None:
        self._bars: dict[frozenset[int], list[dict[int, int]]] = {}
        self._sequences: list[npt.NDArray[np.uint64]] = []
        self._hashes: dict[int, npt.NDArray[np.uint64]] = {}
        for hits in trained_on:
            for places, touch in _bars(hits):
                self._bars.setdefault(places, []).append(touch)
            self._sequences.append(_symbols(hits))

    def compare(self, stretches: Sequence[Hits]) -> Copies:
        """How much of some stretches is known."""
        full = [bar for hits in stretches for bar in _bars(hits)]
        places = [bar for bar in full if bar[0] in self._bars]
        touched = [bar for bar in places if any(_is_near(bar[1], known) for known in self._bars[bar[0]])]
        runs = [self._run(_symbols(hits)) for hits in stretches if hits.count]
        many = max(len(full), 1)
        return Copies(
            len(full),
            round(len(places) / many, 4),
            round(len(touched) / many, 4),
            max(runs, default=0),
            float(np.median(runs)) if runs else 0.0,
        )

    def _run(self, symbols: npt.NDArray[np.uint64]) -> int:
        """The longest run that some training performance has: found by halving, as a run's beginning is one too."""
        low, high = 0, len(symbols)
        while low < high:
            middle = (low + high + 1) // 2
            found = np.isin(_hashed(symbols, middle), self._of(middle)).any()
            low, high = (middle, high) if found else (low, middle - 1)
        return low

    def _of(self, length: int) -> npt.NDArray[np.uint64]:
        if length not in self._hashes:
            self._hashes[length] = np.unique(np.concatenate([_hashed(one, length) for one in self._sequences]))
        return self._hashes[length]


def _bars(hits: Hits) -> list[tuple[frozenset[int], dict[int, int]]]:
    """The full bars: their places, and the velocities on them."""
    found = []
    for bar, places in enumerate(places_by_bar(hits, hits.bars)):
        if len(places) >= FULL:
            one = hits.between(bar, bar + 1)
            found.append(
                (places, dict(zip((one.steps * 12 + one.lanes).tolist(), one.velocities.tolist(), strict=True)))
            )
    return found


def _is_near(one: dict[int, int], other: dict[int, int]) -> bool:
    return all(abs(velocity - other[place]) <= NEAR for place, velocity in one.items())


def _symbols(hits: Hits) -> npt.NDArray[np.uint64]:
    """A number for each hit in order: its place and its velocity in four classes; bar lines are left out."""
    codes = codes_of(hits)
    kept = codes.places != BAR
    symbols: npt.NDArray[np.uint64] = (codes.places[kept] * 4 + codes.velocities[kept] // 4 + 1).astype(np.uint64)
    return symbols


def _hashed(symbols: npt.NDArray[np.uint64], length: int) -> npt.NDArray[np.uint64]:
    """A number for each run of a length; unlike ones for unlike runs but by rare chance."""
    if length > len(symbols) or not length:
        return np.zeros(0, np.uint64)
    total = np.zeros(len(symbols) - length + 1, np.uint64)
    for n in range(length):
        total = total * _PRIME + symbols[n : n + len(total)]
    return total
