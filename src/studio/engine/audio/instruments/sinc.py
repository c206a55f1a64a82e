"""Reading sound between its frames: a windowed sinc, narrower for sound that is played faster, so that it folds less.

What is read is computed in sincloop.py.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from ..fades import Floats

TAPS = 16
"""Frames that each new one is made of."""

PHASES = 256
"""Places between two frames for which there are weights; lines join them, which errs by less than -100 dB."""

STEPS, TABLES = 3, 13
"""Tables an octave, and how many: up to four octaves higher. Beyond that it folds."""

ONE = 1 << 32
"""A frame, in the unit that positions are counted in."""

PASSBAND, SHAPE = 0.95, 7.0


@lru_cache(maxsize=1)
def tables() -> Floats:
    """float32 (TABLES * (PHASES + 1), TAPS): the weights. Takes some 50 ms the first time, not on the render thread."""
    way = np.arange(PHASES + 1) / PHASES
    offset = np.arange(TAPS)[:, None] - (TAPS // 2 - 1) - way
    window = np.i0(SHAPE * np.sqrt(np.clip(1 - (offset / (TAPS / 2)) ** 2, 0, None))) / np.i0(SHAPE)
    made = []
    for n in range(TABLES):
        width = PASSBAND * 2 ** (-n / STEPS)
        weights = np.sinc(width * offset) * window
        made.append(weights / weights.sum(axis=0))
    return np.ascontiguousarray(np.concatenate(made, axis=1).T, np.float32)


def table_for(step: int) -> int:
    """Where the table for sound that is read `step` on at each frame begins in `tables`."""
    return (PHASES + 1) * min(max(math.ceil(STEPS * math.log2(step / ONE) - 1e-9), 0), TABLES - 1) if step > ONE else 0
