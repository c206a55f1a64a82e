"""Fades as they look: the waveform shrinks under them, and a line shows their curve."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from .. import theme
from .rowplan import RowPlan

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
POINTS = 17


class Pieces(Protocol):
    """Pieces of several rows."""

    def of_clips(self, pick: Callable[[RowPlan], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """What the clips of the pieces have, by piece."""


def curve(share: Floats, curved: npt.NDArray[np.bool_]) -> Floats:
    """The gain of a fade in after `share` (0..1) of its length: a line, or a quarter sine for equal power."""
    return np.where(curved, np.sin(share * (np.pi / 2)), share)


def envelope(pieces: Pieces, piece: Ints, frame: Floats) -> Floats:
    """The gain of the fades at each song frame, by piece."""
    of = pieces.of_clips
    first, last = of(lambda plan: plan.first)[piece], of(lambda plan: plan.last)[piece]
    curved = of(lambda plan: plan.curved)[piece]
    gain = np.ones(len(piece))
    fade_in, fade_out = of(lambda plan: plan.fade_in)[piece], of(lambda plan: plan.fade_out)[piece]
    for length, distance in ((fade_in, frame - first), (fade_out, last - frame)):
        inside = np.flatnonzero((length > 0) & (distance < length))
        share = np.clip(distance[inside] / length[inside], 0.0, 1.0)
        gain[inside] *= curve(share, curved[inside])
    return gain


def paint_fade(
    painter: QPainter, left: float, right: float, top: float, bottom: float, rising: bool, curved: bool, ratio: float
) -> None:
    """Draws a fade's curve from `left` to `right`, and darkens what it takes away. Device pixels."""
    share = np.linspace(0.0, 1.0, POINTS)
    heights = bottom - (bottom - top) * curve(share, np.full(POINTS, curved))
    xs = left + (right - left) * (share if rising else 1 - share)
    points = [QPointF(x, y) for x, y in zip(xs.tolist(), heights.tolist(), strict=True)]
    corner = QPointF(left if rising else right, top)
    shade = QColor(theme.color("bg"))
    shade.setAlphaF(0.45)
    painter.setPen(QColor(0, 0, 0, 0))
    painter.setBrush(shade)
    painter.drawPolygon(QPolygonF([corner, *points]))
    line = QColor(theme.color("text"))
    line.setAlphaF(0.6)
    painter.setPen(QPen(line, ratio))
    painter.drawPolyline(QPolygonF(points))
