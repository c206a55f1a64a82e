import time
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMainWindow

from studio.ui.commands import Command, Commands
from studio.ui.welcome import BUTTONS, RecentSong, Welcome, when_text


@pytest.fixture
def welcome(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    commands = Commands(window)
    commands.add([Command(command_id, text, "", lambda: None) for command_id, text in BUTTONS])
    made = Welcome(commands)
    window.setCentralWidget(made)
    window.resize(1000, 700)
    window.show()
    return made


def drop(welcome: Welcome, *paths: str) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in paths])
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, none)
    QApplication.sendEvent(welcome, enter)
    assert enter.isAccepted()
    event = QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, none)
    QApplication.sendEvent(welcome, event)


def test_a_recent_song_opens_with_a_click_and_with_enter(welcome, qtbot) -> None:
    welcome.show_recent([RecentSong("Night Bus", Path("/songs/Night Bus.studio"), time.time())])
    row = welcome.recent.visualItemRect(welcome.recent.item(0)).center()
    with qtbot.waitSignal(welcome.open_requested) as asked:
        qtbot.mouseClick(welcome.recent.viewport(), Qt.MouseButton.LeftButton, pos=row)
    assert asked.args == [Path("/songs/Night Bus.studio")]
    with qtbot.waitSignal(welcome.open_requested):
        qtbot.keyClick(welcome.recent, Qt.Key.Key_Return)


def test_songs_dropped_open_and_sounds_dropped_begin_one(welcome, qtbot) -> None:
    with qtbot.waitSignal(welcome.open_requested) as opened:
        drop(welcome, "/songs/Night Bus.studio")
    assert opened.args == [Path("/songs/Night Bus.studio")]
    with qtbot.waitSignal(welcome.sounds_dropped) as begun:
        drop(welcome, "/loops/a.wav", "/loops/b.flac")
    assert begun.args == [[Path("/loops/a.wav"), Path("/loops/b.flac")]]


def test_moments_are_told_as_people_do() -> None:
    now = datetime(2026, 1, 1, 12, 0).timestamp()
    assert when_text(datetime(2026, 1, 1, 9, 5).timestamp(), now) == "today 09:05"
    assert when_text(datetime(2025, 12, 31, 23, 59).timestamp(), now) == "yesterday 23:59"
    assert when_text(datetime(2025, 12, 5, 8, 0).timestamp(), now) == "5 December 2025"
    assert when_text(0) == ""
