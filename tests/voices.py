"""Voices made up of harmonics, whose pitch is known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

PARTIALS = (1.0, 0.7, 0.5, 0.35, 0.25, 0.18, 0.12, 0.08)


def sung(semitones: npt.NDArray[np.float64], rate: int, level: float = 0.3) -> Floats:
    """A voice whose pitch goes through these MIDI notes, one a frame, with its ends faded over 20 ms."""
    hz = 440.0 * 2.0 ** ((np.asarray(semitones) - 69.0) / 12.0)
    phase = 2 * np.pi * np.cumsum(hz) / rate
    tone = sum(gain * np.sin((n + 1) * phase) for n, gain in enumerate(PARTIALS))
    fade = np.minimum(1.0, np.minimum(np.arange(len(hz)), np.arange(len(hz))[::-1]) / (0.02 * rate))
    return np.asarray(level * tone * fade / sum(PARTIALS), np.float32)


def note(semitone: float, seconds: float, rate: int, vibrato: tuple[float, float] | None = None) -> Floats:
    """A steady note, or one that swings at a rate in Hz by so many semitones from lowest to highest."""
    times = np.arange(round(seconds * rate)) / rate
    line = np.full(len(times), semitone)
    if vibrato is not None:
        line = line + vibrato[1] / 2 * np.sin(2 * np.pi * vibrato[0] * times)
    return sung(line, rate)


def rest(seconds: float, rate: int) -> Floats:
    """Silence."""
    return np.zeros(round(seconds * rate), np.float32)
