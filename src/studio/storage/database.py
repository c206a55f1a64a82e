"""The file `project.db`: its tables, how it is opened for each purpose, and what is refused untouched."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

import msgspec

from .failures import BundleError
from .filesystem import is_network_folder

DATABASE = "project.db"
APPLICATION_ID = 0x5374756F
"""Marks the file as a song of the studio ("Stuo")."""

COPY_ATTEMPTS = 20
"""How often a file that another studio is writing to is copied until the copy is of one moment."""

MAX_VALUE = 2**28
"""Longest value in bytes that is read or written."""

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value);
CREATE TABLE revision (
    number INTEGER PRIMARY KEY, parent INTEGER NOT NULL, time REAL NOT NULL, label TEXT NOT NULL,
    changed BLOB NOT NULL, removed BLOB NOT NULL, checksum INTEGER NOT NULL);
CREATE TABLE snapshot (number INTEGER PRIMARY KEY, made INTEGER NOT NULL, blobs BLOB NOT NULL);
CREATE TABLE blob (hash BLOB PRIMARY KEY, size INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE version (id INTEGER PRIMARY KEY, number INTEGER NOT NULL, name TEXT NOT NULL, time REAL NOT NULL);
CREATE TABLE recording (id TEXT PRIMARY KEY, row BLOB NOT NULL);
"""
_TABLES = {"meta", "revision", "snapshot", "blob", "version", "recording"}

Connection = sqlite3.Connection


def connect(path: Path, mode: Literal["rw", "ro", "rwc"], immutable: bool = False) -> Connection:
    """A connection without implicit transactions, usable from any one thread at a time."""
    uri = f"{path.absolute().as_uri()}?mode={mode}{'&immutable=1' if immutable else ''}"
    db = sqlite3.connect(uri, uri=True, timeout=5.0, isolation_level=None, check_same_thread=False)
    try:
        db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE)
        db.execute("PRAGMA trusted_schema=OFF")
        db.execute("PRAGMA cell_size_check=ON")
    except sqlite3.Error:
        db.close()
        raise
    return db


def create(path: Path, form: int) -> Connection:
    """A new file with empty tables, in the state of a cleanly closed one."""
    db = connect(path, "rwc")
    db.execute("PRAGMA synchronous=FULL")
    db.execute(f"PRAGMA application_id={APPLICATION_ID}")
    db.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
    put_meta(db, "format", form)
    return db


def put_meta(db: Connection, key: str, value: int) -> None:
    """Stores one number about the whole file."""
    db.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value))


