"""Takes that the coach has judged: rows in, frozen values out."""

from __future__ import annotations

import math
import time
from typing import Any

import msgspec
import sqlalchemy as sa

from . import schema
from .database import LibraryError
from .records import CoachedTake, Practised
from .text import readable

_FIELDS = [schema.coached_takes.c[name] for name in CoachedTake.__struct_fields__]
_TEXTS = ("name", "song", "target", "track")


def add(connection: sa.Connection, take: CoachedTake) -> int:
    """Keeps a take and returns its id. Raises LibraryError for figures that are no numbers."""
    values: dict[str, Any] = msgspec.structs.asdict(take)
    if not all(math.isfinite(value) for value in values.values() if isinstance(value, float)):
        raise LibraryError(f"The take “{take.name}” has figures that are no numbers; it is not kept.")
    values.update({name: readable(values[name]) for name in _TEXTS})
    values["taken"] = take.taken or time.time()
    del values["id"]
    inserted = connection.execute(sa.insert(schema.coached_takes).values(values)).inserted_primary_key
    assert inserted is not None
    return int(inserted[0])


def takes(
    connection: sa.Connection, song: str | None, target: str | None, since: float, limit: int
) -> list[CoachedTake]:
    """The latest takes of a song and a target (None: any), oldest first, so that they plot as they come."""
    c = schema.coached_takes.c
    found = sa.select(*_FIELDS).where(c.taken >= since).order_by(c.taken.desc(), c.id.desc()).limit(limit)
    if song is not None:
        found = found.where(c.song == song)
    if target is not None:
        found = found.where(c.target == target)
    return [CoachedTake(*row) for row in connection.execute(found)][::-1]


def practised(connection: sa.Connection) -> list[Practised]:
    """What has been sung, each song and target once, that sung last first."""
    c = schema.coached_takes.c
    found = (
        sa.select(c.song, c.target, sa.func.count(), sa.func.max(c.taken), sa.func.max(c.overall))
        .group_by(c.song, c.target)
        .order_by(sa.func.max(c.taken).desc())
    )
    return [Practised(*row) for row in connection.execute(found)]


def forget(connection: sa.Connection, ids: list[int]) -> int:
    """Forgets takes; their recordings stay. Returns how many there were."""
    return connection.execute(sa.delete(schema.coached_takes).where(schema.coached_takes.c.id.in_(ids))).rowcount
