"""What painted editors have in common for screen readers: items of a list, and how Qt gets an editor's interface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from shiboken6 import isValid


class Item(QAccessibleInterface):
    """An item of the list that `editor` is, without children of its own. Its name is read only."""

    def __init__(self, editor: Any) -> None:
        super().__init__()
        self.editor = editor

    def object(self) -> QObject | None:
        return None

    def parent(self) -> QAccessibleInterface | None:
        return self.editor

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def childCount(self) -> int:
        return 0

    def child(self, _index: int) -> QAccessibleInterface | None:
        return None

    def indexOfChild(self, _child: QAccessibleInterface) -> int:
        return -1

    def childAt(self, _x: int, _y: int) -> QAccessibleInterface | None:
        return None

    def setText(self, _kind: QAccessible.Text, _text: str) -> None:
        """What is shown is changed by the editor's own commands."""


class Provider:
    """Makes an interface for each view of one kind that Qt asks about.

    Those that Qt has are kept: it deletes them with their views, and were Python to drop one first, Qt would reach into
    nothing.
    """

    def __init__(self, kind: Callable[[], type], make: Callable[[Any], QAccessibleInterface]) -> None:
        """`kind` tells the views' class when it is first needed."""
        self._kind, self._make = kind, make
        self._made: list[QAccessibleInterface] = []
        self._installed = False

    def install(self) -> None:
        """Lets screen readers look into these views. Harmless when called again."""
        if not self._installed:
            QAccessible.installFactory(self._interface)
            self._installed = True

    def _interface(self, _name: str, item: QObject | None) -> QAccessibleInterface | None:
        if not isinstance(item, self._kind()):
            return None
        self._made[:] = [known for known in self._made if isValid(known)]
        self._made.append(self._make(item))
        return self._made[-1]
