"""Chance that is a function of seed and place, so that a training that goes on after a crash draws what it would have
drawn: there is no state to be kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any


def seed_of(*place: int | str) -> int:
    """A number of 63 bits for a place, such as a training's seed and a step."""
    text = "/".join(map(str, place)).encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "little") >> 1


@contextmanager
def chance_at(*place: int | str) -> Iterator[Any]:
    """While this lasts, torch's chance on every device begins at this place; a generator of the CPU's is given.

    Afterwards torch's chance is as it was.
    """
    import torch

    seed = seed_of(*place)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield torch.Generator().manual_seed(seed)


def order(count: int, seed: int, epoch: int) -> Sequence[int]:
    """The items of an epoch in the order in which they are seen."""
    import torch

    generator = torch.Generator().manual_seed(seed_of(seed, "epoch", epoch))
    found: list[int] = torch.randperm(count, generator=generator).tolist()
    return found


def items_at(count: int, seed: int, first: int, wanted: int) -> list[int]:
    """Of an endless row of shuffled epochs the items from the place `first` on."""
    found: list[int] = []
    while len(found) < wanted:
        epoch, at = divmod(first + len(found), count)
        found += order(count, seed, epoch)[at : at + wanted - len(found)]
    return found
