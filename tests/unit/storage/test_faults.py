"""Disks that fail while a song is open: a sentence, nothing announced that is not there, and nothing lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bundles import add_track, document_of, fill_up, new_song, put_marker, small_disk
from studio.document.edits import song
from studio.document.project import Media, new_id
from studio.storage.bundle import Bundle, BundleError


class Watched:
    """An open song, the sentence of its failure, and what it announced."""

    def __init__(self, folder: Path) -> None:
        self.bundle, self.document = new_song(folder)
        self.reasons: list[str] = []
        self.durable: list[int] = []
        self.failed = threading.Event()
        self.bundle.listen(self.durable.append, self.hear)
        for _ in range(5):
            add_track(self.document)
        assert self.bundle.flush()

    def hear(self, reason: str) -> None:
        self.reasons.append(reason)
        self.failed.set()

    def edit_until_it_fails(self) -> None:
        for number in range(100_000):
            put_marker(self.document, number)
            if number % 200 == 0 and not self.bundle.flush(5):
                break
        assert self.failed.wait(10)


def check_rescue(watched: Watched, target: Path, copies_history: bool = True) -> None:
    """Everything that was done is in a copy made elsewhere, and can go on there."""
    bundle, document = watched.bundle, watched.document
    for number in (70_000, 70_001):
        put_marker(document, number)
    assert not bundle.flush(1)
    assert not bundle.idle
    assert bundle.recall(document.revision.number) == document.project
    wanted = {n: document.state(n) for n in (0, 3, max(watched.durable), document.revision.number)}
    saved = bundle.save_as(target)
    assert saved.unread == ()
    bundle.close()
    again = Bundle.open(saved.folder)
    assert again.read_only == ""
    assert again.load().project == document.project
    if copies_history:
        assert again.load().revisions == document.revisions
        assert again.load().present == document.revision.number
        for number, state in wanted.items():
            assert again.recall(number) == state
    add_track(document_of(again))
    again.close()
    assert {file.name for file in saved.folder.iterdir()} == {"project.db", "media", "cache"}


def test_a_full_disk_turns_the_song_read_only_and_save_as_rescues_it(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 2048) as disk:
        watched = Watched(disk)
        source = tmp_path / "loop.wav"
        source.write_bytes(os.urandom(50_000))
        added = watched.bundle.add_media(source, "Loop")
        watched.document.apply(song.put_media((Media(new_id("media"), "Loop", added.file, 10, 1, 48_000),)))
        watched.edit_until_it_fails()
        assert watched.reasons == [watched.bundle.read_only]
        assert watched.reasons[0].startswith("The disk is full: your changes are kept in memory")
        with pytest.raises(BundleError, match="disk is full"):
            watched.bundle.add_media(source, "Loop")
        assert watched.bundle.durable == watched.durable[-1] < watched.document.revision.number
        check_rescue(watched, tmp_path / "Rescued.studio")
        assert (tmp_path / "Rescued.studio" / added.file).read_bytes() == source.read_bytes()


def test_what_was_announced_is_there_after_the_disk_was_full(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1024) as disk:
        watched = Watched(disk)
        watched.edit_until_it_fails()
        newest = watched.durable[-1]
        state = watched.document.state(newest)
        with pytest.raises(BundleError, match="are lost: The disk is full"):
            watched.bundle.close()
        shutil.copytree(watched.bundle.folder, tmp_path / "Copy.studio")
        again = Bundle.open(tmp_path / "Copy.studio")
        assert again.load().present == newest
        assert again.load().project == state
        again.close()


def test_a_copy_onto_a_full_disk_leaves_nothing_there(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    with small_disk(tmp_path / "disk", 256) as disk:
        fill_up(disk).rename(tmp_path / "disk" / "hog")
        with pytest.raises(BundleError):
            watched.bundle.save_as(disk / "Copy.studio")
        assert {file.name for file in disk.iterdir()} == {"hog"}
    watched.bundle.close()


def delete(folder: Path) -> None:
    (folder / "project.db").unlink()


def delete_log(folder: Path) -> None:
    (folder / "project.db-wal").unlink()


def replace(folder: Path) -> None:
    shutil.copyfile(folder / "project.db", folder / "new.db")
    (folder / "new.db").rename(folder / "project.db")


def move_away(folder: Path) -> None:
    folder.rename(folder.with_name("Moved.studio"))


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (delete, "moved or deleted"),
        (delete_log, "moved or deleted"),
        (replace, "was replaced"),
        (move_away, "moved or deleted"),
    ],
)
def test_a_file_that_is_no_longer_in_place_is_noticed(
    tmp_path: Path, harm: Callable[[Path], None], sentence: str
) -> None:
    watched = Watched(tmp_path / "songs")
    harm(watched.bundle.folder)
    newest = watched.bundle.durable
    put_marker(watched.document, 1)
    assert not watched.bundle.flush(10)
    assert watched.failed.wait(10)
    assert sentence in watched.reasons[0]
    assert watched.durable[-1] == newest
    check_rescue(watched, tmp_path / "Rescued.studio")


def test_a_song_deleted_while_nothing_was_done_is_told_when_it_is_closed(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    shutil.rmtree(watched.bundle.folder)
    with pytest.raises(BundleError, match="moved or deleted"):
        watched.bundle.close()


def test_a_song_that_cannot_be_written_any_more_is_noticed(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    files = [str(file) for file in watched.bundle.folder.iterdir() if file.is_file()]
    if subprocess.run(["chattr", "+i", *files], capture_output=True, check=False).returncode != 0:
        watched.bundle.close()
        pytest.skip("files cannot be made immutable here")
    try:
        put_marker(watched.document, 1)
        assert not watched.bundle.flush(10)
        assert watched.failed.wait(10)
        assert "kept in memory" in watched.reasons[0]
        check_rescue(watched, tmp_path / "Rescued.studio")
    finally:
        subprocess.run(["chattr", "-i", *files], capture_output=True, check=False)


def test_a_history_that_cannot_be_read_is_replaced_by_the_present_state(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    for name in ("project.db", "project.db-wal"):
        os.truncate(watched.bundle.folder / name, 4096)
    copy = watched.bundle.save_as(tmp_path / "Copy").folder
    again = Bundle.open(copy)
    assert copy.name == "Copy.studio"
    assert again.load().project == watched.document.project
    assert [revision.label for revision in again.load().revisions] == ["Rescued song"]
    again.close()
    with pytest.raises(BundleError):
        watched.bundle.close()


def test_a_sound_that_cannot_be_read_does_not_stop_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(tmp_path)
    for name in ("a.wav", "b.wav"):
        (watched.bundle.folder / "media" / name).write_bytes(b"sound")
    real = Path.open

    def broken(self: Path, *arguments: object, **options: object) -> object:
        if self.name == "a.wav":
            raise OSError(5, "Input/output error")
        return real(self, *arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", broken)
    saved = watched.bundle.save_as(tmp_path / "Copy.studio")
    assert saved.unread == ("a.wav",)
    assert {file.name for file in (saved.folder / "media").iterdir()} == {"b.wav"}
    watched.bundle.close()


def test_a_copy_is_a_song_of_its_own_and_never_overwrites(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    version = watched.bundle.name_version("Mix")
    heard: list[float] = []
    (watched.bundle.folder / "media" / "a.wav").write_bytes(b"sound" * 1000)
    first = watched.bundle.save_as(tmp_path / "Copy.studio", heard.append).folder
    second = watched.bundle.save_as(tmp_path / "Copy.studio").folder
    assert (first.name, second.name) == ("Copy.studio", "Copy 2.studio")
    assert heard[-1] == pytest.approx(1.0)
    add_track(watched.document)
    watched.bundle.close()
    again = Bundle.open(first)
    assert again.versions() == (version,)
    assert len(again.load().revisions) == len(watched.document.revisions) - 1
    again.close()


LIMITED = """
import resource, sys
from pathlib import Path
from bundles import add_track, new_song, put_marker
bundle, document = new_song(Path(sys.argv[1]))
reasons = []
bundle.listen(lambda number: None, reasons.append)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
for number in range(20_000):
    put_marker(document, number)
    if number % 200 == 0 and not bundle.flush(5):
        break
durable = bundle.durable
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
copy = bundle.save_as(Path(sys.argv[1]) / "Rescued.studio").folder
bundle.close()
print(reasons, durable, document.revision.number)
"""


def test_a_write_that_the_system_refuses_is_survived(tmp_path: Path) -> None:
    """A limit on the size of files makes real writes fail in a process of its own."""
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root / 'tests'}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "kept in memory" in done.stdout
    again = Bundle.open(tmp_path / "Rescued.studio")
    present = again.load().present
    assert present == int(done.stdout.split()[-1])
    assert again.load().project.markers[0].start == present - 1
    again.close()
    left = Bundle.open(tmp_path / "Song.studio")
    assert left.load().present >= int(done.stdout.split()[-2])
    left.close()


def test_a_failure_before_anybody_listens_is_told(tmp_path: Path) -> None:
    bundle, document = new_song(tmp_path)
    delete(bundle.folder)
    put_marker(document, 1)
    assert not bundle.flush(10)
    told: list[str] = []
    bundle.listen(lambda _: None, told.append)
    assert told == [bundle.read_only]
    with pytest.raises(BundleError, match="are lost"):
        bundle.close()
