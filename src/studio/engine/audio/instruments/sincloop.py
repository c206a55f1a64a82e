"""The arithmetic of sinc.py, compiled.

Importing this loads numba and what it compiled before, or compiles it, which takes a second: not on the render thread.
The compiler reorders nothing, so samples do not depend on how a song is cut into pieces.
"""

from __future__ import annotations

import numpy as np

from ..compiled import compiled
from ..fades import Floats
from .sinc import PHASES, TAPS

_SHIFT = 32 - PHASES.bit_length() + 1
_FRACTION, _REST, _PART = (1 << 32) - 1, (1 << _SHIFT) - 1, np.float32(2.0**-_SHIFT)


@compiled("void(float32[:, ::1], float32[:, ::1], int64, int64, int64, int64, float32[::1], float32[:, :])")
def add(
    sound: Floats, weights: Floats, first: int, position: int, step: int, row: int, gains: Floats, out: Floats
) -> None:
    """Add `sound` (2, all), read from frame `first` on at `position`, each frame `step` further, to `out` (2, frames).

    Positions are in units of 2^-32; `row` is where the table begins in `weights`. `gains` has one entry for each frame,
    or one for all. TAPS // 2 frames on both sides of what is read must be there. Four sums are made side by side and
    added in one order.
    """
    same, gain = len(gains) == 1, gains[0]
    left, right = sound[0], sound[1]
    for i in range(out.shape[1]):
        now = position + i * step
        gain = gain if same else gains[i]
        at = first + (now >> 32) - (TAPS // 2 - 1)
        fraction = now & _FRACTION
        here, there = weights[row + (fraction >> _SHIFT)], weights[row + (fraction >> _SHIFT) + 1]
        part = np.float32(fraction & _REST) * _PART
        a = b = c = d = e = f = g = h = np.float32(0.0)
        for k in range(0, TAPS, 4):
            w0 = here[k] + (there[k] - here[k]) * part
            w1 = here[k + 1] + (there[k + 1] - here[k + 1]) * part
            w2 = here[k + 2] + (there[k + 2] - here[k + 2]) * part
            w3 = here[k + 3] + (there[k + 3] - here[k + 3]) * part
            a += left[at + k] * w0
            b += left[at + k + 1] * w1
            c += left[at + k + 2] * w2
            d += left[at + k + 3] * w3
            e += right[at + k] * w0
            f += right[at + k + 1] * w1
            g += right[at + k + 2] * w2
            h += right[at + k + 3] * w3
        out[0, i] += ((a + b) + (c + d)) * gain
        out[1, i] += ((e + f) + (g + h)) * gain
