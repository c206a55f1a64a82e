"""A song on disk: what was done is there again, wherever its folder went."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bundles import add_track, document_of, make_read_only, new_song, put_marker, small_disk
from songs import media, numbers, perform, small_song
from studio.document.codec import CodecError
from studio.document.document import Document, Edit
from studio.document.edits import mix, song
from studio.document.project import new_project
from studio.storage import database, opening, revisions
from studio.storage.bundle import Bundle, BundleError, BundleLocked

LONG = "x" * 300


def contents(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("Song", "Song.studio"),
        ("a/b", "a-b.studio"),
        ("..", "Song.studio"),
        ("NUL", "NUL_.studio"),
        ("Größe \U0001f3b8", "Größe \U0001f3b8.studio"),
        (LONG, "x" * 180 + ".studio"),
    ],
)
def test_a_new_song_has_a_safe_name_and_is_complete(tmp_path: Path, name: str, folder: str) -> None:
    bundle = Bundle.create(tmp_path, name, new_project("Song"))
    assert bundle.folder == tmp_path / folder
    assert bundle.name == folder.removesuffix(".studio")
    bundle.close()
    assert contents(tmp_path) == {folder}
    assert contents(bundle.folder) == {"project.db", "media", "cache"}


def test_a_name_that_exists_gets_a_number(tmp_path: Path) -> None:
    (tmp_path / "Song.studio").mkdir()
    (tmp_path / "Song 2.studio").symlink_to(tmp_path / "nowhere")
    bundle, _ = new_song(tmp_path)
    assert bundle.folder.name == "Song 3.studio"
    bundle.close()


def test_a_song_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BundleError, match="Making the song “Song”"):
        Bundle.create(tmp_path / "file" / "songs", "Song", new_project("Song"))
    with pytest.raises(CodecError):
        Bundle.create(tmp_path, "Song", new_project("\ud800"))
    assert contents(tmp_path) == {"file"}


def test_a_full_disk_leaves_no_part_of_a_new_song(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 32) as disk:
        with pytest.raises(BundleError, match=r"could not be made|disk is full"):
            Bundle.create(disk, "Song", new_project("Song"))
        assert contents(disk) == set()


steps = st.lists(st.one_of(numbers, st.sampled_from(["undo", "redo", "gesture", "reopen"])), max_size=25)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_whatever_is_done_is_there_after_a_restart(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[object]
) -> None:
    bundle = Bundle.create(tmp_path_factory.mktemp("songs"), "Song", small_song(2, 2))
    document = document_of(bundle)
    states = {0: document.project}
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
            case "reopen":
                bundle.close()
                bundle = Bundle.open(bundle.folder)
                document = document_of(bundle)
            case _:
                perform(document, step)  # type: ignore[arg-type]
        states[document.revision.number] = document.project
    bundle.close()

    again = Bundle.open(bundle.folder)
    project, known, present = again.load()
    assert (project, known, present) == (document.project, document.revisions, document.revision.number)
    for number, state in states.items():
        assert again.recall(number) == state
    again.close()


def test_undo_and_every_branch_survive_a_restart(tmp_path: Path) -> None:
    bundle, document = new_song(tmp_path)
    for number in (1, 2, 3):
        put_marker(document, number)
    document.undo()
    document.undo()
    put_marker(document, 4)
    document.undo()
    bundle.close()

    bundle = Bundle.open(bundle.folder)
    document = document_of(bundle)
    assert document.project.markers[0].start == 1
    document.redo()
    assert document.project.markers[0].start == 4
    document.visit(3)
    assert document.project.markers[0].start == 3
    bundle.close()
    again = Bundle.open(bundle.folder)
    assert again.load().present == 3
    again.close()


def test_a_gesture_is_measured_against_its_parent(tmp_path: Path) -> None:
    bundle, document = new_song(tmp_path)
    sound = media()
    document.apply(song.put_media((sound,)))
    before = document.project
    for gain in (0.1, 0.2, 0.3):
        document.apply(mix.set_gain("master", gain, merge="drag"))
        assert bundle.flush()
    document.apply(song.rename_song("Back and"))
    document.undo()
    bundle.close()
    again = Bundle.open(bundle.folder)
    assert len(again.load().revisions) == 4
    assert again.recall(1) == before
    assert again.recall(2).master.gain == 0.3
    assert again.recall(3).name == "Back and"
    again.close()
    with sqlite3.connect(again.folder / "project.db") as db:
        delta = revisions.delta(db, 2)
    db.close()
    assert set(delta.changed) == {"root"}


@pytest.mark.parametrize("flushed", [False, True])
def test_all_that_a_gesture_touched_on_its_way_is_stored(tmp_path: Path, flushed: bool) -> None:
    bundle = Bundle.create(tmp_path, "Song", small_song(3, 1))
    document = document_of(bundle)
    for number, track in enumerate(document.project.tracks):
        document.apply(mix.set_gain(track.id, 0.1 + number / 10, merge="drag"))
        assert not flushed or bundle.flush()
    bundle.close()
    again = Bundle.open(bundle.folder)
    assert [track.strip.gain for track in again.load().project.tracks] == [0.1, 0.2, pytest.approx(0.3)]
    again.close()
    with sqlite3.connect(bundle.folder / "project.db") as db:
        db.execute("DELETE FROM snapshot")
        assert revisions.recall(db, 1) == document.project
    db.close()


def test_a_gesture_that_ends_where_it_began_changes_nothing(tmp_path: Path) -> None:
    bundle, document = new_song(tmp_path)
    before = document.project
    document.apply(mix.set_gain("master", 0.5, merge="drag"))
    document.apply(mix.set_gain("master", before.master.gain, merge="drag"))
    bundle.close()
    again = Bundle.open(bundle.folder)
    assert again.load().project == before
    assert again.load().present == 1
    again.close()


def test_a_bundle_that_joins_in_mid_gesture_records_it(tmp_path: Path) -> None:
    bundle = Bundle.create(tmp_path, "Song", new_project("Song"))
    document = Document(*bundle.load(), bundle.recall)
    leave = bundle.subscribe_to(document)
    document.apply(mix.set_gain("master", 0.5, merge="drag"))
    bundle._open_revision = None
    document.apply(mix.set_gain("master", 0.6, merge="drag"))
    leave()
    document.apply(mix.set_gain("master", 0.7, merge="drag"))
    bundle.close()
    again = Bundle.open(bundle.folder)
    assert again.load().project.master.gain == 0.6
    again.close()


def test_a_label_that_is_no_unicode_does_not_stop_the_saving(tmp_path: Path) -> None:
    bundle, document = new_song(tmp_path)
    document.apply(Edit("Import \udcff.wav", song.rename_song("New").change))
    assert bundle.flush()
    bundle.close()
    again = Bundle.open(bundle.folder)
    assert again.load().project.name == "New"
    assert again.load().revisions[1].label == "Import ?.wav"
    again.close()


def test_named_versions_are_kept_and_can_be_recalled(tmp_path: Path) -> None:
    bundle, document = new_song(tmp_path)
    put_marker(document, 1)
    first = bundle.name_version("  Rough \n mix ")
    put_marker(document, 2)
    second = bundle.name_version("Rough mix")
    assert bundle.versions() == (first, second)
    assert [(v.number, v.name) for v in bundle.versions()] == [(1, "Rough mix"), (2, "Rough mix")]
    with pytest.raises(BundleError, match="needs a name"):
        bundle.name_version(" \n ")
    bundle.close()
    again = Bundle.open(bundle.folder)
    assert again.versions() == (first, second)
    assert again.recall(first.number).markers[0].start == 1
    again.close()


def test_naming_a_version_in_mid_gesture_names_how_the_gesture_ends(tmp_path: Path) -> None:
    bundle, document = new_song(tmp_path)
    document.apply(mix.set_gain("master", 0.5, merge="drag"))
    bundle.name_version("Mix")
    assert bundle.flush()
    document.apply(mix.set_gain("master", 0.6, merge="drag"))
    bundle.close()
    again = Bundle.open(bundle.folder)
    assert again.load().project.master.gain == 0.6
    assert again.recall(1).master.gain == 0.6
    again.close()


def test_snapshots_come_every_thousand_revisions_and_at_the_end(tmp_path: Path) -> None:
    bundle, document = new_song(tmp_path)
    for number in range(2, 2052):
        put_marker(document, number)
    bundle.close()
    with sqlite3.connect(bundle.folder / "project.db") as db:
        found = [number for (number,) in db.execute("SELECT number FROM snapshot ORDER BY number")]
    db.close()
    assert found == [1000, 2000, 2050]
    again = Bundle.open(bundle.folder)
    assert [again.recall(n).markers[0].start for n in (1, 999, 1000, 1001, 2050)] == [2, 1000, 1001, 1002, 2051]
    again.close()
    assert again.folder.joinpath("project.db").read_bytes().count(b"SQLite format 3") == 1


def test_opening_and_closing_adds_nothing(tmp_path: Path) -> None:
    bundle, document = new_song(tmp_path)
    put_marker(document, 1)
    bundle.close()
    before = (bundle.folder / "project.db").stat().st_size
    for _ in range(5):
        Bundle.open(bundle.folder).close()
    assert (bundle.folder / "project.db").stat().st_size == before


def test_announcements_reach_the_listener_and_end_at_the_newest(tmp_path: Path) -> None:
    bundle, document = new_song(tmp_path)
    told: list[int] = []
    bundle.listen(told.append, pytest.fail)
    for number in range(1, 30):
        put_marker(document, number)
    assert bundle.flush()
    assert bundle.idle
    assert told[-1] == bundle.durable == 29
    bundle.close()


def test_a_copy_made_while_it_is_open_has_everything_that_is_durable(tmp_path: Path) -> None:
    bundle, document = new_song(tmp_path)
    for number in range(1, 30):
        put_marker(document, number)
    assert bundle.flush()
    shutil.copytree(bundle.folder, tmp_path / "Crashed.studio")
    bundle.close()
    again = Bundle.open(tmp_path / "Crashed.studio")
    assert again.load().project == document.project
    again.close()
    assert contents(again.folder) == {"project.db", "media", "cache"}


def test_a_song_that_was_moved_opens_there(tmp_path: Path) -> None:
    bundle, document = new_song(tmp_path)
    add_track(document)
    bundle.close()
    target = tmp_path / "odd #?% place" / "Moved.studio"
    target.parent.mkdir()
    bundle.folder.rename(target)
    again = Bundle.open(target)
    assert again.load().project == document.project
    document = document_of(again)
    add_track(document)
    again.close()


def test_a_second_opener_is_refused_or_reads(tmp_path: Path) -> None:
    bundle, document = new_song(tmp_path)
    add_track(document, "First")
    assert bundle.flush()
    with pytest.raises(BundleLocked, match="is open in another studio on this computer"):
        Bundle.open(bundle.folder)
    reader = Bundle.open(bundle.folder, read_only=True)
    assert reader.load().project == document.project
    add_track(document, "Second")
    assert bundle.flush()
    assert reader.recall(1) == document.state(1)
    assert reader.durable == 1
    with pytest.raises(BundleError, match="read-only"):
        reader.name_version("Mix")
    with pytest.raises(BundleError, match="read-only"):
        reader.recording_path("Vocals")
    seen = Document(*reader.load(), reader.recall)
    reader.subscribe_to(seen)
    seen.undo()
    with pytest.raises(BundleError, match="read-only"):
        put_marker(seen, 1)
    reader.close()
    bundle.close()
    assert contents(bundle.folder) == {"project.db", "media", "cache"}
    assert Bundle.open(bundle.folder).close() is None


@pytest.mark.parametrize("network", [False, True])
def test_a_song_that_was_just_opened_elsewhere_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, network: bool
) -> None:
    monkeypatch.setattr(database, "is_network_folder", lambda _: network)
    bundle, document = new_song(tmp_path)
    put_marker(document, 1)
    bundle.close()
    bundle = Bundle.open(bundle.folder)
    reader = Bundle.open(bundle.folder, read_only=True)
    assert reader.load().project == document.project
    reader.close()
    document = document_of(bundle)
    put_marker(document, 2)
    bundle.close()
    again = Bundle.open(bundle.folder)
    assert again.load().present == 2
    again.close()


def crashed(bundle: Bundle, target: Path) -> None:
    """The folder as a crash at this moment would leave it."""
    assert bundle.flush()
    shutil.copytree(bundle.folder, target)


@pytest.mark.parametrize("after_crash", [False, True])
def test_a_read_only_folder_opens_to_read(tmp_path: Path, after_crash: bool) -> None:
    bundle, document = new_song(tmp_path)
    for _ in range(5):
        add_track(document)
    with small_disk(tmp_path / "disk", 4096) as disk:
        if after_crash:
            crashed(bundle, disk / "Song.studio")
            bundle.close()
        else:
            bundle.close()
            shutil.copytree(bundle.folder, disk / "Song.studio")
        make_read_only(disk)
        before = contents(disk / "Song.studio")
        frozen = Bundle.open(disk / "Song.studio")
        assert "read-only because its folder cannot be written to" in frozen.read_only
        assert frozen.load().project == document.project
        assert frozen.recall(2) == document.state(2)
        assert not frozen.peaks_path(media()).is_relative_to(disk)
        assert contents(disk / "Song.studio") == before
        copy = frozen.save_as(tmp_path / "Copy.studio").folder
        frozen.close()
    again = Bundle.open(copy)
    assert again.read_only == ""
    assert again.load() == (document.project, document.revisions, document.revision.number)
    again.close()


def test_a_crashed_song_can_be_opened_to_read_and_stays_as_it_is(tmp_path: Path) -> None:
    bundle, document = new_song(tmp_path)
    add_track(document)
    crashed(bundle, tmp_path / "Crashed.studio")
    bundle.close()
    before = (tmp_path / "Crashed.studio" / "project.db").read_bytes()
    frozen = Bundle.open(tmp_path / "Crashed.studio", read_only=True)
    assert frozen.load().project == document.project
    frozen.close()
    assert (tmp_path / "Crashed.studio" / "project.db").read_bytes() == before
    again = Bundle.open(tmp_path / "Crashed.studio")
    assert again.load().project == document.project
    again.close()


def test_a_damaged_newest_row_opens_the_state_before_it_and_says_so(tmp_path: Path) -> None:
    bundle, document = new_song(tmp_path)
    for number in (1, 2, 3):
        put_marker(document, number)
    crashed(bundle, tmp_path / "Damaged.studio")
    bundle.close()
    with sqlite3.connect(tmp_path / "Damaged.studio" / "project.db") as db:
        db.execute("UPDATE revision SET changed = x'81' WHERE number = 3")
    db.close()
    again = Bundle.open(tmp_path / "Damaged.studio")
    assert again.notice == "The last state of “Damaged” is damaged, so it was opened as it was at step 2."
    document = document_of(again)
    assert document.project.markers[0].start == 2
    assert len(document.revisions) == 4
    put_marker(document, 9)
    again.close()
    last = Bundle.open(again.folder)
    assert last.notice == ""
    assert last.load().project.markers[0].start == 9
    last.close()


def test_network_folders_do_without_a_shared_memory_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "is_network_folder", lambda _: True)
    bundle, document = new_song(tmp_path)
    for number in range(1, 20):
        put_marker(document, number)
    assert bundle.flush()
    assert bundle.recall(5).markers[0].start == 5
    assert "project.db-wal" not in contents(bundle.folder)
    reader = Bundle.open(bundle.folder, read_only=True)
    assert reader.load().present == 19
    reader.close()
    bundle.close()
    again = Bundle.open(bundle.folder)
    assert again.load().project == document.project
    again.close()


def test_an_opening_that_fails_gives_the_lock_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle, _ = new_song(tmp_path)
    bundle.close()

    def refuse(folder: Path) -> None:
        raise sqlite3.OperationalError("no")

    with monkeypatch.context() as patched:
        patched.setattr(opening.database, "open_for_writing", refuse)
        with pytest.raises(BundleError, match="cannot be read"):
            Bundle.open(bundle.folder)
    Bundle.open(bundle.folder).close()


def test_playable_paths(tmp_path: Path) -> None:
    bundle, _ = new_song(tmp_path)
    sound = media()

    def plays(path: Path, rate: int) -> bool:
        return rate == 48_000 and path == bundle.media_path(sound)

    assert bundle.playable_path(sound, 48_000, plays) == bundle.folder / sound.file
    assert bundle.playable_path(sound, 44_100, plays) == bundle.copy_path(sound, 44_100)
    assert bundle.playable_path(sound, 44_100) == bundle.media_path(sound)
    bundle.copy_path(sound, 44_100).write_bytes(b"copy")
    assert bundle.playable_path(sound, 44_100) == bundle.copy_path(sound, 44_100)
    assert bundle.copy_path(sound, 44_100).parent == bundle.folder / "cache"
    assert bundle.relative(bundle.recording_path("Vocals")) == "media/Vocals.wav"
    bundle.close()
