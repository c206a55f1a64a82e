"""The list widget that library and folders share: choosing plays, dragging carries files, Enter imports."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel, QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QDrag, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from ..theme import ROW, SMALL, color, font
from .rows import picture_rect
from .wording import counted

_MOVES = {
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
}
SETTLE = 150
"""How long the arrow keys must rest before the row they reached is played, in ms."""


class SoundList(QTableView):
    """A list of sounds: a table of one column, because Qt lays out a list of 100,000 in 120 ms, a table at once.

    `empty` gives the two lines shown where it has no rows (title, what to do).

    `chosen(index)`: a row was chosen by click or key. `listen(index)`: its picture was clicked. `opened(indexes)`:
    double-click or Enter. `menu_wanted(point)`: global position. `typed(text)`: a letter or figure was typed.
    `deleted()` and `back()`: Delete and Backspace.
    """

    chosen = Signal(QModelIndex)
    listen = Signal(QModelIndex)
    opened = Signal(list)
    menu_wanted = Signal(QPoint)
    typed = Signal(str)
    deleted = Signal()
    back = Signal()

    def __init__(self, empty: Callable[[], tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.empty = empty
        self._doubled = False
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setStyleSheet("QTableView { padding: 0; border: 0; }")
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW)
        self.horizontalHeader().hide()
        self.horizontalHeader().setStretchLastSection(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self._moved = QTimer(self, singleShot=True, interval=SETTLE)
        self._moved.timeout.connect(lambda: self.chosen.emit(self.currentIndex()))

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Shows the first column of a model."""
        super().setModel(model)
        for column in range(1, self.horizontalHeader().count()):
            self.setColumnHidden(column, True)

    def chosen_rows(self) -> list[QModelIndex]:
        """The selected rows from top to bottom."""
        return sorted(self.selectionModel().selectedRows(), key=QModelIndex.row)

    def choose(self, row: int) -> None:
        """Selects one row and brings it into view."""
        index = self.model().index(row, 0, self.rootIndex())
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(index, flags)
        self.scrollTo(index)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        dragging = self.state() is QAbstractItemView.State.DraggingState
        second, self._doubled = self._doubled, False
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if dragging or second or not plain or event.button() is not Qt.MouseButton.LeftButton or not index.isValid():
            return
        on_picture = picture_rect(self.visualRect(index)).contains(event.position().toPoint())
        (self.listen if on_picture else self.chosen).emit(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and index.isValid():
            self._doubled = True
            self.opened.emit([index])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, held = Qt.Key(event.key()), event.modifiers()
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if self.chosen_rows():
                self.opened.emit(self.chosen_rows())
        elif key is Qt.Key.Key_Delete:
            self.deleted.emit()
        elif key is Qt.Key.Key_Backspace:
            self.back.emit()
        elif key in _MOVES:
            super().keyPressEvent(event)
            if held == Qt.KeyboardModifier.NoModifier:
                self._moved.start()
        elif event.text().isalnum() and held in {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier}:
            self.typed.emit(event.text())
        elif key is Qt.Key.Key_Space:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Does nothing: looking for a row by its letters would read every page; letters go to the search field."""

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        where = event.globalPos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            where = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).center())
        self.menu_wanted.emit(where)

    def startDrag(self, actions: Qt.DropAction) -> None:
        indexes = self.chosen_rows()
        data = self.model().mimeData(indexes)
        if data is None or not data.hasUrls():
            return
        drag = QDrag(self)
        drag.setMimeData(data)
        name = str(indexes[0].data() or "")
        drag.setPixmap(self._label(name if len(indexes) == 1 else counted(len(indexes))))
        drag.setHotSpot(QPoint(-12, 12))
        drag.exec(Qt.DropAction.CopyAction)

    def _label(self, text: str) -> QPixmap:
        """What hangs on the pointer while dragging."""
        self.ensurePolished()
        ratio, face = self.devicePixelRatioF(), font(SMALL, "medium")
        width = min(self.fontMetrics().horizontalAdvance(text) + 24, 240)
        made = QPixmap(round(width * ratio), round(24 * ratio))
        made.setDevicePixelRatio(ratio)
        made.fill(color("accent"))
        with QPainter(made) as painter:
            painter.setFont(face)
            painter.setPen(color("on_accent"))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width - 16)
            painter.drawText(8, 0, width - 16, 24, Qt.AlignmentFlag.AlignVCenter, shown)
        return made

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        model = self.model()
        if model is not None and model.rowCount(self.rootIndex()):
            return
        title, text = self.empty()
        room = self.viewport().rect().adjusted(20, 24, -20, -24)
        with QPainter(self.viewport()) as painter:
            painter.setPen(color("text"))
            painter.setFont(font(weight="medium"))
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            painter.drawText(room, flags, title)
            top = painter.boundingRect(room, flags, title).bottom() + 8
            painter.setPen(color("dim"))
            painter.setFont(font())
            painter.drawText(room.adjusted(0, top - room.top(), 0, 0), flags, text)
