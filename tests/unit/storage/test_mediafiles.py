"""Sound files of a song: whole or not there, inside or refused, removed only when nobody ever named them."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest

from bundles import fill_up, new_song, small_disk
from studio.document.edits import song
from studio.document.project import Media, Project, new_id, new_project
from studio.storage.bundle import Bundle
from studio.storage.failures import BundleError
from studio.storage.mediafiles import CopyCancelled, MediaFolder, UnreadableSource


@pytest.fixture
def folder(tmp_path: Path) -> MediaFolder:
    (tmp_path / "Song.studio").mkdir()
    return MediaFolder(tmp_path / "Song.studio")


def a_source(tmp_path: Path, name: str = "loop.WAV", size: int = 3_000_000) -> Path:
    source = tmp_path / name
    source.write_bytes(os.urandom(size))
    return source


def names(folder: MediaFolder) -> list[str]:
    return sorted(file.name for file in folder.folder.iterdir())


def media_of(file: str) -> Media:
    return Media(new_id("media"), "Sound", file, 10, 1, 48_000)


def song_with(*files: str) -> Project:
    return song.put_media([media_of(file) for file in files]).change(new_project("Song"))


def test_a_copy_is_the_original_with_its_digest(folder: MediaFolder, tmp_path: Path) -> None:
    source, heard = a_source(tmp_path), list[float]()
    added = folder.add(source, "My loop", heard.append)
    assert added.file == "media/My loop.WAV"
    assert folder.path(added.file).read_bytes() == source.read_bytes()
    assert added.digest == hashlib.sha256(source.read_bytes()).hexdigest()
    assert added.size == 3_000_000
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert names(folder) == ["My loop.WAV"]


def test_an_empty_file_is_copied_too(folder: MediaFolder, tmp_path: Path) -> None:
    assert folder.add(a_source(tmp_path, size=0), "Nothing").size == 0


def test_names_are_unique_whatever_their_case_when_many_copy_at_once(folder: MediaFolder, tmp_path: Path) -> None:
    source = a_source(tmp_path, "a.wav", 100_000)
    files: list[str] = []
    work = [lambda name=name: files.append(folder.add(source, name).file) for name in ["Loop", "loop", "LOOP"] * 5]
    threads = [threading.Thread(target=task) for task in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({file.casefold() for file in files}) == 15
    assert len(names(folder)) == 15


def test_a_recording_gets_a_path_of_its_own(folder: MediaFolder, tmp_path: Path) -> None:
    folder.add(a_source(tmp_path, "a.wav", 10), "Vocals")
    paths = [folder.recording_path("Vocals"), folder.recording_path("Vocals"), folder.recording_path("..")]
    assert [path.name for path in paths] == ["Vocals 2.wav", "Vocals 3.wav", "Recording.wav"]
    assert not any(path.exists() for path in paths)


def test_the_name_of_a_missing_sound_is_not_given_away(folder: MediaFolder) -> None:
    folder.reserve(["media/Vocals.wav"])
    assert folder.recording_path("vocals").name == "vocals 2.wav"


@pytest.mark.parametrize("stop", ["cancelled", "raises"])
def test_a_stopped_copy_leaves_nothing(folder: MediaFolder, tmp_path: Path, stop: str) -> None:
    source, calls = a_source(tmp_path), list[float]()

    def progress(done: float) -> None:
        calls.append(done)
        if stop == "raises" and len(calls) == 2:
            raise KeyboardInterrupt

    with pytest.raises(CopyCancelled if stop == "cancelled" else KeyboardInterrupt):
        folder.add(source, "Loop", progress, lambda: stop == "cancelled" and len(calls) == 2)
    assert names(folder) == []
    assert len(calls) == 2


def test_sources_that_cannot_be_read_are_refused(folder: MediaFolder, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    for source in (tmp_path / "pipe.wav", tmp_path, tmp_path / "gone.wav"):
        with pytest.raises(UnreadableSource):
            folder.add(source, "Loop")
    assert names(folder) == []


def test_a_full_disk_leaves_nothing_and_says_so(tmp_path: Path) -> None:
    source = a_source(tmp_path, size=600_000)
    with small_disk(tmp_path / "disk", 1024) as disk:
        (disk / "Song.studio").mkdir()
        folder = MediaFolder(disk / "Song.studio")
        folder.add(source, "Fits")
        with pytest.raises(BundleError, match=r"does not fit .* needs 0\.6 MB and 0\.4 MB are free"):
            folder.add(source, "Loop")
        assert names(folder) == ["Fits.WAV"]


def test_a_disk_that_fills_up_during_the_copy_leaves_nothing(tmp_path: Path) -> None:
    source = a_source(tmp_path, size=3_000_000)
    with small_disk(tmp_path / "disk", 4096) as disk:
        (disk / "Song.studio").mkdir()
        folder = MediaFolder(disk / "Song.studio")
        with pytest.raises(BundleError, match="the disk is full; free some space"):
            folder.add(source, "Loop", lambda _: fill_up(disk) and None)
        assert names(folder) == []


def test_no_stored_path_leads_outside(folder: MediaFolder, tmp_path: Path) -> None:
    folder.folder.mkdir()
    (tmp_path / "secret.wav").write_bytes(b"secret")
    (folder.folder / "link.wav").symlink_to(tmp_path / "secret.wav")
    (folder.folder / "links").symlink_to(tmp_path)
    for file in ("media/link.wav", "media/links/secret.wav", "../secret.wav", str(tmp_path / "secret.wav"), ""):
        with pytest.raises(BundleError, match="outside"):
            folder.path(file)
        assert not folder.has(file)


def test_missing_media_are_told_by_id(folder: MediaFolder, tmp_path: Path) -> None:
    added = folder.add(a_source(tmp_path), "Loop")
    (folder.folder / "link.wav").symlink_to(tmp_path / "loop.WAV")
    project = song_with(added.file, "media/gone.wav", "media/link.wav", "media")
    by_file = {media.file: media.id for media in project.media}
    assert folder.missing(project) == frozenset(by_file.values()) - {by_file[added.file]}


def test_what_any_revision_names_is_never_removed(tmp_path: Path) -> None:
    bundle, document = new_song(tmp_path)
    used, undone, strange = (bundle.add_media(a_source(tmp_path), name) for name in ("Used", "Undone", "Strange"))
    document.apply(song.put_media((media_of(undone.file),)))
    document.undo()
    document.apply(song.put_media((media_of(used.file),)))
    (bundle.folder / "media" / "leftover.wav").write_bytes(b"x")
    assert bundle.unused_media() == ("media/leftover.wav",), "what this session made may still be on its way"
    bundle.close()

    again = Bundle.open(bundle.folder)
    assert again.unused_media() == (strange.file, "media/leftover.wav")
    assert again.remove_unused_media([strange.file, used.file, undone.file, "../x"]) == (strange.file,)
    assert again.unused_media() == ("media/leftover.wav",)
    assert again.media_path(media_of(used.file)).exists()
    assert again.media_path(media_of(undone.file)).exists()
    again.close()


def test_nothing_is_removed_when_a_revision_cannot_be_read(tmp_path: Path) -> None:
    bundle, document = new_song(tmp_path)
    added = bundle.add_media(a_source(tmp_path), "Loop")
    document.apply(song.put_media((media_of(added.file),)))
    document.undo()
    bundle._submit(lambda db: db.execute("UPDATE revision SET checksum = 0 WHERE number = 1") and None)
    with pytest.raises(BundleError, match="damaged"):
        bundle.remove_unused_media([added.file])
    assert bundle.media_path(media_of(added.file)).exists()
    bundle.close()
