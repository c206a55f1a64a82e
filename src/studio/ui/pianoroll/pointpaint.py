"""How a line of controllers looks: steps filled from where they rest, a dot at each point while they stand apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .. import theme
from ..timeline.axis import Axis
from ..timeline.backing import Pixels
from ..timeline.columns import rgb

Ints = npt.NDArray[np.int64]

APART = 14
"""Points closer than this on average, in logical pixels, have no dots."""


class Points:
    """The points of one line at song ticks, in order: `ticks` and `values` as arrays of one length."""

    def __init__(self, ticks: Ints, values: Ints) -> None:
        self.ticks, self.values = ticks, values

    def at_columns(self, axis: Axis, width: int) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """The value in force in each column, and whether there is one yet."""
        columns = axis.xs(self.ticks.astype(np.float64))
        last = np.searchsorted(columns, np.arange(width), side="right") - 1
        values = self.values[np.maximum(last, 0)] if len(self.values) else np.zeros(width, np.int64)
        return values, last >= 0


def heights_of(values: Ints, low: int, high: int, height: int, hair: int) -> Ints:
    """The pixel rows of values, from the top."""
    room = height - 4 * hair
    return 2 * hair + np.rint((high - values) / (high - low) * room).astype(np.int64)


def paint_points(
    pixels: Pixels, points: Points, axis: Axis, bounds: tuple[int, int, int], color: str, span: tuple[int, int]
) -> None:
    """Paints a line over a picture; `bounds` are its lowest, highest and resting value, `span` the columns it has."""
    height, width = pixels.shape
    hair = max(round(axis.ratio), 1)
    low, high, rest = bounds
    values, there = points.at_columns(axis, width)
    columns = np.arange(width)
    there &= (columns >= span[0]) & (columns < span[1])
    tops = heights_of(values, low, high, height, hair)
    ground = int(heights_of(np.array([rest if low < 0 else low]), low, high, height, hair)[0])
    rows = np.arange(height)[:, None]
    upper, lower = np.minimum(tops, ground), np.maximum(tops, ground)
    pixels[(rows >= upper) & (rows < lower) & there] = rgb(theme.mix(color, "bg", 0.32))
    pixels[(rows >= tops - hair // 2) & (rows < tops - hair // 2 + 2 * hair) & there] = rgb(theme.color(color))
    before = np.concatenate((tops[:1], tops[:-1]))
    step = there & np.concatenate(([False], there[:-1])) & (before != tops)
    between = (rows >= np.minimum(before, tops)) & (rows <= np.maximum(before, tops)) & step
    pixels[between] = rgb(theme.mix(color, "bg", 0.7))
    _dots(pixels, points, axis, (low, high), hair)


def _dots(pixels: Pixels, points: Points, axis: Axis, bounds: tuple[int, int], hair: int) -> None:
    height, width = pixels.shape
    columns = axis.xs(points.ticks.astype(np.float64))
    seen = (columns >= -3 * hair) & (columns < width + 3 * hair)
    count = int(seen.sum())
    if not count or width / count < APART * axis.ratio:
        return
    tops = heights_of(points.values[seen], *bounds, height, hair)
    ink = rgb(theme.color("text"))
    for x, y in zip(columns[seen].tolist(), tops.tolist(), strict=True):
        pixels[max(y - 2 * hair, 0) : y + 3 * hair, max(x - 2 * hair, 0) : max(x + 3 * hair, 0)] = ink
