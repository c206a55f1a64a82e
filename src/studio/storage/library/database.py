"""The connection to the library's file: transactions that are what they say, and errors in plain words."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from ...errors import StudioError
from ..filesystem import is_network_folder

BUSY_SECONDS = 10.0
"""How long a write waits for another process's write."""


class LibraryError(StudioError):
    """The library could not be opened, read or written."""


class LibraryReadOnly(LibraryError):
    """The library can only be read here."""


class LibraryTooNew(LibraryError):
    """The library was written by a newer version of the studio."""


def connect(file: Path, foreign_keys: bool = True, read_only: bool = False) -> sa.Engine:
    """An engine whose transactions begin when SQLAlchemy says so, changes of the schema included.

    Left to itself Python's sqlite3 commits before some statements and begins only before others. Connections executing
    with the option `write` take the write lock at BEGIN, so that no transaction fails half-way for want of it.
    """
    journal = "DELETE" if is_network_folder(file.parent) else "WAL"
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(file)), connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}
    )

    @sa.event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA cache_size = -16000")
        connection.execute(f"PRAGMA foreign_keys = {int(foreign_keys)}")
        connection.execute(f"PRAGMA query_only = {int(read_only)}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        write = connection.get_execution_options().get("write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def code_of(error: BaseException) -> str:
    """SQLite's name of an error such as `SQLITE_FULL`, without its extension; empty when it is not SQLite's."""
    origin = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    name = getattr(origin, "sqlite_errorname", "") if isinstance(origin, sqlite3.Error) else ""
    return "_".join(name.split("_")[:2])


def sentence_of(error: BaseException, file: Path) -> str:
    """What a database error means to the user, and what to do."""
    match code_of(error):
        case "SQLITE_FULL":
            return f"The disk that holds the library ({file.parent}) is full; free some space and try again."
        case "SQLITE_BUSY" | "SQLITE_LOCKED":
            return "Another studio is writing to the library; try again in a moment."
        case "SQLITE_CORRUPT" | "SQLITE_NOTADB":
            return f"The library {file} is damaged; restart the studio to have it checked and mended."
        case "SQLITE_READONLY" | "SQLITE_CANTOPEN" | "SQLITE_PERM":
            return f"The library {file} cannot be written; check the rights of its folder."
        case "SQLITE_IOERR":
            return f"The library {file} could not be read or written; check the disk it is on."
        case _:
            return f"The library could not do that ({error.__class__.__name__}: {error})."


def damage_marker(file: Path) -> Path:
    """The file that asks the next start to check the library thoroughly."""
    return file.with_name(file.name + "-damaged")


class Database:
    """An open library file. Any thread; readers do not wait, writers take turns.

    `read_only` is the reason why nothing can be written, empty otherwise; `notice` something the user should know.
    """

    def __init__(self, file: Path, engine: sa.Engine, read_only: str = "", notice: str = "") -> None:
        self.file, self.read_only, self.notice = file, read_only, notice
        self._engine = engine
        self._turn = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection that sees one state of the library. Raises LibraryError."""
        with self._plain_words(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A connection whose changes are all kept, or none. Keep it short. Raises LibraryError."""
        if self.read_only:
            raise LibraryReadOnly(self.read_only)
        with self._plain_words(), self._turn, self._engine.connect() as connection:
            connection.execution_options(write=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Closes every connection; the file alone is then complete."""
        self._engine.dispose()

    @contextmanager
    def _plain_words(self) -> Iterator[None]:
        try:
            yield
        except (sa.exc.SQLAlchemyError, sqlite3.Error) as cause:
            if code_of(cause) == "SQLITE_CORRUPT" and not self.read_only:
                damage_marker(self.file).touch()
            raise LibraryError(sentence_of(cause, self.file)) from cause
        except (UnicodeDecodeError, json.JSONDecodeError, msgspec.ValidationError) as cause:
            damage_marker(self.file).touch()
            raise LibraryError(f"The library {self.file} holds a row that makes no sense ({cause}).") from cause
