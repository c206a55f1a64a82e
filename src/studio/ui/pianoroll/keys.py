"""Plain keys on the notes: arrows move them, Tab walks over them, Enter draws one, Esc cancels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

if TYPE_CHECKING:
    from .view import NoteView

Key = Qt.Key
_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


class Keys:
    """The keyboard on the notes. Everything else is a command."""

    def __init__(self, view: NoteView) -> None:
        self._view = view

    def press(self, event: QKeyEvent) -> bool:
        """Handles a key; False leaves it to the window."""
        view, key, held = self._view, event.key(), event.modifiers()
        shift = held == Qt.KeyboardModifier.ShiftModifier
        if view.stage.clip is None or not (held in _PLAIN or shift):
            return False
        if view.steps is not None and view.steps.press(key, shift):
            event.accept()
            return True
        match key:
            case Key.Key_Escape:
                return self._escape()
            case Key.Key_Left | Key.Key_Right:
                self._across(-1 if key == Key.Key_Left else 1, shift)
            case Key.Key_Up | Key.Key_Down:
                self._up(1 if key == Key.Key_Up else -1, shift)
            case Key.Key_Return | Key.Key_Enter:
                view.editing.draw_at_playhead()
            case Key.Key_Delete | Key.Key_Backspace:
                view.editing.delete()
            case Key.Key_PageUp | Key.Key_PageDown:
                room = view.canvas.backing.height
                view.scroll_by(0, -room if key == Key.Key_PageUp else room)
            case _:
                return False
        event.accept()
        return True

    def _across(self, by: int, shift: bool) -> None:
        view = self._view
        if not view.stage.selection:
            view.scroll_by(round(by * 66 * view.stage.axis.ratio), 0)
        elif shift:
            view.editing.lengthen(by)
        else:
            view.editing.nudge(by)

    def _up(self, by: int, shift: bool) -> None:
        view = self._view
        if not view.stage.selection:
            view.scroll_by(0, -by * view.canvas.rows.height * (12 if shift else 1))
        else:
            view.editing.raise_rows(by, shift)

    def _escape(self) -> bool:
        view = self._view
        if view.pointer.escape() or view.lane.escape() or view.points.escape():
            return True
        if view.stage.selection:
            view.stage.select(())
            return True
        return False

    def walk(self, by: int) -> bool:
        """Selects the next or the previous note; False at either end, or where there is none."""
        stage = self._view.stage
        places = sorted(stage.table.place(key) for key in stage.selection)
        first = 0 if by > 0 else len(stage.table) - 1
        at = (places[-1] if by > 0 else places[0]) + by if places else first
        if not 0 <= at < len(stage.table):
            return False
        stage.select((stage.table.ids[at],))
        self._view.reveal(stage.table.ids[at])
        return True
