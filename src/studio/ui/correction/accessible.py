"""The editor of a correction for screen readers: a list of notes with pitch, place and state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRect
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget

from ...engine.voice.pitchtrack import name_of
from ..accessibles import Item, Provider

if TYPE_CHECKING:
    from .view import BlobView

Role, Text = QAccessible.Role, QAccessible.Text


class BlobsAccessible(QAccessibleWidget):
    """The editor: its children are the notes of the clip in order. Keeps every interface that it gave away."""

    def __init__(self, view: BlobView) -> None:
        super().__init__(view, Role.List, view.accessibleName())
        self.view = view
        self._blobs: dict[int, BlobAccessible] = {}

    def blob(self, number: int) -> BlobAccessible:
        """The interface of a note."""
        return self._blobs.setdefault(number, BlobAccessible(self, number))

    def numbers(self) -> list[int]:
        """The notes that are shown."""
        return self.view.tuning.visible if self.view.tuning.sung is not None else []

    def childCount(self) -> int:
        return len(self.numbers())

    def child(self, index: int) -> QAccessibleInterface | None:
        numbers = self.numbers()
        return self.blob(numbers[index]) if 0 <= index < len(numbers) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        numbers = self.numbers()
        return numbers.index(child.number) if isinstance(child, BlobAccessible) and child.number in numbers else -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:
        found = self.view.at(QPointF(self.view.viewport().mapFromGlobal(QPoint(x, y))))
        return self.blob(found) if found >= 0 else None

    def focusChild(self) -> QAccessibleInterface | None:
        chosen = self.view.tuning.selection
        return self.blob(min(chosen)) if len(chosen) == 1 else None

    def text(self, kind: QAccessible.Text) -> str:
        tuning = self.view.tuning
        if kind == Text.Name:
            return self.view.accessibleName()
        if kind == Text.Description:
            count = self.childCount()
            return tuning.sentence or f"{tuning.name}, {count} note{'' if count == 1 else 's'}"
        return ""


class BlobAccessible(Item):
    """A sung note."""

    def __init__(self, editor: BlobsAccessible, number: int) -> None:
        super().__init__(editor)
        self.number = number

    def isValid(self) -> bool:
        return self.number in self.editor.numbers()

    def rect(self) -> QRect:
        if not self.isValid():
            return QRect()
        view = self.editor.view
        tuning = view.tuning
        box = view.staff.box(tuning.notes[self.number], tuning.correction, tuning.rate).toRect()
        return QRect(view.viewport().mapToGlobal(box.topLeft()), box.size())

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        state.selectable = state.focusable = True
        if self.isValid():
            chosen = self.editor.view.tuning.selection
            state.selected = self.number in chosen
            state.focused = chosen == {self.number}
        return state

    def text(self, kind: QAccessible.Text) -> str:
        if not self.isValid():
            return ""
        tuning = self.editor.view.tuning
        note, now = tuning.notes[self.number], tuning.correction
        if kind == Text.Name:
            return spoken(note.pitch + now.moved(note))
        if kind == Text.Description:
            words = [f"sung as {spoken(note.pitch)}"] if now.changes(note) else ["as sung"]
            start = (note.start - tuning.window[0]) / tuning.rate
            words.append(f"at {start:.1f} seconds, {(note.end - note.start) / tuning.rate:.1f} seconds long")
            return ", ".join(words)
        return ""


def spoken(pitch: float) -> str:
    """A pitch as people say it: "A4", "A4 and 20 cents", "A4 minus 35 cents"."""
    cents = round(100 * (pitch - round(pitch)))
    return name_of(pitch) + (f" {'and' if cents > 0 else 'minus'} {abs(cents)} cents" if cents else "")


def _views() -> type:
    from .view import BlobView

    return BlobView


_provider = Provider(_views, BlobsAccessible)
install = _provider.install


def tell_selection(view: BlobView) -> None:
    """Tells screen readers which note has been chosen."""
    if not QAccessible.isActive() or len(view.tuning.selection) != 1 or not view.isVisible():
        return
    interface = QAccessible.queryAccessibleInterface(view)
    if isinstance(interface, BlobsAccessible):
        chosen = interface.blob(min(view.tuning.selection))
        QAccessible.updateAccessibility(QAccessibleEvent(chosen, QAccessible.Event.Focus))
