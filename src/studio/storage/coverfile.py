"""The cover of a song: the file `cover.jpg` in its folder, whole or not there."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from .failures import BundleError, file_failure
from .filesystem import sync_folder
from .mediafiles import UnreadableSource, copy_whole, ignore_progress, never_cancelled

COVER = "cover.jpg"


def cover_path(bundle: Path) -> Path | None:
    """The cover of a song, None where it has none."""
    path = bundle / COVER
    return path if path.is_file() and not path.is_symlink() else None


def write_cover(bundle: Path, data: bytes) -> Path:
    """Keeps a JPEG as the cover of a song. Worker threads. Raises BundleError when the disk refuses."""
    path = bundle / COVER
    part = bundle / f".{secrets.token_hex(8)}.part"
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(bundle)
    except OSError as cause:
        raise BundleError(file_failure("Keeping the cover of the song", cause)) from cause
    finally:
        part.unlink(missing_ok=True)
    return path


def remove_cover(bundle: Path) -> None:
    """Leaves a song without a cover. Raises BundleError when the disk refuses."""
    try:
        (bundle / COVER).unlink(missing_ok=True)
    except OSError as cause:
        raise BundleError(file_failure("Taking the cover off the song", cause)) from cause


def copy_cover(source: Path, target: Path) -> None:
    """Copies the cover from one song's folder to another's; one that cannot be read is left out."""
    path = cover_path(source)
    if path is not None:
        with contextlib.suppress(UnreadableSource):
            copy_whole(path, target / COVER, ignore_progress, never_cancelled)
