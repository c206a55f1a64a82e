"""Second-order filters: coefficients after Robert Bristow-Johnson, "Cookbook formulae for audio equalizer biquad filter
coefficients", and the cascade that runs them.

pedalboard's own filters set small state to zero at the end of every block, so what they return depends on where blocks
end (by up to -135 dBFS). These run in float64, sample by sample, and do not; compiled (filterloop.py), those of many
strips in one call.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import StudioError
from .fades import Floats

Section = npt.NDArray[np.float64]
"""b0 b1 b2 1 a1 a2."""

_ALONE = np.zeros(1, np.int64)
TINY = 1e-30
"""State below this is set to zero (-600 dBFS): numbers without leading digit are a hundred times slower."""


def highpass(frequency: float, q: float, rate: int) -> Section:
    """12 dB an octave below `frequency` (Hz)."""
    cos, alpha = _angle(frequency, q, rate)
    return _section((1 + cos) / 2, -(1 + cos), (1 + cos) / 2, 1 + alpha, -2 * cos, 1 - alpha)


def lowpass(frequency: float, q: float, rate: int) -> Section:
    """12 dB an octave above `frequency` (Hz)."""
    cos, alpha = _angle(frequency, q, rate)
    return _section((1 - cos) / 2, 1 - cos, (1 - cos) / 2, 1 + alpha, -2 * cos, 1 - alpha)


def peak(frequency: float, gain_db: float, q: float, rate: int) -> Section:
    """A bell of `gain_db` around `frequency` (Hz)."""
    cos, alpha = _angle(frequency, q, rate)
    a = 10 ** (gain_db / 40)
    return _section(1 + alpha * a, -2 * cos, 1 - alpha * a, 1 + alpha / a, -2 * cos, 1 - alpha / a)


def low_shelf(frequency: float, gain_db: float, q: float, rate: int) -> Section:
    """`gain_db` below `frequency` (Hz)."""
    return _shelf(frequency, gain_db, q, rate, 1.0)


def high_shelf(frequency: float, gain_db: float, q: float, rate: int) -> Section:
    """`gain_db` above `frequency` (Hz)."""
    return _shelf(frequency, gain_db, q, rate, -1.0)


def _shelf(frequency: float, gain_db: float, q: float, rate: int, side: float) -> Section:
    cos, alpha = _angle(frequency, q, rate)
    a = 10 ** (gain_db / 40)
    plus, minus, root = a + 1, a - 1, 2 * math.sqrt(a) * alpha
    cos *= side
    return _section(
        a * (plus - minus * cos + root),
        2 * a * (minus - plus * cos) * side,
        a * (plus - minus * cos - root),
        plus + minus * cos + root,
        -2 * (minus + plus * cos) * side,
        plus + minus * cos - root,
    )


def _angle(frequency: float, q: float, rate: int) -> tuple[float, float]:
    """cos w0 and alpha; the frequency is kept below 0.49 of the rate."""
    omega = 2 * math.pi * min(frequency, 0.49 * rate) / rate
    return math.cos(omega), math.sin(omega) / (2 * q)


def _section(b0: float, b1: float, b2: float, a0: float, a1: float, a2: float) -> Section:
    return np.array([b0 / a0, b1 / a0, b2 / a0, 1.0, a1 / a0, a2 / a0])


class Cascade:
    """Filters in a row, in one pass. `sections` (n, 6); `state` (2, n, 2): channel, filter, delay. Render thread."""

    def __init__(self, sections: npt.NDArray[np.float64]) -> None:
        self.sections = np.ascontiguousarray(sections)
        self.state = np.zeros((2, len(sections), 2))

    def process(self, block: Floats) -> Floats:
        """float32 (2, frames) filtered, as a new array."""
        out: Floats = block[None].copy()
        load().run(out, _ALONE, np.array([len(self.sections)]), self.sections, self.state)
        return out[0, :]

    def settle(self) -> None:
        """Set state that has died away to zero. Called at fixed song frames, else it would show in the samples."""
        self.state[np.abs(self.state) < TINY] = 0.0


def filter_rows(filters: Sequence[tuple[int, Cascade]], signal: Floats) -> None:
    """Filter rows of a contiguous (strips, 2, frames) in place, each by its cascade, in one call."""
    cascades = [cascade for _, cascade in filters]
    rows = np.array([row for row, _ in filters])
    ends = np.cumsum([len(cascade.sections) for cascade in cascades])
    state = np.concatenate([cascade.state for cascade in cascades], axis=1)
    load().run(signal, rows, ends, np.concatenate([cascade.sections for cascade in cascades]), state)
    begin = 0
    for cascade, end in zip(cascades, ends.tolist(), strict=True):
        cascade.state[:] = state[:, begin:end]
        begin = end


def load() -> Any:
    """The compiled loop. Loaded by whoever makes a filter, and so never on the render thread.

    Raises StudioError where numba is missing or broken.
    """
    try:
        from . import filterloop
    except (ImportError, OSError, RuntimeError) as error:
        raise StudioError("Filters need numba, which cannot be loaded: run start.py once more.") from error
    return filterloop
