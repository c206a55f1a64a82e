"""The arithmetic of the synthesiser's voices, compiled (ADR 15). See voices.py for what the columns and numbers mean.

Importing this loads numba and what it compiled before, or compiles it, which takes seconds: not on the render thread
and not before the window has painted. Everything is added in one order, and nothing is reordered by the compiler, so
samples do not depend on how a song is cut into pieces.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ..compiled import compiled, inlined
from ..fades import Floats
from .spectra import SINE_BITS, Pairs, Reals
from .voices import AGE, BITS, BRIGHT, FADE, GAIN, GLIDE, LEVEL, OFFSET, PITCH, RELEASED, STEP, Phases

(
    RATE, ATTACK, DECAY, SUSTAIN, FILTER_ATTACK, FILTER_DECAY, FILTER_SUSTAIN, FILTER_ENV, GLIDE_TIME, VIBRATO_HZ,
    BASE_LEVEL, STEPS_A_SEMITONE, TOP_TABLE,
) = range(13)  # fmt: skip
"""Numbers of a patch: times in frames, the filter's envelope in semitones, its tables to a semitone and the last one a
voice may begin to move from."""

TURN = 2.0**32
_END = math.exp(-5.0)
_ROWS, _PHASES, _NUMBERS, _TABLE = "float64[:, ::1]", "uint32[:, ::1]", "float64[::1]", "float64[:, ::1]"
_PAIRS, _OUT, _FLAGS = "complex64[::1]", "float32[:, ::1]", "boolean[::1]"


@inlined
def _fall(x: float) -> float:
    """From 1 at 0 to 0 at 1 and after, as a capacitor would, but in finite time."""
    return (math.exp(-5.0 * min(max(x, 0.0), 1.0)) - _END) / (1.0 - _END)


@inlined
def _hertz(pitch: float) -> float:
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


@inlined
def _level(row: Reals, n: Reals, later: float) -> float:
    """The envelope of a voice so many frames on."""
    if row[RELEASED] >= 0.0:
        return float(row[LEVEL] * _fall((row[RELEASED] + later) / max(row[FADE], 1.0)))
    age = row[AGE] + later
    if age < n[ATTACK]:
        return float(age / n[ATTACK])
    return float(n[SUSTAIN] + (1.0 - n[SUSTAIN]) * _fall((age - n[ATTACK]) / n[DECAY]))


@inlined
def _cutoff(bright: float, n: Reals, age: float) -> float:
    """Which table: steps above half the note's frequency."""
    if age < n[FILTER_ATTACK]:
        shape = max(age, 0.0) / n[FILTER_ATTACK]
    else:
        shape = n[FILTER_SUSTAIN] + (1.0 - n[FILTER_SUSTAIN]) * _fall((age - n[FILTER_ATTACK]) / n[FILTER_DECAY])
    return float(min(max((bright + shape * n[FILTER_ENV]) * n[STEPS_A_SEMITONE], 0.0), n[TOP_TABLE]))


@inlined
def _place(bright: float, n: Reals, age: float) -> tuple[float, bool]:
    """Where among the tables a voice is, and whether it runs: then it is at one table, else between two."""
    here = _cutoff(bright, n, age)
    if n[FILTER_ENV] == 0.0 or age > n[FILTER_ATTACK] + n[FILTER_DECAY] + STEP:
        return here, False
    ahead, behind = _cutoff(bright, n, age + STEP), _cutoff(bright, n, age - STEP)
    if max(abs(ahead - here), abs(here - behind)) > 1.0:
        return math.floor(here + 0.5), True
    return here, False


@inlined
def _line(out: Floats, start: float, stop: float, length: int) -> None:
    """A straight line from one number towards another."""
    begin = np.float32(start)
    slope = np.float32(np.float32(stop) - begin) / np.float32(length)
    for i in range(length):
        out[i] = begin + slope * np.float32(i)


