"""What pitch correction does to a voice: how near its notes come, what becomes of its formants, how fast it goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

import vowels
from studio.document.correction import Correction
from studio.engine.audio.decode import decode_blocks, probe
from studio.engine.voice.correction import corrected, exact, tunable
from studio.engine.voice.heard import Heard, listen
from studio.engine.voice.pitchtrack import hz_of, semitone_of
from voices import note, rest

pytestmark = pytest.mark.bench
Row = Callable[..., None]
Sound = np.ndarray

RATE = 48_000
CENTS, FORMANTS, CLICKS = 5.0, 0.05, 1.3


def tuned(sound: Sound, rate: int, hearing: Heard, **changes: float) -> Correction:
    notes = exact(tunable(hearing, rate, sound.shape[1]), [sound], rate, hearing.track)
    return Correction(tuple(replace(one, **changes) for one in notes))


def made(sound: Sound, rate: int, hearing: Heard, correction: Correction) -> Sound:
    return np.concatenate(list(corrected([sound], rate, hearing.track, correction)), axis=1)


def pitch(sound: Sound, rate: int, near: float) -> float:
    """The median pitch of a tone in semitones, by autocorrelation near an expected one: no part of the studio's own."""
    period = rate / hz_of(near)
    width, reach = round(4 * period), round(0.06 * period) + 2
    found = []
    for at in range(0, len(sound) - 2 * width - reach, round(0.01 * rate)):
        here = sound[at : at + width].astype(np.float64)
        lags = np.arange(round(period) - reach, round(period) + reach + 1)
        there = [sound[at + lag : at + lag + width].astype(np.float64) for lag in lags]
        alike = np.array([here @ one / np.sqrt((here @ here) * (one @ one) + 1e-20) for one in there])
        best = int(np.argmax(alike))
        if 0 < best < len(lags) - 1 and alike[best] > 0.8:
            a, b, c = alike[best - 1 : best + 2]
            found.append(lags[best] + 0.5 * (a - c) / (a - 2 * b + c))
    return semitone_of(rate / float(np.median(found))) if found else float("nan")


def errors(sound: Sound, rate: int, correction: Correction) -> Sound:
    """Cents by which the middle of each note misses its place."""
    mono, out = sound.mean(axis=0), []
    for one in correction.notes:
        third, goal = (one.end - one.start) // 3, one.pitch + correction.moved(one)
        first, last = one.start + min(round(0.06 * rate), third), one.end - min(round(0.05 * rate), third)
        out.append(100 * (pitch(mono[first:last], rate, goal) - goal))
    kept = np.array(out)
    return np.abs(kept[~np.isnan(kept)])


def sung_vowels() -> Iterator[tuple[Sound, Heard, list[float]]]:
    for name in vowels.FORMANTS:
        for low in (43.0, 48.0, 53.0):
            line = np.full(RATE, low) + 0.2 * np.sin(2 * np.pi * 5 * np.arange(RATE) / RATE)
            tone = vowels.vowel(name, line, RATE)
            sound = np.concatenate([rest(0.25, RATE), tone, rest(0.25, RATE)])[None]
            yield sound, listen([sound], RATE), vowels.formants(tone, RATE)


def test_formants_of_moved_vowels(row: Row) -> None:
    for shift in (-3.0, 3.0):
        moved = []
        for sound, hearing, before in sung_vowels():
            out = made(sound, RATE, hearing, tuned(sound, RATE, hearing, shift=shift))
            after = vowels.formants(out[0, RATE // 4 : -RATE // 4], RATE)
            moved += np.abs(np.array(after) / before - 1).tolist()
        row(
            f"formants of nine vowels, notes moved by {shift:+.0f} semitones",
            f"median {np.median(moved):.1%}, nine tenths below {np.percentile(moved, 90):.1%}",
            f"{FORMANTS:.0%} (a change of speed: {abs(2 ** (shift / 12) - 1):.0%})",
            float(np.median(moved)) < FORMANTS,
        )


def test_pitch_of_made_up_voices(row: Row) -> None:
    parts = [part for n in range(12) for part in (rest(0.2, RATE), note(45.37 + 2.6 * n, 0.5, RATE, (5.5, 0.6)))]
    sound = np.concatenate([*parts, rest(0.2, RATE)])[None]
    told(row, "twelve made-up notes with vibrato", sound, RATE)


def test_pitch_of_a_singer(row: Row, testdata: Path) -> None:
    path = testdata / "singing_annotated" / "vocadito" / "Audio" / "vocadito_1.wav"
    sound, rate = np.concatenate(list(decode_blocks(path)), axis=1), probe(path).rate
    told(row, "vocadito 1", sound, rate)
    hearing = listen([sound], rate)
    correction = tuned(sound, rate, hearing, shift=1.3)
    began = time.perf_counter()
    out = made(sound, rate, hearing, correction)
    took = time.perf_counter() - began
    row("vocadito 1, every note moved, speed without listening", f"{sound.shape[1] / rate / took:.0f} x real time")
    jump = np.abs(np.diff(out, 2)).max() / np.abs(np.diff(sound, 2)).max()
    row("the same, sharpest corner against the sharpest sung", f"{jump:.2f}", f"{CLICKS}", jump < CLICKS)
    plain = made(sound, rate, hearing, tuned(sound, rate, hearing))
    row("the same, nothing moved", "bit-equal" if np.array_equal(plain, sound) else "changed", "bit-equal",
        np.array_equal(plain, sound))  # fmt: skip


def told(row: Row, name: str, sound: Sound, rate: int) -> None:
    hearing = listen([sound], rate)
    for what, changes in (
        ("to the nearest semitone", {"centre": 1.0}),
        ("the same, drift taken away", {"centre": 1.0, "drift": 1.0}),
        ("3 semitones up", {"shift": 3.0}),
        ("3 semitones down", {"shift": -3.0}),
    ):
        correction = tuned(sound, rate, hearing, **changes)
        off = errors(made(sound, rate, hearing, correction), rate, correction)
        row(
            f"{name}, {what}: error of {len(off)} notes",
            f"median {np.median(off):.1f}, nine tenths below {np.percentile(off, 90):.1f} cents",
            f"{CENTS:g} cents",
            float(np.median(off)) < CENTS,
        )
