"""The queue of long work as a list of cards: how far each is, what it waits for, its place, pause, cancel, again."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from . import theme
from .icons import IconButton
from .job_preview import Preview
from .notices import DetailDialog, Notice

CARD = 56
INDENT = 22
"""Logical pixels by which a card stands further right than the one that it waits for."""

DEEPEST = 5
"""Steps to the right after which cards stand below one another all the same."""

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
        self._mark = QWidget(self)
        self._mark.setFixedHeight(2)
        self._mark.setStyleSheet(f"background: {theme.TOKENS['accent']};")
        self._mark.hide()
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
            card.show_job(job, self._queue.live(job.id), waits_for(job, self._queue), depth(job, self._queue))
        self.setVisible(bool(jobs))

    def drag(self, card: QueueCard, y: int) -> None:
        """Shows where a card that is dragged would go, `y` in logical pixels of the list."""
        others = self._movable(card)
        if not others:
            return
        before = self._place(card, y)
        top = self.cards[before].y() - theme.GAP // 2 if before else others[-1].geometry().bottom() + theme.GAP // 2
        self._mark.setGeometry(0, max(top - 1, 0), self.width(), 2)
        self._mark.raise_()
        self._mark.show()

    def drop(self, card: QueueCard, y: int) -> None:
        """Puts a card that was dragged where it was let go."""
        self.leave()
        if card.waits:
            self._queue.move(card.job.id, self._place(card, y))

    def leave(self) -> None:
        """Ends a drag without a move."""
        self._mark.hide()

    def _movable(self, card: QueueCard) -> list[QueueCard]:
        """The other cards that wait, from top to bottom."""
        there = [one for one in self.cards.values() if one is not card and one.waits]
        return sorted(there, key=lambda one: one.y())

    def _place(self, card: QueueCard, y: int) -> str | None:
        """The job before which a card at `y` belongs, None for the end."""
        below = (one.job.id for one in self._movable(card) if y < one.geometry().center().y())
        return next(below, None)

    def _made(self, job_id: str) -> QueueCard:
        card = self.cards[job_id] = QueueCard(self._queue)
        return card

    def _hear(self, job: Any) -> None:
        card = self.cards.get(job.id)
        if card is not None and card.job is not None and card.job.state == job.state and card.job.place == job.place:
            card.show_job(job, self._queue.live(job.id), card.waiting_for, card.depth)
        else:
            self.show_all()


class QueueCard(QWidget):
    """One job of the queue. With the keys: Delete cancels, Ctrl+Up and Ctrl+Down move it, Space pauses or goes on.
    One that waits can be dragged to another place."""

    def __init__(self, queue: Any) -> None:
        super().__init__()
        self._queue = queue
        self.job: Any = None
        self.waiting_for, self.depth = "", 0
        self.preview = Preview()
        self._live: Any = None
        self._pressed: QPoint | None = None
        self._dragged = False
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

    def show_job(self, job: Any, live: Any, waiting_for: str = "", depth: int = 0) -> None:
        """Shows the job as it is now, with what a running one tells beside; what it waits for in words, and how deep
        it stands below that."""
        self.job, self._live, self.waiting_for, self.depth = job, live, waiting_for, depth
        self.preview.show(live.preview if live is not None and job.state not in OVER else None)
        waits, over = self.waits, job.state in OVER
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

    @property
    def waits(self) -> bool:
        """Whether it has not begun, and can be put elsewhere."""
        return self.job is not None and self.job.state in {"waiting", "paused"} and not self._runs

    def account(self) -> str:
        """What the job does or did, in words."""
        job = self.job
        if job.state == "running":
            left = self._live.remaining if self._live is not None else None
            rest = f"about {time_left(left)} left" if left else ""
            parts = (f"{job.progress * 100:.0f} %", job.message, rest, self.preview.text)
            return "  ".join(part for part in parts if part)
        if job.state == "failed":
            return str(job.error)
        if job.state == "waiting" and (job.message or self.waiting_for):
            return str(job.message or self.waiting_for)
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

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and self.waits:
            self._pressed = event.position().toPoint()
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        around, now = self.parentWidget(), event.position().toPoint()
        if self._pressed is None or not isinstance(around, QueueList):
            return
        if not self._dragged and (now - self._pressed).manhattanLength() >= QApplication.startDragDistance():
            self._dragged = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        if self._dragged:
            around.drag(self, self.mapToParent(now).y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        dragged, self._pressed, self._dragged = self._dragged, None, False
        self.unsetCursor()
        around = self.parentWidget()
        if dragged and isinstance(around, QueueList):
            around.drop(self, self.mapToParent(event.position().toPoint()).y())

    def paintEvent(self, event: QPaintEvent) -> None:
        job = self.job
        if job is None:
            return
        left = self.depth * INDENT
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_branch(painter, left)
            painter.setPen(theme.color("accent") if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("raised"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(left + 0.5, 1, -0.5, -1), theme.RADIUS, theme.RADIUS)
            beside = left + theme.MARGIN + self._paint_preview(painter, left + theme.MARGIN)
            inner = QRectF(self.rect()).adjusted(beside, 8, -BUTTONS, -12)
            for text, font, tint, at in (
                (job.label, theme.font(weight="medium"), "text", Qt.AlignmentFlag.AlignTop),
                (self.account(), theme.font(theme.SMALL), TINTS[job.state], Qt.AlignmentFlag.AlignBottom),
            ):
                painter.setFont(font)
                painter.setPen(theme.color(tint))
                shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, round(inner.width()))
                painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | at, shown)
            if job.state not in OVER:
                track = QRectF(left + theme.MARGIN, self.height() - 7, self.width() - left - 2 * theme.MARGIN, 2)
                painter.fillRect(track, theme.color("well"))
                painter.fillRect(
                    QRectF(track.left(), track.top(), track.width() * job.progress, 2), theme.color("accent")
                )

    def _paint_branch(self, painter: QPainter, left: int) -> None:
        """The line from the card that this one waits for."""
        if left:
            x, middle = left - INDENT // 2, self.height() // 2
            painter.setPen(theme.color("faint"))
            painter.drawLine(x, 0, x, middle)
            painter.drawLine(x, middle, left - 3, middle)

    def _paint_preview(self, painter: QPainter, left: float) -> float:
        """What the job shows, from `left` on; how much room it took."""
        height = self.height() - 20
        width = self.preview.width(height)
        if width:
            self.preview.paint(painter, QRectF(left, 7, width, height))
        return width + theme.PAD if width else 0.0


OVER = frozenset({"done", "failed", "cancelled", "interrupted"})


def waits_for(job: Any, queue: Any) -> str:
    """Which jobs a job waits for, in words; empty where it could begin."""
    needed = [queue.job(key) for key in job.needs]
    names = [f"“{one.label}”" for one in needed if one is not None and one.state not in OVER]
    if not names or job.state in OVER:
        return ""
    return f"waits for {names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else "")


def depth(job: Any, queue: Any, most: int = DEEPEST) -> int:
    """How many jobs, one after the other, have to be done before it can begin; `most` at the most."""
    if job.state in OVER or not most:
        return 0
    needed = [queue.job(key) for key in job.needs]
    waited = [one for one in needed if one is not None and one.state not in OVER]
    return max((1 + depth(one, queue, most - 1) for one in waited), default=0)


def time_left(seconds: float) -> str:
    """A length of time in words that is no more exact than it can be."""
    if seconds < 60:
        return f"{max(round(seconds / 5) * 5, 5)} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
