"""Every state the song has had: a click goes there, branches stay visible, versions have names."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ..errors import StudioError
from . import theme
from .history_graph import Lanes, layout, path_to, tip_of
from .readouts import Chip
from .welcome import when_text

Index = QModelIndex | QPersistentModelIndex
ROW, LANE, SHOWN = 28, 14, 1_000
MOST_LANES = 12
QUIET_MS = 120
ROLE = int(Qt.ItemDataRole.UserRole)


class Row:
    """One line of the list: a revision, how it is drawn, and what it is to the present state."""

    __slots__ = ("lanes", "present", "reached", "revision", "version")

    def __init__(self, revision: Any, lanes: Lanes, version: str, present: bool, reached: bool) -> None:
        self.revision, self.lanes, self.version = revision, lanes, version
        self.present, self.reached = present, reached

    @property
    def text(self) -> str:
        """What screen readers say."""
        name = f", version {self.version}" if self.version else ""
        here = ", present state" if self.present else ""
        return f"{self.revision.label}, {when_text(self.revision.at)}{name}{here}"


class HistoryModel(QAbstractListModel):
    """The newest revisions of a song, newest first."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.lanes = 1

    def show(self, session: Any, limit: int, versions_only: bool) -> None:
        """Reads the history anew. Without a session the list is empty."""
        self.beginResetModel()
        self.rows = _rows(session, limit, versions_only) if session is not None else []
        self.lanes = min(1 + max((row.lanes.lane for row in self.rows), default=0), MOST_LANES)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        row = self.rows[index.row()]
        if role == ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.revision.label
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return time.strftime("%c", time.localtime(row.revision.at)) + ". Click to go to this state."
        return None


def _rows(session: Any, limit: int, versions_only: bool) -> list[Row]:
    document = session.document
    every = document.revisions
    named = versions_of(session)
    present = document.revision.number
    reached = path_to(every, present)
    newest = sorted(every, key=lambda revision: -revision.number)
    if versions_only:
        newest = [revision for revision in newest if revision.number in named]
        nodes = [Lanes(0, frozenset(), frozenset(), frozenset()) for _ in newest]
    else:
        nodes = layout(newest[:limit], tip_of(every, present))
    return [
        Row(revision, lanes, named.get(revision.number, ""), revision.number == present, revision.number in reached)
        for revision, lanes in zip(newest, nodes, strict=False)
    ]


def versions_of(session: Any) -> dict[int, str]:
    """The names of versions by revision number."""
    return {version.number: version.name for version in session.bundle.versions()}


