"""Pictures of track headers: what takes forty calls to paint is painted once, then copied while it looks the same."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QImage, QPainter

from .header_layout import Layout
from .header_paint import lit, paint_header
from .instruments import instrument_name
from .scene import Row

KEPT = 160


class _Look(NamedTuple):
    """All that a header's picture depends on. `x` and `y` are where its corner lies between device pixels."""

    name: str
    instrument: str
    color: str
    letters: tuple[bool, ...]
    comps: bool
    lanes_open: bool
    current: bool
    gain: float
    hover: str
    ratio: float
    size: tuple[int, int]
    x: float
    y: float


class HeaderPictures:
    """Paints headers without their meters. Main thread."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Look, QImage] = OrderedDict()

    def paint(
        self, painter: QPainter, box: QRect, parts: Layout, row: Row, current: bool, gain: float, hover: str
    ) -> None:
        """Paints the header of a track into `box`; the painter counts logical pixels and is not turned."""
        device = painter.deviceTransform()
        origin, ratio = device.map(QPointF(0, 0)), device.m22()
        corner, end = (
            device.map(QPointF(box.topLeft())),
            device.map(QPointF(box.left() + box.width(), box.bottom() + 1)),
        )
        left, top = _rounded(corner.x()), _rounded(corner.y())
        size = _rounded(end.x()) - left, _rounded(end.y()) - top
        if min(size) <= 0:
            return
        track = row.track
        letters = tuple(lit(track, letter) for letter in parts.buttons)
        muted = (track.strip.mute, track.kind == "audio")
        between = corner.x() - left, corner.y() - top
        look = _Look(
            track.name, instrument_name(track.instrument), track.color, letters + muted, row.plan.comps,
            track.lanes_open, current, gain, hover, ratio, size, *between,
        )  # fmt: skip
        picture = self._kept.get(look)
        if picture is None:
            picture = self._kept[look] = QImage(*size, QImage.Format.Format_RGB32)
            with QPainter(picture) as inner:
                inner.translate(*between)
                inner.scale(ratio, ratio)
                paint_header(inner, QRect(0, 0, box.width(), box.height()), parts, row, current, gain, hover)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(look)
        painter.scale(1 / ratio, 1 / ratio)
        painter.drawImage(QPointF(left - origin.x(), top - origin.y()), picture)
        painter.scale(ratio, ratio)


def _rounded(position: float) -> int:
    """The device pixel at which Qt begins to fill a rectangle that begins here."""
    return math.floor(position + 0.5)
