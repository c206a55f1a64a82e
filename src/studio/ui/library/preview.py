"""Listening to a sound before it is used."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from ...errors import StudioError

UNKNOWN_LENGTH = 10.0


class PreviewPlayer(Protocol):
    """What plays previews: the workspace."""

    def preview(self, path: Path) -> None:
        """Plays a file from its beginning in place of the one before. May raise StudioError."""

    def stop_preview(self) -> None:
        """Stops it."""


class Preview(QObject):
    """Which sound is being listened to, the same for every list. Main thread.

    `changed()` follows every start and end. `auto` says whether choosing a sound plays it.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, player: PreviewPlayer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._player = player
        self.auto = True
        self.path: Path | None = None
        self._end = QTimer(self, singleShot=True)
        self._end.timeout.connect(self._ended)

    def play(self, path: Path, seconds: float = 0.0) -> None:
        """Plays a file of a known length (0: unknown)."""
        try:
            self._player.preview(path)
        except StudioError as error:
            self._ended()
            self.failed.emit(error)
            return
        self.path = path
        self._end.start(round((seconds or UNKNOWN_LENGTH) * 1000))
        self.changed.emit()

    def stop(self) -> None:
        """Ends it; nothing happens when nothing plays."""
        if self.path is not None:
            self._player.stop_preview()
            self._ended()

    def toggle(self, path: Path, seconds: float = 0.0) -> None:
        """Plays a file, or stops when it is this one that plays."""
        if self.path == path:
            self.stop()
        else:
            self.play(path, seconds)

    def _ended(self) -> None:
        self._end.stop()
        if self.path is not None:
            self.path = None
            self.changed.emit()
