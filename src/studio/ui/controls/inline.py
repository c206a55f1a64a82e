"""A line of text edited in place, over what it names."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget
from shiboken6 import isValid

from ..theme import SMALL


class InlineEdit(QLineEdit):
    """Edits a text over `rect` of `parent`: Enter or a click elsewhere takes it (`accepted`), Esc leaves it.

    It shows itself, selects everything (or goes on typing after `begin`), and deletes itself when it is over. The focus
    goes back to where it was.
    """

    accepted = Signal(str)

    def __init__(self, parent: QWidget, rect: QRect, text: str, name: str, begin: str = "") -> None:
        super().__init__(begin or text, parent)
        self._before = parent.window().focusWidget()
        self._over = False
        self.setAccessibleName(name)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setStyleSheet(f"padding: 0 2px; min-height: 0; font-size: {SMALL}px;")
        self.setGeometry(rect)
        if not begin:
            self.selectAll()
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def cancel(self) -> None:
        """Ends the editing and leaves the text as it was."""
        self._end(take=False, back=False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._end(take=True)
        elif event.key() == Qt.Key.Key_Escape:
            self._end(take=False)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self._end(take=True, back=False)

    def _end(self, take: bool, back: bool = True) -> None:
        if self._over:
            return
        self._over = True
        self.hide()
        if back and self._before is not None and isValid(self._before):
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        if take:
            self.accepted.emit(self.text())
        self.deleteLater()
