"""Hearing an instrument in its editor: by the keys of the strip, and by itself while a knob is turned."""

from __future__ import annotations

import time
from typing import Protocol

from PySide6.QtCore import QObject, QTimer

HEARD_MS = 350
"""How long a note sounds that shows what a knob did."""

SOON_MS = 70
"""How long such a note waits, so that the instrument has its new sound by then."""

AGAIN_S = 0.25
"""Such notes are at least so far apart."""


class Hand(Protocol):
    """What plays notes by hand."""

    def play_by_hand(self, track_id: str) -> None:
        """Has notes by hand played on a track's instrument."""

    def note(self, pitch: int, velocity: int) -> None:
        """Begins a note by hand, or ends it with a velocity of 0."""


class Hearing(QObject):
    """One note at a time on the instrument of a track. Main thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.hand: Hand | None = None
        self.track_id = ""
        self.last = 60
        self.wanted = True
        self.playing = False
        self._sounding = -1
        self._when = 0.0
        self._next = -1
        self._soon = QTimer(self, interval=SOON_MS, singleShot=True)
        self._soon.timeout.connect(self._show)
        self._hush = QTimer(self, interval=HEARD_MS, singleShot=True)
        self._hush.timeout.connect(self.release)

    def get_ready(self) -> None:
        """Has notes by hand played on this instrument from now on."""
        if self.hand is not None and self.track_id:
            self.hand.play_by_hand(self.track_id)

    def press(self, pitch: int, velocity: int = 96) -> None:
        """Begins a note; the one before ends."""
        self.release()
        if self.hand is not None and self.track_id:
            self.get_ready()
            self._sounding = pitch
            self.hand.note(pitch, velocity)

    def release(self) -> None:
        """Ends the note."""
        self._hush.stop()
        self._soon.stop()
        if self._sounding >= 0 and self.hand is not None:
            self.hand.note(self._sounding, 0)
        self._sounding = -1

    def show(self, pitch: int) -> None:
        """Sounds a short note soon, -1 for the key pressed last: unless the song plays, nobody wants it, or one did."""
        now = time.monotonic()
        if self.wanted and not self.playing and now - self._when >= AGAIN_S:
            self._when, self._next = now, pitch
            self._soon.start()

    def _show(self) -> None:
        self.press(self.last if self._next < 0 else self._next)
        self._hush.start()
