"""A dataset's folder: what is in it appears whole or not at all, and what is frozen is never written again.

`media/` holds files named by their SHA-256, `dataset_vN.jsonl` and `dataset_vN.json` are a frozen version, `latest`
names one of them. A version is there when its `.json` is: that name is given last.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import stat
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from ...errors import StudioError
from ..failures import file_failure
from ..filesystem import sync_folder
from ..modelstore.wanted import UNWATCHED, Watch

MEDIA, LATEST = "media", "latest"
PART = ".part-"
"""How the names of files begin that are not whole yet."""

OLD_S = 86_400.0
"""A file that is not whole after a day belongs to a process that was killed."""

CHUNK = 1 << 20
MAX_SMALL = 1 << 20
"""Bytes of a file that describes a version."""

_MEDIA = re.compile(r"media/[0-9a-f]{64}\.[a-z0-9]{1,8}")
_ENDING = re.compile(r"\.[a-z0-9]{1,8}")
_VERSION = re.compile(r"dataset_v([1-9]\d{0,5})\.json")


class Taken(msgspec.Struct, frozen=True):
    """A file that was taken in: its path inside the dataset's folder, SHA-256, bytes, and whether it is new there."""

    media: str
    sha256: str
    size: int
    new: bool


class Staged(msgspec.Struct, frozen=True):
    """Lines that are written but no version yet: where they lie, and their SHA-256."""

    path: Path
    digest: str


