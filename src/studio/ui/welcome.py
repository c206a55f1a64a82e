"""What stands in the middle while no song is open: new, open, import, and the songs used last."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from . import theme
from .commands import Commands

COLUMN = 560
BUTTONS = (
    ("file.new", "New song"),
    ("file.new_beat", "Make a beat"),
    ("file.open", "Open…"),
    ("file.import", "Import sounds…"),
)
_PATH, _DETAIL = int(Qt.ItemDataRole.UserRole), int(Qt.ItemDataRole.UserRole) + 1


@dataclass(frozen=True)
class RecentSong:
    """A song used before: its name, folder, when it was open (Unix time, 0 for unknown), and whether it is there."""

    name: str
    path: Path
    opened: float = 0.0
    present: bool = True


class Welcome(QWidget):
    """`open_requested(path)` names a song to open; `sounds_dropped(paths)` sounds to begin a new song with."""

    open_requested = Signal(object)
    sounds_dropped = Signal(list)

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self.setAccessibleName("Welcome")
        self.setAcceptDrops(True)
        outer = QHBoxLayout(self)
        middle = QWidget()
        middle.setFixedWidth(COLUMN)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.PAD)
        outer.addStretch(1)
        outer.addWidget(middle)
        outer.addStretch(1)
        column.addStretch(2)
        column.addWidget(_label("Studio", "title"))
        column.addWidget(_label("Start a song, or drop sounds or a song folder anywhere here.", "dim"))
        column.addSpacing(theme.MARGIN)
        row = QHBoxLayout()
        row.setSpacing(theme.PAD)
        for command_id, text in BUTTONS:
            row.addWidget(_button(commands, command_id, text))
        row.addStretch(1)
        column.addLayout(row)
        column.addSpacing(theme.MARGIN * 2)
        self._caption = _label("Recent songs", "heading")
        column.addWidget(self._caption)
        self.recent = _RecentList()
        self.recent.setFixedWidth(COLUMN)
        self.recent.itemActivated.connect(self._open)
        self.recent.itemClicked.connect(self._open)
        column.addWidget(self.recent, 4)
        self._empty = _label("", "dim")
        column.addWidget(self._empty)
        column.addStretch(2)
        self.show_recent(())

    def show_recent(self, songs: Iterable[RecentSong]) -> None:
        """Lists the songs used last, newest first."""
        self.recent.clear()
        for song in songs:
            item = QListWidgetItem(song.name)
            item.setData(_PATH, song.path)
            place = str(song.path.parent).replace(str(Path.home()), "~", 1)
            detail = place if song.present else f"{place} (not there any more)"
            item.setData(_DETAIL, (detail, when_text(song.opened), song.present))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{song.name}, {detail}")
            item.setToolTip(str(song.path))
            self.recent.addItem(item)
        some = self.recent.count() > 0
        self.recent.setVisible(some)
        self._caption.setVisible(some)
        self._empty.setText("" if some else "Songs that you open are listed here.")
        self._empty.setVisible(not some)

    def _open(self, item: QListWidgetItem) -> None:
        self.open_requested.emit(item.data(_PATH))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _local_paths(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = _local_paths(event)
        songs = [path for path in paths if path.suffix == ".studio"]
        event.acceptProposedAction()
        if songs:
            self.open_requested.emit(songs[0])
        elif paths:
            self.sounds_dropped.emit(paths)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.color("bg"))


def when_text(at: float, now: float | None = None) -> str:
    """A past moment as people say it: "today 14:03", "yesterday", "12 May", "12 May 2025"; empty for 0."""
    if at <= 0:
        return ""
    then = datetime.fromtimestamp(at)
    today = datetime.fromtimestamp(time.time() if now is None else now)
    days = (today.date() - then.date()).days
    if days <= 1:
        return f"{'yesterday' if days == 1 else 'today'} {then:%H:%M}"
    return f"{then.day} {then:%B}" if then.year == today.year else f"{then.day} {then:%B %Y}"


def _local_paths(event: QDropEvent) -> list[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]


def _label(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    return label


def _button(commands: Commands, command_id: str, text: str) -> QPushButton:
    action = commands.action(command_id)
    button = QPushButton(text)
    button.setProperty("primary", command_id == "file.new")
    button.setToolTip(action.toolTip())
    button.clicked.connect(action.trigger)
    button.setEnabled(action.isEnabled())
    action.changed.connect(lambda: button.setEnabled(action.isEnabled()))
    return button


class _RecentList(QListWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Recent songs")
        self.setItemDelegate(_SongRow(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setStyleSheet("background: transparent;")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentItem():
            self.itemActivated.emit(self.currentItem())
        else:
            super().keyPressEvent(event)


class _SongRow(QStyledItemDelegate):
    """Two lines: the song's name, and its folder; at the right when it was open."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(COLUMN, theme.ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        view = self.parent()
        assert isinstance(view, QListWidget)
        detail, when, present = index.data(_DETAIL)
        box = QRectF(option.rect).adjusted(0, 1, 0, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        hovered = view.viewport().underMouse() and view.indexAt(view.viewport().mapFromGlobal(view.cursor().pos()))
        if (view.hasFocus() and view.currentIndex() == index) or (hovered and hovered == index):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("raised"))
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        inner = box.adjusted(theme.MARGIN, 0, -theme.MARGIN, 0)
        painter.setFont(theme.font(weight="medium"))
        painter.setPen(theme.color("text" if present else "dim"))
        painter.drawText(inner.adjusted(0, 4, -120, -20), _LEFT, index.data())
        painter.setFont(theme.font(theme.SMALL))
        painter.setPen(theme.color("dim"))
        painter.drawText(inner.adjusted(0, 21, -120, -4), _LEFT, detail)
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, when)
        painter.restore()


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
