"""Vibrato: whether a pitch swings regularly, how fast and how wide."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import numpy.typing as npt

SLOWEST, FASTEST = 3.0, 10.0
"""Hz between which a swing is looked for."""

RATES = (4.0, 8.0)
"""Hz of what singers call vibrato; below it is wobble, above tremolo."""

LEAST_CYCLES = 2.0
LEAST_EXTENT = 0.3
"""Semitones from the lowest to the highest of a swing that counts: below it a steady voice only trembles."""

LEAST_SHARE = 0.55
"""The share of a pitch's movement that one regular swing must have."""


class Vibrato(msgspec.Struct, frozen=True):
    """A regular swing: `rate` in Hz, `extent` in semitones from lowest to highest."""

    rate: float
    extent: float

    @property
    def kind(self) -> str:
        """What a teacher calls it."""
        return "wobble" if self.rate < RATES[0] else "tremolo" if self.rate > RATES[1] else "vibrato"


def find_vibrato(semitones: npt.NDArray[np.float64], step: float) -> Vibrato | None:
    """The swing of a pitch given in frames `step` seconds apart; None where it does not swing regularly.

    The best sine and cosine of each rate are fitted beside a straight line by least squares; what the best rate
    explains of the movement around that line decides.
    """
    frames = len(semitones)
    length = frames * step
    if length * FASTEST < LEAST_CYCLES or frames < 8:
        return None
    times = (np.arange(frames) - (frames - 1) / 2) * step
    plain = np.stack([np.ones(frames), times], axis=1)
    rest = _rest(semitones, plain)
    moved = float((rest * rest).sum())
    if moved <= 1e-9:
        return None
    best = (0.0, 0.0, 0.0)
    for rate in np.arange(max(SLOWEST, LEAST_CYCLES / length), FASTEST + 0.01, 0.1):
        angle = 2 * math.pi * rate * times
        swing = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        swing -= plain @ np.linalg.lstsq(plain, swing, rcond=None)[0]
        parts = np.linalg.lstsq(swing, rest, rcond=None)[0]
        explained = float(((swing @ parts) ** 2).sum()) / moved
        if explained > best[0]:
            best = (explained, float(rate), 2.0 * float(np.hypot(*parts)))
    share, rate, extent = best
    return Vibrato(rate, extent) if share >= LEAST_SHARE and extent >= LEAST_EXTENT else None


def _rest(values: npt.NDArray[np.float64], basis: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(values - basis @ np.linalg.lstsq(basis, values, rcond=None)[0])
