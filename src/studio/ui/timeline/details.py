"""What the columns leave out: names, rounded corners, fade curves, notes, single samples at the deepest zooms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QPainter

from ...document.time import TempoMap
from .. import theme
from . import columns, fades, lines, notebars
from .axis import Axis
from .backing import Backing
from .columns import Shape, paint_of, rgb
from .labels import Labels
from .rowplan import RowPlan
from .scene import Row
from .stamps import corners, stamp, stamp_all
from .waves import Waves

Ints = npt.NDArray[np.int64]

NAMED = 24
"""Clips narrower than this, in logical pixels, are painted without name."""

ROUNDED = 12
"""Clips narrower than this have square corners."""

SMALL = 24
"""Rows lower than this show neither names nor corners."""


class Shown:
    """The clips of several rows that have details, found for all rows in one pass, in order of row and start.

    One element per clip: `row` its row, `clip` its index in the row's plan, `x0` and `x1` its columns. `rows` are the
    rows that have any, `forms` their shapes.
    """

    def __init__(self, rows: Sequence[Row], axis: Axis, left: int, right: int) -> None:
        first, last = axis.tick(left), axis.tick(right)
        self._all = rows
        self._around = [row.plan.clips_between(first, last) for row in rows]
        begin, end = axis.xs(self._gather(lambda plan: plan.begin)), axis.xs(self._gather(lambda plan: plan.end)) - 1
        self._found = np.flatnonzero((end - begin >= ROUNDED * axis.ratio) & (end >= left) & (begin < right))
        counts = [len(around) for around in self._around]
        self.row = np.repeat(np.arange(len(rows)), counts)[self._found]
        starts = np.repeat([around.start for around in self._around], counts)
        before = np.repeat(np.cumsum([0, *counts[:-1]]), counts)
        self.clip = (np.arange(len(begin)) - before + starts)[self._found]
        self.x0, self.x1 = begin[self._found], end[self._found]
        self.rows = {number: rows[number] for number in np.unique(self.row).tolist()}
        self.forms = {n: columns.shape(row.height, axis.ratio, row.lane >= 0) for n, row in self.rows.items()}

    def _gather(self, pick: Callable[[RowPlan], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        parts = zip(self._all, self._around, strict=True)
        return np.concatenate([pick(row.plan)[around.start : around.stop] for row, around in parts])

    def of(self, pick: Callable[[RowPlan], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """What the plans have for the clips."""
        return self._gather(pick)[self._found]

    def of_rows(self, pick: Callable[[Row, Shape], int]) -> Ints:
        """What the rows have, by clip."""
        by_row = np.zeros(len(self._all), np.int64)
        for n, row in self.rows.items():
            by_row[n] = pick(row, self.forms[n])
        return by_row[self.row]


class Details:
    """Paints the details of clips into a backing picture. Main thread."""

    def __init__(self, backing: Backing, labels: Labels, waves: Waves, axis: Axis, top: int, time: TempoMap) -> None:
        self._backing, self._labels, self._waves = backing, labels, waves
        self._axis, self._top, self._time = axis, top, time
        self._close = lines.wanted(axis, time)

    def paint(self, rows: Sequence[Row], left: int, right: int) -> None:
        """Paints those of the clips that touch columns `left` to `right` of some rows."""
        high = [row for row in rows if row.height >= SMALL * self._axis.ratio and row.plan.ids]
        shown = Shown(high, self._axis, left, right) if high else None
        if shown is None or not len(shown.clip):
            return
        for n, row in shown.rows.items():
            form = shown.forms[n]
            if self._close:
                lines.paint(self._backing, self._waves, self._axis, self._time, row, form, self._top, left, right)
            if row.plan.notes:
                notebars.paint(self._backing, self._axis, row, form, self._top, left, right)
        self._names(shown)
        for n, row in shown.rows.items():
            if row.plan.faded:
                mine = shown.row == n
                self._fades(row, shown.forms[n], shown.clip[mine], shown.x0[mine], shown.x1[mine])
        self._round(shown)

    def _names(self, shown: Shown) -> None:
        ratio, pixels = self._axis.ratio, self._backing.pixels
        inset = round(6 * ratio)
        clear = np.rint(shown.of(lambda plan: plan.clear_to) * self._axis.per_tick - self._axis.scroll)
        room = np.minimum(shown.x1, clear.astype(np.int64)) - shown.x0 - 2 * inset
        wide = (shown.x1 - shown.x0 >= NAMED * ratio) & shown.of(lambda plan: plan.left_seen) & (room > 0)
        named = np.flatnonzero(wide & (shown.of_rows(lambda _, form: form.band) > 0))
        styles = shown.of(lambda plan: plan.style)[named]
        found = (shown.row[named], shown.clip[named], shown.x0[named] + inset, room[named], styles)
        for n, i, x, space, style in zip(*(part.tolist() for part in found), strict=True):
            row, form = shown.rows[n], shown.forms[n]
            height = form.band - 2 * form.hair
            picture = self._labels.label(row.plan.names[i], row.track.color, style, height, ratio)
            stamp(pixels, x, row.top - self._top + form.top + form.hair, picture[:, :space])

    def _round(self, shown: Shown) -> None:
        """Rounds the corners of all clips at once."""
        widest = round(theme.RADIUS * self._axis.ratio)
        tracks = shown.of_rows(lambda row, _: row.lane < 0) > 0
        radius = shown.of_rows(lambda _, form: min(widest, (form.bottom - form.top) // 3))
        look = shown.row * len(columns.Style) + shown.of(lambda plan: plan.style)
        for size in np.unique(radius[tracks]).tolist():
            self._round_some(shown, tracks & (radius == size), look, size)

    def _round_some(self, shown: Shown, mine: npt.NDArray[np.bool_], look: Ints, size: int) -> None:
        looks, first, kind = np.unique(look[mine], return_index=True, return_inverse=True)
        by_look = np.empty((len(looks), 4, size, size), np.uint32)
        for k in np.argsort(first).tolist():
            n, style = divmod(int(looks[k]), len(columns.Style))
            form, paint = shown.forms[n], paint_of(shown.rows[n].track.color, style)
            edge = rgb(paint.edge) if paint.edge is not None else 0
            if edge:
                self._sides(shown, mine & (look == looks[k]), form, edge)
            upper = rgb(paint.band if form.band else paint.body)
            by_look[k] = corners(size, form.hair, upper, rgb(paint.body), edge)
        y = shown.of_rows(lambda row, form: row.top - self._top + form.top)[mine]
        low = shown.of_rows(lambda row, form: row.top - self._top + form.bottom - size)[mine]
        left, right = shown.of(lambda plan: plan.left_seen)[mine], shown.of(lambda plan: plan.right_seen)[mine]
        x0, x1 = shown.x0[mine], shown.x1[mine] - size
        places = [(x0, y, left, 0), (x0, low, left, 2), (x1, y, right, 1), (x1, low, right, 3)]
        stamp_all(
            self._backing.pixels,
            np.concatenate([x[seen] for x, _, seen, _ in places]),
            np.concatenate([at[seen] for _, at, seen, _ in places]),
            np.concatenate([by_look[kind[seen], corner] for _, _, seen, corner in places]),
        )

    def _sides(self, shown: Shown, mine: npt.NDArray[np.bool_], form: Shape, edge: int) -> None:
        """Draws the sides of the outline of a row's clips."""
        y = shown.rows[int(shown.row[mine][0])].top - self._top
        y0, y1 = max(y + form.top, 0), max(y + form.bottom, 0)
        lefts = shown.x0[mine & shown.of(lambda plan: plan.left_seen)]
        rights = shown.x1[mine & shown.of(lambda plan: plan.right_seen)] - form.hair
        for x in [*lefts.tolist(), *rights.tolist()]:
            if -form.hair < x < self._backing.width:
                self._backing.pixels[y0:y1, max(x, 0) : x + form.hair] = edge

    def _fades(self, row: Row, form: Shape, clips: Ints, x0: Ints, x1: Ints) -> None:
        plan, y = row.plan, row.top - self._top
        faded = [
            one
            for one in zip(clips.tolist(), x0.tolist(), x1.tolist(), strict=True)
            if plan.fade_in[one[0]] or plan.fade_out[one[0]]
        ]
        if not faded:
            return
        top, bottom, ratio = y + form.top + form.band, y + form.bottom, self._axis.ratio
        with QPainter(self._backing.image) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for i, left, right in faded:
                first, last = int(plan.first[i]), int(plan.last[i])
                borders = [first, first + int(plan.fade_in[i]), last - int(plan.fade_out[i]), last]
                painter.setClipRect(left, top, right - left, bottom - top)
                a, b, c, d = self._axis.xs(self._time.exact_ticks(borders)).tolist()
                curved = bool(plan.curved[i])
                if b > a:
                    fades.paint_fade(painter, a, b, top, bottom, True, curved, ratio)
                if d > c:
                    fades.paint_fade(painter, c, d - 1, top, bottom, False, curved, ratio)
