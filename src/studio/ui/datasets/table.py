"""The table of a draft's items: edited in place, files are dropped on it, and its empty state says what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QHeaderView, QStyledItemDelegate, QTableView, QWidget

from ..theme import color, font
from ..timeline.drops import paths_of
from .model import WIDTHS, ItemsModel, Row

ROW, HEAD = 30, 30
SPLITS = ("train", "validation", "test")


class _Editors(QStyledItemDelegate):
    """A list of splits where one is chosen, a line of text elsewhere."""

    def createEditor(self, parent: QWidget, option: Any, index: QModelIndex | QPersistentModelIndex) -> QWidget:
        if index.column() != 6:
            editor = super().createEditor(parent, option, index)
            editor.setStyleSheet("QLineEdit { padding: 0 6px; border-radius: 0; }")
            return editor
        box = QComboBox(parent)
        box.addItems(SPLITS)
        return box

    def setEditorData(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:
        if isinstance(editor, QComboBox):
            editor.setCurrentText(index.data(Qt.ItemDataRole.EditRole))
        else:
            super().setEditorData(editor, index)

    def setModelData(self, editor: QWidget, model: Any, index: QModelIndex | QPersistentModelIndex) -> None:
        if isinstance(editor, QComboBox):
            model.setData(index, editor.currentText())
        else:
            super().setModelData(editor, model, index)


class ItemsTable(QTableView):
    """Shows an ItemsModel. Main thread. `empty` is what an empty table says.

    `dropped(paths)`: files were dropped; `menu_wanted(point)`; `listened()`: Enter; `removed()`: Delete.
    """

    dropped = Signal(list)
    menu_wanted = Signal(object)
    listened = Signal()
    removed = Signal()

    def __init__(self, model: ItemsModel, takes: Callable[[], bool]) -> None:
        super().__init__()
        self.empty = ""
        self.setModel(model)
        self.setItemDelegate(_Editors(self))
        self.setAccessibleName("Items of the dataset")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setStyleSheet("QTableView { padding: 0; border: 0; } QHeaderView::section { padding: 4px 8px; }")
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.horizontalHeader().setFixedHeight(HEAD)
        self.horizontalHeader().moveSection(8, 7)  # what is doubtful is seen before the song
        for column, width in enumerate(WIDTHS):
            self.setColumnWidth(column, width)
        self._takes = takes
        self.setDragDropMode(QAbstractItemView.DragDropMode.DropOnly)
        self.setDropIndicatorShown(False)

    def chosen(self) -> list[Row]:
        """The selected rows, from top to bottom."""
        model = self.model()
        assert isinstance(model, ItemsModel)
        return [model.rows[index.row()] for index in sorted(self.selectionModel().selectedRows())]

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._look(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._look(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self._look(event)
        if event.isAccepted():
            self.dropped.emit(_paths(event.mimeData()))

    def _look(self, event: QDropEvent) -> None:
        if self._takes() and _paths(event.mimeData()):
            event.acceptProposedAction()
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.modifiers():
            self.listened.emit()
        elif event.key() == Qt.Key.Key_Delete and not event.modifiers():
            self.removed.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.model().rowCount() == 0 and self.empty:
            with QPainter(self.viewport()) as painter:
                painter.setFont(font())
                painter.setPen(color("dim"))
                room = QRect(24, 0, self.viewport().width() - 48, self.viewport().height())
                painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self.empty)


def _paths(data: QMimeData) -> list[Path]:
    """The files and folders that a drag carries."""
    folders = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [*map(Path, paths_of(data)), *(path for path in folders if path.is_dir())]
