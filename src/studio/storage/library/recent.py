"""The projects opened last."""

from __future__ import annotations

import os
import time
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from . import schema
from .records import RecentProject
from .text import clean

KEPT = 50
"""Of older ones nobody wants to know."""


def absolute(path: Path) -> Path:
    """A path as it is remembered: absolute, `..` resolved, links kept as the user named them."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links


def touch(connection: sa.Connection, path: Path, name: str) -> None:
    """Notes that a project has been opened now."""
    table = schema.recent_projects
    values = {"path": absolute(path), "name": clean(name), "opened": time.time()}
    update = {key: value for key, value in values.items() if key != "path"}
    connection.execute(insert(table).values(values).on_conflict_do_update(index_elements=["path"], set_=update))
    last = sa.select(table.c.path).order_by(table.c.opened.desc()).limit(KEPT)
    connection.execute(sa.delete(table).where(table.c.path.not_in(last)))


def projects(connection: sa.Connection, limit: int) -> list[RecentProject]:
    """The projects opened last, the latest first."""
    table = schema.recent_projects
    latest = sa.select(table.c.path, table.c.name, table.c.opened).order_by(table.c.opened.desc()).limit(limit)
    return [RecentProject(*row) for row in connection.execute(latest)]


def forget(connection: sa.Connection, path: Path) -> None:
    """Takes a project off the list; its folder stays."""
    connection.execute(sa.delete(schema.recent_projects).where(schema.recent_projects.c.path == absolute(path)))
