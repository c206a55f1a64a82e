"""The tempo of a sound, by how evenly its onsets come."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .onsets import find_onsets

Floats = npt.NDArray[np.float32]

SLOWEST, FASTEST, STEP = 50.0, 200.0, 0.1
"""BPM that are tried."""

USUAL, SPREAD = 115.0, 0.6
"""The tempo that is likeliest, and octaves around it within which others are nearly so."""

LONGEST_S = 60
FEWEST = 6
"""Onsets below which there is no tempo."""

CHANCE = 7.5
"""The logarithm of how many tempos are tried: the evenness that so many onsets reach by chance follows from it."""

PARTS = ((1, 1.0), (2, 0.8), (4, 0.4))
"""How much onsets on beats count, on halves of beats, and on quarters."""


class TempoFound(NamedTuple):
    """Beats a minute, and how much more evenly than by chance the onsets lie on them or on parts of them, 0 to 1."""

    bpm: float
    confidence: float


def find_tempo(sound: Floats, rate: int) -> TempoFound | None:
    """The tempo of the first minute of float32 (channels, frames); None where hardly anything begins in it.

    Half or double of it may be what a person would tap. Takes some hundredths of the sound's length. Any thread but
    the render thread.
    """
    onsets = find_onsets(sound[:, : LONGEST_S * rate], rate)
    if len(onsets) < FEWEST:
        return None
    times = np.array([one.frame / rate for one in onsets])
    strengths = np.sqrt(np.array([one.strength for one in onsets]))
    tempos = np.arange(SLOWEST, FASTEST + STEP / 2, STEP)
    evenness = {part: _evenness(times, strengths, tempos * part) for part, _ in PARTS}
    score = sum(weight * evenness[part] for part, weight in PARTS)
    usual = np.exp(-0.5 * (np.log2(tempos / USUAL) / SPREAD) ** 2)
    best = int(np.argmax(score * usual))
    even = max(float(evenness[part][best]) for part, _ in PARTS)
    chance = min(np.sqrt(CHANCE / (strengths.sum() ** 2 / np.square(strengths).sum())), 0.99)
    return TempoFound(float(tempos[best]), max((even - chance) / (1 - chance), 0.0))


def _evenness(
    times: npt.NDArray[np.float64], strengths: npt.NDArray[np.float64], tempos: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """How nearly all onsets stand at one place of each tempo's beat, 0 to 1."""
    turns = np.exp(2j * np.pi * np.outer(tempos / 60.0, times))
    return np.asarray(np.abs(turns @ strengths) / strengths.sum())
