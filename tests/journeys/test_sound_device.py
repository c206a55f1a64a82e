"""Devices that come, go and break while the studio plays and records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from listening import CHOICE, RATE, hear_frames, playing_on, settle, until
from sound import SoundCard, available, bound, sound_card, unbound
from studio.engine.audio.device import Device, DeviceChoice, list_devices, resolve
from studio.engine.audio.latency import measure_round_trip
from studio.engine.audio.player import Player
from studio.engine.audio.take import ArmedTrack
from studio.errors import StudioError
from tone import Tones

__all__ = ["sound_card"]


@pytest.fixture
def no_card(tmp_path: Path) -> Iterator[SoundCard]:
    """A card that is not there yet, and no other."""
    if not available():
        pytest.skip("pulseaudio and pactl are not installed")
    card = SoundCard(tmp_path, ("module-null-sink", "sink_name=loop", "rate=48000"))
    before = bound(card.environment)
    try:
        yield card
    finally:
        card.stop()
        unbound(before)


def test_devices_are_listed_and_found_by_name(sound_card: SoundCard) -> None:
    devices = list_devices()
    assert any(device.default_output and device.outputs for device in devices)
    named = next(device for device in devices if device.outputs)
    found = resolve(DeviceChoice(host_api=named.host_api, output=named.name, input=named.name))
    assert found.output_channels == 2 and found.input_channels == 2
    assert resolve(DeviceChoice(input=None)).input is None
    with pytest.raises(StudioError, match="“Piano” is not connected"):
        resolve(DeviceChoice(output="Piano"))


def test_without_a_device_it_plays_by_the_clock_and_says_so(no_card: SoundCard) -> None:
    player = Player(Tones(a=440.0))
    player.start()
    try:
        player.open_device(CHOICE)
        until(lambda: player.status().device == "clock", "there is no device")
        assert "no sound output" in player.status().notice
        player.locate(10_000)
        player.play()
        hear_frames(player, RATE // 4)
        assert player.status().playing and player.status().meters
        with pytest.raises(StudioError, match="no such input"):
            player.record((ArmedTrack("t", (0,), no_card.folder / "a.wav"),))
        player.stop()
        assert not settle(player).playing
        with pytest.raises(StudioError, match="no input"):
            measure_round_trip(player, 1)
    finally:
        player.close()


def test_device_that_appears_later_can_be_chosen(no_card: SoundCard) -> None:
    player = Player(Tones(a=440.0))
    player.start()
    try:
        player.open_device(CHOICE)
        until(lambda: player.status().device == "clock", "there is no device")
        no_card.start()
        listed: list[tuple[Device, ...]] = []
        player.rescan(listed.append)
        until(lambda: listed, "the devices are listed")
        assert any(device.outputs for device in listed[0])
        until(lambda: player.status().device == "running", "the device runs", 30)
        assert player.status().notice == ""
        player.play()
        hear_frames(player, 10_000)
    finally:
        player.close()


@pytest.mark.parametrize("how", ["kill", "unplug"])
def test_device_that_goes_while_it_plays_stops_playback_and_can_come_back(sound_card: SoundCard, how: str) -> None:
    with playing_on(Tones(a=440.0)) as player:
        player.play()
        hear_frames(player, 10_000)
        getattr(sound_card, how)()
        until(lambda: player.status().device == "lost", "the device is gone")
        status = settle(player)
        assert not status.playing and "gone" in status.notice and status.position > 5_000
        player.play()
        hear_frames(player, 5_000)
        player.stop()
        sound_card.start() if how == "kill" else sound_card.plug()
        player.rescan(lambda _: None)
        until(lambda: player.status().device == "running", "the device runs again", 30)
        assert player.status().notice == ""
        player.play()
        hear_frames(player, 10_000)


def test_device_that_fails_for_a_moment_runs_again_by_itself(sound_card: SoundCard) -> None:
    with playing_on(Tones(a=440.0)) as player:
        player.play()
        hear_frames(player, 10_000)
        sound_card.kill()
        sound_card.start()
        until(lambda: "again" in player.status().notice, "it says so")
        until(lambda: player.status().device == "running", "the device runs again")
        assert not player.status().playing and player.status().position > 5_000
        player.play()
        hear_frames(player, 10_000)


@pytest.mark.parametrize("how", ["kill", "unplug"])
def test_device_that_goes_while_it_records_leaves_the_take(sound_card: SoundCard, tmp_path: Path, how: str) -> None:
    with playing_on(Tones(a=0.0)) as player:
        player.set_round_trip(2_000)
        player.locate(7_000)
        recording = player.record((ArmedTrack("t", (0,), tmp_path / "a.wav"),))
        until(lambda: recording.frames > 20_000, "it records")
        getattr(sound_card, how)()
        until(lambda: recording.done, "the recording is done")
        (track,) = recording.results
        assert recording.error == ""
        until(lambda: player.status().device == "lost", "it says so")
    assert track.frames > 20_000
    assert track.passes[0].song == 7_000 and track.passes[0].media == 0
    assert sum(one.length for one in track.passes) <= track.frames
    sound, _ = soundfile.read(track.path, dtype="float32")
    assert len(sound) == track.frames and np.abs(sound).max() > 0.2


def test_device_opened_over_and_over(sound_card: SoundCard) -> None:
    with playing_on(Tones(a=440.0)) as player:
        for _ in range(4):
            player.play()
            player.open_device(CHOICE)
        until(lambda: player.status().device == "running", "the device runs", 30)
        player.close_device()
        until(lambda: player.status().device == "clock", "the device is closed")
        assert "silent" in player.status().notice
