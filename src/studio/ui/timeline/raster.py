"""Rows as columns of their tables: which picture each column of each row shows, found for all rows in one pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ...document.time import TempoMap
from . import columns, fades, lines
from .axis import Axis
from .columns import EMPTY, Table
from .rowplan import RowPlan
from .waves import Bins, Waves

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

GAP = 4
"""Clips at least this wide leave their last column empty, so that neighbours can be told apart."""


class Stretch:
    """The pieces that are seen between two columns of several rows, and their places.

    One element per piece: `row` its row, `begin` its first column, `length` its columns, `shows_end` whether its last
    column is the end of a clip, `offset` where its style begins in the row's table.
    """

    def __init__(self, plans: Sequence[RowPlan], tables: Sequence[Table], axis: Axis, left: int, right: int) -> None:
        first, last = axis.tick(left - 1), axis.tick(right + 1)
        self.plans = plans
        self.ranges = [plan.pieces_between(first, last) for plan in plans]
        self.counts = [len(seen) for seen in self.ranges]
        self.row = np.repeat(np.arange(len(plans)), self.counts)
        self.clip = self.gather(lambda plan: plan.p_clip)
        self._place(axis, left, right)
        for plan, table in zip(plans, tables, strict=True):
            table.need(plan.styles)
        offsets = np.stack([table.offsets for table in tables])
        self.offset = offsets[self.row, self.gather(lambda plan: plan.p_style)]

    def gather(self, pick: Callable[[RowPlan], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """One array of all rows' pieces, for the pieces that are seen."""
        parts = [pick(plan)[seen.start : seen.stop] for plan, seen in zip(self.plans, self.ranges, strict=True)]
        return np.concatenate(parts)

    def spread(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """What the pieces have, by column: half the time of looking it up by piece."""
        return np.repeat(values, self.length)

    def of_clips(self, pick: Callable[[RowPlan], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """What the clips of the pieces have, by piece."""
        parts = [
            pick(plan)[plan.p_clip[seen.start : seen.stop]] for plan, seen in zip(self.plans, self.ranges, strict=True)
        ]
        return np.concatenate(parts)

    def _place(self, axis: Axis, left: int, right: int) -> None:
        width = right - left
        x0 = axis.xs(self.gather(lambda plan: plan.p_begin)) - left
        x1 = np.maximum(axis.xs(self.gather(lambda plan: plan.p_end)) - left, x0 + 1)
        ends = np.ones(len(x0), bool)
        if len(x0) > 1:
            same_row = self.row[1:] == self.row[:-1]
            x1[:-1] = np.where(same_row, np.minimum(x1[:-1], np.maximum(x0[1:], x0[:-1])), x1[:-1])
            ends[:-1] = ~same_row | (self.clip[1:] != self.clip[:-1])
        self.shows_end = ends & (x1 - x0 >= GAP) & (x1 > 0) & (x1 <= width)
        self.begin = np.minimum(np.maximum(x0, 0), width)
        self.length = np.minimum(np.maximum(x1, 0), width) - self.begin


def codes(
    plans: Sequence[RowPlan],
    tables: Sequence[Table],
    ground: Ints,
    waves: Waves,
    axis: Axis,
    time: TempoMap,
    left: int,
) -> Ints:
    """The table column of every column of every row from canvas column `left` on: int64 (rows, len(ground)).

    `ground` holds the codes of empty columns. All tables have the same number of levels.
    """
    width = len(ground)
    found = np.empty((len(plans), width), np.int64)
    found[:] = ground
    if not any(len(plan.p_begin) for plan in plans):
        return found
    seen = Stretch(plans, tables, axis, left, left + width)
    total = int(seen.length.sum())
    if not total:
        return found
    first = seen.row * width
    column = np.arange(total)
    column += seen.spread(seen.begin - np.cumsum(seen.length) + seen.length)
    edges = axis.edges(left, left + width, time)
    code = _wave_codes(seen, column, edges, waves, tables[0].levels, lines.wanted(axis, time))
    code += seen.spread(seen.offset)
    flat = found.reshape(-1)
    column += seen.spread(first)
    flat[column] = code
    ends = seen.shows_end & (seen.length > 0)
    flat[(first + seen.begin + seen.length - 1)[ends]] = EMPTY
    return found


def _wave_codes(seen: Stretch, column: Ints, edges: Floats, waves: Waves, levels: int, close: bool) -> Ints:
    """The number of the waveform column, by column; bare bodies where single samples are drawn as lines."""
    if close:
        return np.full(len(column), columns.bare(levels), np.int64)
    shift = seen.gather(lambda plan: plan.p_shift)
    first, last = edges[seen.begin] + shift, edges[seen.begin + seen.length] + shift
    bins = waves.bins(seen.gather(lambda plan: plan.p_media), first, last, float(np.diff(edges).max()))
    low, high = _amplitudes(seen, bins, shift, column, edges)
    scale = _scale(seen, column, edges)
    if scale is None:
        high_codes, steps = _byte_codes(levels)
        code = high_codes.take(high.view(np.uint8))
        code += steps.take(low.view(np.uint8))
        return code
    triangle = columns.triangle(levels)
    return triangle[_quantised(high * scale, levels)] + _quantised(low * scale, levels)


def _amplitudes(
    seen: Stretch, bins: Bins, shift: Ints, column: Ints, edges: Floats
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """The lowest and highest amplitude of each column: int8. A column looks at two pairs of bins, so at up to three."""
    offset = seen.spread(shift / bins.size + bins.shift)
    begin, end = edges / bins.size, (edges[1:] - 1e-3) / bins.size
    at = (begin.take(column) + offset).astype(np.int64)
    to = (end.take(column) + offset).astype(np.int64)
    least, most = seen.spread(bins.least + bins.shift), seen.spread(bins.most + bins.shift)
    for found in (at, to):
        np.minimum(found, most, out=found)
        np.maximum(found, least, out=found)
    low = np.minimum(bins.pair_low.take(at), bins.low.take(to))
    return low, np.maximum(bins.pair_high.take(at), bins.high.take(to))


def _scale(seen: Stretch, column: Ints, edges: Floats) -> Floats | None:
    """The gain of each column with fades applied; None when it is 1 everywhere."""
    gain = seen.gather(lambda plan: plan.p_gain)
    faded = any(plan.faded for plan in seen.plans)
    if not faded and (gain == 1.0).all():
        return None
    scale = seen.spread(gain)
    piece = seen.spread(np.arange(len(gain))) if faded else None
    return scale if piece is None else scale * fades.envelope(seen, piece, edges[column])


@lru_cache(maxsize=8)
def _byte_codes(levels: int) -> tuple[Ints, Ints]:
    """By the bits of an int8 amplitude: the first code of its level as the highest, and its level."""
    steps = _quantised(np.arange(256, dtype=np.uint8).view(np.int8).astype(np.float64), levels)
    return columns.triangle(levels)[steps], steps


def _quantised(amplitude: Floats, levels: int) -> Ints:
    """Amplitudes of -127..127 as 0..levels-1."""
    scaled = (amplitude + 127.0) * ((levels - 1) / 254.0)
    return np.rint(np.clip(scaled, 0, levels - 1)).astype(np.int64)
