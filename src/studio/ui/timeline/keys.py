"""Plain keys on the canvas: arrows walk over clips and tracks, Enter renames or opens notes, Esc cancels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from ...document.notes import NoteClip
from .selection import locate, nearest_on, neighbour

if TYPE_CHECKING:
    from .view import TimelineView

Key = Qt.Key
_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


class Keys:
    """The keyboard on the canvas. Everything else is a command."""

    def __init__(self, view: TimelineView) -> None:
        self._view = view

    def press(self, event: QKeyEvent) -> bool:
        """Handles a key; False leaves it to the window."""
        view, key, held = self._view, event.key(), event.modifiers()
        extend = held == Qt.KeyboardModifier.ShiftModifier
        if view.stage.project is None or not (held in _PLAIN or extend):
            return False
        match key:
            case Key.Key_Escape:
                return self._escape()
            case Key.Key_Left | Key.Key_Right:
                self._across(-1 if key == Key.Key_Left else 1, extend)
            case Key.Key_Up | Key.Key_Down:
                self._down(-1 if key == Key.Key_Up else 1)
            case Key.Key_Return | Key.Key_Enter:
                self._enter()
            case Key.Key_Delete | Key.Key_Backspace:
                view.editing.delete()
            case Key.Key_PageUp | Key.Key_PageDown:
                room = view.stage.canvas.backing.height
                view.navigation.scroll_by(0, -room if key == Key.Key_PageUp else room)
            case _:
                return False
        event.accept()
        return True

    def _enter(self) -> None:
        """Opens a clip of notes; renames anything else."""
        view = self._view
        if not view.stage.selection:
            view.editing.rename_track()
        elif isinstance(view.stage.clip(self._lead()), NoteClip):
            view.notes_requested.emit(self._lead())
        else:
            view.editing.rename_clip()

    def _escape(self) -> bool:
        view = self._view
        if view.pointer.escape() or view.ruler.escape() or view.headers.escape():
            return True
        if view.stage.selection:
            view.stage.select(())
            return True
        return False

    def _lead(self) -> str:
        """The clip from which arrows go on: the last one chosen, else any selected."""
        stage = self._view.stage
        return (
            self._view.pointer.anchor
            if self._view.pointer.anchor in stage.selection
            else next(iter(stage.selection), "")
        )

    def _choose(self, clip_id: str, extend: bool) -> None:
        stage = self._view.stage
        stage.select(stage.selection | {clip_id} if extend else (clip_id,))
        self._view.pointer.anchor = clip_id
        self._view.navigation.reveal_clip(clip_id)

    def _across(self, by: int, extend: bool) -> None:
        stage, lead = self._view.stage, self._lead()
        if lead:
            following = neighbour(stage, lead, by)
            if following:
                self._choose(following, extend)
            return
        row = stage.scene.row(stage.track_id)
        if row is not None and row.plan.ids and stage.time is not None:
            self._choose(nearest_on(row, float(stage.time.exact_ticks(stage.playhead)[0])), False)

    def _down(self, by: int) -> None:
        stage, lead = self._view.stage, self._lead()
        rows = stage.scene.track_rows()
        found = locate(stage, lead) if lead else None
        if not rows:
            return
        ids = [row.track.id for row in rows]
        current = found[0].track.id if found else stage.track_id
        at = ids.index(current) + by if current in ids else 0
        row = rows[min(max(at, 0), len(rows) - 1)]
        stage.pick_track(row.track.id)
        self._view.navigation.reveal_track(row.track.id)
        if found is not None and row.plan.ids and row.track.id != current:
            middle = float(found[0].plan.begin[found[1]] + found[0].plan.end[found[1]]) / 2
            self._choose(nearest_on(row, middle), False)
