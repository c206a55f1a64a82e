"""Songs on disk for the tests of the storage: a document that records into a bundle, and disks that fill up."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from studio.document.document import Document
from studio.document.edits import song, tracks
from studio.document.project import Marker, new_project
from studio.storage.bundle import Bundle


def document_of(bundle: Bundle) -> Document:
    """A document that records every change into the bundle."""
    document = Document(*bundle.load(), bundle.recall)
    bundle.subscribe_to(document)
    return document


def new_song(parent: Path, name: str = "Song") -> tuple[Bundle, Document]:
    """An empty song on disk and its document."""
    bundle = Bundle.create(parent, name, new_project(name))
    return bundle, document_of(bundle)


def add_track(document: Document, name: str = "Track") -> None:
    """One small edit."""
    track = tracks.fresh_track(document.project)
    document.apply(song.sequence("Add track", [tracks.add_tracks((track,)), tracks.rename_track(track.id, name)]))


def put_marker(document: Document, number: int) -> None:
    """One edit that says which it is."""
    document.apply(song.put_marker(Marker("marker-here", number, str(number))))


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A file system of its own of this size; skips the test where this user cannot mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    if sys.platform != "linux":
        pytest.skip("a small file system is mounted on Linux only")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if made.returncode != 0:
        pytest.skip(f"no file system can be mounted here ({made.stderr.decode().strip()})")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def make_read_only(folder: Path) -> None:
    """Remounts a `small_disk`."""
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True, capture_output=True)


def fill_up(folder: Path) -> Path:
    """Writes until nothing more fits; returns the file to remove."""
    hog = folder / "hog"
    with hog.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                continue
    return hog
