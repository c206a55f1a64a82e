"""Magnetic snapping: to the grid, to edges of clips, to markers and sections, to the playhead."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from . import grid
from .grid import GridMode
from .stage import Stage

REACH = 25
"""How far a position is pulled, in logical pixels."""


@dataclass(frozen=True)
class Snapped:
    """Where a position ended up, in frames, and whether something pulled it there."""

    frame: int
    caught: bool


class Snap:
    """The snapping of one gesture: `apart` are the clips that move and so cannot catch themselves."""

    def __init__(self, stage: Stage, mode: GridMode, on: bool, apart: AbstractSet[str] = frozenset()) -> None:
        self._stage, self._mode, self._on = stage, mode, on
        self._targets = _targets(stage, apart) if on else np.zeros(0, np.int64)

    def frame(self, frame: int, free: bool = False) -> Snapped:
        """The frame that `frame` is pulled to; itself when nothing is near, or with `free`."""
        return self.best([frame], free)[1]

    def best(self, frames: Sequence[int], free: bool = False) -> tuple[int, Snapped]:
        """Of several positions that move together, the one pulled the least: its index and where it goes."""
        found = [(abs(to - frame), i, to) for i, frame in enumerate(frames) for to in self._near(frame)]
        if free or not self._on or not found:
            return 0, Snapped(frames[0], False)
        _, i, to = min(found, key=lambda item: (self._pixels(frames[item[1]], item[2]), item[1]))
        if self._pixels(frames[i], to) > REACH:
            return 0, Snapped(frames[0], False)
        return i, Snapped(to, True)

    def _pixels(self, a: int, b: int) -> float:
        stage = self._stage
        return abs(stage.x_of(a) - stage.x_of(b)) / stage.canvas.axis.ratio

    def _near(self, frame: int) -> list[int]:
        """The nearest target on each side, and the nearest grid line."""
        at = int(np.searchsorted(self._targets, frame))
        found = self._targets[max(at - 1, 0) : at + 1].tolist()
        project = self._stage.project
        if project is not None:
            axis = self._stage.canvas.axis
            tick = float(project.time.exact_ticks(frame)[0])
            line = grid.nearest(project.signatures, tick, axis.logical_per_tick(), self._mode)
            if line is not None:
                found.append(int(project.time.frame(line)))
        return found


def _targets(stage: Stage, apart: AbstractSet[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """All frames that catch, sorted."""
    project = stage.project
    if project is None:
        return np.zeros(0, np.int64)
    ticks = [marker.start for marker in project.markers]
    for section in project.sections:
        ticks += [section.start, section.start + section.length]
    ticks += [project.loop.start, project.loop.end]
    parts = [project.time.frames(ticks), np.array([0, stage.playhead], np.int64)]
    for row in stage.scene.track_rows():
        plan = row.plan
        if apart and not apart.isdisjoint(plan.ids):
            kept = np.array([clip_id not in apart for clip_id in plan.ids], bool)
            parts += [plan.first[kept], plan.last[kept]]
        else:
            parts += [plan.first, plan.last]
    return np.unique(np.concatenate(parts))
