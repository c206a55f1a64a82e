"""The library page: a search field, filters, and the list of what was found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPoint, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QVBoxLayout, QWidget

from ...storage.library.library import Library
from ...storage.library.records import Asset, Collection
from ..icons import IconButton, paint_icon
from ..theme import HIT, MARGIN, PAD
from .background import Background
from .filters import FilterBar
from .keeping import Keeping
from .model import ASSET, AssetModel
from .preview import Preview
from .rows import Row, RowDelegate
from .thumbnails import Thumbnails
from .view import SoundList
from .wording import KINDS, counted, detail, duration


class AssetDelegate(RowDelegate):
    """Rows of the library."""

    def row(self, index: QModelIndex | QPersistentModelIndex) -> Row:
        asset = index.data(ASSET)
        if asset is None:
            return Row()
        shade = KINDS[asset.kind][1]
        icon_name = "" if asset.kind in {"audio", "recording", "generated"} else "info"
        return Row(asset.name, detail(asset), duration(asset.seconds), asset.path, shade, asset.favourite, icon_name)


class SearchField(QLineEdit):
    """A search field from which the down key leads into the list and Esc empties it."""

    down = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Search the library")
        self.setFixedHeight(32)
        self.setPlaceholderText("Search sounds")
        self.setTextMargins(20, 0, 20, 0)
        self._clear = IconButton("close", "Clear the search", HIT, flat=True)
        self._clear.setParent(self)
        self._clear.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._clear.setCursor(Qt.CursorShape.ArrowCursor)
        self._clear.hide()
        self._clear.clicked.connect(self.clear)
        self.textChanged.connect(lambda text: self._clear.setVisible(bool(text)))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with QPainter(self) as painter:
            paint_icon(painter, "search", QRectF(9, self.height() / 2 - 7, 14, 14), "dim")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._clear.move(self.width() - HIT - 4, (self.height() - HIT) // 2)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.down.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class Shelf(QWidget):
    """The page. Main thread. `import_requested(paths)`: double-click, Enter or the menu; `find_file(path)`: show it in
    its folder."""

    import_requested = Signal(list)
    find_file = Signal(Path)

    def __init__(self, library: Library, background: Background, thumbnails: Thumbnails, preview: Preview) -> None:
        super().__init__()
        self._library, self._background, self._preview = library, background, preview
        self.model = AssetModel(library, background, self)
        self.search = SearchField()
        self.filters = FilterBar()
        self.list = SoundList(self._empty)
        self.list.setAccessibleName("Sounds")
        self.list.setModel(self.model)
        self.list.setItemDelegate(AssetDelegate(thumbnails, preview, self.list))
        self.keeping = Keeping(library, background, self)
        self._total = 0
        self._kept: list[int] = []
        self._lay_out()
        self._connect(thumbnails)
        self.refresh()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, MARGIN, 0, 0)
        column.setSpacing(PAD)
        field = QVBoxLayout()
        field.setContentsMargins(MARGIN, 0, MARGIN, 0)
        field.addWidget(self.search)
        column.addLayout(field)
        column.addWidget(self.filters)
        column.addWidget(self.list, 1)

    def _connect(self, thumbnails: Thumbnails) -> None:
        self.search.textChanged.connect(self._look)
        self.search.down.connect(self._enter_list)
        self.filters.changed.connect(self._look)
        self.filters.menu_wanted.connect(self._collection_menu)
        self.keeping.changed.connect(self.refresh)
        self.model.modelAboutToBeReset.connect(self._remember)
        self.model.answered.connect(self._restore)
        self.list.chosen.connect(self._choose)
        self.list.listen.connect(self._listen)
        self.list.opened.connect(lambda indexes: self._import([index.data(ASSET) for index in indexes]))
        self.list.deleted.connect(self.remove_chosen)
        self.list.menu_wanted.connect(self._menu)
        self.list.typed.connect(self._type)
        thumbnails.ready.connect(self.model.changed)
        self._preview.changed.connect(self.list.viewport().update)

    def refresh(self) -> None:
        """Looks again for everything: the library has changed."""
        self._look()
        library = self._library
        self._background.ask("all", lambda: (library.count(), library.collections(), library.tags()), self._show_all)

    def chosen(self) -> list[Asset]:
        """The selected assets, from top to bottom."""
        return [asset for index in self.list.chosen_rows() if (asset := index.data(ASSET)) is not None]

    def focus_search(self) -> None:
        """Puts the cursor into the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def import_chosen(self) -> None:
        """Asks for the selected sounds at the playhead."""
        self._import(self.chosen())

    def toggle_favourite(self) -> None:
        """Makes the selected sounds favourites, or no longer when all of them are."""
        assets = self.chosen()
        if assets:
            self.keeping.set_favourite(assets, not all(asset.favourite for asset in assets))

    def remove_chosen(self) -> None:
        """Takes the selected sounds out of the collection that is being looked at, or of the library."""
        assets, inside = self.chosen(), self.filters.collection
        if assets and inside is not None:
            self.keeping.collect(assets, inside.id, on=False)
        elif assets:
            self.keeping.ask_remove(assets)

    def listen_to_chosen(self) -> None:
        """Plays the first selected sound, or stops it."""
        for asset in self.chosen()[:1]:
            self._preview.toggle(asset.path, asset.seconds)

    def _look(self) -> None:
        self.model.look_for(self.filters.narrow(self.search.text()))

    def _show_all(self, found: tuple[int, Sequence[Collection], Sequence[object]]) -> None:
        self._total, self.keeping.collections, self.keeping.tags = found  # type: ignore[assignment]
        self.search.setPlaceholderText(f"Search {counted(self._total)}" if self._total else "Search sounds")
        self.filters.show_collections(self.keeping.collections)
        self.list.viewport().update()

    def _remember(self) -> None:
        self._kept = [asset.id for asset in self.chosen()]

    def _restore(self) -> None:
        """Selects again what was selected before the list was read anew, where it is still near the top."""
        rows = [row for row in map(self.model.row_of, self._kept) if row >= 0]
        if rows:
            scroll = self.list.verticalScrollBar().value()
            self.list.choose(rows[0])
            for row in rows[1:]:
                self.list.selectionModel().select(self.model.index(row), QItemSelectionModel.SelectionFlag.Select)
            self.list.verticalScrollBar().setValue(scroll)
        else:
            self.list.scrollToTop()

    def _enter_list(self) -> None:
        if self.model.rowCount():
            if not self.list.chosen_rows():
                self.list.choose(0)
            self.list.setFocus(Qt.FocusReason.TabFocusReason)

    def _type(self, text: str) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.setText(text)

    def _choose(self, index: QModelIndex) -> None:
        asset = index.data(ASSET) if index.isValid() else None
        if asset is not None and self._preview.auto:
            self._preview.play(asset.path, asset.seconds)

    def _listen(self, index: QModelIndex) -> None:
        asset = index.data(ASSET)
        if asset is not None:
            self._preview.toggle(asset.path, asset.seconds)

    def _import(self, assets: Sequence[Asset | None]) -> None:
        known = [asset for asset in assets if asset is not None]
        if known:
            self._preview.stop()
            self.import_requested.emit([asset.path for asset in known])
            ids = [asset.id for asset in known]
            if not self._library.read_only:
                self._background.do(lambda: self._library.mark_used(ids))

    def _menu(self, where: QPoint) -> None:
        assets = self.chosen()
        if not assets:
            return
        menu = QMenu(self)
        menu.addAction("Import at playhead", self.import_chosen)
        menu.addAction("Stop" if self._preview.path == assets[0].path else "Listen", self.listen_to_chosen)
        menu.addAction("Show in Files", lambda: self.find_file.emit(assets[0].path))
        menu.addSeparator()
        self.keeping.fill_menu(menu, assets, self.filters.collection)
        menu.aboutToHide.connect(lambda: QTimer.singleShot(0, menu.deleteLater))
        menu.popup(where)

    def _collection_menu(self, collection: Collection, where: QPoint) -> None:
        menu = QMenu(self)
        self.keeping.fill_collection_menu(menu, collection)
        menu.aboutToHide.connect(lambda: QTimer.singleShot(0, menu.deleteLater))
        menu.popup(where)

    def _empty(self) -> tuple[str, str]:
        text = self.search.text().strip()
        if text:
            return f"Nothing found for “{text}”", "Look under All, try fewer letters, or browse your disk under Files."
        if self.filters.chosen == "Favourites":
            return "No favourites yet", "Right-click a sound and add it to the favourites to find it here."
        if self.filters.collection is not None:
            return "This collection is empty", "Right-click sounds and add them to the collection."
        if self.filters.chosen == "Recordings":
            return "No recordings yet", "Arm a track, press R, and what you record is kept here."
        return "No sounds yet", "What you import or record is kept here. Browse your disk under Files, or press Ctrl+I."
