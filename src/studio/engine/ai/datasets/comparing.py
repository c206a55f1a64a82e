"""What differs between two states of a dataset."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from .items import Item, write_item

LISTED = 1000
"""So many of each are named; all are counted."""

Read = Callable[[], Iterator[Item]]
"""Gives the items from the beginning, each time it is called."""


class Change(msgspec.Struct, frozen=True):
    """An item that is in both, and what is said of it otherwise: before and after by field."""

    name: str
    sha256: str
    fields: dict[str, tuple[Any, Any]]


class Difference(msgspec.Struct, frozen=True):
    """What is new, gone and changed; numbers of all, and the first so many of each. `moved`: the same items in another
    order."""

    added: int
    removed: int
    changed: int
    same: int
    new: tuple[Item, ...]
    gone: tuple[Item, ...]
    changes: tuple[Change, ...]
    moved: bool = False

    @property
    def empty(self) -> bool:
        """Whether both are the same."""
        return not (self.added or self.removed or self.changed or self.moved)


def compare(before: Read, after: Read, listed: int = LISTED) -> Difference:
    """Holds two states against each other; reads each twice. Memory: some hundred bytes for each item."""
    left = {_key(item): (place, _print(item)) for place, item in enumerate(before())}
    changed: dict[bytes, Item | None] = {}
    new: list[Item] = []
    added = same = last = 0
    moved = False
    for item in after():
        place, known = left.pop(_key(item), (-1, b""))
        if place < 0:
            added += 1
            new += [item] if len(new) < listed else []
            continue
        last, moved = max(last, place), moved or place < last
        if known == _print(item):
            same += 1
        else:
            changed[_key(item)] = item if len(changed) < listed else None
    gone, changes = _before(before, left, changed, listed)
    return Difference(added, len(left), len(changed), same, tuple(new), tuple(gone), tuple(changes), moved)


def _before(
    before: Read, left: Mapping[bytes, object], changed: Mapping[bytes, Item | None], listed: int
) -> tuple[list[Item], list[Change]]:
    gone: list[Item] = []
    changes: list[Change] = []
    for item in before() if left or changed else ():
        key = _key(item)
        now = changed.get(key)
        if now is not None:
            changes.append(Change(now.name, now.sha256, _fields(item, now)))
        elif key in left and len(gone) < listed:
            gone.append(item)
    return gone, changes


def _fields(old: Item, new: Item) -> dict[str, tuple[Any, Any]]:
    pairs = {name: (getattr(old, name), getattr(new, name)) for name in Item.__struct_fields__}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _key(item: Item) -> bytes:
    return bytes.fromhex(item.sha256[:32])


def _print(item: Item) -> bytes:
    return hashlib.sha256(write_item(item)).digest()[:8]
