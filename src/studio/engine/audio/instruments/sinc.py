"""Reading sound between its frames: a windowed sinc, narrower for sound that is played faster, so that it folds less.

Only additions and multiplications of single frames are made, in a fixed order: what comes out does not depend on how
many frames are asked for at once.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..fades import Floats

TAPS = 16
"""Frames that each new one is made of."""

PHASES = 4096
"""Places between two frames that are told apart; the nearest is taken, which errs by less than -75 dB."""

STEPS, TABLES = 3, 13
"""Tables an octave, and how many: up to four octaves higher. Beyond that it folds."""

ONE = 1 << 32
"""A frame, in the unit that positions are counted in."""

PASSBAND, SHAPE = 0.95, 7.0

Integers = npt.NDArray[np.int64]


@lru_cache(maxsize=1)
def tables() -> Floats:
    """float32 (TAPS, TABLES * (PHASES + 1)): the weights. Takes some 50 ms the first time, not on the render thread."""
    way = np.arange(PHASES + 1) / PHASES
    offset = np.arange(TAPS)[:, None] - (TAPS // 2 - 1) - way
    window = np.i0(SHAPE * np.sqrt(np.clip(1 - (offset / (TAPS / 2)) ** 2, 0, None))) / np.i0(SHAPE)
    made = []
    for n in range(TABLES):
        width = PASSBAND * 2 ** (-n / STEPS)
        weights = np.sinc(width * offset) * window
        made.append(weights / weights.sum(axis=0))
    return np.ascontiguousarray(np.concatenate(made, axis=1), np.float32)


def table_for(step: int) -> int:
    """The table for sound that is read `step` on at each frame."""
    return min(max(math.ceil(STEPS * math.log2(step / ONE) - 1e-9), 0), TABLES - 1) if step > ONE else 0


def between(sound: Floats, first: Integers, position: Integers, table: Integers) -> Floats:
    """float32 (2, rows, frames): `sound` (2, all) from frames `first` (rows, 1) on, at `position` (rows, frames).

    Positions are in units of 1 / ONE; `table` (rows, 1) is what `table_for` says. Outside of `sound` the frames at its
    ends are read.
    """
    weights = tables()
    at = (position >> 32) + (first - (TAPS // 2 - 1))
    phase = ((position & (ONE - 1)) + (ONE // PHASES // 2)) >> 20
    phase += table * (PHASES + 1)
    out = np.take(sound, at, axis=1, mode="clip") * np.take(weights[0], phase)
    for tap in range(1, TAPS):
        at += 1
        out += np.take(sound, at, axis=1, mode="clip") * np.take(weights[tap], phase)
    return np.asarray(out)
