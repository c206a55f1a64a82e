"""The folder `media/` of a song: originals copied in whole or not at all, and paths that never lead outside."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import stat
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

import msgspec

from ..document.codec import is_inside
from ..document.project import Project
from ..errors import StudioError
from .failures import BundleError, file_failure
from .filesystem import sync_folder
from .names import numbered, safe_name

MEDIA = "media"
PART = ".part-"
"""How the name of a file begins that is still being copied."""

_CHUNK = 1 << 20

Progress = Callable[[float], None]
Cancelled = Callable[[], bool]


class CopyCancelled(StudioError):
    """The user stopped a copy; nothing of it is left."""


class UnreadableSource(BundleError):
    """The file to copy could not be read; the place it was to go to is not at fault."""


class AddedFile(msgspec.Struct, frozen=True):
    """A file that was copied into the song: its path inside the bundle, SHA-256 in hexadecimal, and size in bytes."""

    file: str
    digest: str
    size: int


def ignore_progress(_: float) -> None:
    """For copies that nobody watches."""


def never_cancelled() -> bool:
    """For copies that nobody stops."""
    return False


class MediaFolder:
    """The sound files of a song. Any thread; several may add files at once."""

    def __init__(self, bundle: Path) -> None:
        self._bundle = bundle
        self._given: set[str] = set()
        self._lock = threading.Lock()

    @property
    def folder(self) -> Path:
        """Where the files are."""
        return self._bundle / MEDIA

    def add(
        self,
        source: Path,
        name: str,
        progress: Progress = ignore_progress,
        cancelled: Cancelled = never_cancelled,
    ) -> AddedFile:
        """Copies `source` in under a readable name made from `name`, and syncs it. Worker threads: this takes a while.

        Raises CopyCancelled, or BundleError when the source cannot be read or the disk is full; nothing is left then.
        """
        target = self._free(safe_name(name, "Sound"), _ending(source))
        digest, size = copy_whole(source, target, progress, cancelled)
        return AddedFile(f"{MEDIA}/{target.name}", digest, size)

    def recording_path(self, track: str) -> Path:
        """A path for a new recording on a track of this name; no file is there and no other recording gets it."""
        return self._free(safe_name(track, "Recording"), ".wav")

    def reserve(self, files: Iterable[str]) -> None:
        """Keeps the names of stored paths from being given to other files, whether or not their files are there."""
        with self._lock:
            self._given.update(file.removeprefix(f"{MEDIA}/") for file in files)

    def _free(self, stem: str, ending: str) -> Path:
        try:
            self.folder.mkdir(exist_ok=True)
        except OSError as cause:
            raise BundleError(file_failure("Making the song's media folder", cause)) from cause
        with self._lock:
            taken = {name.casefold() for name in (*self._given, *_names(self.folder))}
            name = next(name for name in numbered(stem, ending) if name.casefold() not in taken)
            self._given.add(name)
        return self.folder / name

    def path(self, file: str) -> Path:
        """Where a stored path leads. Raises BundleError when that is outside the bundle, links included."""
        place = self._bundle / file
        if not is_inside(file) or not place.resolve().is_relative_to(self._bundle.resolve()):
            raise BundleError(f"The sound file {file!r} is refused because it lies outside the song's folder.")
        return place

    def is_inside(self, file: str) -> bool:
        """Whether a stored path stays inside the bundle, links included."""
        try:
            self.path(file)
        except (BundleError, OSError):
            return False
        return True

    def has(self, file: str) -> bool:
        """Whether a stored path leads to a file inside the bundle."""
        return self.is_inside(file) and (self._bundle / file).is_file()

    def missing(self, project: Project) -> frozenset[str]:
        """The ids of the media whose file is not there."""
        return frozenset(media.id for media in project.media if not self.has(media.file))

    def unused(self, named: Iterable[str]) -> tuple[str, ...]:
        """The files in `media/` that are neither in `named` nor were made since the song was opened."""
        keep = {_plain(file) for file in named} | {_plain(f"{MEDIA}/{name}") for name in self._given}
        return tuple(sorted(file for name in _names(self.folder) if _plain(file := f"{MEDIA}/{name}") not in keep))

    def remove(self, files: Iterable[str]) -> tuple[str, ...]:
        """Removes files for good and returns those that went."""
        gone = []
        for file in files:
            try:
                self.path(file).unlink()
            except OSError as cause:
                raise BundleError(file_failure(f"Removing {file!r}", cause)) from cause
            gone.append(file)
        return tuple(gone)


def _plain(file: str) -> str:
    return file.replace("\\", "/").casefold()


def _names(folder: Path) -> list[str]:
    """The names of all plain files of the folder."""
    try:
        with os.scandir(folder) as found:
            return [entry.name for entry in found if entry.is_file(follow_symlinks=False)]
    except FileNotFoundError:
        return []


def _ending(source: Path) -> str:
    ending = safe_name(source.suffix.lstrip("."), "")[:16]
    return f".{ending}" if ending else ""


def copy_whole(source: Path, target: Path, progress: Progress, cancelled: Cancelled) -> tuple[str, int]:
    """Copies a file under a temporary name, syncs it and renames it to `target`. Returns its SHA-256 and size.

    Raises CopyCancelled, UnreadableSource or BundleError; the temporary file is gone then, and nothing is at `target`.
    """
    part = target.with_name(f"{PART}{secrets.token_hex(8)}")
    try:
        with _open_source(source) as reader:
            size = os.fstat(reader.fileno()).st_size
            _require_room(size, target.parent, source.name)
            result = _copy(reader, part, size, progress, cancelled)
        part.rename(target)
        sync_folder(target.parent)
    except OSError as cause:
        raise BundleError(file_failure(f"Copying “{source.name}” into the song", cause)) from cause
    finally:
        part.unlink(missing_ok=True)
    return result


def _open_source(source: Path) -> IO[bytes]:
    """A plain file for reading; never a pipe or device, which could wait for ever."""
    try:
        if stat.S_ISREG(source.stat().st_mode):
            return source.open("rb", buffering=0)
    except OSError as cause:
        raise UnreadableSource(file_failure(f"Reading “{source.name}”", cause)) from cause
    raise UnreadableSource(f"“{source.name}” is not a file that can be imported; choose a sound file.")


def _read(reader: IO[bytes]) -> bytes:
    try:
        return reader.read(_CHUNK)
    except OSError as cause:
        raise UnreadableSource(file_failure("Reading the sound file", cause)) from cause


def _require_room(size: int, folder: Path, name: str) -> None:
    free = shutil.disk_usage(folder).free
    if size > free:
        need = f"it needs {size / 1e6:,.1f} MB and {free / 1e6:,.1f} MB are free"
        raise BundleError(f"“{name}” does not fit on the song's disk: {need}; free some space and try again.")


def _copy(reader: IO[bytes], part: Path, size: int, progress: Progress, cancelled: Cancelled) -> tuple[str, int]:
    digest, done = hashlib.sha256(), 0
    with part.open("xb") as writer:
        while chunk := _read(reader):
            if cancelled():
                raise CopyCancelled("The copy was stopped; nothing of it was kept.")
            digest.update(chunk)
            writer.write(chunk)
            done += len(chunk)
            progress(min(done / size, 1.0) if size else 1.0)
        writer.flush()
        os.fsync(writer.fileno())
    return digest.hexdigest(), done
