"""Waveforms as tables of harmonics, each already filtered: what the synthesiser's oscillators read.

A wave of known harmonics through a low-pass filter is a wave of other harmonics, so the filter need not run: for each
register there are tables for cutoffs a sixth of an octave apart, none of which holds a harmonic that would fold back.
That makes an oscillator with its filter a look-up, with no state but its phase.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float64]
Pairs = npt.NDArray[np.complex64]
"""Samples of tables: the value, and the way to the next one divided by 2**32 as the imaginary part."""

STEPS = 6
"""Cutoffs to an octave,"""

CUTOFFS = 10 * STEPS + 1
"""from half the note's frequency on."""

REGISTERS, LOWEST_REGISTER, REGISTER_SEMITONES = 20, 24, 6
TOP_HZ = 20_000.0
MAX_HARMONICS = 680

Recipe = tuple[float, ...]
"""Levels of saw, square, triangle, an octave below, and of the sines 1 to 4."""


def hertz(pitch: Reals | float) -> Reals:
    """The frequency of a MIDI pitch."""
    return np.asarray(440.0 * 2.0 ** ((np.asarray(pitch) - 69.0) / 12.0))


def register_of(pitch: float) -> int:
    """The register whose harmonics stay in the audible band at this pitch and all below."""
    return int(min(max(-(-(pitch - LOWEST_REGISTER) // REGISTER_SEMITONES), 0), REGISTERS - 1))


def pairs(table: Reals) -> Pairs:
    """Tables (..., frames) that go round, made ready for linear interpolation."""
    out = np.empty(table.shape, np.complex64)
    out.real = table
    out.imag = (np.roll(table, -1, axis=-1) - table) / 2.0**32
    return out


class Bank:
    """The tables of one recipe at one resonance (0..1). Filled when first needed, by any thread.

    A table holds two turns of the note, so that it has room for an octave below. Table `cutoff` of `register` begins at
    `offsets[register] + (cutoff << bits[register])` in `flat` and has `1 << bits[register]` samples.
    """

    def __init__(self, recipe: Recipe, resonance: float, rate: int) -> None:
        self._recipe, self._q = recipe, 0.7071 * 16.0**resonance
        top = min(TOP_HZ, 0.45 * rate)
        highest = [float(hertz(LOWEST_REGISTER + REGISTER_SEMITONES * at)) for at in range(REGISTERS)]
        self._harmonics = [max(1, min(int(top / frequency), MAX_HARMONICS)) for frequency in highest]
        self.bits = np.array([min(max((12 * n - 1).bit_length(), 9), 13) for n in self._harmonics])
        self.offsets = np.concatenate([[0], np.cumsum(CUTOFFS << self.bits)])
        self.flat: Pairs = np.zeros(int(self.offsets[-1]), np.complex64)
        self._filled = [False] * REGISTERS
        peak = np.abs(np.fft.irfft(self._spectrum(64, 2048))).max()
        self._scale = (0.7071 / self._q) ** 0.5 / max(float(peak), 1e-9)

    def fill(self, register: int) -> None:
        """See that the tables of a register are there. Takes a millisecond or two the first time."""
        if self._filled[register]:
            return
        size, harmonics = 1 << int(self.bits[register]), self._harmonics[register]
        h = np.arange(size // 2 + 1) / 2
        x = h[: 2 * harmonics + 1] / 2.0 ** (np.arange(CUTOFFS)[:, None] / STEPS - 1)
        response = np.zeros((CUTOFFS, len(h)))
        square = x * x
        response[:, : x.shape[1]] = 1 / np.sqrt(((1 - square) ** 2 + square / self._q**2) * (1 + square * square))
        tables = np.fft.irfft(self._spectrum(harmonics, size) * response * self._scale)
        begin, end = self.offsets[register : register + 2]
        self.flat[begin:end] = pairs(tables).reshape(-1)
        self._filled[register] = True

    def _spectrum(self, harmonics: int, size: int) -> npt.NDArray[np.complex128]:
        """Of a table of so many samples, unfiltered; all partials begin as sines."""
        saw, square, triangle, below, *sines = self._recipe
        levels = np.zeros(size // 2 + 1)
        h = np.arange(1, harmonics + 1)
        odd = h % 2
        levels[2 : 2 * harmonics + 1 : 2] = saw / h + square * odd / h + triangle * odd * (2 - h % 4) / (h * h)
        levels[1] = below
        for number, level in enumerate(sines, 1):
            if number <= harmonics:
                levels[2 * number] += level
        return np.asarray(levels * (-0.5j * size), np.complex128)


@lru_cache(maxsize=32)
def bank_of(recipe: Recipe, resonance: float, rate: int) -> Bank:
    """The tables of a recipe, shared by all who play it."""
    return Bank(recipe, resonance, rate)


SINE_BITS = 10
SINE = pairs(np.sin(2 * np.pi * np.arange(1 << SINE_BITS) / (1 << SINE_BITS)))
