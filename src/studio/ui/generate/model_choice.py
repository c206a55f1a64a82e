"""Which model makes it: its licence, size and memory, whether it is there, and fetching or removing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from .. import theme
from ..forms import Choice

STATES = {
    "absent": "not fetched", "partial": "partly fetched", "ready": "on this computer", "changed": "changed on the disk",
    "local": "a folder of yours", "lost": "its folder is gone",
}  # fmt: skip

GONE = {"absent", "partial", "changed"}
"""States in which it can be fetched."""

HERE = frozenset({"ready", "local"})
"""States in which it can be used."""

ROOMS = {
    "whole": "fits this machine",
    "parts": "fits this machine in parts, slower",
    "short": "too large for this machine",
}
"""What is said of a model's need against this machine's memory."""


def size_text(size: float) -> str:
    """Bytes in words."""
    if size >= 1e9:
        return f"{size / 1e9:.1f} GB"
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


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
            button.clicked.connect(lambda _=False, what=what: self.asked.emit(what, self._wanted(what)))
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
        return self.model.get("state") in HERE and not self.model["lacks"]

    @property
    def lacks(self) -> str:
        """What keeps it from making something now, empty where nothing does."""
        return str(next((lack["hint"] for lack in self.model.get("lacks", ())), ""))

    def show_models(self, models: list[dict[str, Any]], wish: str = "") -> None:
        """Offers these models, as `actions.models.models_for` describes them; what is there comes first."""
        self._models = {model["name"]: model for model in models}
        there = sorted(models, key=lambda model: model["state"] not in HERE or bool(model["lacks"]))
        before = wish or self.value
        self.box.set_options([(one["name"], f"{one['title']} · {STATES[one['state']]}") for one in there], before)
        self._shown()

    def _wanted(self, what: str) -> str:
        """The model that is meant: for fetching, the part that the chosen one lacks."""
        lacking = [lack["name"] for lack in self.model.get("lacks", ()) if lack["lacks"] == "model"]
        return lacking[0] if what == "plan" and lacking and self.value not in lacking else self.value

    def _shown(self) -> None:
        model = self._models.get(self.value)
        state = model["state"] if model is not None else ""
        part = any(lack["lacks"] == "model" for lack in (model or {}).get("lacks", ()))
        self.fetch.setVisible(state in GONE or part)
        self.fetch.setText("Go on fetching…" if state == "partial" else "Fetch…")
        self.verify.setVisible(state in {"ready", "changed", "local"})
        self.remove.setVisible(state in {"ready", "changed", "partial"})
        self.about.setText(about(model) if model is not None else "No model of the catalogue does this.")
        self.chosen.emit()


def about(model: Mapping[str, Any]) -> str:
    """A model in a sentence or two."""
    memory = f"needs {model['memory_gb']:g} GB of memory" if model["memory_gb"] else ""
    room = ROOMS.get(str(model.get("room", "")), "")
    sale = "" if model["commercial"] else "no commercial use"
    size = size_text(model["bytes"]) if model["bytes"] else ""
    parts = [model["licence"], sale, size, f"{memory}: {room}" if memory and room else memory]
    sentence = " · ".join(part for part in parts if part)
    return f"{sentence}\n{model['note']}".strip()
