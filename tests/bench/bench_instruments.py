"""How fast the studio's own instruments play: the synthesiser with many voices, the drum machine with a beat."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator

import pytest

from mixes import RATE
from playing import song
from studio.document.instruments import Instrument
from studio.document.notes import Note
from studio.engine.audio.instruments.making import make_synth
from studio.engine.audio.instruments.presets import KINDS
from studio.engine.audio.instruments.synth import Synth
from studio.engine.audio.score import Score
from studio.engine.interpreter import share_finely

pytestmark = pytest.mark.bench
Row = Callable[..., None]

TRACKS, VOICES, BLOCK, ROUNDS = 16, 16, 2048, 3
POLYPHONIC = ("Bass", "Pad", "Pluck", "Keys", "E-piano", "Bell", "Organ", "Brass")
PATTERN = ((36, (0, 6, 10)), (38, (4, 12)), (42, tuple(range(16))), (46, (14,)), (39, (12,)), (75, (3, 7, 11)))


@pytest.fixture(autouse=True)
def short_switches() -> Iterator[None]:
    """The interval at which Python's threads take turns, as app.py sets it."""
    before = sys.getswitchinterval()
    share_finely()
    yield
    sys.setswitchinterval(before)


def seconds_to_play(players: list[tuple[Synth, Score]], first: int, last: int) -> float:
    """Of the fastest round."""
    times = []
    for _ in range(ROUNDS):
        for synth, score in players:
            synth.reset(score, 0)
            synth.play(score, 0, first)
        began = time.perf_counter()
        for at in range(first, last, BLOCK):
            for synth, score in players:
                synth.play(score, at, at + BLOCK)
        times.append(time.perf_counter() - began)
    return min(times)


def held_chord(preset: str) -> tuple[Synth, Score]:
    """A track on which all voices sound, struck again each half second as a player would."""
    instrument = Instrument("synth", preset)
    notes = tuple(
        Note(f"{turn}-{at}", 960 * turn + 7 * at, 950, 36 + 3 * at) for turn in range(5) for at in range(VOICES)
    )
    return make_synth(instrument, RATE), song(notes, instrument).strips[0].score


def test_sixteen_tracks_of_sixteen_voices(row: Row) -> None:
    players = [held_chord(POLYPHONIC[at % len(POLYPHONIC)]) for at in range(TRACKS)]
    first, last = BLOCK * 2, BLOCK * 40
    speed = (last - first) / RATE / seconds_to_play(players, first, last)
    row(
        "16 synthesiser tracks of 16 voices, eight presets, one core",
        f"{speed:.1f} x real time",
        "4 x",
        speed >= 4,
    )
    for preset in POLYPHONIC:
        seconds = seconds_to_play([held_chord(preset)], first, last)
        row(f"one track of 16 voices, {preset}", f"{(last - first) / RATE / seconds:.0f} x real time")


def test_eight_bars_of_a_beat(row: Row) -> None:
    for kit in KINDS["drums"].presets:
        instrument = Instrument("drums", kit)
        notes = tuple(
            Note(f"{bar}-{pitch}-{step}", bar * 3840 + step * 240, 200, pitch, 70 + step % 4 * 15)
            for bar in range(8)
            for pitch, steps in PATTERN
            for step in steps
        )
        began = time.perf_counter()
        synth = make_synth(instrument, RATE)
        made = time.perf_counter() - began
        seconds = seconds_to_play([(synth, song(notes, instrument).strips[0].score)], 0, 16 * RATE)
        speed = 16 / seconds
        row(f"eight bars of a beat on the {kit} kit", f"{speed:.0f} x real time", "50 x", speed >= 50)
        row("  its first making", f"{made * 1000:.0f} ms")
