"""The list of what was found, read from the library a page at a time as it comes into view."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt, QUrl, Signal

from ...storage.library.library import Library
from ...storage.library.records import Asset, AssetKind
from .background import Background
from .wording import spoken

PAGE = 100
PAGES_KEPT = 60
ASSET = Qt.ItemDataRole.UserRole + 1
MIME = "application/x-studio-assets"
"""What is dragged: a JSON list of paths."""

Index = QModelIndex | QPersistentModelIndex


class Query(NamedTuple):
    """What is looked for."""

    text: str = ""
    kinds: tuple[AssetKind, ...] = ()
    favourites: bool = False
    collection: int | None = None
    tags: tuple[str, ...] = ()


class Found(NamedTuple):
    """How many there are in all, and one page of them."""

    total: int
    page: int
    assets: Sequence[Asset]


def find(library: Library, query: Query, page: int) -> Found:
    """Asks the library. Any thread but the main one: it may wait for the disk."""
    where = (query.text, query.kinds, query.tags, query.collection)
    assets = library.search(*where, limit=PAGE, offset=page * PAGE, favourites=query.favourites)
    if page == 0 and len(assets) < PAGE:
        return Found(len(assets), page, assets)
    return Found(library.count(*where, favourites=query.favourites), page, assets)


def mime_of(paths: Iterable[Path]) -> QMimeData:
    """Files as they are dragged: for our own timeline, and for other programs."""
    listed = list(paths)
    data = QMimeData()
    data.setData(MIME, json.dumps([str(path) for path in listed]).encode("utf-8", "surrogatepass"))
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in listed])
    return data


class AssetModel(QAbstractListModel):
    """What a query found. Main thread; rows that have not been read yet have no asset, and ask for it.

    `answered()` follows the first page of every new query.
    """

    answered = Signal()

    def __init__(self, library: Library, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library, self._background = library, background
        self._total = 0
        self._pages: OrderedDict[int, Sequence[Asset]] = OrderedDict()
        self._asked: set[int] = set()
        self.query = Query()

    def look_for(self, query: Query) -> None:
        """Looks for something else. The old rows stay until the answer comes; only the last question is answered."""
        self.query = query
        self._background.forget("page")
        self._asked.clear()
        self._background.ask("find", lambda: find(self._library, query, 0), lambda found: self._begin(query, found))

    def refresh(self) -> None:
        """Looks again for the same: something in the library has changed."""
        self.look_for(self.query)

    def _begin(self, query: Query, found: Found) -> None:
        self.beginResetModel()
        self._total = found.total
        self._pages = OrderedDict([(0, found.assets)])
        self.endResetModel()
        self.answered.emit()

    def asset(self, row: int) -> Asset | None:
        """The asset in a row; None while it is being read."""
        page, place = divmod(row, PAGE)
        if page in self._pages:
            self._pages.move_to_end(page)
            assets = self._pages[page]
            return assets[place] if place < len(assets) else None
        if page not in self._asked and 0 <= row < self._total:
            self._asked.add(page)
            query = self.query
            self._background.ask(f"page{page}", lambda: find(self._library, query, page), self._turn)
        return None

    def _turn(self, found: Found) -> None:
        self._asked.discard(found.page)
        self._pages[found.page] = found.assets
        while len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)
        if found.total != self._total:
            self.refresh()
            return
        first = found.page * PAGE
        self.dataChanged.emit(self.index(first), self.index(min(first + PAGE, self._total) - 1))

    def row_of(self, asset_id: int) -> int:
        """The row of an asset among those that have been read, -1 if it is not there."""
        for page, assets in self._pages.items():
            for place, asset in enumerate(assets):
                if asset.id == asset_id:
                    return page * PAGE + place
        return -1

    def changed(self, path: str) -> None:
        """Has the rows of a file painted again: its picture has come."""
        for page, assets in self._pages.items():
            for place, asset in enumerate(assets):
                if str(asset.path) == path:
                    where = self.index(page * PAGE + place)
                    self.dataChanged.emit(where, where, [Qt.ItemDataRole.DecorationRole])

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else self._total

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        asset = self.asset(index.row()) if index.isValid() else None
        if asset is None:
            return None
        if role == ASSET:
            return asset
        if role == Qt.ItemDataRole.DisplayRole:
            return asset.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(asset)
        if role == Qt.ItemDataRole.ToolTipRole:
            return str(asset.path)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled | Qt.ItemFlag.ItemNeverHasChildren

    def mimeTypes(self) -> list[str]:
        return [MIME, "text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        found = [self.asset(index.row()) for index in indexes]
        return mime_of(asset.path for asset in found if asset is not None)
