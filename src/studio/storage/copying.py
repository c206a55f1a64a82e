"""Making a song's folder: complete or not at all."""

from __future__ import annotations

import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ..document.codec import FORMAT
from ..document.document import Revision
from ..document.project import Project
from . import database, revisions
from .cache import CACHE
from .database import DATABASE, Connection
from .failures import BundleError, file_failure
from .filesystem import sync_folder
from .mediafiles import MEDIA, PART, Cancelled, Progress, UnreadableSource, copy_whole
from .names import numbered, safe_name
from .store import Write

ENDING = ".studio"


def make_folder(parent: Path, name: str, fill: Callable[[Path], None]) -> Path:
    """A new folder `name.studio` in `parent`, numbered if that is taken, holding what `fill` puts into it.

    Raises BundleError, or what `fill` raises; no part of the folder is left then.
    """
    stem = safe_name(name, "Song")
    part = parent / f".{secrets.token_hex(8)}{ENDING}.part"
    try:
        parent.mkdir(parents=True, exist_ok=True)
        part.mkdir()
        (part / MEDIA).mkdir()
        (part / CACHE).mkdir()
        fill(part)
        sync_folder(part)
        folder = _rename(part, parent, stem)
        sync_folder(parent)
    except OSError as cause:
        raise BundleError(file_failure(f"Making the song “{stem}” in {parent}", cause)) from cause
    except sqlite3.Error as cause:
        raise BundleError(
            f"The song “{stem}” could not be made in {parent} ({cause}); choose another place."
        ) from cause
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def _rename(part: Path, parent: Path, stem: str) -> Path:
    for name in numbered(stem, ENDING):
        folder = parent / name
        if not folder.exists() and not folder.is_symlink():
            return part.rename(folder)
    raise AssertionError("numbers do not end")


def fill_new(folder: Path, project: Project, label: str) -> None:
    """A database whose history begins with `project`."""
    db = database.create(folder / DATABASE, FORMAT)
    try:
        db.execute("BEGIN IMMEDIATE")
        revisions.put_first(db, Revision(0, -1, label, time.time()), project)
        db.execute("COMMIT")
    finally:
        db.close()


def fill_copy(folder: Path, source: Connection, unwritten: Sequence[Write]) -> None:
    """A database with the whole history behind `source` and what is not in it yet."""
    copy = database.connect(folder / DATABASE, "rwc")
    try:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        copy.execute("BEGIN IMMEDIATE")
        for write in unwritten:
            write.action(copy)
        copy.execute("COMMIT")
        copy.execute("PRAGMA synchronous=FULL")
        _require_whole(copy)
    finally:
        copy.close()


def _require_whole(db: Connection) -> None:
    """Raises BundleError or sqlite3.Error when a copy is not a song that opens as it should."""
    found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok" or revisions.load(db).present != revisions.present(db):
        raise BundleError(f"The history of this song cannot be read in full ({found}).")


def copy_media(source: Path, target: Path, progress: Progress, cancelled: Cancelled) -> tuple[str, ...]:
    """Copies every sound file of a song; returns the names of those that could not be read."""
    files = [file for file in sorted(source.glob("*")) if file.is_file() and not file.is_symlink()]
    files = [file for file in files if not file.name.startswith(PART)]
    whole = sum(file.stat().st_size for file in files) or 1
    done, failed = 0, []
    for file in files:
        size, before = file.stat().st_size, done
        try:
            copy_whole(file, target / file.name, lambda p, b=before, s=size: progress((b + p * s) / whole), cancelled)  # type: ignore[misc]
        except UnreadableSource:
            failed.append(file.name)
        done += size
    return tuple(failed)
