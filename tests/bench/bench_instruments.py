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


def chords(preset: str, every: int, apart: int) -> tuple[Synth, Score]:
    """A track that strikes sixteen keys, `apart` ticks from key to key, and again after `every` ticks."""
    instrument = Instrument("synth", preset)
    notes = tuple(
        Note(f"{turn}-{at}", every * turn + apart * at, every - 10, 36 + 3 * at)
        for turn in range(max(4000 // every, 1))
        for at in range(VOICES)
    )
    return make_synth(instrument, RATE), song(notes, instrument).strips[0].score


def speed_of(players: list[tuple[Synth, Score]]) -> float:
    """How many seconds of sound in a second, once all keys are down."""
    first, last = BLOCK * 2, BLOCK * 40
    return (last - first) / RATE / seconds_to_play(players, first, last)


def test_sixteen_tracks_of_sixteen_voices(row: Row) -> None:
    speed = speed_of([chords(POLYPHONIC[at % len(POLYPHONIC)], 3840, 7) for at in range(TRACKS)])
    row("16 synthesiser tracks of 16 held voices, eight presets, one core", f"{speed:.1f} x", "4 x", speed >= 4)
    for what, apart in (("together", 0), ("one after the other", 7)):
        speed = speed_of([chords(POLYPHONIC[at % len(POLYPHONIC)], 960, apart) for at in range(TRACKS)])
        row(f"  struck again each half second, {what}, the last chord ringing on", f"{speed:.1f} x")
    for preset in POLYPHONIC:
        row(f"  one track, {preset}", f"{speed_of([chords(preset, 3840, 7)]):.0f} x")


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
