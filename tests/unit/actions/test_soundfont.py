"""The SoundFont that was chosen: played, exported and missed alike; and a bounce that says what it could not do."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rooms import Room, room
from studio.cli import run
from studio.document.edits import mix
from studio.document.edits.notes import make_note, make_note_clip
from studio.document.edits.tracks import add_tracks
from studio.document.instruments import Instrument
from studio.document.project import Track
from studio.engine.audio.instruments.soundfont import find_fonts
from studio.storage.preferences import Preferences

__all__ = ["room"]

pytestmark = pytest.mark.skipif(not find_fonts(), reason="no SoundFont is installed")


@pytest.fixture
def organ(room: Room) -> Room:
    """An open song with a long note."""
    clip = make_note_clip("Notes", 0, 9600, [make_note(0, 9600, 69, 100)])
    track = Track(
        "track-1", "Organ", "#ffffff", "instrument", "musical", clips=(clip,), instrument=Instrument(program=16)
    )
    room.new("Organ").document.apply(add_tracks((track,)))
    return room


def heard(room: Room) -> float:
    """How loud the track is while it plays, by the clock."""
    player = room.workspace.player
    player.locate(0)
    player.play()
    room.until(lambda: "track-1" in player.status().meters)
    loud = max(player.status().meters.get("track-1", (0.0, 0.0)))
    player.stop()
    return loud


def test_another_font_is_played_at_once_and_a_broken_one_is_told(organ: Room, tmp_path: Path) -> None:
    document, playback = organ.session.document, organ.session.playback
    organ.until(lambda: playback.settled(document.project))
    assert heard(organ) > 0.001
    broken = tmp_path / "broken.sf2"
    broken.write_bytes(b"RIFF....sfbk")
    organ.workspace.set_soundfont(broken)
    organ.until(lambda: "broken.sf2" in organ.workspace.player.status().news)
    assert organ.workspace.preferences.font == broken
    organ.workspace.set_soundfont(None)
    organ.until(lambda: heard(organ) > 0.001)
    assert organ.workspace.preferences.font is None


def test_the_headless_bounce_plays_the_chosen_font_and_says_what_is_silent(
    organ: Room, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = organ.session.bundle.folder
    organ.workspace.close_project()
    organ.until(lambda: not organ.workspace.jobs.running())
    out = tmp_path / "out.wav"
    assert run(["bounce", str(folder), str(out), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["notices"] == [] and np.abs(soundfile.read(out)[0]).max() > 0.01
    Preferences().update(soundfont=str(tmp_path / "gone.sf2")).save()
    assert run(["bounce", str(folder), str(out), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert "gone.sf2" in report["notices"][0] and report["peak_dbfs"] is None


def test_a_bounce_that_is_too_loud_says_so(organ: Room, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    organ.session.document.apply(mix.set_gain("track-1", 15.0))
    organ.session.document.apply(mix.set_gain("master", 15.0))
    folder = organ.session.bundle.folder
    organ.workspace.close_project()
    organ.until(lambda: not organ.workspace.jobs.running())
    for bits, told in (("24", 1), ("32f", 0)):
        assert run(["bounce", str(folder), str(tmp_path / "out.wav"), "--bits", bits, "--json"]) == 0
        report = json.loads(capsys.readouterr().out)
        assert report["peak_dbfs"] > 0 and len(report["notices"]) == told
    assert run(["bounce", str(folder), str(tmp_path / "out.wav")]) == 0
    assert "too loud" in capsys.readouterr().out
