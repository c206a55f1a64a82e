"""How a file was made, whole, and making it again."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFormLayout, QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ...actions.recreating import Again
from ...actions.stories import recipe_rows
from .. import theme
from ..forms import add_row, button_row, form, set_role, text

SAME = "Model and sounds are here as they were: made again on the same kind of machine, it comes out the same."


class RecipeDialog(QDialog):
    """A recipe in rows. `again_requested(Making)`: it should be made again; `settings_requested(Again)`: its settings
    should be shown in the form, to be changed."""

    again_requested = Signal(object)
    settings_requested = Signal(object)

    def __init__(self, name: str, again: Again, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("How it was made")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(560, 520)
        self.again = QPushButton("Make It Again")
        self.again.setEnabled(again.making is not None)
        self.settings = QPushButton("Use These Settings")
        close = QPushButton("Close")
        self.said = text("")
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.MARGIN * 2] * 4)
        column.setSpacing(theme.MARGIN)
        column.addWidget(text(name, "title"))
        column.addWidget(_rows(again), 1)
        column.addWidget(self.said)
        column.addLayout(button_row(close, self.settings, self.again))
        self._say(again)
        default = self.again if again.making is not None else self.settings
        default.setProperty("primary", True)
        default.setDefault(True)
        default.setFocus()
        close.clicked.connect(self.reject)
        self.again.clicked.connect(lambda: self._chosen(self.again_requested, again.making))
        self.settings.clicked.connect(lambda: self._chosen(self.settings_requested, again))

    def _say(self, again: Again) -> None:
        self.said.setText(again.obstacle or " ".join(again.differs) or SAME)
        set_role(self.said, "error" if again.obstacle else "" if again.differs else "dim")

    def _chosen(self, signal: object, what: object) -> None:
        self.accept()
        signal.emit(what)  # type: ignore[attr-defined]


def _rows(again: Again) -> QScrollArea:
    """The recipe, to be read and copied."""
    inner = QWidget()
    inner.setObjectName("rows")
    inner.setStyleSheet("#rows { background: transparent; }")
    rows = form()
    rows.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
    for name, value in recipe_rows(again.recipe):
        if value:
            field = QLabel(value)
            field.setTextFormat(Qt.TextFormat.PlainText)
            field.setWordWrap(True)
            field.setMinimumHeight(28)
            field.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            add_row(rows, name, field)
    inner.setLayout(rows)
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setWidget(inner)
    area.setAccessibleName("Recipe")
    return area
