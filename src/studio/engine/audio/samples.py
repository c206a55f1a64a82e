"""Stretches of sound files held in memory: for the sampler, and for what listens to a whole clip."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...errors import StudioError
from .fades import Floats
from .pagefile import PAGE, PageFile


def read_sample(path: Path, rate: int, start: int, length: int) -> Floats:
    """float32 (1 or 2, length): the frames of a playable file from `start` on; silence outside of it.

    Raises StudioError with the reason where it cannot be read, or is not at `rate`. Not on the render thread.
    """
    file = PageFile(str(path), rate)
    try:
        if file.notice:
            raise StudioError(file.notice)
        buffer = np.empty((2, PAGE), np.float32)
        pages = range(start // PAGE, max(start + length - 1, start) // PAGE + 1)
        sound = [file.read(number, buffer).copy() for number in pages if number >= 0]
    finally:
        file.close()
    before = max(-start, 0)
    whole = np.concatenate(sound, axis=1) if sound else np.zeros((1, 0), np.float32)
    first = max(start, 0) % PAGE
    out = np.zeros((whole.shape[0], length), np.float32)
    part = whole[:, first : first + length - before]
    out[:, before : before + part.shape[1]] = part
    return out
