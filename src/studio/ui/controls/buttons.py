"""Small painted buttons: letters that light up, and chips."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from ..theme import HIT, PAD, SMALL, color, font, mix

LIGHTS: dict[str, tuple[str, str]] = {
    "mute": ("#5aa9e6", "#8fc6f2"),
    "solo": ("warn", "warn"),
    "arm": ("rec", "rec_text"),
    "accent": ("accent", "accent"),
}
"""What a lit button means: the colour of its ground and of its text."""


class _Painted(QAbstractButton):
    """A button that paints itself. A mouse click does not take the focus, so that plain keys stay with the window."""

    def __init__(self, text: str, name: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setAccessibleName(name or text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setMinimumHeight(HIT)

    def _colors(self) -> tuple[QColor, QColor]:
        raise NotImplementedError

    def _paint(self, radius: float, inset: float = 0.0) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            ground, ink = self._colors()
            box = QRectF(self.rect()).adjusted(0.5, 0.5 + inset, -0.5, -0.5 - inset)
            painter.setPen(QPen(color("accent"), 1) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(box, radius, radius)
            painter.setPen(ink)
            painter.setFont(font(SMALL, "medium"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())


class LetterButton(_Painted):
    """A switch with one letter (M, S, R) that lights up in the colour of its meaning, a key of `LIGHTS`."""

    def __init__(self, letter: str, name: str, light: str, parent: QWidget | None = None) -> None:
        super().__init__(letter, name, parent)
        self.setCheckable(True)
        self._light = light

    def sizeHint(self) -> QSize:
        return QSize(26, HIT)

    def _colors(self) -> tuple[QColor, QColor]:
        if not self.isEnabled():
            return color("panel"), color("faint")
        if self.isChecked():
            ground, ink = LIGHTS[self._light]
            return mix(ground, "raised", 0.4 if self.underMouse() or self.isDown() else 0.3), color(ink)
        return color("hover" if self.underMouse() or self.isDown() else "raised"), color("text")

    def paintEvent(self, _event: QPaintEvent) -> None:
        self._paint(4)


class Chip(_Painted):
    """A rounded button or switch as wide as its text; lit in the accent colour when checked."""

    def __init__(self, text: str, name: str = "", checkable: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(text, name, parent)
        self.setCheckable(checkable)

    def sizeHint(self) -> QSize:
        return QSize(QFontMetrics(font(SMALL, "medium")).horizontalAdvance(self.text()) + 2 * PAD + 4, HIT + 2)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _colors(self) -> tuple[QColor, QColor]:
        warm = self.underMouse() or self.isDown()
        if not self.isEnabled():
            return color("panel"), color("faint")
        if self.isChecked():
            return mix("accent", "raised", 0.28 if warm else 0.18), color("accent")
        return color("hover" if warm else "raised"), color("text" if warm else "dim")

    def paintEvent(self, _event: QPaintEvent) -> None:
        self._paint(self.height() / 2 if self.height() > HIT else 4)
