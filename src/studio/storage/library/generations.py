"""What models made: rows in, frozen values out; the trash, from which everything comes back as it was."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from . import assets, schema, tags
from .database import LibraryError
from .records import Asset, Generation, NewAsset
from .text import clean

MAX_RECIPE = 4 * 1024 * 1024
"""Bytes of a recipe; the longest prompt with lyrics takes a fortieth of it."""

_JSON = ("recipe", "checks")
_TEXTS = ("reason", "title", "description", "category")
_FOUND = ("title", "description", "category")
_COLUMNS = [schema.generations.c[name] for name in Generation.__struct_fields__]


class _Trashed(msgspec.Struct, frozen=True):
    """An asset as it was when it went into the trash."""

    asset: NewAsset
    tags: tuple[str, ...]
    collections: tuple[str, ...]
    favourite: bool
    added: float
    used: float | None


def add(connection: sa.Connection, generation: Generation) -> int:
    """Keeps a generation and returns its id."""
    values: dict[str, Any] = msgspec.structs.asdict(generation)
    del values["id"]
    values.update({name: clean(values[name]) for name in _TEXTS})
    values.update({name: _json(generation, values[name]) for name in _JSON})
    values |= {"made": generation.made or time.time(), "trashed": None, "words": _words(generation.words, values)}
    try:
        inserted = connection.execute(sa.insert(schema.generations).values(values)).inserted_primary_key
    except sa.exc.IntegrityError as cause:
        raise LibraryError("This file has a recipe already, or is no longer in the library.") from cause
    assert inserted is not None
    return int(inserted[0])


def _json(generation: Generation, value: Any) -> bytes:
    try:
        text = json.dumps(msgspec.to_builtins(value, str_keys=True)).encode()
    except (TypeError, ValueError, RecursionError) as cause:
        raise LibraryError(f"The recipe of what {generation.model} made cannot be kept ({cause}).") from cause
    if len(text) > MAX_RECIPE:
        raise LibraryError(f"The recipe of what {generation.model} made is too long to be kept.")
    return text


def _words(said: str, values: Mapping[str, Any]) -> str:
    """What the search finds, the words of the recipe first: they end at a mark so that they outlive a new title."""
    return " ".join([clean(said.partition("\n")[0]) + "\n", *(values[name] for name in _FOUND)])


def by_ids(connection: sa.Connection, ids: Sequence[int]) -> list[Generation]:
    """The generations with these ids, in this order; those that are gone are left out."""
    found = _select(connection, schema.generations.c.id, ids)
    by_id = {generation.id: generation for generation in found}
    return [by_id[key] for key in ids if key in by_id]


def of_assets(connection: sa.Connection, ids: Sequence[int]) -> dict[int, Generation]:
    """The generations that are these assets, by asset."""
    found = _select(connection, schema.generations.c.asset, ids)
    return {generation.asset: generation for generation in found if generation.asset is not None}


def _select(connection: sa.Connection, column: sa.Column[Any], ids: Iterable[int]) -> list[Generation]:
    found: list[Generation] = []
    for part in assets.chunks(ids):
        rows = connection.execute(sa.select(*_COLUMNS).where(column.in_(part)))
        found += [_generation(dict(row._mapping)) for row in rows]
    return found


def _generation(row: dict[str, Any]) -> Generation:
    row.update({name: json.loads(row[name]) for name in _JSON})
    row["trashed"] = row["trashed"] is not None
    row["words"] = row["words"].partition("\n")[0]
    return Generation(**row)


def lineage(connection: sa.Connection, generation: int) -> list[Generation]:
    """Its forebears, oldest first, itself, and all that came from it, in the order in which it was made."""
    c = schema.generations.c
    before: list[int] = []
    at: int | None = generation
    while at is not None and at not in before:
        before.insert(0, at)
        at = connection.scalar(sa.select(c.parent).where(c.id == at))
    after, level = [], [generation]
    while level:
        found = connection.scalars(sa.select(c.id).where(c.parent.in_(level)).order_by(c.made, c.id))
        level = [key for key in found if key not in before and key not in after]
        after += level
    return by_ids(connection, [*before, *after])


def change(connection: sa.Connection, ids: Sequence[int], values: dict[str, Any]) -> None:
    """Sets columns of generations, and what is found of them."""
    c = schema.generations.c
    for generation in by_ids(connection, ids):
        texts = {name: values.get(name, getattr(generation, name)) for name in _FOUND}
        changed = {**values, "words": _words(generation.words, texts)}
        connection.execute(sa.update(schema.generations).where(c.id == generation.id).values(changed))


def trash(connection: sa.Connection, ids: Sequence[int]) -> list[Path]:
    """Takes generations out of sight and returns where their files lie."""
    paths = []
    for generation in by_ids(connection, ids):
        found = assets.by_ids(connection, [generation.asset]) if generation.asset is not None else []
        for asset in found:
            kept = msgspec.json.encode(_kept(connection, asset), enc_hook=str)
            one = sa.update(schema.generations).where(schema.generations.c.id == generation.id)
            connection.execute(one.values(asset=None, trashed=kept))
            assets.remove(connection, [asset.id])
            paths.append(asset.path)
    tags.forget_unborne(connection)
    return paths


def _kept(connection: sa.Connection, asset: Asset) -> _Trashed:
    names = list(NewAsset.__struct_fields__)
    new = NewAsset(**{name: getattr(asset, name) for name in names})
    held = tuple(tags.collections_of(connection, asset.id))
    return _Trashed(new, asset.tags, held, asset.favourite, asset.added, asset.used)


def trashed(connection: sa.Connection) -> list[tuple[Generation, Asset]]:
    """What lies in the trash, the latest first."""
    c = schema.generations.c
    rows = connection.execute(sa.select(*_COLUMNS).where(c.trashed.is_not(None)).order_by(c.made.desc(), c.id.desc()))
    return [(_generation(dict(row._mapping)), _asset(_decoded(row.trashed))) for row in rows]


def _decoded(kept: bytes) -> _Trashed:
    return msgspec.json.decode(kept, type=_Trashed, dec_hook=lambda kind, value: kind(value))


def _asset(kept: _Trashed) -> Asset:
    fields = msgspec.structs.asdict(kept.asset)
    return Asset(id=0, **fields, added=kept.added, used=kept.used, favourite=kept.favourite, tags=kept.tags)


def restore(connection: sa.Connection, ids: Sequence[int]) -> list[int]:
    """Brings generations back from the trash; returns their assets."""
    c, restored = schema.generations.c, []
    for key in ids:
        kept = connection.scalar(sa.select(c.trashed).where(c.id == key))
        if kept is None:
            continue
        was = _decoded(kept)
        (asset,) = assets.add(connection, [was.asset])
        assets.change(connection, [asset], {"favourite": was.favourite, "added": was.added, "used": was.used})
        tags.tag(connection, [asset], was.tags)
        for name in was.collections:
            tags.collect(connection, tags.add_collection(connection, name), [asset])
        try:
            connection.execute(sa.update(schema.generations).where(c.id == key).values(asset=asset, trashed=None))
        except sa.exc.IntegrityError as cause:
            sentence = f"“{was.asset.path.name}” cannot be restored: another result has taken its file's place."
            raise LibraryError(sentence) from cause
        restored.append(asset)
    return restored


def forget(connection: sa.Connection, ids: Sequence[int]) -> None:
    """Forgets recipes for good."""
    for part in assets.chunks(ids):
        connection.execute(sa.delete(schema.generations).where(schema.generations.c.id.in_(part)))
