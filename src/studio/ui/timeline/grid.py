"""Bar and beat lines: which there are at a zoom, and where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from ...document.time import PPQ, Signature

GridMode = Literal["adaptive", "bar", "1/4", "1/8", "1/16", "1/32", "off"]
GRID_MODES: tuple[GridMode, ...] = ("adaptive", "bar", "1/4", "1/8", "1/16", "1/32", "off")
_FIXED = {"1/4": PPQ, "1/8": PPQ // 2, "1/16": PPQ // 4, "1/32": PPQ // 8}

LINE_PIXELS = 14.0
"""Lines stand at least this far apart, in logical pixels."""

FINEST = PPQ // 32


def step(signature: Signature, per_tick: float, least: float = LINE_PIXELS) -> int:
    """The distance of lines in ticks at `per_tick` logical pixels: a fraction of a beat, a beat, or 2^n bars."""
    beat, bar = signature.beat_ticks, signature.bar_ticks
    if beat * per_tick >= least:
        fine = beat
        while fine // 2 >= FINEST and fine % 2 == 0 and fine // 2 * per_tick >= least:
            fine //= 2
        return fine
    coarse = bar
    while coarse * per_tick < least:
        coarse *= 2
    return coarse


def spans(signatures: Sequence[Signature], first: float, last: float) -> Iterator[tuple[Signature, float, float]]:
    """The stretches between `first` and `last` ticks under one time signature each."""
    for i, signature in enumerate(signatures):
        begin = first if i == 0 else max(first, signature.tick)
        end = signatures[i + 1].tick if i + 1 < len(signatures) else last
        if begin < min(end, last):
            yield signature, begin, min(end, last)


def lines(
    signatures: Sequence[Signature], first: float, last: float, per_tick: float, least: float = LINE_PIXELS
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """The ticks of all lines from `first` to `last`, and which of them are bar lines."""
    ticks, strong = [np.zeros(0, np.int64)], [np.zeros(0, bool)]
    for signature, begin, end in spans(signatures, first, last):
        width = step(signature, per_tick, least)
        low = -(-(begin - signature.tick) // width)
        found = signature.tick + np.arange(int(low), int((end - signature.tick) // width) + 1, dtype=np.int64) * width
        ticks.append(found[(found >= 0) & ((found < end) | (end == last))])
        strong.append((ticks[-1] - signature.tick) % signature.bar_ticks == 0)
    return np.concatenate(ticks), np.concatenate(strong)


def nearest(signatures: Sequence[Signature], tick: float, per_tick: float, mode: GridMode) -> int | None:
    """The grid position nearest to a tick; None when the grid is off. `per_tick` in logical pixels."""
    if mode == "off":
        return None
    current = next(s for s in reversed(signatures) if s.tick <= max(tick, 0) or s is signatures[0])
    width = _width(current, per_tick, mode)
    return max(round((tick - current.tick) / width) * width + current.tick, 0)


def width_at(signatures: Sequence[Signature], tick: float, per_tick: float, mode: GridMode) -> int:
    """The distance of grid positions around a tick, in ticks; with the grid off that of the adaptive grid."""
    current = next(s for s in reversed(signatures) if s.tick <= max(tick, 0) or s is signatures[0])
    return _width(current, per_tick, "adaptive" if mode == "off" else mode)


def _width(signature: Signature, per_tick: float, mode: GridMode) -> int:
    if mode == "adaptive":
        return step(signature, per_tick)
    return signature.bar_ticks if mode == "bar" else _FIXED[mode]
