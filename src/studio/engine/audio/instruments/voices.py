"""The voices of a synthesiser that sound with one patch.

Envelopes, pitch and cutoff are closed forms of a voice's age, looked at every 64 frames and joined by straight lines;
only phases are carried on, as integers that wrap. The arithmetic is compiled and stands in voiceloop.py. Where a line
bends depends on where a call begins, so the caller must cut a song in a way that does not depend on the blocks it is
asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ....errors import StudioError
from ..fades import Floats
from .spectra import CUTOFFS, SINE, STEPS, Pairs, Reals, bank_of, hertz, register_of

STEP = 64
STEAL_SECONDS = 0.006
AGE, PITCH, GAIN, BRIGHT, RELEASED, LEVEL, FADE, GLIDE, OFFSET, BITS, KEY, HELD = range(12)
"""Columns of a voice: frames since its start, semitones, loudness, cutoff in semitones; frames since its release (-1
while it is held), the envelope there and the frames until silence; semitones it glides from; where its tables are; the
key that plays it, and whether that key is down."""

_TURN = 2.0**32
_NO_TABLES: Pairs = np.zeros(1, np.complex64)
Phases = npt.NDArray[np.uint32]


def load() -> Any:
    """The compiled loops. The first time this takes a second, and longer where they have not been compiled yet.

    Raises StudioError where numba is missing or broken. Not on the render thread before it has been called elsewhere.
    """
    try:
        from . import voiceloop
    except (ImportError, OSError, RuntimeError) as error:
        raise StudioError("The synthesiser needs numba, which cannot be loaded: run start.py once more.") from error
    return voiceloop


class Patch:
    """Parameters of a synthesiser made ready: times in frames, tables at hand. Any thread; the first one, see `load`.

    `numbers` and `fm` are what voiceloop.py works with.
    """

    def __init__(self, values: Mapping[str, float], rate: int) -> None:
        self.loop = load()
        self.values, self.rate = values, rate
        names = ("saw", "square", "triangle", "sub", "sine_1", "sine_2", "sine_3", "sine_4")
        recipe = tuple(values[name] for name in names)
        self.bank = bank_of(recipe, values["resonance"], rate) if any(recipe) else None
        self.attack, self.decay, self.release, filter_attack, filter_decay, glide = (
            max(values[f"{name}_ms"] * rate / 1000, 1.0)
            for name in ("attack", "decay", "release", "filter_attack", "filter_decay", "glide")
        )
        count = round(values["unison"]) if self.bank is not None else 0
        places = np.linspace(-1.0, 1.0, count) if count > 1 else np.zeros(count)
        self.detune: Reals = 2.0 ** (places * values["detune"] / 12)
        angles = (places * values["spread"] + 1) * math.pi / 4
        self.pans: Reals = np.stack([np.cos(angles), np.sin(angles)], axis=1) * math.sqrt(2 / max(count, 1))
        self.begins = (np.arange(count) * 0.381966 % 1.0 * _TURN).astype(np.uint32)
        carriers = [
            (
                values[f"fm{n}_level"],
                values[f"fm{n}_ratio"],
                values[f"fm{n}_index"],
                values[f"fm{n}_decay_ms"] * rate / 1000,
            )
            for n in (1, 2)
            if values[f"fm{n}_level"] > 0
        ]
        self.fm: Reals = np.array(carriers).reshape(len(carriers), 4)
        self.oscillators = count + 2 * len(carriers)
        self.level = 0.25 * 10 ** (values["level_db"] / 20)
        self.mono = values["mono"] >= 0.5
        numbers = (
            rate,
            self.attack,
            self.decay,
            values["sustain"],
            filter_attack,
            filter_decay,
            values["filter_sustain"],
        )
        ways = (values["filter_env"], glide, values["vibrato_hz"], self.level, STEPS / 12, CUTOFFS - 2.0)
        self.numbers: Reals = np.array((*numbers, *ways), np.float64)

    def prime(self, pitches: Iterable[int]) -> None:
        """Make the tables for these pitches."""
        if self.bank is not None:
            for pitch in pitches:
                self.bank.fill(register_of(pitch + self.values["bend"]))


class Voices:
    """Voices of a patch. Render thread. `bend` in semitones and `wheel` (0..1) hold for all."""

    def __init__(self, patch: Patch) -> None:
        self.patch = patch
        self.rows: Reals = np.zeros((0, 12))
        self._phases: Phases = np.zeros((0, patch.oscillators), np.uint32)
        self.bend = self.wheel = 0.0

    def start(self, pitch: int, velocity: int, before: float) -> None:
        """Begin a note, gliding from the pitch `before`."""
        patch, values = self.patch, self.patch.values
        row = np.zeros(12)
        row[[PITCH, KEY, HELD, RELEASED]] = pitch, pitch, 1, -1
        row[GAIN] = patch.level * (velocity / 100) ** 1.5
        above = 12 * math.log2(values["cutoff_hz"] / float(hertz(pitch - 12)))
        above += values["key_track"] * (pitch - 60) + values["velocity_cutoff"] * (velocity - 100) / 100
        row[BRIGHT] = above
        if values["glide_ms"] > 0:
            row[GLIDE] = before - pitch
        if patch.bank is not None:
            register = register_of(max(pitch, pitch + row[GLIDE]) + values["bend"])
            patch.bank.fill(register)
            row[[OFFSET, BITS]] = patch.bank.offsets[register], patch.bank.bits[register]
        phases = np.zeros((1, patch.oscillators), np.uint32)
        phases[0, : len(patch.begins)] = patch.begins
        self.rows = np.concatenate([self.rows, row[None]])
        self._phases = np.concatenate([self._phases, phases])

    def let_go(self, which: npt.NDArray[np.bool_], frames: float = 0.0) -> None:
        """Release voices within so many frames, those of the patch if none are given."""
        self.patch.loop.let_go(self.rows, self.patch.numbers, which, frames or self.patch.release)

    def render(self, out: Floats) -> None:
        """Add the next frames to `out` (2, frames)."""
        patch = self.patch
        flat = _NO_TABLES if patch.bank is None else patch.bank.flat
        vibrato = patch.values["vibrato"] * self.wheel
        tables = (patch.numbers, patch.detune, patch.pans, patch.fm, flat, SINE)
        if patch.loop.render(self.rows, self._phases, *tables, self.bend, vibrato, out):
            self._forget()

    def _forget(self) -> None:
        """Drop the voices that have ended."""
        rows, patch = self.rows, self.patch
        over = (rows[:, RELEASED] >= 0) & ((rows[:, RELEASED] >= rows[:, FADE]) | (rows[:, LEVEL] == 0))
        if patch.values["sustain"] == 0:
            over |= rows[:, AGE] >= patch.attack + patch.decay
        if over.any():
            self.rows, self._phases = rows[~over], self._phases[~over]