@inlined
def _read(
    out: Floats, table: Pairs, begin: np.uintp, bits: np.uint32, phase: np.uint32, turn: np.uint32, length: int
) -> None:
    """What an oscillator reads of a table that begins there: the phase tells where, and how far to the next sample."""
    shift = np.uint32(np.uint32(32) - bits)
    for i in range(length):
        now = np.uint32(phase + np.uint32(i) * turn)
        pair = table[begin + np.uintp(now >> shift)]
        out[i] = pair.real + pair.imag * np.float32(np.uint32(now << bits))


@inlined
def _add(out: Floats, at: int, wave: Floats, levels: Floats, left: np.float32, right: np.float32, length: int) -> None:
    """Add a wave at its levels to both sides."""
    first, second = out[0, at : at + length], out[1, at : at + length]
    for i in range(length):
        sound = wave[i] * levels[i]
        first[i] += sound * left
        second[i] += sound * right


@inlined
def _depth(row: Reals, n: Reals, ratio: float, index: float) -> float:
    """How far a modulator moves its carrier's phase at first; less for high notes, so that nothing folds back."""
    room = min(max((0.4 * n[RATE] / _hertz(row[PITCH]) - 1.0) / ratio - 1.0, 0.0), index)
    soft = min(row[GAIN] / n[BASE_LEVEL], 1.5)
    return float(room * soft * 2.0 ** ((60.0 - row[PITCH]) / 36.0) * (TURN / (2.0 * math.pi)))


@inlined
def _carry(
    row: Reals,
    n: Reals,
    fm: Reals,
    turns: Phases,
    step: float,
    age: float,
    levels: Floats,
    depths: Floats,
    wave: Floats,
    sine: Pairs,
    out: Floats,
    at: int,
    length: int,
) -> None:
    """Add a carrier with its modulator, whose phases are `turns`."""
    level, ratio, index, decay = np.float32(fm[0]), fm[1], fm[2], fm[3]
    modulator, carrier = turns[0], turns[1]
    bits, shift = np.uint32(SINE_BITS), np.uint32(32 - SINE_BITS)
    turn, modulator_turn = np.uint32(np.int64(step)), np.uint32(np.int64(step * ratio))
    moved = age < decay
    if moved:
        depth = _depth(row, n, ratio, index)
        _line(depths, depth * _fall(age / decay), depth * _fall((age + length) / decay), length)
        _read(wave, sine, np.uintp(0), bits, modulator, modulator_turn, length)
        for i in range(length):
            now = np.uint32(carrier + np.uint32(i) * turn + np.uint32(np.int64(wave[i] * depths[i])))
            pair = sine[np.uintp(now >> shift)]
            wave[i] = pair.real + pair.imag * np.float32(np.uint32(now << bits))
        turns[0] = np.uint32(modulator + np.uint32(length) * modulator_turn)
    else:
        _read(wave, sine, np.uintp(0), bits, carrier, turn, length)
    _add(out, at, wave, levels, level, level, length)
    turns[1] = np.uint32(carrier + np.uint32(length) * turn)


@inlined
def _oscillate(
    flat: Pairs,
    low: int,
    high: int,
    bits: np.uint32,
    single: bool,
    weights: Floats,
    levels: Floats,
    phase: np.uint32,
    turn: np.uint32,
    pans: Reals,
    wave: Floats,
    other: Floats,
    out: Floats,
    at: int,
    length: int,
) -> np.uint32:
    """Add an oscillator that is between two tables; its phase afterwards."""
    _read(wave, flat, np.uintp(low), bits, phase, turn, length)
    if not single:
        _read(other, flat, np.uintp(high), bits, phase, turn, length)
        for i in range(length):
            wave[i] += (other[i] - wave[i]) * weights[i]
    _add(out, at, wave, levels, np.float32(pans[0]), np.float32(pans[1]), length)
    return np.uint32(phase + np.uint32(length) * turn)


@inlined
def _turn(row: Reals, n: Reals, age: float, bend: float, vibrato: float) -> float:
    """How far the phase of a note's frequency goes in a frame."""
    pitch = row[PITCH] + bend + row[GLIDE] * max(1.0 - age / n[GLIDE_TIME], 0.0)
    if vibrato != 0.0:
        pitch += vibrato * math.sin(age * (2.0 * math.pi * n[VIBRATO_HZ] / n[RATE]))
    return float(_hertz(pitch) * (TURN / n[RATE]))


