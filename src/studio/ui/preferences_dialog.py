"""The preferences: sound, MIDI, keys, folders and appearance. Every change is in force and remembered at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QListWidgetItem, QStackedWidget, QVBoxLayout, QWidget

from . import theme
from .audio_page import AudioPage
from .forms import button_row, push
from .general_page import GeneralPage
from .keys_page import KeysPage
from .midi_page import MidiPage

if TYPE_CHECKING:
    from .shell import MainWindow

PAGES = (("sound", "Sound"), ("midi", "MIDI"), ("keys", "Keys"), ("folders", "Folders and appearance"))


class PreferencesDialog(QDialog):
    """Opens at the page named "sound", "midi", "keys" or "folders"."""

    def __init__(self, window: MainWindow, page: str = "sound") -> None:
        super().__init__(window)
        self.setWindowTitle("Preferences")
        self.resize(820, 560)
        self.audio = AudioPage(window)
        self.keys = KeysPage(
            window.commands, window.workspace.preferences.shortcuts, lambda keys: window.remember(shortcuts=keys)
        )
        self.general = GeneralPage(window)
        self.midi = MidiPage(window)
        self._stack = QStackedWidget()
        self._names = QListWidget()
        self._names.setAccessibleName("Pages")
        self._names.setFixedWidth(188)
        self._names.setStyleSheet(f"padding: {theme.PAD}px; background: {theme.TOKENS['bg']};")
        made: dict[str, QWidget] = {"sound": self.audio, "midi": self.midi, "keys": self.keys, "folders": self.general}
        for key, title in PAGES:
            item = QListWidgetItem(title)
            item.setData(Qt.ItemDataRole.UserRole, key)
            self._names.addItem(item)
            self._stack.addWidget(made[key])
        self._names.currentRowChanged.connect(self._stack.setCurrentIndex)
        self._names.setCurrentRow([key for key, _ in PAGES].index(page))
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.addWidget(self._stack, 1)
        close = button_row(push("Close", self.accept))
        close.setContentsMargins(*[theme.MARGIN * 2] * 4)
        right.addLayout(close)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._names)
        row.addLayout(right, 1)
