"""Drum hits as arrays: what was played when, on what and how hard, on a grid of sixteenths with fine timing.

Time is counted in steps, sixteenths of a 4/4 bar. A hit's place is its nearest step and its lane; `fine` says where
it stands in the step, in 24ths from half a step early on; `velocity` is one of 16 bins of eight MIDI velocities.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

STEPS = 16
"""Steps of a bar."""
FINES = 24
VELOCITIES = 16

LANES = (
    "kick", "snare", "side stick", "closed hat", "pedal hat", "open hat",
    "high tom", "mid tom", "low tom", "crash", "ride", "bell",
)  # fmt: skip

PITCHES = (36, 38, 37, 42, 44, 46, 48, 45, 43, 49, 51, 53)
"""The General MIDI pitch that plays each lane."""

LANE_OF = {
    35: 0, 36: 0, 38: 1, 40: 1, 37: 2, 42: 3, 22: 3, 44: 4, 46: 5, 26: 5, 48: 6, 50: 6, 45: 7, 47: 7,
    41: 8, 43: 8, 58: 8, 49: 9, 52: 9, 55: 9, 57: 9, 51: 10, 59: 10, 53: 11,
}  # fmt: skip
"""The lane of each pitch of General MIDI's kit and of the Roland TD-11 that the Groove MIDI drummers played."""

TOMS = (6, 7, 8)

STYLES = (
    "", "afrobeat", "afrocuban", "blues", "country", "dance", "funk", "gospel", "highlife", "hiphop", "jazz", "latin",
    "middleeastern", "neworleans", "pop", "punk", "reggae", "rock", "soul",
)  # fmt: skip
"""The styles that can be asked for, as the Groove MIDI Dataset names them; "" is any."""

ANY_FILL, NO_FILL, FILL = 0, 1, 2
"""What can be said of a bar: nothing, that it is no fill, that it is one."""


class Performance(msgspec.Struct, frozen=True):
    """Drums of one performance in 4/4, sorted by time.

    `times` float64 in steps from the first bar line, never negative; `lanes` 0 to 11; `velocities` 1 to 127. `style` is
    one of STYLES, `bpm` the tempo. `filled` says that the whole of it is a fill.
    """

    times: Floats
    lanes: Ints
    velocities: Ints
    style: str = ""
    bpm: float = 120.0
    filled: bool = False

    @property
    def count(self) -> int:
        """How many hits there are."""
        return len(self.times)


class Hits(msgspec.Struct, frozen=True):
    """Hits as codes, sorted by step, lane and fine; int64 arrays of one length. `steps` count from the first bar."""

    steps: Ints
    lanes: Ints
    fines: Ints
    velocities: Ints

    @property
    def count(self) -> int:
        """How many hits there are."""
        return len(self.steps)

    @property
    def bars(self) -> int:
        """Bars up to the one with the last hit."""
        return int(self.steps[-1]) // STEPS + 1 if self.count else 0

    def between(self, first: int, last: int) -> Hits:
        """The hits of bars `first` up to but not including `last`, counted from bar `first`."""
        inside = (self.steps >= first * STEPS) & (self.steps < last * STEPS)
        return Hits(self.steps[inside] - first * STEPS, self.lanes[inside], self.fines[inside], self.velocities[inside])


def perform(
    times: Sequence[float], pitches: Sequence[int], velocities: Sequence[int], **about: Any
) -> tuple[Performance, int]:
    """The performance of notes at `times` in steps, from the bar of the first one on, and how many had no lane."""
    known = [n for n, pitch in enumerate(pitches) if pitch in LANE_OF]
    at = np.array([times[n] for n in known], np.float64)
    order = np.argsort(at, kind="stable")
    lanes = np.array([LANE_OF[pitches[n]] for n in known], np.int64)
    hard = np.clip(np.array([velocities[n] for n in known], np.int64), 1, 127)
    if len(at):
        first = np.floor((np.round(at.min() * FINES) + FINES // 2) / FINES) // STEPS * STEPS
        at = np.maximum(at - first, -0.5)
    return Performance(at[order], lanes[order], hard[order], **about), len(pitches) - len(known)


def coded(performance: Performance) -> Hits:
    """The codes of a performance."""
    ticks = np.round(performance.times * FINES).astype(np.int64)
    steps = np.maximum((ticks + FINES // 2) // FINES, 0)
    fines = np.clip(ticks - steps * FINES + FINES // 2, 0, FINES - 1)
    velocities = (performance.velocities - 1) // 8
    return in_order(Hits(steps, performance.lanes, fines, velocities))


def in_order(hits: Hits) -> Hits:
    """The hits sorted by step, lane and fine."""
    order = np.lexsort((hits.fines, hits.lanes, hits.steps))
    return Hits(hits.steps[order], hits.lanes[order], hits.fines[order], hits.velocities[order])


def times_of(hits: Hits) -> Floats:
    """Where hits stand, float64 in steps."""
    return hits.steps + (hits.fines - FINES // 2) / FINES


def velocities_of(hits: Hits) -> Ints:
    """The middle of each hit's bin of MIDI velocities."""
    return np.minimum(hits.velocities * 8 + 5, 127)


def fills_of(performance: Performance, hits: Hits) -> Ints:
    """For each bar NO_FILL or FILL: toms, or snares in its second half, far beyond the performance's usual bar."""
    bars = max(hits.bars, 1)
    if performance.filled:
        return np.full(bars, FILL)
    toms = np.isin(hits.lanes, TOMS)
    late = (hits.lanes == 1) & (hits.steps % STEPS >= STEPS // 2) & (hits.velocities >= 6)
    counts = np.bincount(hits.steps[toms | late] // STEPS, minlength=bars).astype(np.float64)
    far = counts > np.median(counts) + max(3.0, 2.0 * float(np.median(np.abs(counts - np.median(counts)))))
    return np.where(far, FILL, NO_FILL)


def style_of(name: str) -> int:
    """The number of a style; 0 where it is not known. Only what stands before a slash counts, as in "jazz/funk"."""
    name = name.split("/", maxsplit=1)[0].strip().lower().replace("-", "").replace(" ", "")
    return STYLES.index(name) if name in STYLES else 0
