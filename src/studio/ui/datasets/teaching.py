"""Asks which model is to be taught, and how."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from ...actions.training import Teaching
from ...engine.ai.training.settings import Settings, read_settings
from ...errors import StudioError
from ..forms import Choice, add_row, button_row, dialog_frame, form, push, set_role, text

FIELDS = (
    ("steps", "Steps", "Steps of learning; each sees an item or a batch"),
    ("rank", "Rank", "How much an adapter can hold: 4 to 32"),
    ("alpha", "Alpha", "How strongly it is applied; usually the rank"),
    ("learning_rate", "Learning rate", "1e-4 is usual; less is safer"),
    ("batch", "Batch", "Items of a step"),
    ("patience", "Patience", "Judgements without a better one after which it ends; 0 for never"),
    ("seed", "Seed", "The same seed gives the same adapter"),
)
ABOUT = (
    "It is judged by the validation items, which it never learns from. The best state is kept, and is offered as an"
    " adapter only if it is better than none."
)


class TeachDialog(QDialog):
    """Main thread. `begin(teaching)` is called with what was asked for. `models` are name, title and whether each is
    here."""

    def __init__(
        self, parent: QWidget, version: str, models: Sequence[tuple[str, str, bool]], begin: Callable[[Any], object]
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._here = {name for name, _, here in models if here}
        self._begin = begin
        column = dialog_frame(self, "Teach a Model", 460)
        column.addWidget(text(f"Teach a model by {version}", "title"))
        told = [(name, title if here else f"{title} · not fetched") for name, title, here in models]
        self.model = Choice("Model", told or [("", "No model of the catalogue learns from this")])
        self.name = QLineEdit(version)
        self.name.setMaxLength(60)
        usual = Settings()
        self.fields = {name: QLineEdit(f"{getattr(usual, name):g}") for name, _, _ in FIELDS}
        rows = form()
        add_row(rows, "Model", self.model)
        add_row(rows, "Name of the adapter", self.name)
        for name, title, hint in FIELDS:
            self.fields[name].setToolTip(hint)
            add_row(rows, title, self.fields[name])
        column.addLayout(rows)
        self.said = text(ABOUT, "dim")
        column.addWidget(self.said)
        self.go = push("Teach", self._go, primary=True)
        column.addLayout(button_row(push("Cancel", self.reject), self.go))
        self.model.currentIndexChanged.connect(self._show_state)
        self._show_state()

    def _show_state(self, *_: Any) -> None:
        here = self.model.value in self._here
        self.go.setEnabled(here)
        self._say(ABOUT if here else "Fetch the model first: in Generate, under Models.", "dim")

    def _say(self, sentence: str, role: str) -> None:
        self.said.setText(sentence)
        set_role(self.said, role)

    def _go(self) -> None:
        given = {name: field.text().strip() for name, field in self.fields.items() if field.text().strip()}
        try:
            settings = read_settings(given)
            self._begin(Teaching(model=self.model.value, settings=settings, title=self.name.text().strip()))
        except StudioError as error:
            self._say(str(error), "error")
            return
        self.accept()
