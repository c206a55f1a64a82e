"""How fast the sampler plays, and how fast onsets are found."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mixes import RATE
from playing import song
from studio.document.instruments import Instrument, Zone
from studio.document.notes import Note
from studio.engine.audio.instruments.making import make_synth
from studio.engine.audio.instruments.synth import Synth
from studio.engine.audio.onsets import find_onsets
from studio.engine.audio.samples import Sample
from studio.engine.audio.score import Score
from studio.engine.interpreter import share_finely

pytestmark = pytest.mark.bench
Row = Callable[..., None]

TRACKS, VOICES, BLOCK, ROUNDS, SECONDS = 16, 16, 2048, 3, 4


@pytest.fixture(autouse=True)
def short_switches() -> Iterator[None]:
    """The interval at which Python's threads take turns, as app.py sets it."""
    before = sys.getswitchinterval()
    share_finely()
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def sound(tmp_path: Path) -> Sample:
    """Ten seconds of stereo noise in a file."""
    noise = np.random.default_rng(1).standard_normal((10 * RATE, 2)) * 0.1
    soundfile.write(tmp_path / "noise.wav", noise, RATE, "FLOAT")
    return Sample("m", "noise", str(tmp_path / "noise.wav"), 10 * RATE)


def speed(players: list[tuple[Synth, Score]]) -> float:
    """How many seconds of sound in a second, of the fastest round."""
    times = []
    for _ in range(ROUNDS):
        for synth, score in players:
            synth.reset(score, 0)
        began = time.perf_counter()
        for at in range(0, SECONDS * RATE, BLOCK):
            for synth, score in players:
                synth.play(score, at, at + BLOCK)
        times.append(time.perf_counter() - began)
    return SECONDS / min(times)


def track(sound: Sample, notes: list[Note], zones: tuple[Zone, ...]) -> tuple[Synth, Score]:
    instrument = Instrument("sampler", zones=zones)
    score = song(tuple(notes), Instrument("sampler")).strips[0].score
    return make_synth(instrument, RATE, samples=(sound,)), score


def test_sixteen_tracks_of_sixteen_voices(row: Row, sound: Sample) -> None:
    zones = (Zone("m", 0, 127, 60, 0, sound.frames, one_shot=False),)
    held = [Note(f"n{n}", 7 * n, 8000, 37 + 3 * n) for n in range(VOICES)]
    players = [track(sound, held, zones) for _ in range(TRACKS)]
    found = speed(players)
    row("16 sampler tracks of 16 held voices off their root, one core", f"{found:.1f} x", "4 x", found >= 4)
    row("  one track", f"{speed(players[:1]):.0f} x")


def test_sixteen_kits(row: Row, sound: Sample) -> None:
    zones = tuple(Zone("m", 36 + n, 36 + n, 36 + n, n * 20_000, 15_000) for n in range(16))
    beat = [Note(f"{n}-{k}", n * 240, 200, 36 + k) for n in range(32) for k in range(0, 16, 3 if n % 2 else 5)]
    found = speed([track(sound, beat, zones) for _ in range(TRACKS)])
    row("16 sampler tracks with kits, sixteenths of five sounds at once", f"{found:.1f} x", "4 x", found >= 4)


def test_finding_onsets(row: Row, testdata: Path) -> None:
    loop, rate = soundfile.read(testdata / "samples_cc0" / "arovane_beat_c.flac", dtype="float32", always_2d=True)
    minute = np.tile(loop.T, (1, -(-60 * rate // len(loop))))[:, : 60 * rate]
    find_onsets(minute[:, :rate], rate)
    began = time.perf_counter()
    find_onsets(minute, rate)
    row("onsets of a minute of a beat", f"{time.perf_counter() - began:.2f} s")
