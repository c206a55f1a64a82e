"""The menu bar with the song's name in its middle and, at its right, whether everything is saved."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QMenuBar, QWidget

from . import theme
from .readouts import Chip

HEIGHT = 30
SAVING_AFTER = 0.7
"""Seconds an edit may be on its way to the disk before the window says so; normally it takes a tenth of that."""


class _Corner(Chip):
    """A chip as high as the bar, so that its text stands on the line of the menus."""

    def _reserve(self, text: str) -> None:
        super()._reserve(text)
        self.setFixedHeight(HEIGHT - 4)


class TitleBar(QMenuBar):
    """`saved_clicked` asks for the history, where what is saved can be seen."""

    saved_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._behind_since = 0.0
        self.song = QLabel("", self)
        self.song.setFont(theme.font(theme.TEXT + 1, "semibold"))
        self.song.setStyleSheet("font-size: 13px; font-weight: 600;")
        self.song.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.song.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.saved = _Corner("Whether every edit is on the disk", "all saved", "read-only", quiet=True)
        self.saved.clicked.connect(self.saved_clicked)
        self.setCornerWidget(self.saved)
        self.saved.hide()
        self.setFixedHeight(HEIGHT)

    def show_song(self, name: str) -> None:
        """Shows the name of the song, empty for none."""
        self.song.setText(name)
        self.saved.setVisible(bool(name))
        self._place()

    def show_saved(self, saved: bool, read_only: str = "") -> None:
        """Shows whether everything that was done is on the disk, or why nothing can be done."""
        if read_only:
            self.saved.show_text("read-only", "warn")
            self.saved.setToolTip(read_only)
            return
        now = time.monotonic()
        if saved:
            self._behind_since = 0.0
        elif not self._behind_since:
            self._behind_since = now
        late = self._behind_since and now - self._behind_since > SAVING_AFTER
        self.saved.show_text("saving" if late else "all saved", "warn" if late else "dim")

    def _place(self) -> None:
        """Centres the name, or hides it where it would cover the menus."""
        self.song.adjustSize()
        self.song.move((self.width() - self.song.width()) // 2, (self.height() - self.song.height()) // 2)
        last = self.actionGeometry(self.actions()[-1]).right() if self.actions() else 0
        self.song.setVisible(bool(self.song.text()) and self.song.x() > last + theme.MARGIN)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._place()
