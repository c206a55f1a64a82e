"""Drafts of datasets: their items in order, as rows."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from . import assets, schema
from .database import Database, LibraryError
from .records import Dataset, DraftItem
from .text import clean, folded

PAGE = 500
"""Rows that are read or written in one go."""

_D, _I = schema.datasets.c, schema.dataset_items.c
_TOLD = (_I.id, _I.dataset, _I.sha256, _I.told, _I.facts)


class Drafts:
    """The datasets of a library and the drafts that their next versions are made from. Any thread; each call is one
    short transaction. All raise LibraryError with a sentence when the disk or the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Dataset]:
        """All datasets in alphabetical order, each with its number of items."""
        counted = sa.select(sa.func.count()).where(_I.dataset == _D.id).scalar_subquery()
        found = sa.select(_D.id, _D.name, _D.kind, _D.seed, _D.base, _D.made, counted).order_by(_D.folded)
        with self._database.read() as connection:
            return [Dataset(*row) for row in connection.execute(found)]

    def find(self, name: str) -> Dataset | None:
        """The dataset of this name, upper and lower case being one."""
        wanted = folded(name)
        return next((one for one in self.all() if folded(one.name) == wanted), None)

    def add(self, name: str, kind: str, seed: int, base: int = 0) -> int:
        """Makes an empty draft and returns its id. Raises LibraryError where the name is taken."""
        values = {"name": clean(name), "folded": folded(name), "kind": kind, "seed": seed, "base": base}
        with self._database.write() as connection:
            if connection.scalar(sa.select(_D.id).where(_D.folded == values["folded"])) is not None:
                raise LibraryError(f"There is a dataset “{clean(name)}” already; choose another name.")
            row = connection.execute(sa.insert(schema.datasets).values(made=time.time(), **values))
            assert row.inserted_primary_key is not None
            return int(row.inserted_primary_key[0])

    def remove(self, dataset: int) -> None:
        """Forgets a dataset and its draft."""
        with self._database.write() as connection:
            connection.execute(sa.delete(schema.datasets).where(_D.id == dataset))

    def set_base(self, dataset: int, version: int) -> None:
        """Says which version the draft stands on; 0 for none."""
        with self._database.write() as connection:
            connection.execute(sa.update(schema.datasets).where(_D.id == dataset).values(base=version))

    def items(self, dataset: int) -> Iterator[DraftItem]:
        """The items of a draft in order, read page by page; each page sees the draft as it is then."""
        place = -1
        while True:
            found = sa.select(_I.place, *_TOLD).where(_I.dataset == dataset, _I.place > place)
            with self._database.read() as connection:
                rows = connection.execute(found.order_by(_I.place).limit(PAGE)).all()
                page = [_item(row[1:]) for row in rows]
            yield from page
            if len(rows) < PAGE:
                return
            place = rows[-1][0]

    def ids(self, dataset: int) -> list[int]:
        """The ids of a draft's items in order."""
        with self._database.read() as connection:
            return list(connection.scalars(sa.select(_I.id).where(_I.dataset == dataset).order_by(_I.place)))

    def by_ids(self, ids: Sequence[int]) -> list[DraftItem]:
        """The items with these ids, in this order and with their prints; those that are gone are left out."""
        found: dict[int, DraftItem] = {}
        with self._database.read() as connection:
            for part in assets.chunks(ids):
                rows = connection.execute(sa.select(*_TOLD, _I.print).where(_I.id.in_(part)))
                found.update((row[0], _item(row, row[5])) for row in rows)
        return [found[key] for key in ids if key in found]

    def by_digest(self, dataset: int, beginning: str) -> list[DraftItem]:
        """The items of a draft whose SHA-256 begins so, at most three."""
        found = sa.select(*_TOLD).where(_I.dataset == dataset, _I.sha256.startswith(beginning, autoescape=True))
        with self._database.read() as connection:
            return [_item(row) for row in connection.execute(found.limit(3))]

    def prints(self, dataset: int, most: int) -> list[tuple[str, bytes]]:
        """The prints of the latest so many items of a draft by SHA-256; those without one are left out."""
        found = sa.select(_I.sha256, _I.print).where(_I.dataset == dataset, _I.print != b"")
        with self._database.read() as connection:
            return [(row[0], row[1]) for row in connection.execute(found.order_by(_I.place.desc()).limit(most))]

    def put(self, dataset: int, items: Sequence[DraftItem]) -> list[int]:
        """Adds items at the end and returns their ids. An item whose file is there already takes that one's place."""
        with self._database.write() as connection:
            if connection.scalar(sa.select(_D.id).where(_D.id == dataset)) is None:
                raise LibraryError("The dataset is no longer there.")
            return [_put(connection, dataset, item) for item in items]

    def change(self, items: Sequence[DraftItem]) -> None:
        """Writes what is said and measured of items anew, found by their ids. A print that is empty is left alone."""
        with self._database.write() as connection:
            for item in items:
                values = _values(item)
                if not item.print:
                    del values["print"]
                connection.execute(sa.update(schema.dataset_items).where(_I.id == item.id).values(values))

    def take_out(self, ids: Sequence[int]) -> int:
        """Takes items out of their draft; returns how many there were."""
        with self._database.write() as connection:
            return sum(
                connection.execute(sa.delete(schema.dataset_items).where(_I.id.in_(part))).rowcount
                for part in assets.chunks(ids)
            )

    def replace(self, dataset: int, items: Iterable[DraftItem], base: int) -> None:
        """Gives a draft these items instead of its own, all or none, and the version that it stands on. Facts and
        prints of items that stay and come without are kept."""
        with self._database.write() as connection:
            known = sa.select(_I.sha256, _I.facts, _I.print).where(_I.dataset == dataset)
            facts = {row[0]: {"facts": row[1], "print": row[2]} for row in connection.execute(known)}
            connection.execute(sa.delete(schema.dataset_items).where(_I.dataset == dataset))
            page: list[dict[str, Any]] = []
            for place, item in enumerate(items):
                kept = facts.get(item.sha256, {}) if item.facts is None else {}
                page.append({"dataset": dataset, "place": place, **_values(item), **kept})
                if len(page) == PAGE:
                    connection.execute(sa.insert(schema.dataset_items), page)
                    page = []
            if page:
                connection.execute(sa.insert(schema.dataset_items), page)
            connection.execute(sa.update(schema.datasets).where(_D.id == dataset).values(base=base))


