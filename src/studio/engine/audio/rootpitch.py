"""Which key a sound is: read from its file's name, or heard where it has a plain pitch."""

from __future__ import annotations

import math
import re

import numpy as np
import numpy.typing as npt

from .fades import Floats

LOWEST_HZ, HIGHEST_HZ = 35.0, 2100.0
SECONDS = 0.35
"""So much of the sound is listened to, after its attack."""

CLEAR = 0.9
"""How alike a sound must be to itself a period later to have a pitch."""

_STEPS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_SIGNS = {"#": 1, "♯": 1, "s": 1, "b": -1, "♭": -1, "": 0}
_NAME = re.compile(r"(?:^|[ _.\-(\[])([A-Ga-g])([#♯b♭]?|s(?=\d))(-?\d)?(?=$|[ _.\-)\]])")


def root_of(name: str, sound: Floats, rate: int) -> int | None:
    """The MIDI key of a sound, None where neither its name nor its pitch tell. Any thread but the render thread.

    C4 in a name is 60. A name without an octave (“bass_c”) gets the octave that is heard, or the middle one.
    """
    heard = heard_key(sound, rate)
    step, octave = named(name)
    if step is None:
        return heard
    if octave is not None:
        key = 12 * (octave + 1) + step
        return key if 0 <= key <= 127 else heard
    near = 60 if heard is None else heard
    return min((12 * n + step for n in range(10)), key=lambda key: abs(key - near))


def named(name: str) -> tuple[int | None, int | None]:
    """The step (0 to 11, C is 0) and the octave that a name ends with, None for what it does not say.

    A single letter counts only at the very end of a name: “take a 2” is no A.
    """
    found = list(_NAME.finditer(name))
    for match in reversed(found):
        letter, sign, octave = match.groups()
        if octave is not None or (match.end() == len(name) and match.start() > 0):
            return (_STEPS[letter.lower()] + _SIGNS[sign]) % 12, int(octave) if octave is not None else None
    return None, None


def heard_key(sound: Floats, rate: int) -> int | None:
    """The key nearest to the pitch of float32 (channels, frames), None where it has no plain one."""
    piece = _middle(sound, rate)
    shortest, longest = int(rate / HIGHEST_HZ), math.ceil(rate / LOWEST_HZ)
    if len(piece) < 3 * shortest or not piece.any():
        return None
    longest = min(longest, len(piece) // 2)
    likeness = _likeness(piece, longest + 1)
    falls = np.flatnonzero(likeness < 0.5)
    first = max(int(falls[0]) if falls.size else longest, shortest)
    inside = likeness[first:longest]
    if inside.size < 3 or inside.max() < CLEAR:
        return None
    peaks = np.flatnonzero((inside[1:-1] >= inside[:-2]) & (inside[1:-1] >= inside[2:])) + 1
    good = peaks[inside[peaks] > inside.max() * 0.93] if peaks.size else peaks
    if not good.size:
        return None
    at = first + int(good[0])
    a, b, c = likeness[at - 1 : at + 2].tolist()
    period = at + (0.5 * (a - c) / (a - 2 * b + c) if a - 2 * b + c else 0.0)
    key = round(69 + 12 * math.log2(rate / period / 440))
    return key if 0 <= key <= 127 else None


def _middle(sound: Floats, rate: int) -> npt.NDArray[np.float64]:
    """The part after the attack, as one channel without its mean."""
    mono = sound.mean(axis=0, dtype=np.float64) if sound.size else np.zeros(0)
    if not mono.any():
        return np.asarray(mono)
    loudest = int(np.abs(mono).argmax())
    begin = min(loudest + round(0.02 * rate), max(len(mono) - round(0.1 * rate), 0))
    piece = mono[begin : begin + round(SECONDS * rate)]
    return np.asarray(piece - piece.mean())


def _likeness(piece: npt.NDArray[np.float64], lags: int) -> npt.NDArray[np.float64]:
    """How alike the sound and itself some frames later are, 1 for the same: McLeod's normalised difference."""
    size = 1 << (2 * len(piece)).bit_length()
    spectrum = np.fft.rfft(piece, size)
    product = np.fft.irfft(np.abs(spectrum) ** 2, size)[:lags]
    energy = np.concatenate([[0.0], np.cumsum(piece * piece)])
    at = np.arange(lags)
    both = energy[len(piece) - at] + energy[-1] - energy[at]
    return np.asarray(2 * product / np.maximum(both, 1e-12))
