"""Finding assets, within 30 ms among 100,000 whatever is asked.

Words and filters become one full-text expression, so that the index intersects them. The order depends on how much is
left: up to RANKED assets are ranked by relevance and then by last use, at 2 to 4 µs each; a broader question (the first
letter typed) has no meaningful relevance, so the newest come first, which is the order in which the index can stop
early, and before them those with every word in their name if they are few; without words the order is by last use.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from . import schema
from .tags import tag_ids
from .text import words_of

RANKED = 3000
"""Up to so many assets are ranked."""

_COUNT = sa.text("SELECT count(*) FROM asset_text WHERE asset_text MATCH :match")
_RANK = sa.text(
    "SELECT a.id FROM asset_text f CROSS JOIN assets a ON a.id = f.rowid WHERE asset_text MATCH :match"
    " ORDER BY bm25(asset_text, 10, 6, 2, 0), a.recent DESC, a.id DESC LIMIT :limit OFFSET :offset"
)
_BY_USE = sa.text(
    "SELECT a.id FROM asset_text f CROSS JOIN assets a ON a.id = f.rowid WHERE asset_text MATCH :match"
    " ORDER BY a.recent DESC, a.id DESC LIMIT :limit OFFSET :offset"
)
_NEWEST = sa.text(
    "SELECT rowid FROM asset_text WHERE asset_text MATCH :match ORDER BY rowid DESC LIMIT :limit OFFSET :offset"
)


class Query(msgspec.Struct, frozen=True):
    """What is looked for: every word (at its beginning), one of the kinds, all of the tags, in the collection; made by
    a model for one of the tasks, by one of the models, decided so, with so many stars or more, with remarks of
    its checks or (False) without."""

    text: str = ""
    kinds: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    collection: int | None = None
    favourites: bool = False
    tasks: tuple[str, ...] = ()
    approval: str = ""
    stars: int = 0
    models: tuple[str, ...] = ()
    doubtful: bool | None = None


class _Filters(msgspec.Struct, frozen=True):
    kinds: tuple[str, ...]
    tags: tuple[int, ...]
    collection: int | None
    favourites: bool
    tasks: tuple[str, ...] = ()
    approval: str = ""
    stars: int = 0
    models: tuple[str, ...] = ()
    doubtful: bool | None = None

    @property
    def of_models(self) -> bool:
        """Whether only what models made is looked for."""
        return bool(self.tasks or self.approval or self.stars or self.models or self.doubtful is not None)

    def terms(self) -> list[list[str]]:
        """The facets that must be there, as groups of alternatives."""
        groups = [[f"k{kind}" for kind in self.kinds]] if self.kinds else []
        groups += [[f"t{tag}"] for tag in self.tags]
        groups += [[f"c{self.collection}"]] if self.collection is not None else []
        groups += [["fav"]] if self.favourites else []
        groups += [[f"gt{_hex(task)}" for task in self.tasks]] if self.tasks else []
        groups += [[f"gm{_hex(model)}" for model in self.models]] if self.models else []
        groups += [[f"is{self.approval}"]] if self.approval else []
        groups += [[f"stars{n}" for n in range(self.stars, 6)]] if self.stars else []
        groups += [["doubtful" if self.doubtful else "clear"]] if self.doubtful is not None else []
        return groups


def _filters(connection: sa.Connection, query: Query) -> _Filters | None:
    """None when a tag does not exist, so that nothing can be found."""
    tags = tag_ids(connection, query.tags) if query.tags else []
    known = tuple(tag for tag in tags if tag is not None)
    if len(known) < len(tags):
        return None
    made = query.tasks, query.approval, query.stars, query.models, query.doubtful
    return _Filters(query.kinds, known, query.collection, query.favourites, *made)


def _hex(name: str) -> str:
    """A name as one word of the index."""
    return name.encode("utf-8", "replace").hex()


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


def _match(words: Sequence[str], filters: _Filters, columns: str = "name tags words") -> str:
    """The full-text expression; words are quoted, so that nothing typed is ever an operator. Empty matches all."""
    parts = []
    if words:
        parts.append(f"({{{columns}}} : ({' AND '.join(_quoted(word) + '*' for word in words)}))")
    parts += [f"(facets : ({' OR '.join(map(_quoted, group))}))" for group in filters.terms()]
    return " AND ".join(parts)


def count(connection: sa.Connection, query: Query) -> int:
    """How many assets there are to find."""
    filters = _filters(connection, query)
    if filters is None:
        return 0
    match = _match(words_of(query.text), filters)
    if not match:
        return connection.scalars(sa.select(sa.func.count()).select_from(schema.assets)).one()
    return int(connection.execute(_COUNT, {"match": match}).scalar_one())


def search(connection: sa.Connection, query: Query, limit: int, offset: int) -> list[int]:
    """The ids of a page of what is found."""
    filters = _filters(connection, query)
    if filters is None or limit <= 0:
        return []
    words, offset = words_of(query.text), max(offset, 0)
    match = _match(words, filters)
    newest = _newest(connection, match) if match else []
    if match and len(newest) <= RANKED:
        return _page(connection, _RANK if words else _BY_USE, match, limit, offset)
    if words:
        return _broad(connection, words, filters, newest, limit, offset)
    if filters.of_models:
        return _page(connection, _NEWEST, match, limit, offset)
    return _by_last_use(connection, filters, limit, offset)


def _newest(connection: sa.Connection, match: str) -> list[int]:
    """The newest that match, one more than can be ranked, which tells whether there are more."""
    return _page(connection, _NEWEST, match, RANKED + 1, 0)


def _page(connection: sa.Connection, statement: sa.TextClause, match: str, limit: int, offset: int) -> list[int]:
    return list(connection.scalars(statement, {"match": match, "limit": limit, "offset": offset}))


def _broad(
    connection: sa.Connection, words: Sequence[str], filters: _Filters, newest: list[int], limit: int, offset: int
) -> list[int]:
    everywhere, named = _match(words, filters), _match(words, filters, "name")
    first = _newest(connection, named)
    if not 0 < len(first) <= RANKED:
        page = newest[offset : offset + limit]
        return page if len(page) == limit else _page(connection, _NEWEST, everywhere, limit, offset)
    ids = first[offset : offset + limit]
    if len(ids) < limit:
        rest = f"({everywhere}) NOT ({named})"
        ids += _page(connection, _NEWEST, rest, limit - len(ids), max(offset - len(first), 0))
    return ids


def _by_last_use(connection: sa.Connection, filters: _Filters, limit: int, offset: int) -> list[int]:
    """Walks the index by last use, for what is so common that a page of it is soon found."""
    a, t, c = schema.assets.c, schema.asset_tags.c, schema.collection_assets.c
    found = sa.select(a.id).with_hint(schema.assets, "INDEXED BY assets_recent", "sqlite")
    if filters.kinds:
        found = found.where(a.kind.in_(filters.kinds))
    if filters.favourites:
        found = found.where(a.favourite)
    for tag in filters.tags:
        found = found.where(sa.exists().where(t.asset == a.id, t.tag == tag))
    if filters.collection is not None:
        found = found.where(sa.exists().where(c.asset == a.id, c.collection == filters.collection))
    return list(connection.scalars(found.order_by(a.recent.desc(), a.id.desc()).limit(limit).offset(offset)))
