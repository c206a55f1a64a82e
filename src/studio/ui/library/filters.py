"""The row of chips that narrows the library: kinds, favourites, collections, and what is chosen of models' results."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from ...storage.library.records import AssetKind, Collection
from ..controls import Chip
from ..theme import GAP, MARGIN
from .model import Query
from .sieve import Sieve

FIXED: tuple[tuple[str, tuple[AssetKind, ...], bool], ...] = (
    ("All", (), False),
    ("Recordings", ("recording",), False),
    ("Imports", ("audio",), False),
    ("Generated", ("generated", "picture", "text"), False),
    ("Favourites", (), True),
)
SHOWN = 5
"""So many collections have a chip; the others are under the last one."""


class FilterBar(QWidget):
    """Chips of which one is on, and one for each part of the sieve, which takes it back. `changed()` follows a choice;
    `menu_wanted(collection, point)` a right click."""

    changed = Signal()
    menu_wanted = Signal(object, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Filters")
        self._chips: list[Chip] = []
        self._collections: tuple[Collection, ...] = ()
        self._more: Chip | None = None
        self.chosen: str | int = "All"
        self.sieve = Sieve()
        self._build()

    def show_collections(self, collections: Sequence[Collection]) -> None:
        """Brings the chips of collections up to date; one that is gone gives way to All."""
        if tuple(collections) == self._collections:
            return
        self._collections = tuple(collections)
        if isinstance(self.chosen, int) and all(known.id != self.chosen for known in collections):
            self.choose("All")
        self._build()

    def choose(self, key: str | int) -> None:
        """Switches to a fixed filter by its name or to a collection by its id."""
        if key != self.chosen:
            self.chosen = key
            self._light()
            self.changed.emit()

    def sift(self, sieve: Sieve) -> None:
        """Lets only so much through of what models made."""
        if sieve != self.sieve:
            self.sieve = sieve
            self._build()
            self.changed.emit()

    def narrow(self, text: str) -> Query:
        """The query of the filters that are on, with these words."""
        told = self.sieve._asdict()
        for name, kinds, favourites in FIXED:
            if name == self.chosen:
                return Query(text, kinds, favourites, **told)
        return Query(text, collection=int(self.chosen), **told)

    @property
    def collection(self) -> Collection | None:
        """The collection that is on."""
        return next((known for known in self._collections if known.id == self.chosen), None)

    def _build(self) -> None:
        for chip in self._chips:
            chip.hide()
            chip.deleteLater()
        self._chips, self._more = [], None
        for name, _, _ in FIXED:
            self._add(name, name)
        for known in self._collections[:SHOWN]:
            self._add(known.name, known.id, known)
        if len(self._collections) > SHOWN:
            self._more = Chip("More…", "More collections", parent=self)
            self._more.clicked.connect(self._show_more)
            self._chips.append(self._more)
        for text, rest in self.sieve.parts():
            self._add_part(text, rest)
        for chip in self._chips:
            chip.show()
        self._light()
        self._arrange()

    def _add(self, text: str, key: str | int, collection: Collection | None = None) -> None:
        short = text if len(text) <= 18 else text[:17] + "…"
        chip = Chip(short, f"Collection {text}" if collection else text, parent=self)
        chip.setProperty("key", key)
        chip.clicked.connect(lambda: self._press(key))
        if collection is not None:
            chip.setToolTip(text)
            chip.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            chip.customContextMenuRequested.connect(
                lambda point: self.menu_wanted.emit(collection, chip.mapToGlobal(point))
            )
        self._chips.append(chip)

    def _add_part(self, text: str, rest: Sieve) -> None:
        short = text if len(text) <= 20 else text[:19] + "…"
        chip = Chip(f"{short}  ×", f"{text}: no longer only these", parent=self)
        chip.setToolTip(f"Only: {text}. Click to show the others again.")
        chip.setProperty("part", True)
        chip.clicked.connect(lambda: self.sift(rest))
        self._chips.append(chip)

    def _press(self, key: str | int) -> None:
        """A second press on the filter that is on leaves it."""
        again = key == self.chosen
        self.choose("All" if again else key)
        self._light()

    def _show_more(self) -> None:
        menu = QMenu(self)
        for known in self._collections[SHOWN:]:
            action = menu.addAction(known.name)
            action.setCheckable(True)
            action.setChecked(known.id == self.chosen)
            action.triggered.connect(lambda _=False, key=known.id: self.choose(key))
        menu.aboutToHide.connect(menu.deleteLater)
        self._light()
        if self._more is not None:
            menu.popup(self._more.mapToGlobal(QPoint(0, self._more.height())))

    def _light(self) -> None:
        for chip in self._chips:
            chip.setChecked(chip.property("key") == self.chosen or bool(chip.property("part")))
        if self._more is not None:
            hidden = next((known for known in self._collections[SHOWN:] if known.id == self.chosen), None)
            self._more.setChecked(hidden is not None)

    def _arrange(self) -> None:
        x, y, right = MARGIN, 0, self.width() - MARGIN
        for chip in self._chips:
            size = chip.sizeHint()
            if x > MARGIN and x + size.width() > right:
                x, y = MARGIN, y + size.height() + GAP
            chip.setGeometry(x, y, min(size.width(), max(right - MARGIN, 40)), size.height())
            x += size.width() + GAP
        self.setFixedHeight(y + self._chips[0].sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
