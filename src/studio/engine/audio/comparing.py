"""Several files played side by side, one of them heard: whichever is switched to goes on where the other was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from ...errors import StudioError
from .preview import Floats, Preview

STEP = 4096
"""Frames that are decoded of each file at a time."""

SWITCH_S = 0.005
"""Seconds that a switch fades over."""


class Compared(Preview):
    """Files on their way to the device, in step from their beginnings; played again from there until it is ended.

    `choose` is for any thread; `take` and `fade` are the render thread's. A file that cannot be read is silent, and
    `error` has a sentence. `played` counts the frames that were taken, at `rate`; `length` those of the longest file, 0
    until it has been decoded once.
    """

    def __init__(self, paths: Sequence[Path], rate: int, gains: Sequence[float]) -> None:
        """`gains` are linear."""
        super().__init__(paths[0], rate)
        self._files = [Preview(path, rate, gain) for path, gain in zip(paths, gains, strict=True)]
        self._chosen = self._heard = 0
        self.rate = rate
        self.played = self.length = 0

    def choose(self, number: int) -> None:
        """Has another file heard, counted from 0."""
        self._chosen = number

    def take(self, frames: int) -> Floats | None:
        """The next frames of the file that is chosen, at most `frames`: float32 (frames, 2), or None."""
        block = super().take(frames)
        if block is None:
            return None
        self.played += len(block)
        before, now = self._heard, self._chosen
        self._heard = now
        found = block[:, 2 * now : 2 * now + 2]
        if before == now:
            return found
        ramp = np.linspace(0, 1, min(len(block), max(round(SWITCH_S * self._rate), 1)), dtype=np.float32)[:, None]
        mixed = found.copy()
        head = slice(0, len(ramp))
        mixed[head] = block[head, 2 * before : 2 * before + 2] * (1 - ramp) + found[head] * ramp
        return mixed

    def _stereo(self) -> Iterator[Floats]:
        """The files beside one another, float32 (frames, 2 x files), over and over."""
        while True:
            total = 0
            for block in self._once():
                total += len(block)
                yield block
            self.length = total
            if not total:
                return

    def _once(self) -> Iterator[Floats]:
        streams = [self._readable(file) for file in self._files]
        rests = [np.zeros((0, 2), np.float32) for _ in streams]
        while True:
            for n, stream in enumerate(streams):
                while len(rests[n]) < STEP and (block := next(stream, None)) is not None:
                    rests[n] = np.concatenate([rests[n], block])
            longest = min(max(map(len, rests)), STEP)
            if not longest:
                return
            block = np.zeros((longest, 2 * len(rests)), np.float32)
            for n, rest in enumerate(rests):
                there = rest[:longest]
                block[: len(there), 2 * n : 2 * n + 2] = there
                rests[n] = rest[longest:]
            yield block

    def _readable(self, file: Preview) -> Iterator[Floats]:
        try:
            yield from file._stereo()
        except StudioError as error:
            self.error = str(error)
