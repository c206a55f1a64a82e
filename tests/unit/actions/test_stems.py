"""One file per track: all of one length, and together the mix."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile
from msgspec.structs import replace

from studio.actions.exporting import Request, export_song
from studio.actions.producing import produce
from studio.actions.song import OpenSong, create_song
from studio.actions.stems import export_stems, heard_tracks
from studio.document.edits.mix import set_mute, set_solo
from studio.engine.jobs import Cancelled, Work
from studio.engine.music.genres.reading import load_genres
from studio.engine.music.requests import Wishes, make_request, read_key
from studio.errors import StudioError


@pytest.fixture
def song(tmp_path: Path):
    opened = create_song(tmp_path / "Song.studio")
    genre = load_genres().find("house")
    request = make_request(genre, Wishes(bars=2, key=read_key("A minor"), parts=("drums", "bass", "melody")))
    opened.document.apply(produce(opened.project, genre, request).edit)
    yield opened
    opened.close()


def work() -> Work:
    return Work(lambda *_: None, threading.Event())


def test_stems_sum_to_the_mix_without_the_effects_of_the_master(song: OpenSong, tmp_path: Path) -> None:
    done = export_stems(song.bundle, song.project, Request(tmp_path / "Song.wav", bits="32f"), work())
    assert done.folder == tmp_path / "Song stems"
    assert [one.file.name for one in done.files] == ["01 Drums.wav", "02 Bass.wav", "03 Lead.wav"]
    sounds = [soundfile.read(one.file)[0] for one in done.files]
    assert len({len(sound) for sound in sounds}) == 1
    assert all(np.abs(sound).max() > 0.01 for sound in sounds)
    plain = replace(song.project, master=replace(song.project.master, inserts=()))
    mix = export_song(song.bundle, plain, Request(tmp_path / "mix.wav", bits="32f", end=len(sounds[0])), work())
    assert np.abs(sum(sounds) - soundfile.read(mix.file)[0]).max() < 1e-4


def test_mute_and_solo_are_honoured(song: OpenSong) -> None:
    song.document.apply(set_mute(song.project.tracks[0].id, True))
    assert [track.name for track in heard_tracks(song.project)] == ["Bass", "Lead"]
    song.document.apply(set_solo(song.project.tracks[1].id, True))
    assert [track.name for track in heard_tracks(song.project)] == ["Bass"]


def test_a_folder_that_is_there_is_left_alone(song: OpenSong, tmp_path: Path) -> None:
    (tmp_path / "Song stems").mkdir()
    (tmp_path / "Song stems" / "mine.txt").write_text("mine")
    done = export_stems(song.bundle, song.project, Request(tmp_path / "Song.flac", format="flac"), work())
    assert done.folder.name == "Song stems 2"
    assert [one.name for one in (tmp_path / "Song stems").iterdir()] == ["mine.txt"]


def test_nothing_is_left_of_stems_that_were_cancelled(song: OpenSong, tmp_path: Path) -> None:
    stop = threading.Event()
    seen: list[str] = []

    def report(_: float, message: str) -> None:
        seen.append(message)
        if message == "Bass":
            stop.set()

    with pytest.raises(Cancelled):
        export_stems(song.bundle, song.project, Request(tmp_path / "Song.wav"), Work(report, stop))
    assert not list(tmp_path.glob("*stems*")) and not list(tmp_path.glob(".*part"))


def test_an_empty_song_says_so(tmp_path: Path) -> None:
    empty = create_song(tmp_path / "Empty.studio")
    try:
        with pytest.raises(StudioError, match="nothing to export"):
            export_stems(empty.bundle, empty.project, Request(tmp_path / "Song.wav"), work())
    finally:
        empty.close()
