"""Bringing a library's schema up to this version: a copy first, then each step in one transaction."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from .database import BUSY_SECONDS, LibraryError, LibraryTooNew, connect
from .schema import HEAD

SCRIPTS = Path(__file__).parents[1] / "migrations"
KEPT_BACKUPS = 3


class MigrationFailed(LibraryError):
    """A step of the schema failed; the library is as it was before."""


def migrate(file: Path, scripts: Path = SCRIPTS, head: str = HEAD) -> None:
    """Brings a database, empty or of any older schema, up to `head`. The caller is alone with the file.

    Raises LibraryTooNew for a schema that this version does not know, and MigrationFailed, the file restored.
    """
    now = revision(file)
    if now == head:
        return
    if now is not None and now not in _known(scripts):
        raise LibraryTooNew(
            f"The library {file} was written by a newer version of the studio; update this one to open it."
        )
    copy = back_up(file, now) if now is not None else None
    try:
        _run_steps(file, scripts, head)
    except Exception as cause:  # a script can fail in any way, and the file must be put back in all of them
        if copy is not None:
            _copy_database(copy, file)
        raise MigrationFailed(
            f"The library {file} could not be brought up to this version and was left as it was; {_kept(copy)}."
        ) from cause


def revision(file: Path) -> str | None:
    """The revision of a database's schema, None when it has none yet."""
    with closing(sqlite3.connect(file, timeout=BUSY_SECONDS)) as database:
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return None
        row = database.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def back_up(file: Path, name: str) -> Path:
    """Copies a database, whole even while others use it, into `backups/` beside it; keeps the last three."""
    folder = file.with_name("backups")
    folder.mkdir(exist_ok=True)
    now = time.time_ns()  # one reading, so that names sort by age across the border of a second
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now // 10**9))
    copy = folder / f"{file.stem}-{stamp}-{now % 10**9:09}-{name}{file.suffix}"
    _copy_database(file, copy)
    for old in sorted(folder.glob(f"{file.stem}-*{file.suffix}"))[:-KEPT_BACKUPS]:
        old.unlink()
    return copy


def _kept(copy: Path | None) -> str:
    return f"a copy is at {copy}" if copy is not None else "report this with the program's log"


def _copy_database(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target, timeout=BUSY_SECONDS)) as new:
        old.backup(new)


def _known(scripts: Path) -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory(str(scripts)).walk_revisions()}


def _run_steps(file: Path, scripts: Path, head: str) -> None:
    """Foreign keys are off, because rebuilding a table deletes the old one, and checked at the end."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    engine = connect(file, foreign_keys=False)
    try:
        with engine.connect().execution_options(write=True) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, head)
        with engine.connect() as connection:
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise sa.exc.IntegrityError("PRAGMA foreign_key_check", None, ValueError(f"broken reference: {broken}"))
    finally:
        engine.dispose()
