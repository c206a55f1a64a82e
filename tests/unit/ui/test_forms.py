from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from studio.ui.forms import Choice, NameDialog


def test_a_choice_keeps_its_value_where_it_can_and_says_nothing_while_filled(qtbot) -> None:
    choice = Choice("Rate", ((44_100, "44.1 kHz"), (48_000, "48 kHz")))
    qtbot.addWidget(choice)
    said: list[int] = []
    choice.currentIndexChanged.connect(said.append)
    choice.set_options(((48_000, "48 kHz"), (96_000, "96 kHz")), 96_000)
    assert (choice.value, said) == (96_000, [])
    choice.set_options(((48_000, "48 kHz"),), 96_000)
    assert choice.value == 48_000


def test_a_name_is_asked_for_and_blanks_are_none(qtbot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = NameDialog(parent, "New song", "It is kept in a folder.", "New song", "Create")
    dialog.show()
    qtbot.keyClicks(dialog.field, "   ")
    assert not dialog.go.isEnabled()
    qtbot.keyClicks(dialog.field, "Night Bus ")
    with qtbot.waitSignal(dialog.accepted):
        qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert dialog.name == "Night Bus"
