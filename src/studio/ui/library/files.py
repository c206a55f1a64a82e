"""The files page: folders of sounds on the disk, with the same pictures, preview and drag as the library."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import (
    QDir,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSize,
    QStandardPaths,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFileSystemModel, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from ..controls import Chip
from ..icons import IconButton
from ..theme import GAP, HIT, MARGIN, PAD, SMALL, color, font
from .model import mime_of
from .preview import Preview
from .rows import Row, RowDelegate
from .thumbnails import Thumbnails
from .view import SoundList
from .wording import duration

_WAVES = {"wav", "wave", "bwf", "rf64", "w64", "aif", "aiff", "aifc", "au", "snd", "caf"}
_CODED = {"flac", "mp3", "mp2", "ogg", "oga", "opus", "m4a", "m4b", "aac", "wma", "wv", "ape", "ac3", "amr", "mka"}
_VIDEO = {"mp4", "m4v", "mov", "mkv", "webm", "avi"}
SUFFIXES = frozenset(_WAVES | _CODED | _VIDEO)
"""The files that are shown: what the decoder reads, videos for their sound."""

Index = QModelIndex | QPersistentModelIndex


class FolderModel(QFileSystemModel):
    """Folders, and the sounds in them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFilter(QDir.Filter.AllDirs | QDir.Filter.Files | QDir.Filter.NoDotAndDotDot)
        self.setNameFilters([f"*.{suffix}" for suffix in sorted(SUFFIXES)])
        self.setNameFilterDisables(False)
        self.setReadOnly(True)
        self.setOption(QFileSystemModel.Option.DontUseCustomDirectoryIcons)

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        return mime_of(self.sounds(indexes))

    def sounds(self, indexes: Sequence[Index]) -> list[Path]:
        """The files among these rows, without the folders."""
        return [Path(self.filePath(index)) for index in indexes if not self.isDir(index)]


class FileDelegate(RowDelegate):
    """Rows of a folder."""

    def row(self, index: Index) -> Row:
        model = index.model()
        assert isinstance(model, FolderModel)
        path = Path(model.filePath(index))
        if model.isDir(index):
            return Row(model.fileName(index), "", "", path, "dim", icon="folder")
        thumb = self.thumbnails.thumb(path)
        kind = f"{path.suffix[1:].upper()} · {_size(model.size(index))}"
        return Row(path.stem, kind, duration(thumb.seconds) if thumb else "", path, "#5aa9e6")


def _size(count: int) -> str:
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))} kB"
    return f"{count / 1_000_000:.1f} MB"


