"""Files that are not a song this version can open: one sentence each, and the file stays as it is."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bundles import add_track, new_song
from studio.document.codec import FORMAT
from studio.storage import database
from studio.storage.bundle import Bundle, BundleError

Spoil = Callable[[Path], None]


def with_sql(*statements: str) -> Spoil:
    def spoil(path: Path) -> None:
        db = sqlite3.connect(path)
        for statement in statements:
            db.execute(statement)
        db.commit()
        db.close()

    return spoil


def foreign(path: Path) -> None:
    path.unlink()
    with_sql("CREATE TABLE meta (key, value)")(path)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4096])


def cut_to_bits(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:3000])


def zeroed(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:4096] + bytes(len(data) - 4096))


def scrambled(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:100] + bytes(255 - byte for byte in data[100:]))


SPOILT: dict[str, tuple[Spoil, str]] = {
    "empty": (lambda path: path.write_bytes(b"") and None, "has an empty project.db"),
    "garbage": (lambda path: path.write_bytes(bytes(range(256)) * 400) and None, "damaged or not a song"),
    "text": (lambda path: path.write_text("hello") and None, "damaged or not a song"),
    "cut": (cut, "cut off|damaged"),
    "cut to bits": (cut_to_bits, "cut off|damaged"),
    "zeroed": (zeroed, "damaged|makes no sense|no history"),
    "scrambled": (scrambled, "damaged|database of another program"),
    "foreign": (foreign, "database of another program"),
    "foreign mark": (with_sql("PRAGMA application_id = 1"), "database of another program"),
    "a table gone": (with_sql("DROP TABLE revision"), "database of another program"),
    "a column gone": (with_sql("ALTER TABLE version DROP COLUMN name"), "cannot be read"),
    "newer": (with_sql(f"UPDATE meta SET value = {FORMAT + 1} WHERE key = 'format'"), "newer version of the studio"),
    "no format": (with_sql("DELETE FROM meta"), "damaged or not a song"),
    "odd format": (with_sql("UPDATE meta SET value = 'one'"), "damaged or not a song"),
    "old format": (with_sql("UPDATE meta SET value = 0 WHERE key = 'format'"), "can no longer upgrade"),
    "trigger": (
        with_sql("CREATE TRIGGER t AFTER INSERT ON revision BEGIN DELETE FROM revision; END"),
        "damaged or not a song",
    ),
    "no rows": (with_sql("DELETE FROM revision"), "no history"),
    "wrong rows": (with_sql("UPDATE revision SET label = x'ff'"), "makes no sense"),
    "no text": (with_sql("UPDATE revision SET label = CAST(x'ff' AS TEXT)"), "cannot be read"),
}


def test_a_copy_made_while_another_writes_is_of_one_moment(tmp_path: Path) -> None:
    """The writer begins its log again all the time; two tables must agree in every copy."""
    database.create(tmp_path / database.DATABASE, 1).close()
    writer, over = database.open_for_writing(tmp_path), threading.Event()
    writer.execute("PRAGMA wal_autocheckpoint=4")
    writer.executescript("CREATE TABLE a (n INTEGER, fill BLOB); CREATE TABLE b (n INTEGER, fill BLOB);")

    def write() -> None:
        number = 0
        while not over.is_set():
            number += 1
            writer.execute("BEGIN")
            for table in "ab":
                writer.execute(f"INSERT INTO {table} VALUES (?, randomblob(3000))", (number,))
                writer.execute(f"DELETE FROM {table} WHERE n < ?", (number - 50,))
            writer.execute("COMMIT")
            over.wait(0.002 if number % 16 == 0 else 0)

    thread, made = threading.Thread(target=write), 0
    thread.start()
    try:
        for turn in range(60):
            private = tmp_path / str(turn)
            private.mkdir()
            try:
                frozen = database.open_frozen(tmp_path, private, writable=True)
            except BundleError:
                continue  # refused is better than torn
            made += 1
            with closing(frozen) as copy:
                assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                counts = [copy.execute(f"SELECT count(*), max(n), sum(n) FROM {table}").fetchone() for table in "ab"]
                assert counts[0] == counts[1]
    finally:
        over.set()
        thread.join()
        writer.close()
    assert made > 5


@pytest.fixture
def song(tmp_path: Path) -> Path:
    bundle, document = new_song(tmp_path)
    for _ in range(20):
        add_track(document)
    bundle.close()
    return bundle.folder


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("kind", SPOILT)
def test_a_spoilt_file_is_refused_with_a_sentence_and_left_alone(song: Path, kind: str, read_only: bool) -> None:
    spoil, sentence = SPOILT[kind]
    path = song / database.DATABASE
    spoil(path)
    before = path.read_bytes()
    with pytest.raises(BundleError, match=sentence) as caught:
        bundle = Bundle.open(song, read_only=read_only)
        try:
            bundle.load()
        finally:
            bundle.close()
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before
    assert {file.name for file in song.iterdir()} == {"project.db", "media", "cache"}


@pytest.mark.parametrize("name", ["project.db", "media", "cache"])
def test_a_song_whose_parts_are_links_is_refused(song: Path, tmp_path: Path, name: str) -> None:
    (song / name).rename(tmp_path / "elsewhere")
    (song / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BundleError, match="is a link"):
        Bundle.open(song)


def test_folders_that_are_no_song(tmp_path: Path) -> None:
    (tmp_path / "file.studio").write_text("not a folder")
    (tmp_path / "empty.studio").mkdir()
    (tmp_path / "odd.studio" / "project.db").mkdir(parents=True)
    for name in ("file.studio", "empty.studio", "odd.studio", "none.studio"):
        with pytest.raises(BundleError, match=f"“{name}” is not a song of this studio"):
            Bundle.open(tmp_path / name)


def test_any_cut_of_the_file_opens_or_is_refused(song: Path) -> None:
    path = song / database.DATABASE
    whole = path.read_bytes()
    for length in [*range(1, 300, 13), *range(512, len(whole), 4099)]:
        path.write_bytes(whole[:length])
        with pytest.raises(BundleError):
            Bundle.open(song)


def test_any_flipped_byte_opens_or_is_refused(song: Path) -> None:
    path = song / database.DATABASE
    whole = path.read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 150)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x5A]) + whole[at + 1 :])
        try:
            Bundle.open(song).close()
        except BundleError:
            continue
