"""Which songs are learnt from, which choose among what was learnt, and which only judge it in the end.

A song goes where the digest of its name and the dataset's seed puts it, about eight in ten to training; once settled
it stays. So a version adds to those before it, and nothing that was learnt from is ever judged by.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .items import SPLITS, Item, Split, group_of

VALIDATION, TEST = 0.1, 0.1
"""The shares of songs that are held back."""


class Splits(NamedTuple):
    """The split of each song by its folded name, the seed, and sentences about what could not be as it should."""

    of: Mapping[str, Split]
    seed: int = 0
    notices: tuple[str, ...] = ()

    def split(self, item: Item) -> Split:
        """Where an item goes; one of a song that came later goes where its name puts it."""
        song = group_of(item)
        return self.of.get(song) or _drawn(_place(song, self.seed))


def settled(items: Iterable[Item]) -> dict[str, Split]:
    """What is settled of each song. Where its items differ, training wins: what was learnt from cannot judge."""
    rank = {"train": 0, "validation": 1, "test": 2, "": 3}
    found: dict[str, Split] = {}
    for item in items:
        song = group_of(item)
        found[song] = min(found.get(song, ""), item.split, key=lambda split: rank[split])
    return found


def plan_splits(songs: Mapping[str, Split], seed: int) -> Splits:
    """The splits of songs of which some are settled. With two songs there is something to learn from and something to
    validate by; where all are settled otherwise a held-back song serves, else one that was learnt from, which is told.
    """
    places = {song: _place(song, seed) for song in songs}
    planned: dict[str, Split] = {song: split or _drawn(places[song]) for song, split in songs.items()}
    order = sorted(songs, key=lambda song: (places[song], song))
    notices: list[str] = []
    if songs and "train" not in planned.values():
        free = [song for song in order if not songs[song]] or order
        planned[free[-1]] = "train"
    if len(songs) < 2:
        told = "There is one song, so nothing is left to validate by; add others."
        return Splits(planned, seed, (told,) if songs else ())
    if "validation" not in planned.values():
        planned[_to_validate(songs, planned, order, notices)] = "validation"
    return Splits(planned, seed, tuple(notices))


def _to_validate(songs: Mapping[str, Split], planned: Mapping[str, Split], order: list[str], told: list[str]) -> str:
    training = [song for song in order if planned[song] == "train"]
    for group in ([song for song in training if not songs[song]], [song for song in order if planned[song] == "test"]):
        if group and not (group == training and len(training) == 1):
            return group[0]
    told.append("No song was held back any more; one that earlier versions were trained on now serves to validate.")
    return training[0]


def _place(song: str, seed: int) -> float:
    found = hashlib.sha256(f"{seed}\0{song}".encode()).digest()
    return int.from_bytes(found[:7], "big") / (1 << 56)


def _drawn(place: float) -> Split:
    return SPLITS[1] if place < VALIDATION else SPLITS[2] if place < VALIDATION + TEST else SPLITS[0]
