"""The page of folders and appearance of the preferences."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from . import theme
from .forms import Choice, add_row, form, page, push, text

if TYPE_CHECKING:
    from .shell import MainWindow

SCALES = ((None, "That of the system"), *((n / 100, f"{n} %") for n in (100, 125, 150, 175, 200)))
RATES = (44_100, 48_000, 88_200, 96_000)


class GeneralPage(QWidget):
    """Where songs go, at which rate new ones begin, and how large everything is drawn."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window = window
        preferences = window.workspace.preferences
        made, column = page("Folders and appearance")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(made)
        rows = form()
        self.folder = QLineEdit(str(window.projects_folder))
        self.folder.setAccessibleName("Folder of songs")
        self.folder.editingFinished.connect(lambda: self._set_folder(self.folder.text()))
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.PAD)
        row.addWidget(self.folder, 1)
        row.addWidget(push("Choose…", self._choose))
        add_row(rows, "Songs", line)
        self.rate = Choice("Rate of new songs", ((rate, f"{rate / 1000:g} kHz") for rate in RATES))
        self.rate.choose(preferences.project_rate)
        self.rate.currentIndexChanged.connect(lambda: window.remember(project_rate=self.rate.value))
        add_row(rows, "Rate of new songs", self.rate)
        self.scale = Choice("Size of everything", SCALES)
        self.scale.choose(preferences.ui_scale)
        self.scale.currentIndexChanged.connect(lambda: window.remember(ui_scale=self.scale.value))
        add_row(rows, "Size of everything", self.scale)
        column.addLayout(rows)
        column.addWidget(
            text("Another size is in force at the next start. Songs that exist stay where they are.", "dim")
        )
        column.addStretch(1)

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder for songs", self.folder.text())
        if chosen:
            self.folder.setText(chosen)
            self._set_folder(chosen)

    def _set_folder(self, name: str) -> None:
        name = name.strip()
        if name and Path(name) != self._window.projects_folder:
            self._window.remember(projects_folder=str(Path(name).expanduser()))