class HistoryPanel(QWidget):
    """The history of the open song. Main thread. `name_requested` asks for a name for the present state."""

    failed = Signal(object)
    name_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("History")
        self._session: Any = None
        self._unsubscribe: Any = None
        self._limit, self._stale = SHOWN, True
        self.model = HistoryModel()
        self.list = _List()
        self.list.setModel(self.model)
        self.setFocusProxy(self.list)
        self.list.clicked.connect(self._visit)
        self.list.activated.connect(self._visit)
        self._empty = QLabel("Every change of a song is kept here and can be gone back to.")
        self._empty.setProperty("role", "dim")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.only_versions = Chip("Show named versions only", "Versions only")
        self.only_versions.setCheckable(True)
        self.only_versions.toggled.connect(self.reload)
        self.name_button = QPushButton("Name this version…")
        self.name_button.clicked.connect(self.name_requested)
        self.older = QPushButton("Show older")
        self.older.clicked.connect(self._show_older)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.MARGIN, theme.PAD, theme.MARGIN, theme.PAD)
        bar.addWidget(self.only_versions)
        bar.addWidget(self.older)
        bar.addStretch(1)
        bar.addWidget(self.name_button)
        column.addLayout(bar)
        column.addWidget(self.list, 1)
        column.addWidget(self._empty, 1)
        self._timer = QTimer(self, interval=QUIET_MS, singleShot=True)
        self._timer.timeout.connect(self.reload)
        self.set_session(None)

    def set_session(self, session: Any) -> None:
        """Shows the history of a song, or none."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self._session, self._limit = session, SHOWN
        if session is not None:
            self._unsubscribe = session.document.subscribe(lambda _: self._changed())
        self.reload()

    def reload(self) -> None:
        """Reads the history anew."""
        self._stale = False
        self.model.show(self._session, self._limit, self.only_versions.isChecked())
        some = self._session is not None
        self.list.setVisible(some)
        self._empty.setVisible(not some)
        self.name_button.setEnabled(some)
        self.older.setVisible(some and len(self._session.document.revisions) > self._limit)
        present = next((n for n, row in enumerate(self.model.rows) if row.present), -1)
        if present >= 0:
            self.list.setCurrentIndex(self.model.index(present, 0))
            self.list.scrollTo(self.list.currentIndex())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self.reload()

    def _changed(self) -> None:
        """Reads anew once the changes pause; at the next look when the panel is hidden."""
        self._stale = True
        if self.isVisible():
            self._timer.start()

    def _show_older(self) -> None:
        self._limit *= 4
        self.reload()

    def _visit(self, index: Index) -> None:
        row = index.data(ROLE)
        if row is None or row.present:
            return
        try:
            self._session.document.visit(row.revision.number)
        except StudioError as error:
            self.failed.emit(error)


class _List(QListView):
    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Revisions, newest first")
        self.setItemDelegate(_RowDelegate(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.activated.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.model().rowCount():
            with QPainter(self.viewport()) as painter:
                painter.setPen(theme.color("dim"))
                text = "No version has a name yet."
                painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, text)


class _RowDelegate(QStyledItemDelegate):
    """Lanes with dots, the label, the version's name, the time."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row = index.data(ROLE)
        view = self.parent()
        assert isinstance(view, QListView)
        box = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if view.currentIndex() == index and view.hasFocus():
            painter.fillRect(box, theme.color("hover"))
        elif view.viewport().underMouse() and box.contains(view.viewport().mapFromGlobal(view.cursor().pos())):
            painter.fillRect(box, theme.color("raised"))
        model = view.model()
        assert isinstance(model, HistoryModel)
        margin = theme.MARGIN * 2 + model.lanes * LANE
        painter.setClipRect(box.adjusted(0, 0, margin - box.width(), 0))
        _paint_lanes(painter, row, box)
        painter.setClipping(False)
        text = box.adjusted(margin, 0, -theme.MARGIN, 0)
        _paint_text(painter, row, text)
        painter.restore()


def _paint_text(painter: QPainter, row: Row, box: QRectF) -> None:
    strong = row.present or bool(row.version)
    painter.setFont(theme.font(weight="medium" if strong else "regular"))
    painter.setPen(theme.color("accent" if row.present else "text" if row.reached else "dim"))
    label = f"{row.version}  ·  {row.revision.label}" if row.version else row.revision.label
    label = painter.fontMetrics().elidedText(label, Qt.TextElideMode.ElideRight, max(20, round(box.width()) - 140))
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, label)
    painter.setFont(theme.font(theme.SMALL))
    painter.setPen(theme.color("dim"))
    when = when_text(row.revision.at).removeprefix("today ")
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, when)


def _paint_lanes(painter: QPainter, row: Row, box: QRectF) -> None:
    def x(lane: int) -> float:
        return box.left() + theme.MARGIN + LANE / 2 + lane * LANE

    middle = box.center().y()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color("faint"), 1.5))
    for lane in row.lanes.above - row.lanes.joins:
        painter.drawLine(QPointF(x(lane), box.top()), QPointF(x(lane), middle))
    for lane in row.lanes.below:
        painter.drawLine(QPointF(x(lane), middle), QPointF(x(lane), box.bottom()))
    for lane in row.lanes.joins:
        bend = QPainterPath(QPointF(x(lane), box.top()))
        bend.cubicTo(x(lane), middle, x(lane), middle, x(row.lanes.lane), middle)
        painter.drawPath(bend)
    painter.setPen(QPen(theme.color("accent" if row.present else "dim" if row.reached else "faint"), 1.5))
    painter.setBrush(theme.color("accent" if row.present else "dim" if row.reached else "panel"))
    size = 4.5 if row.present or row.version else 3.0
    painter.drawEllipse(QPointF(x(row.lanes.lane), middle), size, size)
