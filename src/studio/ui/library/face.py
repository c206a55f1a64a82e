"""The face of something of the library, large: its waveform, its picture or its text."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ...storage.library.records import Asset
from ..icons import paint_icon
from ..theme import PAD, color, font
from .rows import paint_thumb
from .thumbnails import Thumbnails
from .wording import KINDS


class Face(QWidget):
    """Main thread. Shows one asset at a time."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._thumbnails = thumbnails
        self.asset: Asset | None = None
        self.gone = ""
        thumbnails.ready.connect(self._arrived)

    def show_asset(self, asset: Asset | None, gone: str = "") -> None:
        """Shows an asset; without one, what became of it."""
        self.asset, self.gone = asset, gone
        self.setAccessibleName(f"Picture of {asset.name}" if asset is not None else gone)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, 132)

    def _arrived(self, path: str) -> None:
        if self.asset is not None and str(self.asset.path) == path:
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            box = self.rect()
            painter.fillRect(box, color("well"))
            thumb = self._thumbnails.thumb(self.asset.path) if self.asset is not None else None
            said = self.gone or (thumb.problem if thumb is not None else "")
            if said:
                self._say(painter, said, box)
            elif thumb is not None and self.asset is not None:
                if thumb.image is not None:
                    side = min(box.width(), box.height())
                    box = QRect((box.width() - side) // 2, (box.height() - side) // 2, side, side)
                elif thumb.words:
                    box = box.adjusted(PAD, PAD, -PAD, -PAD)
                paint_thumb(painter, thumb, box, KINDS[self.asset.kind][1])

    def _say(self, painter: QPainter, text: str, box: QRect) -> None:
        paint_icon(painter, "warning", QRectF(box.x() + PAD, box.y() + PAD, 16, 16), "warn")
        painter.setPen(color("text"))
        painter.setFont(font())
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignCenter
        painter.drawText(box.adjusted(2 * PAD, PAD, -2 * PAD, -PAD), flags, text)
