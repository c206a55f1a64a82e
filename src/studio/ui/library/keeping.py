"""What a person does to assets in the library: favourites, tags, collections, removal. Each goes through the library's
thread, and the list looks again when it is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMenu, QMessageBox, QWidget

from ...storage.library.library import Library
from ...storage.library.records import Asset, Collection, Tag
from .asking import ask_text
from .background import Background
from .curator import Pick
from .wording import counted


class Keeping(QObject):
    """Changes the library. Main thread. `changed()` follows each change once it is in the file."""

    changed = Signal()

    def __init__(
        self,
        library: Library,
        background: Background,
        widget: QWidget,
        pick: Pick,
        put_tag: Callable[[str, bool], None],
    ) -> None:
        """`pick` hands out the ids of all that is chosen, `put_tag(name, on)` puts a tag on it, or takes it off."""
        super().__init__(widget)
        self._pick, self._put_tag = pick, put_tag
        self._library, self._background, self._widget = library, background, widget
        self.tags: Sequence[Tag] = ()
        self.collections: Sequence[Collection] = ()

    def _do(self, task: Callable[[], Any]) -> None:
        self._background.do(task, lambda _: self.changed.emit())

    def _change(self, change: Callable[[list[int]], Any]) -> None:
        """Changes all that is chosen."""
        self._pick(lambda ids: self._do(lambda: change(ids)) if ids else None)

    def set_favourite(self, favourite: bool) -> None:
        """Makes what is chosen favourites, or no longer."""
        self._change(lambda ids: self._library.set_favourite(ids, favourite))

    def collect(self, collection: int, on: bool = True) -> None:
        """Puts what is chosen into a collection, or takes it out."""
        change = self._library.collect if on else self._library.uncollect
        self._change(lambda ids: change(collection, ids))

    def new_collection(self, name: str) -> None:
        """Makes a collection of what is chosen, which may be nothing."""
        library = self._library
        self._pick(lambda ids: self._do(lambda: library.collect(library.add_collection(name), ids)))

    def rename_collection(self, collection: int, name: str) -> None:
        """Gives a collection another name."""
        self._do(lambda: self._library.rename_collection(collection, name))

    def remove_collection(self, collection: int) -> None:
        """Forgets a collection; its sounds stay."""
        self._do(lambda: self._library.remove_collection(collection))

    def rename(self, asset: Asset, name: str) -> None:
        """Gives an asset another name in the library."""
        self._do(lambda: self._library.rename_asset(asset.id, name))

    def remove(self) -> None:
        """Takes what is chosen out of the library; the files stay."""
        self._change(self._library.remove_assets)

    def ask_rename(self, asset: Asset) -> None:
        """Asks for the name of an asset."""
        ask_text(self._widget, "Rename", "Name in the library", lambda name: self.rename(asset, name), asset.name)

    def ask_tag(self) -> None:
        """Asks for a new tag for all that is chosen."""
        ask_text(self._widget, "New tag", "Tag", lambda name: self._put_tag(name, True))

    def ask_collection(self) -> None:
        """Asks for the name of a new collection of what is chosen."""
        ask_text(self._widget, "New collection", "Name", self.new_collection)

    def ask_remove(self, assets: Sequence[Asset], count: int) -> None:
        """Takes what is chosen, so many and these among them, out of the library once the person has confirmed it: the
        tags cannot be brought back."""
        what = f"“{assets[0].name}”" if count == 1 else counted(count)
        box = QMessageBox(self._widget)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("Remove from library")
        box.setText(f"Remove {what} from the library?")
        box.setInformativeText("Tags, favourites and places in collections are forgotten. The files stay on the disk.")
        box.addButton("Remove", QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.accepted.connect(self.remove)
        box.open()

    def fill_menu(
        self, menu: QMenu, assets: Sequence[Asset], inside: Collection | None, remove: Callable[[], None] | None
    ) -> None:
        """Adds what can be done to what is chosen, these assets among it; `inside` is the collection that is being
        looked at, `remove` asks whether to take it out of the library, where that leaves nothing behind."""
        every = all(asset.favourite for asset in assets)
        menu.addAction(
            "Remove from favourites" if every else "Add to favourites", lambda: self.set_favourite(not every)
        )
        self._fill_tags(menu.addMenu("Tags"), assets)
        self._fill_collections(menu.addMenu("Add to collection"), inside)
        if inside is not None:
            key = inside.id
            menu.addAction(f"Take out of “{inside.name}”", lambda: self.collect(key, on=False))
        menu.addSeparator()
        if len(assets) == 1:
            menu.addAction("Rename…", lambda: self.ask_rename(assets[0]))
        if remove is not None:
            menu.addAction("Remove from library…", remove)

    def fill_collection_menu(self, menu: QMenu, collection: Collection) -> None:
        """Adds what can be done to a collection."""
        key, name = collection.id, collection.name
        menu.addAction(
            "Rename…",
            lambda: ask_text(self._widget, "Rename", "Name", lambda text: self.rename_collection(key, text), name),
        )
        menu.addAction("Delete collection (keeps its sounds)", lambda: self.remove_collection(key))

    def _fill_tags(self, menu: QMenu, assets: Sequence[Asset]) -> None:
        for tag in self.tags:
            borne = all(tag.name in asset.tags for asset in assets)
            action = menu.addAction(tag.name)
            action.setCheckable(True)
            action.setChecked(borne)
            action.triggered.connect(lambda on, name=tag.name: self._put_tag(name, on))
        if self.tags:
            menu.addSeparator()
        menu.addAction("New tag…", self.ask_tag)

    def _fill_collections(self, menu: QMenu, inside: Collection | None) -> None:
        others = [known for known in self.collections if inside is None or known.id != inside.id]
        for known in others:
            menu.addAction(known.name, partial(self.collect, known.id))
        if others:
            menu.addSeparator()
        menu.addAction("New collection…", self.ask_collection)
