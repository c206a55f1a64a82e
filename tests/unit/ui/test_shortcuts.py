import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLineEdit,
    QListWidget,
    QMainWindow,
    QPlainTextEdit,
    QPushButton,
    QSlider,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from studio.ui.commands import Command, Commands
from studio.ui.shortcuts import KeyFilter

Key, Modifier = Qt.Key, Qt.KeyboardModifier
KEYS = {
    "Space": (Key.Key_Space, Modifier.NoModifier),
    "R": (Key.Key_R, Modifier.NoModifier),
    "Home": (Key.Key_Home, Modifier.NoModifier),
    "Left": (Key.Key_Left, Modifier.NoModifier),
    "Ctrl+D": (Key.Key_D, Modifier.ControlModifier),
    "Ctrl+Z": (Key.Key_Z, Modifier.ControlModifier),
    "5": (Key.Key_5, Modifier.NoModifier),
    "-": (Key.Key_Minus, Modifier.NoModifier),
    "+": (Key.Key_Plus, Modifier.NoModifier),
    "=": (Key.Key_Equal, Modifier.NoModifier),
    "F3": (Key.Key_F3, Modifier.NoModifier),
    "Return": (Key.Key_Return, Modifier.NoModifier),
}
MAKERS = {
    "text field": QLineEdit,
    "text area": QPlainTextEdit,
    "button": lambda: QPushButton("Press"),
    "slider": lambda: QSlider(Qt.Orientation.Horizontal),
    "list": QListWidget,
    "tabs": QTabBar,
    "combo box": QComboBox,
    "canvas": QWidget,
}
ZOOM = {"-", "+", "="}
TO_COMMANDS = {
    "text field": {"F3"},
    "text area": {"F3"},
    "button": {"Space", "R", "Home", "Left", "Ctrl+D", "Ctrl+Z", "F3", "5", *ZOOM},
    "slider": {"Space", "R", "Ctrl+D", "Ctrl+Z", "F3", "Return", *ZOOM},
    "list": {"Space", "Ctrl+D", "Ctrl+Z", "F3", *ZOOM},
    "tabs": {"Space", "R", "Ctrl+D", "Ctrl+Z", "F3", "Return", "5", *ZOOM},
    "combo box": {"Space", "Ctrl+D", "Ctrl+Z", "F3", *ZOOM},
    "canvas": set(KEYS),
}


@pytest.fixture
def stage(qtbot):
    """A window with one widget of each kind and a command on each key; the log names the commands that ran."""
    window = QMainWindow()
    qtbot.addWidget(window)
    centre = QWidget()
    column = QVBoxLayout(centre)
    widgets = {}
    for name, make in MAKERS.items():
        widgets[name] = make()
        widgets[name].setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column.addWidget(widgets[name])
    widgets["list"].addItems(["Rain", "Snow"])
    widgets["combo box"].addItems(["Rain", "Snow"])
    widgets["tabs"].addTab("One")
    window.setCentralWidget(centre)
    log: list[str] = []
    commands = Commands(window)
    commands.add([Command(key, key, key, lambda key=key: log.append(key)) for key in KEYS])
    KeyFilter(window, commands.refresh)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    return widgets, log


@pytest.mark.parametrize("name", MAKERS)
def test_who_gets_which_key(stage, qtbot, name: str) -> None:
    widgets, log = stage
    widgets[name].setFocus()
    for key, modifier in KEYS.values():
        qtbot.keyClick(widgets[name], key, modifier)
    assert set(log) == TO_COMMANDS[name]
    assert len(log) == len(set(log))


def test_a_text_field_still_types(stage, qtbot) -> None:
    widgets, _ = stage
    field = widgets["text field"]
    field.setFocus()
    qtbot.keyClicks(field, "R l")
    assert field.text() == "R l"


def test_enter_presses_a_button(stage, qtbot) -> None:
    widgets, log = stage
    pressed: list[bool] = []
    widgets["button"].clicked.connect(lambda: pressed.append(True))
    widgets["button"].setFocus()
    qtbot.keyClick(widgets["button"], Key.Key_Return)
    assert pressed == [True]
    assert log == []


def test_what_is_enabled_is_looked_up_when_the_key_comes(qtbot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    state, log = {"on": False}, []
    commands = Commands(window)
    commands.add([Command("a", "A", "S", lambda: log.append("a"), lambda: state["on"])])
    KeyFilter(window, commands.refresh)
    canvas = QWidget(focusPolicy=Qt.FocusPolicy.StrongFocus)
    window.setCentralWidget(canvas)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    canvas.setFocus()
    qtbot.keyClick(canvas, Key.Key_S)
    state["on"] = True
    qtbot.keyClick(canvas, Key.Key_S)
    assert log == ["a"]
