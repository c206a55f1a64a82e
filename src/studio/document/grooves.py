"""Grooves: how far a player stands from the grid, step by step, taken from notes or from the onsets of a recording."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from .notes import NoteClip


class Groove(msgspec.Struct, frozen=True):
    """A cycle of steps of `step` ticks. Step n of the cycle is played `shifts[n]` ticks late (early if negative).

    `accents[n]` is added to its velocity; all zero where the source had no velocities.
    """

    step: int
    shifts: tuple[int, ...]
    accents: tuple[int, ...]

    @property
    def cycle(self) -> int:
        """The length of the cycle in ticks."""
        return self.step * len(self.shifts)


Onset = tuple[float, int | None]
"""A song tick, and the velocity where it is known."""


def groove_of(onsets: Iterable[Onset], step: int, cycle: int) -> Groove | None:
    """The groove of onsets on a grid of `step` ticks that repeats every `cycle` ticks; None when there are none.

    Each step gets the mean of what was played there, every time round; one that was never played stands on the grid.
    """
    count = max(cycle // step, 1)
    late: list[list[float]] = [[] for _ in range(count)]
    loud: list[list[int]] = [[] for _ in range(count)]
    every: list[int] = []
    for tick, velocity in onsets:
        nearest = round(tick / step)
        late[nearest % count].append(tick - nearest * step)
        if velocity is not None:
            loud[nearest % count].append(velocity)
            every.append(velocity)
    if not any(late):
        return None
    usual = sum(every) / len(every) if every else 0.0
    shifts = tuple(round(sum(found) / len(found)) if found else 0 for found in late)
    accents = tuple(round(sum(found) / len(found) - usual) if found else 0 for found in loud)
    return Groove(step, shifts, accents)


def groove_of_clip(clip: NoteClip, step: int, cycle: int) -> Groove | None:
    """The groove that the notes of a clip are played with, against the grid of the song."""
    return groove_of(((clip.origin + note.start, note.velocity) for note in clip.notes), step, cycle)
