"""Recording what the virtual sound card plays: takes lie where they were played to, and nothing is lost."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile

from listening import RATE, Floats, find, hear_frames, playing_on, settle, steepest, undisturbed, until
from sound import SoundCard, sound_card
from studio.document.time import Signature, TempoMap, TempoPoint
from studio.engine.audio.device import DeviceChoice
from studio.engine.audio.latency import measure_round_trip
from studio.engine.audio.metronome import click, count_in, song_clicks
from studio.engine.audio.player import Player
from studio.engine.audio.take import ArmedTrack, Pass, RecordedTrack, Recording
from studio.errors import StudioError
from tone import ToneBlock, Tones

__all__ = ["sound_card"]


def finished(recording: Recording) -> tuple[RecordedTrack, ...]:
    until(lambda: recording.done, "the recording is done")
    return recording.results


def sound_of(track: RecordedTrack) -> Floats:
    sound, rate = soundfile.read(track.path, dtype="float32", always_2d=True)
    assert rate == RATE and len(sound) == track.frames
    return np.asarray(sound, np.float32)


def measured(player: Player) -> int:
    trip = measure_round_trip(player, 3)
    assert trip.spread <= 1
    player.set_round_trip(trip.frames)
    return trip.frames


@undisturbed
def test_take_lies_where_it_was_played_to(sound_card: SoundCard, tmp_path: Path) -> None:
    source = Tones(a=0.0)
    with playing_on(source) as player:
        assert measured(player) > 0
        player.locate(70_000)
        recording = player.record((ArmedTrack("voice", (0,), tmp_path / "a.wav"),))
        until(lambda: player.status().taking > RATE // 2, "it records")
        assert player.status().recording
        assert recording.peaks["voice"].frames > 0
        player.stop()
        (track,) = finished(recording)
        assert not settle(player).recording
    assert track.track == "voice" and track.channels == 1 and track.dropouts == ()
    (only,) = track.passes
    assert (only.number, only.media, only.song) == (0, 0, 70_000)
    assert only.length <= track.frames
    played = source.signal("a", 70_000, only.length)[0]
    taken = sound_of(track)[: only.length, 0]
    assert np.array_equal(taken[64 : RATE // 2], played[64 : RATE // 2])


@undisturbed
def test_clicks_recorded_from_the_loop_lie_on_the_grid(sound_card: SoundCard, tmp_path: Path) -> None:
    tempo = TempoMap((TempoPoint(0, 240.0),), RATE)
    clicks = song_clicks(tempo, (Signature(0),), 10 * RATE)
    with playing_on(Tones()) as player:
        measured(player)
        player.set_clicks(clicks)
        player.set_metronome(True)
        recording = player.record(
            (ArmedTrack("t", (0, 1), tmp_path / "a.wav"),), count_in(tempo, (Signature(0),), 0, 1)
        )
        until(lambda: player.status().counting_in, "it counts in")
        assert not player.status().recording
        until(lambda: player.status().taking > RATE, "it records")
        player.stop()
        (track,) = finished(recording)
    taken = sound_of(track)[:, :1]
    assert track.passes[0].song == 0
    for at in clicks.frames[1:4]:
        wanted = click(RATE, accent=False)[:, None]
        where = find(wanted, taken[at - 2_000 : at + 4_000]) - 2_000
        assert abs(where) <= 2, "within 0.05 ms of the grid"


@undisturbed
def test_loop_records_a_pass_a_round(sound_card: SoundCard, tmp_path: Path) -> None:
    source = Tones(a=0.0)
    with playing_on(source) as player:
        measured(player)
        player.locate(4_000)
        player.set_loop(10_000, 20_000, True)
        recording = player.record(
            (ArmedTrack("t", (0,), tmp_path / "a.wav"), ArmedTrack("u", (1,), tmp_path / "b.wav"))
        )
        until(lambda: recording.frames > 30_000, "three rounds")
        player.stop()
        tracks = finished(recording)
    assert [track.track for track in tracks] == ["t", "u"]
    for track in tracks:
        assert track.passes[:2] == (Pass(0, 0, 4_000, 16_000), Pass(1, 16_000, 10_000, 10_000))
        taken = sound_of(track)[:, 0]
        for one in track.passes[:-1]:
            played = source.signal("a", one.song, one.length)[0]
            assert np.array_equal(taken[one.media + 300 : one.media + one.length], played[300:])
        last = track.passes[-1]
        assert last.number == len(track.passes) - 1 and last.song == 10_000 and 0 < last.length <= 10_000
        assert last.media + last.length <= track.frames


@undisturbed
def test_punch_in_and_out_while_it_plays(sound_card: SoundCard, tmp_path: Path) -> None:
    source = Tones(a=0.0)
    with playing_on(source) as player:
        measured(player)
        player.play()
        hear_frames(player, 20_000)
        recording = player.record((ArmedTrack("t", (0,), tmp_path / "a.wav"),))
        until(lambda: recording.frames > 20_000, "it records")
        player.stop_recording()
        (track,) = finished(recording)
        assert player.status().playing
    (only,) = track.passes
    assert only.song >= 20_000
    played = source.signal("a", only.song, only.length)[0]
    assert np.array_equal(sound_of(track)[: only.length, 0], played)


@undisturbed
def test_second_recording_and_unknown_inputs_are_refused(sound_card: SoundCard, tmp_path: Path) -> None:
    with playing_on(Tones(a=0.0)) as player:
        with pytest.raises(StudioError, match="no such input"):
            player.record((ArmedTrack("t", (7,), tmp_path / "a.wav"),))
        recording = player.record((ArmedTrack("t", (0,), tmp_path / "a.wav"),))
        with pytest.raises(StudioError, match="runs already"):
            player.record((ArmedTrack("t", (0,), tmp_path / "b.wav"),))
        until(lambda: recording.frames > 1_000, "it records")
        player.locate(0)
        assert finished(recording), "going elsewhere ends it"


@undisturbed
def test_file_that_exists_is_not_overwritten(sound_card: SoundCard, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"precious")
    with playing_on(Tones(a=0.0)) as player:
        recording = player.record((ArmedTrack("t", (0,), tmp_path / "a.wav"),))
        assert finished(recording) == ()
        assert "already" in recording.error
        until(lambda: "already" in player.status().notice, "it says so")
        assert not settle(player).playing
    assert (tmp_path / "a.wav").read_bytes() == b"precious"


@contextmanager
def files_end_at(size: int) -> Iterator[None]:
    """No file of this process may grow over `size` bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@undisturbed
