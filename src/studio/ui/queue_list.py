"""The queue of long work as a list of cards: how far each is, its place, pause, cancel, again."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from . import theme
from .icons import IconButton
from .notices import DetailDialog, Notice

CARD = 56
BUTTONS = 176
"""Logical pixels that the buttons of a card may take."""

WORDS = {
    "waiting": "waiting", "paused": "paused", "running": "", "done": "done", "failed": "failed",
    "cancelled": "cancelled", "interrupted": "interrupted when the program ended",
}  # fmt: skip
TINTS = {
    "waiting": "dim", "paused": "warn", "running": "dim", "done": "ok", "failed": "rec_text", "cancelled": "dim",
    "interrupted": "warn",
}  # fmt: skip


class QueueList(QWidget):
    """Shows the jobs of a Queue in the order in which they run, then those that are over. Main thread."""

    def __init__(self, queue: Any) -> None:
        super().__init__()
        self._queue = queue
        self.cards: dict[str, QueueCard] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.GAP)
        self._end = queue.subscribe(self._hear)
        self.destroyed.connect(self._end)
        self.show_all()

    def show_all(self) -> None:
        """Shows every job that there is, each in its place."""
        jobs = self._queue.jobs()
        for gone in set(self.cards) - {job.id for job in jobs}:
            card = self.cards.pop(gone)
            card.setParent(None)
            card.deleteLater()
        for place, job in enumerate(jobs):
            card = self.cards.get(job.id) or self._made(job.id)
            if self._column.indexOf(card) != place:
                self._column.insertWidget(place, card)
            card.show_job(job, self._queue.live(job.id))
        self.setVisible(bool(jobs))

    def _made(self, job_id: str) -> QueueCard:
        card = self.cards[job_id] = QueueCard(self._queue)
        return card

    def _hear(self, job: Any) -> None:
        card = self.cards.get(job.id)
        if card is not None and card.job is not None and card.job.state == job.state and card.job.place == job.place:
            card.show_job(job, self._queue.live(job.id))
        else:
            self.show_all()


class QueueCard(QWidget):
    """One job of the queue. With the keys: Delete cancels, Ctrl+Up and Ctrl+Down move it, Space pauses or goes on."""

    def __init__(self, queue: Any) -> None:
        super().__init__()
        self._queue = queue
        self.job: Any = None
        self._live: Any = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(CARD)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN, 0, theme.PAD, 0)
        row.setSpacing(2)
        row.addStretch(1)
        self.details = QPushButton("Details")
        self.details.clicked.connect(self._show_details)
        self.sooner = self._button("chevron-up", lambda: self._move(-1))
        self.later = self._button("chevron-down", lambda: self._move(1))
        self.hold = self._button("pause", self._hold)
        self.stop = self._button("close", self._stop)
        for widget in (self.details, self.sooner, self.later, self.hold, self.stop):
            row.addWidget(widget)

    def _button(self, icon: str, act: Any) -> IconButton:
        button = IconButton(icon, icon, 24, flat=True)
        button.clicked.connect(act)
        return button

    def show_job(self, job: Any, live: Any) -> None:
        """Shows the job as it is now, with what a running one tells beside."""
        self.job, self._live = job, live
        waits, over = job.state in {"waiting", "paused"} and not self._runs, job.state in OVER
        again = over and job.state != "done"
        self.sooner.setVisible(waits)
        self.later.setVisible(waits)
        self.hold.setVisible(not over or again)
        self.hold.set_icon("play" if again or job.state == "paused" else "pause")
        self.details.setVisible(bool(job.failures or job.error))
        held = "Begin again" if again else "Go on" if job.state == "paused" else "Pause"
        names = {
            self.sooner: "Sooner", self.later: "Later", self.hold: held,
            self.stop: "Take off the list" if over else "Cancel",
        }  # fmt: skip
        for button, name in names.items():
            button.setAccessibleName(f"{name} {job.label}")
            button.setToolTip(name)
        self.setAccessibleName(f"{job.label}: {self.account()}")
        self.update()

    def account(self) -> str:
        """What the job does or did, in words."""
        job = self.job
        if job.state == "running":
            left = self._live.remaining if self._live is not None else None
            parts = (f"{job.progress * 100:.0f} %", job.message, f"about {time_left(left)} left" if left else "")
            return "  ".join(part for part in parts if part)
        if job.state == "failed":
            return str(job.error)
        if job.state == "waiting" and job.message:
            return str(job.message)
        if job.failures:
            return f"{WORDS[job.state]}, but: {job.failures[0]}"
        return WORDS[job.state]

    @property
    def _runs(self) -> bool:
        return self._live is not None and not self._live.over

    def sizeHint(self) -> QSize:
        return QSize(200, CARD)

    def _move(self, by: int) -> None:
        order = [job.id for job in self._queue.jobs() if job.state in {"waiting", "paused"}]
        if self.job.id not in order:
            return
        at = order.index(self.job.id) + by
        rest = [key for key in order if key != self.job.id]
        if 0 <= at < len(order):
            self._queue.move(self.job.id, rest[at] if at < len(rest) else None)

    def _hold(self) -> None:
        if self.hold.isVisible() and self.job.state in {"waiting", "running"}:
            self._queue.pause(self.job.id)
        elif self.hold.isVisible():
            self._queue.go_on(self.job.id)

    def _stop(self) -> None:
        if self.job.state in OVER:
            self._queue.forget([self.job.id])
            self._queue_changed()
        else:
            self._queue.cancel(self.job.id)

    def _queue_changed(self) -> None:
        parent = self.parentWidget()
        if isinstance(parent, QueueList):
            parent.show_all()

    def _show_details(self) -> None:
        job = self.job
        detail = "\n\n".join(part for part in ("\n".join(job.failures), job.detail) if part)
        DetailDialog(Notice(job.error or f"{job.label}: what did not work", "error", detail), self.window()).show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if control and event.key() in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            self._move(-1 if event.key() == Qt.Key.Key_Up else 1)
        elif event.key() == Qt.Key.Key_Delete:
            self._stop()
        elif event.key() == Qt.Key.Key_Space:
            self._hold()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        job = self.job
        if job is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(theme.color("accent") if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("raised"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 1, -0.5, -1), theme.RADIUS, theme.RADIUS)
            inner = QRectF(self.rect()).adjusted(theme.MARGIN, 8, -BUTTONS, -12)
            for text, font, tint, at in (
                (job.label, theme.font(weight="medium"), "text", Qt.AlignmentFlag.AlignTop),
                (self.account(), theme.font(theme.SMALL), TINTS[job.state], Qt.AlignmentFlag.AlignBottom),
            ):
                painter.setFont(font)
                painter.setPen(theme.color(tint))
                shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, round(inner.width()))
                painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | at, shown)
            if job.state not in OVER:
                track = QRectF(theme.MARGIN, self.height() - 7, self.width() - 2 * theme.MARGIN, 2)
                painter.fillRect(track, theme.color("well"))
                painter.fillRect(
                    QRectF(track.left(), track.top(), track.width() * job.progress, 2), theme.color("accent")
                )


OVER = frozenset({"done", "failed", "cancelled", "interrupted"})


def time_left(seconds: float) -> str:
    """A length of time in words that is no more exact than it can be."""
    if seconds < 60:
        return f"{max(round(seconds / 5) * 5, 5)} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
