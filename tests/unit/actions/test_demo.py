"""The song of the first start: made once, where nothing else is, and it plays without any SoundFont."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.actions.demo import NAME, make_demo
from studio.actions.producing import produce
from studio.actions.song import open_song
from studio.actions.workspace import Opened, Workspace
from studio.document.instruments import DRUM_BANK
from studio.document.project import new_project
from studio.engine.music.genres.reading import load_genres
from studio.engine.music.requests import Wishes, make_request


@pytest.fixture
def workspace(qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    opened = Workspace(Opened(), lambda error: None)
    yield opened
    opened.close()


def test_the_first_start_has_a_song_and_the_next_does_not(qtbot, workspace: Workspace) -> None:
    assert workspace.open_demo() is not None
    qtbot.waitUntil(lambda: workspace.session is not None, timeout=20_000)
    assert workspace.session is not None
    project = workspace.session.document.project
    assert project.name == NAME
    assert len(project.sections) == 8
    assert {track.instrument.kind for track in project.tracks if track.instrument} == {"drums", "synth"}
    assert workspace.open_demo() is None


def test_nobody_who_has_songs_gets_it(workspace: Workspace) -> None:
    (workspace.projects_folder / "Mine.studio").mkdir(parents=True)
    assert workspace.open_demo() is None


def test_it_is_the_same_song_everywhere(tmp_path: Path) -> None:
    notes = []
    for name in ("One.studio", "Two.studio"):
        song = make_demo(tmp_path / name, 48_000)
        song.close()
        again = open_song(tmp_path / name)
        clips = [clip for track in again.project.tracks for clip in track.clips]
        notes.append([sorted((n.start, n.length, n.pitch, n.velocity) for n in clip.notes) for clip in clips])
        again.close()
    assert notes[0] == notes[1]
    assert sum(map(len, notes[0])) > 1_000


def test_without_a_soundfont_every_genre_plays_on_our_own_instruments() -> None:
    catalogue = load_genres()
    for genre in catalogue.genres.values():
        project = new_project("x")
        song = produce(project, genre, make_request(genre, Wishes(bars=2)), 0, False).edit.change(project)
        instruments = [track.instrument for track in song.tracks if track.instrument is not None]
        assert {one.kind for one in instruments} <= {"drums", "synth"}
        drums = [t.instrument for t in song.tracks if t.lanes and t.instrument is not None]
        assert all(one.kind == "drums" and one.bank != DRUM_BANK for one in drums)
