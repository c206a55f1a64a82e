"""What a listener with the usual tools hears in a rendered piece: its tempo and its key."""

from __future__ import annotations

from pathlib import Path

import librosa
import numpy as np
import numpy.typing as npt
import soxr

from studio.document.harmony import SCALES, Key
from studio.engine.music.harmony.hearing import RATE as CHROMA_RATE
from studio.engine.music.harmony.hearing import hear

Floats = npt.NDArray[np.float32]

RATE = 22_050
HOP = 256
TOLERANCE = 0.02

_MAJOR = (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081)
_MINOR = (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052)


def load(file: Path) -> Floats:
    """The sound of a file as librosa likes it: mono, 22,050 Hz, float32 (frames,)."""
    sound, _ = librosa.load(file, sr=RATE, mono=True, res_type="soxr_hq")
    return np.asarray(sound, np.float32)


def tempo_of(sound: Floats) -> float:
    """Beats a minute as librosa finds them, told nothing of the piece.

    librosa names one of a few tempos, several per cent apart; the nearest at which the onsets repeat best after one to
    sixteen beats is taken, at most 4 per cent away.
    """
    onsets = librosa.onset.onset_strength(y=sound, sr=RATE, hop_length=HOP, aggregate=np.median)
    rough = float(librosa.feature.tempo(onset_envelope=onsets, sr=RATE, hop_length=HOP)[0])
    repeats = librosa.autocorrelate(onsets - onsets.mean()) / np.arange(len(onsets), 0, -1)
    candidates = rough / np.linspace(0.96, 1.04, 161)
    return float(max(candidates, key=lambda bpm: _evenness(repeats, 60 * RATE / HOP / bpm)))


def _evenness(repeats: npt.NDArray[np.float64], beat: float) -> float:
    """How strongly onsets repeat after whole beats of so many frames."""
    lags = beat * np.array([1, 2, 4, 8, 12, 16])
    lags = lags[lags < 0.8 * len(repeats)]
    return float(np.interp(lags, np.arange(len(repeats)), repeats).sum())


def same_tempo(found: float, asked: float) -> bool:
    """Whether a tempo is the one asked for within 2 per cent, or its half or double."""
    return any(abs(found / (asked * factor) - 1.0) <= TOLERANCE for factor in (0.5, 1.0, 2.0))


def key_of(sound: Floats) -> Key:
    """The major or minor key whose profile the pitch classes follow most closely.

    Overtones are told from notes first, as chord detection does it: librosa's chroma counts the third partial of every
    tone as a fifth above it, and finds the key of one piece in two. Profiles of J. Albrecht and D. Shanahan, The use of
    large corpora to train a new type of key-finding algorithm, Music Perception 31 (2013).
    """
    low = np.asarray(soxr.resample(sound, RATE, CHROMA_RATE), np.float32)
    classes = hear([low], np.arange(0.0, len(low) / CHROMA_RATE, 0.5)).classes.sum(0)
    matches = {
        (tonic, mode): float(np.corrcoef(classes, np.roll(profile, tonic))[0, 1])
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
