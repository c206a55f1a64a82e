"""What listening to a recording leaves: its pitch track and what is wrong with its sound, both without the sound."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
import numpy as np

from ...errors import StudioError
from .grading import sustained
from .pitchtrack import PitchTrack, Reals, decode_track, encode_track
from .tracking import track_pitch

WINDOW = 0.128
"""Seconds of sound whose spectrum is compared with the pitch."""

EVERY = 0.5
"""Seconds between two such windows."""

BAND = (70.0, 2500.0)
"""Hz in which a voice has most of its harmonics."""

BRIGHT = 1000.0
"""Hz above which power is what makes a tone bright."""

CLIPPED = 0.001
"""The share of clipped samples from which on it is told."""

ALONE = 0.7
"""The share of the power in the harmonics of one pitch: 0.83 and more for one voice, 0.25 for a choir of four."""

STEADY = 3.0
"""Semitones within which a pitch stays in a window that is looked at."""

SPOKEN = 0.35
"""The held share of a voice below which it talks rather than sings."""

BREATHY = 0.2
"""The share of the sounding frames with a pitch below which it is whispered, or noise."""

SILENT, SOUNDING = -60.0, -45.0
"""Decibels re full scale of what is silence, and of what surely sounds."""


class SoundFacts(msgspec.Struct, frozen=True):
    """How good a sound is to judge a voice by.

    `clipped` is the share of its samples that are cut off; `alone` the median share of the power that lies in the
    harmonics of the pitch found, None where there is none.
    """

    seconds: float
    rate: int
    peak: float
    clipped: float
    alone: float | None


class Tone(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """How bright a sound is at a second: decibels of what lies above 1 kHz to what lies below."""

    at: float
    brightness: float


class Heard(msgspec.Struct, frozen=True):
    """A recording as the coach keeps it: 4 bytes each 8 ms, and its tone twice a second."""

    track: PitchTrack
    sound: SoundFacts
    tone: tuple[Tone, ...] = ()


class _Kept(msgspec.Struct, array_like=True):
    version: int
    track: bytes
    sound: SoundFacts
    tone: tuple[Tone, ...]


def encode_heard(heard: Heard) -> bytes:
    """What is stored beside a song."""
    return msgspec.msgpack.encode(_Kept(1, encode_track(heard.track), heard.sound, heard.tone))


def decode_heard(data: bytes) -> Heard:
    """What `encode_heard` wrote. Raises StudioError for anything else."""
    try:
        kept = msgspec.msgpack.decode(data, type=_Kept)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StudioError("This is not what the coach stored; analyse the recording again.") from error
    facts = kept.sound
    numbers = [facts.seconds, facts.peak, facts.clipped, facts.alone or 0.0]
    numbers += [value for tone in kept.tone for value in (tone.at, tone.brightness)]
    if kept.version != 1 or facts.rate < 1 or not all(map(math.isfinite, numbers)):
        raise StudioError("What the coach stored does not make sense; analyse the recording again.")
    return Heard(decode_track(kept.track), facts, kept.tone)


def listen(blocks: Iterable[Reals], rate: int, check: Callable[[], object] = lambda: None) -> Heard:
    """Follows the voice of a sound given in blocks of (channels, frames), float32, -1..1.

    Any thread but the main and render threads; memory grows by about 2 kB a second. `check` is called before each 30 s
    and may raise to stop. Raises StudioError for a sound without a single frame.
    """
    ear = _Ear(rate)
    track = track_pitch(ear.mono(blocks), rate, check)
    return Heard(track, ear.facts(track), ear.tone())


class _Ear:
    """Looks at a sound while it passes on its way to the pitch tracker."""

    def __init__(self, rate: int) -> None:
        self._rate, self._frames, self._samples, self._clipped = rate, 0, 0, 0
        self._peak = 0.0
        self._length = round(WINDOW * rate)
        hz = np.fft.rfftfreq(self._length, 1 / rate)
        self._inside = (hz > BAND[0]) & (hz < BAND[1])
        self._hz = hz[self._inside]
        self._shape = np.hanning(self._length)
        self._spectra: list[tuple[float, Any]] = []

    def mono(self, blocks: Iterable[Reals]) -> Iterator[Reals]:
        """The blocks as one channel."""
        for block in blocks:
            self._measure(block)
            one = np.asarray(block.mean(axis=0, dtype=np.float32))
            self._look(one)
            self._frames += len(one)
            yield one

    def _measure(self, block: Reals) -> None:
        loud = np.abs(block)
        peak = float(loud.max()) if loud.size else 0.0
        self._peak = max(self._peak, peak)
        self._samples += loud.size
        if peak > 0.1 and block.shape[1] > 2:
            still = (np.diff(block, axis=1) == 0) & (loud[:, 1:] >= 0.9 * peak)
            held = still[:, 1:] & still[:, :-1]
            self._clipped += int(held.sum()) + 2 * int((held[:, 1:] & ~held[:, :-1]).sum())

    def _look(self, sound: Reals) -> None:
        for at in range(0, len(sound) - self._length, round(EVERY * self._rate)):
            power = np.abs(np.fft.rfft(sound[at : at + self._length] * self._shape)[self._inside]) ** 2
            middle = (self._frames + at + self._length / 2) / self._rate
            self._spectra.append((middle, power.astype(np.float32)))

    def facts(self, track: PitchTrack) -> SoundFacts:
        """What was seen, beside the pitch that was found."""
        shares = [share for at, power in self._spectra if (share := self._share(track, at, power)) is not None]
        return SoundFacts(
            self._frames / self._rate,
            self._rate,
            self._peak,
            self._clipped / max(self._samples, 1),
            float(np.median(shares)) if shares else None,
        )

    def tone(self) -> tuple[Tone, ...]:
        """The brightness of each window that sounds."""
        bright = self._hz > BRIGHT
        found = []
        for at, power in self._spectra:
            low, high = float(power[~bright].sum()), float(power[bright].sum())
            if low > 0 and high > 0:
                found.append(Tone(round(at, 3), round(10 * math.log10(high / low), 1)))
        return tuple(found)

    def _share(self, track: PitchTrack, at: float, power: Any) -> float | None:
        """How much of a window's power lies in the harmonics of its pitch; None where that is not steady."""
        part = track.between(at - WINDOW / 2, at + WINDOW / 2)
        total = float(power.sum())
        if (
            len(part) < 4
            or float(part.voiced.mean()) < 0.7
            or float(np.ptp(part.semitones[part.voiced])) > STEADY
            or total <= 0
        ):
            return None
        pitch = float(np.median(part.hz[part.voiced]))
        number = np.round(self._hz / pitch)
        near = np.abs(self._hz - number * pitch) < np.maximum(2.0 / WINDOW, 0.03 * self._hz)
        return float(power[near & (number >= 1)].sum()) / total


