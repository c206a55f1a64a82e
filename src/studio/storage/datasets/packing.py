"""A version as a folder or a zip that goes to another computer: its two files and its media, whole or not at all."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from ...errors import StudioError
from ..failures import file_failure
from ..modelstore.wanted import UNWATCHED, Watch
from .folder import CHUNK, MEDIA, DatasetFolder

Open = Callable[[str, bool], BinaryIO]
"""Opens an entry of the package for writing, by its name; whether it is worth packing tighter."""

MOMENT = (1980, 1, 1, 0, 0, 0)
"""The time of every entry of a zip, so that the same version is the same zip."""


def pack(folder: DatasetFolder, number: int, media: Iterable[tuple[str, str]], target: Path, watch: Watch) -> None:
    """Writes a version and its media, each with its SHA-256, to `target`: a zip where it ends so, else a new folder.

    Every file is compared with its digest while it is copied. Raises StudioError, and leaves nothing. Worker threads.
    """
    if target.exists():
        raise StudioError(f"{target} exists already; choose another name.")
    staged = target.with_name(f".{secrets.token_hex(6)}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix.lower() == ".zip":
            with zipfile.ZipFile(staged, "w", allowZip64=True) as archive:
                _fill(folder, number, media, lambda name, tight: _entry(archive, name, tight), watch)
        else:
            (staged / MEDIA).mkdir(parents=True)
            _fill(folder, number, media, lambda name, _: (staged / name).open("xb"), watch)
        staged.rename(target)
    except OSError as cause:
        raise StudioError(file_failure(f"Exporting “{folder.name}”", cause)) from cause
    finally:
        _remove(staged)


def _entry(archive: zipfile.ZipFile, name: str, tight: bool) -> BinaryIO:
    about = zipfile.ZipInfo(name, MOMENT)
    about.compress_type = zipfile.ZIP_DEFLATED if tight else zipfile.ZIP_STORED
    about.external_attr = (stat.S_IFREG | 0o644) << 16
    return archive.open(about, "w", force_zip64=True)  # type: ignore[return-value]  # it is written to alone


def _fill(folder: DatasetFolder, number: int, media: Iterable[tuple[str, str]], put: Open, watch: Watch) -> None:
    for file in (folder.about(number), folder.lines(number)):
        _copy(file, file.name, "", put, True, watch)
    for path, sha256 in media:
        _copy(
            folder.media(path), path, sha256, put, not path.endswith((".flac", ".mp3", ".ogg", ".png", ".jpg")), watch
        )


def _copy(source: Path, name: str, sha256: str, put: Open, tight: bool, watch: Watch = UNWATCHED) -> None:
    found = hashlib.sha256()
    try:
        stream = source.open("rb")
    except FileNotFoundError as cause:
        raise StudioError(
            f"{name} is no longer in the dataset's folder, so this version cannot be exported."
        ) from cause
    with stream, put(name, tight) as out:
        while chunk := stream.read(CHUNK):
            watch.check()
            found.update(chunk)
            out.write(chunk)
    if sha256 and found.hexdigest() != sha256:
        raise StudioError(f"{name} has changed since it was taken in, so this version cannot be exported.")


def _remove(staged: Path) -> None:
    if staged.is_dir():
        shutil.rmtree(staged, ignore_errors=True)
    with suppress(OSError):
        staged.unlink(missing_ok=True)
