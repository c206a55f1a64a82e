"""The models that the studio knows: fetched, verified and deleted here, and what they take of the disk."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ...actions.models import list_models
from ...storage.modelstore import Usage
from .. import theme
from ..forms import text
from .fetching import OVER, Fetching
from .model_choice import GONE, STATES, about, size_text

if TYPE_CHECKING:
    from ...actions.workspace import Workspace

LookUp = Callable[[Callable[[], Any], Callable[[Any], None]], None]
KINDS = {
    "music": "Music", "stems": "Stems", "cover": "Cover pictures", "speech": "Speech", "lyrics": "Lyrics",
    "chat": "Text", "video": "Video",
}  # fmt: skip
DAY = 86_400


class ModelsPage(QWidget):
    """Every model of the catalogue as a card, and the ledger of the disk. Main thread."""

    def __init__(self, workspace: Workspace, fetching: Fetching, look_up: LookUp) -> None:
        super().__init__()
        self._workspace, self._fetching, self._look_up = workspace, fetching, look_up
        self.measured = False
        self.rooms: dict[str, str] = {}  # what this machine's memory means to each model, where that was measured
        self._wanted = ""
        self._rows: list[Any] = []
        self.cards: dict[str, ModelCard] = {}
        self.said = text("", "dim")
        self.said.hide()
        fetching.told.connect(self._say)
        self._build()

    def _build(self) -> None:
        inner = QWidget()
        inner.setObjectName("form")
        inner.setStyleSheet("#form { background: transparent; }")
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(*[theme.MARGIN] * 4)
        self._column.setSpacing(theme.MARGIN)
        self._area = QScrollArea()
        self._area.setAccessibleName("Neural models")
        self._area.setWidgetResizable(True)
        self._area.setWidget(inner)
        self.disk = text("", "dim")
        self.add = QPushButton("Add a model of your own…")
        self.add.clicked.connect(self._add)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._area, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(*[theme.MARGIN] * 4)
        foot.setSpacing(theme.PAD)
        self.gate = QPushButton("Forget the access token")
        self.gate.setToolTip("The token of the hub that was given for models behind a licence gate")
        self.gate.clicked.connect(self._fetching.forget_token)
        self.gate.hide()
        for widget in (self.said, self.disk, self.gate, self.add):
            foot.addWidget(widget)
        column.addLayout(foot)

    def look(self) -> None:
        """Looks anew which models there are; the first time also how much memory this machine has for them."""
        self._look_up(list_models, self.show_models)
        if not self.measured:
            self.measured = True
            self._look_up(self._measure, self.show_models)

    def _measure(self) -> Any:
        """The models against this machine's memory. torch is imported for that: playback is given a longer ring."""
        with self._workspace.player.raise_ring():
            return list_models(machine=True)

    def show_models(self, found: Mapping[str, Any]) -> None:
        """Shows what `actions.models.list_models` found. Cards whose model is as it was stay, with the place on the
        page and the focus."""
        self.rooms |= {model["name"]: model["room"] for model in found["models"] if "room" in model}
        models = [{**model, "room": self.rooms.get(model["name"], "")} for model in found["models"]]
        strange = _strange(found)
        rows = [*((model["task"], model["name"]) for model in models), *strange, *found["refused"]]
        if rows != self._rows:
            self._rows = rows
            self._lay_out(models, strange, found["refused"])
        for model in models:
            self._renew(model)
        taken, free = size_text(found["disk"]["bytes"]), size_text(found["disk"]["free_bytes"])
        self.disk.setText(f"Models take {taken} of the disk; {free} are free.")
        self.disk.setToolTip(found["disk"]["folder"])
        self.gate.setVisible(found["token"])
        if self._wanted in self.cards:
            QTimer.singleShot(0, self, lambda: self.show_model(self._wanted))

    def _lay_out(self, models: Sequence[Mapping[str, Any]], strange: Sequence[Usage], refused: Sequence[str]) -> None:
        """Makes the page anew: models by task, folders that belong to none, entries that cannot be used."""
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.setParent(None)
                widget.deleteLater()
        self.cards = {}
        for task, title in KINDS.items():
            chosen = [model for model in models if model["task"] == task]
            if chosen:
                self._column.addWidget(text(title, "heading"))
            for model in chosen:
                card = self.cards[model["name"]] = ModelCard(model, self._fetching.ask)
                self._column.addWidget(card)
        if strange:
            self._column.addWidget(text("On the disk, but in no catalogue", "heading"))
        for usage in strange:
            self._column.addWidget(self._folder(usage))
        for sentence in refused:
            self._column.addWidget(text(sentence, "error"))
        self._column.addStretch(1)

    def _renew(self, model: Mapping[str, Any]) -> None:
        """Shows a model as it is now."""
        card = self.cards[model["name"]]
        if card.model != model:
            focused = next((what for what, button in card.buttons.items() if button.hasFocus()), "")
            fresh = self.cards[model["name"]] = ModelCard(model, self._fetching.ask)
            self._column.replaceWidget(card, fresh)
            card.setParent(None)
            card.deleteLater()
            card = fresh
            if focused:
                card.show()
                card.buttons[focused].setFocus()
        card.show_job(self._fetching.job(model["name"]))

    def _folder(self, usage: Usage) -> QWidget:
        row, line = QWidget(), QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(text(f"{usage.repo}\n{size_text(usage.bytes)}", "dim"), 1)
        button = QPushButton("Delete…")
        button.setAccessibleName(f"Delete {usage.repo}")
        button.clicked.connect(lambda: self._fetching.discard(usage))
        line.addWidget(button)
        row.setLayout(line)
        return row

    def show_model(self, name: str) -> None:
        """Brings a model into sight, as soon as it is there."""
        self._wanted = name
        card = self.cards.get(name)
        if card is not None:
            self._wanted = ""
            self._area.widget().layout().activate()
            self._area.ensureWidgetVisible(card, 0, theme.MARGIN)
            next((one for one in card.buttons.values() if one.isVisibleTo(card)), card).setFocus()

    def show_download(self, job: Any) -> None:
        """Follows a download."""
        card = self.cards.get(str((job.parameters or {}).get("name", "")))
        if card is not None:
            card.show_job(None if job.state in OVER else job)

    def _say(self, sentence: str) -> None:
        self.said.setText(sentence)
        self.said.setVisible(bool(sentence))

    def _add(self) -> None:
        from .add_model import AddModel

        dialog = AddModel(self, [dict(card.model) for card in self.cards.values()], self._look_up)
        dialog.added.connect(lambda name: (self._look_up(list_models, self.show_models), self.show_model(name)))
        dialog.exec()


