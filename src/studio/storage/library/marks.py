"""What a list shows of what models made, without recipes; which tasks and models there are; prints of sounds."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from . import assets, schema
from .records import Mark

_G = schema.generations.c
_TOLD = ("task", "model", "approval", "reason", "rating", "title", "category", "parent")
_CHECKS = sa.cast(_G.checks, sa.Text)


def _told(path: str) -> Any:
    """A part of the checks; nothing where they are no plain JSON."""
    return sa.case((sa.func.json_valid(_CHECKS) == 1, sa.func.json_extract(_CHECKS, path)))


def of_assets(connection: sa.Connection, ids: Sequence[int]) -> dict[int, Mark]:
    """The marks of those of these assets that models made, by asset."""
    found: dict[int, Mark] = {}
    columns = [_G.asset, _G.id, *(_G[name] for name in _TOLD), _told("$.remarks").label("remarks")]
    for part in assets.chunks(ids):
        for row in connection.execute(sa.select(*columns).where(_G.asset.in_(part))):
            told = {name: row._mapping[name] for name in _TOLD}
            found[row.asset] = Mark(row.id, **told, doubts=_sentences(row.remarks))
    return found


def _sentences(remarks: str | None) -> tuple[str, ...]:
    return tuple(str(one.get("sentence", "")) for one in json.loads(remarks or "[]") if isinstance(one, dict))


def made_with(connection: sa.Connection) -> tuple[list[str], list[str]]:
    """The tasks and the models of what is there, by name."""
    pairs = connection.execute(sa.select(_G.task, _G.model).where(_G.asset.is_not(None)).distinct()).all()
    return sorted({task for task, _ in pairs}), sorted({model for _, model in pairs})


def prints(connection: sa.Connection, most: int) -> list[tuple[str, bytes]]:
    """The latest sounds by name, each with the print that its checks hold."""
    found = (
        sa.select(schema.assets.c.name, _told("$.made").label("made"))
        .join_from(schema.generations, schema.assets, _G.asset == schema.assets.c.id)
        .where(schema.assets.c.kind == "generated")
        .order_by(_G.made.desc(), _G.id.desc())
        .limit(most)
    )
    return [(name, made) for name, told in connection.execute(found) if (made := _bytes(told))]


def _bytes(text: str | None) -> bytes:
    try:
        return base64.b64decode(text or "", validate=True)
    except (binascii.Error, ValueError):
        return b""
