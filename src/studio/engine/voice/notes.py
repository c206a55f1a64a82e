"""The notes that were sung: where each begins and ends, its pitch, and how the voice came to it, held it and swung."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from .pitchtrack import PitchTrack, hz_of, name_of
from .vibrato import Vibrato, find_vibrato

Line = npt.NDArray[np.float64]

HOLD_MS = 120.0
"""How dear a further note is to `segment_notes`; docs/coach-accuracy.md has what other values give."""

ATTACK, RELEASE = 0.06, 0.05
"""Seconds at the ends of a note that do not count for its pitch, a third of it at most."""

SCOOP = 0.25
"""Seconds in which a scoop comes up to its note."""

SCOOPED = 50.0
"""Cents below the note from which on its beginning is a scoop."""


class SungNote(msgspec.Struct, frozen=True):
    """A note as it was sung. Times in seconds of the recording, `pitch` on the scale of MIDI notes.

    `drift` is how many cents higher it ends than it begins, vibrato left out; `spread` the standard deviation in cents
    around its line; `scoop` how many cents below the note it was begun, 0 where it was begun in place.
    """

    start: float
    end: float
    pitch: float
    drift: float
    spread: float
    scoop: float
    vibrato: Vibrato | None
    confidence: float
    loudness: float

    @property
    def length(self) -> float:
        """Seconds."""
        return self.end - self.start

    @property
    def hz(self) -> float:
        """Its pitch in Hz."""
        return hz_of(self.pitch)

    @property
    def name(self) -> str:
        """The nearest note with its octave."""
        return name_of(self.pitch)

    @property
    def cents(self) -> float:
        """Cents above (negative: below) the nearest note."""
        return 100.0 * (self.pitch - round(self.pitch))


def find_notes(track: PitchTrack) -> list[SungNote]:
    """The notes of a track, in order. Any thread; five minutes take about half a second."""
    return [_described(track, start, end) for start, end in _segments(track)]


def _segments(track: PitchTrack) -> list[tuple[float, float]]:
    """Where notes begin and end, by the dynamic programming of swift-f0 over every second frame (16 ms)."""
    from swift_f0 import PitchResult, segment_notes
    from swift_f0.core import FRAME_PERIOD

    every = max(round(FRAME_PERIOD / track.step), 1)
    hz, confidence, loudness = (np.asarray(one[::every], np.float64) for one in _columns(track))
    if not len(hz):
        return []
    result = PitchResult(np.arange(len(hz)) * FRAME_PERIOD, hz, np.clip(confidence, 0.0, 1.0), loudness)
    found = segment_notes(result, pitch_hold_ms=HOLD_MS)
    return [(track.start + note.start, track.start + note.end) for note in found]


def _columns(track: PitchTrack) -> Sequence[npt.NDArray[np.float32]]:
    return track.hz, track.confidence, track.loudness


def _described(track: PitchTrack, start: float, end: float) -> SungNote:
    part = track.between(start, end)
    line = part.semitones
    heard = part.voiced if part.voiced.any() else np.ones(len(line), bool)
    times = part.times
    inner = _inner(times, start, end) & heard
    inner = inner if inner.sum() >= 3 else heard
    pitch = float(np.median(line[inner]))
    usable = inner & (np.abs(line - pitch) < 3.0)
    slope, around = _line(times[usable], line[usable] - pitch)
    vibrato = find_vibrato(line[usable] - pitch, track.step) if usable.all() or _unbroken(usable) else None
    return SungNote(
        start,
        end,
        pitch,
        100.0 * slope * float(times[usable][-1] - times[usable][0]) if usable.sum() > 1 else 0.0,
        100.0 * around,
        _scoop(times, line, heard, start, pitch),
        vibrato,
        float(part.confidence.mean()) if len(part) else 0.0,
        float(part.loudness.max()) if len(part) else -140.0,
    )


def _inner(times: Line, start: float, end: float) -> npt.NDArray[np.bool_]:
    third = (end - start) / 3
    return np.asarray((times >= start + min(ATTACK, third)) & (times < end - min(RELEASE, third)))


def _line(times: Line, cents: Line) -> tuple[float, float]:
    """Slope (semitones a second) and spread (semitones) of a straight line through a note's middle."""
    if len(times) < 3:
        return 0.0, 0.0
    middle = times - times.mean()
    slope = float((middle * cents).sum() / max((middle * middle).sum(), 1e-12))
    return slope, float(np.std(cents - cents.mean() - slope * middle))


def _unbroken(usable: npt.NDArray[np.bool_]) -> bool:
    inside = np.flatnonzero(usable)
    return len(inside) > 0 and float(usable[inside[0] : inside[-1] + 1].mean()) > 0.9


def _scoop(times: Line, line: Line, heard: npt.NDArray[np.bool_], start: float, pitch: float) -> float:
    """Cents below the note at its beginning, if it comes up from there; octave slips of the tracker do not count."""
    early = heard & (times < start + SCOOP)
    if early.sum() < 4:
        return 0.0
    below = 100.0 * (pitch - line[early])
    deepest = float(np.max(below[: max(len(below) // 2, 2)]))
    reached = bool((below[len(below) // 2 :] < SCOOPED / 2).any())
    return deepest if SCOOPED <= deepest < 700.0 and reached and math.isfinite(deepest) else 0.0
