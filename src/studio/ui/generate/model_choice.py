"""Which model: its licence, size and memory against this machine, whether it is there, and fetching or removing it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMessageBox, QPushButton, QVBoxLayout, QWidget

from .. import theme
from ..forms import Choice

STATES = {
    "absent": "not fetched", "partial": "partly fetched", "ready": "on this computer", "changed": "changed on the disk",
    "local": "a folder of yours", "lost": "its folder is gone",
}  # fmt: skip

GONE = {"absent", "partial", "changed"}
"""States in which it can be fetched."""


def size_text(size: float) -> str:
    """Bytes in words."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


class ModelChoice(QWidget):
    """The models of a task. `chosen` when another is; `asked(what, name)` for "plan", "verify" and "remove"."""

    chosen = Signal()
    asked = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self._models: dict[str, dict[str, Any]] = {}
        self.box = Choice("Model")
        self.box.setMinimumWidth(0)
        self.about = QLabel()
        self.about.setWordWrap(True)
        self.about.setProperty("role", "dim")
        self.fetch, self.verify, self.remove = QPushButton("Fetch…"), QPushButton("Verify"), QPushButton("Delete…")
        row = QHBoxLayout()
        row.setSpacing(theme.PAD)
        for what, button in (("plan", self.fetch), ("verify", self.verify), ("remove", self.remove)):
            button.clicked.connect(lambda _=False, what=what: self.asked.emit(what, self.value))
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.PAD)
        column.addWidget(self.box)
        column.addWidget(self.about)
        column.addLayout(row)
        self.box.currentIndexChanged.connect(self._shown)
        self._shown()

    @property
    def value(self) -> str:
        """The name of the model, empty where there is none."""
        return self.box.value or ""

    @property
    def model(self) -> dict[str, Any]:
        """What is known of it, empty where there is none."""
        return self._models.get(self.value, {})

    @property
    def ready(self) -> bool:
        """Whether it can make something now."""
        return self.model.get("state") in {"ready", "local"}

    def show_models(self, models: list[dict[str, Any]], wish: str = "") -> None:
        """Offers these models, as `actions.models.list_models` describes them; what is there comes first."""
        self._models = {model["name"]: model for model in models}
        there = sorted(models, key=lambda model: model["state"] not in {"ready", "local"})
        before = wish or self.value
        self.box.set_options([(one["name"], f"{one['title']} · {STATES[one['state']]}") for one in there], before)
        self._shown()

    def confirm(self, plans: dict[str, Any], model: dict[str, Any]) -> bool:
        """Shows what fetching would take and under which licence; whether the person wants it."""
        missing = sum(plan["missing_bytes"] for plan in plans.values())
        free = min(plan["free_bytes"] for plan in plans.values())
        sale = "What it makes may be sold." if model["commercial"] else "What it makes may not be sold."
        text = (
            f"{size_text(missing)} are to be fetched; the disk has {size_text(free)}.\n\nLicence: {model['licence']}."
            f" {sale}\n{model['attribution']}\n{model['note']}"
        )
        box = QMessageBox(QMessageBox.Icon.NoIcon, f"Fetch {model['title']}", text.strip(), parent=self.window())
        accept = box.addButton("Accept the licence and fetch", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(accept)
        box.exec()
        return box.clickedButton() is accept

    def _shown(self) -> None:
        model = self._models.get(self.value)
        state = model["state"] if model is not None else ""
        self.fetch.setVisible(state in GONE)
        self.fetch.setText("Go on fetching…" if state == "partial" else "Fetch…")
        self.verify.setVisible(state in {"ready", "changed", "local"})
        self.remove.setVisible(state in {"ready", "changed", "partial"})
        self.about.setText(about(model) if model is not None else "No model of the catalogue does this.")
        self.chosen.emit()


def about(model: dict[str, Any]) -> str:
    """A model in a sentence or two."""
    memory = f"needs {model['memory_gb']:g} GB of memory" if model["memory_gb"] else ""
    sale = "" if model["commercial"] else "no commercial use"
    room = model.get("room", "")
    size = size_text(model["bytes"]) if model["bytes"] else ""
    parts = [model["licence"], sale, size, memory, str(room) if isinstance(room, str) else ""]
    sentence = " · ".join(part for part in parts if part)
    return f"{sentence}\n{model['note']}".strip()
