"""The computer's keyboard as a keyboard of notes, while that is switched on and nobody types text."""

from __future__ import annotations

import sys
from typing import Any, Protocol

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget
from shiboken6 import isValid

from .shortcuts import is_text

Key = Qt.Key
SOURCE = "keys"
NOTES = "AWSEDFTGYHUJKOLP"
"""The keys from C on, in semitones: the letters of the row with A, and between them those above, as on a piano."""

LOWER, HIGHER, SOFTER, LOUDER = "ZXCV"
PLACES = dict(zip("QWERTYUIOP", range(16, 26), strict=True)) | {
    **dict(zip("ASDFGHJKL", range(30, 39), strict=True)),
    **dict(zip("ZXCVBNM", range(44, 51), strict=True)),
}
"""Where the letters stand on a US keyboard, as keyboards number their keys: other layouts keep the piano's shape."""
LETTERS = {place: letter for letter, place in PLACES.items()}
FIRST, LAST = 0, 8
VELOCITIES = (8, 24, 40, 56, 72, 88, 104, 120)
_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


class Plays(Protocol):
    """What takes the notes: see `actions.hands.Hands`."""

    def press(self, source: str, pitch: int, velocity: int) -> None: ...
    def let_go(self, source: str, pitch: int) -> None: ...
    def gone(self, source: str) -> Any: ...


class TypingKeys(QObject):
    """Turns keys of the main window into notes. Main thread.

    `changed` follows a switch, another octave or another velocity. Auto-repeat is no key; keys that are held are let go
    when the window or the focus goes elsewhere. It must be made after the window's KeyFilter: then it is asked first.
    """

    changed = Signal()

    def __init__(self, window: QMainWindow, plays: Plays) -> None:
        super().__init__(window)
        self._window, self._plays = window, plays
        self.on = False
        self.octave = 4
        """The lowest C is middle C for 4."""
        self.velocity = VELOCITIES[5]
        self._held: dict[str, int] = {}
        self._watched: QWidget | None = None
        QApplication.instance().focusChanged.connect(self._follow)  # type: ignore[union-attr]

    def switch(self, on: bool) -> None:
        """Lets keys play notes, or do again what they did."""
        if on != self.on:
            self.on = on
            self.release()
            if on:
                self._window.installEventFilter(self)
            else:
                self._window.removeEventFilter(self)
            self._watch(QApplication.focusWidget() if on else None)
            self.changed.emit()

    def release(self) -> None:
        """Lets go of every key."""
        self._held.clear()
        self._plays.gone(SOURCE)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.WindowDeactivate:
            self.release()
        if not isinstance(event, QKeyEvent) or is_text(watched):
            return False
        letter = _letter(event)
        if kind == QEvent.Type.KeyRelease:
            return self._up(letter, event)
        if event.modifiers() not in _PLAIN or not (letter and (letter in NOTES or letter in "ZXCV")):
            return False
        if kind == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if kind == QEvent.Type.KeyPress:
            if not event.isAutoRepeat():
                self._down(letter)
            return True
        return False

    def _down(self, letter: str) -> None:
        if letter in NOTES:
            pitch = 12 * (self.octave + 1) + NOTES.index(letter)
            if letter not in self._held and pitch <= 127:
                self._held[letter] = pitch
                self._plays.press(SOURCE, pitch, self.velocity)
            return
        if letter in (LOWER, HIGHER):
            self.octave = min(max(self.octave + (1 if letter == HIGHER else -1), FIRST), LAST)
        else:
            at = VELOCITIES.index(self.velocity) + (1 if letter == LOUDER else -1)
            self.velocity = VELOCITIES[min(max(at, 0), len(VELOCITIES) - 1)]
        self.changed.emit()

    def _up(self, letter: str, event: QKeyEvent) -> bool:
        """A key comes up, whatever else is held by now."""
        if letter not in self._held:
            return False
        if not event.isAutoRepeat():
            self._plays.let_go(SOURCE, self._held.pop(letter))
        return True

    def _follow(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self.on:
            self._watch(new)

    def _watch(self, widget: QWidget | None) -> None:
        """Listens to the widget that has the keyboard, if it is one of the main window."""
        before, self._watched = self._watched, None
        if before is not None and before is not self._window and isValid(before):
            before.removeEventFilter(self)
        if widget is None or is_text(widget) or widget.window() is not self._window:
            if self._held:
                self.release()
            return
        self._watched = widget
        if widget is not self._window:
            widget.installEventFilter(self)


def _letter(event: QKeyEvent) -> str:
    """The letter of a key's place on a US keyboard; where the place is not known, that of its label."""
    scan = event.nativeScanCode()
    if scan and sys.platform != "darwin":
        found = LETTERS.get(scan - 8 if sys.platform.startswith("linux") else scan)
        if found is not None:
            return found
    key = event.key()
    by_label = not scan or sys.platform == "darwin"
    return chr(key) if by_label and Key.Key_A <= key <= Key.Key_Z else ""
