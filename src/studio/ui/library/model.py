"""The list of what was found, read from the library a page at a time as it comes into view."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt, QUrl, Signal

from ...storage.library.library import Library
from ...storage.library.records import Approval, Asset, AssetKind, Mark
from .background import Background
from .wording import called, spoken, told

PAGE = 100
PAGES_KEPT = 60
ASSET = Qt.ItemDataRole.UserRole + 1
MARK = Qt.ItemDataRole.UserRole + 2
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
    tasks: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    approval: Approval | None = None
    stars: int = 0
    doubtful: bool | None = None

    def asked(self) -> dict[str, Any]:
        """As the library is asked."""
        return self._asdict()


class Found(NamedTuple):
    """How many there are in all, and one page of them with the marks of those that models made, by asset."""

    total: int
    page: int
    assets: Sequence[Asset]
    marks: Mapping[int, Mark]


def find(library: Library, query: Query, page: int) -> Found:
    """Asks the library. Any thread but the main one: it may wait for the disk."""
    assets = library.search(**query.asked(), limit=PAGE, offset=page * PAGE)
    marks = library.marks_of([asset.id for asset in assets])
    if page == 0 and len(assets) < PAGE:
        return Found(len(assets), page, assets, marks)
    return Found(library.count(**query.asked()), page, assets, marks)


_SAID: Mapping[int, Callable[[Asset, Mark | None], str]] = {
    Qt.ItemDataRole.DisplayRole: called,
    Qt.ItemDataRole.AccessibleTextRole: spoken,
    Qt.ItemDataRole.ToolTipRole: told,
}


def mime_of(paths: Iterable[Path]) -> QMimeData:
    """Files as they are dragged: for our own timeline, and for other programs."""
    listed = list(paths)
    data = QMimeData()
    data.setData(MIME, json.dumps([str(path) for path in listed]).encode("utf-8", "surrogatepass"))
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in listed])
    return data


class AssetModel(QAbstractTableModel):
    """What a query found, as one column or as several that are filled row by row. Main thread; places that have not
    been read yet have no asset, and ask for it. A place is counted from 0 along the rows.

    `answered()` follows the first page of every new query, and another number of columns.
    """

    answered = Signal()

    def __init__(self, library: Library, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library, self._background = library, background
        self._total, self._columns = 0, 1
        self._pages: OrderedDict[int, Sequence[Asset]] = OrderedDict()
        self._marks: dict[int, Mark] = {}
        self._asked: set[int] = set()
        self.query = self._answered = Query()

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
        self._pages, self._marks = OrderedDict([(0, found.assets)]), dict(found.marks)
        self._answered = query
        self.endResetModel()
        self.answered.emit()

    def arrange(self, columns: int) -> None:
        """Shows so many beside one another."""
        if columns != self._columns:
            self.beginResetModel()
            self._columns = columns
            self.endResetModel()
            self.answered.emit()

    def at(self, place: int) -> QModelIndex:
        """The index of a place."""
        return self.index(*divmod(place, self._columns))

    def place(self, index: Index) -> int:
        """The place of an index; beyond the last one for the rest of the last row."""
        return index.row() * self._columns + index.column()

    @property
    def total(self) -> int:
        """How many there are."""
        return self._total

    def asset(self, at: int) -> Asset | None:
        """The asset at a place; None while it is being read."""
        page, place = divmod(at, PAGE)
        if page in self._pages:
            self._pages.move_to_end(page)
            assets = self._pages[page]
            return assets[place] if place < len(assets) else None
        if page not in self._asked and 0 <= at < self._total:
            self._asked.add(page)
            query = self.query
            self._background.ask(f"page{page}", lambda: find(self._library, query, page), self._turn)
        return None

    def peek(self, at: int) -> Asset | None:
        """The asset at a place if it has been read."""
        page, place = divmod(at, PAGE)
        assets = self._pages.get(page, ())
        return assets[place] if place < len(assets) else None

    def mark(self, asset_id: int) -> Mark | None:
        """The mark of an asset that has been read."""
        return self._marks.get(asset_id)

    def _turn(self, found: Found) -> None:
        self._asked.discard(found.page)
        self._pages[found.page] = found.assets
        self._marks.update(found.marks)
        while len(self._pages) > PAGES_KEPT:
            for asset in self._pages.popitem(last=False)[1]:
                self._marks.pop(asset.id, None)
        if found.total != self._total:
            self.refresh()
            return
        first = found.page * PAGE
        last = self.at(min(first + PAGE, self._total) - 1)
        self.dataChanged.emit(self.index(self.at(first).row(), 0), self.index(last.row(), self._columns - 1))

    def read(self) -> dict[int, Asset]:
        """What has been read, by place."""
        return {page * PAGE + n: asset for page, assets in self._pages.items() for n, asset in enumerate(assets)}

    def head(self) -> tuple[Query, int, tuple[int, ...]]:
        """What tells whether an answer is the same as another: the question, how many there are, the first of them."""
        return self._answered, self._total, tuple(asset.id for asset in self._pages.get(0, ()))

    def changed(self, path: str) -> None:
        """Has the places of a file painted again: its picture has come."""
        for page, assets in self._pages.items():
            for place, asset in enumerate(assets):
                if str(asset.path) == path:
                    where = self.at(page * PAGE + place)
                    self.dataChanged.emit(where, where, [Qt.ItemDataRole.DecorationRole])

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else -(-self._total // self._columns)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else self._columns

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        asset = self.asset(self.place(index)) if index.isValid() else None
        if asset is None:
            return None
        if role == ASSET:
            return asset
        mark = self._marks.get(asset.id)
        if role == MARK:
            return mark
        said = _SAID.get(role)
        return said(asset, mark) if said is not None else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or self.place(index) >= self._total:
            return Qt.ItemFlag.NoItemFlags
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled | Qt.ItemFlag.ItemNeverHasChildren

    def mimeTypes(self) -> list[str]:
        return [MIME, "text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        found = [self.peek(self.place(index)) for index in indexes]
        return mime_of(asset.path for asset in found if asset is not None)
