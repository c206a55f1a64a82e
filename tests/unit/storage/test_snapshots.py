"""Whole states beside the history: shared, pruned, and never trusted when damaged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from songs import small_song
from studio.document.changes import difference
from studio.document.document import Revision
from studio.document.edits import mix
from studio.document.project import Project
from studio.storage import database, revisions, snapshots, versions
from studio.storage.failures import BundleError


@pytest.fixture
def db(tmp_path: Path) -> Iterator[database.Connection]:
    connection = database.create(tmp_path / "project.db", 1)
    yield connection
    connection.close()


def numbers(db: database.Connection) -> set[int]:
    return {number for (number,) in db.execute("SELECT number FROM snapshot")}


def blobs(db: database.Connection) -> int:
    count: int = db.execute("SELECT count(*) FROM blob").fetchone()[0]
    return count


def assembled(db: database.Connection, number: int) -> Project:
    """The song of a snapshot alone: no revision rows are there to help."""
    assert db.execute("SELECT count(*) FROM revision").fetchone() == (0,)
    saved = snapshots.read(db, number)
    assert saved is not None
    return revisions.codec.assemble({key: revisions.codec.decode(data) for key, data in saved.items()})


def test_a_snapshot_is_the_whole_state(db: database.Connection) -> None:
    project = small_song(3, 20)
    snapshots.SnapshotWriter().write(db, 7, project)
    assert assembled(db, 7) == project
    assert snapshots.exists(db, 7)
    assert snapshots.read(db, 8) is None


@pytest.mark.parametrize("same_writer", [True, False])
def test_snapshots_share_the_tracks_that_are_the_same(db: database.Connection, same_writer: bool) -> None:
    project, writer = small_song(8, 5), snapshots.SnapshotWriter()
    writer.write(db, 1, project)
    before = blobs(db)
    assert before == 1 + 8
    changed = mix.set_gain(project.tracks[3].id, 0.5).change(project)
    (writer if same_writer else snapshots.SnapshotWriter()).write(db, 2, changed)
    assert blobs(db) == before + 1
    assert assembled(db, 1) == project
    assert assembled(db, 2) == changed


def test_a_writer_does_not_trust_its_memory_after_a_rollback(db: database.Connection) -> None:
    project, writer = small_song(2, 2), snapshots.SnapshotWriter()
    db.execute("BEGIN")
    writer.write(db, 1, project)
    db.execute("ROLLBACK")
    writer.write(db, 1, project)
    assert assembled(db, 1) == project


def test_which_snapshots_are_kept(db: database.Connection) -> None:
    writer, project = snapshots.SnapshotWriter(), small_song(1, 1)
    versions.put(db, versions.Version(1, 5000, "Mix", 0.0))
    for number in range(1000, 15_000, 1000):
        writer.write(db, number, mix.set_gain("master", number / 20_000).change(project))
    firsts = {1000, 5000, 9000, 13_000}
    assert numbers(db) == {14_000, 13_000, 12_000, 11_000} | firsts | {5000}
    assert blobs(db) == 1 + len(numbers(db))


def test_a_named_version_in_mid_range_is_kept(db: database.Connection) -> None:
    writer, project = snapshots.SnapshotWriter(), small_song(1, 1)
    versions.put(db, versions.Version(1, 1500, "Mix", 0.0))
    for number in (1000, 1500, 1600, 1700, 1800, 1900, 2000):
        writer.write(db, number, project)
    assert numbers(db) == {1000, 1500, 1700, 1800, 1900, 2000}


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE blob SET data = x'00'",
        "UPDATE blob SET data = zeroblob(50)",
        "UPDATE blob SET size = 1",
        "UPDATE blob SET size = 'many'",
        "UPDATE blob SET size = 1 << 40",
        "UPDATE snapshot SET blobs = x'0011'",
        "UPDATE snapshot SET blobs = 'text'",
        "DELETE FROM blob",
    ],
)
def test_a_damaged_snapshot_is_passed_over(db: database.Connection, damage: str) -> None:
    project = small_song(2, 2)
    after = mix.set_gain("master", 0.5).change(project)
    revisions.put_first(db, Revision(0, -1, "New song", 0.0), project)
    revisions.put(db, Revision(1, 0, "Gain", 0.0), difference(project, after))
    snapshots.SnapshotWriter().write(db, 1, after)
    db.execute(damage)
    assert snapshots.read(db, 1) is None
    assert revisions.recall(db, 1) == after


def test_a_blob_does_not_unpack_beyond_its_size(db: database.Connection) -> None:
    bomb = snapshots.zlib.compress(b"\0" * 50_000_000)
    db.execute("INSERT INTO blob VALUES (?, ?, ?)", (b"k" * 32, 100, bomb))
    with pytest.raises(BundleError):
        snapshots.blob(db, b"k" * 32)
