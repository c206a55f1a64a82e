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
_FRACTION, _HALF = (1 << 32) - 1, 1 << (_SHIFT - 1)


@compiled("void(float32[:, ::1], float32[:, ::1], int64, int64, int64, int64, float32[:, ::1])")
def between(sound: Floats, weights: Floats, first: int, position: int, step: int, row: int, out: Floats) -> None:
    """Fill `out` (2, frames) from `sound` (2, all): from frame `first` on, at `position`, each frame `step` further on.

    Positions are in units of 2^-32; `row` is where the table begins in `weights`. TAPS // 2 frames on both sides of
    what is read must be there. Four sums are made side by side and added in one order.
    """
    left, right = sound[0], sound[1]
    for i in range(out.shape[1]):
        now = position + i * step
        at = first + (now >> 32) - (TAPS // 2 - 1)
        taps = weights[row + (((now & _FRACTION) + _HALF) >> _SHIFT)]
        a = b = c = d = e = f = g = h = np.float32(0.0)
        for k in range(0, TAPS, 4):
            w0, w1, w2, w3 = taps[k], taps[k + 1], taps[k + 2], taps[k + 3]
            a += left[at + k] * w0
            b += left[at + k + 1] * w1
            c += left[at + k + 2] * w2
            d += left[at + k + 3] * w3
            e += right[at + k] * w0
            f += right[at + k + 1] * w1
            g += right[at + k + 2] * w2
            h += right[at + k + 3] * w3
        out[0, i] = (a + b) + (c + d)
        out[1, i] = (e + f) + (g + h)
