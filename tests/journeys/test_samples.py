"""Samples in a song that plays: by hand on the virtual sound card, saved and opened again, lost and found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from listening import RATE, Ear
from mixes import even, rendered
from rooms import Room, room
from sound import SoundCard, sound_card
from studio.actions.sampling import sample_files
from studio.document.edits.clips import add_clips
from studio.document.edits.notes import make_note, make_note_clip
from studio.document.edits.tracks import add_tracks, fresh_track, set_instrument
from studio.document.instruments import Instrument
from studio.document.time import PPQ
from studio.engine.audio.compiler import compile_plan

__all__ = ["room", "sound_card"]


def tone(path: Path, frequency: float) -> Path:
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * frequency * np.arange(2 * RATE) / RATE), RATE)
    return path


def sampled(room: Room, file: Path) -> str:
    """A song with a track that plays a file from its keys, and a clip of one note."""
    session = room.new("Samples")
    track = fresh_track(session.document.project, "Keys", "instrument", instrument=Instrument("sampler"))
    clip = make_note_clip("c", 0, 4 * PPQ, [make_note(0, PPQ, 69)])
    session.document.apply(add_tracks((track,)))
    session.document.apply(add_clips(track.id, (clip,)))
    room.over(sample_files(session, [file], track.id))
    return track.id


def heard(room: Room) -> np.ndarray:
    """Two seconds of the song."""
    session = room.session
    project = session.document.project
    plan = compile_plan(project, {media.id: session.playable(media) for media in project.media})
    return rendered(plan, 0, even(2 * RATE))


def loudest(sound: np.ndarray) -> float:
    """The strongest frequency of (frames, channels), in Hz."""
    spectrum = np.abs(np.fft.rfft(sound[:, 0] * np.hanning(len(sound)), 1 << 18))
    return float(spectrum.argmax() * RATE / (1 << 18))


def test_keys_play_the_sample_and_another_sample_once_it_is_there(
    sound_card: SoundCard, room: Room, tmp_path: Path
) -> None:
    track, player = sampled(room, tone(tmp_path / "Low A3.wav", 220)), room.workspace.player
    session = room.session
    room.until(lambda: player.status().device == "running")
    session.play_by_hand(track)
    room.until(lambda: player._thread._live is not None)

    def press(pitch: int) -> np.ndarray:
        ear = Ear(player)
        before = ear._frames()
        player.note(pitch, 100)
        ear.wait(RATE)
        player.note(pitch, 0)
        ear.wait(RATE // 2)
        sound = ear.stop()[before:]
        first = int(np.flatnonzero(np.abs(sound[:, 0]) > 0.01)[0])
        assert np.abs(sound[-3000:]).max() < 0.003, "it ends with its key"
        return sound[first + 2000 : first + 26_000]

    assert loudest(press(57)) == pytest.approx(220, rel=0.01)
    assert loudest(press(69)) == pytest.approx(440, rel=0.01)
    live = player._thread._live
    room.over(sample_files(session, [tone(tmp_path / "High A4.wav", 880)], track))
    room.until(lambda: player._thread._live is not live)
    assert loudest(press(69)) == pytest.approx(880, rel=0.01)


def test_a_song_with_samples_is_opened_again_and_its_sounds_count_as_used(room: Room, tmp_path: Path) -> None:
    sampled(room, tone(tmp_path / "Low A3.wav", 220))
    before, sound = room.session.document.project, heard(room)
    assert room.session.bundle.unused_media() == ()
    folder = room.session.bundle.folder
    room.workspace.close_project()
    session = room.open(folder)
    assert session.document.project == before
    assert np.array_equal(heard(room), sound)


def test_a_lost_sample_is_silent_and_plays_again_when_it_is_found(room: Room, tmp_path: Path) -> None:
    file = tone(tmp_path / "Low A3.wav", 220)
    track = sampled(room, file)
    session, sound = room.session, heard(room)
    folder, media = session.bundle.folder, session.document.project.media[0]
    files = {session.bundle.media_path(media), session.playable(media)}
    room.workspace.close_project()
    room.until(lambda: not room.workspace.jobs.running())
    for one in files:
        one.unlink()
    session = room.open(folder)
    assert session.missing == {media.id}
    assert not heard(room).any()
    room.until(lambda: session.playback.settled(session.document.project))
    assert any("Low A3" in notice and "missing" in notice for notice in room.workspace.player._source.notices)
    room.over(session.relink(media.id, file))
    assert np.array_equal(heard(room), sound)
    session.document.apply(set_instrument(track, Instrument("sampler")))
    assert session.document.project.media != (), "media stay in the song"
