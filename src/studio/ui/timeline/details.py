"""What the columns leave out: names, rounded corners, fade curves, single samples at the deepest zooms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QPainter

from ...document.time import TempoMap
from .. import theme
from . import columns, fades, lines, notebars
from .axis import Axis
from .backing import Backing, Pixels
from .columns import Shape, paint_of, rgb
from .labels import Labels
from .rowplan import RowPlan
from .scene import Row
from .stamps import corners, stamp
from .waves import Waves

Ints = npt.NDArray[np.int64]

NAMED = 24
"""Clips narrower than this, in logical pixels, are painted without name."""

ROUNDED = 12
"""Clips narrower than this have square corners."""

SMALL = 24
"""Rows lower than this show neither names nor corners."""


class Details:
    """Paints the details of clips into a backing picture. Main thread."""

    def __init__(self, backing: Backing, labels: Labels, waves: Waves, axis: Axis, top: int, time: TempoMap) -> None:
        self._backing, self._labels, self._waves = backing, labels, waves
        self._axis, self._top, self._time = axis, top, time
        self._close = lines.wanted(axis, time)

    def paint(self, row: Row, left: int, right: int) -> None:
        """Paints those of the clips that touch columns `left` to `right` of a row."""
        plan, ratio = row.plan, self._axis.ratio
        if row.height < SMALL * ratio or not plan.ids:
            return
        around = plan.clips_between(self._axis.tick(left), self._axis.tick(right))
        begin = self._axis.xs(plan.begin[around.start : around.stop])
        end = self._axis.xs(plan.end[around.start : around.stop]) - 1
        wide = (end - begin >= ROUNDED * ratio) & (end >= left) & (begin < right)
        found = np.flatnonzero(wide)
        if not len(found):
            return
        form = columns.shape(row.height, ratio, row.lane >= 0)
        if self._close:
            lines.paint(self._backing, self._waves, self._axis, self._time, row, form, self._top, left, right)
        if plan.notes:
            notebars.paint(self._backing, self._axis, row, form, self._top, left, right)
        y = row.top - self._top
        shown = list(zip((found + around.start).tolist(), begin[found].tolist(), end[found].tolist(), strict=True))
        if form.band:
            self._names(row, form, y, shown)
        if plan.faded:
            self._fades(plan, form, y, shown)
        if not plan.lane:
            self._round(row, form, y, shown)

    def _names(self, row: Row, form: Shape, y: int, shown: Sequence[tuple[int, int, int]]) -> None:
        plan, ratio, pixels = row.plan, self._axis.ratio, self._backing.pixels
        inset, height = round(6 * ratio), form.band - 2 * form.hair
        least = NAMED * ratio
        styles = plan.style.tolist()
        for i, x0, x1 in shown:
            if x1 - x0 >= least and plan.left_seen[i]:
                room = min(x1, plan.hidden_from(i, self._axis)) - x0 - 2 * inset
                paint = paint_of(row.track.color, styles[i])
                picture = self._labels.label(plan.names[i], paint.text, paint.band, height, ratio)
                if room > 0:
                    stamp(pixels, x0 + inset, y + form.top + form.hair, picture[:, :room])

    def _round(self, row: Row, form: Shape, y: int, shown: Sequence[tuple[int, int, int]]) -> None:
        """Rounds the corners, all clips of one style at once."""
        plan, radius = row.plan, min(round(theme.RADIUS * self._axis.ratio), (form.bottom - form.top) // 3)
        by_style: dict[int, list[tuple[int, int, int]]] = {}
        for one in shown:
            by_style.setdefault(int(plan.style[one[0]]), []).append(one)
        for style, group in by_style.items():
            paint = paint_of(row.track.color, style)
            edge = rgb(paint.edge) if paint.edge is not None else 0
            lefts = [x0 for i, x0, _ in group if plan.left_seen[i]]
            rights = [x1 for i, _, x1 in group if plan.right_seen[i]]
            if edge:
                self._sides(form, y, edge, [*lefts, *(x - form.hair for x in rights)])
            upper = rgb(paint.band if form.band else paint.body)
            found = corners(radius, form.hair, upper, rgb(paint.body), edge)
            _stamp_all(self._backing.pixels, lefts, y + form.top, y + form.bottom - radius, found[0], found[2])
            rights = [x - radius for x in rights]
            _stamp_all(self._backing.pixels, rights, y + form.top, y + form.bottom - radius, found[1], found[3])

    def _sides(self, form: Shape, y: int, edge: int, xs: Sequence[int]) -> None:
        """Draws the sides of an outline."""
        y0, y1 = max(y + form.top, 0), max(y + form.bottom, 0)
        for x in xs:
            if -form.hair < x < self._backing.width:
                self._backing.pixels[y0:y1, max(x, 0) : x + form.hair] = edge

    def _fades(self, plan: RowPlan, form: Shape, y: int, shown: Sequence[tuple[int, int, int]]) -> None:
        faded = [i for i, _, _ in shown if plan.fade_in[i] or plan.fade_out[i]]
        if not faded:
            return
        shown_at = {i: (x0, x1) for i, x0, x1 in shown}
        top, bottom, ratio = y + form.top + form.band, y + form.bottom, self._axis.ratio
        with QPainter(self._backing.image) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for i in faded:
                first, last = int(plan.first[i]), int(plan.last[i])
                borders = [first, first + int(plan.fade_in[i]), last - int(plan.fade_out[i]), last]
                painter.setClipRect(shown_at[i][0], top, shown_at[i][1] - shown_at[i][0], bottom - top)
                a, b, c, d = self._axis.xs(self._time.exact_ticks(borders)).tolist()
                curved = bool(plan.curved[i])
                if b > a:
                    fades.paint_fade(painter, a, b, top, bottom, True, curved, ratio)
                if d > c:
                    fades.paint_fade(painter, c, d - 1, top, bottom, False, curved, ratio)


def _stamp_all(pixels: Pixels, xs: Sequence[int], top: int, low: int, upper: Pixels, lower: Pixels) -> None:
    """Copies two small pictures to the heights `top` and `low` at every one of `xs`."""
    size = upper.shape[0]
    height, width = pixels.shape
    inside = [x for x in xs if 0 <= x <= width - size]
    across = np.add.outer(np.array(inside, np.int64), np.arange(size)) if inside else None
    for y, picture in ((top, upper), (low, lower)):
        if across is not None and 0 <= y <= height - size:
            pixels[y : y + size, across] = picture[:, None, :]
            rest: Sequence[int] = [x for x in xs if not 0 <= x <= width - size]
        else:
            rest = xs
        for x in rest:
            stamp(pixels, x, y, picture)
