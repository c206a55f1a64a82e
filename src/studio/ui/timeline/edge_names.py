"""The names of clips that begin left of the canvas, written at its left edge, where they stay while the song moves."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage, QPainter

from . import columns
from .backing import Pixels, image_of
from .hit import handles
from .scene import Row
from .stage import Stage


class _Name(NamedTuple):
    """`part` of `image`, which shows `pixels`, stands at `at`."""

    at: QPoint
    image: QImage
    pixels: Pixels
    part: QRect


class EdgeNames:
    """Finds the names anew when what is shown has moved or changed, not for every playhead. Main thread."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._seen: list[object] = []
        self._names: list[_Name] = []
        self._images: dict[int, QImage] = {}

    def paint(self, painter: QPainter, left: float) -> None:
        """Paints those that reach beyond column `left`. Device pixels."""
        canvas = self._stage.canvas
        rows = self._stage.scene.rows_between(canvas.top, canvas.top + canvas.backing.height)
        seen = [canvas.axis, canvas.top, canvas.backing.width]
        for row in rows:
            seen += (row.top, row.height, row.track.color, row.plan, row.plan.style)
        if not _same(seen, self._seen):
            self._seen = seen
            self._images = {id(name.pixels): name.image for name in self._names}
            self._names = [name for row in rows if (name := self._name(row)) is not None]
        for name in self._names:
            if name.part.width() > left:
                painter.drawImage(name.at, name.image, name.part)

    def _name(self, row: Row) -> _Name | None:
        canvas = self._stage.canvas
        axis, ratio = canvas.axis, canvas.axis.ratio
        form = columns.shape(row.height, ratio, row.lane >= 0)
        i = row.plan.clip_at(axis.tick(0)) if form.band else -1
        if i < 0 or axis.x(float(row.plan.begin[i])) > -6 * ratio:
            return None
        at = handles(self._stage, row, i)
        end = min(at.right, row.plan.hidden_from(i, axis)) - 6 * ratio
        indent, height = round(6 * ratio), form.band - 2 * form.hair
        style = int(row.plan.style[i])
        picture = canvas.labels.label(row.plan.names[i], row.track.color, style, height, ratio, indent)
        width = min(picture.shape[1], round(end))
        if width <= indent:
            return None
        place = QPoint(0, round(at.top) + form.hair)
        return _Name(place, self._images.get(id(picture)) or image_of(picture), picture, QRect(0, 0, width, height))


def _same(a: list[object], b: list[object]) -> bool:
    """Whether two lists hold the same objects, or equal numbers."""
    return len(a) == len(b) and all(x is y or (isinstance(x, int) and x == y) for x, y in zip(a, b, strict=True))
