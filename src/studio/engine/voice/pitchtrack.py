"""How a voice's pitch went, frame by frame, and the names of pitches."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from ...errors import StudioError

Reals = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

VOICED = 0.6
"""The confidence from which on a frame counts as sung; docs/coach-accuracy.md has what others give."""

A4 = 440.0
NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")

MAX_FRAMES = 20_000_000
"""More than a day; a stored track that claims more is not one."""


class PitchTrack(msgspec.Struct, frozen=True):
    """Pitch in frames `step` seconds apart, the first at `start` seconds of its sound.

    `hz`, `confidence` (0..1) and `loudness` (dB re full scale) are float32 arrays of one length. Where the confidence
    is below VOICED, `hz` is a guess.
    """

    start: float
    step: float
    hz: Reals
    confidence: Reals
    loudness: Reals

    def __len__(self) -> int:
        return len(self.hz)

    @property
    def times(self) -> npt.NDArray[np.float64]:
        """The seconds at which the frames stand."""
        frames = np.arange(len(self.hz), dtype=np.float64)
        return self.start + frames * self.step

    @property
    def voiced(self) -> Flags:
        """Which frames are sung."""
        return np.asarray(self.confidence >= VOICED)

    @property
    def semitones(self) -> npt.NDArray[np.float64]:
        """Pitches on the scale of MIDI notes, 69.0 for A4; as little worth as `hz` where nothing is sung."""
        heard = np.maximum(self.hz.astype(np.float64), 1.0)
        line: npt.NDArray[np.float64] = 69.0 + 12.0 * np.log2(heard / A4)
        return line

    def between(self, start: float, end: float) -> PitchTrack:
        """The frames from `start` to before `end`, in seconds of the sound."""
        first = max(math.ceil((start - self.start) / self.step - 1e-9), 0)
        last = max(math.ceil((end - self.start) / self.step - 1e-9), first)
        cut = slice(first, last)
        return PitchTrack(
            self.start + first * self.step, self.step, self.hz[cut], self.confidence[cut], self.loudness[cut]
        )


class _Stored(msgspec.Struct, array_like=True):
    """A track on disk: cents above 10 Hz as uint16, confidence and loudness as uint8."""

    version: int
    start: float
    step: float
    cents: bytes
    confidence: bytes
    loudness: bytes


LOWEST = 10.0
"""Hz at which stored cents begin."""


def encode_track(track: PitchTrack) -> bytes:
    """A track in 4 bytes a frame: pitch to a quarter cent, confidence to 1/255, loudness to half a decibel."""
    quarter_cents = 4 * 1200 * np.log2(np.maximum(track.hz, LOWEST) / LOWEST)
    cents = np.clip(np.round(quarter_cents), 0, 65_535).astype("<u2")
    confidence = np.clip(np.round(track.confidence * 255), 0, 255).astype(np.uint8)
    loudness = np.clip(np.round(-2 * track.loudness), 0, 255).astype(np.uint8)
    stored = _Stored(1, track.start, track.step, cents.tobytes(), confidence.tobytes(), loudness.tobytes())
    return msgspec.msgpack.encode(stored)


def decode_track(data: bytes) -> PitchTrack:
    """The track that `encode_track` wrote. Raises StudioError for anything else."""
    try:
        stored = msgspec.msgpack.decode(data, type=_Stored)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StudioError("This is not a stored pitch track; analyse the clip again.") from error
    frames = len(stored.confidence)
    fits = stored.version == 1 and len(stored.cents) == 2 * frames and len(stored.loudness) == frames <= MAX_FRAMES
    if not fits or not math.isfinite(stored.start) or not 1e-4 <= stored.step <= 1.0:
        raise StudioError("This stored pitch track does not make sense; analyse the clip again.")
    cents = np.frombuffer(stored.cents, "<u2").astype(np.float64) / 4
    hz = (LOWEST * 2.0 ** (cents / 1200)).astype(np.float32)
    confidence = (np.frombuffer(stored.confidence, np.uint8) / 255).astype(np.float32)
    loudness = (np.frombuffer(stored.loudness, np.uint8) / -2).astype(np.float32)
    return PitchTrack(stored.start, stored.step, hz, confidence, loudness)


def joined(tracks: Sequence[PitchTrack]) -> PitchTrack:
    """Tracks that follow one another as one. There must be one."""
    first = tracks[0]
    arrays = [np.concatenate([getattr(one, name) for one in tracks]) for name in ("hz", "confidence", "loudness")]
    return PitchTrack(first.start, first.step, *arrays)


def semitone_of(hz: float) -> float:
    """A frequency on the scale of MIDI notes."""
    return 69.0 + 12.0 * math.log2(hz / A4)


def hz_of(semitone: float) -> float:
    """The frequency of a MIDI note, fractions included."""
    return float(A4 * 2.0 ** ((semitone - 69.0) / 12.0))


def name_of(semitone: float) -> str:
    """The nearest note's name with its octave, such as "A4"."""
    nearest = round(semitone)
    return f"{NAMES[nearest % 12]}{nearest // 12 - 1}"


def cents_off(semitone: float) -> float:
    """How far a pitch is above (or, negative, below) the nearest note, in cents."""
    return 100.0 * (semitone - round(semitone))
