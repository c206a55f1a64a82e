"""How a line of controllers looks: steps filled from where they rest, a dot at each point while they stand apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .. import theme
from ..timeline.axis import Axis
from ..timeline.backing import Pixels
from ..timeline.columns import rgb

Ints = npt.NDArray[np.int64]

DOT = 4
"""How far a dot reaches to either side, at most, in logical pixels."""

APART = 14
"""Points closer than this on average, in logical pixels, have no dots."""


class Points:
    """The points of one line at song ticks, in order: `ticks` and `values` as arrays of one length."""

    def __init__(self, ticks: Ints, values: Ints) -> None:
        self.ticks, self.values = ticks, values

    def at_columns(self, axis: Axis, width: int) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """The value in force in each column, and whether there is one yet; the column before the first comes first."""
        columns = axis.xs(self.ticks.astype(np.float64))
        last = np.searchsorted(columns, np.arange(-1, width), side="right") - 1
        values = self.values[np.maximum(last, 0)] if len(self.values) else np.zeros(width + 1, np.int64)
        return values, last >= 0

    def dotted(self, axis: Axis, width: int) -> bool:
        """Whether the points that are seen stand far enough apart to have dots."""
        first, last = np.searchsorted(self.ticks, (axis.tick(0), axis.tick(width)))
        return bool(last <= first or width / (last - first) >= APART * axis.ratio)


def heights_of(values: Ints, low: int, high: int, height: int, hair: int) -> Ints:
    """The pixel rows of values, from the top."""
    room = height - 4 * hair
    return 2 * hair + np.rint((high - values) / (high - low) * room).astype(np.int64)


def paint_points(
    pixels: Pixels,
    points: Points,
    axis: Axis,
    bounds: tuple[int, int, int],
    color: str,
    span: tuple[int, int],
    dotted: bool,
) -> None:
    """Paints a line over a picture; `bounds` are its lowest, highest and resting value, `span` the columns it has."""
    height, width = pixels.shape
    hair = max(round(axis.ratio), 1)
    low, high, rest = bounds
    values, there = points.at_columns(axis, width)
    columns = np.arange(-1, width)
    there &= (columns >= span[0]) & (columns < span[1])
    every = heights_of(values, low, high, height, hair)
    (before, tops), (left, there) = (every[:-1], every[1:]), (there[:-1], there[1:])
    ground = int(heights_of(np.array([rest if low < 0 else low]), low, high, height, hair)[0])
    rows = np.arange(height)[:, None]
    upper, lower = np.minimum(tops, ground), np.maximum(tops, ground)
    pixels[(rows >= upper) & (rows < lower) & there] = rgb(theme.mix(color, "bg", 0.32))
    pixels[(rows >= tops - hair // 2) & (rows < tops - hair // 2 + 2 * hair) & there] = rgb(theme.color(color))
    step = there & left & (before != tops)
    between = (rows >= np.minimum(before, tops)) & (rows <= np.maximum(before, tops)) & step
    pixels[between] = rgb(theme.mix(color, "bg", 0.7))
    if dotted:
        _dots(pixels, points, axis, (low, high), hair)


def _dots(pixels: Pixels, points: Points, axis: Axis, bounds: tuple[int, int], hair: int) -> None:
    height, width = pixels.shape
    columns = axis.xs(points.ticks.astype(np.float64))
    seen = (columns >= -3 * hair) & (columns < width + 3 * hair)
    tops = heights_of(points.values[seen], *bounds, height, hair)
    ink = rgb(theme.color("text"))
    for x, y in zip(columns[seen].tolist(), tops.tolist(), strict=True):
        pixels[max(y - 2 * hair, 0) : y + 3 * hair, max(x - 2 * hair, 0) : max(x + 3 * hair, 0)] = ink
