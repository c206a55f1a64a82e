"""Where plug-ins are looked for, beside the folders of the platform: a field of the sound page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from .forms import Choice

if TYPE_CHECKING:
    from .shell import MainWindow

ADD = "\0add"


class PluginFolders(Choice):
    """Says how many folders there are, adds one, or leaves one out again; then what is new is examined. Main thread."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__("Plug-in folders")
        self._window = window
        self._list()
        self.currentIndexChanged.connect(self._chosen)

    def _list(self) -> None:
        own = self._window.workspace.preferences.plugin_folders
        usual = "The usual ones" + (f" and {len(own)} more" if own else "")
        leave = [(folder, f"Leave out {folder}") for folder in own]
        self.set_options([("", usual), *leave, (ADD, "Another folder…")])

    def _chosen(self) -> None:
        own, chosen = self._window.workspace.preferences.plugin_folders, self.value
        if chosen == ADD:
            folder = QFileDialog.getExistingDirectory(self, "A folder with VST3 plug-ins", str(Path.home()))
            wanted = (*own, folder) if folder and folder not in own else own
        else:
            wanted = tuple(folder for folder in own if folder != chosen)
        if wanted != own:
            self._window.workspace.update_preferences(plugin_folders=wanted)
            self._window.song.look_for_plugins(again=False)
        self._list()
