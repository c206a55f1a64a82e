"""Recording over what is there: it does not sound beside the singer, and comes back afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from rooms import Room, room
from sound import SoundCard, sound_card
from studio.actions.placing import Target
from studio.document.edits import song, tracks
from studio.document.project import Comp

__all__ = ["room", "sound_card"]

RATE = 48_000


@pytest.fixture
def recorded(sound_card: SoundCard, room: Room, testdata: Path) -> Room:
    """A song that loops one bar of drums and has been recorded over for a second, on a card that hears itself."""
    room.new("Over")
    room.over(room.session.import_files([testdata / "samples_cc0" / "loop_compus.flac"], Target()))
    document, player = room.session.document, room.workspace.player
    track = document.project.tracks[0]
    document.apply(song.set_loop(0, 3840, True))
    document.apply(tracks.arm(track.id, True))
    room.until(lambda: player.status().device == "running")
    room.until(lambda: room.session.playback.settled(document.project))
    room.workspace.start_recording()
    room.until(lambda: player.status().taking > RATE)
    room.workspace.stop_recording()
    player.stop()
    room.until(lambda: any(isinstance(clip, Comp) for clip in document.project.tracks[0].clips))
    return room


def test_the_track_that_is_recorded_on_is_silent_meanwhile(recorded: Room) -> None:
    project, folder = recorded.session.document.project, recorded.session.bundle.folder
    media = next(media for media in project.media if media.origin == "recording")
    sound, _ = soundfile.read(folder / media.file)
    assert len(sound) > RATE / 2
    assert abs(sound).max() < 0.001


def test_the_track_sounds_again_afterwards(recorded: Room) -> None:
    document, player = recorded.session.document, recorded.workspace.player
    document.undo()
    recorded.until(lambda: recorded.session.playback.settled(document.project))
    player.locate(0)
    player.play()
    recorded.until(lambda: max(player.status().meters.get(document.project.tracks[0].id, (0.0, 0.0))) > 0.05)
    player.stop()
