"""Clips of notes on the timeline: a small bar for every note, in the height that a waveform would have."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import numpy.typing as npt

from ...document.notes import Block, Note, NoteClip
from .axis import Axis
from .backing import Backing
from .columns import Shape, paint_of, rgb
from .rowplan import RowPlan
from .scene import Row

Ints = npt.NDArray[np.int64]

LEAST_RANGE = 12
"""Clips of few pitches are drawn as if they spanned at least this many semitones."""

BAR = 4
"""The highest bar, in logical pixels."""

MARGIN = 5
"""What stays free above the highest and below the lowest bar, in logical pixels: the corners are round."""

REMEMBERED = 4096
REPEATS = 2000
"""More repetitions of a pattern than this are painted as a filled body: each would be less than a pixel."""


def paint(backing: Backing, axis: Axis, row: Row, form: Shape, top: int, left: int, right: int) -> None:
    """Paints the notes of a row's clips between two canvas columns. `top` is the scene height of the canvas's edge."""
    plan = row.plan
    for i in plan.clips_between(axis.tick(left), axis.tick(right)):
        clip = plan.notes.get(i)
        if clip is None:
            continue
        x0, x1 = axis.xs(np.array([plan.begin[i], plan.end[i]])).tolist()
        x0, x1 = max(x0, left, 0), min(x1 - 1, plan.hidden_from(i, axis), right, backing.width)
        if x1 > x0:
            _paint_clip(backing, axis, plan, i, clip, row, form, row.top - top, x0, x1)


def _paint_clip(
    backing: Backing,
    axis: Axis,
    plan: RowPlan,
    i: int,
    clip: NoteClip,
    row: Row,
    form: Shape,
    y: int,
    x0: int,
    x1: int,
) -> None:
    paint = paint_of(row.track.color, int(plan.style[i]))
    body = backing.pixels[max(y + form.wave_top, 0) : max(y + form.wave_bottom, 0), x0:x1]
    body[:] = rgb(paint.body)
    starts, ends, pitches, low, high = bars(clip, axis.tick(x0), axis.tick(x1))
    if not len(starts):
        return
    middle, span = (low + high) / 2, max(high - low, LEAST_RANGE)
    inset = min(round(MARGIN * axis.ratio), form.wave // 8)
    room = form.wave - 2 * inset
    height = min(max(room // (span + 1), 1), round(BAR * axis.ratio))
    rows = np.rint((middle + span / 2 - pitches) / span * (room - height)).astype(np.int64) + inset
    begin = np.clip(axis.xs(starts) - x0, 0, x1 - x0)
    end = np.clip(np.maximum(axis.xs(ends) - x0, begin + max(round(axis.ratio), 1)), 0, x1 - x0)
    ink = rgb(paint.wave)
    for at, covered in _covered(rows, begin, end, x1 - x0):
        upper, lower = y + form.wave_top + at, y + form.wave_top + at + height
        backing.pixels[max(upper, 0) : max(lower, 0), x0:x1][:, covered] = ink


def _covered(rows: Ints, begin: Ints, end: Ints, width: int) -> list[tuple[int, npt.NDArray[np.bool_]]]:
    """For each height that holds bars, which columns they cover."""
    heights, index = np.unique(rows, return_inverse=True)
    cells = len(heights) * (width + 1)
    rises = np.bincount(index * (width + 1) + begin, minlength=cells)
    falls = np.bincount(index * (width + 1) + end, minlength=cells)
    open_bars = np.cumsum((rises - falls).reshape(len(heights), width + 1), axis=1)[:, :width] > 0
    return list(zip(heights.tolist(), open_bars, strict=True))


def bars(clip: NoteClip, first: float, last: float) -> tuple[Ints, Ints, Ints, int, int]:
    """Start and end in song ticks and pitch of the notes that are seen, and the lowest and highest pitch of all."""
    if not clip.note_blocks:
        nothing = np.zeros(0, np.int64)
        return nothing, nothing, nothing, 0, 0
    columns = np.concatenate([_columns.of(block) for block in clip.note_blocks], axis=1)
    low, high = int(columns[2].min()), int(columns[2].max())
    starts, lengths, pitches = columns
    if clip.loop:
        inside = (starts >= 0) & (starts < clip.loop)
        starts, lengths, pitches = starts[inside], lengths[inside], pitches[inside]
        lengths = np.minimum(lengths, clip.loop - starts)
        from_tick, to_tick = max(first, clip.anchor) - clip.origin, min(last, clip.end) - clip.origin
        turns = np.arange(int(from_tick // clip.loop), int(to_tick // clip.loop) + 1)[:REPEATS]
        starts = (starts + (turns * clip.loop)[:, None]).reshape(-1)
        lengths, pitches = np.tile(lengths, len(turns)), np.tile(pitches, len(turns))
    begin, end = starts + clip.origin, np.minimum(starts + lengths + clip.origin, clip.end)
    seen = (begin < last) & (end > first) & (begin >= clip.anchor) & (begin < clip.end)
    return begin[seen], end[seen], pitches[seen], low, high


class _Columns:
    """Start, length and pitch of the notes of blocks, kept for as long as they are painted."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, tuple[Block[Note], Ints]] = OrderedDict()

    def of(self, block: Block[Note]) -> Ints:
        """int64 (3, notes)."""
        known = self._kept.get(id(block))
        if known is None or known[0] is not block:
            made = np.array([(note.start, note.length, note.pitch) for note in block.items], np.int64).T
            known = self._kept[id(block)] = (block, made)
            while len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)
        return known[1]


_columns = _Columns()
