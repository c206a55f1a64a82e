"""The library panel: sounds known to the studio, and the folders of the disk, to be heard and dragged into the song."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from ...engine.jobs import Job
from ...storage.library.records import Mark
from ...storage.locations import cache_folder
from ..commands import Command
from ..controls import Chip
from ..icons import IconButton
from ..theme import GAP, MARGIN, SMALL, color, font
from .adding import add_to_library
from .background import Background
from .curator import Making
from .files import Files
from .offers import curating_commands
from .preview import Preview, PreviewPlayer
from .shelf import Shelf
from .thumbnails import Thumbnails
from .trash import Trash
from .windows import Windows


class LibraryWorkspace(Making, PreviewPlayer, Protocol):
    """What the panel needs of the workspace."""

    def compare(self, paths: Sequence[Path], gains: Sequence[float]) -> Any:
        """Plays files in step, one of them heard."""


class _Name(QWidget):
    """What is being listened to."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def show_text(self, text: str) -> None:
        self.text = text
        self.setAccessibleName(f"Listening to {text}" if text else "Nothing is being listened to")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(60, 24)

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setFont(font(SMALL))
            painter.setPen(color("text" if self.text else "dim"))
            shown = QFontMetrics(painter.font()).elidedText(
                self.text or "Click a sound to hear it", Qt.TextElideMode.ElideRight, self.width()
            )
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, shown)


