"""Where a singer stands: the seconds of the target now and for each frame of the trace, whatever sets the pace."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt

from ...engine.voice.livering import Listening, Seen
from ...engine.voice.targets import Line, Target

COUNT_IN = 4
"""Beats before an exercise begins."""

CLICK, CLICK_FIRST = 88, 93
"""The notes of its clicks."""

AGAIN = 0.6
"""Seconds after a line until it is begun again."""

BEFORE = 3.0
"""Seconds within which a line that comes is the one to sing, not the next."""

AT_BEGINNING = 1.0
"""Seconds from the beginning of a line within which going back means the line before."""


LOST = 0.25
"""Seconds later than expected from which on input must have been lost."""


class Clock:
    """Turns input frames into the seconds of time.perf_counter(), smoothly although blocks come in bursts."""

    def __init__(self) -> None:
        self._listening: Listening | None = None
        self._frame = 0
        self._bias = 0.0

    def times(self, listening: Listening, seen: Seen) -> npt.NDArray[np.float64]:
        """The moment of each frame. The block that came with the least delay tells how late they come."""
        frame, came = listening.clock
        bias = came - frame / listening.rate
        if not came:
            return np.full(len(seen), np.nan)
        if self._listening is not listening or frame < self._frame or bias > self._bias + LOST:
            self._listening, self._bias = listening, bias
        elif frame != self._frame:
            self._bias = min(bias, self._bias + 0.0002)
        self._frame = frame
        return seen.at / listening.rate + self._bias


class Exercise:
    """An exercise on its way: clicks, then its lines, each with its first note given."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._zero = 0.0
        self._told = -1
        self.again: Line | None = None
        """The line that is sung again and again."""
        self.begin(0.0)

    def begin(self, second: float) -> None:
        """Starts a count-in before a second of the target."""
        self._zero = time.perf_counter() + COUNT_IN * self.target.beat - second
        self._first = round(second / self.target.beat) - COUNT_IN
        self._told = self._first - 1

    @property
    def now(self) -> float:
        """The second of the target; negative during the count-in."""
        return time.perf_counter() - self._zero

    def at(self, moments: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The seconds of the target at moments of time.perf_counter()."""
        return moments - self._zero

    def go_round(self) -> None:
        """Begins the line that is to be sung again, where it is over."""
        if self.again is not None and self.now > self.again.end + AGAIN:
            self.begin(self.again.start)

    @property
    def over(self) -> bool:
        """Whether everything was sung."""
        return self.now > self.target.lines[-1].end + 1.0

    def due(self) -> tuple[int, float] | None:
        """A note to be given now, and for how many seconds: clicks of the count-in, and the first note of a line in
        the beat before it."""
        beat = int(self.now // self.target.beat)
        if beat <= self._told:
            return None
        self._told = beat
        after = (beat + 1) * self.target.beat
        line = next((one for one in self.target.lines if abs(one.start - after) < 0.01), None)
        if line is not None:
            return round(line.notes[0].pitch), 0.8 * self.target.beat
        if beat < self._first + COUNT_IN:
            return (CLICK_FIRST if beat == self._first else CLICK), 0.06
        return None


def line_back(target: Target, now: float) -> Line:
    """The line to go back to: the one that is sung, the one before where it has just begun."""
    begun = [line for line in target.lines if line.start <= now - AT_BEGINNING]
    return begun[-1] if begun else target.lines[0]


def line_next(target: Target, now: float) -> Line:
    """The line after the one that is sung or comes next; after the last the first."""
    here = line_at(target, now)
    after = target.lines.index(here) + 1 if here is not None and here.start <= now + BEFORE else 0
    if here is not None and here.start > now + BEFORE:
        return here
    return target.lines[after % len(target.lines)]


def line_at(target: Target, now: float) -> Line | None:
    """The line that is sung now or comes next."""
    return next((line for line in target.lines if line.end > now), None)
