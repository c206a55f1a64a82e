"""Chords heard through the instrument that is played by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from ...document.harmony import Chord
from ...engine.music.harmony.voicing import Pitches, voice

if TYPE_CHECKING:
    from ...actions.session import Session

LOW, HIGH = 50, 77
"""Where chords are heard, around middle C."""

VELOCITY = 84
MILLISECONDS = 900


class Audition(QObject):
    """Plays one chord after the other, each led from the last. Main thread. Silent where no instrument is played."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._sounding: Pitches = ()
        self._last: Pitches | None = None
        self._end = QTimer(self, singleShot=True, interval=MILLISECONDS)
        self._end.timeout.connect(self.stop)

    def play(self, chord: Chord) -> None:
        """Lets a chord sound for a moment."""
        self.stop()
        if not self._session.played():
            return
        self._sounding = self._last = voice(chord, "close", self._last, LOW, HIGH)
        for pitch in self._sounding:
            self._session.note(pitch, VELOCITY)
        self._end.start()

    def stop(self) -> None:
        """Ends what sounds."""
        self._end.stop()
        for pitch in self._sounding:
            self._session.note(pitch, 0)
        self._sounding = ()
