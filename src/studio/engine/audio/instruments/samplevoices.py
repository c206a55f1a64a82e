"""Voices of the sampler: a stretch of sound each, read at some speed, with its envelope.

Everything is a function of how far a voice has come, made of additions and multiplications of single frames, so that
the samples do not depend on how a stretch of time is cut.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from ....document.instruments import Zone
from ..fades import DECLICK, Floats
from ..samples import Stretch
from .sinc import ONE, table_for, tables

Values = npt.NDArray[np.float64]


class Envelope(msgspec.Struct, frozen=True):
    """Attack, decay and release in frames, 0 for none, and the level that is held, 0 to 1."""

    attack: int
    decay: int
    sustain: float
    release: int

    @property
    def flat(self) -> bool:
        """Whether it changes nothing until the release."""
        return self.attack == 0 and self.sustain == 1.0

    def at(self, age: Values) -> Values:
        """The level so many frames after the beginning: a line up, then down a curve that flattens out."""
        fallen = np.clip((age - self.attack) / max(self.decay, 1), 0.0, 1.0)
        rest = 1.0 - fallen
        level = self.sustain + (1.0 - self.sustain) * rest * rest
        return np.minimum((age + 0.5) / self.attack, level) if self.attack else level


class Voice:
    """A note that sounds. `phase` is how far into its stretch it is, `step` how far a frame goes, in units of 1 / ONE.

    `held`: its key is down. `age` counts frames. `released` and `choked` are the ages at which it was let go of.
    """

    __slots__ = (
        "age", "choke", "choked", "envelope", "fade", "gain", "held", "key", "level", "one_shot", "phase", "pitch",
        "released", "step", "stretch", "table",
    )  # fmt: skip

    def __init__(self, zone: Zone, stretch: Stretch, key: int, gain: float, envelope: Envelope) -> None:
        self.stretch, self.key, self.gain, self.envelope = stretch, key, np.array([gain], np.float32), envelope
        self.choke, self.one_shot = zone.choke, zone.one_shot
        self.pitch = key - zone.root + zone.tune / 100
        self.phase = self.age = 0
        self.held, self.released, self.choked, self.fade, self.level = True, -1, -1, 1, 1.0
        self.bend(0.0)

    def bend(self, semitones: float) -> None:
        """Sound so much higher than its key from now on."""
        self.step = max(round(2 ** ((self.pitch + semitones) / 12) * ONE), 1)
        self.table = table_for(self.step)

    @property
    def plain(self) -> bool:
        """Whether it plays the very samples of its stretch."""
        return self.step == ONE and self.phase & (ONE - 1) == 0

    @property
    def ending(self) -> bool:
        """Whether it is over within milliseconds: choked, or past the end of its stretch."""
        return self.choked >= 0 or self.phase >= self.stretch.length << 32

    @property
    def left(self) -> int:
        """How many frames it goes on for."""
        left = -(-((self.stretch.end << 32) - self.phase) // self.step)
        if self.released >= 0:
            left = min(left, self.released + self.envelope.release - self.age)
        if self.choked >= 0:
            left = min(left, self.choked + self.fade - self.age)
        return max(left, 0)

    def let_go(self) -> None:
        """Begin its release."""
        if self.released < 0:
            self.level = float(self.envelope.at(np.array([self.age], np.float64))[0])
            self.released = self.age

    def end(self, fade: int) -> None:
        """Fade out within so many frames, unless it ends by itself."""
        if not self.ending:
            self.choked, self.fade = self.age, fade

    def skip(self, frames: int) -> None:
        """Go on by so many frames."""
        self.age += frames
        self.phase += frames * self.step

    def levels(self, frames: int) -> Values | None:
        """What multiplies its next frames, None where nothing does."""
        total = self._edges(frames)
        if self.choked < 0 and self.released < 0 and self.envelope.flat:
            return total
        age = np.arange(self.age, self.age + frames, dtype=np.float64)
        if self.released >= 0:
            rest = np.clip(1.0 - (age - self.released) / max(self.envelope.release, 1), 0.0, 1.0)
            shape = self.level * rest * rest
        else:
            shape = self.envelope.at(age)
        if self.choked >= 0:
            shape = shape * np.clip(1.0 - (age - self.choked + 0.5) / self.fade, 0.0, 1.0)
        return shape if total is None else total * shape

    def _edges(self, frames: int) -> Values | None:
        """Short fades where its stretch is cut out of a longer sound; those of neighbours add up to 1."""
        rising = self.stretch.cut_in and self.phase < DECLICK << 32
        falling = self.stretch.cut_out and self.phase + frames * self.step > self.stretch.length << 32
        if not rising and not falling:
            return None
        at = (self.phase + np.arange(frames, dtype=np.int64) * self.step) / ONE + 0.5
        up = np.clip(at / DECLICK, 0.0, 1.0) if rising else np.ones(frames)
        return up - np.clip((at - self.stretch.length) / DECLICK, 0.0, 1.0) if falling else up


def load() -> None:
    """Gets ready what reading between the samples needs: it takes a moment, not on the render thread."""
    tables()
    importlib.import_module(".sincloop", __package__)


def mix(voices: Sequence[Voice], sound: Floats, frames: int, out: Floats) -> list[Voice]:
    """Adds the next `frames` of voices to `out` (2, frames) and moves them on; those that have not ended.

    `sound` is the pool their stretches lie in.
    """
    going = []
    for voice in voices:
        left = voice.left
        count = min(left, frames)
        levels = voice.levels(count)
        gains = voice.gain if levels is None else levels.astype(np.float32) * voice.gain
        if voice.plain:
            begin = voice.stretch.first + (voice.phase >> 32)
            out[:, :count] += sound[:, begin : begin + count] * gains
        else:
            _read(voice, sound, gains, out[:, :count])
        if left > frames:
            voice.skip(frames)
            going.append(voice)
    return going


def _read(voice: Voice, sound: Floats, gains: Floats, out: Floats) -> None:
    """Adds the next frames of a voice that is read between the samples."""
    from . import sincloop

    sincloop.add(sound, tables(), voice.stretch.first, voice.phase, voice.step, voice.table, gains, out)
