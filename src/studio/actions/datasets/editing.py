"""What is said of a draft's items is changed, and items are taken out; each change gives back what undoes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from ...engine.ai.datasets.items import DatasetError, Item, Unfit, convert_item, group_of, plain
from ...engine.ai.datasets.splits import Splits, plan_splits, settled
from ...storage.library import Dataset, DraftItem
from .shelf import Shelf, item_of

FIELDS = ("name", "caption", "tags", "lyrics", "bpm", "key", "licence", "song", "split")
"""What can be said of an item; the rest is as it is."""

_LENGTHS = {"name": 400, "caption": 20_000, "lyrics": 50_000, "key": 40, "licence": 400, "song": 400}


class Undo(msgspec.Struct, frozen=True):
    """What brings a draft back to how it was: items as they were before a change, and those that were taken out."""

    said: tuple[DraftItem, ...] = ()
    out: tuple[DraftItem, ...] = ()


def change_items(shelf: Shelf, dataset: Dataset, ids: Sequence[int], changes: Mapping[str, Any]) -> Undo:
    """Changes fields of items; all or none. A song moves to another split as a whole. Raises DatasetError with the
    reason for a value that no item can have."""
    rows = shelf.library.drafts.by_ids(ids)
    items = [(row, _changed(item_of(row), changes)) for row in rows]
    if "split" in changes:
        songs = {group_of(item) for _, item in items}
        known = {row.id for row in rows}
        items += [
            (row, replace(item, split=changes["split"]))
            for row in shelf.library.drafts.items(dataset.id)
            if row.id not in known and group_of(item := item_of(row)) in songs
        ]
    shelf.library.drafts.change([replace(row, told=item) for row, item in items])
    return Undo(said=tuple(row for row, _ in items))


def take_out(shelf: Shelf, ids: Sequence[int]) -> Undo:
    """Takes items out of their draft; their files stay, for versions may have them."""
    rows = tuple(shelf.library.drafts.by_ids(ids))
    shelf.library.drafts.take_out(ids)
    return Undo(out=rows)


def undo(shelf: Shelf, dataset: Dataset, before: Undo) -> None:
    """Brings a draft back. Items that were taken out come back at the end."""
    shelf.library.drafts.change(before.said)
    shelf.library.drafts.put(dataset.id, before.out)


def planned(shelf: Shelf, dataset: Dataset) -> Splits:
    """Where the items of the draft would go if it were frozen now."""
    return plan_splits(settled(shelf.items(dataset)), dataset.seed)


def _changed(item: Item, changes: Mapping[str, Any]) -> Item:
    unknown = sorted(set(changes) - set(FIELDS))
    if unknown:
        raise DatasetError(f"“{unknown[0][:40]}” of an item cannot be changed; what can is {', '.join(FIELDS)}.")
    clean = {name: plain(value, _LENGTHS[name]) if name in _LENGTHS else value for name, value in changes.items()}
    if "tags" in clean:
        clean["tags"] = tuple(dict.fromkeys(tag for one in clean["tags"] if (tag := plain(one, 80))))
    try:
        return convert_item(msgspec.to_builtins(replace(item, **clean)))
    except Unfit as error:
        raise DatasetError(f"This cannot be said of “{item.name}”: {error}.") from error
