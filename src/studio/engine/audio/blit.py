"""Copies of sound that keep the interpreter lock.

numpy gives the lock away for every operation on more than 500 numbers, and beside busy threads each return of it costs
more than the copy itself. A copy between memoryviews does not.
"""

from __future__ import annotations

from .fades import Floats


def flat(array: Floats) -> memoryview[float]:
    """The samples of a contiguous float32 array in a row, to be written to."""
    return array.data.cast("B").cast("f")


def lay(into: memoryview[float], at: int, sound: Floats) -> None:
    """Write float32 (1 or 2, frames) to `into` from `at` on as (2, frames), mono on both sides."""
    frames = sound.shape[1]
    into[at : at + frames] = sound[0].data
    into[at + frames : at + 2 * frames] = sound[-1].data