class LibraryPanel(QWidget):
    """The panel. Main thread.

    `import_requested(paths)`: these files should come into the song at the playhead. `failed(error)` carries the
    StudioError of something that could not be done, `told(sentence, kind, detail)` what should be known.
    """

    import_requested = Signal(list)
    failed = Signal(object)
    told = Signal(str, str, str)

    def __init__(self, workspace: LibraryWorkspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Library")
        self.setAutoFillBackground(True)
        self._workspace = workspace
        self.background = Background(self)
        self._thumbnails = Thumbnails(cache_folder() / "pictures", self)
        self.preview = Preview(workspace, self)
        self.shelf = Shelf(workspace, self.background, self._thumbnails, self.preview)
        curator = self.shelf.curator
        self.windows = Windows(workspace, self.background, self._thumbnails, self.preview, curator, self)
        self._tabs, self._pages = QTabBar(), QStackedWidget()
        self._play = IconButton("play", "Listen to the selected sound", 24)
        self._name = _Name()
        self._auto = Chip("Auto", "Play sounds when they are chosen")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._tabs.setAccessibleName("Library pages")
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        for name in ("Library", "Files", "Trash"):
            self._tabs.addTab(name)
        self._pages.addWidget(self.shelf)
        foot = QHBoxLayout()
        foot.setContentsMargins(MARGIN, GAP, MARGIN, GAP)
        foot.setSpacing(GAP)
        self._auto.setChecked(self.preview.auto)
        self._auto.setToolTip("Play sounds when they are chosen")
        for widget, stretch in ((self._play, 0), (self._name, 1), (self._auto, 0)):
            foot.addWidget(widget, stretch)
        column.addWidget(self._tabs)
        column.addWidget(self._pages, 1)
        column.addLayout(foot)

    def _connect(self) -> None:
        self._tabs.currentChanged.connect(lambda _: self._pages.setCurrentWidget(self._page()))
        self._play.clicked.connect(self.listen)
        self._auto.toggled.connect(self._set_auto)
        self.preview.changed.connect(self._show_preview)
        self.preview.failed.connect(self.failed)
        self.background.failed.connect(self.failed)
        self.shelf.import_requested.connect(self.import_requested)
        self.shelf.find_file.connect(self._show_in_files)
        curator = self.shelf.curator
        curator.told.connect(self.told)
        curator.failed.connect(self.failed)
        self.windows.changed.connect(self.refresh)
        self.windows.told.connect(self.told)
        self.windows.failed.connect(self.failed)
        self._workspace.jobs.ended.connect(self._job_ended)

    @cached_property
    def trash(self) -> Trash:
        """The page of what was thrown away, made when it is first looked at."""
        space = self._workspace
        made = Trash(space.library, self.background, space.jobs, self._thumbnails, self.preview)
        self._pages.addWidget(made)
        made.changed.connect(self.shelf.refresh)
        made.refresh()
        return made

    @cached_property
    def files(self) -> Files:
        """The page of the disk, made when it is first looked at: it takes as long as all the rest of the panel."""
        used = self._workspace.preferences.import_folder
        made = Files(self._thumbnails, self.preview, Path(used) if used else None)
        self._pages.addWidget(made)
        made.import_requested.connect(self.import_requested)
        made.import_requested.connect(self._remember_folder)
        made.keep_requested.connect(self._keep)
        return made

    def set_session(self, session: Any) -> None:
        """Another song is open: what was imported or recorded since may be in the library now."""
        self.preview.stop()
        self.refresh()

    def refresh(self) -> None:
        """Looks at the library again."""
        self.shelf.refresh()
        self.windows.refresh()
        if "trash" in self.__dict__:
            self.trash.refresh()

    def close_library(self) -> None:
        """Waits for what runs beside the window. Before the library is closed."""
        self.preview.stop()
        self.windows.close_all()
        if "files" in self.__dict__:
            self._remember_folder()
        self.background.close()
        self._thumbnails.close()

    def listen(self) -> None:
        """Plays the selected sound of the page in view, or stops what plays."""
        if self.preview.path is not None:
            self.preview.stop()
        else:
            self._page().listen_to_chosen()

    def commands(self) -> list[Command]:
        """What the panel offers to menus, keys and the palette."""
        keeping, menu = self.shelf.keeping, "View/Library"
        kept, chosen = lambda: bool(self._kept()), self._has_chosen
        return [
            Command("library.search", "Search Library", "Ctrl+F", self._search, menu=menu),
            Command("library.files", "Browse Files", "Ctrl+Shift+F", self._browse, menu=menu),
            Command("library.auto", "Play Sounds When Chosen", "", self._auto.click, menu=menu, checked=self._is_auto),
            Command("library.listen", "Listen to Sound", "Alt+P", self.listen, menu=menu, group="sound"),
            Command("library.import", "Import Sound at Playhead", "", self._import, chosen, menu, group="sound"),
            Command("library.favourite", "Favourite", "", self.shelf.toggle_favourite, kept, menu, group="sound"),
            Command("library.tag", "New Tag…", "", keeping.ask_tag, kept, menu, group="sound"),
            Command(
                "library.collect",
                "New Collection…",
                "",
                self._ask_collection,
                menu=menu,
                group="sound",
            ),
            *curating_commands(
                self.shelf.curator, f"{menu}/Generated", self._made, self._kept, self.shelf.throw_away
            ),
            Command("library.grid", "Show as Tiles", "", self.shelf.toggle_grid, menu=menu, checked=self._is_grid,
                    group="shape"),
            Command("library.trash", "Trash", "", lambda: self._show_page(2), menu=menu, group="shape"),
        ]  # fmt: skip

    def _ask_collection(self) -> None:
        """On the page where one sees what would be in it."""
        self._show_page(0)
        self.shelf.keeping.ask_collection()

    def _made(self) -> list[Mark]:
        return self.shelf.marks() if self._page() is self.shelf else []

    def _is_grid(self) -> bool:
        return self.shelf.list.grid

    def _has_chosen(self) -> bool:
        page = self._page()
        return not isinstance(page, Trash) and page.list.selectionModel().hasSelection()

    def _import(self) -> None:
        self._page().import_chosen()

    def _is_auto(self) -> bool:
        return self.preview.auto

    def _kept(self) -> list[Any]:
        return self.shelf.chosen() if self._page() is self.shelf else []

    def _page(self) -> Shelf | Files | Trash:
        pages: tuple[Callable[[], Shelf | Files | Trash], ...] = (
            lambda: self.shelf, lambda: self.files, lambda: self.trash,
        )  # fmt: skip
        return pages[self._tabs.currentIndex()]()

    def _show_page(self, index: int) -> None:
        self._tabs.setCurrentIndex(index)
        above: QWidget | None = self
        while above is not None:
            if isinstance(above, QDockWidget):
                above.show()
                above.raise_()
            above = above.parentWidget()

    def _search(self) -> None:
        self._show_page(0)
        self.shelf.focus_search()

    def _browse(self) -> None:
        self._show_page(1)
        self.files.list.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_in_files(self, path: Path) -> None:
        self._show_page(1)
        self.files.show_file(path)

    def _set_auto(self, on: bool) -> None:
        self.preview.auto = on
        if not on:
            self.preview.stop()

    def _show_preview(self) -> None:
        path = self.preview.path
        self._name.show_text(path.stem if path is not None else "")
        self._play.set_icon("stop" if path is not None else "play", "accent" if path is not None else "text")
        self._play.setAccessibleName("Stop listening" if path is not None else "Listen to the selected sound")

    def _remember_folder(self) -> None:
        self._workspace.update_preferences(import_folder=str(self.files.folder))

    def _keep(self, paths: list[Path]) -> None:
        label = f"Add “{paths[0].name}” to the library" if len(paths) == 1 else "Add sounds to the library"
        library = self._workspace.library
        self._workspace.jobs.start("library", label, lambda work: add_to_library(library, paths, work))

    def _job_ended(self, _job: Job) -> None:
        self.refresh()
