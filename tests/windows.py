"""The main window with a real workspace, in a home folder of its own, without a sound device and without a screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from studio.actions.workspace import Opened, Workspace
from studio.ui.shell import MainWindow, prepare

OpenWindow = Callable[[], MainWindow]


@pytest.fixture
def open_window(qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenWindow]:
    """Opens windows, one after the other, on one home folder. `quit_window` ends one as the program does."""
    home = tmp_path / "home"
    monkeypatch.setenv("STUDIO_HOME", str(home))
    prepare(QApplication.instance())
    made: list[MainWindow] = []

    def open_one() -> MainWindow:
        window = MainWindow(home / "config")
        workspace = Workspace(Opened(), window.notices.error)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
        with qtbot.waitSignal(window.ready, timeout=20_000):
            window.attach(workspace)
        made.append(window)
        return window

    yield open_one
    for window in made:
        window.close()
        window.workspace.close()
        window.deleteLater()


@pytest.fixture
def window(open_window: OpenWindow) -> MainWindow:
    """One window, without a song."""
    return open_window()


def begin(window: MainWindow, qtbot: Any, name: str = "Night Bus") -> None:
    """Makes a song and waits until it is shown."""
    window.workspace.new_project(name)
    qtbot.waitUntil(lambda: window.session is not None, timeout=20_000)


def idle(window: MainWindow, qtbot: Any) -> None:
    """Waits until no job runs."""
    qtbot.waitUntil(lambda: not window.workspace.jobs.running(), timeout=30_000)


def press(
    window: MainWindow, qtbot: Any, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    """A key to whatever has the focus."""
    qtbot.keyClick(QApplication.focusWidget() or window, key, modifier)


def tone(path: Path, seconds: float = 1.0) -> Path:
    """A sound file."""
    soundfile.write(path, 0.3 * np.sin(np.arange(round(48_000 * seconds)) / 20).astype(np.float32), 48_000)
    return path
