import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow, QPushButton, QVBoxLayout, QWidget

from studio.errors import StudioError
from studio.ui.commands import Command, Commands, Conflict, fill_menu_bar


@pytest.fixture
def window(qtbot):
    made = QMainWindow()
    qtbot.addWidget(made)
    return made


def note(log: list[str], word: str):
    return lambda: log.append(word)


def test_each_command_is_an_action_of_the_window_with_its_keys(window) -> None:
    commands = Commands(window)
    commands.add([Command("a", "Do it", "Ctrl+Shift+Z; Ctrl+Y", lambda: None)])
    action = commands.action("a")
    assert action in window.actions()
    assert [key.toString() for key in action.shortcuts()] == ["Ctrl+Shift+Z", "Ctrl+Y"]
    assert commands.keys("a") == "Ctrl+Shift+Z, Ctrl+Y"


def test_no_key_belongs_to_two_actions_and_conflicts_are_told(window) -> None:
    commands = Commands(window)
    commands.add([Command("a", "A", "Space", lambda: None), Command("b", "B", "Space; B", lambda: None)])
    assert commands.conflicts == (Conflict("Space", "a", "b"),)
    assert commands.keys("b") == "B"


def test_a_chosen_key_wins_over_a_default_one(window) -> None:
    commands = Commands(window)
    commands.add([Command("a", "A", "Space", lambda: None), Command("b", "B", "", lambda: None)])
    commands.set_overrides({"b": "Space"})
    assert (commands.keys("a"), commands.keys("b")) == ("", "Space")
    commands.set_overrides({"a": ""})
    assert (commands.keys("a"), commands.keys("b")) == ("", "")
    commands.set_overrides({})
    assert commands.keys("a") == "Space"


def test_disabled_commands_do_not_run(window) -> None:
    log: list[str] = []
    commands = Commands(window)
    commands.add([Command("a", "A", "", note(log, "a"), lambda: False)])
    assert commands.run("a") is False
    assert log == []
    assert not commands.action("a").isEnabled()


def test_switches_and_varying_texts_follow_the_state(window) -> None:
    state = {"on": False}
    commands = Commands(window)
    commands.add(
        [
            Command(
                "a",
                "A",
                "",
                lambda: state.update(on=not state["on"]),
                checked=lambda: state["on"],
                label=lambda: "Now on" if state["on"] else "Now off",
            )
        ]
    )
    assert not commands.action("a").isChecked()
    commands.action("a").trigger()
    assert commands.action("a").isChecked()
    assert commands.action("a").text() == "Now on"


def test_a_refusal_becomes_a_sentence(window, qtbot) -> None:
    def refuse() -> None:
        raise StudioError("There is no track; add one.")

    commands = Commands(window)
    commands.add([Command("a", "A", "", refuse)])
    with qtbot.waitSignal(commands.failed) as heard:
        commands.action("a").trigger()
    assert str(heard.args[0]) == "There is no track; add one."


def test_one_action_goes_to_the_panel_with_the_focus(window, qtbot) -> None:
    log: list[str] = []
    centre = QWidget()
    column = QVBoxLayout(centre)
    panels = []
    for name in ("one", "two"):
        panel = QWidget()
        inner = QVBoxLayout(panel)
        inner.addWidget(QLineEdit())
        column.addWidget(panel)
        panels.append((name, panel))
    window.setCentralWidget(centre)
    commands = Commands(window)
    for name, panel in panels:
        commands.add([Command("edit.delete", f"Delete in {name}", "Del", note(log, name))], panel)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    panels[1][1].findChild(QLineEdit).setFocus()
    commands.run("edit.delete")
    panels[0][1].findChild(QLineEdit).setFocus()
    commands.run("edit.delete")
    assert log == ["two", "one"]
    commands.remove(panels[0][1])
    commands.run("edit.delete")
    assert log == ["two", "one", "two"]
    commands.remove(panels[1][1])
    assert commands.all() == ()
    assert commands.conflicts == ()


def test_menus_come_in_their_order_with_separators_between_groups(window) -> None:
    commands = Commands(window)
    commands.add(
        [
            Command("h", "Help me", "", lambda: None, menu="Help"),
            Command("f1", "New", "", lambda: None, menu="File"),
            Command("f2", "Quit", "", lambda: None, menu="File", group="q"),
            Command("v", "Deep", "", lambda: None, menu="View/Panels"),
            Command("x", "Nowhere", "", lambda: None, menu=""),
        ]
    )
    menus = fill_menu_bar(window.menuBar(), commands)
    assert list(menus) == ["File", "View", "View/Panels", "Help"]
    assert [a.text() or "-" for a in menus["File"].actions()] == ["New", "-", "Quit"]
    assert commands.action("x") in window.actions()


def test_a_key_runs_its_command(window, qtbot) -> None:
    log: list[str] = []
    commands = Commands(window)
    commands.add([Command("a", "A", "Ctrl+D", note(log, "a"))])
    window.setCentralWidget(QPushButton("x"))
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    qtbot.keyClick(window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert log == ["a"]
