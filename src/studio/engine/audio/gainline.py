"""The gain of one strip over the frames of the output: straight lines between knots."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

StereoGain = tuple[float, float]
"""Linear gains of the left and the right channel."""


class GainLine:
    """A stereo gain that is linear between knots and constant before the first and after the last. Render thread."""

    def __init__(self, gain: StereoGain, at: int = 0) -> None:
        self._frames = [at]
        self._gains = [gain]

    @property
    def target(self) -> StereoGain:
        """The gain it arrives at."""
        return self._gains[-1]

    def glide(self, at: int, target: StereoGain, length: int) -> None:
        """From frame `at` on, move to `target` within `length` frames, whatever was planned after `at`."""
        now = self.at(at)
        keep = next((i for i, frame in enumerate(self._frames) if frame >= at), len(self._frames))
        self._frames[keep:] = [at, at + length]
        self._gains[keep:] = [now, target]

    def settled(self, at: int) -> bool:
        """Whether it no longer moves from frame `at` on."""
        return self._frames[-1] <= at or len(self._frames) == 1

    def at(self, frame: int) -> StereoGain:
        """The gain at one frame."""
        left = np.interp(frame, self._frames, [gain[0] for gain in self._gains])
        right = np.interp(frame, self._frames, [gain[1] for gain in self._gains])
        return float(left), float(right)

    def over(self, start: int, frames: int) -> npt.NDArray[np.float32]:
        """The gain at each of `frames` frames from `start` on: float32 (2, frames)."""
        if self.settled(start):
            return np.repeat(np.array([self.target], np.float32).T, frames, axis=1)
        at = np.arange(start, start + frames)
        sides = [np.interp(at, self._frames, [gain[side] for gain in self._gains]) for side in (0, 1)]
        return np.asarray(sides, np.float32)

    def forget(self, before: int) -> None:
        """Drop the knots that no frame from `before` on depends on."""
        while len(self._frames) > 2 and self._frames[1] <= before:
            del self._frames[0], self._gains[0]
