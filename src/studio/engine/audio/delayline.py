"""Delays that line up the ways of the mix when effects look ahead."""

from __future__ import annotations

import numpy as np

from .fades import Floats


class DelayLine:
    """Delays float32 (2, frames) by a fixed number of frames, silence first. Render thread."""

    def __init__(self, delay: int) -> None:
        self.frames = delay
        self.reset()

    def reset(self) -> None:
        """Silence again."""
        self._held = np.zeros((2, self.frames), np.float32)
        self.busy = False

    def process(self, block: Floats) -> Floats:
        """The block that lies the delay before this one. `busy` tells whether sound is still held."""
        if block.shape[0] == 1:
            block = np.repeat(block, 2, axis=0)
        joined = np.concatenate([self._held, block], axis=1)
        self._held = joined[:, block.shape[1] :].copy()
        self.busy = bool(self._held.any())
        return joined[:, : block.shape[1]]
