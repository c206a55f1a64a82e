"""The rows of the canvas: tracks and take lanes from top to bottom, each with the plan of what it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ...document.project import AudioClip, Comp, Project, Track
from .. import theme
from .rowplan import RowPlan, lane_plan, track_plan

LIVE = "live:"
"""The id of a clip that is being recorded; with a track's id, that of its media."""

LOWEST, HIGHEST = 12, 400
"""Track heights, in logical pixels."""


@dataclass
class Row:
    """A track (`lane` -1) or one of its take lanes, at `top` device pixels of the scene, `height` high."""

    track: Track
    lane: int
    top: int
    height: int
    plan: RowPlan

    @property
    def key(self) -> tuple[str, int]:
        """What tells rows apart."""
        return self.track.id, self.lane


class Scene:
    """Rows of a project. Rebuilds only those whose track changed. Positions are device pixels. Main thread."""

    def __init__(self, media_index: Callable[[str], int]) -> None:
        self.project: Project | None = None
        self.rows: list[Row] = []
        self.ratio = 1.0
        self.height = self.tallest = 0
        self.heights: dict[str, int] = {}
        self.default_height = theme.TRACK
        self._media_index = media_index
        self._plans: dict[tuple[str, int], tuple[Track, RowPlan]] = {}
        self._selected: AbstractSet[str] = frozenset()
        self._missing: AbstractSet[str] = frozenset()
        self._front: AbstractSet[str] = frozenset()
        self._live: dict[str, AudioClip] = {}

    def show(self, project: Project | None, front: AbstractSet[str] = frozenset()) -> set[tuple[str, int]] | None:
        """Shows another state of the song. `front` are clips in hand, which lie on top of others.

        Returns the keys of the rows whose picture changed, None for all of them."""
        old_project, self.project, self._front = self.project, project, front
        if (
            project is None
            or old_project is None
            or old_project.id != project.id
            or not _same_time(old_project, project)
        ):
            self._plans.clear()
            self._arrange()
            return None
        places = [(row.key, row.top, row.height, row.track.color) for row in self.rows]
        plans = {row.key: row.plan for row in self.rows}
        self._arrange()
        if places != [(row.key, row.top, row.height, row.track.color) for row in self.rows]:
            return None
        return {row.key for row in self.rows if plans.get(row.key) is not row.plan}

    def restyle(self, selected: AbstractSet[str], missing: AbstractSet[str]) -> set[tuple[str, int]]:
        """Marks what is selected or missing; returns the rows whose picture changed."""
        self._selected, self._missing = selected, missing
        return {row.key for row in self.rows if row.plan.restyle(selected, missing)}

    def set_live(self, track_id: str, clip: AudioClip | None) -> AudioClip | None:
        """Shows a growing take on a track, or none; returns the one shown before. Its anchor is the song's start."""
        old = self._live.pop(track_id, None)
        if clip is not None:
            self._live[track_id] = clip
        row = self.row(track_id)
        if row is not None:
            row.plan = self._made(row.track, -1)
            self._plans[row.key] = (row.track, row.plan)
        return old

    def rescale(self, ratio: float) -> None:
        """Lays the rows out for another pixel ratio."""
        self.ratio = ratio
        self._arrange()

    def logical_height(self, track_id: str) -> int:
        """The height of a track's own row, in logical pixels."""
        return self.heights.get(track_id, self.default_height)

    def set_height(self, track_id: str | None, height: int) -> None:
        """Gives one track, or all, another height in logical pixels."""
        height = min(max(height, LOWEST), HIGHEST)
        if track_id is None:
            self.heights.clear()
            self.default_height = height
        else:
            self.heights[track_id] = height
        self._arrange()

    def row_at(self, y: int) -> Row | None:
        """The row at a height of the scene."""
        low, high = 0, len(self.rows)
        while low < high:
            middle = (low + high) // 2
            if self.rows[middle].top + self.rows[middle].height <= y:
                low = middle + 1
            else:
                high = middle
        if low < len(self.rows) and self.rows[low].top <= y:
            return self.rows[low]
        return None

    def rows_between(self, top: int, bottom: int) -> list[Row]:
        """The rows that touch `top` to `bottom`."""
        return [row for row in self.rows if row.top < bottom and row.top + row.height > top]

    def row(self, track_id: str, lane: int = -1) -> Row | None:
        """The row of a track or lane."""
        return next((row for row in self.rows if row.track.id == track_id and row.lane == lane), None)

    def track_rows(self) -> list[Row]:
        """The rows of tracks, without lanes; in the order of the project's tracks."""
        return [row for row in self.rows if row.lane < 0]

    def track_extent(self, track_id: str) -> tuple[int, int]:
        """Top and bottom of a track together with its lanes."""
        rows = [row for row in self.rows if row.track.id == track_id]
        return (rows[0].top, rows[-1].top + rows[-1].height) if rows else (0, 0)

    def _arrange(self) -> None:
        self.rows, top = [], 0
        kept: dict[tuple[str, int], tuple[Track, RowPlan]] = {}
        for track, lane in self._wanted():
            key = (track.id, lane)
            kept[key] = (track, self._plan(track, lane))
            logical = self.logical_height(track.id) if lane < 0 else theme.LANE
            bottom_line = round((top / self.ratio + logical) * self.ratio)
            self.rows.append(Row(track, lane, top, bottom_line - top, kept[key][1]))
            top = bottom_line
        self._plans, self.height = kept, top
        self.tallest = max((row.height for row in self.rows), default=0)

    def _wanted(self) -> Iterator[tuple[Track, int]]:
        for track in self.project.tracks if self.project else ():
            yield track, -1
            if track.lanes_open:
                most = max((len(clip.takes) for clip in track.clips if isinstance(clip, Comp)), default=0)
                for lane in reversed(range(most)):
                    yield track, lane

    def _plan(self, track: Track, lane: int) -> RowPlan:
        known = self._plans.get((track.id, lane))
        if known is not None and known[0].clips is track.clips and known[0].base == track.base:
            return known[1]
        return self._made(track, lane)

    def _made(self, track: Track, lane: int) -> RowPlan:
        assert self.project is not None
        time = self.project.time
        if lane < 0:
            plan = track_plan(track, time, self._media_index, self._live.get(track.id), self._front)
        else:
            plan = lane_plan(track, lane, time, self._media_index)
        plan.restyle(self._selected, self._missing)
        return plan


def _same_time(a: Project, b: Project) -> bool:
    return a.rate == b.rate and a.tempo == b.tempo
