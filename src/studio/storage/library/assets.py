"""Assets: rows in, frozen values out."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from . import schema
from .records import Asset, NewAsset
from .text import clean, index_words

T = TypeVar("T")

CHUNK = 500
"""Ids in one statement."""

_KEPT = {"id", "path", "added", "used", "favourite", "recent", "project"}
_COLUMNS = [column for column in schema.assets.columns if column.name not in {"words", "recent"}]


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    iterator = iter(items)
    while part := list(islice(iterator, size)):
        yield part


def add(connection: sa.Connection, new: Sequence[NewAsset]) -> list[int]:
    """Adds assets and returns their ids in the same order. A path that is there is brought up to date and keeps its
    id, tags, date and favour."""
    if not new:
        return []
    statement = insert(schema.assets)
    update = {c.name: statement.excluded[c.name] for c in schema.assets.columns if c.name not in _KEPT}
    connection.execute(statement.on_conflict_do_update(index_elements=["path"], set_=update), _rows(new, time.time()))
    ids: dict[Any, int] = {}
    for part in chunks(new):
        a = schema.assets.c
        found = sa.select(a.path, a.id).where(a.path.in_([asset.path for asset in part]))
        ids.update(connection.execute(found).all())
    return [ids[asset.path] for asset in new]


def _rows(new: Iterable[NewAsset], now: float) -> list[dict[str, Any]]:
    rows = []
    for asset in new:
        name = clean(asset.name or asset.path.name)
        rows.append(
            {
                "kind": asset.kind,
                "path": asset.path,
                "name": name,
                "words": index_words(name, asset.path),
                "size": asset.size,
                "modified": asset.modified,
                "digest": asset.digest,
                "seconds": asset.seconds,
                "rate": asset.rate,
                "channels": asset.channels,
                "bpm": asset.bpm,
                "key": asset.key,
                "added": now,
                "project": clean(asset.project),
            }
        )
    return rows


def by_ids(connection: sa.Connection, ids: Sequence[int]) -> list[Asset]:
    """The assets with these ids, in this order; those that are gone are left out."""
    found: dict[int, Asset] = {}
    for part in chunks(ids):
        tags = _tags(connection, part)
        for row in connection.execute(sa.select(*_COLUMNS).where(schema.assets.c.id.in_(part))):
            found[row.id] = Asset(**row._mapping, tags=tuple(tags[row.id]))
    return [found[asset] for asset in ids if asset in found]


def _tags(connection: sa.Connection, ids: Sequence[int]) -> defaultdict[int, list[str]]:
    tags: defaultdict[int, list[str]] = defaultdict(list)
    pairs = (
        sa.select(schema.asset_tags.c.asset, schema.tags.c.name)
        .join(schema.tags)
        .where(schema.asset_tags.c.asset.in_(ids))
        .order_by(schema.tags.c.folded)
    )
    for asset, name in connection.execute(pairs):
        tags[asset].append(name)
    return tags


def by_digest(connection: sa.Connection, digest: str) -> list[Asset]:
    """The assets with this content, oldest first. No content is empty."""
    if not digest:
        return []
    found = sa.select(schema.assets.c.id).where(schema.assets.c.digest == digest).order_by(schema.assets.c.id)
    return by_ids(connection, list(connection.scalars(found)))


def by_path(connection: sa.Connection, path: Path) -> Asset | None:
    """The asset at this path."""
    found = connection.scalar(sa.select(schema.assets.c.id).where(schema.assets.c.path == path))
    return by_ids(connection, [found])[0] if found is not None else None


def change(connection: sa.Connection, ids: Sequence[int], values: dict[str, Any]) -> int:
    """Sets columns of assets; returns how many there were."""
    count = 0
    for part in chunks(ids):
        wanted = sa.update(schema.assets).where(schema.assets.c.id.in_(part))
        count += connection.execute(wanted.values(values)).rowcount
    return count


def remove(connection: sa.Connection, ids: Sequence[int]) -> int:
    """Forgets assets (never their files); returns how many there were."""
    count = 0
    for part in chunks(ids):
        count += connection.execute(sa.delete(schema.assets).where(schema.assets.c.id.in_(part))).rowcount
    return count
