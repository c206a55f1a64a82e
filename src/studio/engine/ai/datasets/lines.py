"""Items on lines: read one by one, whatever their number, and held against one another in little memory."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np

from .items import MAX_LINE, SPLITS, DatasetError, Item, Unfit, group_of, read_item, write_item

MAX_ITEMS = 1_000_000
"""The largest dataset."""


def write_lines(items: Iterable[Item]) -> Iterator[bytes]:
    """The lines of items, each with its end."""
    for item in items:
        yield write_item(item) + b"\n"


def digest_lines(lines: Iterable[bytes]) -> str:
    """The SHA-256 of lines, as that of a file that holds them."""
    found = hashlib.sha256()
    for line in lines:
        found.update(line)
    return found.hexdigest()


class Lines(Protocol):
    """What lines are read from: a file, or what stands for one."""

    def readline(self, most: int, /) -> bytes: ...


def read_lines(stream: Lines, name: str) -> Iterator[Item]:
    """The items of a file, one by one; `name` is what it is called in sentences.

    Raises DatasetError, which names the line, for what is no item, twice the same, a song in two splits, an item
    without a split, or more than a million lines.
    """
    whole = _Whole(name)
    number = 0
    while line := stream.readline(MAX_LINE + 2):
        number += 1
        if number > MAX_ITEMS:
            raise DatasetError(f"“{name}” has more than {MAX_ITEMS:,} items; divide it.")
        try:
            item = read_item(line.removesuffix(b"\n"))
        except Unfit as error:
            raise DatasetError(f"Line {number:,} of “{name}” cannot be read: {error}.") from error
        if not item.split:
            raise DatasetError(f"Line {number:,} of “{name}” does not say its split.")
        whole.add(item)
        yield item
    whole.check()


class _Whole:
    """What only all lines together show, at 16 bytes for each."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._items, self._songs = array("Q"), array("Q")

    def add(self, item: Item) -> None:
        self._items.append(int(item.sha256[:16], 16))
        song = int.from_bytes(hashlib.sha256(group_of(item).encode()).digest()[:8], "big")
        self._songs.append(song & ~3 | SPLITS.index(item.split))

    def check(self) -> None:
        items = np.sort(np.frombuffer(self._items, np.uint64)) if self._items else np.zeros(0, np.uint64)
        if (items[1:] == items[:-1]).any():
            raise DatasetError(f"“{self._name}” names one file twice; take one of the two out.")
        songs = np.unique(np.frombuffer(self._songs, np.uint64)) if self._songs else items
        if (songs[1:] >> np.uint64(2) == songs[:-1] >> np.uint64(2)).any():
            raise DatasetError(f"“{self._name}” has parts of one song in two splits, so what is learnt would leak.")
