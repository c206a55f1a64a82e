"""What is imported is listed in the library by both doors, and a library that cannot be written stops neither."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rooms import Room, room
from studio.actions.placing import Target
from studio.cli import run
from studio.storage import locations
from studio.storage.library import Library

__all__ = ["room"]


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """A sound file of a tenth of a second."""
    file = tmp_path / "Tone.wav"
    soundfile.write(file, 0.1 * np.sin(np.arange(4_800) / 10), 48_000)
    return file


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for the headless door."""
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    return tmp_path


def imported(folder: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> dict:
    assert run(["import", str(folder), str(file), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_headless_door_lists_what_it_imports_once(
    home: Path, tone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = home / "Song.studio"
    assert run(["new", str(folder), "--json"]) == 0
    capsys.readouterr()
    for _ in range(2):
        assert imported(folder, tone, capsys)["notices"] == []
    with Library(locations.library_file()) as library:
        assert library.count() == 1
        found = library.find_by_path(tone)
        assert found is not None
        assert (found.name, found.seconds, found.channels, found.kind) == ("Tone", 0.1, 1, "audio")


def test_both_doors_list_the_same(room: Room, tone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session = room.new("Window")
    room.over(session.import_files([tone], Target()))
    of_window = room.workspace.library.find_by_path(tone)
    assert of_window is not None
    room.workspace.library.remove_assets([of_window.id])
    folder = session.bundle.folder
    room.workspace.close_project()
    room.until(lambda: not room.workspace.jobs.running())
    imported(folder, tone, capsys)
    of_script = room.workspace.library.find_by_path(tone)
    assert of_script is not None
    kept = ("kind", "path", "name", "size", "modified", "digest", "seconds", "rate", "channels")
    assert [getattr(of_script, name) for name in kept] == [getattr(of_window, name) for name in kept]


def test_a_library_that_cannot_be_opened_is_told_and_the_sound_is_in_the_song(
    home: Path, tone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = home / "Song.studio"
    assert run(["new", str(folder), "--json"]) == 0
    capsys.readouterr()
    locations.library_file().mkdir(parents=True)
    report = imported(folder, tone, capsys)
    assert [clip["name"] for clip in report["clips"]] == ["Tone"]
    assert len(report["notices"]) == 1 and "library" in report["notices"][0]


def test_a_library_that_cannot_be_written_costs_the_window_only_the_entry(room: Room, tone: Path) -> None:
    session = room.new("Window")
    room.workspace.library._database.read_only = "The library belongs to another."
    job = room.over(session.import_files([tone], Target()))
    assert job.state == "done" and "belongs to another" in job.failures[0]
    assert [clip.name for track in session.document.project.tracks for clip in track.clips] == ["Tone"]
