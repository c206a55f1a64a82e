"""Chords detected in a clip: listened to in a job, shown with how sure each is, and written when they are wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QHeaderView,
    QProgressBar,
    QSlider,
    QTableWidget,
    QTableWidgetItem,
)

from ...actions.harmony import detect_chords, put_detected
from ...document.time import bar_beat
from ...engine.music.harmony.spelling import key_name
from ...errors import StudioError
from .. import theme
from ..forms import add_row, button_row, dialog_frame, form, push, set_role, text
from .hearing import Audition

if TYPE_CHECKING:
    from ...actions.session import Session
    from ...engine.jobs import Job, Work
    from ...engine.music.harmony.detecting import Detected
    from ..shell import MainWindow


class DetectDialog(QDialog):
    """Listens to a clip and offers its chords. Closing it while it listens cancels that. Main thread."""

    def __init__(self, window: MainWindow, session: Session, clip_id: str) -> None:
        super().__init__(window)
        self._session, self._audition = session, Audition(session, self)
        self._jobs, self._over = window.workspace.jobs, False
        self.found: Detected | None = None
        clip = session.document.clip(clip_id)
        if clip is None:
            raise StudioError("This clip is no longer in the song; choose another.")
        self._build(clip.name)
        project = session.document.project

        def listen(work: Work) -> Detected:
            return detect_chords(project, clip_id, session.playable, work)

        self._job = session.start("chords", f"Chords of {clip.name}", listen, self._heard)
        self._jobs.changed.connect(self._follow)

    def _build(self, name: str) -> None:
        column = dialog_frame(self, "Detect chords", 520, 520)
        column.addWidget(text(f"Chords of “{name}”", "title"))
        self.hint = text("Listening for chords…", "dim")
        self.hint.setMinimumHeight(34)
        column.addWidget(self.hint)
        self.bar = QProgressBar()
        self.bar.setAccessibleName("Progress")
        self.bar.setRange(0, 100)
        self.bar.setTextVisible(False)
        column.addWidget(self.bar)
        self.table = QTableWidget(0, 3)
        self.table.setAccessibleName("Detected chords")
        self.table.setHorizontalHeaderLabels(["Bar", "Chord", "Sure"])
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setTabKeyNavigation(False)
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.table.currentCellChanged.connect(lambda row, *_: self._hear(row))
        column.addWidget(self.table, 1)
        rows = form()
        self.least = QSlider(Qt.Orientation.Horizontal)
        self.least.setRange(0, 95)
        self.least.setPageStep(5)
        self.least.setMinimumHeight(28)
        self.least.setToolTip("Chords that are less sure are left out")
        self.least.valueChanged.connect(self._count)
        add_row(rows, "At least this sure", self.least)
        self.key = QCheckBox("")
        self.key.hide()
        column.addLayout(rows)
        column.addWidget(self.key)
        self.go = push("Write Chords", self._write, primary=True)
        self.go.setEnabled(False)
        column.addLayout(button_row(push("Cancel", self.reject), self.go))

    def _follow(self, job: Job) -> None:
        if job.id == self._job.id:
            self.bar.setValue(round(job.progress * 100))

    def _heard(self, job: Job) -> None:
        """The job has ended: shows what it found, or why it found nothing."""
        if self._over:
            return
        self.bar.hide()
        if job.state != "done":
            self._say(job.error or "Listening was cancelled.", "error")
            return
        self.found = job.result
        assert self.found is not None
        project = self._session.document.project
        self.table.setRowCount(len(self.found.chords))
        for row, (chord, confidence) in enumerate(self.found.chords):
            spot = bar_beat(project.signatures, chord.start)
            place = f"{spot.bar}.{spot.beat}"
            for column, words in enumerate((place, chord.symbol, f"{confidence:.0%}")):
                item = QTableWidgetItem(words)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"Bar {place}, {chord.symbol}, {confidence:.0%} sure")
                self.table.setItem(row, column, item)
        if self.found.key is not None:
            self.key.setText(f"Set the key to {key_name(self.found.key.key)}, {self.found.key.confidence:.0%} sure")
            self.key.show()
        self._count()

    def _count(self) -> None:
        """Says how many chords will be written, and greys those that are not sure enough."""
        if self.found is None:
            return
        sure = self.least.value() / 100
        kept = sum(one.confidence >= sure for one in self.found.chords)
        for row, one in enumerate(self.found.chords):
            for column in range(3):
                self._item(row, column).setForeground(theme.color("text" if one.confidence >= sure else "dim"))
        count = len(self.found.chords)
        self._say(f"{kept} of {count} chord{'' if count == 1 else 's'}; choose a row to hear it.", "")
        self.go.setEnabled(kept > 0)

    def _item(self, row: int, column: int) -> Any:
        return self.table.item(row, column)

    def _hear(self, row: int) -> None:
        if self.found is not None and 0 <= row < len(self.found.chords):
            self._audition.play(self.found.chords[row].chord)

    def _write(self) -> None:
        if self.found is None:
            return
        try:
            edit = put_detected(self.found, self.least.value() / 100, self.key.isChecked())
            self._session.document.apply(edit)
        except StudioError as error:
            self._say(str(error), "error")
            return
        self.accept()

    def _say(self, words: str, role: str) -> None:
        self.hint.setText(words)
        set_role(self.hint, role)

    def done(self, result: int) -> None:
        """See QDialog."""
        self._over = True
        self._jobs.changed.disconnect(self._follow)
        self._jobs.cancel(self._job.id)
        self._audition.stop()
        super().done(result)