def meta(db: Connection, key: str) -> int:
    """A number about the whole file; -1 where it is not there."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return row[0] if row is not None and isinstance(row[0], int) else -1


def rows(db: Connection, kind: Any, query: str, *values: object) -> list[Any]:
    """The rows of a query, each decoded strictly as `kind` (a tuple type): SQLite itself lets any type stand anywhere.

    Raises BundleError for rows of another shape.
    """
    try:
        return msgspec.convert(db.execute(query, values).fetchall(), list[kind], strict=True)
    except msgspec.ValidationError as cause:
        raise BundleError(
            f"This song's file holds a row that makes no sense ({cause}); open a backup of it."
        ) from cause


def check_place(folder: Path) -> None:
    """Raises BundleError when there is no song in `folder`, or when it leads elsewhere."""
    path = folder / DATABASE
    if not path.is_file():
        raise BundleError(f"“{folder.name}” is not a song of this studio: there is no {DATABASE} in it.")
    for name in (DATABASE, "media", "cache"):
        if (folder / name).is_symlink():
            raise BundleError(f"“{folder.stem}” is refused because its {name} is a link to another place.")
    if path.stat().st_size == 0:
        raise BundleError(f"“{folder.stem}” has an empty {DATABASE}; open a copy or backup of it instead.")


def open_to_inspect(folder: Path) -> Connection:
    """A connection that leaves the file as it is, for a look at it before anything else. Raises sqlite3.Error."""
    return connect(folder / DATABASE, _looking_mode(folder), immutable=not _has_log(folder))


def _looking_mode(folder: Path) -> Literal["rw", "ro"]:
    """Only a connection that may write can roll back a journal; only one that may not leaves a log where it is."""
    return "rw" if _size(folder / f"{DATABASE}-journal") > 0 else "ro"


def check(db: Connection, folder: Path, newest: int) -> int:
    """The format of the song behind a connection, read from `folder`.

    Raises BundleError when it is not a song of the studio, cut off, or newer than format `newest`, and sqlite3.Error.
    """
    name = folder.stem
    mark = db.execute("PRAGMA application_id").fetchone()[0]
    known = db.execute("SELECT type, name FROM sqlite_master WHERE type != 'index'").fetchall()
    if mark != APPLICATION_ID or not {table for kind, table in known if kind == "table"} >= _TABLES:
        raise BundleError(f"“{name}” is a database of another program, not a song of this studio.")
    form = meta(db, "format")
    if form > newest:
        raise BundleError(f"“{name}” was made by a newer version of the studio; update the studio to open it.")
    if form < 0 or any(kind != "table" for kind, _ in known):
        raise BundleError(f"“{name}” is damaged or not a song of this studio; open a copy or backup of it instead.")
    size = db.execute("PRAGMA page_count").fetchone()[0] * db.execute("PRAGMA page_size").fetchone()[0]
    if not _has_log(folder) and _size(folder / DATABASE) < size:
        raise BundleError(f"“{name}” is cut off: its {DATABASE} is shorter than it says; open a backup of it.")
    return form


def _has_log(folder: Path) -> bool:
    """Whether a session that did not end cleanly, or still runs, left changes beside the file."""
    return any(_size(folder / f"{DATABASE}{ending}") > 0 for ending in ("-wal", "-journal"))


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def open_for_writing(folder: Path) -> Connection:
    """The one connection of an open song: a write-ahead log on local disks, a rollback journal on network folders.

    Raises sqlite3.Error.
    """
    db = connect(folder / DATABASE, "rw")
    try:
        if is_network_folder(folder):
            db.execute("PRAGMA journal_mode=DELETE")
        else:
            # Keeps the index of the log in plain memory: a mapped file would kill the process when its disk goes away.
            db.execute("PRAGMA locking_mode=EXCLUSIVE")
            db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        db.execute("SELECT 1 FROM meta").fetchone()
    except sqlite3.Error:
        db.close()
        raise
    return db


def open_frozen(folder: Path, private: Path, writable: bool) -> Connection:
    """A connection to the state of the moment that leaves the folder alone; another studio may be writing to it.

    A folder that cannot be written to and was left clean is read in place, anything else as a copy in `private`.
    Raises OSError, sqlite3.Error, and BundleError when the other never pauses.
    """
    if not writable and not _has_log(folder):
        return connect(folder / DATABASE, "ro", immutable=True)
    if writable and not _size(folder / f"{DATABASE}-wal"):
        return _backup(folder, private)
    for _ in range(COPY_ATTEMPTS):
        before = _log_start(folder)
        for ending in ("", "-wal", "-journal"):
            if (folder / f"{DATABASE}{ending}").exists():
                shutil.copyfile(folder / f"{DATABASE}{ending}", private / f"{DATABASE}{ending}")
        # A log that was not begun again has every page that its owner moved into the file during the copy.
        if _log_start(folder) == before:
            return connect(private / DATABASE, "rw")
    raise BundleError(f"“{folder.stem}” is being written to without a pause; try again in a moment.")


def _log_start(folder: Path) -> bytes:
    """The header of the log, whose salts change when it is begun again (https://www.sqlite.org/fileformat2.html)."""
    log = folder / f"{DATABASE}-wal"
    if not log.exists():
        return b""
    with log.open("rb") as file:
        return file.read(32)


def _backup(folder: Path, private: Path) -> Connection:
    """A copy made through SQLite. Beside an empty log the file itself does not change, and its writer has locked it."""
    copy, beside_log = connect(private / DATABASE, "rwc"), (folder / f"{DATABASE}-wal").exists()
    try:
        with closing(connect(folder / DATABASE, _looking_mode(folder), immutable=beside_log)) as source:
            source.backup(copy)
    except sqlite3.Error:
        copy.close()
        raise
    return copy


def into_memory(source: Connection) -> Connection:
    """A copy of a file in memory, free to be changed."""
    copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    source.backup(copy)
    return copy


def close_cleanly(db: Connection) -> None:
    """Puts everything into the one file and closes it. Raises sqlite3.Error when the disk refuses."""
    path = Path(db.execute("PRAGMA database_list").fetchone()[2])
    try:
        db.execute("PRAGMA synchronous=FULL")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("PRAGMA journal_mode=DELETE")
    finally:
        db.close()
    # Left by a look at the file after a crash; nobody else can have the file open.
    path.with_name(f"{DATABASE}-shm").unlink(missing_ok=True)
