from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow

from studio.ui.commands import Command, Commands
from studio.ui.palette import Palette, fuzzy


def best(query: str, *texts: str) -> str:
    return max(texts, key=lambda text: match.score if (match := fuzzy(query, text)) else -1e9)


def test_letters_must_come_in_order() -> None:
    assert fuzzy("abc", "a big cat") is not None
    assert fuzzy("cba", "a big cat") is None
    assert fuzzy("", "anything") is not None


def test_starts_of_words_and_runs_count_more() -> None:
    assert best("at", "Add Track", "Create Beat") == "Add Track"
    assert best("exp", "Export Mix", "Next Pass") == "Export Mix"
    assert best("mute", "Mute", "Move to Upper Track End") == "Mute"
    assert best("un", "Undo", "Count-in") == "Undo"


def opened(qtbot, log):
    window = QMainWindow()
    qtbot.addWidget(window)
    commands = Commands(window)
    commands.add(
        [
            Command("a", "Add Track", "Ctrl+T", lambda: log.append("a"), menu="Track"),
            Command("b", "Split", "S", lambda: log.append("b"), menu="Clip"),
            Command("c", "Adapt", "", lambda: log.append("c"), lambda: False, menu="Clip"),
        ]
    )
    palette = Palette(commands, window)
    qtbot.addWidget(palette)
    window.show()
    palette.open()
    return palette


def rows(palette: Palette) -> list[str]:
    model = palette.list.model()
    return [model.index(n, 0).data() for n in range(model.rowCount())]


def test_typing_and_enter_runs_the_best_command(qtbot) -> None:
    log: list[str] = []
    palette = opened(qtbot, log)
    qtbot.keyClicks(palette.field, "spl")
    assert rows(palette) == ["Clip: Split"]
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert log == ["b"]
    assert not palette.isVisible()


def test_arrows_choose_and_what_cannot_run_is_last_and_does_not(qtbot) -> None:
    log: list[str] = []
    palette = opened(qtbot, log)
    qtbot.keyClicks(palette.field, "ad")
    assert rows(palette) == ["Track: Add Track", "Clip: Adapt"]
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert log == ["a"]
    palette.open()
    qtbot.keyClicks(palette.field, "adapt")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert log == ["a"]
    assert palette.isVisible()


def test_what_was_used_last_comes_first(qtbot) -> None:
    log: list[str] = []
    palette = opened(qtbot, log)
    assert rows(palette)[0] == "Track: Add Track"
    qtbot.keyClicks(palette.field, "split")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    palette.open()
    assert rows(palette)[0] == "Clip: Split"


def test_the_menu_name_finds_too_and_keys_are_read_out(qtbot) -> None:
    palette = opened(qtbot, [])
    qtbot.keyClicks(palette.field, "clip")
    assert rows(palette) == ["Clip: Split", "Clip: Adapt"]
    item = palette.list.model().index(0, 0)
    assert item.data(Qt.ItemDataRole.AccessibleTextRole) == "Clip: Split, S"


def test_what_hardly_fits_is_not_listed(qtbot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    commands = Commands(window)
    names = ("Metronome", "Move Track Down", "Name This Version", "Metronome Level")
    commands.add([Command(name, name, "", lambda: None, menu="") for name in names])
    palette = Palette(commands, window)
    qtbot.addWidget(palette)
    palette.open()
    qtbot.keyClicks(palette.field, "metro")
    assert rows(palette) == ["Metronome", "Metronome Level"]
