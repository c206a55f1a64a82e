"""Jobs as rows, so that a queue survives a restart."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from . import schema
from .database import LibraryError
from .records import JobRecord
from .text import readable

_JSON = ("parameters", "needs", "result", "failures")
_TEXTS = ("label", "message", "error", "detail")
_FIELDS = [schema.jobs.c[name] for name in JobRecord.__struct_fields__]


def save(connection: sa.Connection, job: JobRecord, session: str) -> None:
    """Writes a job, new or changed, unless it runs in another process.

    Raises LibraryError when its parameters or result are nothing JSON can say.
    """
    values: dict[str, Any] = {name: getattr(job, name) for name in JobRecord.__struct_fields__}
    values.update({name: readable(values[name]) for name in _TEXTS})
    try:
        values.update({name: _json(values[name]) for name in _JSON})
    except (TypeError, ValueError, RecursionError) as cause:
        raise LibraryError(f"The job “{job.label or job.kind}” cannot be kept ({cause}).") from cause
    values["created"] = job.created or time.time()
    values["session"] = session if job.state == "running" else ""
    statement = insert(schema.jobs).values(values)
    kept = {"id"} if job.created else {"id", "created"}
    update = {key: value for key, value in values.items() if key not in kept}
    c = schema.jobs.c
    free = sa.or_(c.state != "running", c.session.in_(("", session)))
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=update, where=free))


def _json(value: Any) -> bytes:
    """JSON in ASCII, so that a file name which is no valid text comes back as it was."""
    return json.dumps(msgspec.to_builtins(value, str_keys=True)).encode()


def load(connection: sa.Connection, states: Collection[str]) -> list[JobRecord]:
    """The jobs in these states (all when empty), oldest first."""
    found = sa.select(*_FIELDS).order_by(schema.jobs.c.created, schema.jobs.c.id)
    if states:
        found = found.where(schema.jobs.c.state.in_(states))
    return [_job(dict(zip(JobRecord.__struct_fields__, row, strict=True))) for row in connection.execute(found)]


def _job(row: dict[str, Any]) -> JobRecord:
    row.update({name: json.loads(row[name]) for name in _JSON})
    return msgspec.convert(row, JobRecord)


def claim(connection: sa.Connection, job: str, session: str) -> bool:
    """Whether a waiting job now runs in this process."""
    c = schema.jobs.c
    waiting = sa.update(schema.jobs).where(c.id == job, c.state == "waiting")
    return connection.execute(waiting.values(state="running", session=session, started=time.time())).rowcount == 1


def interrupt(connection: sa.Connection, alive: Callable[[str], bool]) -> int:
    """Marks as interrupted what ran in a process that is gone; returns how many."""
    c = schema.jobs.c
    running = connection.execute(sa.select(c.id, c.session).where(c.state == "running")).all()
    dead = [job for job, session in running if not alive(session)]
    values = {"state": "interrupted", "finished": time.time(), "session": ""}
    for job in dead:
        connection.execute(sa.update(schema.jobs).where(c.id == job).values(values))
    return len(dead)


def forget(connection: sa.Connection, ids: Collection[str]) -> None:
    """Deletes jobs."""
    for job in ids:
        connection.execute(sa.delete(schema.jobs).where(schema.jobs.c.id == job))
