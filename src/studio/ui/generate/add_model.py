"""Adding a model of one's own: a repository of the hub, a folder, or the file of an adapter."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, get_args

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from ...actions.models import add_model
from ...engine.ai.loaders import LOADERS
from ...engine.ai.specs import Dtype
from .. import forms, theme
from ..forms import Choice
from .models_page import KINDS

LookUp = Callable[[Callable[[], Any], Callable[[Any], None]], None]
REPO, FOLDER, ADAPTER = "repo", "folder", "adapter"
SOURCES = {REPO: "A repository of the hub", FOLDER: "A folder of this computer", ADAPTER: "An adapter (.safetensors)"}
FIELD = 28
"""Logical pixels of a field's height."""

REFUSED = "Only weights in safetensors or ONNX are ever loaded; files that could run code are refused."
FAMILIES = {"music": "AceStepPipeline", "cover": "ZImagePipeline", "chat": "AutoModelForCausalLM"} | {
    "speech": "PocketTTSForConditionalGeneration", "lyrics": "WhisperForConditionalGeneration",
    "stems": "InferenceSession", "video": "WanPipeline",
}  # fmt: skip
"""The loader that is offered first for each task."""


class AddModel(QDialog):
    """Asks for what an entry of the catalogue holds. `added(name)` once it is there; what is refused is said inside."""

    added = Signal(str)

    def __init__(self, parent: QWidget, models: Sequence[dict[str, Any]], look_up: LookUp) -> None:
        super().__init__(parent)
        self._look_up = look_up
        self._models = {model["name"]: model for model in models if model["kind"] == "model"}
        self.source = Choice("What it is", SOURCES.items())
        self.title, self.repo, self.revision, self.path = (QLineEdit() for _ in range(4))
        self.licence, self.attribution, self.memory = QLineEdit(), QLineEdit(), QLineEdit()
        self.repo.setPlaceholderText("owner/name")
        self.revision.setPlaceholderText("40 digits; empty pins what the first download finds")
        self.licence.setPlaceholderText("short name, such as Apache-2.0")
        self.attribution.setPlaceholderText("whom to name")
        self.memory.setPlaceholderText("gigabytes; empty if not known")
        self.task = Choice("Task", KINDS.items())
        self.loader = Choice("Loaded by", [(name, one.title) for name, one in LOADERS.items()])
        self.base = Choice("Made for", [(name, model["title"]) for name, model in self._models.items()])
        self.dtype = Choice("Precision", [("", "as usual"), *((one, one) for one in get_args(Dtype))])
        self.commercial, self.gated = QCheckBox("What it makes may be sold"), QCheckBox("Behind a licence gate")
        self.problem = forms.text("", "error")
        self.problem.hide()
        self._build()
        self.source.currentIndexChanged.connect(self._show_source)
        self.task.currentIndexChanged.connect(lambda: self.loader.choose(FAMILIES[self.task.value]))
        self.loader.choose(FAMILIES[self.task.value])
        self._show_source()

    def _build(self) -> None:
        column = forms.dialog_frame(self, "Add a model of your own", 520)
        column.addWidget(forms.text("Add a model of your own", "title"))
        column.addWidget(forms.text(REFUSED, "dim"))
        self.rows = forms.form()
        for name, field in (
            ("What it is", self.source), ("Title", self.title), ("Repository", self.repo), ("Revision", self.revision),
            ("Where it is", self._with_button()), ("Made for", self.base), ("Task", self.task),
            ("Loaded by", self.loader), ("Precision", self.dtype), ("Licence", self.licence),
            ("By", self.attribution), ("Memory", self.memory),
        ):  # fmt: skip
            forms.add_row(self.rows, name, field)
        for tick in (self.commercial, self.gated):
            self.rows.addRow("", tick)
        column.addLayout(self.rows)
        column.addWidget(self.problem)
        self.go = forms.push("Add", self.add, primary=True)
        column.addLayout(forms.button_row(forms.push("Cancel", self.reject), self.go))

    def _with_button(self) -> QWidget:
        self._place = QWidget()
        self._place.setFixedHeight(FIELD)
        row = QHBoxLayout(self._place)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.PAD)
        self.path.setAccessibleName("Where it is")
        choose = QPushButton("Choose…")
        choose.clicked.connect(self._choose)
        row.addWidget(self.path, 1)
        row.addWidget(choose)
        return self._place

    def _choose(self) -> None:
        before, kinds = self.path.text(), "Adapter (*.safetensors)"
        if self.source.value == FOLDER:
            path = QFileDialog.getExistingDirectory(self, "Choose the model's folder", before)
        else:
            path, _ = QFileDialog.getOpenFileName(self, "Choose the adapter", before, kinds)
        if path:
            self.path.setText(path)
            if not self.title.text().strip():
                self.title.setText(Path(path).stem)

    def _show_source(self) -> None:
        source = self.source.value
        wanted = {
            self.repo: source == REPO,
            self.revision: source == REPO,
            self.gated: source == REPO,
            self._place: source != REPO,
            self.base: source == ADAPTER,
            self.task: source != ADAPTER,
            self.loader: source != ADAPTER,
            self.memory: source != ADAPTER,
            self.dtype: source != ADAPTER,
        }
        for field, shown in wanted.items():
            self.rows.setRowVisible(field, shown)
        self.problem.hide()
        self.adjustSize()

    def fields(self) -> dict[str, Any]:
        """The entry as the fields have it."""
        source = self.source.value
        title = self.title.text().strip() or self.repo.text().strip().rpartition("/")[2]
        found: dict[str, Any] = {
            "name": name_of(title),
            "title": title,
            "licence": self.licence.text().strip(),
            "commercial": self.commercial.isChecked(),
            "attribution": self.attribution.text().strip() or "unknown",
            "task": self.task.value,
            "loader": self.loader.value,
        }
        if source == REPO:
            found |= {"repo": self.repo.text().strip(), "revision": self.revision.text().strip().lower()}
            found |= {"gated": self.gated.isChecked() or None}
        else:
            found |= {"folder": self.path.text().strip()}
        if source == ADAPTER:
            base = self._models[self.base.value]
            found |= {"kind": "adapter", "base": base["name"], "task": base["task"], "loader": base["loader"]}
        else:
            found |= {"dtype": self.dtype.value, "memory": _gigabytes(self.memory.text().strip())}
        return found

    def add(self) -> None:
        """Adds it, or says why it cannot be."""
        lacking = self._lacking()
        if lacking:
            self._refuse(lacking)
            return
        fields = self.fields()
        self.go.setEnabled(False)
        self._look_up(lambda: _tried(fields), self._tried)

    def _lacking(self) -> str:
        source = self.source.value
        wanted = {
            "Say which repository it is, as owner/name.": source == REPO and not self.repo.text().strip(),
            "Choose where it is.": source != REPO and not self.path.text().strip(),
            "Give it a title.": source != REPO and not self.title.text().strip(),
            "Say which model the adapter was made for.": source == ADAPTER and not self.base.value,
            "Say under which licence it is, such as Apache-2.0; its page tells.": not self.licence.text().strip(),
        }
        return next((sentence for sentence, lacks in wanted.items() if lacks), "")

    def _tried(self, found: tuple[str, str]) -> None:
        name, problem = found
        self.go.setEnabled(True)
        if problem:
            self._refuse(problem)
            return
        self.accept()
        self.added.emit(name)

    def _refuse(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.show()
        self.adjustSize()


def _tried(fields: dict[str, Any]) -> tuple[str, str]:
    """The name of the entry that was added, or why it was not. Worker threads: adapters are read whole."""
    from ...errors import StudioError

    try:
        return str(add_model(fields)["name"]), ""
    except StudioError as error:
        return "", str(error)


def _gigabytes(text: str) -> Any:
    """A number where the text is one; the catalogue says what is wrong with anything else."""
    try:
        return float(text.replace(",", ".")) if text else None
    except ValueError:
        return text


def name_of(title: str) -> str:
    """A name for the catalogue out of a title."""
    return re.sub(r"[^a-z0-9.]+", "-", title.lower()).strip("-.")[:64] or "model"
