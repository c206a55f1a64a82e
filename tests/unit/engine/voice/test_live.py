"""The live trace: what a singer reads while singing, and the ring that the window draws from."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import pytest
from msgspec.structs import replace

import voices
from studio.engine.voice.livepitch import LiveFrame
from studio.engine.voice.livering import SIZE, SPARE, Listening, LiveTrace
from studio.engine.voice.octaves import OCTAVE
from studio.engine.voice.steady import STEP, Reading, Steady

RATE = 48_000
HOP = 768


def frame(n: int, semitone: float | None, final: bool = False, loudness: float = -20.0) -> LiveFrame:
    hz = 440.0 * 2.0 ** (((semitone if semitone is not None else 50.0) - 69.0) / 12.0)
    return LiveFrame(n * HOP, hz, 0.95 if semitone is not None else 0.1, loudness, final)


def readings(line: Sequence[float | None]) -> list[Reading]:
    steady = Steady()
    return [steady.read(frame(n, semitone)) for n, semitone in enumerate(line)]


def listened(*parts: np.ndarray, block: int = 480, channel: int = 0) -> Listening:
    """Gives a listening thread a sound as a device would, but faster, and waits until it has heard it."""
    sound = np.concatenate(parts)
    blocks = np.zeros((len(sound), 2), np.float32)
    blocks[:, channel] = sound
    listening = Listening(RATE, channel, lambda at: at / RATE + 10.0)
    listening.start()
    end = time.monotonic() + 60
    while not (listening.ready or listening.error) and time.monotonic() < end:
        time.sleep(0.01)
    assert not listening.error
    for at in range(0, len(sound), block):
        while listening._blocks.qsize() > 50:
            time.sleep(0.001)
        assert listening.hear(at, blocks[at : at + block])
    while listening.clock[0] < len(sound) or listening._blocks.qsize():
        assert time.monotonic() < end
        time.sleep(0.005)
    listening.close()
    assert listening.wait(10)
    return listening


def test_an_octave_is_believed_only_when_it_lasts() -> None:
    short: Sequence[float | None] = [57.0] * 20 + [69.0] * (int(OCTAVE / STEP) - 1) + [57.0] * 10
    assert {reading.name for reading in readings(short)} == {"A3"}
    lasting = readings([57.0] * 20 + [69.0] * 20)
    assert lasting[-1].name == "A4"
    assert {reading.name for reading in lasting} == {"A3", "A4"}


def test_another_note_is_read_at_once() -> None:
    read = readings([60.0] * 10 + [64.0] * 2)
    assert read[-1].name == "E4"
    assert abs(read[-1].cents) < 0.1


@pytest.mark.parametrize("silence", [[None] * 12, []])
def test_breath_is_silent(silence: Sequence[None]) -> None:
    steady = Steady()
    for n in range(20):
        steady.read(frame(n, 60.0))
    rest = [frame(20 + n, None) for n in range(len(silence))] or [frame(20 + n, 60.0, loudness=-70) for n in range(12)]
    assert [steady.read(one) for one in rest][-1].semitone is None


def test_a_consonant_does_not_take_the_note_away() -> None:
    assert all(reading.name == "C4" for reading in readings([60.0] * 10 + [None] * 4 + [60.0] * 5))


def test_vibrato_is_shown_while_it_is_there() -> None:
    times = np.arange(120) * STEP
    swung = readings(list(60.0 + 0.5 * np.sin(2 * np.pi * 5.5 * times)))
    assert swung[-1].vibrato is not None
    assert swung[-1].vibrato.rate == pytest.approx(5.5, abs=0.2)
    assert swung[-1].vibrato.extent == pytest.approx(1.0, abs=0.1)
    assert readings([60.0] * 120)[-1].vibrato is None


def test_a_final_answer_takes_the_place_of_the_first() -> None:
    trace = LiveTrace(lambda at: at / RATE)
    for n in range(20):
        trace.put(frame(n, 60.0))
    trace.put(frame(5, 72.0, final=True))
    trace.put(replace(frame(20, 62.0), hint=True))
    trace.put(frame(20, 64.0))
    seen = trace.last(100)
    assert len(seen) == 21
    assert trace.news == 23
    assert seen.hz[20] == pytest.approx(329.63, abs=0.1)
    assert seen.hz[5] == pytest.approx(523.25, abs=0.1)
    assert seen.hz[6] == pytest.approx(261.63, abs=0.1)
    assert seen.song[5] == pytest.approx(5 * 0.016)


def test_the_trace_is_bounded_and_keeps_the_newest() -> None:
    trace = LiveTrace(lambda at: at / RATE)
    for n in range(SIZE + 1000):
        trace.put(frame(n, 60.0))
    seen = trace.last(10 * SIZE)
    assert len(seen) == SIZE - SPARE
    assert seen.at[-1] == (SIZE + 999) * HOP
    assert np.all(np.diff(seen.at) == HOP)


def test_a_voice_is_followed_in_its_channel() -> None:
    heard = listened(voices.rest(0.3, RATE), voices.note(62.2, 1.2, RATE), channel=1)
    seen = heard.trace.last(1000)
    sung = seen.confidence > 0.8
    assert 0.9 < sung.sum() * STEP < 1.4
    semitones = 69 + 12 * np.log2(seen.hz[sung] / 440)
    assert np.median(semitones) == pytest.approx(62.2, abs=0.05)
    assert seen.song[-1] == pytest.approx(seen.at[-1] / RATE + 10.0)
    assert heard.reading.name == "D4"
    assert heard.reading.cents == pytest.approx(20, abs=8)


def test_silence_and_noise_give_no_note() -> None:
    noise = np.random.default_rng(3).normal(0, 0.05, RATE).astype(np.float32)
    for sound in (voices.rest(1.0, RATE), noise):
        heard = listened(sound)
        assert (heard.trace.last(1000).confidence >= 0.6).sum() == 0
        assert heard.reading.semitone is None


def test_a_stretch_of_the_trace_is_a_track() -> None:
    trace = LiveTrace(lambda at: at / RATE)
    for n in range(100):
        trace.put(frame(n, 60.0 if n < 50 else 64.0))
    seen = trace.last(100)
    track = seen.track(seen.song, 0.5, 1.2)
    assert track.start == 0.5
    assert len(track) == round(0.7 / STEP)
    assert track.voiced.all()
    assert track.semitones[0] == pytest.approx(60.0, abs=0.01)
    assert track.semitones[-1] == pytest.approx(64.0, abs=0.01)
    assert not seen.track(np.full(100, np.nan), 0.0, 1.0).voiced.any()


def test_what_waits_is_followed_in_one_go_and_a_gap_parts_it() -> None:
    listening = Listening(RATE, 1)
    ramp = np.arange(3_000, dtype=np.float32)
    for at in (0, 480, 960, 2_000, 2_480):
        assert listening.hear(at, np.stack([-ramp[at : at + 480], ramp[at : at + 480]], axis=1))
    first, sound = listening._waiting()
    assert first == 0 and np.array_equal(sound, ramp[:1_440])
    first, sound = listening._waiting()
    assert first == 2_000 and np.array_equal(sound, ramp[2_000:2_960])
    for n in range(90):
        listening.hear(n * 480, np.zeros((480, 2), np.float32))
    assert RATE // 2 <= len(listening._waiting()[1]) < RATE
