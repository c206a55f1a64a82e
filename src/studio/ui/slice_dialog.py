"""How a clip is cut into slices: at its onsets or on the grid, with the number of slices that this makes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QSlider

from ..actions.sampling import Slicing, cut_finder
from ..document.edits.sampling import MAX_KEYS
from ..document.edits.slicing import count_slices
from ..document.time import PPQ
from ..engine.jobs import Work
from ..errors import StudioError
from .forms import Choice, add_row, button_row, dialog_frame, form, push, set_role, text
from .library.background import Background

if TYPE_CHECKING:
    from ..actions.session import Session
    from .shell import MainWindow

WHAT = (
    "Every slice gets a key of its own on a new track, and a clip of notes plays them in time: move, repeat or leave"
    " out notes to play the loop anew. The clip itself is muted."
)
STEPS = (
    (4 * PPQ, "1/1"), (2 * PPQ, "1/2"), (PPQ, "1/4"), (PPQ // 2, "1/8"), (PPQ // 4, "1/16"), (PPQ // 8, "1/32"),
    (PPQ // 3, "1/8 triplet"), (PPQ // 6, "1/16 triplet"),
)  # fmt: skip
SETTLE_MS = 150
"""So long the slider must rest before the clip is listened to again."""


class SliceDialog(QDialog):
    """Asks how to slice a clip of sound; raises StudioError for others. `slicing` is what was chosen."""

    def __init__(self, window: MainWindow, session: Session, clip_id: str) -> None:
        super().__init__(window)
        cut_finder(session, clip_id, Slicing())
        self._session, self._clip_id = session, clip_id
        self._listening = Background(self)
        self._listening.failed.connect(self._failed)
        self._rest = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._rest.timeout.connect(self._count)
        self._build()
        self._changed()

    def _build(self) -> None:
        column = dialog_frame(self, "Slice to sampler", 440)
        column.addWidget(text("Slice to sampler", "title"))
        column.addWidget(text(WHAT, "dim"))
        rows = form()
        self.by = Choice("Cut at", (("onsets", "Onsets"), ("grid", "Grid")))
        self.sensitivity = QSlider(Qt.Orientation.Horizontal)
        self.sensitivity.setRange(0, 100)
        self.sensitivity.setMinimumHeight(28)  # as high as its label
        self.sensitivity.setToolTip("How little counts as an onset")
        self.sensitivity.setValue(50)
        self.sensitivity.setPageStep(10)
        self.step = Choice("Grid", STEPS)
        self.step.choose(PPQ // 2)
        add_row(rows, "Cut at", self.by)
        add_row(rows, "Sensitivity", self.sensitivity)
        add_row(rows, "Grid", self.step)
        column.addLayout(rows)
        self.found = text("")
        self.found.setMinimumHeight(34)
        column.addWidget(self.found)
        self.go = push("Slice", self.accept, primary=True)
        column.addLayout(button_row(push("Cancel", self.reject), self.go))
        self.by.activated.connect(self._changed)
        self.step.activated.connect(self._changed)
        self.sensitivity.valueChanged.connect(self._changed)

    @property
    def slicing(self) -> Slicing:
        """What is chosen."""
        return Slicing(self.by.value, self.sensitivity.value() / 100, self.step.value)

    def _changed(self) -> None:
        self.sensitivity.setEnabled(self.by.value == "onsets")
        self.step.setEnabled(self.by.value == "grid")
        self.go.setEnabled(False)
        self._say("Listening…", "dim")
        self._rest.start()

    def _count(self) -> None:
        """Finds the slices on a thread beside the window's."""
        try:
            find = cut_finder(self._session, self._clip_id, self.slicing)
        except StudioError as error:
            self._failed(error)
            return
        project, clip_id = self._session.document.project, self._clip_id
        work = Work(lambda *_: None, threading.Event())
        self._listening.ask("slices", lambda: count_slices(project, clip_id, find(work)), self._counted)

    def _counted(self, count: int) -> None:
        fits = 1 < count <= MAX_KEYS
        self.go.setEnabled(fits)
        if count > MAX_KEYS:
            self._say(f"{count} slices are too many: there are keys for {MAX_KEYS}.", "error")
        else:
            self._say(f"{count} slices." if fits else "One slice: there is nothing to cut here.", "" if fits else "dim")

    def _failed(self, error: StudioError) -> None:
        self.go.setEnabled(False)
        self._say(str(error), "error")

    def _say(self, words: str, role: str) -> None:
        self.found.setText(words)
        set_role(self.found, role)

    def done(self, result: int) -> None:
        """See QDialog."""
        self._rest.stop()
        self._listening.close()
        super().done(result)