def test_full_disk_ends_the_recording_and_keeps_what_is_there(sound_card: SoundCard, tmp_path: Path) -> None:
    source = Tones(a=0.0)
    with playing_on(source) as player:
        measured(player)
        with files_end_at(150_000):
            recording = player.record((ArmedTrack("t", (0,), tmp_path / "a.wav"),))
            (track,) = finished(recording)
        assert recording.error
        until(lambda: player.status().notice == recording.error, "it says so")
        until(lambda: not player.status().playing, "it stops")
    assert 30_000 < track.frames <= 150_000 // 4
    assert sum(one.length for one in track.passes) <= track.frames
    taken = sound_of(track)[:, 0]
    assert np.array_equal(taken[64:30_000], source.signal("a", 64, 30_000 - 64)[0])


@undisturbed
def test_header_is_valid_while_it_records(sound_card: SoundCard, tmp_path: Path) -> None:
    with playing_on(Tones(a=0.0)) as player:
        recording = player.record((ArmedTrack("t", (0,), tmp_path / "a.wav"),))
        until(lambda: recording.frames > 2 * RATE, "it records")
        assert soundfile.info(tmp_path / "a.wav").frames > RATE
        player.stop()
        finished(recording)


class Stuck(Tones):
    """A renderer that stands still once, so long that the ring runs dry."""

    stand = False

    def render(self, position: int, frames: int) -> ToneBlock:
        if self.stand:
            self.stand = False
            time.sleep(0.8)
        return super().render(position, frames)


