"""How far the listening to a take is, and a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from ...engine.jobs import Job
from .. import theme


class Busy(QWidget):
    """One line; hidden while nothing is listened to. Main thread. `cancelled()` asks to stop."""

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.says = QLabel()
        self.says.setProperty("role", "dim")
        self.bar = QProgressBar()
        self.bar.setFixedWidth(140)
        self.bar.setAccessibleName("Listening to the voice")
        self.cancel = QPushButton("Cancel")
        self.cancel.clicked.connect(self.cancelled)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, theme.MARGIN, 0)
        row.setSpacing(theme.PAD)
        for widget in (self.says, self.bar, self.cancel):
            row.addWidget(widget)
        self.show_job(None)

    def show_job(self, job: Job | None) -> None:
        """Shows a job that runs, None for none."""
        for widget in (self.says, self.bar, self.cancel):
            widget.setVisible(job is not None)
        if job is not None:
            self.bar.setValue(round(100 * job.progress))
            self.says.setText(f"{job.label}…")