@inlined
def _between(here: float, runs: bool, there: float, there_runs: bool) -> tuple[float, float, float, float]:
    """The two tables of a step, and how far from the first to the second it begins and ends."""
    if runs and there_runs:
        return here, there, 0.0, 1.0
    first = math.floor((here + there) / 2.0)
    return first, first + 1.0, here - first, there - first


@inlined
def _move_on(row: Reals, n: Reals, frames: int) -> bool:
    """Let time pass for a voice; whether it has ended."""
    row[AGE] += frames
    if row[RELEASED] >= 0.0:
        row[RELEASED] += frames
        return bool(row[RELEASED] >= row[FADE] or row[LEVEL] == 0.0)
    return bool(n[SUSTAIN] == 0.0 and row[AGE] >= n[ATTACK] + n[DECAY])


@compiled(
    f"int64({_ROWS}, {_PHASES}, {_NUMBERS}, {_NUMBERS}, {_TABLE}, {_TABLE}, {_PAIRS}, {_PAIRS}, float64, float64,"
    f" {_OUT})"
)
def render(
    rows: Reals,
    phases: Phases,
    n: Reals,
    detune: Reals,
    pans: Reals,
    fm: Reals,
    flat: Pairs,
    sine: Pairs,
    bend: float,
    vibrato: float,
    out: Floats,
) -> int:
    """Add the next frames of every voice to `out` (2, frames) and move them on; how many have ended.

    `detune` are ratios and `pans` (oscillators, 2) gains of the oscillators that read `flat`, none where there is no
    such table. `fm` has a row for each carrier: level, ratio, index, decay in frames. `bend` and `vibrato` are in
    semitones.
    """
    room = np.empty((4, STEP), np.float32)
    levels, weights, wave, other = room[0], room[1], room[2], room[3]
    frames, ended = out.shape[1], 0
    for v in range(len(rows)):
        row, turns, bits, offset = rows[v], phases[v], np.uint32(rows[v, BITS]), np.int64(rows[v, OFFSET])
        gain = _level(row, n, 0.0) * row[GAIN]
        here, runs = _place(row[BRIGHT], n, row[AGE])
        at = 0
        while at < frames:
            length, age = min(STEP, frames - at), row[AGE] + at
            before, gain = gain, _level(row, n, np.float64(at + length)) * row[GAIN]
            _line(levels, before, gain, length)
            step = _turn(row, n, age, bend, vibrato)
            if len(detune) > 0:
                there, there_runs = _place(row[BRIGHT], n, age + length)
                first, second, start, stop = _between(here, runs, there, there_runs)
                here, runs = there, there_runs
                low, high = offset + (np.int64(first) << bits), offset + (np.int64(second) << bits)
                single = start == 0.0 and stop == 0.0
                _line(weights, start, stop, length)
                for k in range(len(detune)):
                    turn = np.uint32(np.int64(step * (0.5 * detune[k])))
                    turns[k] = _oscillate(
                        flat,
                        low,
                        high,
                        bits,
                        single,
                        weights,
                        levels,
                        turns[k],
                        turn,
                        pans[k],
                        wave,
                        other,
                        out,
                        at,
                        length,
                    )
            for m in range(len(fm)):
                own = turns[len(detune) + 2 * m :]
                _carry(row, n, fm[m], own, step, age, levels, weights, wave, sine, out, at, length)
            at += length
        ended += _move_on(row, n, frames)
    return ended


@compiled(f"void({_ROWS}, {_NUMBERS}, {_FLAGS}, float64)")
def let_go(rows: Reals, n: Reals, which: npt.NDArray[np.bool_], wanted: float) -> None:
    """Release these voices within so many frames."""
    for v in range(len(rows)):
        row = rows[v]
        if which[v] and (row[RELEASED] < 0.0 or row[FADE] - row[RELEASED] > wanted):
            row[LEVEL] = _level(row, n, 0.0)
            row[RELEASED], row[FADE] = 0.0, wanted
