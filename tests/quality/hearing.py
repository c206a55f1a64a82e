"""What a listener with the usual tools hears in a rendered piece: its tempo and its key."""

from __future__ import annotations

from pathlib import Path

import librosa
import numpy as np
import numpy.typing as npt

from studio.document.harmony import SCALES, Key

Floats = npt.NDArray[np.float64]

RATE = 22_050
HOP = 256
TOLERANCE = 0.02

_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


def load(file: Path) -> npt.NDArray[np.float32]:
    """The sound of a file as librosa likes it: mono, 22,050 Hz, float32 (frames,)."""
    sound, _ = librosa.load(file, sr=RATE, mono=True, res_type="soxr_hq")
    return np.asarray(sound, np.float32)


def tempo_of(sound: npt.NDArray[np.float32]) -> float:
    """Beats a minute: the slope of a line through librosa's beats, whose own figure is quantised to several per cent.

    0 where fewer than four beats are found. It is told nothing of the piece.
    """
    _, beats = librosa.beat.beat_track(y=sound, sr=RATE, hop_length=HOP, units="time", trim=False)
    if len(beats) < 4:
        return 0.0
    slope = np.polyfit(np.arange(len(beats)), beats, 1)[0]
    return float(60.0 / slope)


def same_tempo(found: float, asked: float) -> bool:
    """Whether a tempo is the one asked for within 2 per cent, or its half or double."""
    return any(abs(found / (asked * factor) - 1.0) <= TOLERANCE for factor in (0.5, 1.0, 2.0))


def key_of(sound: npt.NDArray[np.float32]) -> Key:
    """The major or minor key whose profile the harmonic part's chroma follows most closely.

    Profiles of C. Krumhansl and E. Kessler, Tracing the dynamic changes in perceived tonal organization (1982).
    """
    harmonic = librosa.effects.harmonic(sound, margin=2.0)
    chroma = librosa.feature.chroma_cqt(y=harmonic, sr=RATE, hop_length=1024).mean(1)
    matches = {
        (tonic, mode): float(np.corrcoef(chroma, np.roll(profile, tonic))[0, 1])
        for mode, profile in (("major", _MAJOR), ("minor", _MINOR))
        for tonic in range(12)
    }
    tonic, mode = max(matches, key=lambda key: matches[key])
    return Key(0, tonic, mode)


def same_key(found: Key, asked: Key) -> bool:
    """Whether two keys have the same tonic and third, or are relatives: the same seven tones."""
    return (found.tonic == asked.tonic and _minor(found) == _minor(asked)) or _scale(found) == _scale(asked)


def _minor(key: Key) -> bool:
    return 3 in SCALES[key.mode] and 4 not in SCALES[key.mode]


def _scale(key: Key) -> frozenset[int]:
    return frozenset((key.tonic + step) % 12 for step in SCALES[key.mode])
