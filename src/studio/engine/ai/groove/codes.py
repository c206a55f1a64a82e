"""Hits as a sequence for a network: one code for each hit, and one for each bar line, with what is known of the bar.

The first code is a bar line; each bar's hits follow its line, sorted by step and lane, and the line after the last bar
ends the performance. A code can therefore never be followed by an earlier place of the same bar.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np

from .hits import ANY_FILL, FINES, LANES, STEPS, VELOCITIES, Hits, Ints, style_of

PLACES = STEPS * len(LANES)
BAR = PLACES
"""The place of a bar line."""

NOTHING = PLACES + 1
"""Stands for a place where there is no code."""

NO_FINE, NO_VELOCITY = FINES, VELOCITIES

TEMPI = 24
"""Classes of tempo; class 0 is unknown."""


class Codes(msgspec.Struct, frozen=True):
    """A sequence: int64 arrays of one length.

    `places` are `step * 12 + lane`, or BAR; `fines` and `velocities` as of hits, or NO_FINE and NO_VELOCITY; `at` is
    the step in the whole performance; `fills` says of each code's bar what is known of it.
    """

    places: Ints
    fines: Ints
    velocities: Ints
    at: Ints
    fills: Ints

    @property
    def count(self) -> int:
        """Hits and bar lines."""
        return len(self.places)


def codes_of(hits: Hits, fills: Ints | None = None, bars: int | None = None) -> Codes:
    """The sequence of hits in `bars` bars (as many as have hits), with ANY_FILL where `fills` of bars are not given."""
    bars = hits.bars if bars is None else bars
    lines = np.arange(bars + 1) * STEPS
    at = np.concatenate([lines, hits.steps])
    places = np.concatenate([np.full(bars + 1, BAR), hits.steps % STEPS * len(LANES) + hits.lanes])
    fines = np.concatenate([np.full(bars + 1, NO_FINE), hits.fines])
    velocities = np.concatenate([np.full(bars + 1, NO_VELOCITY), hits.velocities])
    inside = np.where(places == BAR, -1, places)
    order = np.lexsort((fines, inside, at // STEPS))
    known = np.full(bars + 1, ANY_FILL)
    if fills is not None:
        known[: min(bars, len(fills))] = fills[:bars]
    return Codes(places[order], fines[order], velocities[order], at[order], known[at[order] // STEPS])


def echoes_of(codes: Codes) -> dict[str, Ints]:
    """What stood there one and two bars before, for each code: arrays by name, each with 1 or 2 after it.

    `then`: the place that followed this place then, NOTHING where the performance had not begun. `fine` and `loud`:
    fine timing and velocity of the same drum at the same step then, plus 1; 0 where there was none.
    """
    is_bar = codes.places == BAR
    bar = PLACES + 1
    order = codes.at // STEPS * bar + np.where(is_bar, 0, codes.places + 1)
    found = {}
    for back in (1, 2):
        past = order - back * bar
        then = np.minimum(np.searchsorted(order, past, side="right"), len(order) - 1)
        same = np.minimum(np.searchsorted(order, past), len(order) - 1)
        there = (order[same] == past) & ~is_bar
        found[f"then{back}"] = np.where(past >= order[0], codes.places[then], NOTHING)
        found[f"fine{back}"] = np.where(there, codes.fines[same] + 1, 0)
        found[f"loud{back}"] = np.where(there, codes.velocities[same] + 1, 0)
    return found


def hits_of(codes: Codes) -> Hits:
    """The hits of a sequence."""
    is_hit = codes.places != BAR
    return Hits(codes.at[is_hit], codes.places[is_hit] % len(LANES), codes.fines[is_hit], codes.velocities[is_hit])


def tempo_of(bpm: float) -> int:
    """The class of a tempo: an eighth of an octave each from 40 BPM on; 0 where it is not a tempo."""
    if not math.isfinite(bpm) or bpm <= 0:
        return 0
    return int(min(max(round(8 * math.log2(bpm / 40)) + 1, 1), TEMPI - 1))


def about(style: str, bpm: float) -> tuple[int, int]:
    """What is known of a whole performance as numbers: style and tempo."""
    return style_of(style), tempo_of(bpm)
