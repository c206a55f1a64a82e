"""The pitch of a voice while it sounds: a hint one frame after the sound, a first answer two frames after it, which is
as right as promised, and the best there is ten frames after it."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np

from .pitchtrack import Reals
from .tracking import HOP, RATE, detector

LOOK_AHEAD = 2
"""Frames of 16 ms that the first answer waits for; docs/coach-accuracy.md has what fewer and more give."""

HINT = 1
"""Frames that the hint waits for: it misses one sung frame in ten, but rarely shows what is none."""

FINAL = 10
"""Frames after which an answer cannot change any more."""

CONTEXT = 12
"""Frames before an answer that the network looks back on."""

LEAST = 8
"""Frames that must be there for a first answer at all."""


class LiveFrame(msgspec.Struct, frozen=True, gc=False):
    """A frame of the live trace: its input frame (of the device), pitch in Hz, confidence 0..1, loudness in dB.

    A `final` frame takes the place of the first answer for the same `at`, which took that of the `hint`.
    """

    at: int
    hz: float
    confidence: float
    loudness: float
    final: bool
    hint: bool = False


class LivePitch:
    """Follows a voice that comes in pieces of any size. One thread, which it keeps busy about 3 ms a frame of 16 ms."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._unit = RATE // math.gcd(HOP * rate, RATE)
        self._begin(0)

    def _begin(self, at: int) -> None:
        """Starts anew at an input frame. Frames of the trace are counted from there; `_base` is the first one held."""
        self._origin, self._base = at, 0
        self._answered = self._settled = 0
        self._sound: Reals = np.zeros(0, np.float32)

    def push(self, at: int, sound: Reals) -> list[LiveFrame]:
        """What follows from more sound: float32 mono, its first frame being input frame `at`.

        A gap in the input starts anew.
        """
        if at != self._origin + self._base * HOP * self._rate // RATE + len(self._sound):
            self._begin(at)
        self._sound = np.concatenate([self._sound, sound])
        there = self._base + len(self._sound) * RATE // (self._rate * HOP)
        if there < LEAST or there - LOOK_AHEAD <= self._answered:
            return []
        answers = self._answers(there)
        self._forget()
        return answers

    def _answers(self, there: int) -> list[LiveFrame]:
        """Final frames first, then first answers, then the hint, up to the newest that can be given."""
        import soxr

        heard = self._sound if self._rate == RATE else soxr.resample(self._sound, self._rate, RATE)
        result = detector().detect(heard[: (there - self._base) * HOP], RATE)
        settled, answered = max(there - FINAL, self._settled), there - LOOK_AHEAD
        final = [self._frame(result, n, True) for n in range(self._settled, settled)]
        first = [self._frame(result, n, False) for n in range(max(self._answered, settled), answered)]
        self._settled, self._answered = settled, answered
        return [*final, *first, self._frame(result, there - HINT - 1, False, hint=True)]

    def _frame(self, result: Any, n: int, final: bool, hint: bool = False) -> LiveFrame:
        k = n - self._base
        at = self._origin + n * HOP * self._rate // RATE
        heard = float(result.pitch_hz[k]), float(result.confidence[k]), float(result.loudness_db[k])
        return LiveFrame(at, *heard, final, hint)

    def _forget(self) -> None:
        """Lets go of sound that no further answer needs, in steps that are whole frames of both rates."""
        spare = (self._settled - CONTEXT - self._base) // self._unit * self._unit
        if spare > 0:
            self._sound = self._sound[spare * HOP * self._rate // RATE :]
            self._base += spare
