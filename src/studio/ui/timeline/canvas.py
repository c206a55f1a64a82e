"""Paints the rows into the backing picture, and keeps track of what of it is out of date."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from ...document.project import Project
from .. import theme
from . import columns, grid, raster
from .axis import Axis
from .backing import Backing
from .columns import BAR, BEAT, EMPTY, Table, Tables, rgb
from .details import Details
from .labels import Labels
from .scene import Row, Scene
from .waves import Waves

Ints = npt.NDArray[np.int64]
Key = tuple[str, int]

QUICK = 3.5e-3
"""A picture that took longer than this many seconds is not painted anew at a zoom step: the old one is stretched first,
then sharpened in bands. Stretching and the first band, and every other band, take about this long together."""

BAND = 2
"""Rows that are sharpened together at least."""

COLUMNS = 1 << 14
"""Rows are painted together up to this many columns: their arrays then stay in the processor's cache."""


class Canvas:
    """The picture of a scene at an axis and a height. All positions are device pixels. Main thread.

    Changes only mark what is stale; `refresh` paints it.
    """

    def __init__(self, scene: Scene, waves: Waves) -> None:
        self.scene, self.waves = scene, waves
        self.axis, self.top = Axis(), 0
        self.backing = Backing(1, 1)
        self.labels, self._tables = Labels(), Tables()
        self._all = True
        self._parts: list[tuple[int, int, int, int]] = []
        self._rows: dict[Key, tuple[int, int]] = {}
        self._blurred: list[Key] = []
        self._took = self._stretched = 0.0

    def exchange(self, scene: Scene, waves: Waves) -> None:
        """Shows another song."""
        self.scene, self.waves = scene, waves
        self.mark_all()

    def resize(self, width: int, height: int) -> None:
        """Starts a new picture."""
        self.backing = Backing(width, height)
        self.mark_all()

    def show(self, axis: Axis, top: int) -> None:
        """Moves to another axis or height, keeping every pixel that can be kept."""
        old, self.axis = self.axis, axis
        dx, dy = axis.scroll - old.scroll, top - self.top
        if axis.per_tick != old.per_tick or axis.ratio != old.ratio:
            self._zoom(old, top)
        elif (dx or dy) and not self._all:
            self._shift(old, dx, dy)
        self.top = top

    def _zoom(self, old: Axis, top: int) -> None:
        """Stretches the picture if painting it anew would take too long, and leaves it to be sharpened."""
        if self._all or self._took < QUICK or self.axis.ratio != old.ratio or top != self.top:
            self.mark_all()
            return
        begun = time.perf_counter()
        columns_ = np.arange(self.backing.width, dtype=np.float64)
        ticks = (columns_ + (self.axis.scroll + 0.5)) / self.axis.per_tick
        self.backing.stretch(np.floor(ticks * old.per_tick).astype(np.int64) - old.scroll, rgb(theme.color("bg")))
        self._parts, self._rows = [], {}
        self._blurred = [row.key for row in self.scene.rows_between(top, top + self.backing.height)]
        self._stretched += time.perf_counter() - begun

    def _shift(self, old: Axis, dx: int, dy: int) -> None:
        """Moves the picture. What is stale is painted before that, so that stale places need not move along."""
        width, height = self.backing.width, self.backing.height
        if abs(dx) >= width or abs(dy) >= height:
            self.mark_all()
            return
        if self._parts or self._rows or self._blurred:
            axis, self.axis = self.axis, old
            self.refresh(at_once=True)
            self.axis = axis
        self.backing.shift(dx, dy)
        if dx:
            self._parts.append((width - dx, width, 0, height) if dx > 0 else (0, -dx, 0, height))
        if dy:
            self._parts.append((0, width, height - dy, height) if dy > 0 else (0, width, 0, -dy))

    def mark_all(self) -> None:
        """Everything must be painted anew."""
        self._all = True

    def mark_rows(self, keys: Iterable[Key]) -> None:
        """These rows must be painted anew."""
        for key in keys:
            self._rows[key] = (0, self.backing.width)

    def mark_part(self, key: Key, left: int, right: int) -> None:
        """A stretch of a row must be painted anew."""
        known = self._rows.get(key, (left, right))
        self._rows[key] = (max(min(known[0], left), 0), min(max(known[1], right), self.backing.width))

    def refresh(self, at_once: bool = False) -> list[Row]:
        """Paints all that is stale; after a zoom step only a band of it, unless it must be `at_once`.

        Returns the rows that are still blurred; a later call goes on with them.
        """
        begun, self._stretched, stretched = time.perf_counter() - self._stretched, 0.0, self._stretched > 0
        whole = self._all
        self._refresh_stale()
        if whole:
            self._blurred, self._took = [], time.perf_counter() - begun
        return self._sharpen(begun, at_once, stretched) if self._blurred else []

    def _sharpen(self, begun: float, at_once: bool, stretched: bool) -> list[Row]:
        """Paints blurred rows until time is up; at least some, unless stretching them has used it up."""
        waiting, self._blurred = set(self._blurred), []
        rows = [r for r in self.scene.rows_between(self.top, self.top + self.backing.height) if r.key in waiting]
        ground = self._ground(0, self.backing.width)
        self._paint_below(ground, 0)
        shown, done = len(self.scene.rows_between(self.top, self.top + self.backing.height)), 0
        least = 0 if stretched else BAND
        while done < len(rows) and (at_once or done < least or time.perf_counter() - begun < QUICK):
            left = QUICK - (time.perf_counter() - begun)
            count = len(rows) if at_once else max(int(left * shown / self._took), BAND)
            self._paint_stretch(0, rows[done : done + count], ground)
            done += count
        self._took *= 0.97
        self._blurred = [row.key for row in rows[done:]]
        return rows[done:]

    def _refresh_stale(self) -> None:
        width, height = self.backing.width, self.backing.height
        whole, parts, rows = self._all, self._parts, self._rows
        self._all, self._parts, self._rows = False, [], {}
        if self.scene.project is None:
            self.backing.pixels[:] = rgb(theme.color("bg"))
            return
        for left, right, top, bottom in [(0, width, 0, height)] if whole else parts:
            self._paint(left, right, top, bottom)
        if rows and not whole:
            self._paint_rows(rows)

    def _paint_rows(self, rows: dict[Key, tuple[int, int]]) -> None:
        by_extent: dict[tuple[int, int], list[Row]] = {}
        for row in self.scene.rows_between(self.top, self.top + self.backing.height):
            if row.key in rows:
                by_extent.setdefault(rows[row.key], []).append(row)
        for (left, right), found in by_extent.items():
            if right > left:
                self._paint_stretch(left, found, self._ground(left, right))

    def _paint(self, left: int, right: int, top: int, bottom: int) -> None:
        ground = self._ground(left, right)
        self._paint_below(ground, left, top, bottom)
        rows = self.scene.rows_between(self.top + top, self.top + bottom)
        if rows:
            self._paint_stretch(left, rows, ground)

    def _paint_below(self, ground: Ints, left: int, top: int = 0, bottom: int | None = None) -> None:
        """Paints the ground below the last row, between two heights."""
        end = max(self.scene.height - self.top, top)
        bottom = self.backing.height if bottom is None else bottom
        if end < bottom:
            below = np.array(columns.ground_colors(), np.uint32)[ground]
            self.backing.pixels[end:bottom, left : left + len(ground)] = below

    def _ground(self, left: int, right: int) -> Ints:
        """The codes of empty columns: where there are bar and beat lines."""
        project = self.scene.project
        assert project is not None
        codes = np.full(right - left, EMPTY, np.int64)
        hair = max(round(self.axis.ratio), 1)
        first, last = self.axis.tick(left - hair), self.axis.tick(right)
        ticks, strong = grid.lines(project.signatures, first, last, self.axis.logical_per_tick())
        xs = self.axis.xs(ticks.astype(np.float64)) - left
        for wanted, code in ((~strong, BEAT), (strong, BAR)):
            for i in range(hair):
                at = xs[wanted] + i
                codes[at[(at >= 0) & (at < right - left)]] = code
        return codes

    def _paint_stretch(self, left: int, rows: Sequence[Row], ground: Ints) -> None:
        project = self.scene.project
        assert project is not None
        at_once = max(COLUMNS // len(ground), 1)
        for start in range(0, len(rows), at_once):
            self._paint_some(left, rows[start : start + at_once], ground, project)

    def _paint_some(self, left: int, rows: Sequence[Row], ground: Ints, project: Project) -> None:
        right, ratio = left + len(ground), self.axis.ratio
        forms = [columns.shape(row.height, ratio, row.lane >= 0) for row in rows]
        levels = columns.levels_for(self.scene.tallest)
        tables = [self._tables.table(f, row.track.color, levels) for f, row in zip(forms, rows, strict=True)]
        plans = [row.plan for row in rows]
        codes = raster.codes(plans, tables, ground, self.waves, self.axis, project.time, left)
        self._put(rows, tables, codes, left, right)
        details = Details(self.backing, self.labels, self.waves, self.axis, self.top, project.time)
        details.paint(rows, left, right)

    def _put(self, rows: Sequence[Row], tables: Sequence[Table], codes: Ints, left: int, right: int) -> None:
        """Copies the columns of rows into the picture; a stretch of neighbours as one piece."""
        extents = [self._extent(row) for row in rows]
        first, last = extents[0][0], extents[-1][1]
        whole = right - left == self.backing.width
        if not whole and last - first > sum(y1 - y0 for y0, y1 in extents):
            for row, table, code in zip(rows, tables, codes, strict=True):
                self._put((row,), (table,), code[None], left, right)
            return
        pixels = self.backing.pixels[first:last] if whole else np.empty((last - first, right - left), np.uint32)
        for (y0, y1), row, table, code in zip(extents, rows, tables, codes, strict=True):
            y = row.top - self.top
            table.pixels[y0 - y : y1 - y].take(code, axis=1, out=pixels[y0 - first : y1 - first], mode="clip")
        if not whole:
            self.backing.pixels[first:last, left:right] = pixels

    def _extent(self, row: Row) -> tuple[int, int]:
        """Where a row is seen on the canvas, from top to bottom."""
        y = row.top - self.top
        return max(y, 0), min(y + row.height, self.backing.height)
