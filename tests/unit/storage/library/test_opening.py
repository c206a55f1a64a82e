import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from studio.storage.library import (
    JobRecord,
    Library,
    LibraryError,
    LibraryReadOnly,
    LibraryTooNew,
    NewAsset,
    opening,
)
from studio.storage.library.database import damage_marker

DATA = Path(__file__).resolve().parents[3] / "data"


def fill(file: Path, count: int = 300) -> None:
    with Library(file) as library:
        library.add_assets([NewAsset("audio", Path(f"/s/kick {number}.wav")) for number in range(count)])


def test_the_first_released_library_opens_for_ever(file: Path) -> None:
    file.parent.mkdir()
    shutil.copyfile(DATA / "library_v1.db", file)
    with Library(file) as library:
        assert (library.notice, library.read_only) == ("", "")
        assert [asset.path for asset in library.search()] == [
            Path("/music/Drums/BigKick808.wav"),
            Path("/music/\udcff.mid"),
            Path("/music/Takes/Überstimme.wav"),
        ]
        [kick] = library.search("kick warm one")
        assert (kick.bpm, kick.key, kick.rate, kick.seconds, kick.digest) == (120.0, "F#m", 44_100, 0.5, "aa" * 32)
        assert kick.tags == ("one shot", "Warm")
        assert [asset.kind for asset in library.search("uber", favourites=True)] == ["recording"]
        assert [(tag.name, tag.assets) for tag in library.tags()] == [("one shot", 1), ("Warm", 2)]
        [collection] = library.collections()
        assert (collection.name, library.count(collection=collection.id)) == ("Best of", 2)
        assert [project.path for project in library.recent_projects()] == [Path("/music/Song.studio")]
        assert library.interrupt_running() == 1
        [job] = library.load_jobs("interrupted")
        assert (job.parameters, job.needs, job.failures) == ({"files": ["a.wav"]}, ("job-0",), ("b.wav: truncated",))


def test_a_closed_library_is_one_file(file: Path) -> None:
    fill(file)
    assert not list(file.parent.glob("*-wal"))
    assert list((file.parent / f"{file.name}-sessions").iterdir()) == []


def rubbish(file: Path) -> None:
    file.write_bytes(os.urandom(20_000))


def text(file: Path) -> None:
    file.write_text("hello, this is no database")


def truncated(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])


def truncated_in_the_header(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:50])


def holed(file: Path) -> None:
    data = bytearray(file.read_bytes())
    for page in range(8192, len(data) - 4096, 4096):
        data[page : page + 512] = os.urandom(512)
    file.write_bytes(data)


def foreign(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE addresses (name TEXT)")
        database.commit()


@pytest.mark.parametrize("damage", [rubbish, text, truncated, truncated_in_the_header, holed, foreign])
def test_a_damaged_library_is_kept_and_a_fresh_one_begun(file: Path, damage: Callable[[Path], None]) -> None:
    fill(file)
    damage(file)
    before = file.read_bytes()
    with Library(file) as library:
        assert "a fresh one was begun" in library.notice
        assert library.read_only == ""
        assert library.count() == 0
        library.add_assets([NewAsset("audio", Path("/s/new.wav"))])
    [kept] = file.parent.glob("library-damaged-*.db")
    assert str(kept) in library.notice
    assert kept.read_bytes() == before
    with Library(file) as again:
        assert (again.notice, again.count()) == ("", 1)


def test_two_damaged_libraries_in_one_second_are_both_kept(file: Path) -> None:
    for _ in range(3):
        fill(file, 1)
        rubbish(file)
        Library(file).close()
    assert len(list(file.parent.glob("library-damaged-*.db"))) == 3


def test_an_empty_file_is_a_new_library(file: Path) -> None:
    file.parent.mkdir()
    file.touch()
    with Library(file) as library:
        assert (library.notice, library.count()) == ("", 0)


def test_damage_found_while_it_is_open_is_a_sentence_and_mended_at_the_next_start(file: Path) -> None:
    fill(file)
    with closing(sqlite3.connect(file)) as database:
        database.execute("DELETE FROM asset_text_data WHERE id > 10")
        database.commit()
    with Library(file) as library:
        assert library.notice == ""
        with pytest.raises(LibraryError, match="restart the studio"):
            library.search("kick")
    assert damage_marker(file).exists()
    with Library(file) as mended:
        assert mended.notice == ""
        assert mended.count("kick") == 300
    assert not damage_marker(file).exists()


def test_a_newer_library_is_refused_and_left_alone(file: Path) -> None:
    fill(file)
    with closing(sqlite3.connect(file)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    before = file.read_bytes()
    with pytest.raises(LibraryTooNew, match="newer version"):
        Library(file)
    assert file.read_bytes() == before
    assert not list(file.parent.glob("*damaged*"))


def test_a_killed_process_leaves_a_whole_library(file: Path) -> None:
    script = """
        import os, sys
        from pathlib import Path
        from studio.storage.library import Library, NewAsset
        library = Library(Path(sys.argv[1]))
        library.add_assets([NewAsset("audio", Path(f"/s/{number}.wav")) for number in range(2500)])
        os._exit(1)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script), str(file)], check=False)
    assert file.with_name("library.db-wal").stat().st_size > 0
    with Library(file) as library:
        assert (library.notice, library.count()) == ("", 2500)


READ_ONLY = """
    import os, sys
    from pathlib import Path
    from studio.storage.library import Library, LibraryReadOnly, NewAsset
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    with Library(Path(sys.argv[1])) as library:
        print(library.read_only)
        print(library.count("kick"), len(library.recent_projects()), library.notice)
        try:
            library.add_assets([NewAsset("audio", Path("/s/new.wav"))])
        except LibraryReadOnly as error:
            print(error)
"""


@pytest.fixture
def locked_folder() -> Iterator[Path]:
    """A folder that any user can reach, to be made read-only."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")
@pytest.mark.parametrize("log", [False, True])
def test_in_a_folder_that_cannot_be_written_it_opens_for_reading(file: Path, locked_folder: Path, log: bool) -> None:
    fill(file)
    other = Library(file) if log else None
    if other is not None:
        other.add_assets([NewAsset("audio", Path("/s/kick in the log.wav"))])
        for part in (file, file.with_name("library.db-wal")):
            shutil.copyfile(part, locked_folder / part.name)
        other.close()
    else:
        shutil.copyfile(file, locked_folder / file.name)
    locked_folder.chmod(0o555)
    for part in locked_folder.iterdir():
        part.chmod(0o444)
    try:
        result = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(READ_ONLY), str(locked_folder / file.name)],
            capture_output=True,
            text=True,
            check=True,
        )
    finally:
        locked_folder.chmod(0o755)
    reason, found, error = result.stdout.splitlines()
    assert "reading only" in reason
    assert "Permission denied" in reason
    assert found.split() == [str(300 + log), "0"]
    assert error == reason