class DatasetFolder:
    """The files of the dataset `name` under `root`. Any thread; nothing is made before something is written.

    Everything that writes raises StudioError with a sentence when the disk refuses, and leaves nothing half there.
    """

    def __init__(self, root: Path, name: str) -> None:
        self.name, self.folder = name, root / name

    def media(self, path: str) -> Path:
        """Where an item's file lies. Raises StudioError for a path that is no item's."""
        if not _MEDIA.fullmatch(path):
            raise StudioError(f"The path “{path[:80]}” is refused: it is none of a dataset's media.")
        return self.folder / path

    def take_in(self, source: Path, ending: str, watch: Watch = UNWATCHED) -> Taken:
        """Copies a file to where its content names it; the source may vanish afterwards. Worker threads."""
        try:
            with source.open("rb") as stream:
                return self.take_stream(stream, ending, watch=watch, name=source.name)
        except OSError as cause:
            raise StudioError(file_failure(f"Reading “{source.name}”", cause)) from cause

    def take_stream(
        self, stream: BinaryIO, ending: str, expected: str = "", watch: Watch = UNWATCHED, name: str = "The file"
    ) -> Taken:
        """Writes what a stream holds to where its content names it; `expected` is the SHA-256 that it must have."""
        if not _ENDING.fullmatch(ending):
            raise StudioError(f"“{name}” has an ending that no file of a dataset can have.")
        with self._writing(name):
            (self.folder / MEDIA).mkdir(parents=True, exist_ok=True)
            part = self._part(self.folder / MEDIA)
            try:
                sha256, size = _copy(stream, part, watch)
                if expected and sha256 != expected:
                    raise StudioError(f"“{name}” is not the file that the dataset names; its content differs.")
                path = f"{MEDIA}/{sha256}{ending}"
                new = not (self.folder / path).is_file()
                _make_writable(self.folder / path)
                part.replace(self.folder / path)
                sync_folder(self.folder / MEDIA)
            finally:
                part.unlink(missing_ok=True)
        return Taken(path, sha256, size, new)

    def unused(self, used: set[str]) -> list[Path]:
        """The media that are not among these paths."""
        folder = self.folder / MEDIA
        there = sorted(folder.iterdir()) if folder.is_dir() else []
        return [file for file in there if not file.name.startswith(PART) and f"{MEDIA}/{file.name}" not in used]

    def lines(self, number: int) -> Path:
        """The file that holds the items of a version."""
        return self.folder / f"dataset_v{number}.jsonl"

    def about(self, number: int) -> Path:
        """The file that describes a version."""
        return self.folder / f"dataset_v{number}.json"

    def numbers(self) -> list[int]:
        """The numbers of the versions that are there whole, the first one first."""
        try:
            found = [_VERSION.fullmatch(file.name) for file in self.folder.iterdir()]
        except OSError:
            return []
        numbers = sorted(int(match[1]) for match in found if match)
        return [number for number in numbers if self.lines(number).is_file()]

    def read_about(self, number: int) -> bytes:
        """What describes a version. Raises StudioError where it cannot be read."""
        try:
            with self.about(number).open("rb") as file:
                return file.read(MAX_SMALL)
        except OSError as cause:
            raise StudioError(f"The dataset “{self.name}” has no version {number} that can be read.") from cause

    def digest(self, number: int, watch: Watch = UNWATCHED) -> str:
        """The SHA-256 of a version's lines as they are now. Raises StudioError."""
        return digest_of(self.lines(number), watch)

    def stage(self, lines: Iterable[bytes]) -> Staged:
        """Writes lines beside the versions, to be published or discarded."""
        with self._writing("A new version"):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._clear_old()
            part = self._part(self.folder)
            found = hashlib.sha256()
            try:
                with part.open("xb") as file:
                    for line in lines:
                        found.update(line)
                        file.write(line)
                    _settle(file)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
        return Staged(part, found.hexdigest())

    def publish(self, staged: Staged, number: int, about: bytes) -> None:
        """Makes staged lines a version, read-only from then on, and the latest. Raises StudioError where it exists."""
        if number in self.numbers():
            raise StudioError(f"Version {number} of “{self.name}” is there already; it is never written again.")
        with self._writing(f"Version {number} of “{self.name}”"):
            part = self._part(self.folder)
            try:
                part.write_bytes(about)
                for source, target in ((staged.path, self.lines(number)), (part, self.about(number))):
                    with source.open("r+b") as file:
                        _settle(file)
                    _make_writable(target)
                    source.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
                    source.replace(target)
                    sync_folder(self.folder)
            finally:
                _make_writable(part)
                part.unlink(missing_ok=True)
        self.set_latest(number)

    def discard(self, staged: Staged) -> None:
        """Removes staged lines, if they became no version."""
        with contextlib.suppress(OSError):
            _make_writable(staged.path)
            staged.path.unlink(missing_ok=True)

    def latest(self) -> int:
        """The number of the latest version, 0 where there is none. Where the note of it is lost: the highest."""
        numbers = self.numbers()
        try:
            told = _VERSION.fullmatch((self.folder / LATEST).read_text("ascii")[:40].strip())
        except (OSError, UnicodeDecodeError):
            told = None
        return int(told[1]) if told and int(told[1]) in numbers else max(numbers, default=0)

    def set_latest(self, number: int) -> None:
        """Notes which version is the latest: a line of text, which every system can read."""
        with self._writing("Noting the latest version"):
            part = self._part(self.folder)
            try:
                part.write_text(f"{self.about(number).name}\n", "ascii")
                part.replace(self.folder / LATEST)
            finally:
                part.unlink(missing_ok=True)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """One at a time, whatever process; the system takes the lock back from one that was killed."""
        import filelock

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with filelock.FileLock(self.folder / ".lock", timeout=0):
                yield
        except filelock.Timeout as cause:
            raise StudioError(
                f"“{self.name}” is being changed by another studio; try again when it is done."
            ) from cause
        except OSError as cause:
            raise StudioError(file_failure(f"Locking the dataset “{self.name}”", cause)) from cause

    @contextlib.contextmanager
    def _writing(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as cause:
            raise StudioError(file_failure(f"Writing {what[:1].lower() + what[1:]} of the dataset", cause)) from cause

    def _part(self, folder: Path) -> Path:
        return folder / f"{PART}{secrets.token_hex(8)}"

    def _clear_old(self) -> None:
        """Removes what a killed process has left unfinished."""
        for folder in (self.folder, self.folder / MEDIA):
            for part in folder.glob(f"{PART}*"):
                with contextlib.suppress(OSError):
                    if time.time() - part.stat().st_mtime > OLD_S:
                        _make_writable(part)
                        part.unlink()


def digest_of(file: Path, watch: Watch = UNWATCHED) -> str:
    """The SHA-256 of a file. Raises StudioError where it cannot be read."""
    found = hashlib.sha256()
    try:
        with file.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                watch.check()
                found.update(chunk)
    except OSError as cause:
        raise StudioError(file_failure(f"Reading {file.name}", cause)) from cause
    return found.hexdigest()


def _copy(stream: BinaryIO, part: Path, watch: Watch) -> tuple[str, int]:
    found, size = hashlib.sha256(), 0
    with part.open("xb") as file:
        while chunk := stream.read(CHUNK):
            watch.check()
            found.update(chunk)
            file.write(chunk)
            size += len(chunk)
        _settle(file)
    return found.hexdigest(), size


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _make_writable(file: Path) -> None:
    """Windows replaces and deletes no file that is read-only."""
    with contextlib.suppress(OSError):
        file.chmod(stat.S_IRUSR | stat.S_IWUSR | stat.S_IRGRP | stat.S_IROTH)
