"""A result of the library made again with other values: its recipe as a form, to be changed and queued."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QScrollArea, QWidget

from ...errors import StudioError
from ...storage.library.library import Library
from ..forms import button_row, dialog_frame, push, set_role, text
from ..generate.fields import Form, SeedField


class VaryDialog(QDialog):
    """The window. Main thread. `failed(error)` when the result cannot be made again, `queued(label)` once it is."""

    failed = Signal(object)
    queued = Signal(str)

    def __init__(self, library: Library, neural: Any, parent: QWidget) -> None:
        super().__init__(parent)
        self._library, self._neural = library, neural
        self._making: Any = None
        self._label = ""
        self.column = dialog_frame(self, "Vary", 460, 560)
        self.about = text("", "dim")
        self.column.addWidget(self.about)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.form = Form(())
        self.column.addWidget(self.area, 1)
        self.said = text("", "dim")
        self.column.addWidget(self.said)
        self.go = push("Queue it", self.queue, primary=True)
        self.column.addLayout(button_row(push("Cancel", self.reject), self.go))

    def open_generation(self, generation: int) -> None:
        """Shows the recipe of a result as a form, if it can be made again."""
        from ...actions.again import label_of, making_of

        library = self._library
        self._neural.look_up(
            lambda: (making_of(library, generation), label_of(library, generation, "varied")), self._ready
        )

    def _ready(self, found: Any, error: StudioError | None) -> None:
        if error is not None:
            self.failed.emit(error)
            return
        from ...engine.ai.forms import TITLES, form

        self._making, self._label = found
        self.about.setText(f"{TITLES[self._making.task]} by {self._making.model}. The result keeps its parent.")
        self.form = Form(form(self._making.task))
        self.form.set_values(self._making.values)
        for seed in self.form.findChildren(SeedField):
            seed.hold.setChecked(True)
        self.form.entered.connect(self.queue)
        self.area.setWidget(self.form)
        self._say("")
        self.show()
        self.raise_()

    def queue(self) -> None:
        """Queues what stands in the form, if it makes sense."""
        from ...actions.again import new_seed, varied

        making, values = self._making, self.form.values()
        if any(not seed.hold.isChecked() for seed in self.form.findChildren(SeedField)):
            values["seed"] = new_seed()
        self.go.setEnabled(False)
        self._neural.look_up(lambda: varied(making, values), self._checked)

    def _checked(self, making: Any, error: StudioError | None) -> None:
        self.go.setEnabled(True)
        if error is not None:
            self._say(str(error))
            return
        self._neural.generate(making, self._label)
        self.queued.emit(self._label)
        self.accept()

    def _say(self, sentence: str) -> None:
        self.said.setText(sentence)
        self.said.setVisible(bool(sentence))
        set_role(self.said, "error")
