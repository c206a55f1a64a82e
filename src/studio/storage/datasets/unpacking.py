"""Packages that come from elsewhere, folders or zips: looked at before anything of them is read, and never trusted.

No name of a package is ever used as a path to write to, and no entry gives more bytes than it says it has.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

from ...errors import StudioError
from ..failures import file_failure
from .folder import MAX_SMALL

MAX_ENTRIES = 1_000_100
MAX_ENTRY = 1 << 32
"""Bytes of one file."""

Read = Callable[[str], IO[bytes]]
"""Opens an entry by its name."""

_ABOUT = re.compile(r"dataset_v([1-9]\d{0,5})\.json")


class Package:
    """A version of a dataset as it came. `number` is what its files are called by."""

    def __init__(self, name: str, sizes: Mapping[str, int], read: Read, close: Callable[[], None]) -> None:
        self.name, self.close = name, close
        self._sizes, self._read = sizes, read
        found = [match for entry in sizes if (match := _ABOUT.fullmatch(entry))]
        if len(found) != 1:
            what = "holds no version of a dataset" if not found else "holds several versions; export one at a time"
            raise StudioError(f"“{name}” {what}.")
        self.number = int(found[0][1])

    def size(self, entry: str) -> int | None:
        """The bytes of an entry, None where there is none of that name."""
        return self._sizes.get(entry)

    def about(self) -> bytes:
        """What describes the version."""
        entry = f"dataset_v{self.number}.json"
        if self._sizes[entry] > MAX_SMALL:
            raise StudioError(f"“{entry}” of “{self.name}” is too large to describe a version.")
        with self.open(entry) as stream:
            return stream.read(MAX_SMALL)

    @contextlib.contextmanager
    def open(self, entry: str) -> Iterator[BinaryIO]:
        """An entry for reading. Raises StudioError where it is missing or damaged, whenever that shows."""
        if entry not in self._sizes:
            raise StudioError(f"“{self.name}” lacks {entry}; export it again.")
        try:
            with self._read(entry) as stream:
                yield cast("BinaryIO", stream)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as cause:
            raise StudioError(f"{entry} of “{self.name}” is damaged; export it again.") from cause
        except OSError as cause:
            raise StudioError(file_failure(f"Reading {entry} of “{self.name}”", cause)) from cause


def open_package(path: Path) -> Package:
    """A folder or zip for reading; close it afterwards. Raises StudioError for what is none, or is made to do harm."""
    try:
        if path.is_symlink() or not path.exists():
            raise StudioError(f"{path} is no folder and no zip of a dataset.")
        if path.is_dir():
            return _of_folder(path)
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as cause:
        raise StudioError(f"“{path.name}” is no zip that can be read; export it again.") from cause
    except OSError as cause:
        raise StudioError(file_failure(f"Opening “{path.name}”", cause)) from cause
    try:
        return _of_zip(path, archive)
    except BaseException:
        archive.close()
        raise


def _of_folder(path: Path) -> Package:
    sizes: dict[str, int] = {}
    for file in itertools.chain(path.glob("*"), path.glob("media/*")):
        if file.is_symlink():
            raise StudioError(f"“{path.name}” holds a link ({file.name[:60]}); it is refused.")
        if file.is_file():
            sizes[file.relative_to(path).as_posix()] = file.stat().st_size
        _check_count(path.name, len(sizes))
    return Package(path.name, sizes, lambda entry: (path / entry).open("rb"), lambda: None)


def _of_zip(path: Path, archive: zipfile.ZipFile) -> Package:
    found = archive.infolist()
    _check_count(path.name, len(found))
    for entry in found:
        _check_entry(path.name, entry)
    files = [entry for entry in found if not entry.is_dir() and not entry.filename.startswith("__MACOSX/")]
    prefix = _common([entry.filename for entry in files])
    entries = {entry.filename.removeprefix(prefix): entry for entry in files}
    if len(entries) < len(files):
        raise StudioError(f"“{path.name}” names a file twice; it is refused.")
    sizes = {name: entry.file_size for name, entry in entries.items()}
    return Package(path.name, sizes, lambda entry: archive.open(entries[entry]), archive.close)


def _check_count(package: str, count: int) -> None:
    if count > MAX_ENTRIES:
        raise StudioError(f"“{package}” holds more files than a dataset can.")


def _check_entry(package: str, entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    plain = not name.startswith("/") and "\\" not in name and ":" not in name and "\0" not in name
    if not plain or ".." in PurePosixPath(name).parts:
        raise StudioError(f"“{package}” names a file outside of itself (“{name[:60]}”); it is refused.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise StudioError(f"“{package}” holds a link (“{name[:60]}”); it is refused.")
    if entry.flag_bits & 1:
        raise StudioError(f"“{package}” is locked by a password; unpack it first and import the folder.")
    if entry.file_size > MAX_ENTRY:
        raise StudioError(f"“{name[:60]}” in “{package}” is larger than any file of a dataset; it is refused.")


def _common(names: list[str]) -> str:
    """The folder that everything in a zip lies in, as where a folder was packed; empty where there is none."""
    first = names[0].split("/")[0] + "/" if names else ""
    return first if first != "media/" and names and all(name.startswith(first) for name in names) else ""
