"""Judging while it is sung: each line of a target as soon as it is over, by the same figures as after the take."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .grading import Graded, GradedNote, Tolerance, grade
from .livering import Seen
from .pitchtrack import name_of
from .steady import STEP
from .targets import Line, Target

WAIT = 0.4
"""Seconds after a line at which its trace is final."""

EDGE = 0.1
"""Seconds of sound around a line."""

BACK = 0.3
"""Seconds by which the time must go back to have jumped."""


def last_jump(times: npt.NDArray[np.float64]) -> int:
    """The index of the first frame after the last jump in the seconds of a trace; 0 where they only go on."""
    if len(times) < 2:
        return 0
    jumps = np.flatnonzero(~(np.diff(times) > -STEP / 2))
    return int(jumps[-1]) + 1 if len(jumps) else 0


class Following:
    """Follows a singer through a target. One thread; `follow` with each look at the trace."""

    def __init__(self, target: Target, tolerance: Tolerance | None = None) -> None:
        self.target, self.tolerance = target, tolerance or Tolerance()
        self.judged: dict[int, Graded] = {}
        self._entered: float | None = None
        self._now = 0.0
        self._next = 0

    @property
    def score(self) -> float | None:
        """0 to 100 for pitch, over the lines that are over; None before the first. Golden notes count twice."""
        notes = [note for graded in self.judged.values() for note in graded.notes if _counts(note)]
        weights = [note.target.length * (2.0 if note.target.kind == "golden" else 1.0) for note in notes]
        if not sum(weights):
            return None
        return 100.0 * sum(w * note.pitch_credit for w, note in zip(weights, notes, strict=True)) / sum(weights)

    def follow(self, seen: Seen, times: npt.NDArray[np.float64], now: float) -> str:
        """What is to be said of the line that is just over, empty most of the time.

        `times` are the seconds of the target for the frames of `seen`, `now` where it stands. A line that was entered
        in the middle is not judged, one that is sung again is judged anew.
        """
        lines = self.target.lines
        if self._entered is None or now < self._now - BACK or now > self._now + 2.0:
            self._entered = now
            self._next = next((n for n, line in enumerate(lines) if line.start >= now - EDGE), len(lines))
        self._now = now
        if self._next >= len(lines) or now < lines[self._next].end + WAIT:
            return ""
        number, self._next = self._next, self._next + 1
        graded = self._judge(seen, times, lines[number])
        self.judged[number] = graded
        return verdict(number, graded, self.tolerance)

    def _judge(self, seen: Seen, times: npt.NDArray[np.float64], line: Line) -> Graded:
        heard = times.copy()
        heard[: last_jump(times)] = np.nan
        track = seen.track(heard, line.start - EDGE, line.end + EDGE)
        alone = Target(self.target.title, (line,), self.target.any_octave)
        return grade(track, (), alone, tolerance=self.tolerance)


def _counts(note: GradedNote) -> bool:
    return note.target.kind in ("normal", "golden")


def verdict(number: int, graded: Graded, tolerance: Tolerance) -> str:
    """One true sentence about a line, with its figures."""
    notes = [note for note in graded.notes if _counts(note)]
    sung = [note for note in notes if note.cents is not None]
    line = f"Line {number + 1}"
    if not notes:
        return ""
    if not sung:
        return f"{line}: nothing was heard."
    cents = [note.cents for note in sung if note.cents is not None]
    mean = sum(cents) / len(cents)
    good = sum(abs(one) <= tolerance.in_tune for one in cents)
    share = f"{good} of {len(notes)} notes in tune"
    if good == len(notes):
        return f"{line}: in tune, every note within {tolerance.in_tune:.0f} cents."
    if abs(mean) > tolerance.close:
        return f"{line}: {abs(mean):.0f} cents {_way(mean)} on the mean; {share}."
    worst = max(sung, key=lambda note: abs(note.cents or 0.0))
    off = worst.cents or 0.0
    if abs(off) <= tolerance.in_tune:
        return f"{line}: {share}, the others were not heard."
    return f"{line}: {share}; {name_of(worst.target.pitch)} was {abs(off):.0f} cents {_way(off)}."


def _way(cents: float) -> str:
    return "sharp" if cents > 0 else "flat"
