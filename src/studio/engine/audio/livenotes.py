"""Notes played by hand: an instrument beside the song, heard through the short ring."""

from __future__ import annotations

import numpy as np

from .fades import Floats
from .gainline import StereoGain
from .instruments.synth import Synth
from .score import OFF, ON, SILENT_SCORE, Score


class LiveNotes:
    """A synth of its own for one track. Made on any thread, then the render thread's."""

    def __init__(self, track: str, synth: Synth) -> None:
        self.track, self.synth = track, synth
        self._at = 0
        self._due: list[tuple[int, int, int]] = []
        self._ringing = False
        synth.reset(SILENT_SCORE, 0)

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
        if not self._due and not self._ringing:
            return None
        events = np.array([(self._at, *one) for one in self._due], np.int64).reshape(-1, 4)
        self._due.clear()
        block = self.synth.play(Score(*np.ascontiguousarray(events.T)), self._at, self._at + frames)
        self._at += frames
        self._ringing = self.synth.active
        return block.T * np.array(gain, np.float32)
