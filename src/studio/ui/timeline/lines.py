"""Waveforms so close that single samples are seen: a line through them, and dots at the deepest zooms."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from ...document.time import PPQ, TempoMap
from .axis import Axis
from .backing import Backing
from .columns import Shape, paint_of
from .rowplan import RowPlan
from .scene import Row
from .waves import Waves

LINES = 0.5
"""Below this many frames per column samples are drawn as lines."""

DOTS = 1 / 9
"""Below this many, with a dot each."""


def wanted(axis: Axis, time: TempoMap) -> bool:
    """Whether the axis is so close, even where the song is slowest."""
    frames_per_tick = 60 * time.rate / (PPQ * min(point.bpm for point in time.points))
    return frames_per_tick / axis.per_tick < LINES


def paint(
    backing: Backing,
    waves: Waves,
    axis: Axis,
    time: TempoMap,
    row: Row,
    form: Shape,
    top: int,
    left: int,
    right: int,
) -> None:
    """Draws the samples of a row between two columns, as far as they have been read."""
    first, last = axis.edges(left - 2, right + 2, time)[[0, -1]].tolist()
    plan, y = row.plan, row.top - top
    with QPainter(backing.image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for i in plan.pieces_between(axis.tick(left - 1), axis.tick(right + 1)):
            box = _box(plan, i, axis, left, right)
            painter.setClipRect(QRectF(box[0], y + form.wave_top, box[1] - box[0], form.wave))
            begin, end = int(max(first, 0)) - 1, int(last) + 2
            shift = int(plan.p_shift[i])
            found = waves.samples(int(plan.p_media[i]), begin + shift, end + shift)
            if found is not None:
                xs = axis_positions(axis, time, begin, end)
                ink = paint_of(row.track.color, int(plan.p_style[i])).wave
                _draw(painter, xs, found * plan.p_gain[i], y + form.wave_top, form.wave, ink, axis.ratio)


def _box(plan: RowPlan, i: int, axis: Axis, left: int, right: int) -> tuple[float, float]:
    x0, x1 = axis.x(float(plan.p_begin[i])), axis.x(float(plan.p_end[i]))
    return max(x0, left), min(x1 - 1, right)


def axis_positions(axis: Axis, time: TempoMap, begin: int, end: int) -> npt.NDArray[np.float64]:
    """The canvas position of each frame from `begin` to `end`."""
    return time.exact_ticks(np.arange(begin, end)) * axis.per_tick - axis.scroll


def _draw(
    painter: QPainter,
    xs: npt.NDArray[np.float64],
    samples: npt.NDArray[np.float32],
    top: float,
    height: float,
    ink: QColor,
    ratio: float,
) -> None:
    spacing = float(xs[-1] - xs[0]) / max(len(xs) - 1, 1)
    for channel in samples:
        ys = top + height / 2 - np.clip(channel, -1, 1) * (height / 2 - ratio)
        points = [QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]
        painter.setPen(QPen(ink, 1.3 * ratio))
        painter.drawPolyline(QPolygonF(points))
        if spacing > 1 / DOTS * ratio:
            painter.setPen(QPen(ink, 4 * ratio))
            painter.drawPoints(QPolygonF(points))
