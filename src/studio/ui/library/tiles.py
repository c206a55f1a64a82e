"""How a tile of the library's grid looks: a picture as wide as the tile, the name and the badges below it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from ..icons import paint_icon
from ..theme import GAP, SMALL, color, font
from .rows import BADGE, Index, Row, RowDelegate, paint_badges, paint_ground, paint_line

TILE = QSize(116, 112)
"""The narrowest tile, and how high all are."""

LINE = 16
ENOUGH = 48
"""Pixels from which a detail says something."""


class TileDelegate(RowDelegate):
    """Paints tiles; what they show is said by another delegate's `row`."""

    def __init__(self, rows: RowDelegate) -> None:
        parent = rows.parent()
        super().__init__(rows.thumbnails, rows.preview, parent)  # type: ignore[arg-type]
        self.row = rows.row  # type: ignore[method-assign]

    def picture_of(self, rect: QRect) -> QRect:
        """Where in a tile its picture stands."""
        return rect.adjusted(GAP + 2, GAP + 2, -GAP - 2, -2 * LINE - 2 * GAP)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return TILE

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        if not index.flags() & Qt.ItemFlag.ItemIsEnabled:
            painter.fillRect(option.rect, color("panel"))
            return
        row, rect = self.row(index), option.rect
        inner = rect.adjusted(2, 2, -2, -2)
        painter.save()
        painter.fillRect(rect, color("panel"))
        paint_ground(painter, inner, option.state, inner)
        box = self.picture_of(rect)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        detail = self.paint_picture(painter, row, box, hovered)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(inner.x(), inner.y(), inner.width(), 2, color("accent"))
        name = QRect(box.x(), box.bottom() + 1 + GAP, box.width(), LINE)
        paint_line(painter, row.name, name, "text", SMALL)
        self._paint_below(painter, row, detail, name.translated(0, LINE))
        painter.restore()

    def _paint_below(self, painter: QPainter, row: Row, detail: str, line: QRect) -> None:
        """The badges, the detail where there is room for it, the favourite's star, the length."""
        right = line.right() + 1
        if row.length:
            painter.setFont(font(SMALL, mono=True))
            painter.setPen(color("dim"))
            painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, row.length)
            right -= painter.fontMetrics().horizontalAdvance(row.length) + GAP
        if row.favourite:
            paint_icon(painter, "star", QRectF(right - BADGE, line.center().y() - 5, BADGE, BADGE), "accent")
            right -= BADGE + GAP
        taken = paint_badges(painter, row.mark, line)
        room = right - line.x() - taken
        if room >= ENOUGH:
            paint_line(painter, detail, QRect(line.x() + taken, line.y(), room, LINE), "dim", SMALL)
