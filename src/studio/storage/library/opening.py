"""Opening the library's file whatever state it is in: missing, damaged, old, too new, or out of reach for writing."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from . import sessions
from .database import Database, LibraryError, code_of, connect, damage_marker, sentence_of
from .migrate import MigrationFailed, migrate
from .schema import APPLICATION_ID

TURN_SECONDS = 60.0
"""How long an open waits while another process opens or upgrades the library."""

LITTLE = 2**18
"""Bytes without which a database cannot be opened for writing."""

COMPANIONS = ("", "-wal", "-shm")
"""What a database file's name can be followed by."""

UNWRITABLE = {"SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_PERM"}


def open_database(file: Path) -> Database:
    """Opens the library, made if missing, upgraded if old.

    A file that is damaged or no library is kept under another name and a fresh one begun: see `notice`. Where nothing
    can be written a private copy is opened for reading: see `read_only`. Raises LibraryTooNew and LibraryError.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with sessions.alone(file.with_name(file.name + "-lock"), TURN_SECONDS):
            return _open_for_writing(file)
    except TimeoutError as cause:
        raise LibraryError("Another studio is upgrading the library; try again when it is done.") from cause
    except OSError as cause:
        return _open_copy(file, cause)
    except MigrationFailed as failure:
        if isinstance(failure.__cause__, Exception) and code_of(failure.__cause__) in UNWRITABLE:
            return _open_copy(file, failure.__cause__)
        raise
    except (sqlite3.Error, sa.exc.DBAPIError) as cause:
        if code_of(cause) in UNWRITABLE:
            return _open_copy(file, cause)
        raise LibraryError(sentence_of(cause, file)) from cause


def _open_for_writing(file: Path) -> Database:
    if file.exists():
        with file.open("r+b"):
            pass
    notice = _check(file)
    migrate(file)
    engine = connect(file)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1 FROM assets LIMIT 1")
    return Database(file, engine, notice=notice)


def _check(file: Path) -> str:
    """Moves a file that is no sound library aside. Returns what to tell the user, empty when all is well."""
    if not file.exists():
        return ""
    wrong = _damage(file, thorough=damage_marker(file).exists())
    damage_marker(file).unlink(missing_ok=True)
    if not wrong:
        return ""
    kept = set_aside(file)
    return f"The library {wrong}, so a fresh one was begun; the old file is kept as {kept}."


def _damage(file: Path, thorough: bool) -> str:
    try:
        with closing(sqlite3.connect(file, timeout=TURN_SECONDS, isolation_level=None)) as database:
            return _ailment(database, thorough)
    except sqlite3.DatabaseError as error:
        if code_of(error) in {"SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR"}:
            return f"was damaged ({error})"
        raise
    except UnicodeDecodeError as error:
        return f"was damaged ({error})"


def _ailment(database: sqlite3.Connection, thorough: bool) -> str:
    tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables and database.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        return "file was made by another program"
    if thorough and tables:
        _rebuild_search(database)
    check = "integrity_check(1)" if thorough else "quick_check(1)"
    verdict = database.execute(f"PRAGMA {check}").fetchone()[0]
    return "" if verdict == "ok" else f"was damaged ({verdict})"


def _rebuild_search(database: sqlite3.Connection) -> None:
    """Makes the full-text index anew, for it can be damaged where the assets are not."""
    database.execute("BEGIN IMMEDIATE")
    (made,) = database.execute("SELECT sql FROM sqlite_master WHERE name = 'asset_text'").fetchone()
    database.execute("DROP TABLE asset_text")
    database.execute(made)
    database.execute(
        "INSERT INTO asset_text(rowid, name, tags, words, facets)"
        " SELECT id, name, tags, words, facets FROM asset_document"
    )
    database.execute("COMMIT")


def set_aside(file: Path) -> Path:
    """Renames a database and its companions, keeping them. Returns the new name."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    kept = file.with_name(f"{file.stem}-damaged-{stamp}{file.suffix}")
    number = 1
    while kept.exists():
        number += 1
        kept = file.with_name(f"{file.stem}-damaged-{stamp}-{number}{file.suffix}")
    for companion in COMPANIONS:
        part = file.with_name(file.name + companion)
        if part.exists():
            part.rename(kept.with_name(kept.name + companion))
    return kept


class _PrivateCopy(Database):
    """A copy that goes when it is closed."""

    def __init__(self, file: Path, engine: sa.Engine, read_only: str, notice: str, folder: Path) -> None:
        super().__init__(file, engine, read_only, notice)
        self._folder = folder

    def close(self) -> None:
        super().close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _why(cause: Exception, file: Path) -> str:
    """The system's words for what went wrong; on a full disk SQLite has others."""
    if file.parent.is_dir() and shutil.disk_usage(file.parent).free < LITTLE:
        return "the disk is full"
    if isinstance(cause, OSError):
        return cause.strerror or str(cause)
    return str(getattr(cause, "orig", cause))


def _open_copy(file: Path, cause: Exception) -> Database:
    """A copy, because a database in a folder that cannot be written cannot even be read with its left-over log."""
    why = _why(cause, file)
    reason = f"The library {file} is open for reading only ({why}): nothing is added to it until that is mended."
    folder = Path(tempfile.mkdtemp(prefix="studio-library-"))
    try:
        copy = folder / file.name
        for companion in ("", "-wal"):
            part = file.with_name(file.name + companion)
            if part.exists():
                shutil.copyfile(part, copy.with_name(copy.name + companion))
        notice = _check(copy)
        migrate(copy)
        return _PrivateCopy(file, connect(copy, read_only=True), reason, notice, folder)
    except LibraryError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    except (OSError, sqlite3.Error, sa.exc.DBAPIError) as failure:
        shutil.rmtree(folder, ignore_errors=True)
        sentence = f"The library {file} can neither be written nor copied ({why}); make room for it."
        raise LibraryError(sentence) from failure
