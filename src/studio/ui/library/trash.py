"""The trash page: what was thrown away, to be brought back or deleted for good."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QMessageBox, QVBoxLayout, QWidget

from ...actions.stories import title_of
from ...engine.jobs import Job, JobRunner, Work
from ...storage.library.library import Library
from ...storage.library.records import Asset, Generation
from ..forms import push
from ..theme import GAP, MARGIN, PAD
from .background import Background
from .curator import is_sound
from .preview import Preview
from .rows import Row, RowDelegate
from .thumbnails import Thumbnails
from .view import SoundList
from .wording import KINDS, counted, day, duration

Index = QModelIndex | QPersistentModelIndex
Thrown = tuple[Generation, Asset]
THROWN = Qt.ItemDataRole.UserRole + 1


class TrashModel(QAbstractListModel):
    """What lies in the trash, the latest first. Main thread."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.thrown: Sequence[Thrown] = ()

    def show_thrown(self, thrown: Sequence[Thrown]) -> None:
        """Lists these."""
        self.beginResetModel()
        self.thrown = thrown
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.thrown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        made, asset = self.thrown[index.row()]
        if role == THROWN:
            return made, asset
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return made.title or asset.name
        return str(asset.path) if role == Qt.ItemDataRole.ToolTipRole else None


class TrashDelegate(RowDelegate):
    """Rows of the trash."""

    def row(self, index: Index) -> Row:
        made, asset = index.data(THROWN)
        sound = is_sound(asset)
        length = duration(asset.seconds) if sound else ""
        detail = f"{title_of(made)} · made {day(made.made)}" if not made.title else f"Made {day(made.made)}"
        shade = KINDS[asset.kind][1]
        return Row(made.title or asset.name, detail, length, asset.path, shade, asset.favourite, heard=sound)


class Trash(QWidget):
    """The page. Main thread. `changed()` when something came back."""

    changed = Signal()

    def __init__(
        self, library: Library, background: Background, jobs: JobRunner, thumbnails: Thumbnails, preview: Preview
    ) -> None:
        super().__init__()
        self._library, self._background, self._jobs, self._preview = library, background, jobs, preview
        self.model = TrashModel(self)
        self.list = SoundList(lambda: ("The trash is empty", "What models made can be thrown away with Delete."))
        self.list.setAccessibleName("Trash")
        self.list.setDragEnabled(False)
        self.list.setModel(self.model)
        self.list.set_delegate(TrashDelegate(thumbnails, preview, self.list))
        self.restore_button = push("Restore", self.restore)
        self.delete_button = push("Delete for good…", self.ask_delete)
        self.empty_button = push("Empty…", self.ask_empty)
        self._lay_out()
        self.list.listen.connect(self._listen)
        self.list.opened.connect(lambda _: self.restore())
        self.list.deleted.connect(self.ask_delete)
        self.list.menu_wanted.connect(self._menu)
        self.list.selectionModel().selectionChanged.connect(self._show_buttons)
        thumbnails.ready.connect(self.list.viewport().update)
        preview.changed.connect(self.list.viewport().update)
        self._show_buttons()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, MARGIN, 0, 0)
        column.setSpacing(PAD)
        row = QHBoxLayout()
        row.setContentsMargins(MARGIN, 0, MARGIN, 0)
        row.setSpacing(GAP)
        for button in (self.restore_button, self.delete_button, self.empty_button):
            button.setStyleSheet("padding-left: 8px; padding-right: 8px; min-width: 0;")
            row.addWidget(button)
        row.addStretch(1)
        column.addWidget(self.list, 1)
        column.addLayout(row)

    def refresh(self) -> None:
        """Looks again."""
        self._background.ask("trash", self._library.trashed, self._show)

    def _show(self, thrown: Sequence[Thrown]) -> None:
        self.model.show_thrown(thrown)
        self._show_buttons()
        self.list.viewport().update()

    def _show_buttons(self) -> None:
        chosen = bool(self.list.chosen_rows())
        self.restore_button.setEnabled(chosen)
        self.delete_button.setEnabled(chosen)
        self.empty_button.setEnabled(bool(self.model.thrown))

    def chosen(self) -> list[Asset]:
        """What is selected, as it was."""
        return [asset for _, asset in self._selected()]

    def _selected(self) -> list[Thrown]:
        return [index.data(THROWN) for index in self.list.chosen_rows()]

    # -- what can be done ----------------------------------------------------------------------------------------

    def restore(self) -> None:
        """Brings back what is selected."""
        from ...actions import curating

        self._run("Restore", self._selected(), lambda keys, work: curating.restore(self._library, keys, work))

    def ask_delete(self) -> None:
        """Deletes what is selected with its files, once the person has confirmed it."""
        thrown = self._selected()
        what = f"“{thrown[0][1].name}”" if len(thrown) == 1 else counted(len(thrown), "thing")
        if thrown:
            self._ask(f"Delete {what} for good?", "Delete", thrown)

    def ask_empty(self) -> None:
        """Deletes all that lies here, once the person has confirmed it."""
        thrown = list(self.model.thrown)
        self._ask(f"Delete all that lies in the trash, {counted(len(thrown), 'thing')}, for good?", "Empty", thrown)

    def _ask(self, question: str, answer: str, thrown: Sequence[Thrown]) -> None:
        from ...actions import curating

        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("Delete for good")
        box.setText(question)
        box.setInformativeText("Files and recipes are deleted and cannot be brought back. Songs keep their own copies.")
        box.addButton(answer, QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.accepted.connect(
            lambda: self._run("Delete", thrown, lambda keys, work: curating.delete_for_good(self._library, keys, work))
        )
        box.open()

    def _run(self, verb: str, thrown: Sequence[Thrown], task: Callable[[list[int], Work], int]) -> None:
        keys = [made.id for made, _ in thrown]
        if not keys:
            return
        if any(self._preview.path == asset.path for _, asset in thrown):
            self._preview.stop()

        def over(_: Job) -> None:
            self.refresh()
            self.changed.emit()

        self._jobs.start("library", f"{verb} {counted(len(keys), 'thing')}", lambda work: task(keys, work), over)

    def listen_to_chosen(self) -> None:
        """Plays the first that is selected, or stops it."""
        for asset in self.chosen()[:1]:
            self._preview.toggle(asset.path, asset.seconds)

    def import_chosen(self) -> None:
        """Nothing: what was thrown away is brought back first."""

    def _listen(self, index: QModelIndex) -> None:
        _, asset = index.data(THROWN)
        if is_sound(asset):
            self._preview.toggle(asset.path, asset.seconds)

    def _menu(self, where: Any) -> None:
        if not self._selected():
            return
        menu = QMenu(self)
        menu.addAction("Restore", self.restore)
        menu.addAction("Delete for good…", self.ask_delete)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(where)
