"""Slips of the pitch tracker into another octave, which a voice cannot make, put right."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .pitchtrack import A4, VOICED, Reals

OCTAVE = 0.06
"""Seconds that another octave of the same note must last before it is believed."""

AROUND = 0.12
"""Seconds before and after a frame in which its octave is looked for: the shortest notes are as long."""

LEAST = 5
"""Frames that must be sung there."""

LEAP = 6.0
"""Semitones between two frames from which on they belong to different notes, or octaves."""

SAME = 1.0
"""Semitones within which a pitch is another octave of the one around it."""

BATCH = 50_000
"""Frames that are looked at together."""


def without_slips(hz: Reals, confidence: Reals, step: float) -> Reals:
    """The pitches, float32 Hz, with those frames moved by octaves that stand alone in another one.

    What is sung must last OCTAVE seconds in another octave to be believed, as in the live reading; a guess where
    nothing is sung is put into the octave of what is sung around it. Any thread.
    """
    line = 69.0 + 12.0 * np.log2(np.maximum(hz.astype(np.float64), 1.0) / A4)
    sung = confidence >= VOICED
    octaves = np.zeros(len(hz), np.int64)
    reach = max(round(AROUND / step), 1)
    padded = np.pad(np.where(sung, line, np.nan), reach, constant_values=np.nan)
    for first in range(0, len(hz), BATCH):
        last = min(first + BATCH, len(hz))
        windows = np.lib.stride_tricks.sliding_window_view(padded[first : last + 2 * reach], 2 * reach + 1)
        octaves[first:last] = _apart(line[first:last], windows)
    slips = np.where(sung, _short(octaves, line, sung, round(OCTAVE / step)), octaves)
    return np.asarray(hz * 2.0 ** -slips.astype(np.float64), np.float32)


def _apart(line: npt.NDArray[np.float64], windows: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """How many octaves each frame is away from the middle of what is sung around it; 0 where it is no octave."""
    found = np.zeros(len(line), np.int64)
    known = np.flatnonzero(np.isfinite(windows).sum(axis=1) >= LEAST)
    if len(known):
        apart = line[known] - np.nanmedian(windows[known], axis=1)
        octaves = np.round(apart / 12).astype(np.int64)
        found[known] = np.where(np.abs(apart - 12 * octaves) < SAME, octaves, 0)
    return found


def _short(
    octaves: npt.NDArray[np.int64], line: npt.NDArray[np.float64], sung: npt.NDArray[np.bool_], most: int
) -> npt.NDArray[np.int64]:
    """The octaves of those stretches between leaps and rests that are shorter than `most` frames, 0 elsewhere."""
    kept = np.zeros(len(octaves), np.int64)
    parted = (sung[1:] != sung[:-1]) | (np.abs(np.diff(line)) > LEAP)
    edges = [0, *(np.flatnonzero(parted) + 1).tolist(), len(octaves)]
    for first, last in pairwise(edges):
        if last - first < most:
            kept[first:last] = octaves[first:last]
    return kept
