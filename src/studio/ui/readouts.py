"""Small painted controls of the bars: fields of the display, chips, and the lamp. Numbers in them never jitter.

A field or chip redraws only when its text changes, so setting it 60 times a second costs a comparison.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QEnterEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractButton, QAccessibleWidget, QLineEdit, QWidget
from shiboken6 import isValid

from . import theme
from .icons import paint_icon

VALUE_SIZE, CAPTION_SIZE = 18, 11
DRAG_PIXELS = 3
"""Vertical pixels of a drag for one step."""


class Field(QWidget):
    """A value with a caption below it, in the transport's display.

    With `commit` it can be typed (double-click, Enter, or a digit); `commit(text)` says whether it took the text. With
    `step` it can be dragged up and down, turned with the wheel and stepped with the arrow keys: `step(count, fine)`.
    `settled` follows the end of a drag, of the wheel's turn and of keys, so that one gesture is one undo step.
    """

    settled = Signal()

    def __init__(
        self,
        caption: str,
        widest: str,
        commit: Callable[[str], bool] | None = None,
        step: Callable[[int, bool], None] | None = None,
        hint: str = "",
    ) -> None:
        super().__init__()
        self.caption, self._widest, self._commit, self._step = caption, widest, commit, step
        self._text = ""
        self._edit: QLineEdit | None = None
        self._grabbed: QPoint | None = None
        self._dragged = 0
        self._value_font = theme.font(VALUE_SIZE, "medium", mono=True)
        self._caption_font = theme.font(CAPTION_SIZE)
        self.setAccessibleName(caption)
        self.setToolTip(hint or caption)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if commit or step else Qt.FocusPolicy.NoFocus)
        if step:
            self.setCursor(Qt.CursorShape.SizeVerCursor)
        width = QFontMetricsF(self._value_font).horizontalAdvance(widest)
        caption_width = QFontMetricsF(self._caption_font).horizontalAdvance(caption)
        self.setFixedSize(round(max(width, caption_width)) + theme.MARGIN * 2, 40)

    @property
    def text(self) -> str:
        """The value shown."""
        return self._text

    @property
    def editable(self) -> bool:
        """Whether the value can be typed."""
        return self._commit is not None

    def set_text(self, text: str) -> None:
        """Shows another value."""
        if text != self._text:
            self._text = text
            self.update()

    def edit(self) -> None:
        """Opens the field for typing; Enter or leaving it commits, Escape gives up."""
        if self._commit is None or self._edit is not None or not self.isEnabled():
            return
        line = QLineEdit(self._text.strip(), self)
        line.setFont(theme.font(VALUE_SIZE - 3, "medium", mono=True))
        line.setAccessibleName(self.caption)
        line.setGeometry(self.rect().adjusted(3, 4, -3, -4))
        line.selectAll()
        line.installEventFilter(self)
        line.editingFinished.connect(self._finish)
        self._edit = line
        line.show()
        line.setFocus()

    def _finish(self, take: bool = True) -> None:
        line, self._edit = self._edit, None
        if line is None:
            return
        text = line.text().strip()
        line.removeEventFilter(self)
        line.hide()
        line.deleteLater()
        self.setFocus()
        if take and text and text != self._text.strip() and self._commit is not None:
            self._commit(text)
            self.settled.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)  # the line would pass it on, which edits anew
        if enter or event.key() == Qt.Key.Key_Escape:
            self._finish(take=enter)
            return True
        return False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._grabbed = None
        self.edit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._step:
            self._grabbed, self._dragged = event.globalPosition().toPoint(), 0

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed is None or self._step is None:
            return
        steps = (self._grabbed.y() - event.globalPosition().toPoint().y()) // DRAG_PIXELS
        if steps != self._dragged:
            self._step(steps - self._dragged, self._fine(event.modifiers()))
            self._dragged = steps

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._grabbed is not None and self._dragged:
            self.settled.emit()
        self._grabbed = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._step is None or not event.angleDelta().y():
            event.ignore()
            return
        self._step(1 if event.angleDelta().y() > 0 else -1, self._fine(event.modifiers()))
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        if self._step:
            self.settled.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._commit:
            self.edit()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._step:
            self._step(1 if key == Qt.Key.Key_Up else -1, self._fine(event.modifiers()))
            self.settled.emit()
        else:
            super().keyPressEvent(event)

    @staticmethod
    def _fine(modifiers: Qt.KeyboardModifier) -> bool:
        return bool(modifiers & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            enabled = self.isEnabled() and bool(self._text)
            painter.setFont(self._value_font)
            painter.setPen(theme.color("text" if enabled else "faint"))
            painter.drawText(QRectF(theme.MARGIN, 3, self.width() - theme.MARGIN, 22), _LEFT, self._text or "–")
            painter.setFont(self._caption_font)
            painter.setPen(theme.color("dim" if enabled else "faint"))
            painter.drawText(QRectF(theme.MARGIN, 24, self.width() - theme.MARGIN, 14), _LEFT, self.caption)
            if self.hasFocus() and self._edit is None:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(theme.color("accent"), 1))
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(2.5, 1.5, -2.5, -1.5), 4, 4)


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class FieldAccessible(QAccessibleWidget):
    """A field as screen readers see it: its caption is the name, its text the value."""

    def __init__(self, field: Field) -> None:
        role = QAccessible.Role.SpinBox if field.editable else QAccessible.Role.StaticText
        super().__init__(field, role)
        self._field = field

    def text(self, kind: QAccessible.Text) -> str:
        if kind == QAccessible.Text.Value:
            return self._field.text
        if kind == QAccessible.Text.Name:
            return f"{self._field.caption}: {self._field.text}" if not self._field.editable else self._field.caption
        return str(super().text(kind))


_interfaces: list[FieldAccessible] = []
"""Those that Qt has; it deletes them with their fields. Were Python to drop one first, Qt would reach into nothing."""


def _accessible_field(_class_name: str, target: QObject) -> FieldAccessible | None:
    if not isinstance(target, Field):
        return None
    _interfaces[:] = [known for known in _interfaces if isValid(known)]
    _interfaces.append(FieldAccessible(target))
    return _interfaces[-1]


def install_accessibility() -> None:
    """Makes fields readable for assistive technology. Once, after the application object exists."""
    QAccessible.installFactory(_accessible_field)


class Chip(QAbstractButton):
    """A pill with a short text: a switch, a choice, or a reading that opens its detail on click.

    `widest` keeps the width for the longest text that is expected; a longer one widens it once.
    """

    def __init__(self, name: str, text: str = "", widest: str = "", mono: bool = False, quiet: bool = False) -> None:
        super().__init__()
        self._font = theme.font(theme.TEXT if not mono else theme.SMALL, mono=mono)
        self._tint, self._quiet, self._icon = "dim", quiet, ""
        self._width = 0
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setText(text)
        self._reserve(widest or text)

    def _reserve(self, text: str) -> None:
        padding = theme.PAD if self._quiet else theme.MARGIN
        wanted = round(QFontMetricsF(self._font).horizontalAdvance(text)) + 2 * padding
        if wanted > self._width:
            self._width = wanted
            self.setFixedSize(wanted, 24 if not self._quiet else 22)

    def show_text(self, text: str, tint: str = "dim") -> None:
        """Shows another text, in the colour of a token. Costs nothing when both are as they were."""
        if text != self.text() or tint != self._tint:
            self._tint = tint
            self.setText(text)
            self._reserve(text)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._width, 24)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            self._paint_box(painter, box)
            painter.setFont(self._font)
            tint = "accent" if self.isChecked() else self._tint
            if not self.isEnabled():
                tint = "faint"
            elif self.underMouse() and tint == "dim":
                tint = "text"
            painter.setPen(theme.color(tint))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.text())

    def _paint_box(self, painter: QPainter, box: QRectF) -> None:
        painter.setPen(QPen(theme.color("accent"), 1) if self.hasFocus() else Qt.PenStyle.NoPen)
        hover = self.underMouse() and self.isEnabled()
        if self.isChecked():
            painter.setBrush(theme.color("accent_soft"))
        elif self._quiet and not hover:
            painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            painter.setBrush(theme.color("hover" if hover else "raised"))
        radius = box.height() / 2 if not self._quiet else 4
        painter.drawRoundedRect(box, radius, radius)


class Lamp(QWidget):
    """A dot of one colour."""

    def __init__(self) -> None:
        super().__init__()
        self._color = "faint"
        self.setFixedSize(16, 16)

    def set_color(self, token: str) -> None:
        """Shows another colour."""
        if token != self._color:
            self._color = token
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(self._color))
            painter.drawEllipse(QPointF(8, 8), 3.5, 3.5)


class MessageIcon(QWidget):
    """One icon of 16 pixels, for panels and empty states."""

    def __init__(self, name: str, tint: str = "dim", size: int = 16) -> None:
        super().__init__()
        self._name, self._tint = name, tint
        self.setFixedSize(size, size)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_icon(painter, self._name, QRectF(self.rect()), self._tint)
