"""What one frame of the coach shows, without a pixel: the trace, the notes to sing, and the reading, as plain data."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import numpy.typing as npt

from ...engine.voice.following import last_jump
from ...engine.voice.livering import Seen
from ...engine.voice.pitchtrack import VOICED
from ...engine.voice.steady import STEP, Reading
from ...engine.voice.targets import Target, TargetNote

Points = npt.NDArray[np.float64]

BEFORE, AFTER = 1.0, 2.0
"""How the width is shared by what has been and what comes: the now-line stands at a third."""

AROUND = 3.0
"""Semitones that are shown beyond the notes to sing."""

FREE = 17.0
"""Semitones that are shown where there is nothing to sing."""

CLOSEST = 0.3
"""Seconds between the lines of beats, at least."""

BREAK = 1.2
"""Semitones between two frames from which on the trace is broken: a voice does not glide that fast."""


class Trace(msgspec.Struct, frozen=True, eq=False):
    """The sung pitch: `time` in seconds from now (negative: before), `semitone`, and `confidence`, oldest first."""

    time: Points
    semitone: Points
    confidence: Points


EMPTY = Trace(*(np.zeros(0) for _ in range(3)))


class Picture(msgspec.Struct, frozen=True, eq=False):
    """One frame. `now` is the second of the target; notes and lines are those of it that can be seen, bars in seconds.

    `low` and `high` are the semitones at the lower and upper edge. `level` is the input's peak, linear. `sentence` is
    shown in place of everything where there is nothing to follow.
    """

    now: float = 0.0
    trace: Trace = EMPTY
    notes: tuple[TargetNote, ...] = ()
    beats: tuple[tuple[float, bool], ...] = ()
    low: float = 52.0
    high: float = 69.0
    reading: Reading = Reading()
    level: float = 0.0
    in_tune: float = 15.0
    close: float = 25.0
    tuner: bool = False
    goal: float | None = None
    score: str = ""
    words: str = ""
    target: Target | None = None
    sentence: str = ""

    @property
    def cents(self) -> float:
        """Cents above (negative: below) the note to sing, or the nearest note where none is due."""
        if self.reading.semitone is None:
            return 0.0
        return 100.0 * (self.reading.semitone - self.aimed)

    @property
    def aimed(self) -> float:
        """The note that the needle is for: the one to sing now, if that is what is tried, else the nearest."""
        semitone = self.reading.semitone
        if semitone is None:
            return self.goal or 0.0
        if self.goal is not None and abs(semitone - self.goal) <= 1.0:
            return self.goal
        return float(round(semitone))


def trace_of(seen: Seen, times: Points, now: float, before: float) -> Trace:
    """What was sung within `before` seconds of now, in one go: what was sung before a jump is not shown."""
    if not len(seen):
        return EMPTY
    with np.errstate(invalid="ignore"):
        wanted = (times <= now + STEP) & (times >= now - before)
    wanted[: last_jump(times)] = False
    keep = np.flatnonzero(wanted)
    confidence = seen.confidence[keep].astype(np.float64)
    line = 69.0 + 12.0 * np.log2(np.maximum(seen.hz[keep].astype(np.float64), 1.0) / 440.0)
    sung = confidence >= VOICED
    return Trace((times[keep] - now)[sung], line[sung], confidence[sung])


def pieces(trace: Trace) -> npt.NDArray[np.bool_]:
    """Which points are joined to the one before them."""
    joined = np.zeros(len(trace.time), np.bool_)
    if len(joined) > 1:
        joined[1:] = (np.diff(trace.time) < 2.5 * STEP) & (np.abs(np.diff(trace.semitone)) < BREAK)
    return joined


def visible(target: Target, now: float, before: float, after: float) -> tuple[TargetNote, ...]:
    """The notes of a target that can be seen now."""
    return tuple(
        note
        for line in target.lines
        if line.end > now - before and line.start < now + after
        for note in line.notes
        if note.end > now - before and note.start < now + after
    )


def due(notes: tuple[TargetNote, ...], now: float) -> TargetNote | None:
    """The note to sing now."""
    return next((note for note in notes if note.start <= now < note.end and note.kind != "freestyle"), None)


def beats_of(target: Target | None, now: float, before: float, after: float) -> tuple[tuple[float, bool], ...]:
    """Where beats fall that can be seen, and whether a bar of four begins there."""
    if target is None or target.beat < 0.05:
        return ()
    beat = target.beat * 2 ** max(math.ceil(math.log2(CLOSEST / target.beat)), 0)
    first = math.ceil((now - before - target.first_beat) / beat)
    last = math.floor((now + after - target.first_beat) / beat)
    return tuple((target.first_beat + n * beat, n % 4 == 0) for n in range(first, last + 1))


def octaves_to(target: Target, seen: Seen, times: Points) -> int | None:
    """How many octaves above the target a voice sings it: the median over what it sang to it lately, None where that is
    too little to tell."""
    known = times[np.isfinite(times)]
    if not len(known):
        return None
    line = 69.0 + 12.0 * np.log2(np.maximum(seen.hz.astype(np.float64), 1.0) / 440.0)
    differences: list[float] = []
    for note in visible(target, float(known[-1]), 15.0, 0.0):
        sung = (times >= note.start) & (times < note.end) & (seen.confidence >= VOICED)
        differences += (line[sung] - note.pitch).tolist()
    return round(float(np.median(differences)) / 12) if len(differences) >= 20 else None


class Window:
    """Which semitones are shown: those of the target, or a stretch that follows the voice without haste."""

    def __init__(self) -> None:
        self.low, self.high = 52.0, 52.0 + FREE

    def follow(self, target: Target | None, reading: Reading) -> tuple[float, float]:
        """The lower and upper edge for the next frame."""
        if target is not None and target.lines:
            low, high = target.range
            low, high = low - AROUND, max(high + AROUND, low - AROUND + FREE)
        else:
            low, high = self.low, self.low + FREE
            if reading.semitone is not None and not low + 3 <= reading.semitone <= high - 3:
                low = round(reading.semitone - FREE / 2)
                high = low + FREE
        near = abs(low - self.low) + abs(high - self.high) < 0.05
        self.low += (low - self.low) * (1.0 if near else 0.15)
        self.high += (high - self.high) * (1.0 if near else 0.15)
        return self.low, self.high
