"""The history on disk: every state comes back, whatever order of edits, undos, branches and gestures made it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from songs import media, numbers, perform, small_song
from studio.document.changes import difference
from studio.document.document import Announcement, Document, Revision
from studio.document.edits import clips, mix, song
from studio.document.project import Project, new_project
from studio.storage import database, revisions
from studio.storage.failures import BundleError, DamagedRevision

steps = st.lists(st.one_of(numbers, st.sampled_from(["undo", "redo", "gesture"])), max_size=30)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[database.Connection]:
    connection = database.create(tmp_path / "project.db", 1)
    yield connection
    connection.close()


def follow(db: database.Connection, document: Document) -> dict[int, Project]:
    """Stores each revision as the bundle does; returns the dictionary of states that grows with them."""
    states = {0: document.project}
    revisions.put_first(db, document.revision, document.project)

    def hear(announcement: Announcement) -> None:
        if announcement.new:
            parent = states[announcement.revision.parent]
            revisions.put(db, announcement.revision, difference(parent, announcement.changes.after))
            states[announcement.revision.number] = announcement.changes.after

    document.subscribe(hear)
    return states


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_every_state_of_every_branch_is_recalled(tmp_path_factory: pytest.TempPathFactory, drawn: list[object]) -> None:
    connection = database.create(tmp_path_factory.mktemp("db") / "project.db", 1)
    document = Document(small_song(2, 2))
    states = follow(connection, document)
    for step in drawn:
        match step:
            case "undo":
                document.undo()
            case "redo":
                document.redo()
            case "gesture":
                for gain in (0.5, 0.6, 0.7):
                    document.apply(mix.set_gain("master", gain, merge="drag"))
                document.close_gesture()
            case _:
                perform(document, step)  # type: ignore[arg-type]
    for number, state in states.items():
        assert revisions.recall(connection, number) == state
    assert revisions.history(connection) == document.revisions
    connection.close()


def chain(db: database.Connection, length: int) -> list[Project]:
    """A history of renames, one a revision."""
    states = [new_project("Song 0")]
    revisions.put_first(db, Revision(0, -1, "New song", 0.0), states[0])
    for number in range(1, length):
        after = song.rename_song(f"Song {number}").change(states[-1])
        revisions.put(db, Revision(number, number - 1, "Rename", float(number)), difference(states[-1], after))
        states.append(after)
    return states


def test_a_move_of_one_clip_stays_small(db: database.Connection) -> None:
    project = small_song(4, 50)
    document = Document(project)
    follow(db, document)
    clip = project.tracks[0].clips[10]
    document.apply(clips.move_clips((clip.id,), clip.id, 123_456, 0))
    size = db.execute("SELECT length(changed) + length(removed) FROM revision WHERE number = 1").fetchone()[0]
    assert 0 < size < 400


@pytest.mark.parametrize("column", ["changed", "removed", "checksum", "parent"])
def test_a_damaged_newest_row_costs_only_itself(db: database.Connection, column: str) -> None:
    states = chain(db, 6)
    worse = {"checksum": 12345, "parent": 99}.get(column, b"\x81\xa4root\xc4\x03abc")
    db.execute(f"UPDATE revision SET {column} = ? WHERE number = 5", (worse,))
    with pytest.raises(DamagedRevision) as caught:
        revisions.recall(db, 5)
    assert caught.value.number == 5
    if column == "parent":
        return
    assert revisions.recall_sound(db, 5) == (states[4], 4)


def test_a_damaged_row_in_the_middle_leads_to_the_state_before_it(db: database.Connection) -> None:
    states = chain(db, 50)
    db.execute("UPDATE revision SET changed = x'00' WHERE number = 20")
    assert revisions.recall_sound(db, 49) == (states[19], 19)


def test_a_row_with_a_true_checksum_but_senseless_parts_is_found_too(db: database.Connection) -> None:
    states = chain(db, 3)
    changed = revisions._encoder.encode({"root": b"\x80"})
    removed = revisions._encoder.encode([])
    db.execute(
        "UPDATE revision SET changed = ?, removed = ?, checksum = ? WHERE number = 2",
        (changed, removed, revisions.checksum(changed, removed)),
    )
    assert revisions.recall_sound(db, 2) == (states[1], 1)


def test_a_history_with_no_good_state_is_refused(db: database.Connection) -> None:
    chain(db, 3)
    db.execute("UPDATE revision SET checksum = 0")
    with pytest.raises(DamagedRevision):
        revisions.recall_sound(db, 2)


@pytest.mark.parametrize("parent", [7, 2, -1, -5, "text", b"blob"])
def test_a_history_that_is_not_a_tree_is_refused(db: database.Connection, parent: object) -> None:
    chain(db, 3)
    db.execute("UPDATE revision SET parent = ? WHERE number = 2", (parent,))
    with pytest.raises(BundleError):
        revisions.history(db)


def test_an_unknown_present_is_the_newest(db: database.Connection) -> None:
    chain(db, 4)
    assert revisions.present(db) == 3
    database.put_meta(db, "present", 99)
    assert revisions.present(db) == 3
    database.put_meta(db, "present", 1)
    assert revisions.present(db) == 1


def test_media_of_every_branch_are_known(db: database.Connection) -> None:
    document = Document(new_project("Song"))
    follow(db, document)
    first, second = media(name="a"), media(name="b")
    document.apply(song.put_media((first,)))
    document.undo()
    document.apply(song.put_media((second,)))
    assert revisions.media_files(db) == {first.file, second.file}
    db.execute("UPDATE revision SET checksum = 0 WHERE number = 1")
    with pytest.raises(DamagedRevision):
        revisions.media_files(db)
