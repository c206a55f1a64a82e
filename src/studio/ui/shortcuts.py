"""Which widget gets a key: the one with the focus, or the window's commands.

Qt asks the focused widget with a ShortcutOverride event before it looks for a command; whoever accepts it gets the key.
Text fields would lose Ctrl+D and others to commands, and lists, sliders and tabs would lose arrows and letters, while
buttons would take Space from the transport. This filter decides for all of them. It follows the focus instead of
sitting on the application, so that paint and mouse events never pass through Python.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QKeySequenceEdit,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

Key = Qt.Key
NAVIGATION = frozenset(
    {Key.Key_Up, Key.Key_Down, Key.Key_Left, Key.Key_Right, Key.Key_Home, Key.Key_End, Key.Key_PageUp, Key.Key_PageDown}
)
ENTER = frozenset({Key.Key_Return, Key.Key_Enter})
TEXT = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QKeySequenceEdit)
_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.KeypadModifier)


def is_text(widget: QObject | None) -> bool:
    """Whether a person types text into this widget."""
    if isinstance(widget, QComboBox):
        return widget.isEditable()
    return isinstance(widget, TEXT) and not (isinstance(widget, QPlainTextEdit | QTextEdit) and widget.isReadOnly())


def wants_key(widget: QObject | None, key: int, modifiers: Qt.KeyboardModifier, text: str = "") -> bool:
    """Whether a focused widget keeps a key for itself instead of leaving it to the window's commands."""
    if is_text(widget):
        return not Key.Key_F1 <= key <= Key.Key_F35
    plain = modifiers in _PLAIN
    if isinstance(widget, QAbstractItemView | QComboBox):
        letter = len(text) == 1 and text.isalnum()
        return plain and (key in NAVIGATION or key in ENTER or letter)
    if isinstance(widget, QAbstractSlider):  # a digit opens its editor; signs stay the window's, which zooms with them
        return plain and (key in NAVIGATION or (len(text) == 1 and text.isdigit()))
    if isinstance(widget, QTabBar):
        return plain and key in NAVIGATION
    return isinstance(widget, QAbstractButton) and plain and key in ENTER


class KeyFilter(QObject):
    """Applies `wants_key` to whatever has the focus inside one window, and lets Enter press focused buttons there.

    `before` is called before Qt looks for a command, so that what is enabled is up to date.
    """

    def __init__(self, window: QMainWindow, before: Callable[[], None]) -> None:
        super().__init__(window)
        self._window, self._before = window, before
        self._watched: QWidget | None = None
        window.installEventFilter(self)
        QApplication.instance().focusChanged.connect(self._follow)  # type: ignore[union-attr]

    def _follow(self, _old: QWidget | None, new: QWidget | None) -> None:
        before, self._watched = self._watched, new
        if before is not None and before is not self._window and isValid(before):  # a closed dialog's field is gone
            before.removeEventFilter(self)
        if new is not None and new is not self._window:
            new.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            return self._override(watched, event)
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._press(watched, event)
        return False

    def _override(self, watched: QObject, event: QKeyEvent) -> bool:
        if watched is self._window or not self._in_window(watched):
            self._before()
            return False
        if wants_key(watched, event.key(), event.modifiers(), event.text()):
            event.accept()
            return True
        self._before()
        event.ignore()
        return True

    def _press(self, watched: QObject, event: QKeyEvent) -> bool:
        if event.key() in ENTER and isinstance(watched, QAbstractButton) and self._in_window(watched):
            watched.click()
            return True
        return False

    def _in_window(self, watched: QObject) -> bool:
        """Whether a widget is in the main window or a panel floating off it; dialogs keep Qt's own rules."""
        if not isinstance(watched, QWidget):
            return False
        top = watched.window()
        return top is self._window or (top.windowType() == Qt.WindowType.Tool and top.parent() is self._window)
