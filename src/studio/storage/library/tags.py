"""Tags and collections: names put on assets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from . import schema
from .assets import chunks
from .database import LibraryError
from .records import Collection, Tag
from .text import clean, folded


def _named(what: str, name: str) -> str:
    text = clean(name)
    if not text or len(text) > 200:
        raise LibraryError(f"A {what} needs a name of 1 to 200 characters.")
    return text


def tag(connection: sa.Connection, ids: Iterable[int], names: Iterable[str]) -> None:
    """Puts tags on assets, made where they are new; upper and lower case are one tag. Assets that are gone are left
    out."""
    for name in names:
        text = _named("tag", name)
        connection.execute(insert(schema.tags).values(name=text, folded=folded(text)).on_conflict_do_nothing())
        number = connection.scalars(sa.select(schema.tags.c.id).where(schema.tags.c.folded == folded(text))).one()
        _link(connection, schema.asset_tags, ("asset", "tag"), number, ids)


def _link(connection: sa.Connection, table: sa.Table, names: tuple[str, str], number: int, ids: Iterable[int]) -> None:
    for part in chunks(ids):
        there = sa.select(schema.assets.c.id, sa.literal(number)).where(schema.assets.c.id.in_(part))
        connection.execute(insert(table).from_select(list(names), there).on_conflict_do_nothing())


def untag(connection: sa.Connection, ids: Iterable[int], names: Iterable[str]) -> None:
    """Takes tags off assets; a tag that nothing bears any more is forgotten."""
    numbers = tag_ids(connection, names)
    known = [number for number in numbers if number is not None]
    for part in chunks(ids):
        x = schema.asset_tags.c
        connection.execute(sa.delete(schema.asset_tags).where(x.tag.in_(known), x.asset.in_(part)))
    forget_unborne(connection)


def forget_unborne(connection: sa.Connection) -> None:
    """Forgets the tags that nothing bears any more."""
    borne = sa.exists().where(schema.asset_tags.c.tag == schema.tags.c.id)
    connection.execute(sa.delete(schema.tags).where(~borne))


def tag_ids(connection: sa.Connection, names: Iterable[str]) -> list[int | None]:
    """The ids of tags, None for one that does not exist."""
    wanted = [folded(name) for name in names]
    t = schema.tags.c
    found = dict(connection.execute(sa.select(t.folded, t.id).where(t.folded.in_(wanted))).all())
    return [found.get(name) for name in wanted]


def tags(connection: sa.Connection) -> list[Tag]:
    """All tags in alphabetical order."""
    t, x = schema.tags.c, schema.asset_tags.c
    counted = sa.select(t.name, sa.func.count(x.asset)).outerjoin_from(schema.tags, schema.asset_tags)
    return [Tag(name, count) for name, count in connection.execute(counted.group_by(t.id).order_by(t.folded))]


def rename_tag(connection: sa.Connection, old: str, new: str) -> None:
    """Renames a tag; where the new name exists the two become one."""
    text = _named("tag", new)
    source, target = tag_ids(connection, [old, text])
    if source is None:
        raise LibraryError(f"There is no tag “{clean(old)}”.")
    if target is None or target == source:
        change = sa.update(schema.tags).where(schema.tags.c.id == source)
        connection.execute(change.values(name=text, folded=folded(text)))
        return
    borne = list(connection.scalars(sa.select(schema.asset_tags.c.asset).where(schema.asset_tags.c.tag == source)))
    _link(connection, schema.asset_tags, ("asset", "tag"), target, borne)
    connection.execute(sa.delete(schema.tags).where(schema.tags.c.id == source))


def delete_tag(connection: sa.Connection, name: str) -> None:
    """Takes a tag off everything and forgets it."""
    connection.execute(sa.delete(schema.tags).where(schema.tags.c.folded == folded(name)))


def collections(connection: sa.Connection) -> list[Collection]:
    """All collections in alphabetical order."""
    c, x = schema.collections.c, schema.collection_assets.c
    counted = sa.select(c.id, c.name, sa.func.count(x.asset))
    counted = counted.outerjoin_from(schema.collections, schema.collection_assets)
    return [Collection(*row) for row in connection.execute(counted.group_by(c.id).order_by(c.folded))]


def collections_of(connection: sa.Connection, asset: int) -> list[str]:
    """The names of the collections that hold an asset, in alphabetical order."""
    c, x = schema.collections.c, schema.collection_assets.c
    held = sa.select(c.name).join_from(schema.collections, schema.collection_assets, c.id == x.collection)
    return list(connection.scalars(held.where(x.asset == asset).order_by(c.folded)))


def add_collection(connection: sa.Connection, name: str) -> int:
    """Makes a collection, or finds the one of that name, and returns its id."""
    text = _named("collection", name)
    connection.execute(insert(schema.collections).values(name=text, folded=folded(text)).on_conflict_do_nothing())
    c = schema.collections.c
    return int(connection.scalars(sa.select(c.id).where(c.folded == folded(text))).one())


def rename_collection(connection: sa.Connection, collection: int, name: str) -> None:
    """Renames a collection."""
    text, c = _named("collection", name), schema.collections.c
    if connection.scalar(sa.select(c.id).where(c.folded == folded(text), c.id != collection)) is not None:
        raise LibraryError(f"There is a collection “{text}” already; choose another name.")
    connection.execute(sa.update(schema.collections).where(c.id == collection).values(name=text, folded=folded(text)))


def remove_collection(connection: sa.Connection, collection: int) -> None:
    """Forgets a collection; its assets stay."""
    connection.execute(sa.delete(schema.collections).where(schema.collections.c.id == collection))


def collect(connection: sa.Connection, collection: int, ids: Iterable[int]) -> None:
    """Puts assets into a collection."""
    if connection.scalar(sa.select(1).where(schema.collections.c.id == collection)) is None:
        raise LibraryError("That collection does not exist any more.")
    _link(connection, schema.collection_assets, ("asset", "collection"), collection, ids)


def uncollect(connection: sa.Connection, collection: int, ids: Sequence[int]) -> None:
    """Takes assets out of a collection."""
    x = schema.collection_assets.c
    for part in chunks(ids):
        connection.execute(sa.delete(schema.collection_assets).where(x.collection == collection, x.asset.in_(part)))
