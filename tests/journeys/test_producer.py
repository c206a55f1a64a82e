"""A beat from an empty song by typing and clicking alone: heard on the virtual sound card, changed, exported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pretty_midi
import soundfile

from desk import Desk
from listening import undisturbed
from monitor import Monitor
from screen import App, Screen, screen
from sound import SoundCard, sound_card

__all__ = ["screen", "sound_card"]

ROOT = Path(__file__).resolve().parents[2]


def studio(home: Path, *arguments: str) -> dict[str, Any]:
    """The report of a headless command."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "STUDIO_HOME": str(home)}
    command = [sys.executable, "-m", "studio", *arguments, "--json"]
    done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def heard(card: SoundCard, seconds: float) -> np.ndarray:
    """What the sound card plays for some seconds."""
    monitor = Monitor(card)
    monitor.wait(round(seconds * 48_000))
    return monitor.stop()


@undisturbed
def test_a_beat_is_made_heard_changed_and_exported(screen: Screen, sound_card: SoundCard, tmp_path: Path) -> None:
    home = tmp_path / "home"
    song = home / "projects" / "New song.studio"
    app = App(screen, home, environment=sound_card.environment)
    try:
        app.window("Studio")
        app.seen("Sound device", seconds=60)
        app.press("Make a beat")
        app.window("New beat")
        app.keys("Return")
        app.window("New song")
        app.press("What to make, in words")
        app.type("house at 124 in A minor, 4 bars")
        app.keys("Return")
        desk = Desk(app, song)
        made = desk.until("a beat", lambda info: sum(len(t["clips"]) for t in info["tracks"]) >= 5)
        assert made["tempo"][0]["bpm"] == 124.0
        app.press("Drums: Re-roll: write it anew; all else stays")
        changed = desk.until("other drums", lambda info: notes(info, "Drums") != notes(made, "Drums"))
        assert [notes(changed, name) for name in ("Bass", "Chords")] == [
            notes(made, name) for name in ("Bass", "Chords")
        ]
        app.keys("F6", "l", "space")
        sound = heard(sound_card, 3.0)
        app.keys("space")
        assert np.abs(sound).max() > 0.05
    finally:
        status = app.close()
    assert status == 0, app.output()
    assert "Traceback" not in app.output(), app.output()
    stems = studio(home, "bounce", str(song), str(tmp_path / "Beat.wav"), "--stems")
    assert all(soundfile.info(one["file"]).frames == stems["stems"][0]["frames"] for one in stems["stems"])
    report = studio(home, "export-midi", str(song), str(tmp_path / "beat.mid"))
    read = pretty_midi.PrettyMIDI(str(tmp_path / "beat.mid"))
    assert sum(len(instrument.notes) for instrument in read.instruments) == report["notes"]
    assert read.estimate_tempo() > 0
    assert any(instrument.is_drum for instrument in read.instruments)


def notes(info: dict[str, Any], track: str) -> list[Any]:
    """How many notes the clips of a track have."""
    return [clip["notes"] for row in info["tracks"] if row["name"] == track for clip in row["clips"]]


@undisturbed
def test_the_first_start_makes_music_with_the_space_bar(screen: Screen, sound_card: SoundCard, tmp_path: Path) -> None:
    app = App(screen, tmp_path / "home", environment=sound_card.environment, first=True)
    try:
        app.window("First Light")
        app.seen("Sound device", seconds=60)
        app.keys("space")
        time.sleep(1.0)
        sound = heard(sound_card, 3.0)
        app.keys("space")
        assert np.abs(sound).max() > 0.02
    finally:
        app.close()
    assert "Traceback" not in app.output(), app.output()
