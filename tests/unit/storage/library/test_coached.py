"""Judged takes are kept by song and target, come back in the order in which they were sung, and bad figures do not."""

from __future__ import annotations

import math
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from studio.storage.library import CoachedTake, Library, LibraryError
from studio.storage.library.migrate import SCRIPTS, migrate, revision
from studio.storage.library.schema import HEAD

TAKE = CoachedTake(
    0, 100.0, "Take 1", "Song", "Scale", "", 12.5, 8, 57.0, 69.25, -12.5, 8.0, 0.03, None, 82.5, 80.0, None, 90.0, 0.8
)


def test_takes_come_back_as_they_were_in_order(library: Library) -> None:
    ids = [library.add_coached_take(replace(TAKE, taken=taken)) for taken in (300.0, 100.0, 200.0)]
    assert library.coached_takes() == [
        replace(TAKE, id=ids[n], taken=t) for n, t in ((1, 100.0), (2, 200.0), (0, 300.0))
    ]
    assert [take.taken for take in library.coached_takes(limit=2)] == [200.0, 300.0]
    assert [take.taken for take in library.coached_takes(since=150.0)] == [200.0, 300.0]


def test_takes_are_found_by_song_and_target(library: Library) -> None:
    library.add_coached_take(TAKE)
    library.add_coached_take(replace(TAKE, taken=200.0, overall=60.0))
    library.add_coached_take(replace(TAKE, taken=150.0, song="", target="Fünf Töne \U0001f3b5", karaoke=9000))
    assert len(library.coached_takes(song="Song", target="Scale")) == 2
    (other,) = library.coached_takes(song="")
    assert (other.target, other.karaoke) == ("Fünf Töne \U0001f3b5", 9000)
    first, second = library.practised()
    assert (first.song, first.target, first.takes, first.last, first.best) == ("Song", "Scale", 2, 200.0, 82.5)
    assert second.takes == 1
    assert library.forget_coached_takes([other.id, 999]) == 1
    assert len(library.practised()) == 1


def test_figures_that_are_no_numbers_are_refused(library: Library) -> None:
    with pytest.raises(LibraryError, match="no numbers"):
        library.add_coached_take(replace(TAKE, accuracy=math.nan))
    assert library.coached_takes() == []


def test_a_take_without_a_time_was_sung_now(library: Library) -> None:
    before = time.time()
    library.add_coached_take(replace(TAKE, taken=0.0))
    assert before <= library.coached_takes()[0].taken <= time.time()


def test_a_library_of_the_first_schema_gets_the_table_and_keeps_a_copy(file: Path) -> None:
    file.parent.mkdir(parents=True)
    migrate(file, SCRIPTS, "0001")
    with Library(file) as library:
        library.add_coached_take(TAKE)
    assert revision(file) == HEAD
    (copy,) = file.with_name("backups").glob("*")
    with closing(sqlite3.connect(copy)) as database:
        assert not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'coached_takes'").fetchone()
