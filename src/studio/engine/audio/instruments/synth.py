"""What plays a score: the interface of all instruments, and the one that stays silent."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from ....document.instruments import Instrument
from ..fades import Floats
from ..score import Score


class Synth(Protocol):
    """An instrument at work. Made on the compiler thread, then owned by the render thread; it never blocks or raises.

    What it plays from a `reset` on is the same, bit for bit, however it is cut into blocks.
    """

    @property
    def notice(self) -> str:
        """A sentence about why it, or a part of it, is silent; empty if all of it plays."""

    @property
    def active(self) -> bool:
        """Whether something sounds, or rings on, without a further event."""

    def set(self, instrument: Instrument) -> None:
        """Take these parameters from now on."""

    def reset(self, score: Score, position: int) -> None:
        """Be silent at once, with the controls that hold at a song frame."""

    def release(self) -> None:
        """Let go of all notes that are held: the song jumps or has changed."""

    def play(self, score: Score, first: int, last: int) -> Floats:
        """float32 (2, frames): the song frames `first` to `last`, which follow the last call's unless it jumped."""


class SilentSynth:
    """Stands in for an instrument that could not be made."""

    active = False

    def __init__(self, notice: str) -> None:
        self.notice = notice

    def set(self, instrument: Instrument) -> None:
        """See Synth."""

    def reset(self, score: Score, position: int) -> None:
        """See Synth."""

    def release(self) -> None:
        """See Synth."""

    def play(self, score: Score, first: int, last: int) -> Floats:
        """See Synth."""
        return np.zeros((2, last - first), np.float32)
