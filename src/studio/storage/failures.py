"""What can go wrong with a song on disk, each as one sentence for the person who meets it."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from ..errors import StudioError

SAVE_AS = "your changes are kept in memory, so use “Save a Copy As” to put the song somewhere else"


class BundleError(StudioError):
    """A song that cannot be opened, read or written."""


class BundleLocked(BundleError):
    """A song that somebody else has open."""


class DamagedRevision(BundleError):
    """A revision that cannot be read; `number` is the row that is at fault."""

    def __init__(self, sentence: str, number: int) -> None:
        super().__init__(sentence)
        self.number = number


def write_failure(error: BaseException) -> str:
    """Why a song can no longer be saved where it is, and what to do about it."""
    if isinstance(error, BundleError):
        return str(error)
    return f"{_reason(error)}: {SAVE_AS}."


def _reason(error: BaseException) -> str:
    if isinstance(error, sqlite3.Error):
        return _DATABASE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, f"This song cannot be saved ({error})")
    if isinstance(error, OSError):
        return f"This song cannot be saved ({_system(error)})"
    return f"This song cannot be saved because of an unexpected error ({type(error).__name__}: {error})"


_DATABASE = {
    sqlite3.SQLITE_FULL: "The disk is full",
    sqlite3.SQLITE_READONLY: "The song's folder can no longer be written to",
    sqlite3.SQLITE_PERM: "The song's folder can no longer be written to",
    sqlite3.SQLITE_CANTOPEN: "The song's folder can no longer be written to",
    sqlite3.SQLITE_IOERR: "The disk did not take the song's last change",
    sqlite3.SQLITE_CORRUPT: "The song's file was damaged while it was open",
    sqlite3.SQLITE_NOTADB: "The song's file was damaged while it was open",
    sqlite3.SQLITE_BUSY: "Another program holds the song's file",
    sqlite3.SQLITE_LOCKED: "Another program holds the song's file",
}


def file_failure(what: str, error: OSError) -> str:
    """A sentence for a file or folder that could not be read or written; `what` begins it ("The copy of x")."""
    return f"{what} failed: {_system(error)}."


def _system(error: OSError) -> str:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return "the disk is full; free some space and try again"
        case errno.EROFS | errno.EACCES | errno.EPERM:
            return "there is no permission to write or read there; choose another folder or change its permissions"
        case errno.ENOENT:
            return "the file or folder is not there any more"
        case errno.EIO:
            return "the disk reports an error; check it and keep a copy of your songs elsewhere"
        case _:
            return f"{error.strerror or error}"


def unreadable(folder: Path, error: BaseException) -> BundleError:
    """The error for a song whose file the database library does not accept."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    name = folder.stem
    if code in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
        return BundleError(f"“{name}” is damaged or not a song of this studio; open a copy or backup of it instead.")
    if code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}:
        return BundleError(f"“{name}” cannot be opened; check that you may read its folder {folder}.")
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return BundleError(f"“{name}” is held by another program; close that program and try again.")
    return BundleError(f"“{name}” cannot be read ({error}); open a copy or backup of it instead.")
