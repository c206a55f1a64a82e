"""The list of jobs: how far each is, a way to stop it, and an honest account of what came of it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from . import theme
from .icons import IconButton
from .notices import DetailDialog, Notice
from .queue_list import OVER, QueueList

ROW = 48
_WORDS = {"waiting": "waiting", "running": "", "done": "done", "failed": "failed", "cancelled": "cancelled"}
_TINTS = {"waiting": "dim", "running": "dim", "done": "ok", "failed": "rec_text", "cancelled": "dim"}


class JobsPanel(QWidget):
    """Shows the queue of long work, and under it a JobRunner's jobs, newest on top. Main thread.

    `song_requested` asks for the page that makes a song in one go.
    """

    failed = Signal(object)
    song_requested = Signal()

    def __init__(self, runner: Any, queue: Any) -> None:
        super().__init__()
        self.setAccessibleName("Jobs")
        self._runner, self._queue = runner, queue
        self._rows: dict[str, JobRow] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.MARGIN, theme.PAD, theme.MARGIN, theme.PAD)
        bar.setSpacing(theme.PAD)
        self._count = QLabel()
        self._count.setProperty("role", "dim")
        self.clear_button = QPushButton("Clear finished")
        self.clear_button.clicked.connect(self.clear)
        self.hold_button = QPushButton("Hold the queue")
        self.hold_button.setCheckable(True)
        self.hold_button.setToolTip("Begin no further job of the queue; what runs goes on")
        self.hold_button.toggled.connect(self._hold)
        bar.addWidget(self._count)
        bar.addStretch(1)
        self.song_button = QPushButton("Song in one go…")
        self.song_button.setToolTip("Have models write words, sing them and paint a cover, one after the other")
        self.song_button.clicked.connect(self.song_requested)
        bar.addWidget(self.song_button)
        bar.addWidget(self.hold_button)
        bar.addWidget(self.clear_button)
        column.addLayout(bar)
        inner = QWidget()
        self._list = QVBoxLayout(inner)
        self._list.setContentsMargins(theme.MARGIN, 0, theme.MARGIN, theme.MARGIN)
        self._list.setSpacing(theme.GAP)
        self.queue = QueueList(queue)
        self._list.addWidget(self.queue)
        self._list.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setAccessibleName("Jobs, newest first")
        area.setWidget(inner)
        inner.setStyleSheet("background: transparent;")
        column.addWidget(area, 1)
        runner.changed.connect(self._hear)
        queue.subscribe(lambda _: self._summarise())
        for job in runner.jobs():
            self._hear(job)
        self._summarise()

    def set_session(self, session: Any) -> None:
        """Jobs belong to the program, not to a song: nothing changes."""

    def clear(self) -> None:
        """Takes the jobs that are over off the list."""
        self._queue.forget([job.id for job in self._queue.jobs() if job.state in OVER])
        self.queue.show_all()
        self._runner.clear()
        left = {job.id for job in self._runner.jobs()}
        for key in [key for key in self._rows if key not in left]:
            row = self._rows.pop(key)
            row.setParent(None)
            row.deleteLater()
        self._summarise()

    def _hear(self, job: Any) -> None:
        row = self._rows.get(job.id)
        if row is None:
            row = JobRow()
            row.cancelled.connect(self._runner.cancel)
            self._rows[job.id] = row
            self._list.insertWidget(1, row)
        row.show_job(job)
        self._summarise()

    def _hold(self, held: bool) -> None:
        self._queue.hold(held)
        self.hold_button.setText("Go on with the queue" if held else "Hold the queue")

    def _summarise(self) -> None:
        queued = self._queue.jobs()
        jobs = (*self._runner.jobs(), *queued)
        busy = sum(1 for job in self._runner.jobs() if not job.over) + sum(job.state not in OVER for job in queued)
        self.hold_button.setVisible(bool(queued))
        text = "Imports, exports and other long work are listed here." if not jobs else f"{busy} running or waiting"
        if self._count.text() != text:
            self._count.setText(text)
        self.clear_button.setVisible(len(jobs) > busy)


class JobRow(QWidget):
    """One job. `cancelled(id)` asks to stop it."""

    cancelled = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.job: Any = None
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN, 0, theme.PAD, 0)
        row.addStretch(1)
        self.details = QPushButton("Details")
        self.details.clicked.connect(self._show_details)
        self.stop = IconButton("close", "Cancel", 24, flat=True)
        self.stop.clicked.connect(self._cancel)
        row.addWidget(self.details)
        row.addWidget(self.stop)
        self.setFixedHeight(ROW)

    def show_job(self, job: Any) -> None:
        """Shows the job as it is now."""
        self.job = job
        self.stop.setVisible(not job.over)
        self.stop.setAccessibleName(f"Cancel {job.label}")
        self.details.setVisible(bool(job.failures or job.error))
        self.setAccessibleName(f"{job.label}: {self.account()}")
        self.update()

    def account(self) -> str:
        """What the job does or did, in words."""
        job = self.job
        if job.state == "running":
            return f"{job.progress * 100:.0f} %  {job.message}".rstrip()
        if job.state == "failed":
            return str(job.error)
        if job.failures:
            first = job.failures[0]
            return (
                f"{_WORDS[job.state]}, but: {first}"
                if len(job.failures) == 1
                else (f"{_WORDS[job.state]}; {len(job.failures)} did not work, the first: {first}")
            )
        return _WORDS[str(job.state)]

    def sizeHint(self) -> QSize:
        return QSize(200, ROW)

    def _cancel(self) -> None:
        if self.job is not None:
            self.cancelled.emit(self.job.id)

    def _show_details(self) -> None:
        job = self.job
        listed = "\n".join(job.failures)
        detail = "\n\n".join(part for part in (listed, job.detail) if part)
        DetailDialog(Notice(job.error or f"{job.label}: what did not work", "error", detail), self.window()).show()

    def paintEvent(self, event: QPaintEvent) -> None:
        job = self.job
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("raised"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0, 1, 0, -1), theme.RADIUS, theme.RADIUS)
            if job is None:
                return
            inner = QRectF(self.rect()).adjusted(theme.MARGIN, 6, -110, -8)
            painter.setFont(theme.font(weight="medium"))
            painter.setPen(theme.color("text"))
            painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, job.label)
            painter.setFont(theme.font(theme.SMALL))
            painter.setPen(theme.color("warn" if job.failures and job.state == "done" else _TINTS[job.state]))
            text = painter.fontMetrics().elidedText(self.account(), Qt.TextElideMode.ElideRight, round(inner.width()))
            painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, text)
            if not job.over:
                self._paint_progress(painter, job.progress)

    def _paint_progress(self, painter: QPainter, progress: float) -> None:
        track = QRectF(theme.MARGIN, self.height() - 6, self.width() - 2 * theme.MARGIN, 2)
        painter.fillRect(track, theme.color("well"))
        painter.fillRect(QRectF(track.left(), track.top(), track.width() * progress, 2), theme.color("accent"))
