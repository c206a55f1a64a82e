import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow

from studio.ui.commands import Command, Commands
from studio.ui.keys_page import KeysPage


@pytest.fixture
def commands(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    made = Commands(window)
    made.add(
        [
            Command("play", "Play", "Space", lambda: None, menu="Transport"),
            Command("redo", "Redo", "Ctrl+Shift+Z; Ctrl+Y", lambda: None),
            Command("split", "Split", "S", lambda: None, menu="Clip"),
        ]
    )
    made.owner = window
    return made


@pytest.fixture
def page(qtbot, commands):
    stored: list[dict[str, str]] = []
    made = KeysPage(commands, {}, lambda keys: stored.append(dict(keys)))
    made.stored = stored
    qtbot.addWidget(made)
    made.show()
    return made


def press(qtbot, page, row: int, key: Qt.Key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    page.table.selectRow(row)
    page.listen()
    qtbot.keyClick(page.table, key, modifier)


def test_the_key_pressed_becomes_the_command_s_key(page, commands, qtbot) -> None:
    press(qtbot, page, 2, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert commands.keys("split") == "Ctrl+T"
    assert page.stored == [{"split": "Ctrl+T"}]


def test_a_key_that_another_command_has_moves_over_and_that_is_said(page, commands, qtbot) -> None:
    press(qtbot, page, 0, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert (commands.keys("play"), commands.keys("redo")) == ("Ctrl+Y", "Ctrl+Shift+Z")
    assert "Redo" in page.hint.text()
    assert commands.conflicts == ()


def test_escape_leaves_the_key(page, commands, qtbot) -> None:
    press(qtbot, page, 0, Qt.Key.Key_Escape)
    assert commands.keys("play") == "Space"
    assert page.stored == []


def test_keys_can_be_taken_away_and_set_back(page, commands) -> None:
    page.table.selectRow(0)
    page.clear.click()
    assert commands.keys("play") == ""
    page.table.selectRow(0)
    page.reset.click()
    assert (commands.keys("play"), page.stored[-1]) == ("Space", {})
    page.assign("split", "X")
    page.reset_all.click()
    assert commands.keys("split") == "S"


def test_commands_are_found_by_name_and_by_key(page) -> None:
    def shown() -> list[str]:
        return [page.table.item(n, 0).text() for n in range(3) if not page.table.isRowHidden(n)]

    page.search.setText("space")
    assert shown() == ["Transport: Play"]
    page.search.setText("split")
    assert shown() == ["Clip: Split"]
