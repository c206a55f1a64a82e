"""Plug-ins of this computer: found, remembered, missed and found again while a song plays, and bounced alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rooms import Room, room
from studio.actions.plugins import plugins_changed, remember_plugins
from studio.cli import run
from studio.document.edits.notes import make_note, make_note_clip
from studio.document.edits.tracks import add_tracks
from studio.document.instruments import Instrument
from studio.document.project import Track
from studio.engine.audio.instruments import plugins
from studio.engine.audio.instruments.plugins import catalogue
from studio.storage.locations import cache_folder
from vst3 import MAKER, build

__all__ = ["room"]


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is known, and nothing but what a test builds is found."""
    monkeypatch.setattr("studio.actions.plugins.standard_folders", list)
    before = catalogue.files
    catalogue.know(())
    yield
    catalogue.know(before)


def song(room: Room) -> Path:
    """An open song with a long note on a plug-in; its folder."""
    clip = make_note_clip("Notes", 0, 9600, [make_note(0, 9600, 69, 100)])
    tone = Instrument("plugin", f"Tone ({MAKER})")
    track = Track("track-1", "Tone", "#ffffff", "instrument", "musical", clips=(clip,), instrument=tone)
    room.new("Tone").document.apply(add_tracks((track,)))
    return room.session.bundle.folder


def heard(room: Room) -> float:
    player = room.workspace.player
    player.locate(0)
    player.play()
    room.until(lambda: player.status().position > 4800)
    loud = max(player.status().meters.get("track-1", (0.0, 0.0)))
    player.stop()
    return loud


def test_a_missing_plug_in_is_told_and_plays_once_it_is_found(room: Room, tmp_path: Path) -> None:
    song(room)
    room.until(lambda: "was not found" in room.workspace.player.status().news)
    assert heard(room) == 0.0
    assert room.session.document.project.tracks[0].clips
    build(tmp_path / "vst3")
    room.workspace.update_preferences(plugin_folders=(str(tmp_path / "vst3"),))
    job = room.over(room.workspace.look_for_plugins())
    assert (job.state, [plugin.name for plugin in job.result.plugins]) == ("done", ["Tone"])
    room.until(lambda: heard(room) > 0.1)


def test_what_was_found_is_known_at_the_next_start(room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = str(tmp_path / "vst3")
    build(tmp_path / "vst3")
    build(tmp_path / "vst3", "Crash", "CRASHES")
    room.workspace.update_preferences(plugin_folders=(own,))
    assert plugins_changed((own,))
    room.over(room.workspace.look_for_plugins())
    catalogue.know(())
    monkeypatch.setattr(plugins, "examine", lambda *_: pytest.fail("it is known already"))
    remember_plugins()
    assert not plugins_changed((own,))
    assert [plugin.identity for plugin in catalogue.plugins()] == [f"Tone ({MAKER})"]
    assert [Path(file.path).stem for file in catalogue.blocked()] == ["Crash"]
    (cache_folder() / "plugins.json").write_text('[{"path": 7}]')
    remember_plugins()
    assert catalogue.files == ()


def test_the_headless_door_lists_and_bounces_them(
    room: Room, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = song(room), tmp_path / "out.wav"
    room.workspace.close_project()
    room.until(lambda: not room.workspace.jobs.running())
    assert run(["bounce", str(folder), str(out), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert f"Tone ({MAKER})" in report["notices"][0] and report["peak_dbfs"] is None
    build(tmp_path / "vst3")
    assert run(["plugins", "--folder", str(tmp_path / "vst3"), "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [plugin["identity"] for plugin in listed["plugins"]] == [f"Tone ({MAKER})"]
    assert listed["folders"] == [str(tmp_path / "vst3")]
    assert run(["bounce", str(folder), str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["notices"] == []
    assert np.abs(soundfile.read(out)[0]).max() > 0.1
