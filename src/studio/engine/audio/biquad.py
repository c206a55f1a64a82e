"""Second-order filters: coefficients after Robert Bristow-Johnson, "Cookbook formulae for audio equalizer biquad filter
coefficients", and the cascade that runs them.

pedalboard's own filters set small state to zero at the end of every block, so what they return depends on where blocks
end (by up to -135 dBFS). These run in float64 through scipy's cascade, sample by sample, and do not.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from .fades import Floats
from .sosfilt import sosfilt

Section = npt.NDArray[np.float64]
"""b0 b1 b2 1 a1 a2."""

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
        self._work = np.empty((2, 0))

    def process(self, block: Floats) -> Floats:
        """float32 (2, frames) filtered, as a new array."""
        frames = block.shape[1]
        if self._work.shape[1] != frames:
            self._work = np.empty((2, frames))
        self._work[:] = block
        sosfilt(self.sections, self._work, self.state)
        return self._work.astype(np.float32)

    def filter(self, wide: npt.NDArray[np.float64]) -> None:
        """Filter a contiguous (2, frames) in place."""
        sosfilt(self.sections, wide, self.state)

    def settle(self) -> None:
        """Set state that has died away to zero. Called at fixed song frames, else it would show in the samples."""
        self.state[np.abs(self.state) < TINY] = 0.0
