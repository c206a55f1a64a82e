"""Two octaves of piano keys to hear an instrument with."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from .. import theme
from ..pianoroll.rows import BLACK, pitch_name

OCTAVES = 2
LOWEST, HIGHEST = 12, 96
"""The lowest keys that the strip can begin with."""


class KeyStrip(QWidget):
    """Piano keys. `pressed(pitch, velocity)` and `released()`; sliding over them plays each.

    By keyboard: left and right choose a key, up and down the octave, Enter plays it while it is held.
    """

    pressed = Signal(int, int)
    released = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.first, self.chosen, self.down = 48, 60, -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Keys")
        self.setToolTip("Press a key to hear the instrument; arrows choose one, Enter plays it")
        self.setMinimumHeight(44)
        self._describe()

    def sizeHint(self) -> QSize:
        return QSize(OCTAVES * 7 * 17, 56)

    def show_octave(self, pitch: int) -> None:
        """Brings a pitch into view, in its octave, and chooses it."""
        self.chosen = min(max(pitch, LOWEST), HIGHEST + 12 * OCTAVES - 1)
        if not self.first <= self.chosen < self.first + 12 * OCTAVES:
            self.first = min(max(self.chosen // 12 * 12, LOWEST), HIGHEST)
        self._describe()
        self.update()

    def _boxes(self) -> list[tuple[int, QRectF]]:
        """Every key with its place, the black ones last because they lie on top."""
        wide = self.width() / (7 * OCTAVES)
        white = [pitch for pitch in range(self.first, self.first + 12 * OCTAVES) if pitch % 12 not in BLACK]
        boxes = [(pitch, QRectF(n * wide, 0, wide, self.height())) for n, pitch in enumerate(white)]
        for n, pitch in enumerate(white):
            if (pitch + 1) % 12 in BLACK:
                boxes.append((pitch + 1, QRectF((n + 0.68) * wide, 0, wide * 0.64, self.height() * 0.6)))
        return boxes

    def pitch_at(self, at: QPointF) -> int:
        """The key under a point, -1 for none."""
        found = [pitch for pitch, box in self._boxes() if box.contains(at)]
        return found[-1] if found else -1

    def _press(self, pitch: int, velocity: int) -> None:
        if pitch >= 0 and pitch != self.down:
            self.down = self.chosen = pitch
            self.pressed.emit(pitch, velocity)
            self._describe()
            self.update()

    def _release(self) -> None:
        if self.down >= 0:
            self.down = -1
            self.released.emit()
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._press(self.pitch_at(event.position()), self._velocity(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._press(self.pitch_at(event.position()), self._velocity(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._release()

    def _velocity(self, event: QMouseEvent) -> int:
        """Lower on the key is louder, as on keys that are looked at from above."""
        way = min(max(event.position().y() / max(self.height(), 1), 0.0), 1.0)
        return round(40 + 80 * way)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 12, Qt.Key.Key_Down: -12}
        key = Qt.Key(event.key())
        if key in steps:
            self.show_octave(self.chosen + steps[key])
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if not event.isAutoRepeat():
                self._press(self.chosen, 96)
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.isAutoRepeat():
            self._release()
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._release()
        self.update()

    def _describe(self) -> None:
        self.setAccessibleDescription(pitch_name(self.chosen))

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(theme.font(9))
            for pitch, box in self._boxes():
                black = pitch % 12 in BLACK
                ground = (
                    theme.color("accent") if pitch == self.down else theme.mix("text", "bg", 0.12 if black else 0.8)
                )
                focused = self.hasFocus() and pitch == self.chosen
                painter.setPen(QPen(theme.color("accent" if focused else "bg"), 2 if focused else 1))
                painter.setBrush(ground)
                painter.drawRoundedRect(box.adjusted(0.5, -3, -0.5, -0.5), 3, 3)
                if not pitch % 12:
                    painter.setPen(theme.color("bg"))
                    foot = box.adjusted(0, 0, 0, -3)
                    painter.drawText(
                        foot, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, f"C{pitch // 12 - 1}"
                    )