@undisturbed
def test_drop_out_is_marked_and_both_sides_stay_in_place(sound_card: SoundCard, tmp_path: Path) -> None:
    source = Stuck(a=0.0)
    with playing_on(source) as player:
        measured(player)
        recording = player.record((ArmedTrack("t", (0,), tmp_path / "a.wav"),))
        until(lambda: recording.frames > 20_000, "it records")
        source.stand = True
        until(lambda: player._thread.stream.ring_gaps == 1, "the ring runs dry")
        until(lambda: len(player._thread.stream.epochs) == 2, "the counts are matched anew")
        already = recording.frames
        until(lambda: recording.frames > already + 30_000, "it records on")
        player.stop()
        (track,) = finished(recording)
    first, second = track.passes
    assert first.number == second.number == 0
    assert second.song == first.song + first.length
    assert second.media > first.media + first.length
    assert len(track.dropouts) == 1 and track.dropouts[0] == second.media
    taken = sound_of(track)[:, 0]
    for one in (first, second):
        stretch = slice(64, min(one.length, 20_000))
        played = source.signal("a", one.song, one.length)[0]
        assert np.array_equal(taken[one.media : one.media + one.length][stretch], played[stretch])


@undisturbed
def test_what_is_sung_is_dated_to_the_frame_around_a_drop_out(sound_card: SoundCard) -> None:
    source = Stuck(a=0.0)
    with playing_on(source) as player:
        measured(player)
        came: list[tuple[int, Floats]] = []
        player.play()
        player.listen(lambda at, block: came.append((at, block)) or True)
        until(lambda: player.status().position > 20_000, "it plays")
        source.stand = True
        until(lambda: player._thread.stream.ring_gaps == 1, "the ring runs dry")
        until(lambda: len(player._thread.stream.epochs) == 2, "the counts are matched anew")
        position = player.status().position
        until(lambda: player.status().position > position + 30_000, "it plays on")
        blocks = list(came)
        inputs = np.concatenate([at + np.arange(len(block)) for at, block in blocks]).astype(np.int64)
        heard = np.concatenate([block[:, 0] for _, block in blocks])
        songs = player.sung_at(inputs) * RATE
        player.stop()
    dated = np.isfinite(songs)
    begins = np.flatnonzero(dated & ~np.concatenate(([False], dated[:-1])))
    ends = np.flatnonzero(dated & ~np.concatenate((dated[1:], [False])))
    assert len(begins) == 2  # before the gap and after it; what lies between is not dated at all
    assert songs[begins[1]] == pytest.approx(songs[ends[0]] + 1, abs=0.01)
    for begin in begins:
        stretch = slice(begin + 4_000, begin + 12_000)
        played = source.signal("a", round(songs[begin + 4_000]), 8_000)[0]
        assert np.array_equal(heard[stretch], played)


@undisturbed
def test_device_at_another_rate_plays_and_records_in_place(sound_card: SoundCard, tmp_path: Path) -> None:
    source = Tones(level=0.5, a=440.0)
    with playing_on(source, DeviceChoice(rate=44_100)) as player:
        measured(player)
        player.locate(1_000)
        recording = player.record((ArmedTrack("t", (0,), tmp_path / "a.wav"),))
        until(lambda: recording.frames > RATE, "it records")
        player.stop()
        (track,) = finished(recording)
        assert track.dropouts == ()
    assert soundfile.info(track.path).samplerate == RATE
    taken = sound_of(track)[:RATE]
    played = source.signal("a", 1_000, RATE).T
    steady = slice(2_000, RATE - 2_000)
    errors = [
        float(np.abs(taken[2_000 + shift : RATE - 2_000 + shift, 0] - played[steady, 0]).max())
        for shift in range(-48, 49)
    ]
    best = int(np.argmin(errors)) - 48
    assert abs(best) <= 2
    assert steepest(taken[200:]) < 1.1 * steepest(played)