def test_where_the_file_is_a_folder_there_is_a_sentence(file: Path) -> None:
    file.mkdir(parents=True)
    with pytest.raises(LibraryError, match="library"):
        Library(file)


def test_a_library_that_never_existed_in_a_place_that_cannot_be_written_is_empty(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with Library(tmp_path / "file" / "library.db") as library:
        assert "reading only" in library.read_only
        assert library.search("kick") == []
        for change in (lambda: library.touch_recent(tmp_path, "x"), lambda: library.save_job(JobRecord("a", "b"))):
            with pytest.raises(LibraryReadOnly):
                change()


def test_private_copies_go_when_they_are_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(opening.tempfile, "tempdir", str(temporary))
    (tmp_path / "file").touch()
    library = Library(tmp_path / "file" / "library.db")
    assert list(temporary.iterdir()) != []
    library.close()
    assert list(temporary.iterdir()) == []


def test_a_full_disk_is_a_sentence_and_the_library_stays_whole(tmp_path: Path) -> None:
    file = tmp_path / "library.db"
    fill(file, 10)
    with Library(file) as library:

        @sa.event.listens_for(library._database._engine, "begin")
        def small(connection: sa.Connection) -> None:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

        with pytest.raises(LibraryError, match="is full; free some space"):
            library.add_assets([NewAsset("audio", Path(f"/s/more {number}.wav")) for number in range(2000)])
        assert library.count() == 10
    with Library(file) as again:
        assert (again.notice, again.count("kick")) == ("", 10)


def fill_up(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as stream, contextlib.suppress(OSError):
        while True:
            stream.write(b"x" * 4096)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)]
    if sys.platform != "linux" or subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("mounting a small tmpfs needs rights that are not here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_disk_that_gets_full_while_adding(disk: Path) -> None:
    fill(disk / "library.db", 10)
    with Library(disk / "library.db") as library:
        with pytest.raises(LibraryError, match="is full; free some space"):
            library.add_assets([NewAsset("audio", Path(f"/s/more {number}.wav")) for number in range(4000)])
        assert library.count("kick") == 10
    with Library(disk / "library.db") as again:
        assert (again.notice, again.count("kick")) == ("", 10)


def test_on_a_full_disk_it_opens_for_reading(disk: Path) -> None:
    fill(disk / "library.db", 10)
    fill_up(disk / "ballast")
    with Library(disk / "library.db") as library:
        assert "the disk is full" in library.read_only
        assert library.count("kick") == 10
    with Library(disk / "fresh" / "library.db") as library:
        assert "the disk is full" in library.read_only
        assert library.count() == 0
    (disk / "ballast").unlink()
    with Library(disk / "library.db") as library:
        assert (library.read_only, library.notice, library.count("kick")) == ("", "", 10)


@pytest.mark.parametrize("seed", range(25))
def test_no_damage_is_more_than_a_sentence(file: Path, seed: int) -> None:
    fill(file, 100)
    chance = random.Random(seed)
    data = bytearray(file.read_bytes())
    for _ in range(2 ** chance.randrange(9)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    file.write_bytes(data)
    for _ in range(3):
        with contextlib.suppress(LibraryError), Library(file) as library:
            library.search("kick")
            library.tag([asset.id for asset in library.search(limit=5)], "tag")
            library.count(tags=["tag"])
            library.add_assets([NewAsset("audio", Path("/s/more.wav"))])
            library.load_jobs()