class _Path(QWidget):
    """The name of the folder; its middle gives way where it is long."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumHeight(HIT)
        self.text = ""

    def show_text(self, text: str) -> None:
        self.text = text
        self.setToolTip(text)
        self.setAccessibleName(f"Folder {text}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(80, HIT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setFont(font(SMALL))
            painter.setPen(color("dim"))
            shown = QFontMetrics(painter.font()).elidedText(self.text, Qt.TextElideMode.ElideLeft, self.width())
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, shown)


class Files(QWidget):
    """The page. Main thread. `import_requested(paths)`; `keep_requested(paths)`: files or a
    folder that should be listed in the library."""

    import_requested = Signal(list)
    keep_requested = Signal(list)

    def __init__(self, thumbnails: Thumbnails, preview: Preview, folder: Path | None = None) -> None:
        """`folder` is the one that was used last, shown first and kept among the places."""
        super().__init__()
        self._preview = preview
        self._last = folder if folder is not None and folder.is_dir() else None
        self.model = FolderModel(self)
        self.list = SoundList(self._empty)
        self.list.setAccessibleName("Files")
        self.list.setModel(self.model)
        self.list.set_delegate(FileDelegate(thumbnails, preview, self.list))
        self._path = _Path()
        self._up = IconButton("chevron-up", "Folder above", 24)
        self._up.clicked.connect(self.go_up)
        self._loaded = False
        self.folder = Path()
        self._lay_out()
        self._connect(thumbnails)
        self.open_folder(self._last or music_folder())

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, MARGIN, 0, 0)
        column.setSpacing(PAD)
        for row in (self._places(), [self._up, self._path]):
            line = QHBoxLayout()
            line.setContentsMargins(MARGIN, 0, MARGIN, 0)
            line.setSpacing(GAP)
            for widget in row:
                line.addWidget(widget, 1 if widget is self._path else 0)
            if self._path not in row:
                line.addStretch(1)
            column.addLayout(line)
        column.addWidget(self.list, 1)

    def _places(self) -> list[QWidget]:
        chips: list[QWidget] = []
        places = {"Home": Path.home(), "Music": music_folder(), "Last": self._last, "Disk": Path(Path.home().anchor)}
        for name, folder in places.items():
            if folder is None or folder in list(places.values())[: list(places).index(name)]:
                continue
            chip = Chip(name, f"Go to {name}", checkable=False)
            chip.clicked.connect(lambda _=False, where=folder: self.open_folder(where))
            chips.append(chip)
        return chips

    def _connect(self, thumbnails: Thumbnails) -> None:
        self.model.directoryLoaded.connect(self._show_loaded)
        self.list.chosen.connect(self._choose)
        self.list.listen.connect(self._listen)
        self.list.opened.connect(self._open)
        self.list.back.connect(self.go_up)
        self.list.menu_wanted.connect(self._menu)
        thumbnails.ready.connect(self.list.viewport().update)
        self._preview.changed.connect(self.list.viewport().update)

    def open_folder(self, folder: Path) -> None:
        """Shows a folder; one that is gone is left for the nearest above it that is there."""
        while not folder.is_dir() and folder != folder.parent:
            folder = folder.parent
        self.folder, self._loaded = folder, False
        self.list.setRootIndex(self.model.setRootPath(str(folder)))
        self.list.clearSelection()
        self._path.show_text(str(folder))
        self._up.setEnabled(folder != folder.parent)

    def go_up(self) -> None:
        """Shows the folder above, with this one selected."""
        came_from = self.folder
        if came_from != came_from.parent:
            self.open_folder(came_from.parent)
            self.list.choose(self.model.index(str(came_from)).row())

    def show_file(self, path: Path) -> None:
        """Shows a file in its folder, selected."""
        self.open_folder(path.parent)
        index = self.model.index(str(path))
        if index.isValid():
            self.list.choose(index.row())

    def chosen(self) -> list[Path]:
        """The selected files, from top to bottom."""
        return self.model.sounds(self.list.chosen_rows())

    def import_chosen(self) -> None:
        """Asks for the selected files at the playhead."""
        if self.chosen():
            self._preview.stop()
            self.import_requested.emit(self.chosen())

    def listen_to_chosen(self) -> None:
        """Plays the first selected file, or stops it."""
        for path in self.chosen()[:1]:
            self._preview.toggle(path)

    def _show_loaded(self, _folder: str) -> None:
        self._loaded = True
        self.list.viewport().update()

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid() and not self.model.isDir(index) and self._preview.auto:
            self._preview.play(Path(self.model.filePath(index)), self._seconds(index))

    def _listen(self, index: QModelIndex) -> None:
        if not self.model.isDir(index):
            self._preview.toggle(Path(self.model.filePath(index)), self._seconds(index))

    def _seconds(self, index: QModelIndex) -> float:
        delegate = self.list.itemDelegate()
        assert isinstance(delegate, FileDelegate)
        thumb = delegate.thumbnails.thumb(Path(self.model.filePath(index)))
        return thumb.seconds if thumb else 0.0

    def _open(self, indexes: list[QModelIndex]) -> None:
        if len(indexes) == 1 and self.model.isDir(indexes[0]):
            self.open_folder(Path(self.model.filePath(indexes[0])))
            self.list.setFocus()
        elif paths := self.model.sounds(indexes):
            self._preview.stop()
            self.import_requested.emit(paths)

    def _menu(self, where: QPoint) -> None:
        menu, paths = QMenu(self), self.chosen()
        if paths:
            menu.addAction("Import at playhead", self.import_chosen)
            menu.addAction("Stop" if self._preview.path == paths[0] else "Listen", self.listen_to_chosen)
            menu.addAction("Add to library", lambda: self.keep_requested.emit(paths))
            menu.addSeparator()
        folders = [Path(self.model.filePath(i)) for i in self.list.chosen_rows() if self.model.isDir(i)]
        kept = folders or [self.folder]
        name = kept[0].name or str(kept[0])
        menu.addAction(f"Add every sound in “{name}” to the library", lambda: self.keep_requested.emit(kept))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(where)

    def _empty(self) -> tuple[str, str]:
        if not self._loaded:
            return "", ""
        return "No sounds in this folder", "Go to another folder above, or put WAV, FLAC, MP3, Ogg or video files here."


def music_folder() -> Path:
    """The user's music folder, their home where there is none."""
    found = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MusicLocation))
    return found if found.is_dir() else Path.home()
