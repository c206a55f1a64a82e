"""What the picture of a take shows, without a pixel: the voice as points, each with how far off it is."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from ...engine.voice.grading import GradedNote, Tolerance
from ...engine.voice.pitchtrack import PitchTrack
from ...engine.voice.targets import TargetNote

Points = npt.NDArray[np.float64]

IN_TUNE, CLOSE, OFF, FREE = range(4)
"""Bands of the voice: beside a note to sing, and where none is to be sung."""

BREAK = 1.5
"""Semitones between two frames from which on the line is broken."""

AROUND = 1.5
"""Semitones shown beyond what is sung and to be sung."""

LEAST_ROWS = 9.0
"""Semitones that a picture shows at least."""

MOST_ROWS = 30.0
"""Semitones that a picture shows at most; what lies outside is left out."""


class Curve(msgspec.Struct, frozen=True, eq=False):
    """The sung frames: seconds, semitones, bands (0 to 3), and whether each is joined to the one before."""

    time: Points
    semitone: Points
    band: npt.NDArray[np.int64]
    joined: npt.NDArray[np.bool_]

    def between(self, start: float, end: float, most: int) -> Curve:
        """What can be seen from `start` to `end`, thinned to about `most` points."""
        first, last = np.searchsorted(self.time, (start, end)).tolist()
        step = max((last - first) // max(most, 1), 1)
        cut = slice(max(first - 1, 0), last + 1, step)
        if step == 1:
            return Curve(self.time[cut], self.semitone[cut], self.band[cut], self.joined[cut])
        time = self.time[cut]
        near = np.concatenate(([False], np.diff(time) < 3 * step * 0.01)) if len(time) else np.zeros(0, np.bool_)
        return Curve(time, self.semitone[cut], self.band[cut], near)


def curve_of(track: PitchTrack, notes: Sequence[GradedNote], tolerance: Tolerance) -> Curve:
    """The voice of a take beside the notes that were to be sung."""
    sung = track.voiced
    time, line = track.times[sung], track.semitones[sung]
    joined = np.zeros(len(time), np.bool_)
    if len(time) > 1:
        joined[1:] = (np.diff(time) < 1.5 * track.step) & (np.abs(np.diff(line)) < BREAK)
    return Curve(time, line, bands_of(time, line, [note.target for note in notes], tolerance), joined)


def bands_of(time: Points, line: Points, targets: Sequence[TargetNote], tolerance: Tolerance) -> npt.NDArray[np.int64]:
    """How far off each point is, by the bands."""
    bands = np.full(len(time), FREE, np.int64)
    for note in targets:
        if note.kind != "freestyle":
            inside = slice(*np.searchsorted(time, (note.start, note.end)).tolist())
            off = 100.0 * np.abs(line[inside] - note.pitch)
            bands[inside] = np.digitize(off, (tolerance.in_tune, tolerance.close), right=True)
    return bands


def rows_of(curve: Curve, targets: Sequence[TargetNote]) -> tuple[float, float]:
    """The lowest and the highest semitone of a picture: all that is to be sung, and the voice as far as it fits."""
    pitches = [note.pitch for note in targets]
    low, high = (min(pitches), max(pitches)) if pitches else (np.inf, -np.inf)
    if len(curve.time):
        below, above = np.percentile(curve.semitone, (2, 98)).tolist()
        low = min(low, max(below, high - MOST_ROWS)) if pitches else below
        high = max(high, min(above, low + MOST_ROWS))
    if not np.isfinite(low):
        return 57.0, 57.0 + LEAST_ROWS
    spare = max(LEAST_ROWS - (high - low) - 2 * AROUND, 0.0) / 2
    return float(low - AROUND - spare), float(high + AROUND + spare)
