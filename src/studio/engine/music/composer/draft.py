"""A note as it is written, and as it is played."""

from __future__ import annotations

import msgspec


class Draft(msgspec.Struct, frozen=True, gc=False):
    """A note at a straight place: ticks from the composition's first bar. `lane` names the drum."""

    start: int
    length: int
    pitch: int
    velocity: int
    lane: str = ""

    @property
    def end(self) -> int:
        """The tick after its last."""
        return self.start + self.length


class Felt(msgspec.Struct, frozen=True, gc=False):
    """A note as it is played: `shift` ticks later and `lift` louder than written."""

    draft: Draft
    shift: int
    lift: int


def loudness(base: float, factor: float) -> int:
    """A velocity: `base` times a factor, within 1 to 127."""
    return min(max(round(base * factor), 1), 127)