def _put(connection: sa.Connection, dataset: int, item: DraftItem) -> int:
    here = connection.execute(sa.select(_I.id).where(_I.dataset == dataset, _I.sha256 == item.sha256)).scalar()
    if here is not None:
        connection.execute(sa.update(schema.dataset_items).where(_I.id == here).values(_values(item)))
        return int(here)
    last = connection.scalar(sa.select(sa.func.max(_I.place)).where(_I.dataset == dataset))
    values = {"dataset": dataset, "place": 0 if last is None else last + 1, **_values(item)}
    row = connection.execute(sa.insert(schema.dataset_items).values(values))
    assert row.inserted_primary_key is not None
    return int(row.inserted_primary_key[0])


def _values(item: DraftItem) -> dict[str, Any]:
    try:
        told, facts = (json.dumps(msgspec.to_builtins(one)).encode() for one in (item.told, item.facts))
    except (TypeError, ValueError, RecursionError) as cause:
        raise LibraryError(f"An item of the dataset cannot be kept ({cause}).") from cause
    return {"sha256": item.sha256, "told": told, "facts": facts, "print": item.print}


def _item(row: Any, made: bytes = b"") -> DraftItem:
    return DraftItem(row[0], row[1], row[2], json.loads(row[3]), json.loads(row[4]), made)
