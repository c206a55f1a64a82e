"""How a row of the library or of a folder looks: picture, name, badges, detail, length."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ...storage.library.records import Mark
from ..icons import paint_icon
from ..theme import GAP, MARGIN, ROW, SMALL, color, font
from .preview import Preview
from .thumbnails import Thumb, Thumbnails, picture

PICTURE = QSize(56, 28)
BADGE = 12
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Row:
    """What a row shows. `icon` stands in place of the picture (a folder); `path` None: not read yet. `heard`: it is a
    sound that can be listened to."""

    name: str = ""
    detail: str = ""
    length: str = ""
    path: Path | None = None
    shade: str = "dim"
    favourite: bool = False
    icon: str = ""
    mark: Mark | None = None
    heard: bool = True


def picture_rect(row: QRect) -> QRect:
    """Where the picture of a row stands."""
    return QRect(QPoint(row.x() + MARGIN, row.y() + (row.height() - PICTURE.height()) // 2), PICTURE)


class RowDelegate(QStyledItemDelegate):
    """Paints rows. Subclasses say what a row shows."""

    def __init__(self, thumbnails: Thumbnails, preview: Preview, parent: QWidget) -> None:
        super().__init__(parent)
        self.thumbnails, self.preview = thumbnails, preview

    def row(self, index: Index) -> Row:
        """What the row at this place shows."""
        raise NotImplementedError

    def picture_of(self, rect: QRect) -> QRect:
        """Where in a row or tile its picture stands."""
        return picture_rect(rect)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(120, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, rect = self.row(index), option.rect
        painter.save()
        paint_ground(painter, rect, option.state, rect)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect.x(), rect.y(), 2, rect.height(), color("accent"))
        box = picture_rect(rect)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        detail = self.paint_picture(painter, row, box, hovered)
        self._paint_words(painter, row, detail, rect.adjusted(box.right() + 1 - rect.x() + MARGIN, 0, -MARGIN, 0))
        painter.restore()

    def paint_picture(self, painter: QPainter, row: Row, box: QRect, hovered: bool) -> str:
        """Paints the picture of a row; returns what is to be said beside it: its detail, or what is wrong."""
        if row.icon and row.path is not None:
            paint_icon(painter, row.icon, QRectF(box.center().x() - 9, box.center().y() - 8, 18, 18), row.shade)
            return row.detail
        painter.fillRect(box, color("well"))
        if row.path is None:
            return row.detail
        thumb = self.thumbnails.thumb(row.path)
        if thumb is not None and thumb.problem:
            paint_icon(painter, "warning", QRectF(box.center().x() - 7, box.center().y() - 7, 16, 16), "warn")
            return thumb.problem
        if thumb is not None:
            paint_thumb(painter, thumb, box, row.shade)
        playing = self.preview.path == row.path
        if row.heard and (playing or hovered):
            paint_play(painter, box, playing)
        return row.detail

    def _paint_words(self, painter: QPainter, row: Row, detail: str, rect: QRect) -> None:
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
        if not detail and row.mark is None:
            paint_line(painter, row.name, QRect(rect.x(), rect.y() + half - 8, room, 16), "text")
            return
        paint_line(painter, row.name, QRect(rect.x(), rect.y() + half - 17, room, 16), "text")
        lower = QRect(rect.x(), rect.y() + half, room, 16)
        taken = paint_badges(painter, row.mark, lower)
        paint_line(painter, detail, lower.adjusted(taken, 0, 0, 0), "dim", SMALL)


def paint_ground(painter: QPainter, rect: QRect, state: QStyle.StateFlag, edge: QRect) -> None:
    """Fills a row or tile as its state wants it, with a frame at `edge` where it has the keys."""
    selected, hovered = bool(state & QStyle.StateFlag.State_Selected), bool(state & QStyle.StateFlag.State_MouseOver)
    painter.fillRect(rect, color("hover" if selected else "raised" if hovered else "panel"))
    if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_Active:
        painter.setPen(QPen(color("faint"), 1))
        painter.drawRect(QRectF(edge).adjusted(0.5, 0.5, -0.5, -0.5))


def paint_thumb(painter: QPainter, thumb: Thumb, box: QRect, shade: str) -> None:
    """Paints a waveform, the middle of a picture, or the first words of a text."""
    ratio = painter.device().devicePixelRatio()
    if thumb.image is not None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(box), thumb.image, cut_to(thumb.image, box.width() / max(box.height(), 1)))
    elif thumb.words:
        painter.setFont(font(SMALL if box.height() >= 48 else 9))
        painter.setPen(color(shade))
        inner = box.adjusted(4, 2, -4, -2)
        line = painter.fontMetrics().lineSpacing()
        painter.save()
        painter.setClipRect(inner.x(), inner.y(), inner.width(), max(inner.height() // line, 1) * line)
        painter.drawText(inner, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop, thumb.words)
        painter.restore()
    else:
        drawn = picture(thumb.outline, round(box.width() * ratio), round(box.height() * ratio), shade)
        painter.drawPixmap(box, drawn)


def cut_to(image: QImage, shape: float) -> QRectF:
    """The middle of an image that is `shape` times as wide as it is high."""
    width = min(image.width(), image.height() * shape)
    height = min(image.height(), image.width() / shape)
    return QRectF((image.width() - width) / 2, (image.height() - height) / 2, width, height)


def paint_play(painter: QPainter, box: QRect, playing: bool) -> None:
    """Paints the button in the middle of a picture that plays the sound, or stops it."""
    middle = QRectF(box.center().x() - 9, box.center().y() - 9, 20, 20)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color("accent") if playing else color("hover"))
    painter.drawEllipse(middle)
    name, ink = ("stop", "on_accent") if playing else ("play", "text")
    paint_icon(painter, name, middle.adjusted(4, 4, -4, -4), ink)


def paint_line(painter: QPainter, text: str, rect: QRect, ink: str, size: int = 12) -> None:
    """Paints one line of text, its end given way where it is long."""
    face = font(size)
    painter.setFont(face)
    painter.setPen(color(ink))
    shown = QFontMetrics(face).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, shown)


def paint_badges(painter: QPainter, mark: Mark | None, rect: QRect) -> int:
    """Paints what was decided, the stars and a doubt at the left of a line; returns the width that they take."""
    if mark is None:
        return 0
    x, top = rect.x(), rect.center().y() - BADGE // 2
    for name, ink, said in badges_of(mark):
        paint_icon(painter, name, QRectF(x, top, BADGE, BADGE), ink)
        x += BADGE + GAP
        if said:
            painter.setFont(font(SMALL, mono=True))
            painter.setPen(color(ink))
            painter.drawText(QRect(x - GAP // 2, rect.y(), 8, rect.height()), Qt.AlignmentFlag.AlignVCenter, said)
            x += 8 + GAP
    return x - rect.x()


def badges_of(mark: Mark) -> list[tuple[str, str, str]]:
    """The badges of what a model made: icon, colour, and a word beside it."""
    decided = {"approved": ("check", "ok", ""), "rejected": ("close", "rec_text", "")}.get(mark.approval)
    found = [decided] if decided is not None else []
    found += [("star", "accent", str(mark.rating))] if mark.rating else []
    return found + ([("warning", "warn", "")] if mark.doubts else [])
