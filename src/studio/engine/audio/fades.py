"""Fade curves that come out the same, bit for bit, however a fade is cut into blocks.

Only additions, multiplications and divisions are used: numpy's sine may differ in the last bit between the vectorised
middle and the ends of an array, and then a render would depend on where its blocks begin.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

DECLICK = 64
"""Length of the fade where a clip cuts sound, in frames."""

LINEAR, EQUAL_POWER = 0, 1
SHAPES: dict[Literal["linear", "equal_power"], int] = {"linear": LINEAR, "equal_power": EQUAL_POWER}

_SINE = [(-1) ** k / math.factorial(2 * k + 1) for k in range(8)]


class Ramp:
    """A fade over the song frames `start` to `start + length`: up if `rising`, else down; 1 outside of it."""

    __slots__ = ("end", "length", "rising", "shape", "start")

    def __init__(self, start: int, length: int, shape: int, rising: bool) -> None:
        self.start, self.length, self.shape, self.rising = start, length, shape, rising
        self.end = start + length

    def gains(self, first: int, last: int) -> npt.NDArray[np.float64]:
        """The gain at each of the song frames `first` to `last`, both within the fade."""
        if self.rising:
            way = np.arange(first - self.start, last - self.start, dtype=np.float64)
        else:
            way = np.arange(self.end - 1 - first, self.end - 1 - last, -1, dtype=np.float64)
        way += 0.5
        way /= self.length
        return way if self.shape == LINEAR else quarter_sine(way)


def quarter_sine(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """sin(x pi / 2) for x in 0..1, within 1e-11: its Taylor series to the 15th power by Horner's rule."""
    angle = x * (math.pi / 2)
    square = angle * angle
    total = np.full_like(x, _SINE[-1])
    for coefficient in reversed(_SINE[:-1]):
        total *= square
        total += coefficient
    total *= angle
    return total
