"""Playing through a real stream: what is heard is what was rendered, and nothing clicks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from listening import (
    RATE,
    Ear,
    Floats,
    Tape,
    find,
    hear_frames,
    playing_on,
    settle,
    slope,
    steepest,
    undisturbed,
    until,
)
from sound import SoundCard, sound_card
from studio.document.time import Signature, TempoMap, TempoPoint
from studio.engine.audio.metronome import Clicks, click, count_in, song_clicks
from tone import ToneBlock, Tones

__all__ = ["sound_card"]

PITCH, LEVEL = 440.0, 0.25
SMOOTH = 1.6 * slope(PITCH, LEVEL)


def heard(sound: Floats) -> Floats:
    """What is not silence at either end."""
    loud = np.flatnonzero(np.abs(sound[:, 0]) > 1e-6)
    return sound[loud[0] : loud[-1] + 1]


@undisturbed
def test_what_is_heard_is_what_was_rendered(sound_card: SoundCard) -> None:
    source = Tones(a=0.0, b=300.0)
    with playing_on(source) as player:
        tape, ear = Tape(player), Ear(player)
        player.locate(12_345)
        player.play()
        hear_frames(player, RATE // 2)
        player.stop()
        settle(player)
        ear.wait(RATE // 4)
        sound = ear.stop()
        assert player.status().dropouts == 0
    ((start, rendered),) = tape.runs()
    assert start == 12_345
    fresh = Tones(a=0.0, b=300.0)
    fresh.reset(start)
    assert np.array_equal(rendered, fresh.render(start, len(rendered)).master.T)
    steady = rendered[64 : RATE // 3]
    at = find(steady, sound)
    assert np.array_equal(sound[at : at + len(steady)], steady)


@undisturbed
def test_stop_and_locate_do_not_click(sound_card: SoundCard) -> None:
    with playing_on(Tones(a=PITCH)) as player:
        ear = Ear(player)
        for place in (1_000, 50_027, 7_013, 300_031):
            player.locate(place)
            player.play()
            hear_frames(player, 5_000)
            player.locate(place + 20_011)
            hear_frames(player, 5_000)
            player.stop()
            settle(player)
            ear.wait(6_000)
        sound = heard(ear.stop())
    assert steepest(sound) < SMOOTH
    assert np.abs(sound).max() == pytest.approx(LEVEL, abs=0.001)


@undisturbed
def test_stop_and_locate_are_felt_at_once(sound_card: SoundCard) -> None:
    with playing_on(Tones(a=PITCH)) as player:
        tape = Tape(player)
        ear = Ear(player)
        player.play()
        hear_frames(player, RATE // 4)
        player.stop()
        fill = settle(player).ring_size
        ear.wait(RATE // 2)
        stopped = player.status()
        sound = heard(ear.stop())
    ((_, rendered),) = tape.runs()
    assert len(rendered) - len(sound) > 0.6 * fill
    assert abs(stopped.position - len(sound)) < 0.02 * RATE


@undisturbed
def test_locate_during_playback_goes_on_from_there(sound_card: SoundCard) -> None:
    source = Tones(a=0.0)
    with playing_on(source) as player:
        ear = Ear(player)
        player.play()
        hear_frames(player, 8_000)
        player.locate(200_000)
        until(lambda: player.status().position > 208_000, "the new place is heard")
        assert player.status().playing
        player.stop()
        settle(player)
        ear.wait(8_000)
        sound = ear.stop()
    before, after = source.signal("a", 1_000, 5_000).T, source.signal("a", 200_100, 7_000).T
    first, second = find(before, sound), find(after, sound)
    assert np.array_equal(sound[first : first + 5_000], before)
    assert np.array_equal(sound[second : second + 7_000], after)
    assert 0 < second - first - 5_000 < 0.4 * RATE


@undisturbed
def test_loop_goes_round_without_a_click_or_a_gap(sound_card: SoundCard) -> None:
    length = 11_003
    source = Tones(a=PITCH)
    with playing_on(source) as player:
        ear = Ear(player)
        player.set_loop(1_000, 1_000 + length, True)
        player.locate(1_000)
        player.play()
        until(lambda: player._thread.shot.song_map.stretches[-1].lap >= 8, "the loop goes round")
        assert len(source.resets) == 2, "a loop keeps its processors"
        assert 1_000 <= player.status().position < 1_000 + length
        player.stop()
        settle(player)
        ear.wait(8_000)
        sound = heard(ear.stop())
    assert steepest(sound) < SMOOTH
    lap = source.signal("a", 1_000, length).T
    for number in range(1, 4):
        at = number * length - 1
        difference = sound[at : at + length] - lap[: len(sound) - at]
        assert np.abs(difference[300:]).max() < 1e-6


@undisturbed
def test_loop_switched_on_or_off_is_felt_at_once(sound_card: SoundCard) -> None:
    with playing_on(Tones(a=PITCH)) as player:
        player.set_loop(0, 24_000, True)
        player.play()
        until(lambda: player._thread.shot.song_map.stretches[-1].lap >= 1, "the next lap waits")
        assert player.status().position < 24_000
        player.set_loop(0, 24_000, False)
        until(lambda: player.status().position > 26_000, "playback leaves the loop")
        player.set_loop(20_000, player.status().position + 9_000, True)
        until(lambda: player.status().position < 26_000, "playback goes round")


@pytest.mark.parametrize("change", [{"gain": 0.3}, {"pan": -1.0}, {"mute": True}, {"gain": 2.0}])
@undisturbed
def test_fader_is_felt_at_once_and_does_not_click(sound_card: SoundCard, change: dict[str, Any]) -> None:
    with playing_on(Tones(a=PITCH, b=200.0)) as player:
        tape, ear = Tape(player), Ear(player)
        player.play()
        hear_frames(player, RATE // 2)
        fill = player.status().ring_fill
        asked = player._thread.stream.taken() - player._thread.shot.song_map.stretches[-1].output
        player.set_strip("a", **change)
        hear_frames(player, RATE)
        player.stop()
        settle(player)
        ear.wait(8_000)
        sound = heard(ear.stop())
        assert player.status().dropouts == 0
    ((_, rendered),) = tape.runs()
    changed = int(np.flatnonzero(np.abs(sound[:RATE] - rendered[1 : RATE + 1]).max(axis=1)[100:] > 1e-5)[0]) + 100
    assert fill > 0.3 * RATE
    assert 0 < changed - asked < 0.2 * RATE, "long before what had been rendered was over"
    assert steepest(sound) < 1.6 * (slope(PITCH, LEVEL * max(change.get("gain", 1.0), 1.0)) + slope(200.0, LEVEL))
    other = Tones(a=PITCH, b=200.0)
    other.set_strip("a", **change)
    other.reset(0)
    wanted = other.render(1, RATE + 20_000).master.T
    steady = slice(changed + 300, changed + RATE // 2)
    assert np.abs(sound[steady] - wanted[steady]).max() < 1e-5, "patched and rendered sound the same"


@undisturbed
def test_many_fader_moves_leave_the_mix_exact(sound_card: SoundCard) -> None:
    with playing_on(Tones(a=PITCH, b=200.0)) as player:
        ear = Ear(player)
        player.play()
        hear_frames(player, 10_000)
        for move in range(60):
            player.set_strip("a", gain=1 - move / 80)
            player.set_strip("master", gain=1 - move / 100)
            hear_frames(player, 200)
        hear_frames(player, RATE // 2)
        player.stop()
        settle(player)
        ear.wait(8_000)
        sound = heard(ear.stop())
    other = Tones(a=PITCH, b=200.0)
    other.set_strip("a", gain=1 - 59 / 80)
    other.set_strip("master", gain=1 - 59 / 100)
    other.reset(0)
    wanted = other.render(1, len(sound)).master.T
    tail = slice(len(sound) - RATE // 4, len(sound) - 500)
    assert np.abs(sound[tail] - wanted[tail]).max() < 1e-5
    assert steepest(sound) < 1.6 * (slope(PITCH, LEVEL) + slope(200.0, LEVEL))


@undisturbed
def test_playhead_is_where_the_device_is(sound_card: SoundCard) -> None:
    source = Tones(a=0.0)
    with playing_on(source) as player:
        came: list[tuple[int, Floats]] = []
        player._thread.capture.listen(lambda at, block: came.append((at, block)) is None)
        player.play()
        hear_frames(player, RATE // 2)
        seen = []
        for _ in range(40):
            hear_frames(player, 300)
            back = came[-1][0] + len(came[-1][1])
            position = player.status().position
            seen.append((back, position, player._thread.stream.taken()))
        start = player._thread.shot.song_map.stretches[-1].output
        whole = np.concatenate([block for _, block in came])
        part = source.signal("a", 4_000, 8_000).T
        latency = came[0][0] + find(part, whole) - 4_000 - start
    for back, position, taken in seen:
        assert back - latency - start - 0.1 * RATE < position <= taken - start
    positions = [position for _, position, _ in seen]
    assert positions == sorted(positions)


@undisturbed
def test_metronome_clicks_on_the_beat_and_can_be_switched_at_once(sound_card: SoundCard) -> None:
    time = TempoMap((TempoPoint(0, 150.0),), RATE)
    with playing_on(Tones()) as player:
        ear = Ear(player)
        player.set_clicks(song_clicks(time, (Signature(0, 3, 4),), 10 * RATE))
        player.set_metronome(True)
        ear.wait(4_000)
        player.play()
        hear_frames(player, 2 * RATE)
        player.set_metronome(False)
        switched = settle(player).position
        hear_frames(player, RATE)
        player.stop()
        settle(player)
        ear.wait(8_000)
        sound = ear.stop()
    beat = round(60 / 150 * RATE)
    first = int(np.flatnonzero(np.abs(sound[:, 0]) > 1e-6)[0]) - 1
    for number in range(4):
        wanted = click(RATE, number % 3 == 0)
        at = first + number * beat
        assert np.abs(sound[at + 64 : at + len(wanted), 0] - wanted[64:]).max() < 1e-5
    last = int(np.flatnonzero(np.abs(sound[:, 0]) > 1e-6)[-1]) - first
    assert last < switched + 0.1 * RATE


@undisturbed
def test_count_in_leads_to_the_first_frame(sound_card: SoundCard) -> None:
    time = TempoMap((TempoPoint(0, 240.0),), RATE)
    source = Tones(a=0.0)
    with playing_on(source) as player:
        ear = Ear(player)
        length, clicks = count_in(time, (Signature(0),), 0, 1)
        assert length == 4 * RATE // 4 and len(clicks.frames) == 4
        player.play((length, clicks))
        until(lambda: player.status().counting_in, "it counts in")
        assert player.status().position == 0
        until(lambda: player.status().position > 10_000, "the song begins")
        assert not player.status().counting_in
        player.stop()
        settle(player)
        ear.wait(8_000)
        sound = ear.stop()
    begin = int(np.flatnonzero(np.abs(sound[:, 0]) > 1e-6)[0]) - 1
    wanted = click(RATE, accent=False)
    second = begin + RATE // 4
    assert np.abs(sound[second : second + len(wanted), 0] - wanted).max() < 1e-5
    song = source.signal("a", 64, 9_000).T
    assert np.array_equal(sound[begin + length + 64 : begin + length + 64 + 9_000], song)


@undisturbed
def test_preview_is_heard_beside_the_song(sound_card: SoundCard, tmp_path: Path) -> None:
    tone = (0.2 * np.sin(2 * np.pi * 1000 / 44_100 * np.arange(44_100))).astype(np.float32)
    soundfile.write(tmp_path / "one.wav", tone, 44_100, "FLOAT")
    source = Tones(a=0.0)
    with playing_on(source) as player:
        ear = Ear(player)
        player.preview(tmp_path / "one.wav")
        ear.wait(RATE // 2)
        player.play()
        hear_frames(player, RATE // 4)
        player.stop_preview()
        ear.wait(RATE // 4)
        player.stop()
        settle(player)
        ear.wait(8_000)
        sound = ear.stop()
    alone = heard(sound)[2_000:16_000, 0]
    spectrum = np.abs(np.fft.rfft(alone * np.hanning(len(alone))))
    assert spectrum.argmax() * RATE / len(alone) == pytest.approx(1000, abs=4)
    assert steepest(alone[:, None]) < 1.1 * slope(1000, 0.2)
    song = source.signal("a", 17_000, 4_000).T
    at = find(song, sound)
    assert np.abs(sound[at : at + 4_000] - song).max() < 1e-6, "after the preview the song sounds alone"


class Faulty(Tones):
    """A renderer with a bug that a test switches on."""

    bug = ""

    def render(self, position: int, frames: int) -> ToneBlock:
        block = super().render(position, frames)
        if self.bug == "nan":
            block.master[:, frames // 2 :] = np.nan
        if self.bug == "raise":
            raise RuntimeError("broken effect")
        return block


@undisturbed
def test_sound_that_is_no_number_is_silence(sound_card: SoundCard) -> None:
    source = Faulty(a=PITCH)
    with playing_on(source) as player:
        ear = Ear(player)
        player.play()
        hear_frames(player, 10_000)
        source.bug = "nan"
        hear_frames(player, RATE)
        source.bug = ""
        hear_frames(player, RATE)
        player.stop()
        settle(player)
        sound = ear.stop()
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= LEVEL + 1e-6


@undisturbed
def test_renderer_that_fails_stops_playback_with_a_sentence(sound_card: SoundCard) -> None:
    source = Faulty(a=PITCH)
    with playing_on(source) as player:
        player.play()
        hear_frames(player, 10_000)
        source.bug = "raise"
        until(lambda: not player.status().playing, "playback stops")
        assert "broken effect" in player.status().notice
        assert isinstance(player.fault, RuntimeError)
        source.bug = ""
        player.play()
        hear_frames(player, 10_000)


@undisturbed
def test_meters_show_what_is_heard(sound_card: SoundCard) -> None:
    with playing_on(Tones(a=PITCH, b=200.0)) as player:
        player.play()
        hear_frames(player, RATE // 4)
        player.status()
        hear_frames(player, 2_000)
        assert player.status().meters["master"] == pytest.approx((2 * LEVEL, 2 * LEVEL), rel=0.2)
        player.set_strip("a", mute=True)
        settle(player)
        hear_frames(player, 2_500)
        player.status()
        hear_frames(player, 2_500)
        meters = player.status().meters
        assert meters["a"] == (0.0, 0.0)
        assert meters["master"] == pytest.approx((LEVEL, LEVEL), rel=0.05)
        player.stop()
        settle(player)
        until(lambda: not player.status().meters, "the meters fall")


@undisturbed
def test_ring_is_raised_and_falls_back(sound_card: SoundCard) -> None:
    with playing_on(Tones(a=PITCH)) as player:
        player.play()
        hear_frames(player, 4_000)
        with player.raise_ring(1.0):
            until(lambda: player.status().ring_fill > 0.9 * RATE, "the ring is full")
        until(lambda: player.status().ring_fill < 0.5 * RATE, "the ring has emptied")
        with player.raise_ring(1.0, patience=10.0):
            assert player.status().ring_fill > 0.8 * RATE, "it waits until the ring is full"
        assert player.status().dropouts == 0


@undisturbed
def test_clicks_list_may_be_empty(sound_card: SoundCard) -> None:
    with playing_on(Tones(a=PITCH)) as player:
        player.set_clicks(Clicks())
        player.set_metronome(True)
        player.play()
        hear_frames(player, 4_000)
