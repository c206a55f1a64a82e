"""The transport, driven step by step against a reader that takes frames exactly when a test says so."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from studio.document.time import Signature, TempoMap, TempoPoint
from studio.engine.audio.clock import ClockStream
from studio.engine.audio.metronome import click, count_in, song_clicks
from studio.engine.audio.transport import LEAD, Transport
from tone import ToneBlock, Tones

Floats = npt.NDArray[np.float32]
RATE = 48_000
PITCH, LEVEL = 440.0, 0.25
SLOPE = 2 * np.pi * PITCH / RATE * LEVEL
START = round((LEAD + 0.01) * RATE)


class Reader(ClockStream):
    """A stream whose reader takes frames when it is told to."""

    device = True

    def __init__(self) -> None:
        super().__init__(RATE, 1 << 16)
        self.heard: list[Floats] = []

    def taken(self) -> int:
        return self._taken

    def read(self, frames: int) -> None:
        """Take up to `frames` frames, as many as there are."""
        frames = min(frames, self._written - self._taken)
        at = np.arange(self._taken, self._taken + frames) & (len(self.buffer) - 1)
        self.heard.append(self.buffer[at].copy())
        self._taken += frames

    def sound(self) -> Floats:
        return np.concatenate(self.heard)


class Bench:
    """A transport with its reader."""

    def __init__(self, source: Tones) -> None:
        self.source, self.reader = source, Reader()
        self.transport = Transport(source, RATE, self.reader)
        self.tape: list[tuple[int, Floats]] = []
        self.transport.tap = lambda position, block: self.tape.append((position, block.copy()))

    def fill(self) -> None:
        while self.transport.advance():
            pass

    def run(self, frames: int, step: int = 256) -> None:
        """Let the device take frames, and render whenever it has."""
        self.fill()
        for _ in range(0, frames, step):
            self.reader.read(step)
            self.fill()

    def expected(self) -> Floats:
        """What the song map says is heard, without fades, gains or clicks."""
        out = np.zeros((self.reader.taken(), 2), np.float32)
        stretches = self.transport.song_map.stretches
        for stretch, following in zip(stretches, [*stretches[1:], None], strict=True):
            end = min(following.output if following else len(out), len(out))
            if stretch.playing and end > stretch.output:
                frames = end - stretch.output
                out[stretch.output : end] = sum(
                    self.source.signal(name, stretch.song, frames).T for name in self.source.pitches
                )
        return out


def steepest(sound: Floats) -> float:
    return float(np.abs(np.diff(sound, axis=0)).max())


def test_what_is_taken_is_what_a_fresh_source_renders() -> None:
    bench = Bench(Tones(a=0.0, b=300.0))
    bench.transport.locate(12_345)
    bench.transport.play()
    bench.run(30_000)
    played = np.concatenate([block for _, block in bench.tape], axis=1)
    assert np.array_equal(played, Tones(a=0.0, b=300.0).render(12_345, played.shape[1]).master)
    first = bench.transport.song_map.stretches[-1].output
    assert first == START
    sound = bench.reader.sound()[first + 64 :]
    assert np.array_equal(sound, played.T[64 : 64 + len(sound)])


@pytest.mark.parametrize("change", [{"gain": 0.3}, {"pan": -0.7}, {"mute": True}, {"gain": 3.0}])
@pytest.mark.parametrize("strip", ["a", "master"])
def test_fader_is_worked_into_what_waits(strip: str, change: dict[str, Any]) -> None:
    bench = Bench(Tones(a=PITCH, b=200.0))
    bench.transport.play()
    bench.run(20_000)
    edge = bench.reader.taken() + bench.transport.guard
    assert bench.transport.queue.cursor - edge > 0.3 * RATE
    bench.transport.set_strip(strip, change)
    bench.run(40_000)
    sound, song = bench.reader.sound()[START:], edge - START
    old, new = Tones(a=PITCH, b=200.0), Tones(a=PITCH, b=200.0)
    new.set_strip(strip, **change)
    new.reset(0)
    before, after = old.render(0, len(sound)).master.T, new.render(0, len(sound)).master.T
    assert np.array_equal(sound[64:song], before[64:song])
    assert np.abs(sound[song + 240 :] - after[song + 240 :]).max() < 2e-6
    assert steepest(sound) < 1.5 * max(steepest(before), steepest(after))


def test_master_and_strips_moved_together_stay_exact() -> None:
    bench = Bench(Tones(a=PITCH, b=0.0))
    bench.transport.play()
    bench.run(10_000)
    for move in range(100):
        bench.transport.set_strip("a", {"gain": 1 - move / 150})
        if move % 2:
            bench.transport.set_strip("master", {"gain": 1 - move / 200})
        bench.run(64 + move, 64)
    bench.run(30_000)
    new = Tones(a=PITCH, b=0.0)
    new.set_strip("a", gain=1 - 99 / 150)
    new.set_strip("master", gain=1 - 99 / 200)
    new.reset(0)
    sound = bench.reader.sound()[START:]
    wanted = new.render(0, len(sound)).master.T
    assert np.abs(sound[-20_000:] - wanted[-20_000:]).max() < 1e-5


def test_fader_moved_while_stopped_holds_when_it_plays() -> None:
    bench = Bench(Tones(a=PITCH))
    bench.run(1_000)
    bench.transport.set_strip("a", {"gain": 0.5})
    bench.transport.play()
    bench.run(10_000)
    assert np.abs(bench.reader.sound()).max() == pytest.approx(0.5 * LEVEL, rel=1e-3)


def test_loop_goes_round_with_its_state_and_without_a_click() -> None:
    bench = Bench(Tones(a=PITCH))
    bench.transport.locate(1_000)
    bench.transport.set_loop(1_000, 12_003, True)
    assert bench.source.loop == (1_000, 12_003) and bench.source.ahead == (1_000,)
    bench.transport.play()
    bench.run(60_000)
    sound, expected = bench.reader.sound(), bench.expected()
    assert bench.source.resets == [1_000, 1_000]
    assert steepest(sound) < 1.6 * SLOPE
    far = np.abs(sound - expected).max(axis=1)
    seams = [s.output for s in bench.transport.song_map.stretches if s.playing]
    assert len(seams) >= 5
    for seam in seams:
        far[seam : seam + 240] = 0.0
    assert far.max() == 0.0


def test_loop_changed_within_what_waits_is_rendered_anew() -> None:
    bench = Bench(Tones(a=PITCH))
    bench.transport.set_loop(0, 24_000, True)
    bench.transport.play()
    bench.run(20_000)
    assert bench.transport.song_map.stretches[-1].lap == 1
    bench.transport.set_loop(0, 24_000, False)
    bench.run(15_000)
    assert bench.transport.song_map.song(bench.reader.taken()) > 30_000
    assert steepest(bench.reader.sound()) < 1.6 * SLOPE


def test_stop_is_a_fade_in_place() -> None:
    bench = Bench(Tones(a=PITCH))
    bench.transport.play()
    bench.run(20_000)
    edge = bench.reader.taken() + bench.transport.guard
    bench.transport.stop()
    assert bench.transport.position == edge - START
    bench.run(20_000)
    sound = bench.reader.sound()
    assert steepest(sound) < 1.6 * SLOPE
    assert not sound[edge + 240 :].any()
    bench.transport.play()
    bench.run(20_000)
    again = bench.reader.sound()
    assert steepest(again) < 1.6 * SLOPE
    assert np.abs(again[-1_000:]).max() > 0.9 * LEVEL


steps = st.one_of(
    st.tuples(st.just("run"), st.integers(1, 9_000)),
    st.tuples(st.just("locate"), st.integers(0, 400_000)),
    st.tuples(st.just("play"), st.just(0)),
    st.tuples(st.just("stop"), st.just(0)),
    st.tuples(st.just("loop"), st.integers(0, 50_000)),
    st.tuples(st.just("gain"), st.integers(0, 10)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, min_size=3, max_size=25))
@example([("play", 0), ("loop", 1), ("run", 1), ("gain", 0)])
@example([("play", 0), ("run", 1201), ("loop", 1), ("run", 1), ("gain", 0)])
def test_nothing_that_is_asked_clicks_or_leaves_the_map(script: list[tuple[str, int]]) -> None:
    bench = Bench(Tones(a=PITCH))
    transport = bench.transport
    for what, value in script:
        if what == "run":
            bench.run(value, 300)
        elif what == "locate":
            transport.locate(value)
        elif what == "loop":
            transport.set_loop(value, value + 3_001, value % 3 > 0)
        elif what == "gain":
            transport.set_strip("a", {"gain": value / 10})
        else:
            getattr(transport, what)()
    bench.run(30_000)
    sound = bench.reader.sound()
    assert steepest(sound) < 2.0 * SLOPE + LEVEL / 64
    outputs = [stretch.output for stretch in transport.song_map.stretches]
    assert outputs == sorted(set(outputs))
    if not transport.playing:
        assert not sound[-1_000:].any()


def test_reader_that_overtakes_is_counted_and_the_map_stays_true() -> None:
    bench = Bench(Tones(a=0.0))
    bench.transport.play()
    bench.fill()
    bench.reader.read(5_000)
    bench.transport.locate(100_000)
    bench.transport.advance()
    bench.reader.read(6_000)
    bench.run(20_000)
    assert bench.transport.late == 1
    sound, expected = bench.reader.sound(), bench.expected()
    assert np.array_equal(sound[-15_000:], expected[-15_000:])


def test_count_in_clicks_and_then_the_song() -> None:
    tempo = TempoMap((TempoPoint(0, 240.0),), RATE)
    bench = Bench(Tones(a=0.0))
    bench.transport.play(count_in(tempo, (Signature(0, 3, 4),), 0, 1))
    bench.run(60_000)
    counting = next(s for s in bench.transport.song_map.stretches if s.counting_in)
    playing = bench.transport.song_map.stretches[-1]
    assert playing.output - counting.output == 3 * RATE // 4
    sound = bench.reader.sound()
    second = counting.output + RATE // 4
    assert np.allclose(sound[second : second + 1_440, 0], click(RATE, accent=False), atol=1e-7)
    assert np.array_equal(sound[playing.output + 64 :], bench.expected()[playing.output + 64 :])


def test_metronome_lies_on_the_beats_round_a_loop_and_is_switched_at_once() -> None:
    tempo = TempoMap((TempoPoint(0, 300.0),), RATE)
    bench = Bench(Tones())
    bench.transport.set_clicks(song_clicks(tempo, (Signature(0),), RATE))
    bench.transport.set_metronome(1.0)
    bench.run(2_000)
    bench.transport.set_loop(0, 4 * 9_600 - 500, True)
    bench.transport.play()
    bench.run(60_000)
    start = next(s.output for s in bench.transport.song_map.stretches if s.playing)
    sound = bench.reader.sound()[:, 0]
    for at, accent in ((0, True), (9_600, False), (28_800, False), (37_900, True), (47_500, False)):
        heard = sound[start + at : start + at + 1_440]
        assert np.allclose(heard, click(RATE, accent), atol=1e-6)
    bench.transport.set_metronome(0.0)
    edge = bench.reader.taken() + bench.transport.guard
    bench.run(30_000)
    assert not bench.reader.sound()[edge + 240 :].any()


class Late(Tones):
    """A source whose media is not there yet."""

    there = False

    def ready(self, position: int, frames: int) -> bool:
        return self.there


def test_media_is_waited_for_before_the_start_and_while_the_ring_allows() -> None:
    source = Late(a=PITCH)
    bench = Bench(source)
    bench.transport.play()
    bench.run(3_000)
    assert bench.tape == []
    source.there = True
    bench.run(3_000)
    played = len(bench.tape)
    assert played
    source.there = False
    bench.run(9_000)
    assert len(bench.tape) == played
    bench.run(12_000)
    assert len(bench.tape) > played, "at the end silence is better than a stuck device"


class Faulty(Tones):
    """A source that renders no numbers."""

    def render(self, position: int, frames: int) -> ToneBlock:
        block = super().render(position, frames)
        block.master[:, 10:] = np.inf
        return block


def test_sound_that_is_no_number_never_reaches_the_device() -> None:
    bench = Bench(Faulty(a=PITCH))
    bench.transport.play()
    bench.run(10_000)
    assert np.isfinite(bench.reader.sound()).all()
