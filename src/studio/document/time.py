"""Musical time in ticks, audio time in frames, and the one kernel that converts between them.

Musical time is counted in integer ticks (960 per quarter note), audio time in integer frames at the project's rate.
They are distinct types so that a type checker refuses to mix them. `TempoMap` converts; nothing else in the program
does. Its kernel is numpy for single values too, because two implementations of one formula would round differently.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NewType

import msgspec

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Ticks = npt.NDArray[np.int64]
    Frames = npt.NDArray[np.int64]

Tick = NewType("Tick", int)
Frame = NewType("Frame", int)

PPQ = 960
"""Ticks per quarter note."""

MIN_BPM, MAX_BPM = 10.0, 999.0
MIN_RATE, MAX_RATE = 22_050, 384_000


class TempoPoint(msgspec.Struct, frozen=True, gc=False):
    """The tempo from `tick` on: constant until the next point, or with `ramp` linear in BPM over ticks up to it."""

    tick: int
    bpm: float
    ramp: bool = False


class Signature(msgspec.Struct, frozen=True, gc=False):
    """The time signature from `tick` on, which is the first tick of a bar."""

    tick: int
    numerator: int = 4
    denominator: int = 4

    @property
    def beat_ticks(self) -> int:
        """Ticks of one beat (one `denominator` note)."""
        return PPQ * 4 // self.denominator

    @property
    def bar_ticks(self) -> int:
        """Ticks of one bar."""
        return self.beat_ticks * self.numerator


class TempoMap:
    """Ticks to frames and back, for one sequence of tempo points at one rate. Immutable; any thread.

    `tick(frame(t)) == t` for every tick at 10 to 999 BPM and 22,050 Hz or more; `frame(tick(f))` is within half a tick
    of f. Before the first point the first tempo holds.
    """

    def __init__(self, points: tuple[TempoPoint, ...], rate: int) -> None:
        import numpy as np

        self.points, self.rate = points, rate
        self._ticks = np.array([p.tick for p in points], np.float64)
        self._bpm = np.array([p.bpm for p in points], np.float64)
        following = points[1:]
        slopes = [
            (b.bpm - a.bpm) / (b.tick - a.tick) if a.ramp else 0.0 for a, b in zip(points, following, strict=False)
        ]
        self._slope = np.array([*slopes, 0.0], np.float64)
        self._seconds = np.zeros(len(points), np.float64)
        for i, point in enumerate(following):
            length = self._span(np.array([i]), np.array([point.tick - points[i].tick], np.float64))[0]
            self._seconds[i + 1] = self._seconds[i] + length

    def _span(self, index: Any, ticks: Any) -> Any:
        """Seconds from point `index` over `ticks`: the integral of 60 / (PPQ bpm), in a form stable for flat ramps."""
        import numpy as np

        steep = self._slope[index] * ticks / self._bpm[index]
        flat = steep == 0.0
        bend = np.where(flat, 1.0, np.log1p(steep) / np.where(flat, 1.0, steep))
        return 60.0 * ticks / (PPQ * self._bpm[index]) * bend

    def seconds_of(self, ticks: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Exact seconds of each tick, float64, same shape as the input made one-dimensional."""
        import numpy as np

        at = np.atleast_1d(np.ascontiguousarray(ticks, np.float64))
        index = np.maximum(np.searchsorted(self._ticks, at, side="right") - 1, 0)
        before = at < self._ticks[0]
        span = self._span(index, np.where(before, 0.0, at - self._ticks[index]))
        early = (at - self._ticks[0]) * 60.0 / (PPQ * self._bpm[0])
        return self._seconds[index] + np.where(before, early, span)  # type: ignore[no-any-return]

    def frames(self, ticks: npt.ArrayLike) -> Frames:
        """The frame of each tick: int64, one-dimensional."""
        import numpy as np

        return np.rint(self.seconds_of(ticks) * self.rate).astype(np.int64)

    def ticks(self, frames: npt.ArrayLike) -> Ticks:
        """The tick nearest to each frame: int64, one-dimensional."""
        import numpy as np

        return np.rint(self.exact_ticks(frames)).astype(np.int64)

    def exact_ticks(self, frames: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """The fractional tick of each frame: float64, one-dimensional. For drawing; positions use `ticks`."""
        import numpy as np

        seconds = np.atleast_1d(np.ascontiguousarray(frames, np.float64)) / self.rate
        index = np.maximum(np.searchsorted(self._seconds, seconds, side="right") - 1, 0)
        beats = (seconds - self._seconds[index]) * PPQ / 60.0
        slope, bpm = self._slope[index], self._bpm[index]
        steep = slope * np.where(seconds < 0, 0.0, beats)
        flat = steep == 0.0
        bend = np.where(flat, 1.0, np.expm1(steep) / np.where(flat, 1.0, steep))
        return self._ticks[index] + bpm * beats * bend

    def frame(self, tick: int) -> Frame:
        """The frame of one tick."""
        return Frame(int(self.frames(tick)[0]))

    def tick(self, frame: int) -> Tick:
        """The tick nearest to one frame."""
        return Tick(int(self.ticks(frame)[0]))

    def bpm_at(self, tick: int) -> float:
        """The tempo in force at a tick, in BPM."""
        import numpy as np

        index = max(int(np.searchsorted(self._ticks, tick, side="right")) - 1, 0)
        ahead = max(tick - self._ticks[index], 0.0)
        return float(self._bpm[index] + self._slope[index] * ahead)


@lru_cache(maxsize=64)
def tempo_map(points: tuple[TempoPoint, ...], rate: int) -> TempoMap:
    """The tempo map of these points, built once for as long as it is in use."""
    return TempoMap(points, rate)


class BarBeat(msgspec.Struct, frozen=True, gc=False):
    """A musical position as people read it: bar and beat from 1, ticks from 0."""

    bar: int
    beat: int
    tick: int

    def __str__(self) -> str:
        return f"{self.bar}.{self.beat}.{self.tick:03d}"


def bar_beat(signatures: tuple[Signature, ...], tick: int) -> BarBeat:
    """Where `tick` lies in bars and beats. Ticks before the first signature count down from bar 1 (bar 0, -1, ...)."""
    bars, current = 0, signatures[0]
    for following in signatures[1:]:
        if following.tick > tick:
            break
        bars += (following.tick - current.tick) // current.bar_ticks
        current = following
    bar, within = divmod(tick - current.tick, current.bar_ticks)
    beat, rest = divmod(within, current.beat_ticks)
    return BarBeat(bars + bar + 1, beat + 1, rest)


def bar_tick(signatures: tuple[Signature, ...], bar: int) -> Tick:
    """The first tick of bar number `bar` (from 1)."""
    left, current = bar - 1, signatures[0]
    for following in signatures[1:]:
        length = (following.tick - current.tick) // current.bar_ticks
        if left < length:
            break
        left -= length
        current = following
    return Tick(current.tick + left * current.bar_ticks)


def signature_at(signatures: tuple[Signature, ...], tick: int) -> Signature:
    """The signature in force at a tick."""
    current = signatures[0]
    for following in signatures[1:]:
        if following.tick > tick:
            break
        current = following
    return current
