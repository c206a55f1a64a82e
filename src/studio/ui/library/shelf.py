"""The library page: a search field, filters, and what was found as a list or as tiles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QVBoxLayout, QWidget

from ...storage.library.records import Asset, Collection, Mark, Tag
from ..icons import IconButton, paint_icon
from ..theme import GAP, HIT, MARGIN, PAD
from .background import Background
from .curator import Curator, Making, comparable, is_sound
from .filters import FilterBar
from .keeping import Keeping
from .model import ASSET, MARK, AssetModel, Query
from .preview import Preview
from .rows import Row, RowDelegate
from .sieve import Sieve, fill_sieve_menu
from .thumbnails import Thumbnails
from .view import SoundList
from .wording import KINDS, called, counted, detail, duration

EMPTY = {
    "All": ("No sounds yet", "What you import or record is kept here. Browse your disk under Files, or press Ctrl+I."),
    "Recordings": ("No recordings yet", "Arm a track, press R, and what you record is kept here."),
    "Generated": ("Nothing generated yet", "What models make is kept here. Open Generate with Ctrl+Alt+G."),
    "Favourites": ("No favourites yet", "Right-click a sound and add it to the favourites to find it here."),
}
"""What is said where a filter finds nothing: a title, and what to do."""


class Kept(NamedTuple):
    """What was selected: in which answer (see `AssetModel.head`), its places, and the ids of those that were read."""

    head: tuple[Query, int, tuple[int, ...]]
    places: list[int]
    ids: frozenset[int]


class AssetDelegate(RowDelegate):
    """Rows of the library."""

    def row(self, index: QModelIndex | QPersistentModelIndex) -> Row:
        asset = index.data(ASSET)
        if asset is None:
            return Row()
        sound, mark = is_sound(asset), index.data(MARK)
        icon_name = "" if sound or asset.kind in {"picture", "text"} else "info"
        length, shade = duration(asset.seconds) if sound else "", KINDS[asset.kind][1]
        words = called(asset, mark), detail(asset), length
        return Row(*words, asset.path, shade, asset.favourite, icon_name, mark, sound)


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
    its folder. `fill_more(menu, assets, marks)` may add to the menu of what is chosen."""

    import_requested = Signal(list)
    find_file = Signal(Path)

    def __init__(self, workspace: Making, background: Background, thumbnails: Thumbnails, preview: Preview) -> None:
        super().__init__()
        self._workspace, self._library = workspace, workspace.library
        library = self._library
        self._background, self._preview = background, preview
        self.fill_more: Callable[[QMenu, Sequence[Asset], Sequence[Mark]], None] = lambda *_: None
        self.model = AssetModel(library, background, self)
        self.search = SearchField()
        self.filters = FilterBar()
        self.list = SoundList(self._empty)
        self.list.setAccessibleName("Sounds")
        self.list.setModel(self.model)
        self.list.set_delegate(AssetDelegate(thumbnails, preview, self.list))
        self.curator = Curator(workspace, background, self.pick, self)
        self.keeping = Keeping(library, background, self, self.pick, self.curator.tag)
        self.sift = IconButton("filter", "Filter what models made", 32, flat=True)
        self.sift.setCheckable(True)
        self.shape = IconButton("grid", "Show tiles", 32, flat=True)
        self._total = 0
        self._made_with: tuple[Sequence[str], Sequence[str]] = ((), ())
        self._chosen: list[Asset] | None = None
        self._kept = Kept((Query(), 0, ()), [], frozenset())
        self._lay_out()
        self._connect(thumbnails)
        self.show_grid(workspace.preferences.library_grid)
        self.refresh()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, MARGIN, 0, 0)
        column.setSpacing(PAD)
        field = QHBoxLayout()
        field.setContentsMargins(MARGIN, 0, MARGIN, 0)
        field.setSpacing(GAP)
        field.addWidget(self.search, 1)
        field.addWidget(self.sift)
        field.addWidget(self.shape)
        column.addLayout(field)
        column.addWidget(self.filters)
        column.addWidget(self.list, 1)

    def _connect(self, thumbnails: Thumbnails) -> None:
        self.search.textChanged.connect(self._look)
        self.search.down.connect(self._enter_list)
        self.filters.changed.connect(self._look)
        self.filters.menu_wanted.connect(self._collection_menu)
        self.keeping.changed.connect(self.refresh)
        self.curator.changed.connect(self.refresh)
        self.sift.clicked.connect(self._ask_sieve)
        self.shape.clicked.connect(self.toggle_grid)
        self.model.modelAboutToBeReset.connect(self._remember)
        for changed in (self.model.modelReset, self.model.dataChanged, self.list.selectionModel().selectionChanged):
            changed.connect(self._forget_chosen)
        self.model.answered.connect(self._restore)
        self.list.chosen.connect(self._choose)
        self.list.listen.connect(self._listen)
        self.list.opened.connect(self._open)
        self.list.deleted.connect(self.remove_chosen)
        self.list.menu_wanted.connect(self._menu)
        self.list.typed.connect(self._type)
        thumbnails.ready.connect(self.model.changed)
        self._preview.changed.connect(self.list.viewport().update)

    def refresh(self) -> None:
        """Looks again for everything: the library has changed."""
        self._look()
        library = self._library
        self._background.ask(
            "all",
            lambda: (library.count(), library.collections(), library.tags(), library.made_with()),
            self._show_all,
        )

    def chosen(self) -> list[Asset]:
        """The selected assets, from top to bottom, as far as they have been read. Cheap to ask again."""
        if self._chosen is None:
            read = self.model.read()
            self._chosen = [read[place] for place in self.list.chosen_places() if place in read]
        return list(self._chosen)

    def _forget_chosen(self) -> None:
        self._chosen = None

    def marks(self) -> list[Mark]:
        """The marks of those selected that models made, as far as they have been read."""
        found = (self.model.mark(asset.id) for asset in self.chosen())
        return [mark for mark in found if mark is not None]

    def pick(self, then: Callable[[list[int]], None]) -> None:
        """Hands the ids of all that is selected to `then`: at once, or when those out of view have been looked up."""
        places = self.list.chosen_places()
        known = [asset.id for asset in self.chosen()]
        if len(known) == len(places):
            then(known)
            return
        library, asked, last = self._library, self.model.query.asked(), max(places) + 1

        def look() -> list[int]:
            found = library.search_ids(last, **asked)
            return [found[place] for place in places if place < len(found)]

        self._background.do(look, then)

    def show_grid(self, grid: bool) -> None:
        """Shows tiles, or a list."""
        self.list.show_grid(grid)
        self.shape.set_icon("list" if grid else "grid")
        self.shape.setAccessibleName("Show a list" if grid else "Show tiles")
        self.shape.setToolTip(self.shape.accessibleName())

    def toggle_grid(self) -> None:
        """Shows tiles in place of the list or the other way round, and remembers it."""
        self.show_grid(not self.list.grid)
        self._workspace.update_preferences(library_grid=self.list.grid)

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
            self.keeping.set_favourite(not all(asset.favourite for asset in assets))

    def remove_chosen(self) -> None:
        """Takes what is selected out of the collection that is being looked at, or of the library; what models made
        goes into the trash."""
        assets, inside = self.chosen(), self.filters.collection
        if assets and inside is not None:
            self.keeping.collect(inside.id, on=False)
        elif self.marks():
            self.throw_away()
        elif assets:
            self.ask_remove()

    def ask_remove(self) -> None:
        """Takes what is selected out of the library, if the person agrees."""
        self.keeping.ask_remove(self.chosen(), len(self.list.chosen_places()))

    def throw_away(self) -> None:
        """Moves what models made into the trash."""
        if any(asset.path == self._preview.path for asset in self.chosen()):
            self._preview.stop()
        self.curator.trash()

    def listen_to_chosen(self) -> None:
        """Plays the first selected sound, or stops it."""
        for asset in [one for one in self.chosen() if is_sound(one)][:1]:
            self._preview.toggle(asset.path, asset.seconds)

    def _look(self) -> None:
        self.sift.setChecked(self.filters.sieve != Sieve())
        self.model.look_for(self.filters.narrow(self.search.text()))

    def _show_all(
        self, found: tuple[int, Sequence[Collection], Sequence[Tag], tuple[Sequence[str], Sequence[str]]]
    ) -> None:
        self._total, self.keeping.collections, self.keeping.tags, self._made_with = found
        self.search.setPlaceholderText(f"Search {counted(self._total)}" if self._total else "Search sounds")
        self.filters.show_collections(self.keeping.collections)
        self.list.viewport().update()

    def _remember(self) -> None:
        self._kept = Kept(self.model.head(), self.list.chosen_places(), frozenset(one.id for one in self.chosen()))

    def _restore(self) -> None:
        """Selects again what was selected before the list was read anew: all of it where the answer is the same, else
        what is still near the top."""
        head, places, ids = self._kept
        if self.model.head() != head:
            places = [place for place, asset in self.model.read().items() if asset.id in ids]
        if places:
            self.list.select_places(places)
        elif self.model.head()[0] != head[0]:
            self.list.scrollToTop()

    def _enter_list(self) -> None:
        if self.model.total:
            if not self.list.selectionModel().hasSelection():
                self.list.choose(0)
            self.list.setFocus(Qt.FocusReason.TabFocusReason)

    def _type(self, text: str) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.setText(text)

    def _choose(self, index: QModelIndex) -> None:
        asset = index.data(ASSET) if index.isValid() else None
        if asset is not None and self._preview.auto and is_sound(asset):
            self._preview.play(asset.path, asset.seconds)

    def _listen(self, index: QModelIndex) -> None:
        asset = index.data(ASSET)
        if asset is not None and is_sound(asset):
            self._preview.toggle(asset.path, asset.seconds)

    def _open(self, indexes: Sequence[QModelIndex]) -> None:
        """Imports sounds; a picture or text alone is looked at."""
        found = (self.model.peek(self.model.place(index)) for index in indexes)
        assets = [asset for asset in found if asset is not None]
        mark = self.model.mark(assets[0].id) if len(assets) == 1 else None
        if mark is not None and not is_sound(assets[0]):
            self.curator.details.emit(mark.generation)
        else:
            self._import(assets)

    def _import(self, assets: Sequence[Asset | None]) -> None:
        known = [asset for asset in assets if asset is not None and asset.kind not in {"picture", "text"}]
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
        self.fill_menu(menu, assets)
        menu.aboutToHide.connect(lambda: QTimer.singleShot(0, menu.deleteLater))
        menu.popup(where)

    def fill_menu(self, menu: QMenu, assets: Sequence[Asset]) -> None:
        """Adds what can be done to these assets, which are selected."""
        marks = self.marks()
        if all(map(is_sound, assets)):
            menu.addAction("Import at playhead", self.import_chosen)
            menu.addAction("Stop" if self._preview.path == assets[0].path else "Listen", self.listen_to_chosen)
        if comparable(assets):
            menu.addAction("Compare at one loudness…", lambda: self.curator.compare.emit(assets))
        if len(assets) == 1 and marks:
            menu.addAction("Details…", lambda: self.curator.details.emit(marks[0].generation))
        menu.addAction("Show in Files", lambda: self.find_file.emit(assets[0].path))
        menu.addSeparator()
        if marks:
            self.curator.fill_menu(menu, marks)
            self.fill_more(menu, assets, marks)
            menu.addSeparator()
        self.curator.fill_file_menu(menu)
        menu.addSeparator()
        self.keeping.fill_menu(menu, assets, self.filters.collection, None if marks else self.ask_remove)
        if marks:
            menu.addAction("Move to the trash", self.throw_away)

    def _ask_sieve(self) -> None:
        menu = QMenu(self)
        fill_sieve_menu(menu, self.filters.sieve, *self._made_with, self.use_sieve)
        menu.aboutToHide.connect(lambda: QTimer.singleShot(0, menu.deleteLater))
        self.sift.setChecked(self.filters.sieve != Sieve())
        menu.popup(self.sift.mapToGlobal(QPoint(0, self.sift.height())))

    def use_sieve(self, sieve: Sieve) -> None:
        """Shows only so much of what models made."""
        self.filters.sift(sieve)

    def _collection_menu(self, collection: Collection, where: QPoint) -> None:
        menu = QMenu(self)
        self.keeping.fill_collection_menu(menu, collection)
        menu.aboutToHide.connect(lambda: QTimer.singleShot(0, menu.deleteLater))
        menu.popup(where)

    def _empty(self) -> tuple[str, str]:
        text = self.search.text().strip()
        if text:
            return f"Nothing found for “{text}”", "Look under All, try fewer letters, or browse your disk under Files."
        if self.filters.sieve != Sieve():
            return "Nothing is like that", "Click a filter above to take it back; there may be more under All."
        if self.filters.collection is not None:
            return "This collection is empty", "Right-click sounds and add them to the collection."
        return EMPTY.get(str(self.filters.chosen), EMPTY["All"])
