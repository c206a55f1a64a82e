"""Second-order filters of many strips in one call, compiled (ADR 15). See biquad.py for what the numbers mean.

Importing this loads numba: not on the render thread.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .compiled import compiled, inlined
from .fades import Floats

Reals = npt.NDArray[np.float64]


@inlined
def _cascade(block: Floats, sections: Reals, state: Reals) -> None:
    """Filter (2, frames) in place in float64, sample by sample through all sections; `state` is (2, sections, 2)."""
    count = len(sections)
    kept = np.empty((count, 4))
    for k in range(count):
        kept[k, 0], kept[k, 1] = state[0, k, 0], state[0, k, 1]
        kept[k, 2], kept[k, 3] = state[1, k, 0], state[1, k, 1]
    for i in range(block.shape[1]):
        left, right = np.float64(block[0, i]), np.float64(block[1, i])
        for k in range(count):
            b0, b1, b2, a1, a2 = sections[k, 0], sections[k, 1], sections[k, 2], sections[k, 4], sections[k, 5]
            one, two = b0 * left + kept[k, 0], b0 * right + kept[k, 2]
            kept[k, 0] = b1 * left - a1 * one + kept[k, 1]
            kept[k, 2] = b1 * right - a1 * two + kept[k, 3]
            kept[k, 1], kept[k, 3] = b2 * left - a2 * one, b2 * right - a2 * two
            left, right = one, two
        block[0, i], block[1, i] = np.float32(left), np.float32(right)
    for k in range(count):
        state[0, k, 0], state[0, k, 1] = kept[k, 0], kept[k, 1]
        state[1, k, 0], state[1, k, 1] = kept[k, 2], kept[k, 3]


@compiled("void(float32[:, :, ::1], int64[::1], int64[::1], float64[:, ::1], float64[:, :, ::1])")
def run(
    signal: Floats, rows: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], sections: Reals, state: Reals
) -> None:
    """Filter rows of `signal` (strips, 2, frames) in place.

    The sections (all, 6) and state (2, all, 2) of a row end at its number in `ends` and begin where those of the row
    before end.
    """
    begin = 0
    for at in range(len(rows)):
        _cascade(signal[rows[at]], sections[begin : ends[at]], state[:, begin : ends[at]])
        begin = ends[at]
