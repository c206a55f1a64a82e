"""Chance that falls the same on every machine: integers only, named by what it decides."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_MASK = 2**64 - 1


class Chance:
    """A stream of draws named by a path, such as `Chance(seed, "drums", bar)`.

    Streams of different paths have nothing to do with each other, so a bar can be drawn anew without its neighbours.
    The generator is SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014).
    """

    def __init__(self, *path: str | int) -> None:
        digest = hashlib.blake2b("/".join(map(str, path)).encode(), digest_size=8).digest()
        self._state = int.from_bytes(digest, "big")

    def unit(self) -> float:
        """A number from 0 up to but not including 1."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        z = self._state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((z ^ (z >> 31)) >> 11) * 2.0**-53

    def happens(self, probability: float) -> bool:
        """Whether something of this probability happens."""
        return self.unit() < probability

    def below(self, count: int) -> int:
        """A whole number from 0 up to but not including `count`."""
        return int(self.unit() * count)

    def pick(self, things: Sequence[T], weights: Sequence[float] | None = None) -> T:
        """One of the things, by weight where weights are given. There must be one."""
        if weights is None:
            return things[self.below(len(things))]
        left = self.unit() * sum(weights)
        for thing, weight in zip(things, weights, strict=True):
            left -= weight
            if left < 0 < weight:
                return thing
        return things[_heaviest(weights)]

    def bell(self) -> float:
        """A number around 0 with a standard deviation of 1, never beyond 3.5: the sum of four even draws."""
        return (self.unit() + self.unit() + self.unit() + self.unit() - 2.0) * 1.7320508075688772


def _heaviest(weights: Sequence[float]) -> int:
    return max(range(len(weights)), key=lambda n: weights[n])
