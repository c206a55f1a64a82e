"""Songs of older formats, brought up to date part by part when they are opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from .database import Connection, put_meta, rows
from .failures import BundleError
from .revisions import checksum

PlainPart = dict[str, Any]
"""A part as plain values, before its schema is known to fit."""

Upgrade = Callable[[PlainPart], PlainPart]

UPGRADES: Mapping[int, Upgrade] = {}
"""For every older format, what makes a part of it one of the next format. Format 1 is the first."""

_raw = msgspec.msgpack.Decoder(dict[str, bytes])
_part = msgspec.msgpack.Decoder(PlainPart)
_encoder = msgspec.msgpack.Encoder()


def upgrade(db: Connection, form: int, newest: int, steps: Mapping[int, Upgrade] = UPGRADES) -> None:
    """Rewrites every part of the file from format `form` to `newest`, all or nothing.

    Raises BundleError when a part is not what its format says, or when a step is missing.
    """
    if form == newest:
        return
    require_steps(form, newest, steps)
    db.execute("BEGIN IMMEDIATE")
    try:
        _upgrade_revisions(db, [steps[step] for step in range(form, newest)])
        # Snapshots only save time: the history alone gives every state, and new ones come by themselves.
        db.execute("DELETE FROM snapshot")
        db.execute("DELETE FROM blob")
        put_meta(db, "format", newest)
        db.execute("COMMIT")
    except (sqlite3.Error, msgspec.DecodeError, KeyError, TypeError, ValueError, BundleError) as cause:
        db.execute("ROLLBACK")
        raise BundleError(f"This song could not be upgraded from format {form}; it was left as it is.") from cause


def require_steps(form: int, newest: int, steps: Mapping[int, Upgrade] = UPGRADES) -> None:
    """Raises BundleError when there is no way from format `form` to `newest`."""
    if not set(range(form, newest)) <= set(steps):
        raise BundleError(f"This song has format {form}, which this version of the studio can no longer upgrade.")


def _upgrade_revisions(db: Connection, steps: list[Upgrade]) -> None:
    for number, changed, removed in rows(
        db, tuple[int, bytes, bytes], "SELECT number, changed, removed FROM revision ORDER BY number"
    ):
        parts = {key: _upgrade_part(data, steps) for key, data in _raw.decode(changed).items()}
        fresh = _encoder.encode(parts)
        values = (fresh, checksum(fresh, removed), number)
        db.execute("UPDATE revision SET changed = ?, checksum = ? WHERE number = ?", values)


def _upgrade_part(data: bytes, steps: list[Upgrade]) -> bytes:
    part = _part.decode(data)
    for step in steps:
        part = step(part)
    return _encoder.encode(part)
