"""What an open song holds on to: its lock, its two connections, or a frozen copy where nothing may be written."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import msgspec

from ..document.codec import FORMAT
from . import database, revisions, versions
from .database import DATABASE, Connection
from .failures import SAVE_AS, BundleError, file_failure, unreadable
from .filesystem import is_writable
from .lock import BundleLock
from .revisions import Loaded
from .upgrades import require_steps, upgrade
from .versions import Version

Spare = tempfile.TemporaryDirectory[str]


class OpenFiles(msgspec.Struct):
    """An open song: with a `lock`, or with the reason why it is read-only and a private folder `spare`."""

    folder: Path
    song: Loaded
    notice: str
    versions: list[Version]
    db: Connection
    lock: BundleLock | None = None
    read_only: str = ""
    spare: Spare | None = None

    def release(self) -> None:
        """Gives the song free whose connections are closed."""
        if self.lock is not None:
            self.lock.release()
        if self.spare is not None:
            self.spare.cleanup()


def open_files(folder: Path, read_only: bool) -> OpenFiles:
    """Opens the song in `folder`, read-only where it is asked for or nothing else is possible.

    Raises BundleLocked, and BundleError where it cannot be opened; the file stays as it is then.
    """
    try:
        database.check_place(folder)
        writable = is_writable(folder, folder / DATABASE)
        return _open_frozen(folder, writable) if read_only or not writable else _open_writable(folder)
    except OSError as cause:
        raise BundleError(file_failure(f"Opening “{folder.stem}”", cause)) from cause
    except sqlite3.Error as cause:
        raise unreadable(folder, cause) from cause


def _open_writable(folder: Path) -> OpenFiles:
    """Everything is read before the file is opened for writing, so that what is refused stays as it is."""
    lock = BundleLock(folder)
    try:
        with closing(database.open_to_inspect(folder)) as db:
            form = database.check(db, folder, FORMAT)
            require_steps(form, FORMAT)
            found = _read(db, folder) if form == FORMAT else None
        writer = database.open_for_writing(folder)
        try:
            upgrade(writer, form, FORMAT)
            song, notice, named = found or _read(writer, folder)
        except BaseException:
            database.close_cleanly(writer)
            raise
    except BaseException:
        lock.release()
        raise
    return OpenFiles(folder, song, notice, named, writer, lock=lock)


def _read(db: Connection, folder: Path) -> tuple[Loaded, str, list[Version]]:
    """The song behind a connection, what its owner should know of it, and its named versions."""
    song, wanted, notice = revisions.load(db), revisions.present(db), ""
    if song.present != wanted:
        notice = f"The last state of “{folder.stem}” is damaged, so it was opened as it was at step {song.present}."
    return song, notice, versions.read(db)


def _open_frozen(folder: Path, writable: bool) -> OpenFiles:
    why = "was opened read-only" if writable else "is read-only because its folder cannot be written to"
    spare = tempfile.TemporaryDirectory(prefix="studio-", ignore_cleanup_errors=True)
    opened: list[Connection] = []
    try:
        opened.append(database.open_frozen(folder, Path(spare.name), writable))
        form = database.check(opened[0], folder, FORMAT)
        if form < FORMAT:
            opened.append(database.into_memory(opened[0]))
            upgrade(opened[1], form, FORMAT)
            opened.pop(0).close()
        song, notice, named = _read(opened[0], folder)
    except BaseException:
        for db in opened:
            db.close()
        spare.cleanup()
        raise
    sentence = f"“{folder.stem}” {why}; use “Save a Copy As” to work on a copy."
    return OpenFiles(folder, song, notice, named, opened[0], read_only=sentence, spare=spare)


class InPlace:
    """Raises BundleError once the song's file or its log is not the one that was opened: then writes go nowhere."""

    def __init__(self, folder: Path) -> None:
        self._known = {folder / DATABASE: (folder / DATABASE).stat()}
        self._log = folder / f"{DATABASE}-wal"

    def __call__(self) -> None:
        if self._log not in self._known and self._log.exists():
            self._known[self._log] = self._log.stat()
        for path, known in self._known.items():
            try:
                now = path.stat()
            except OSError as cause:
                raise BundleError(f"The song's file was moved or deleted while it was open: {SAVE_AS}.") from cause
            if (now.st_dev, now.st_ino) != (known.st_dev, known.st_ino):
                raise BundleError(f"The song's file was replaced while it was open: {SAVE_AS}.")
