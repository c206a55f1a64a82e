"""What the program has to say: short sentences beside the work, never in its way, with the details one click away."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from ..errors import StudioError
from . import theme
from .icons import IconButton, paint_icon

Kind = Literal["info", "warning", "error"]
KEPT = 200
INFO_MS = 8_000
SHOWN = 3
REPEAT_SECONDS = 2.0


@dataclass(frozen=True)
class Notice:
    """One sentence for the person, and what stands behind it; `action` names what `run` would do about it."""

    text: str
    kind: Kind = "info"
    detail: str = ""
    at: float = field(default_factory=time.time)
    action: str = ""
    run: Callable[[], object] = field(default=lambda: None, compare=False)


class Notices(QObject):
    """All notices of this run, oldest first. `added` may be raised from any thread; listeners hear it on theirs."""

    added = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: list[Notice] = []
        self._last = ("", 0.0)

    def all(self) -> tuple[Notice, ...]:
        """The notices, oldest first."""
        return tuple(self._kept)

    def say(self, text: str, kind: Kind = "info", detail: str = "") -> None:
        """Adds a notice. One that goes on repeating itself without a pause of two seconds is shown once."""
        before, self._last = self._last, (text, time.monotonic())
        if before[0] != text or self._last[1] - before[1] >= REPEAT_SECONDS:
            self._add(Notice(text, kind, detail))

    def offer(self, text: str, action: str, run: Callable[[], object]) -> None:
        """Adds a notice with a button that does something about it. Main thread."""
        self._add(Notice(text, action=action, run=run))

    def _add(self, notice: Notice) -> None:
        self._kept = [*self._kept[1 - KEPT :], notice]
        self.added.emit(notice)

    def error(self, error: BaseException) -> None:
        """Adds what went wrong: the sentence of a StudioError, or a general one, with the technical cause as detail."""
        if isinstance(error, StudioError):
            cause = error.__cause__ or error.__context__
            self.say(str(error), "error", "".join(traceback.format_exception(cause)) if cause else "")
        else:
            text = f"Something unexpected went wrong ({type(error).__name__}: {error}); the song is kept as it is."
            self.say(text, "error", "".join(traceback.format_exception(error)))


def catch_unhandled(notices: Notices) -> None:
    """Turns exceptions that nobody caught, on any thread, into notices; they are still printed to standard error."""

    def on_main(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        if isinstance(error, Exception):
            notices.error(error)

    def on_thread(args: threading.ExceptHookArgs) -> None:
        sys.__excepthook__(args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback)
        if isinstance(args.exc_value, Exception):
            notices.error(args.exc_value)

    sys.excepthook = on_main
    threading.excepthook = on_thread


_ICONS: dict[Kind, tuple[str, str]] = {
    "info": ("info", "dim"),
    "warning": ("warning", "warn"),
    "error": ("warning", "rec_text"),
}


class _Card(QWidget):
    """One notice over the corner of the window: icon, sentence, details, close."""

    closed = Signal(object)

    def __init__(self, notice: Notice, parent: QWidget) -> None:
        super().__init__(parent)
        self.notice = notice
        self.setAccessibleName(f"{notice.kind}: {notice.text}")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN * 3, theme.PAD, theme.PAD, theme.PAD)
        row.setSpacing(theme.PAD)
        text = QLabel(notice.text)
        text.setWordWrap(True)
        text.setMinimumWidth(260)
        text.setMaximumWidth(380)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row.addWidget(text, 1)
        if notice.detail:
            details = QPushButton("Details")
            details.setAccessibleName(f"Details of: {notice.text}")
            details.clicked.connect(lambda: DetailDialog(notice, self.window()).show())
            row.addWidget(details)
        if notice.action:
            action = QPushButton(notice.action)
            action.setAccessibleName(f"{notice.action}: {notice.text}")
            action.clicked.connect(self._act)
            row.addWidget(action)
        close = IconButton("close", "Dismiss", 24, flat=True)
        close.clicked.connect(lambda: self.closed.emit(self))
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)

    def _act(self) -> None:
        self.closed.emit(self)
        self.notice.run()

    def paintEvent(self, event: QPaintEvent) -> None:
        name, color = _ICONS[self.notice.kind]
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(theme.color("line"))
            painter.setBrush(theme.color("raised"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
            paint_icon(painter, name, QRectF(theme.MARGIN, (self.height() - 16) / 2, 16, 16), color)


class NoticeCards(QObject):
    """Shows the newest notices as cards in the lower right corner of `anchor`, a widget inside the window.

    Information goes away by itself; warnings, errors and offers stay until they are dismissed or pushed out by newer
    ones.
    """

    def __init__(self, notices: Notices, window: QWidget, anchor: QWidget) -> None:
        super().__init__(window)
        self._window, self._anchor = window, anchor
        anchor.installEventFilter(self)
        self._cards: list[_Card] = []
        notices.added.connect(self._add)

    def _add(self, notice: Notice) -> None:
        for shown in [card for card in self._cards if card.notice.text == notice.text]:
            self._close(shown)
        card = _Card(notice, self._window)
        card.closed.connect(self._close)
        self._cards.append(card)
        while len(self._cards) > SHOWN:
            self._close(self._cards[0])
        if notice.kind == "info" and not notice.action:
            QTimer.singleShot(INFO_MS, card, lambda: self._close(card))
        card.show()
        self.place()

    def withdraw(self, text: str) -> None:
        """Takes the cards with this text away: it is true no more. The list of notices keeps it."""
        for card in [card for card in self._cards if card.notice.text == text]:
            self._close(card)

    def _close(self, card: _Card) -> None:
        if card in self._cards:
            self._cards.remove(card)
            card.hide()
            card.deleteLater()
            self.place()

    def place(self) -> None:
        """Puts the cards into their corner, above whatever else is there."""
        corner = self._anchor.mapTo(self._window, QPoint(self._anchor.width(), self._anchor.height()))
        y = corner.y() - theme.MARGIN
        for card in reversed(self._cards):
            card.adjustSize()
            y -= card.height()
            card.move(corner.x() - card.width() - theme.MARGIN, y)
            card.raise_()
            y -= theme.PAD

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self.place()
        return False


class DetailDialog(QDialog):
    """A notice in full, with its technical cause to copy into a report."""

    def __init__(self, notice: Notice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Details")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(640, 360)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.MARGIN * 2] * 4)
        column.setSpacing(theme.MARGIN)
        text = QLabel(notice.text)
        text.setWordWrap(True)
        column.addWidget(text)
        detail = QPlainTextEdit(notice.detail or "There is nothing more to say about this.")
        detail.setReadOnly(True)
        detail.setFont(theme.font(theme.SMALL, mono=True))
        detail.setAccessibleName("Technical details")
        column.addWidget(detail, 1)
        row = QHBoxLayout()
        copy = QPushButton("Copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(f"{notice.text}\n\n{notice.detail}"))
        close = QPushButton("Close")
        close.clicked.connect(self.accept)
        row.addStretch(1)
        row.addWidget(copy)
        row.addWidget(close)
        column.addLayout(row)


class NoticesDialog(QDialog):
    """All notices of this run, newest first."""

    def __init__(self, notices: Notices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Notices")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(640, 400)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.MARGIN * 2] * 4)
        text = QPlainTextEdit("\n\n".join(_as_text(notice) for notice in reversed(notices.all())))
        text.setReadOnly(True)
        text.setPlaceholderText("Nothing has been reported since the program started.")
        text.setAccessibleName("Notices, newest first")
        column.addWidget(text)
        close = QPushButton("Close")
        close.clicked.connect(self.accept)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)


def _as_text(notice: Notice) -> str:
    at = time.strftime("%H:%M:%S", time.localtime(notice.at))
    return f"{at}  {notice.text}" + (f"\n{notice.detail.rstrip()}" if notice.detail else "")
