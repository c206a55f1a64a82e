"""The list widget that library and folders share: choosing plays, dragging carries files, Enter imports. The library's
can be a grid of tiles."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QDrag, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from ..theme import ROW, SMALL, color, font
from .model import AssetModel
from .rows import RowDelegate
from .tiles import TILE, TileDelegate
from .wording import counted

_MOVES = {
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
}
_ASIDE = {Qt.Key.Key_Left, Qt.Key.Key_Right}
SETTLE = 150
"""How long the arrow keys must rest before the row they reached is played, in ms."""


class SoundList(QTableView):
    """A list of sounds: a table of one column, because Qt lays out a list of 100,000 in 120 ms, a table at once. As a
    grid it is a table of as many columns as there is room for.

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
        self._doubled = self.grid = False
        self._delegates: tuple[RowDelegate, TileDelegate] | None = None
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

    def set_delegate(self, rows: RowDelegate) -> None:
        """Has rows painted so, and tiles that show the same."""
        self._delegates = rows, TileDelegate(rows)
        self.setItemDelegate(self._delegates[self.grid])

    def show_grid(self, grid: bool) -> None:
        """Shows tiles, or rows again. Only for the library's model."""
        assert self._delegates is not None
        self.grid = grid
        behaviour = QAbstractItemView.SelectionBehavior
        self.setSelectionBehavior(behaviour.SelectItems if grid else behaviour.SelectRows)
        self.setItemDelegate(self._delegates[grid])
        self.verticalHeader().setDefaultSectionSize(TILE.height() if grid else ROW)
        policy = Qt.ScrollBarPolicy  # a bar that came and went would change how many tiles there is room for
        self.setVerticalScrollBarPolicy(policy.ScrollBarAlwaysOn if grid else policy.ScrollBarAsNeeded)
        self._fit()

    def place(self, index: QModelIndex) -> int:
        """The place of an index, counted along the rows."""
        model = self.model()
        return model.place(index) if isinstance(model, AssetModel) else index.row()

    def _at(self, place: int) -> QModelIndex:
        model = self.model()
        return model.at(place) if isinstance(model, AssetModel) else model.index(place, 0, self.rootIndex())

    def _fit(self) -> None:
        """As many columns as there is room for, all of one width."""
        model = self.model()
        if isinstance(model, AssetModel):
            room = self.viewport().width()
            columns = max(room // TILE.width(), 1) if self.grid else 1
            top = self.place(self.indexAt(QPoint(1, 1))) if self.indexAt(QPoint(1, 1)).isValid() else 0
            if columns != model.columnCount():
                model.arrange(columns)
                self.scrollTo(model.at(top), QAbstractItemView.ScrollHint.PositionAtTop)
            for column in range(columns - 1):
                self.setColumnWidth(column, room // columns)
            self.horizontalScrollBar().setValue(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.grid:
            self._fit()

    def chosen_rows(self) -> list[QModelIndex]:
        """What is selected, from top to bottom."""
        return [self._at(place) for place in self.chosen_places()]

    def chosen_places(self) -> list[int]:
        """The places of what is selected, in order. Quick for 100,000: the ranges are asked, not every index."""
        model, columns = self.model(), 1
        total = model.rowCount(self.rootIndex())
        if isinstance(model, AssetModel):
            columns, total = model.columnCount(), model.total
        rows: dict[int, list[int]] = {}
        for part in self.selectionModel().selection():
            across = range(part.left(), min(part.right(), columns - 1) + 1)
            for row in range(part.top(), part.bottom() + 1):
                rows.setdefault(row, []).extend(across)
        places = [row * columns + column for row in sorted(rows) for column in sorted(rows[row])]
        return places[: bisect_left(places, total)]

    def select_places(self, places: Sequence[int]) -> None:
        """Selects these, in order, and nothing else; the first has the keys. Nothing is scrolled."""
        selection, low = QItemSelection(), places[0]
        for before, place in pairwise((*places, -1)):
            if place != before + 1:
                self._span(selection, low, before)
                low = place
        self.selectionModel().setCurrentIndex(self._at(places[0]), QItemSelectionModel.SelectionFlag.NoUpdate)
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def choose(self, place: int) -> None:
        """Selects one and brings it into view."""
        index = self._at(place)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
        if not self.grid:
            flags |= QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(index, flags)
        self.scrollTo(index)

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """In a grid a range runs along the rows from tile to tile, as text does."""
        first, last = self.indexAt(rect.topLeft()), self.indexAt(rect.bottomRight())
        if not self.grid or not first.isValid() or not last.isValid() or first.row() == last.row():
            super().setSelection(rect, command)
            return
        selection = QItemSelection()
        self._span(selection, *sorted((self.place(first), self.place(last))))
        self.selectionModel().select(selection, command)

    def _span(self, selection: QItemSelection, low: int, high: int) -> None:
        """Adds all places from one to another, at most three rectangles of them."""
        model, columns = self.model(), self.model().columnCount() if self.grid else 1
        (top, left), (bottom, right) = divmod(low, columns), divmod(high, columns)
        if top == bottom:
            selection.select(model.index(top, left), model.index(top, right))
            return
        selection.select(model.index(top, left), model.index(top, columns - 1))
        if bottom > top + 1:
            selection.select(model.index(top + 1, 0), model.index(bottom - 1, columns - 1))
        selection.select(model.index(bottom, 0), model.index(bottom, right))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        dragging = self.state() is QAbstractItemView.State.DraggingState
        second, self._doubled = self._doubled, False
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if dragging or second or not plain or event.button() is not Qt.MouseButton.LeftButton or not index.isValid():
            return
        painted = self.itemDelegate()
        shown = painted.picture_of(self.visualRect(index)) if isinstance(painted, RowDelegate) else QRect()
        on_picture = shown.contains(event.position().toPoint())
        (self.listen if on_picture else self.chosen).emit(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and index.isValid():
            self._doubled = True
            self.opened.emit([index])

    def moveCursor(self, step: QAbstractItemView.CursorAction, held: Qt.KeyboardModifier) -> QModelIndex:
        """In a grid Left and Right go on in the next row, Down above a gap to the last, Home and End to the ends."""
        model, action = self.model(), QAbstractItemView.CursorAction
        ways = {action.MoveLeft: -1, action.MoveRight: 1, action.MoveHome: -(10**9), action.MoveEnd: 10**9}
        ways[action.MoveDown] = model.columnCount() if model is not None else 0
        if not self.grid or step not in ways or not isinstance(model, AssetModel) or not model.total:
            return super().moveCursor(step, held)
        current = self.currentIndex()
        place = model.place(current) + ways[step] if current.isValid() else 0
        return model.at(min(max(place, 0), model.total - 1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, held = Qt.Key(event.key()), event.modifiers()
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if self.chosen_rows():
                self.opened.emit(self.chosen_rows())
        elif key is Qt.Key.Key_Delete:
            self.deleted.emit()
        elif key is Qt.Key.Key_Backspace:
            self.back.emit()
        elif key in _MOVES or (self.grid and key in _ASIDE):
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
