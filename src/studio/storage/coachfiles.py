"""The folder `coach/` of a song: what the coach heard in each sound, kept so that it can be judged anew without it."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from ..document.project import Media
from .cache import key
from .failures import BundleError, file_failure
from .filesystem import sync_folder
from .mediafiles import UnreadableSource, copy_whole, ignore_progress, never_cancelled

COACH = "coach"
ENDING = ".f0"

MAX_SIZE = 100_000_000
"""Bytes; a day of singing has half of it."""


def heard_path(bundle: Path, media: Media) -> Path:
    """Where what was heard in a media is or belongs, named by its content."""
    return bundle / COACH / f"{key(media)}{ENDING}"


def read_heard(bundle: Path, media: Media) -> bytes | None:
    """What is stored, None where nothing readable is. Worker threads."""
    path = heard_path(bundle, media)
    try:
        if path.is_symlink() or path.parent.is_symlink() or path.stat().st_size > MAX_SIZE:
            return None
        return path.read_bytes()
    except OSError:
        return None


def write_heard(bundle: Path, media: Media, data: bytes) -> None:
    """Stores it, whole or not at all. Worker threads. Raises BundleError when the disk refuses."""
    path = heard_path(bundle, media)
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(exist_ok=True)
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(path.parent)
    except OSError as cause:
        part.unlink(missing_ok=True)
        raise BundleError(file_failure("Keeping what the coach heard", cause)) from cause


def copy_heard(source: Path, target: Path) -> None:
    """Copies what is stored from one song's folder to another's; what cannot be read is heard again there."""
    for path in sorted((source / COACH).glob(f"*{ENDING}")):
        if path.is_file() and not path.is_symlink():
            with contextlib.suppress(UnreadableSource):
                (target / COACH).mkdir(exist_ok=True)
                copy_whole(path, target / COACH / path.name, ignore_progress, never_cancelled)
