"""A dataset in figures: how much there is, and how it spreads over lengths, tempos, keys and tags."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable

import msgspec

from .items import SPLITS, Item, group_of

LENGTHS = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 180.0, 240.0, 300.0, 600.0)
"""Seconds at which the bars of the lengths begin; the last has no end."""

TEMPOS = tuple(float(bpm) for bpm in range(40, 221, 10))
"""BPM at which the bars of the tempos begin; the first has no beginning and the last no end."""

MOST = 40
"""So many tags, keys, licences and sources are told, the most frequent first."""


class Part(msgspec.Struct, frozen=True):
    """How much a split has: items, songs, seconds."""

    items: int = 0
    songs: int = 0
    seconds: float = 0.0


class Bars(msgspec.Struct, frozen=True):
    """A histogram: where each bar begins, and how many items it has of each split, in the order of `SPLITS`."""

    edges: tuple[float, ...]
    counts: tuple[tuple[int, int, int], ...]

    @property
    def empty(self) -> bool:
        """Whether no item has such a figure."""
        return not any(map(any, self.counts))


Counts = tuple[tuple[str, int], ...]


class Statistics(msgspec.Struct, frozen=True):
    """Figures of a dataset. What an item does not say is in no histogram; `bare` counts the items without a caption."""

    items: int
    songs: int
    seconds: float
    bytes: int
    bare: int
    splits: dict[str, Part]
    lengths: Bars
    tempos: Bars
    keys: Counts
    tags: Counts
    licences: Counts


def statistics(items: Iterable[Item]) -> Statistics:
    """The figures of items, taken in as they come; those without a split count as training."""
    seconds, sizes, bare = 0.0, 0, 0
    songs: dict[str, int] = {}
    of_split = [[0, 0.0] for _ in SPLITS]
    lengths, tempos = _bars(LENGTHS), _bars(TEMPOS)
    keys, tags, licences = Counter[str](), Counter[str](), Counter[str]()
    for item in items:
        split = SPLITS.index(item.split or "train")
        of_split[split][0] += 1
        of_split[split][1] += item.seconds
        songs.setdefault(group_of(item), split)
        seconds, sizes, bare = seconds + item.seconds, sizes + item.size, bare + (not item.caption)
        if item.seconds:
            lengths[max(bisect_right(LENGTHS, item.seconds) - 1, 0)][split] += 1
        if item.bpm:
            tempos[max(bisect_right(TEMPOS, item.bpm) - 1, 0)][split] += 1
        keys.update([item.key] if item.key else [])
        tags.update({tag.casefold(): tag for tag in item.tags}.values())
        licences.update([item.licence or "not said"])
    of_songs = Counter(songs.values())
    parts: dict[str, Part] = {
        name: Part(int(count), of_songs[n], round(length, 3))
        for n, (name, (count, length)) in enumerate(zip(SPLITS, of_split, strict=True))
    }
    return Statistics(
        sum(part.items for part in parts.values()), len(songs), round(seconds, 3), sizes, bare, parts,
        _done(LENGTHS, lengths), _done(TEMPOS, tempos), _most(keys), _most(tags), _most(licences),
    )  # fmt: skip


def _bars(edges: tuple[float, ...]) -> list[list[int]]:
    return [[0] * len(SPLITS) for _ in edges]


def _done(edges: tuple[float, ...], counts: list[list[int]]) -> Bars:
    return Bars(edges, tuple((one[0], one[1], one[2]) for one in counts))


def _most(counted: Counter[str]) -> Counts:
    return tuple(sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:MOST])
