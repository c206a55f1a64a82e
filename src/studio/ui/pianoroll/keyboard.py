"""The keys at the left of the piano roll: pressed, they sound; and a click selects all notes of that pitch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from ...document.harmony import key_at
from .. import theme
from .rows import BLACK, pitch_name

if TYPE_CHECKING:
    from .view import NoteView

WIDTH = 72


class Keyboard(QWidget):
    """A piano on its side, as high as the rows."""

    def __init__(self, view: NoteView) -> None:
        super().__init__(view)
        self._view = view
        self._under = -1
        self.setMouseTracking(True)
        self.setAccessibleName("Keys")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def paintEvent(self, _event: QPaintEvent) -> None:
        try:
            self._paint()
        except Exception as error:  # an exception that leaves a paint event ends the program
            self._view.paint_failed(error)

    def _paint(self) -> None:
        stage, canvas = self._view.stage, self._view.canvas
        ratio = stage.axis.ratio
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.color("panel"))
            if stage.clip is None:
                return
            key = key_at(stage.project.keys, round(stage.axis.tick(0))) if stage.project else None
            height = canvas.rows.height / ratio
            painter.setFont(theme.font(min(max(round(height) - 3, 7), theme.SMALL)))
            first = canvas.top // canvas.rows.height
            last = min(-(-(canvas.top + canvas.backing.height) // canvas.rows.height), len(canvas.rows.rows))
            for row in range(first, last):
                pitch, y = canvas.rows.rows[row].pitch, canvas.y(row) / ratio
                self._key(painter, pitch, QRectF(0, y, self.width() - 1, height))
                named = pitch % 12 == (key.tonic if key else 0) or height >= 13 or pitch % 12 == 0
                if pitch == self._under or (named and height * (1 if pitch % 12 else 3) >= 9):
                    box = QRectF(0, y - 4, self.width() - 6, height + 8)
                    painter.setPen(theme.color("text" if pitch % 12 in BLACK else "bg"))
                    painter.drawText(
                        box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, pitch_name(pitch)
                    )
            painter.fillRect(QRectF(self.width() - 1, 0, 1, self.height()), theme.color("line"))

    def _key(self, painter: QPainter, pitch: int, box: QRectF) -> None:
        black = pitch % 12 in BLACK
        ground = theme.mix("accent", "dim", 0.5) if pitch == self._under else theme.color("well" if black else "dim")
        painter.fillRect(box, ground)
        painter.fillRect(QRectF(0, box.bottom() - 0.5, box.width(), 0.5), theme.color("bg"))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pitch = self._pitch(event)
        self._look(pitch)
        if event.buttons() & Qt.MouseButton.LeftButton and pitch >= 0:
            self._view.stage.hear(pitch, held=True)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._view.stage.hush()

    def leaveEvent(self, _event: object) -> None:  # type: ignore[override]
        self._look(-1)

    def _look(self, pitch: int) -> None:
        if pitch != self._under:
            self._under = pitch
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        stage, pitch = self._view.stage, self._pitch(event)
        if event.button() == Qt.MouseButton.LeftButton and pitch >= 0:
            found = stage.table.named(np.flatnonzero(stage.table.pitch == pitch))
            held = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
            stage.select(stage.selection | found if held else found)
            stage.hear(pitch, held=True)
            self._view.setFocus(Qt.FocusReason.MouseFocusReason)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._view.wheelEvent(event)

    def _pitch(self, event: QMouseEvent) -> int:
        canvas = self._view.canvas
        row = canvas.rows.at(event.position().y() * self._view.stage.axis.ratio + canvas.top)
        return canvas.rows.rows[row].pitch if row >= 0 and self._view.stage.clip is not None else -1
