"""Grooves taken from recordings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from rooms import Room, room
from studio.actions.grooves import groove_from_audio
from studio.actions.placing import Target
from studio.document.edits import clips
from studio.document.edits.song import set_tempo
from studio.document.grooves import Groove
from studio.document.time import PPQ
from studio.errors import StudioError

__all__ = ["room"]

RATE = 48_000
SIXTEENTH = PPQ // 4
LATE = (0, 60, 10, -30)


def recording(path: Path, bpm: float) -> Path:
    """Four bars of sixteenths, played off the grid by LATE."""
    random, sound = np.random.default_rng(2), np.zeros(round(16.5 * 60 / bpm * RATE))
    hit = random.standard_normal(2000) * np.exp(-np.arange(2000) / 300)
    for n in range(64):
        at = round((n * SIXTEENTH + LATE[n % 4]) / PPQ * 60 / bpm * RATE)
        sound[at : at + 2000] += hit * random.uniform(0.3, 0.8) * 0.3
    soundfile.write(path, sound, RATE)
    return path


def taken(room: Room, clip_id: str) -> Groove:
    found: list[Groove] = []
    job = room.over(groove_from_audio(room.session, clip_id, SIXTEENTH, PPQ, found.append))
    assert job.state == "done", job.error
    return found[0]


@pytest.mark.parametrize("bpm", [120.0, 93.0])
def test_how_a_recording_is_played_becomes_a_groove(room: Room, tmp_path: Path, bpm: float) -> None:
    room.new()
    room.session.document.apply(set_tempo(0, bpm))
    frame = int(room.session.document.project.time.frame(4 * PPQ))
    room.over(room.session.import_files([recording(tmp_path / "a.wav", bpm)], Target(frame=frame)))
    clip = room.session.document.project.tracks[0].clips[0]
    groove = taken(room, clip.id)
    assert groove.step == SIXTEENTH
    assert np.abs(np.array(groove.shifts) - LATE).max() <= 4  # 2 ms at 120 BPM
    assert groove.accents == (0, 0, 0, 0)
    room.session.document.apply(clips.trim_clips((clip.id,), "left", RATE))
    assert np.abs(np.array(taken(room, clip.id).shifts) - LATE).max() <= 4


def test_what_has_no_onsets_or_no_sound_is_refused_in_a_sentence(room: Room, tmp_path: Path) -> None:
    room.new()
    soundfile.write(tmp_path / "hush.wav", np.zeros(RATE), RATE)
    room.over(room.session.import_files([tmp_path / "hush.wav"], Target()))
    clip = room.session.document.project.tracks[0].clips[0]
    job = room.over(groove_from_audio(room.session, clip.id, SIXTEENTH, PPQ, lambda _: pytest.fail("no groove")))
    assert (job.state, "No onset stands out" in job.error) == ("failed", True)
    with pytest.raises(StudioError, match="clip of sound"):
        groove_from_audio(room.session, "gone", SIXTEENTH, PPQ, print)
    media = room.session.document.project.media[0]
    for file in {room.session.bundle.media_path(media), room.session.playable(media)}:
        file.unlink()
    with pytest.raises(StudioError, match="missing"):
        groove_from_audio(room.session, clip.id, SIXTEENTH, PPQ, print)
