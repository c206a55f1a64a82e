"""A gain for left and right that moves in straight lines."""

from __future__ import annotations

import numpy as np

from .fades import Floats

StereoGain = tuple[float, float]

UNITY: StereoGain = (1.0, 1.0)
SILENT: StereoGain = (0.0, 0.0)


class Fader:
    """Applies a stereo gain; a new one is reached within `ramp` frames. Render thread."""

    __slots__ = ("_done", "_from", "_pair", "ramp", "target")

    def __init__(self, target: StereoGain, ramp: int) -> None:
        self.ramp = ramp
        self.snap(target)

    def snap(self, target: StereoGain) -> None:
        """Be at a gain at once."""
        self.target = self._from = target
        self._done = self.ramp
        self._pair: Floats = np.array([[target[0]], [target[1]]], np.float32)

    def aim(self, target: StereoGain) -> None:
        """Move to a gain from the next block on."""
        if target != self.target:
            now = self._now()
            self.snap(target)
            self._from, self._done = now, 0

    def _now(self) -> StereoGain:
        way = self._done / self.ramp
        (left, right), (to_left, to_right) = self._from, self.target
        return left + (to_left - left) * way, right + (to_right - right) * way

    @property
    def still(self) -> bool:
        """Whether it has arrived."""
        return self._done >= self.ramp

    @property
    def silent(self) -> bool:
        """Whether nothing passes, now and until it is moved."""
        return self.target == SILENT and self._done >= self.ramp

    def skip(self, frames: int) -> None:
        """Let time pass without a signal."""
        self._done = min(self._done + frames, self.ramp)

    def apply(self, block: Floats) -> Floats:
        """`block` (1 or 2, frames) times the gain; the block itself at rest at unity gain."""
        if self._done >= self.ramp:
            return block if self.target == UNITY else np.multiply(block, self._pair)
        return np.multiply(block, self._moving(block.shape[1]))

    def _moving(self, frames: int) -> Floats:
        """The gains (2, frames) on the way, which begin at the gain before."""
        way = np.arange(self._done, self._done + frames, dtype=np.float64)
        np.minimum(way / self.ramp, 1.0, out=way)
        self.skip(frames)
        start = np.array([[self._from[0]], [self._from[1]]])
        end = np.array([[self.target[0]], [self.target[1]]])
        gains: Floats = (start + (end - start) * way).astype(np.float32)
        return gains
