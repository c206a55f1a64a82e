"""The voices of a synthesiser that sound with one patch, all computed together.

Envelopes, pitch and cutoff are closed forms of a voice's age, looked at every 64 frames and joined by straight lines;
only phases are carried on, as integers that wrap. What `render` returns depends on its call's length, so the caller
must cut a song in a way that does not depend on the blocks it is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from ..fades import Floats
from .spectra import CUTOFFS, SINE, SINE_BITS, STEPS, Reals, bank_of, hertz, register_of

STEP = 64
STEAL_SECONDS = 0.006
AGE, PITCH, GAIN, BRIGHT, RELEASED, LEVEL, FADE, GLIDE, OFFSET, BITS, KEY, HELD = range(12)
"""Columns of a voice: frames since its start, semitones, loudness, cutoff in semitones; frames since its release (-1
while it is held), the envelope there and the frames until silence; semitones it glides from; where its tables are; the
key that plays it, and whether that key is down."""

_TURN = 2.0**32
_END = math.exp(-5.0)
_RAMP = np.arange(STEP, dtype=np.uint32)
Phases = npt.NDArray[np.uint32]


def fall(x: Reals) -> Reals:
    """From 1 at 0 to 0 at 1 and after, as a capacitor would, but in finite time."""
    return np.asarray((np.exp(-5.0 * np.minimum(np.maximum(x, 0.0), 1.0)) - _END) / (1.0 - _END))


class Patch:
    """Parameters of a synthesiser made ready: times in frames, tables at hand. Any thread."""

    def __init__(self, values: Mapping[str, float], rate: int) -> None:
        self.values, self.rate = values, rate
        names = ("saw", "square", "triangle", "sub", "sine_1", "sine_2", "sine_3", "sine_4")
        recipe = tuple(values[name] for name in names)
        self.bank = bank_of(recipe, values["resonance"], rate) if any(recipe) else None
        self.attack, self.decay, self.release, self.filter_attack, self.filter_decay, self.glide = (
            max(values[f"{name}_ms"] * rate / 1000, 1.0)
            for name in ("attack", "decay", "release", "filter_attack", "filter_decay", "glide")
        )
        count = round(values["unison"])
        places = np.linspace(-1.0, 1.0, count) if count > 1 else np.zeros(1)
        self.detune = 2.0 ** (places * values["detune"] / 12)
        angles = (places * values["spread"] + 1) * math.pi / 4
        self.pans = np.stack([np.cos(angles), np.sin(angles)]) * math.sqrt(2 / count)
        self.begins = (np.arange(count) * 0.381966 % 1.0 * _TURN).astype(np.uint32)
        self.fm = tuple(
            (values[f"fm{n}_level"], values[f"fm{n}_ratio"], values[f"fm{n}_index"], values[f"fm{n}_decay_ms"])
            for n in (1, 2)
            if values[f"fm{n}_level"] > 0
        )
        self.oscillators = count + 2 * len(self.fm)
        self.level = 0.25 * 10 ** (values["level_db"] / 20)
        self.mono = values["mono"] >= 0.5
        self.moving = abs(values["filter_env"]) > 0

    def prime(self, pitches: range) -> None:
        """Make the tables for these pitches."""
        if self.bank is not None:
            for pitch in pitches:
                self.bank.fill(register_of(pitch + self.values["bend"]))

    def loudness(self, age: Reals) -> Reals:
        """The envelope of a held note."""
        sustain = self.values["sustain"]
        late = sustain + (1 - sustain) * fall((age - self.attack) / self.decay)
        return np.where(age < self.attack, age / self.attack, late)

    def cutoff(self, voices: Reals, age: Reals) -> Reals:
        """Which table: steps above half the note's frequency."""
        sustain = self.values["filter_sustain"]
        late = sustain + (1 - sustain) * fall((age - self.filter_attack) / self.filter_decay)
        shape = np.where(age < self.filter_attack, np.maximum(age, 0.0) / self.filter_attack, late)
        semitones = voices[:, BRIGHT, None] + shape * self.values["filter_env"]
        return np.minimum(np.maximum(semitones * (STEPS / 12), 0.0), CUTOFFS - 2.0)


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
        wanted = frames or self.patch.release
        rows = self.rows
        sounding = which & ((rows[:, RELEASED] < 0) | (rows[:, FADE] - rows[:, RELEASED] > wanted))
        levels = self._levels(rows[:, AGE, None], rows[:, RELEASED, None])[:, 0]
        rows[sounding, LEVEL] = levels[sounding]
        rows[sounding, RELEASED], rows[sounding, FADE] = 0.0, wanted

    def render(self, frames: int, out: Floats) -> None:
        """Add the next frames to `out` (2, frames)."""
        patch, rows, count = self.patch, self.rows, -(-frames // STEP)
        ends = np.minimum(np.arange(count + 1) * STEP, frames)
        lengths = np.diff(ends)
        age = rows[:, AGE, None] + ends
        released = np.where(rows[:, RELEASED, None] >= 0, rows[:, RELEASED, None] + ends, -1.0)
        way = (np.arange(STEP) / lengths[:, None]).astype(np.float32)
        levels = _line(self._levels(age, released) * rows[:, GAIN, None], way)
        steps = self._frequencies(age[:, :-1]) * (_TURN / patch.rate)
        column = 0
        if patch.bank is not None:
            tables = self._tables(age, way)
            for ratio, pan in zip(patch.detune, patch.pans.T, strict=True):
                phase = self._advance(column, steps * (0.5 * ratio), lengths)
                _add(out, self._wave(phase, *tables), levels, pan)
                column += 1
        else:
            column = len(patch.detune)
        for level, ratio, index, decay in patch.fm:
            carrier = self._advance(column + 1, steps, lengths)
            if (rows[:, AGE] < decay * patch.rate / 1000).any():
                modulator = self._advance(column, steps * ratio, lengths)
                depth = _line(self._depths(age, ratio, index, decay), way)
                carrier += (_sine(modulator) * depth).astype(np.int64).astype(np.uint32)
            _add(out, _sine(carrier), levels * np.float32(level), (1.0, 1.0))
            column += 2
        rows[:, AGE] += frames
        rows[rows[:, RELEASED] >= 0, RELEASED] += frames
        self._forget()

    def _levels(self, age: Reals, released: Reals) -> Reals:
        left = self.rows[:, LEVEL, None] * fall(released / np.maximum(self.rows[:, FADE, None], 1.0))
        return np.where(released >= 0, left, self.patch.loudness(age))

    def _frequencies(self, age: Reals) -> Reals:
        values, rows = self.patch.values, self.rows
        pitch = rows[:, PITCH, None] + self.bend
        pitch = pitch + rows[:, GLIDE, None] * np.maximum(1.0 - age / self.patch.glide, 0.0)
        depth = values["vibrato"] * self.wheel
        if depth:
            pitch = pitch + depth * np.sin(age * (2 * math.pi * values["vibrato_hz"] / self.patch.rate))
        return hertz(pitch)

    def _depths(self, age: Reals, ratio: float, index: float, decay: float) -> Reals:
        """How far a modulator moves its carrier's phase; less for high notes, so that nothing folds back."""
        pitch = self.rows[:, PITCH, None]
        room = np.clip((0.4 * self.patch.rate / hertz(pitch) - 1) / ratio - 1, 0.0, index)
        soft = np.minimum(self.rows[:, GAIN, None] / self.patch.level, 1.5)
        tail = fall(age / (decay * self.patch.rate / 1000))
        return np.asarray(room * soft * 2.0 ** ((60 - pitch) / 36) * tail * (_TURN / (2 * math.pi)))

    def _tables(self, age: Reals, way: Floats) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Floats]:
        """Where the two tables of each step begin that a voice is between, and how far it is from the first to the
        second.

        A cutoff that moves slowly is between neighbours; one that runs goes from table to table.
        """
        patch, rows = self.patch, self.rows
        offset, bits = rows[:, OFFSET, None].astype(np.intp), rows[:, BITS, None].astype(np.intp)
        still = not patch.moving or bool((rows[:, AGE] > patch.filter_attack + patch.filter_decay + STEP).all())
        if still:
            here = patch.cutoff(rows, age[:, :1])
            low = np.floor(here)
            table = low.astype(np.intp)
            weight = (here - low).astype(np.float32)[:, :, None]
            return offset + (table << bits), offset + (table + 1 << bits), weight
        points = age.shape[1]
        around = patch.cutoff(rows, np.concatenate([age, age + STEP, age - STEP], axis=1))
        here, ahead, behind = around[:, :points], around[:, points : 2 * points], around[:, 2 * points :]
        runs = np.maximum(np.abs(ahead - here), np.abs(here - behind)) > 1.0
        here = np.where(runs, np.round(here), here)
        both = runs[:, 1:] & runs[:, :-1]
        begin, end = here[:, :-1], here[:, 1:]
        low = np.floor((begin + end) / 2)
        first, second = np.where(both, begin, low).astype(np.intp), np.where(both, end, low + 1).astype(np.intp)
        start, stop = np.where(both, 0.0, begin - low), np.where(both, 1.0, end - low)
        return offset + (first << bits), offset + (second << bits), _between_points(start, stop, way)

    def _advance(self, column: int, steps: Reals, lengths: npt.NDArray[np.int64]) -> Phases:
        """The phase (voices, steps, STEP) of an oscillator, which goes on from there."""
        step = steps.astype(np.int64).astype(np.uint32)
        turns = step * lengths.astype(np.uint32)
        gone = np.cumsum(turns, axis=1, dtype=np.uint32)
        begin = self._phases[:, column, None] + gone - turns
        self._phases[:, column] += gone[:, -1]
        phase: Phases = step[:, :, None] * _RAMP
        phase += begin[:, :, None]
        return phase

    def _wave(self, phase: Phases, first: npt.NDArray[np.intp], second: npt.NDArray[np.intp], weight: Floats) -> Floats:
        assert self.patch.bank is not None
        flat = self.patch.bank.flat
        bits = self.rows[:, BITS, None, None].astype(np.uint32)
        at = (phase >> (np.uint32(32) - bits)).astype(np.intp)
        part = (phase << bits).astype(np.float32)
        low = _between(flat.take(at + first[:, :, None]), part)
        if weight.any():
            high = _between(flat.take(at + second[:, :, None]), part)
            high -= low
            high *= weight
            low += high
        return low

    def _forget(self) -> None:
        """Drop the voices that have ended."""
        rows, patch = self.rows, self.patch
        over = (rows[:, RELEASED] >= 0) & ((rows[:, RELEASED] >= rows[:, FADE]) | (rows[:, LEVEL] == 0))
        if patch.values["sustain"] == 0:
            over |= rows[:, AGE] >= patch.attack + patch.decay
        if over.any():
            self.rows, self._phases = rows[~over], self._phases[~over]


def _line(points: Reals, way: Floats) -> Floats:
    """Straight lines through points (voices, steps + 1): float32 (voices, steps, STEP)."""
    return _between_points(points[:, :-1], points[:, 1:], way)


def _between_points(start: Reals, stop: Reals, way: Floats) -> Floats:
    begin = start.astype(np.float32)
    out: Floats = (stop.astype(np.float32) - begin)[:, :, None] * way
    out += begin[:, :, None]
    return out


def _between(found: npt.NDArray[np.complex64], part: Floats) -> Floats:
    out: Floats = found.imag * part
    out += found.real
    return out


def _sine(phase: Phases) -> Floats:
    at = (phase >> np.uint32(32 - SINE_BITS)).astype(np.intp)
    return _between(SINE.take(at), (phase << np.uint32(SINE_BITS)).astype(np.float32))


def _add(out: Floats, wave: Floats, levels: Floats, pan: tuple[float, float] | Reals) -> None:
    """Add the sum of waves (voices, steps, STEP) at their levels to both sides."""
    wave *= levels
    line = wave.sum(axis=0).reshape(-1)[: out.shape[1]]
    out[0] += line * np.float32(pan[0])
    out[1] += line * np.float32(pan[1])
