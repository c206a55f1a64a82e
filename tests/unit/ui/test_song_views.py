from pathlib import Path

import pytest

from studio.ui.song_views import KEPT, SongViews


def test_heights_are_found_again(tmp_path: Path) -> None:
    SongViews(tmp_path).keep_heights("song-a", {"": 90, "track-1": 140})
    views = SongViews(tmp_path)
    assert views.heights("song-a") == {"": 90, "track-1": 140}
    assert views.heights("song-b") == {}
    views.keep_heights("song-a", {})
    assert SongViews(tmp_path).heights("song-a") == {}


def test_only_so_many_songs_are_remembered(tmp_path: Path) -> None:
    views = SongViews(tmp_path)
    views.keep_heights("first", {"": 50})
    for n in range(KEPT - 1):
        views.keep_heights(f"song-{n}", {"": 60})
    views.keep_heights("first", {"": 50})
    views.keep_heights("newest", {"": 70})
    assert SongViews(tmp_path).heights("first") == {"": 50}
    assert SongViews(tmp_path).heights("song-0") == {}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"heights": 3}', '{"heights": {"song": {"track": "tall", "": -4, "x": 9999999}}}', "[" * 9999],
)
def test_a_damaged_file_costs_only_the_heights(tmp_path: Path, text: str) -> None:
    (tmp_path / "views.json").write_text(text)
    views = SongViews(tmp_path)
    assert views.heights("song") == {}
    views.keep_heights("song", {"": 80})
    assert SongViews(tmp_path).heights("song") == {"": 80}


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    views = SongViews(tmp_path / "file")
    views.keep_heights("song", {"": 80})
    assert views.heights("song") == {"": 80}
