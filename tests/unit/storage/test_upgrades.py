"""Songs of older formats."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.document.changes import difference
from studio.document.document import Revision
from studio.document.edits.song import rename_song
from studio.document.project import new_project
from studio.storage import database, revisions, snapshots
from studio.storage.failures import BundleError
from studio.storage.upgrades import PlainPart, upgrade


def title_to_name(part: PlainPart) -> PlainPart:
    """A made-up format 0 called the song's name its title."""
    if part["part"] == "root":
        part["name"] = part.pop("title")
    return part


def name_to_title(part: PlainPart) -> PlainPart:
    if part["part"] == "root":
        part["title"] = part.pop("name")
    return part


def old_song(path: Path) -> database.Connection:
    db = database.create(path, 1)
    first = new_project("One")
    second = rename_song("Two").change(first)
    revisions.put_first(db, Revision(0, -1, "New song", 0.0), first)
    revisions.put(db, Revision(1, 0, "Rename", 1.0), difference(first, second))
    snapshots.SnapshotWriter().write(db, 1, second)
    upgrade(db, 1, 2, {1: name_to_title})
    database.put_meta(db, "format", 0)
    with pytest.raises(BundleError):
        revisions.recall(db, 1)
    return db


def test_every_revision_is_upgraded(tmp_path: Path) -> None:
    db = old_song(tmp_path / "project.db")
    upgrade(db, 0, 1, {0: title_to_name})
    assert database.meta(db, "format") == 1
    assert revisions.recall(db, 0).name == "One"
    assert revisions.recall(db, 1).name == "Two"
    assert revisions.present(db) == 1
    db.close()


def stumble(part: PlainPart) -> PlainPart:
    if part.get("title") == "Two":
        raise ValueError("this one does not fit")
    return title_to_name(part)


@pytest.mark.parametrize("steps", [{}, {0: name_to_title}, {0: stumble}])
def test_an_upgrade_that_fails_changes_nothing(tmp_path: Path, steps: dict[int, object]) -> None:
    db = old_song(tmp_path / "project.db")
    before = "\n".join(db.iterdump())
    with pytest.raises(BundleError):
        upgrade(db, 0, 1, steps)  # type: ignore[arg-type]
    assert "\n".join(db.iterdump()) == before
    db.close()


def test_the_present_format_needs_nothing(tmp_path: Path) -> None:
    db = database.create(tmp_path / "project.db", 1)
    upgrade(db, 1, 1)
    db.close()
