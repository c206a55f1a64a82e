"""The panel of datasets: what models learn from is collected, described, looked at and frozen here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from ...errors import StudioError
from ..commands import Command
from ..forms import push, text
from ..icons import IconButton
from ..library.asking import ask_text
from ..theme import GAP, MARGIN, PAD
from .dialogs import NewDataset, ask, show_difference
from .doing import Contents, Doing
from .model import SHOWN, ItemsModel
from .side import Side
from .table import SPLITS, ItemsTable
from .teaching import TeachDialog

LIST = 200
DATASET = int(Qt.ItemDataRole.UserRole)
SETTLE_MS = 150
"""Jobs that end one after the other are looked at once."""

NONE = "No datasets yet. Make one with “New…”: approved results, files and parts of songs go into it."
EMPTY = "No items yet. Add what you approved in the library, drop files here, or add the selected clips of the song."
SOUNDS = {"music", "voice"}


class DatasetsPanel(QWidget):
    """The panel. Main thread. Nothing is read before it is first shown.

    `failed(error)` carries the StudioError of something that could not be done, `told(sentence, kind, detail)` what
    should be known, `import_requested(paths)` files that should come into the song.
    """

    failed = Signal(object)
    told = Signal(str, str, str)
    import_requested = Signal(list)

    def __init__(self, workspace: Any) -> None:
        super().__init__()
        self.setAccessibleName("Datasets")
        self.setAutoFillBackground(True)
        self.contents: Contents | None = None
        self.selection: Callable[[], Collection[str]] = tuple
        self._workspace, self._preview = workspace, None
        self._wanted = ""
        self.doing = Doing(workspace, self)
        self.model = ItemsModel(self._change)
        self.table = ItemsTable(self.model, lambda: self.contents is not None)
        self.side, self.list = Side(), QListWidget()
        self._title, self._notice = QLabel(), text("", "dim", wrap=False)
        self._soon = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._lay_out()
        self._connect()
        self.setFocusProxy(self.list)
        self._show(None)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._left())
        row.addWidget(self._middle(), 1)
        row.addWidget(self.side)

    def _left(self) -> QWidget:
        made = QWidget()
        made.setFixedWidth(LIST)
        column = QVBoxLayout(made)
        column.setContentsMargins(0, GAP, 0, PAD)
        column.setSpacing(GAP)
        self.list.setAccessibleName("Datasets")
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        column.addWidget(self.list, 1)
        row = QHBoxLayout()
        row.setContentsMargins(MARGIN, 0, MARGIN, 0)
        row.setSpacing(GAP)
        self.new, self.take_in = push("New…", self.ask_new), push("Import…", self.ask_import)
        self.new.setToolTip("Make an empty dataset")
        self.take_in.setToolTip("Take in a version that was exported as a zip or folder")
        row.addWidget(self.new)
        row.addWidget(self.take_in)
        column.addLayout(row)
        return made

    def _middle(self) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(MARGIN, GAP, MARGIN, GAP)
        row.setSpacing(GAP)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._notice.setTextFormat(Qt.TextFormat.PlainText)
        self.listen_button = IconButton("play", "Listen to the selected item", 26)
        self.undo_button = IconButton("undo", "Undo the last change of the draft", 26)
        self.add_button = push("Add", lambda: None)
        self.add_button.setMenu(self._add_menu())
        self.check_button = push("Check", self.check)
        self.check_button.setToolTip("Examine every file again")
        self.freeze_button = push("Freeze", self.freeze)
        self.freeze_button.setToolTip("Make the draft a version that never changes")
        row.addWidget(self._title)
        row.addWidget(self._notice, 1)
        for widget in (self.listen_button, self.undo_button, self.add_button, self.check_button, self.freeze_button):
            row.addWidget(widget)
        column.addLayout(row)
        column.addWidget(self.table, 1)
        return made

    def _add_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction("Approved Results of the Library", self.add_approved)
        menu.addAction("Files…", self.ask_files)
        menu.addAction("Folder…", self.ask_folder)
        self._clips = menu.addAction("Selected Clips of the Song", self.add_clips)
        menu.aboutToShow.connect(lambda: self._clips.setEnabled(self._has_clips()))
        return menu

    def _connect(self) -> None:
        self.list.currentItemChanged.connect(lambda *_: self._chosen())
        self.list.customContextMenuRequested.connect(self._list_menu)
        self.table.dropped.connect(self._add_files)
        self.table.menu_wanted.connect(self._table_menu)
        self.table.listened.connect(self.listen)
        self.table.removed.connect(self.take_out)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._enable())
        self.model.modelReset.connect(self._enable)
        self.listen_button.clicked.connect(self.listen)
        self.undo_button.clicked.connect(self.doing.undo)
        self.side.compare.connect(self._compare)
        self.side.revert.connect(self._ask_revert)
        self.side.export.connect(self._ask_export)
        self.side.teach.connect(self._ask_teach)
        self.doing.changed.connect(self._soon.start)
        self.doing.failed.connect(self.failed)
        self.doing.told.connect(self.told)
        self._soon.timeout.connect(self.refresh)

    def set_session(self, session: Any) -> None:
        """Another song is open."""
        self._enable()

    def use_preview(self, preview: Any) -> None:
        """Plays items through the library's preview."""
        self._preview = preview
        preview.changed.connect(self._enable)

    def close_down(self) -> None:
        """Waits for what runs beside the window. Before the library is closed."""
        self._soon.stop()
        self.doing.close()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Looks at the datasets again, if anybody sees them."""
        if self.isVisible():
            self.doing.list_all(self._show_list)

    def commands(self) -> list[Command]:
        """What the panel offers to menus and the palette."""
        menu = "View/Datasets"
        has = lambda: self.contents is not None  # noqa: E731
        return [
            Command("datasets.new", "New Dataset…", "", self.ask_new, menu=menu),
            Command("datasets.import", "Import Dataset…", "", self.ask_import, menu=menu),
            Command(
                "datasets.approved", "Add Approved Results to Dataset", "", self.add_approved, has, menu, group="d"
            ),
            Command("datasets.clips", "Add Selected Clips to Dataset", "", self.add_clips, has, menu, group="d"),
            Command("datasets.freeze", "Freeze Dataset", "", self.freeze, has, menu, group="d"),
        ]

    # What is shown

    def _show_list(self, datasets: list[Any]) -> None:
        chosen = self._wanted or (self.contents.dataset.name if self.contents is not None else "")
        blocked = self.list.blockSignals(True)
        self.list.clear()
        for dataset in sorted(datasets, key=lambda one: (one.kind, one.name.casefold())):
            items = "1 item" if dataset.items == 1 else f"{dataset.items:,} items"
            entry = QListWidgetItem(f"{dataset.name}\n{dataset.kind}, {items}")
            entry.setData(DATASET, dataset)
            self.list.addItem(entry)
            if dataset.name.casefold() == chosen.casefold():
                self.list.setCurrentItem(entry)
        if self.list.currentItem() is None and self.list.count():
            self.list.setCurrentRow(0)
        self.list.blockSignals(blocked)
        self._chosen()

    def _chosen(self) -> None:
        item = self.list.currentItem()
        if item is None:
            self._show(None)
        else:
            self._wanted = item.data(DATASET).name
            self.doing.read(item.data(DATASET), self._show)

    def _show(self, contents: Contents | None) -> None:
        self.contents = contents
        self.model.show(contents.rows if contents is not None else ())
        self.table.empty = NONE if contents is None else EMPTY
        self._title.setText(contents.dataset.name if contents is not None else "")
        self._notice.setText(_state(contents) if contents is not None else "")
        self.side.show_contents(contents)
        self._enable()
        self.table.viewport().update()

    def _enable(self) -> None:
        has = self.contents is not None
        heard = self._preview is not None and self._preview.path is not None
        self.listen_button.set_icon("stop" if heard else "play", "accent" if heard else "text")
        self.listen_button.setEnabled(heard or (has and self._sounds() and bool(self.table.chosen())))
        self.undo_button.setEnabled(bool(self.doing.undos))
        self.add_button.setEnabled(has)
        self.check_button.setEnabled(has and bool(self.model.rows))
        changed = self.contents is not None and self.contents.changed
        self.freeze_button.setEnabled(changed)

    def _sounds(self) -> bool:
        return self.contents is not None and self.contents.dataset.kind in SOUNDS

    # What is done

    def ask_new(self) -> None:
        """Asks for name and type of a new dataset."""

        def create(name: str, kind: str) -> None:
            self._wanted = name
            self.doing.create(name, kind)

        NewDataset(self, create).open()

    def ask_import(self) -> None:
        """Asks for a zip that was exported."""
        chosen, _ = QFileDialog.getOpenFileName(self, "Import dataset", "", "Datasets (*.zip dataset_v*.json)")
        if chosen:
            path = Path(chosen)
            self.doing.take_in(path.parent if path.suffix.lower() == ".json" else path)

    def ask_files(self) -> None:
        """Asks for files to add."""
        if self.contents is not None:
            chosen, _ = QFileDialog.getOpenFileNames(self, f"Add to {self.contents.dataset.name}")
            self._add_files([Path(one) for one in chosen])

    def ask_folder(self) -> None:
        """Asks for a folder to add."""
        if self.contents is not None:
            chosen = QFileDialog.getExistingDirectory(self, f"Add to {self.contents.dataset.name}")
            self._add_files([Path(chosen)] if chosen else [])

    def _add_files(self, paths: list[Path]) -> None:
        if self.contents is not None and paths:
            self.doing.add_files(self.contents.dataset, paths)

    def add_approved(self) -> None:
        """Adds what was approved in the library."""
        if self.contents is not None:
            self.doing.add_approved(self.contents.dataset)

    def add_clips(self) -> None:
        """Adds what is heard on the track of the selected clips, from the first to the last."""
        from ...actions.fromsong import range_of

        session = self._workspace.session
        clips = self.selection()
        if self.contents is None:
            return
        if session is None or not clips:
            self.failed.emit(StudioError("Select clips of one track on the timeline first."))
            return
        where = range_of(session.document.project, clips)
        self.doing.add_range(self.contents.dataset, where.track, where.begin, where.end)

    def _has_clips(self) -> bool:
        return self._workspace.session is not None and bool(self.selection())

    def check(self) -> None:
        """Examines every item again."""
        if self.contents is not None:
            self.doing.check(self.contents.dataset)

    def freeze(self) -> None:
        """Makes the draft a version."""
        if self.contents is not None:
            self.doing.freeze(self.contents.dataset)

    def listen(self) -> None:
        """Plays the selected item, or stops what plays."""
        if self._preview is None or self.contents is None:
            return
        if self._preview.path is not None:
            self._preview.stop()
        elif self._sounds() and (rows := self.table.chosen()):
            self._preview.play(self._file(rows[0]), rows[0].item.seconds)

    def take_out(self) -> None:
        """Takes the selected items out of the draft."""
        if self.contents is not None and (rows := self.table.chosen()):
            self.doing.take_out(self.contents.dataset, [row.id for row in rows])

    def _file(self, row: Any) -> Path:
        assert self.contents is not None
        return self.doing.shelf().folder(self.contents.dataset).media(row.item.media)

    def _change(self, ids: list[int], changes: dict[str, Any]) -> None:
        if self.contents is not None:
            self.doing.change(self.contents.dataset, ids, changes)

    def _compare(self, number: int) -> None:
        if self.contents is not None:
            title = f"The draft against v{number}"
            self.doing.compare(self.contents.dataset, number, lambda found: show_difference(self, title, found))

    def _ask_revert(self, number: int) -> None:
        if self.contents is None:
            return
        dataset = self.contents.dataset
        if not self.contents.changed:
            self.doing.revert(dataset, number)
            return
        about = "The draft has changes that no version holds; they would be lost. Freeze it first to keep them."
        ask(self, "Revert", f"Make v{number} the draft?", about, "Revert", lambda: self.doing.revert(dataset, number))

    def _ask_export(self, number: int) -> None:
        if self.contents is None:
            return
        dataset = self.contents.dataset
        name = f"{dataset.name} v{number}.zip"
        never = QFileDialog.Option.DontConfirmOverwrite  # what is there is never replaced, and a sentence says so
        kinds = "Zip (*.zip);;Folder (*)"
        chosen, kind = QFileDialog.getSaveFileName(self, "Export version", name, kinds, options=never)
        if chosen:
            path = Path(chosen)
            bare = kind.startswith("Zip") and path.suffix.lower() != ".zip"
            self.doing.export(dataset, number, path.with_name(f"{path.name}.zip") if bare else path)

    def _ask_teach(self, number: int) -> None:
        if self.contents is None:
            return
        dataset = self.contents.dataset

        def show(models: Sequence[tuple[str, str, bool]]) -> None:
            TeachDialog(self, f"{dataset.name} v{number}", models, begin).open()

        def begin(teaching: Any) -> None:
            self._workspace.neural.teach(teaching, f"{dataset.name}@v{number}")
            self.told.emit("The training waits in the queue (F7); it goes on after a restart.", "info", "")

        self.doing.learners(dataset.kind, show)

    def _list_menu(self, point: QPoint) -> None:
        item = self.list.itemAt(point)
        if item is None:
            return
        dataset = item.data(DATASET)
        about = "Its draft, its versions and its files are deleted. What was trained on them stays."
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Delete Dataset…", lambda: ask(
            self, "Delete dataset", f"Delete “{dataset.name}”?", about, "Delete", lambda: self._delete(dataset)
        ))  # fmt: skip
        menu.popup(self.list.mapToGlobal(point))

    def _delete(self, dataset: Any) -> None:
        self._wanted = ""
        self.contents = None
        self.doing.delete(dataset)

    def _table_menu(self, point: QPoint) -> None:
        rows = self.table.chosen()
        if not rows:
            return
        ids = [row.id for row in rows]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._sounds():
            menu.addAction("Listen", self.listen)
        menu.addAction("Put into the Song", lambda: self.import_requested.emit([self._file(row) for row in rows]))
        menu.addSeparator()
        menu.addAction("Take Measured Tempo and Key", lambda: self._take_measured(rows))
        menu.addAction("Tags…", lambda: self._ask_tags(rows))
        splits = menu.addMenu("Split of the Song")
        for split in SPLITS:
            splits.addAction(split.capitalize(), lambda split=split: self._change(ids, {"split": split}))
        menu.addSeparator()
        menu.addAction("Take out of the Draft", self.take_out)
        menu.popup(point)

    def _ask_tags(self, rows: list[Any]) -> None:
        ids, first = [row.id for row in rows], ", ".join(rows[0].item.tags)
        ask_text(self, "Tags", "Tags, with commas between them",
                 lambda words: self._change(ids, {"tags": words.split(",")}), first, empty=True)  # fmt: skip

    def _take_measured(self, rows: list[Any]) -> None:
        for row in rows:
            told = {name: row.facts[name] for name in ("bpm", "key") if row.facts.get(name)}
            if told:
                self._change([row.id], told)


def _state(contents: Contents) -> str:
    """Where the draft stands, in a few words."""
    if not contents.dataset.items:
        return ""
    words = "not frozen yet" if not contents.latest else "changed since it was frozen"
    stands = words if contents.changed else f"as in v{contents.dataset.base or contents.latest}"
    more = f"the first {SHOWN:,} items are shown" if contents.dataset.items > SHOWN else ""
    return "  ·  ".join(part for part in (stands, more, *contents.notices) if part)