def trust(sound: SoundFacts) -> float:
    """How far a sound lets a judgement be trusted, 0 to 1: less where much of it belongs to other voices, or is cut."""
    alone = 1.0 if sound.alone is None else min(sound.alone / ALONE, 1.0)
    return alone * max(1.0 - 5.0 * sound.clipped, 0.5)


def sound_notices(heard: Heard) -> tuple[str, ...]:
    """What the singer should know about a sound before believing its figures, each as a sentence with its number."""
    facts, track = heard.sound, heard.track
    loud = track.loudness > SOUNDING
    if facts.peak <= 0.0 or not len(track) or float(track.loudness.max()) < SILENT:
        return (f"Nothing is heard: {_span(facts.seconds)} of silence. Check the microphone and the take.",)
    told = []
    if facts.clipped >= CLIPPED:
        told.append(f"Clipped: {_percent(facts.clipped)} of the samples are cut off; record with less gain.")
    if not track.voiced.any():
        return (*told, "No singing is heard: nothing in this sound has a pitch. Choose a take with a voice.")
    pitched = float((track.voiced & loud).sum()) / max(int(loud.sum()), 1) if loud.any() else 1.0
    if pitched < BREATHY:
        told.append(f"Whispered or noisy? Only {_percent(pitched)} of what sounds has a pitch.")
    if facts.alone is not None and facts.alone < ALONE:
        told.append(
            f"More than one voice? Only {_percent(facts.alone)} of the sound belongs to the pitch that is followed."
        )
    held = sustained(track)
    if held < SPOKEN:
        told.append(f"Spoken? Only {_percent(held)} of the voice is held; singing holds 50 % and more.")
    noise = _above_noise(track)
    if noise is not None and noise < 12.0:
        told.append(f"Noisy: the voice stands only {noise:.0f} dB above what is heard between its notes.")
    if facts.rate < 16_000:
        told.append(f"Recorded at {facts.rate} Hz: what lies above {facts.rate // 2} Hz is missing; pitch is judged.")
    return tuple(told)


def _above_noise(track: PitchTrack) -> float | None:
    """Decibels from the quiet between notes to the voice; None where there is none of either."""
    sung, between = track.loudness[track.voiced], track.loudness[track.confidence < 0.3]
    if len(sung) < 30 or len(between) < 30:
        return None
    return float(np.median(sung) - np.percentile(between, 20))


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share < 0.1 else f"{100 * share:.0f} %"


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} s"
