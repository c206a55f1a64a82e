"""How a row of the library or of a folder looks: picture, name, detail, length."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ..icons import paint_icon
from ..theme import GAP, MARGIN, ROW, SMALL, color, font
from .preview import Preview
from .thumbnails import Thumbnails, picture

PICTURE = QSize(56, 28)


@dataclass(frozen=True)
class Row:
    """What a row shows. `icon` stands in place of the picture (a folder); `path` None: not read yet."""

    name: str = ""
    detail: str = ""
    length: str = ""
    path: Path | None = None
    shade: str = "dim"
    favourite: bool = False
    icon: str = ""


def picture_rect(row: QRect) -> QRect:
    """Where the picture of a row stands."""
    return QRect(QPoint(row.x() + MARGIN, row.y() + (row.height() - PICTURE.height()) // 2), PICTURE)


class RowDelegate(QStyledItemDelegate):
    """Paints rows. Subclasses say what a row shows."""

    def __init__(self, thumbnails: Thumbnails, preview: Preview, parent: QWidget) -> None:
        super().__init__(parent)
        self.thumbnails, self.preview = thumbnails, preview

    def row(self, index: QModelIndex | QPersistentModelIndex) -> Row:
        """What the row at this place shows."""
        raise NotImplementedError

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(120, ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row, rect = self.row(index), option.rect
        state = option.state
        selected, hovered = (
            bool(state & QStyle.StateFlag.State_Selected),
            bool(state & QStyle.StateFlag.State_MouseOver),
        )
        painter.save()
        painter.fillRect(rect, color("hover" if selected else "raised" if hovered else "panel"))
        if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_Active:
            painter.setPen(QPen(color("faint"), 1))
            painter.drawRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5))
        if selected:
            painter.fillRect(rect.x(), rect.y(), 2, rect.height(), color("accent"))
        box = picture_rect(rect)
        if row.path is None:
            painter.fillRect(box, color("well"))
        elif row.icon:
            paint_icon(painter, row.icon, QRectF(box.center().x() - 9, box.center().y() - 8, 18, 18), row.shade)
        else:
            row = self._paint_picture(painter, row, box, hovered)
        self._paint_words(painter, row, rect.adjusted(box.right() + 1 - rect.x() + MARGIN, 0, -MARGIN, 0))
        painter.restore()

    def _paint_picture(self, painter: QPainter, row: Row, box: QRect, hovered: bool) -> Row:
        assert row.path is not None
        ratio = painter.device().devicePixelRatio()
        thumb = self.thumbnails.thumb(row.path)
        painter.fillRect(box, color("well"))
        if thumb is not None and thumb.problem:
            paint_icon(painter, "warning", QRectF(box.center().x() - 7, box.center().y() - 7, 16, 16), "warn")
            return Row(row.name, thumb.problem, row.length, row.path, row.shade, row.favourite)
        if thumb is not None:
            drawn = picture(thumb.outline, round(box.width() * ratio), round(box.height() * ratio), row.shade)
            painter.drawPixmap(box, drawn)
        playing = self.preview.path == row.path
        if playing or hovered:
            middle = QRectF(box.center().x() - 9, box.center().y() - 9, 20, 20)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("accent") if playing else color("hover"))
            painter.drawEllipse(middle)
            name, ink = ("stop", "on_accent") if playing else ("play", "text")
            paint_icon(painter, name, middle.adjusted(4, 4, -4, -4), ink)
        return row

    def _paint_words(self, painter: QPainter, row: Row, rect: QRect) -> None:
        right = rect.right() + 1
        if row.length:
            painter.setFont(font(SMALL, mono=True))
            painter.setPen(color("dim"))
            painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, row.length)
            right -= painter.fontMetrics().horizontalAdvance(row.length) + 2 * GAP
        if row.favourite:
            paint_icon(painter, "star", QRectF(right - 12, rect.center().y() - 6, 12, 12), "accent")
            right -= 12 + 2 * GAP
        room = max(0, right - rect.x())
        half = rect.height() // 2
        lines = ((row.name, font(), "text", rect.y() + half - 17), (row.detail, font(SMALL), "dim", rect.y() + half))
        for text, face, ink, top in lines if row.detail else ((row.name, font(), "text", rect.y() + half - 8),):
            painter.setFont(face)
            painter.setPen(color(ink))
            shown = QFontMetrics(face).elidedText(text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRect(rect.x(), top, room, 16), Qt.AlignmentFlag.AlignVCenter, shown)
