"""Mouse and keys on the blobs: choosing, dragging up and down, walking from note to note."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QApplication

from .. import theme
from .staff import HEAD

if TYPE_CHECKING:
    from .view import BlobView

Key, Held = Qt.Key, Qt.KeyboardModifier
_ADD = Held.ControlModifier | Held.ShiftModifier


class Hand:
    """What a press begins and what becomes of it. With Ctrl notes move freely, else by notes of the scale."""

    def __init__(self, view: BlobView) -> None:
        self._view = view
        self._start = QPointF()
        self._note = -1
        self._dragging = False
        self._was_chosen = False
        self._band: QRectF | None = None
        self._kept: frozenset[int] = frozenset()
        self.at = QPointF()

    @property
    def busy(self) -> bool:
        """Whether a drag goes on."""
        return self._dragging or self._band is not None

    def abandon(self) -> None:
        """Forgets what was begun."""
        self._note, self._dragging, self._band = -1, False, None

    def press(self, event: QMouseEvent) -> None:
        """Chooses the note under the pointer, or begins to choose several."""
        view, tuning = self._view, self._view.tuning
        self.at = self._start = event.position()
        found = view.at(self._start)
        if event.button() == Qt.MouseButton.RightButton and found >= 0 and found not in tuning.selection:
            tuning.select((found,))
        if event.button() != Qt.MouseButton.LeftButton or tuning.sung is None:
            return
        view.setFocus(Qt.FocusReason.MouseFocusReason)
        if self._start.y() < HEAD:
            view.locate(self._start.x())
            return
        self._note, self._was_chosen = found, found in tuning.selection
        add = bool(event.modifiers() & _ADD)
        if found < 0:
            self._kept = tuning.selection if add else frozenset()
            self._band = QRectF(self._start, self._start)
            tuning.select(self._kept)
        elif not self._was_chosen:
            tuning.select({*tuning.selection, found} if add else {found})

    def move(self, event: QMouseEvent) -> None:
        """Drags the chosen notes, or the band that chooses them."""
        view, self.at = self._view, event.position()
        if self._band is not None:
            self._stretch_band()
        elif self._note >= 0 and event.buttons() & Qt.MouseButton.LeftButton and view.tuning.may_write:
            far = (self.at - self._start).manhattanLength() >= QApplication.startDragDistance() * 0.4
            self._dragging = self._dragging or far
            if self._dragging:
                self._drag(bool(event.modifiers() & Held.ControlModifier))
        else:
            shape = Qt.CursorShape.SizeVerCursor if view.at(self.at) >= 0 else Qt.CursorShape.ArrowCursor
            view.viewport().setCursor(shape)

    def _drag(self, free: bool) -> None:
        tuning = self._view.tuning
        tuning.preview(None)
        now = tuning.correction
        note = now.notes[self._note]
        place = note.pitch + now.moved(note)
        by = (self._start.y() - self.at.y()) / self._view.staff.row
        to = place + by if free else float(now.nearest(place + by))
        tuning.preview(tuning.moved(sorted(tuning.selection), to - place, free))

    def _stretch_band(self) -> None:
        view, tuning = self._view, self._view.tuning
        self._band = QRectF(self._start, self.at).normalized()
        staff, now = view.staff, tuning.correction
        inside = {n for n in tuning.visible if staff.box(now.notes[n], now, tuning.rate).intersects(self._band)}
        tuning.select(self._kept | inside)
        view.viewport().update()

    def release(self, event: QMouseEvent) -> None:
        """Makes what was dragged one undo step; a click alone lets the note be heard."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        view, tuning, found = self._view, self._view.tuning, self._note
        dragged = self._dragging
        self.abandon()
        if dragged:
            label = "Move note" if len(tuning.selection) == 1 else f"Move {len(tuning.selection)} notes"
            tuning.apply(tuning.correction, label)
        elif found >= 0 and event.modifiers() & _ADD:
            if self._was_chosen:
                tuning.select(tuning.selection - {found})
        elif found >= 0:
            tuning.select((found,))
            view.heard.emit(found)
        view.viewport().update()

    def double_click(self, event: QMouseEvent) -> None:
        """Puts a note on the nearest note of the scale."""
        found = self._view.at(event.position())
        if found >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._view.tuning.select((found,))
            self._view.tuning.centre()

    def key(self, event: QKeyEvent) -> bool:
        """Handles a key; False leaves it to the window."""
        tuning, key, held = self._view.tuning, event.key(), event.modifiers() & ~Held.KeypadModifier
        if tuning.sung is None:
            return False
        free = held == Held.ControlModifier
        if key in (Key.Key_Up, Key.Key_Down) and (free or held == Held.NoModifier):
            tuning.step(1 if key == Key.Key_Up else -1, free)
        elif key in (Key.Key_Left, Key.Key_Right) and held in (Held.NoModifier, Held.ShiftModifier):
            self._walk(1 if key == Key.Key_Right else -1, held == Held.ShiftModifier)
        elif key in (Key.Key_Return, Key.Key_Enter):
            tuning.centre()
        elif key == Key.Key_Escape:
            return self._escape()
        else:
            return False
        event.accept()
        return True

    def _walk(self, by: int, add: bool) -> None:
        """Selects the next or the previous note."""
        tuning = self._view.tuning
        there = tuning.visible
        if not there:
            return
        chosen = sorted(tuning.selection & set(there))
        at = there.index(chosen[-1] if by > 0 else chosen[0]) + by if chosen else (0 if by > 0 else len(there) - 1)
        number = there[min(max(at, 0), len(there) - 1)]
        tuning.select({*chosen, number} if add else {number})
        self._view.reveal(number)

    def _escape(self) -> bool:
        tuning = self._view.tuning
        if self.busy:
            self.abandon()
            tuning.preview(None)
            return True
        if tuning.selection:
            tuning.select(())
            return True
        return False

    def paint(self, painter: QPainter) -> None:
        """The band that chooses notes."""
        if self._band is not None:
            painter.setPen(QPen(theme.color("accent"), 1))
            painter.setBrush(theme.color("accent", 0.12))
            painter.drawRect(self._band)