def _strange(found: Mapping[str, Any]) -> list[Usage]:
    """The folders of the disk that belong to no entry of the catalogue."""
    known = {str(model["source"]).partition("@")[0] for model in found["models"]}
    return [msgspec.convert(one, Usage) for one in found["disk"]["folders"] if one["repo"] not in known]


class ModelCard(QWidget):
    """One model: what it is, whether it is here, and what can be done with it. `ask(what, name)` does that."""

    def __init__(self, model: Mapping[str, Any], ask: Callable[[str, str], None]) -> None:
        super().__init__()
        self.model = model
        self.state = QLabel(STATES[model["state"]])
        self.state.setStyleSheet(f"color: {theme.TOKENS[_tint(model)]};")
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setAccessibleName(f"Download of {model['title']}")
        self.stage = text("", "dim")
        head = QHBoxLayout()
        head.setSpacing(theme.PAD)
        head.addWidget(text(model["title"]), 1)
        head.addWidget(self.state)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, theme.PAD)
        column.setSpacing(theme.GAP)
        column.addLayout(head)
        column.addWidget(text(told(model), "dim"))
        column.addWidget(self.progress)
        column.addWidget(self.stage)
        self.buttons: dict[str, QPushButton] = {}
        row = QHBoxLayout()
        row.setSpacing(theme.PAD)
        for what, title in _TITLES.items():
            button = self.buttons[what] = QPushButton(title)
            button.setAccessibleName(f"{title.rstrip('…')} {model['title']}")
            button.clicked.connect(lambda _=False, what=what: ask(what, model["name"]))
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        self.setAccessibleName(f"{model['title']}: {self.state.text()}")
        self.show_job(None)

    def show_job(self, job: Any) -> None:
        """Shows how far its download is; None: there is none."""
        there = job is not None
        self.progress.setVisible(there)
        self.stage.setVisible(there)
        if there:
            self.progress.setValue(round(job.progress * 1000))
            self.stage.setText(_STAGES.get(job.state, job.message) or "is being fetched")
        offered = _offered(self.model, job.state if there else "")
        for what, button in self.buttons.items():
            button.setVisible(what in offered)
        self.buttons["plan"].setText("Go on fetching…" if self.model["state"] == "partial" else "Fetch…")


_TITLES = {
    "plan": "Fetch…", "pause": "Pause", "go on": "Go on", "cancel": "Cancel", "verify": "Verify", "remove": "Delete…",
    "forget": "Off the list…",
}  # fmt: skip
_STAGES = {"paused": "paused", "interrupted": "interrupted when the program ended", "waiting": "waits for its turn"}


def _offered(model: Mapping[str, Any], job: str) -> set[str]:
    """What can be done with a model now."""
    if job:
        return {"cancel", "go on" if job in {"paused", "interrupted"} else "pause"}
    state = model["state"]
    offered = {"plan"} if state in GONE else set()
    offered |= {"verify"} if state in {"ready", "changed", "local"} else set()
    offered |= {"remove"} if state in {"ready", "changed", "partial"} else set()
    return offered | ({"forget"} if model.get("own") else set())


def _tint(model: Mapping[str, Any]) -> str:
    return {"ready": "ok", "local": "ok", "absent": "dim"}.get(model["state"], "warn")


def told(model: Mapping[str, Any]) -> str:
    """A model in some lines: what it takes and under which licence, when it was used, what it lacks."""
    lines = [about(model)]
    if model["kind"] != "model":
        of = f" for {model['base']}" if model["base"] else ""
        lines.append(f"An adapter{of}." if model["kind"] == "adapter" else "A part of another model.")
    if model.get("used"):
        lines.append(f"Last used {ago(time.time() - model['used'])}.")
    if model["gated"]:
        lines.append("Behind a licence gate of its hub.")
    lines += [lack["hint"] for lack in model.get("lacks", ()) if lack["lacks"] == "package"]
    return "\n".join(lines)


def ago(seconds: float) -> str:
    """How long ago, in words."""
    days = int(seconds // DAY)
    return "today" if days < 1 else "yesterday" if days < 2 else f"{days} days ago"
