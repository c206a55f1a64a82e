"""Notes played by hand: an instrument beside the song, heard through the short ring."""

from __future__ import annotations

import numpy as np

from ...document.instruments import Instrument
from .fades import Floats
from .gainline import StereoGain
from .instruments.synth import Synth
from .score import OFF, ON, SILENT_SCORE, Score


class LiveNotes:
    """A synth of its own for one track. Made on any thread, then the render thread's.

    A synth that computes `step` frames ahead is asked for whole steps, so that no event comes too late for it.
    """

    def __init__(self, track: str, synth: Synth, step: int = 1) -> None:
        self.track, self.synth, self._step = track, synth, step
        self._at = 0
        self._left: Floats = np.zeros((2, 0), np.float32)
        self._due: list[tuple[int, int, int]] = []
        self._ringing = False
        synth.reset(SILENT_SCORE, 0)

    def set(self, instrument: Instrument) -> None:
        """Take other parameters; notes that sound go on as the instrument has them do."""
        self.synth.set(instrument)

    def tell(self, kind: int, number: int, value: int) -> None:
        """Have something happen with the next frame; see `score.Event` for kinds and values."""
        self._due.append((kind, number, value))

    def note(self, pitch: int, velocity: int) -> None:
        """Begin a note, or end it with a velocity of 0."""
        self.tell(ON if velocity else OFF, pitch, velocity)

    def end(self) -> None:
        """Let go of every note."""
        self._due.clear()
        self.synth.release()

    def take(self, frames: int, gain: StereoGain) -> Floats | None:
        """The next frames times a gain: float32 (frames, 2); None while nothing sounds, then no time passes."""
        if not self._due and not self._ringing and not self._left.shape[1]:
            return None
        short = frames - self._left.shape[1]
        if short > 0:
            self._left = np.concatenate((self._left, self._play(-(-short // self._step) * self._step)), axis=1)
        block, self._left = self._left[:, :frames], self._left[:, frames:]
        if not self._ringing and not self._left.any():
            self._left = self._left[:, :0]
        return block.T * np.array(gain, np.float32)

    def _play(self, frames: int) -> Floats:
        events = np.array([(self._at, *one) for one in self._due], np.int64).reshape(-1, 4)
        self._due.clear()
        block = self.synth.play(Score(*np.ascontiguousarray(events.T)), self._at, self._at + frames)
        self._at += frames
        self._ringing = self.synth.active
        return block
