"""The points of a line as columns, block by block: an edit of one point among thousands reads one block anew."""

from __future__ import annotations

import itertools
from collections import OrderedDict

import numpy as np
import numpy.typing as npt

from ...document.edits.controls import Line, line_of, value_of
from ...document.notes import Block, Control, NoteClip

Ints = npt.NDArray[np.int64]
Columns = tuple[tuple[Control, ...], Ints]

REMEMBERED = 2048


class _Known:
    """The columns of blocks that were seen lately. Main thread."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, Line], tuple[Block[Control], Columns]] = OrderedDict()

    def of(self, block: Block[Control], line: Line) -> Columns:
        """The points of a line in a block, of those at one tick the last; ticks and values: int64 (2, points)."""
        known = self._kept.get((id(block), line))
        if known is None or known[0] is not block:
            points = tuple({point.tick: point for point in block.items if line_of(point) == line}.values())
            rows = np.array([(point.tick, value_of(point)) for point in points], np.int64).reshape(-1, 2).T
            known = self._kept[id(block), line] = (block, (points, rows))
            while len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)
        return known[1]


_known = _Known()


def columns_of(clip: NoteClip, line: Line) -> tuple[list[Control], Ints, Ints]:
    """The points of a line of a clip in order, their ticks in the clip's own time, and their values."""
    found = [_known.of(block, line) for block in clip.control_blocks]
    rows = np.concatenate([rows for _, rows in found], axis=1) if found else np.zeros((2, 0), np.int64)
    return list(itertools.chain.from_iterable(points for points, _ in found)), rows[0], rows[1]
