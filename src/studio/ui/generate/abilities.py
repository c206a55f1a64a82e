"""What this studio can do now, task by task, and the way to what the others lack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ...actions.models import list_capabilities
from .. import theme
from ..forms import text

LookUp = Callable[[Callable[[], Any], Callable[[Any], None]], None]


class Abilities(QScrollArea):
    """A card for each task. `task_wanted(task)`: its form is to be shown; `wanted(model)`: this one, to be fetched."""

    task_wanted = Signal(str)
    wanted = Signal(str)

    def __init__(self, look_up: LookUp) -> None:
        super().__init__()
        self._look_up = look_up
        self.setAccessibleName("What this studio can do now")
        self.setWidgetResizable(True)
        inner = QWidget()
        inner.setObjectName("form")
        inner.setStyleSheet("#form { background: transparent; }")
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(*[theme.MARGIN] * 4)
        self._column.setSpacing(theme.MARGIN)
        self._column.addStretch(1)
        self.cards: dict[str, AbilityCard] = {}
        self.setWidget(inner)

    def look(self) -> None:
        """Looks anew what can be done."""
        self._look_up(list_capabilities, lambda found: self.show_tasks(found["tasks"]))

    def show_tasks(self, tasks: list[dict[str, Any]]) -> None:
        """Shows what `actions.models.list_capabilities` found."""
        for card in self.cards.values():
            card.setParent(None)
            card.deleteLater()
        self.cards = {}
        for place, task in enumerate(tasks):
            card = self.cards[task["task"]] = AbilityCard(task)
            card.go.clicked.connect(lambda _=False, name=task["task"]: self.task_wanted.emit(name))
            for name, button in card.fetches.items():
                button.clicked.connect(lambda _=False, name=name: self.wanted.emit(name))
            self._column.insertWidget(place, card)


class AbilityCard(QWidget):
    """One task: ready, or what it lacks, with a button for each model that is to be fetched."""

    def __init__(self, task: Mapping[str, Any]) -> None:
        super().__init__()
        ready = bool(task["ready"])
        self.fetches: dict[str, QPushButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        self.go = QPushButton("Make")
        self.go.setVisible(ready)
        self.go.setAccessibleName(f"Make {task['title']}")
        state = QLabel("Ready" if ready else "Not yet")
        state.setStyleSheet(f"color: {theme.TOKENS['ok' if ready else 'warn']};")
        column.addLayout(_row(text(str(task["title"]), "heading"), state, self.go))
        if ready:
            column.addWidget(text(f"With {', '.join(task['titles'])}.", "dim"))
        else:
            for lack in _one_way(task["missing"]):
                self._add(column, lack)
        self.setAccessibleName(f"{task['title']}: {state.text()}")

    def _add(self, column: QVBoxLayout, lack: Mapping[str, Any]) -> None:
        hint = text(str(lack["hint"]), "dim")
        if lack["lacks"] != "model":
            column.addWidget(hint)
            return
        button = self.fetches[lack["name"]] = QPushButton("Show")
        button.setAccessibleName(f"Show the model: {lack['hint']}")
        button.setToolTip("Show this model in the list of models, from where it is fetched")
        column.addLayout(_row(hint, button))


def _one_way(missing: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is missing, each once; of a model that also needs a package nothing else is told."""
    packaged = {lack["model"] for lack in missing if lack["lacks"] == "package"}
    told = [lack for lack in missing if lack["lacks"] == "package" or lack["model"] not in packaged]
    return list({(lack["lacks"], lack["name"]): lack for lack in told}.values())


def _row(first: QWidget, *others: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(theme.PAD)
    row.addWidget(first, 1)
    for widget in others:
        row.addWidget(widget)
    return row
