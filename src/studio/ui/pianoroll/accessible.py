"""The editor for screen readers: a list of notes with name, role, state and place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget

from ...document.time import PPQ, bar_beat
from ..accessibles import Item, Provider

if TYPE_CHECKING:
    from .view import NoteView

Role, Text = QAccessible.Role, QAccessible.Text


class NotesAccessible(QAccessibleWidget):
    """The editor: its children are the notes in order of time. Keeps every interface that it gave away."""

    def __init__(self, view: NoteView) -> None:
        super().__init__(view, Role.List, view.title)
        self.view = view
        self._notes: dict[str, NoteAccessible] = {}

    def note(self, note_id: str) -> NoteAccessible:
        """The interface of a note."""
        return self._notes.setdefault(note_id, NoteAccessible(self, note_id))

    def childCount(self) -> int:
        return len(self.view.stage.table)

    def child(self, index: int) -> QAccessibleInterface | None:
        ids = self.view.stage.table.ids
        return self.note(ids[index]) if 0 <= index < len(ids) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return self.view.stage.table.place(child.id) if isinstance(child, NoteAccessible) else -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:
        from .gestures import Point

        at, ratio = self.view.viewport().mapFromGlobal(QPoint(x, y)), self.view.stage.axis.ratio
        found, _ = self.view.pointer.hit(Point(at.x() * ratio, at.y() * ratio))
        return self.child(found)

    def focusChild(self) -> QAccessibleInterface | None:
        chosen = self.view.stage.selection
        return self.note(min(chosen)) if len(chosen) == 1 else None

    def text(self, kind: QAccessible.Text) -> str:
        if kind == Text.Name:
            return self.view.title
        if kind == Text.Description:
            clip = self.view.stage.clip
            if clip is None:
                return self.view.hint()
            count = self.childCount()
            return f"{clip.name}, {count} note{'' if count == 1 else 's'}"
        return ""


class NoteAccessible(Item):
    """A note."""

    def __init__(self, editor: NotesAccessible, note_id: str) -> None:
        super().__init__(editor)
        self.id = note_id

    def _place(self) -> int:
        return self.editor.view.stage.table.place(self.id)

    def isValid(self) -> bool:
        return self._place() >= 0

    def rect(self) -> QRect:
        view, place = self.editor.view, self._place()
        if place < 0:
            return QRect()
        table, axis, canvas = view.stage.table, view.stage.axis, view.canvas
        row = int(canvas.rows.of_pitch[int(table.pitch[place])])
        if row < 0:
            return QRect()
        left, right = axis.x(float(table.start[place])) / axis.ratio, axis.x(float(table.end[place])) / axis.ratio
        corner = view.viewport().mapToGlobal(QPoint(int(left), int(canvas.y(row) / axis.ratio)))
        return QRect(corner.x(), corner.y(), max(int(right - left), 1), int(canvas.rows.height / axis.ratio))

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        view, place = self.editor.view, self._place()
        state.selectable = state.focusable = True
        state.selected = self.id in view.stage.selection
        state.focused = view.stage.selection == {self.id}
        if place >= 0:
            x, table = view.stage.axis, view.stage.table
            state.offscreen = (
                x.x(float(table.end[place])) < 0 or x.x(float(table.start[place])) > view.canvas.backing.width
            )
        return state

    def text(self, kind: QAccessible.Text) -> str:
        view, place = self.editor.view, self._place()
        project = view.stage.project
        if place < 0 or project is None:
            return ""
        table = view.stage.table
        if kind == Text.Name:
            return view.pitch_text(int(table.pitch[place]))
        if kind == Text.Description:
            spot = bar_beat(project.signatures, round(float(table.start[place])))
            beats = (float(table.end[place]) - float(table.start[place])) / PPQ
            words = [f"bar {spot.bar} beat {spot.beat}", f"{beats:g} beats", f"velocity {int(table.velocity[place])}"]
            words += ["muted"] if table.muted[place] else []
            words += [f"chance {table.chance[place]:.0%}"] if table.chance[place] < 1 else []
            return ", ".join(words)
        return ""


def _views() -> type:
    from .view import NoteView

    return NoteView


_provider = Provider(_views, NotesAccessible)
install = _provider.install


def tell_selection(view: NoteView) -> None:
    """Tells screen readers which note has been chosen."""
    if not QAccessible.isActive() or len(view.stage.selection) != 1 or not view.isVisible():
        return
    interface = QAccessible.queryAccessibleInterface(view)
    if isinstance(interface, NotesAccessible):
        chosen = interface.note(min(view.stage.selection))
        QAccessible.updateAccessibility(QAccessibleEvent(chosen, QAccessible.Event.Focus))
