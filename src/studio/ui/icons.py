"""Our own icons: SVG files of 16 units drawn in any colour at any size, and the button that shows one."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QIcon, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QWidget

from . import theme

DRAWN_IN = "#e6e8ee"
"""The colour in the files, replaced by the one asked for."""


@cache
def _renderer(name: str, color: str) -> QSvgRenderer:
    text = (theme.RESOURCES / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(text.replace(DRAWN_IN, theme.color(color).name()).encode()))


def paint_icon(painter: QPainter, name: str, box: QRectF, color: str = "text") -> None:
    """Draws an icon into `box` in the colour of a token. Sharp at every scale."""
    _renderer(name, color).render(painter, box)


@cache
def pixmap(name: str, size: int, ratio: float, color: str = "text") -> QPixmap:
    """An icon as a picture of `size` logical pixels for a screen of this pixel ratio."""
    made = QPixmap(round(size * ratio), round(size * ratio))
    made.fill(Qt.GlobalColor.transparent)
    with QPainter(made) as painter:
        paint_icon(painter, name, QRectF(made.rect()), color)
    made.setDevicePixelRatio(ratio)
    return made


def icon(name: str, color: str = "text") -> QIcon:
    """An icon for stock widgets, faint where disabled and amber where switched on."""
    made = QIcon()
    for ratio in (1.0, 1.5, 2.0, 3.0):
        made.addPixmap(pixmap(name, 16, ratio, color))
        made.addPixmap(pixmap(name, 16, ratio, "faint"), QIcon.Mode.Disabled)
        made.addPixmap(pixmap(name, 16, ratio, "accent"), QIcon.Mode.Normal, QIcon.State.On)
    return made


def app_icon() -> QIcon:
    """The program's icon."""
    return QIcon(str(theme.RESOURCES / "icons" / "studio.svg"))


class IconButton(QAbstractButton):
    """A painted square button with one icon. `name` is what screen readers say and the tool tip shows.

    Checked, it is drawn in `on` (a token) on that colour's soft background.
    """

    def __init__(self, icon_name: str, name: str, size: int = 28, on: str = "accent", flat: bool = False) -> None:
        super().__init__()
        self._icon, self._on, self._flat, self._size = icon_name, on, flat, size
        self._tint = "text"
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(size, size)

    def set_icon(self, icon_name: str, tint: str = "text") -> None:
        """Shows another icon, or the same in another colour."""
        if (icon_name, tint) != (self._icon, self._tint):
            self._icon, self._tint = icon_name, tint
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._size, self._size)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.update()
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_button_box(painter, self, self._on, self._flat)
            color = self._tint if self.isEnabled() else "faint"
            if self.isChecked() and self.isEnabled():
                color = self._on
            side = 16.0 if self._size >= 24 else 12.0
            box = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
            paint_icon(painter, self._icon, box, color)


def paint_button_box(painter: QPainter, button: QAbstractButton, on: str = "accent", flat: bool = False) -> None:
    """The background and focus ring of a painted button."""
    box = QRectF(button.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.setPen(Qt.PenStyle.NoPen)
    if button.isChecked() and button.isEnabled():
        painter.setBrush(theme.mix(on, "panel", 0.2))
        painter.setPen(QPen(theme.mix(on, "panel", 0.75), 1))
    elif button.isDown():
        painter.setBrush(theme.color("line"))
    elif button.underMouse() and button.isEnabled():
        painter.setBrush(theme.color("hover"))
    else:
        painter.setBrush(Qt.BrushStyle.NoBrush if flat else theme.color("raised"))
    painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
    if button.hasFocus():
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("accent"), 1))
        painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)


def dim_text(widget: QWidget) -> QWidget:
    """Marks a label as secondary text for the style sheet; returns it."""
    widget.setProperty("role", "dim")
    return widget
