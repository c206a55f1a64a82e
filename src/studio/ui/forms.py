"""Pieces that dialogs share: a page of labelled rows, a row of buttons, a choice that keeps its values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from . import theme

LABEL_WIDTH = 132


class Choice(QComboBox):
    """A combo box of (value, text) pairs."""

    def __init__(self, name: str, options: Iterable[tuple[Any, str]] = ()) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setMinimumWidth(220)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.set_options(options)

    def set_options(self, options: Iterable[tuple[Any, str]], value: Any = None) -> None:
        """Offers other options and chooses the one with `value`, the first if there is none. Emits nothing."""
        blocked = self.blockSignals(True)
        self.clear()
        for data, text in options:
            self.addItem(text, data)
        self.choose(value)
        self.blockSignals(blocked)

    def choose(self, value: Any) -> None:
        """Chooses the option with this value, the first if there is none."""
        values = [self.itemData(n) for n in range(self.count())]
        self.setCurrentIndex(values.index(value) if value in values else 0)

    @property
    def value(self) -> Any:
        """The value of the option chosen."""
        return self.currentData()


def page(title: str = "") -> tuple[QWidget, QVBoxLayout]:
    """A page with an optional heading, and the column to fill."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(*[theme.MARGIN * 2] * 4)
    column.setSpacing(theme.MARGIN)
    if title:
        column.addWidget(text(title, "title"))
    return made, column


def form() -> QFormLayout:
    """A form with labels of one width."""
    made = QFormLayout()
    made.setHorizontalSpacing(theme.MARGIN * 2)
    made.setVerticalSpacing(theme.PAD)
    made.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    made.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return made


def add_row(to: QFormLayout, name: str, field: QWidget) -> None:
    """Adds a labelled field; the label is the field's name for screen readers too, where it has none of its own."""
    label = QLabel(name)
    label.setMinimumWidth(LABEL_WIDTH)
    label.setProperty("role", "dim")
    label.setMinimumHeight(28)
    label.setBuddy(field)
    if not field.accessibleName():
        field.setAccessibleName(name)
    to.addRow(label, field)


def centred(field: QWidget) -> QWidget:
    """A field lower than its row, in the middle of it."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(field, 0, Qt.AlignmentFlag.AlignVCenter)
    return made


def text(words: str, role: str = "", wrap: bool = True) -> QLabel:
    """A label of a role of the style sheet: dim, title, heading, error."""
    label = QLabel(words)
    label.setProperty("role", role)
    label.setWordWrap(wrap)
    return label


def set_role(label: QLabel, role: str) -> None:
    """Shows a label in another role."""
    if label.property("role") != role:
        label.setProperty("role", role)
        label.style().unpolish(label)
        label.style().polish(label)


def button_row(*buttons: QPushButton) -> QHBoxLayout:
    """Buttons at the right."""
    row = QHBoxLayout()
    row.setSpacing(theme.PAD)
    row.addStretch(1)
    for button in buttons:
        row.addWidget(button)
    return row


def push(words: str, run: Any, primary: bool = False) -> QPushButton:
    """A button that calls `run` without arguments."""
    button = QPushButton(words)
    button.setProperty("primary", primary)
    button.setAutoDefault(primary)
    button.setDefault(primary)
    button.clicked.connect(lambda _=False: run())
    return button


def dialog_frame(dialog: QDialog, title: str, width: int, height: int = 0) -> QVBoxLayout:
    """Gives a dialog its title, size and margins; returns the column to fill."""
    dialog.setWindowTitle(title)
    dialog.setMinimumWidth(width)
    if height:
        dialog.resize(width, height)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(*[theme.MARGIN * 2] * 4)
    column.setSpacing(theme.MARGIN)
    return column


class NameDialog(QDialog):
    """Asks for one line of text. `accept_text` is what the button that takes it says."""

    def __init__(self, parent: QWidget, title: str, prompt: str, name: str, accept_text: str) -> None:
        super().__init__(parent)
        column = dialog_frame(self, title, 400)
        column.addWidget(text(title, "title"))
        column.addWidget(text(prompt, "dim"))
        self.field = QLineEdit(name)
        self.field.setAccessibleName(title)
        self.field.setMaxLength(200)
        self.field.selectAll()
        self.field.textChanged.connect(self._check)
        column.addWidget(self.field)
        column.addSpacing(theme.PAD)
        self.go = push(accept_text, self.accept, primary=True)
        column.addLayout(button_row(push("Cancel", self.reject), self.go))
        self.field.setFocus()
        self._check()

    @property
    def name(self) -> str:
        """What was typed, without blanks around it."""
        return self.field.text().strip()

    def _check(self) -> None:
        self.go.setEnabled(bool(self.name))


def ask_name(parent: QWidget, title: str, prompt: str, name: str, accept_text: str) -> str:
    """Asks for a name; empty when the person thought better of it."""
    dialog = NameDialog(parent, title, prompt, name, accept_text)
    return dialog.name if dialog.exec() == QDialog.DialogCode.Accepted else ""
