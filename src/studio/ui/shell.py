"""The main window: it arranges the panels, hands them the open song, and ticks them. Only PySide6 and the modules of
the frame are imported here; whatever needs numpy or a database comes in through `attach`, after the first paint.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QCursor, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ..errors import StudioError
from . import readouts, theme
from .commands import Command, Commands, fill_menu_bar
from .docks import Dock, Layout
from .icons import app_icon
from .leaving import may_end_jobs, may_leave_song
from .notices import NoticeCards, Notices, NoticesDialog
from .palette import Palette
from .shortcuts import KeyFilter
from .song_views import SongViews
from .status_bar import HEIGHT as STATUS_HEIGHT
from .status_bar import StatusBar
from .title_bar import TitleBar
from .transport_bar import TransportBar, lasting
from .warmup import OnMain, Warmup
from .welcome import RecentSong, Welcome

if TYPE_CHECKING:
    from ..engine.audio.status import EngineStatus

TICK_MS = 16
TURN_MS = 1
"""Between the panels that are built at the start. Without it, Qt runs them one after the other in a single turn."""
JOBS_EVERY = 8
"""Ticks between looks at the jobs."""
SLOW_MS = 2_000
"""Between looks at what changes slowly: free disk space, the saved latency."""

DOCKS = (
    ("library", "Library", "F3", Qt.DockWidgetArea.LeftDockWidgetArea),
    ("notes", "Notes", "F9", Qt.DockWidgetArea.BottomDockWidgetArea),
    ("correction", "Pitch", "Shift+F12", Qt.DockWidgetArea.BottomDockWidgetArea),
    ("instrument", "Instrument", "F12", Qt.DockWidgetArea.BottomDockWidgetArea),
    ("mixer", "Mixer", "F4", Qt.DockWidgetArea.BottomDockWidgetArea),
    ("history", "History", "F5", Qt.DockWidgetArea.BottomDockWidgetArea),
    ("jobs", "Jobs", "F7", Qt.DockWidgetArea.BottomDockWidgetArea),
    ("producer", "Producer", "F10", Qt.DockWidgetArea.RightDockWidgetArea),
    ("generate", "Generate", "Ctrl+Alt+G", Qt.DockWidgetArea.RightDockWidgetArea),
    ("coach", "Coach", "Shift+F9", Qt.DockWidgetArea.RightDockWidgetArea),
    ("report", "Report", "Ctrl+Shift+V", Qt.DockWidgetArea.BottomDockWidgetArea),
    ("datasets", "Datasets", "Ctrl+Alt+D", Qt.DockWidgetArea.BottomDockWidgetArea),
)


def prepare(app: QApplication) -> None:
    """Gives the application its faces, colours, icon and accessibility. Once, before the window is made."""
    app.setApplicationName("Studio")
    app.setApplicationDisplayName("Studio")
    app.setDesktopFileName("studio")
    theme.load_fonts()
    app.setFont(theme.font())
    app.setPalette(theme.palette())
    app.setStyleSheet(theme.style_sheet())
    app.setWindowIcon(app_icon())
    readouts.install_accessibility()


class MainWindow(QMainWindow):
    """The window of the studio. Main thread.

    It paints at once with empty panels; `warm_up` loads the rest on a thread, and `attach(workspace)` brings the window
    to life. `painted` follows the first paint, `ready` the last panel.
    """

    painted = Signal()
    ready = Signal()
    closed = Signal()

    def __init__(self, config: Path | None = None) -> None:
        super().__init__()
        self.workspace: Any = None
        self.session: Any = None
        self.panels: dict[str, QWidget] = {}
        self.docks: dict[str, Dock] = {}
        self._painted = self._ready = False
        self._ticks = 0
        self._pending: list[Callable[[], None]] = []
        self._warmup: Warmup | None = None
        self._forget_song: Callable[[], None] | None = None
        self._engine_said = ("", "")
        self._device_said: set[str] = set()
        self._views = SongViews(config)
        self.setWindowTitle("Studio")
        self.setMinimumSize(960, 600)
        self.resize(1680, 1020)
        self.notices = Notices(self)
        self.commands = Commands(self)
        self._add_commands()
        self._build_frame()
        self._build_docks()
        self._layout = Layout(self, config)
        self._layout.keep_default()
        self._layout.restore()
        self._connect()
        self._timer = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._slow = QTimer(self, interval=SLOW_MS)
        self._slow.timeout.connect(self._look_around)

    def _build_frame(self) -> None:
        self.title_bar = TitleBar()
        self.transport = TransportBar(self.commands)
        top = QWidget()
        column = QVBoxLayout(top)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.title_bar)
        column.addWidget(self.transport)
        self.setMenuWidget(top)
        self.welcome = Welcome(self.commands)
        self.centre = QStackedWidget()
        self.centre.addWidget(self.welcome)
        self.status = StatusBar(self.notices)
        self.middle = QWidget()
        below = QVBoxLayout(self.middle)
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self.centre)
        self.setCentralWidget(self.middle)
        self.cards = NoticeCards(self.notices, self, self.middle)
        self._fill_menus()

    def _build_docks(self) -> None:
        self.setDockOptions(
            QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.GroupedDragging
        )
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.setDocumentMode(True)
        for corner, area in (
            (Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea),
            (Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea),
        ):
            self.setCorner(corner, area)
        for name, title, _, area in DOCKS:
            dock = Dock(self, name, title, bare=name == "library")
            self.docks[name] = dock
            self.addDockWidget(area, dock)
            dock.visibilityChanged.connect(self._dock_seen)
        self.tabifyDockWidget(self.docks["notes"], self.docks["correction"])
        self.tabifyDockWidget(self.docks["correction"], self.docks["instrument"])
        self.tabifyDockWidget(self.docks["instrument"], self.docks["mixer"])
        self.tabifyDockWidget(self.docks["mixer"], self.docks["history"])
        self.tabifyDockWidget(self.docks["history"], self.docks["jobs"])
        self.tabifyDockWidget(self.docks["jobs"], self.docks["report"])
        self.tabifyDockWidget(self.docks["report"], self.docks["datasets"])
        self.docks["mixer"].raise_()
        for name in ("producer", "generate", "coach", "report", "datasets", "correction"):
            self.docks[name].hide()
        self.resizeDocks([self.docks["library"], self.docks["producer"]], [264, 380], Qt.Orientation.Horizontal)
        self.resizeDocks([self.docks["mixer"]], [276], Qt.Orientation.Vertical)

    def _add_commands(self) -> None:
        from .playing_in import PlayingIn
        from .song_commands import SongCommands
        from .transport_commands import TransportCommands

        self.song = SongCommands(self)
        self.playing = TransportCommands(self)
        self.playing_in = PlayingIn(self)
        self.palette_box: Palette | None = None
        self.commands.add(self.song.commands())
        self.commands.add(self.playing.commands())
        self.commands.add(self.playing_in.commands())
        self.commands.add(self._view_commands())
        self.commands.add(self.song.help_commands())

    def _view_commands(self) -> list[Command]:
        def dock_command(name: str, title: str, key: str) -> Command:
            return Command(
                f"view.{name}",
                title,
                key,
                lambda: self._toggle(name),
                menu="View",
                group="panels",
                checked=lambda: self._showing(name),
            )

        full = Command(
            "view.full_screen",
            "Full Screen",
            "F11",
            lambda: self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen),
            menu="View",
            checked=self.isFullScreen,
            group="window",
        )
        return [
            Command("view.palette", "Command Palette…", "Ctrl+Shift+P; Ctrl+K", self.open_palette, menu="View"),
            *(dock_command(name, title, key) for name, title, key, _ in DOCKS),
            Command("view.reset", "Reset Layout", "", self._reset_layout, menu="View", group="window"),
            Command(
                "view.next_panel",
                "Next Panel",
                "F8; Ctrl+Tab",
                lambda: self._step_panel(1),
                menu="View",
                group="window",
            ),
            Command(
                "view.previous_panel",
                "Previous Panel",
                "Shift+F8; Ctrl+Shift+Tab",
                lambda: self._step_panel(-1),
                menu="View",
                group="window",
            ),
            full,
            Command("view.notices", "Notices", "", self.show_notices, menu="View", group="window"),
        ]

    def _connect(self) -> None:
        self._status_holder()
        self.commands.failed.connect(self.notices.error)
        self.commands.changed.connect(self._commands_changed)
        self.transport.failed.connect(self.notices.error)
        self.transport.locate_requested.connect(self.playing.locate)
        self.transport.grid_requested.connect(self._choose_grid)
        self.transport.jobs_clicked.connect(lambda: self.show_dock("jobs"))
        self.transport.sound_clicked.connect(lambda: self.song.preferences("sound"))
        self.status.sound_clicked.connect(lambda: self.song.preferences("sound"))
        self.status.latency_clicked.connect(self.song.measure_latency)
        self.status.jobs_clicked.connect(lambda: self.show_dock("jobs"))
        self.status.hands_clicked.connect(lambda: self.song.preferences("midi"))
        self.status.folder_clicked.connect(lambda: self.song.preferences("folders"))
        self.status.notices_clicked.connect(self.show_notices)
        self.title_bar.saved_clicked.connect(lambda: self.show_dock("history"))
        self.welcome.open_requested.connect(self.song.open_path)
        self.welcome.sounds_dropped.connect(self.song.begin_with)
        self._keys = KeyFilter(self, self.commands.refresh)

    def _status_holder(self) -> None:
        """Puts the status line under everything, docks included."""
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.setFixedHeight(STATUS_HEIGHT)
        bar.setStyleSheet("QStatusBar { border: 0; padding: 0; } QStatusBar::item { border: 0; }")
        bar.setContentsMargins(0, 0, 0, 0)
        bar.addWidget(self.status, 1)

    def _commands_changed(self) -> None:
        """Fills the menus anew, but not for every panel on the way to readiness: the last step does it once."""
        if not self._pending:
            self._fill_menus()

    def _fill_menus(self) -> None:
        self.menus = fill_menu_bar(self.title_bar, self.commands)
        recent = QMenu("Open Recent", self.title_bar)
        recent.aboutToShow.connect(lambda: self.song.fill_recent(recent))
        self.menus["File"].insertMenu(self.menus["File"].actions()[2], recent)

    def warm_up(self, load: Callable[[OnMain], Any]) -> Warmup:
        """Runs `load` on a thread after the first paint. The Warmup's `done` carries its result."""
        self._warmup = Warmup(load, self)
        self._warmup.failed.connect(self.notices.error)
        if self._painted:
            self._warmup.start()
        else:
            self.painted.connect(self._warmup.start)
        return self._warmup

    def attach(self, workspace: Any) -> None:
        """Brings the window to life: builds the panels, one per turn of the event loop, then shows the open song."""
        from .panels import builders

        self.workspace = workspace
        self._pending = [*builders(self), self._finish]
        QTimer.singleShot(TURN_MS, self, self._next_step)

    def _next_step(self) -> None:
        if self._pending:
            try:
                self._pending[0]()
            except StudioError as error:
                self.notices.error(error)
            finally:
                self._pending = self._pending[1:]
                QTimer.singleShot(TURN_MS, self, self._next_step)

    def _finish(self) -> None:
        """The last step of `attach`."""
        self.playing_in.attach()
        self.workspace.subscribe_session(self.show_session)
        self.workspace.jobs.ended.connect(self.song.job_ended)
        self.song.apply_preferences()
        self.show_session(self.workspace.session)
        self._fill_menus()
        self._timer.start()
        self._slow.start()
        self._look_around()
        self._ready = True
        self.ready.emit()

    def add_panel(self, name: str, panel: QWidget) -> None:
        """Takes a panel in: into its dock, the middle for "timeline"; registers its commands and listens to it."""
        self.panels[name] = panel
        if name == "timeline":
            self.centre.addWidget(panel)
        else:
            self.docks[name].put(panel)
        offered = getattr(panel, "commands", None)
        if offered is not None:
            self.commands.add(offered() if callable(offered) else offered, panel)
        failed = getattr(panel, "failed", None)
        if failed is not None:
            failed.connect(self.notices.error)

    def show_session(self, session: Any) -> None:
        """Shows another song in every panel, or none."""
        if self._forget_song is not None:
            self._forget_song()
            self._forget_song = None
        self._keep_view()
        self.session = session
        timeline = self.panels.get("timeline")
        self.centre.setCurrentWidget(timeline if session is not None and timeline is not None else self.welcome)
        self.transport.set_session(session)
        for panel in self.panels.values():
            panel.set_session(session)  # type: ignore[attr-defined]
        if session is not None:
            self._forget_song = session.document.subscribe(self._song_changed)
            self._recall_view()
            self.song.tell_missing()
            if timeline is not None:
                timeline.setFocus()
        else:
            self.show_recent()
        self._show_name()
        self.commands.refresh()

    def _keep_view(self) -> None:
        """Remembers how the song was looked at, before another one is."""
        if self.session is not None and "timeline" in self.panels:
            heights = self.panels["timeline"].heights()  # type: ignore[attr-defined]
            if heights is not None:
                self._views.keep_heights(self.session.document.project.id, heights)

    def _recall_view(self) -> None:
        """Looks at the song as it was looked at before."""
        heights = self._views.heights(self.session.document.project.id)
        if heights and "timeline" in self.panels:
            self.panels["timeline"].show_heights(heights)  # type: ignore[attr-defined]

    @property
    def projects_folder(self) -> Path:
        """Where new songs go."""
        return Path(self.workspace.projects_folder)

    def remember(self, **changes: Any) -> None:
        """Changes preferences; the workspace saves them and puts them in force."""
        self.workspace.update_preferences(**changes)

    def refresh_history(self) -> None:
        """Has the history read the names of versions anew."""
        history = self.panels.get("history")
        if history is not None:
            history.reload()  # type: ignore[attr-defined]

    def show_recent(self) -> None:
        """Lists the songs used last on the welcome panel."""
        if self.workspace is not None:
            self.welcome.show_recent(
                RecentSong(item.name, Path(item.path), getattr(item, "opened", 0.0), Path(item.path).exists())
                for item in self.workspace.recent()
            )

    def show_dock(self, name: str) -> None:
        """Shows a panel and gives it the focus."""
        dock = self.docks[name]
        if dock.isHidden():
            self._stack(dock)
        dock.show()
        dock.raise_()
        panel = dock.widget()
        if panel.focusProxy() is not None and panel.focusProxy().isVisibleTo(panel):
            panel.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            _focus_in(panel)

    def _stack(self, dock: Dock) -> None:
        """Puts a panel of the right side behind the one that is there: two beside each other leave no room."""
        right = Qt.DockWidgetArea.RightDockWidgetArea
        there = [one for one in self.docks.values() if one.isVisible() and not one.isFloating()]
        beside = [one for one in there if one is not dock and self.dockWidgetArea(one) == right]
        if beside and not dock.isFloating() and self.dockWidgetArea(dock) == right:
            self.tabifyDockWidget(beside[0], dock)

    def give_height(self, name: str, height: int) -> None:
        """Makes a docked panel at least so high, as far as less than half of the window goes."""
        dock, wanted = self.docks[name], min(height, self.height() * 45 // 100)
        if not dock.isFloating() and dock.height() < wanted:
            self.resizeDocks([dock], [wanted], Qt.Orientation.Vertical)

    def open_palette(self) -> None:
        """Opens the command palette."""
        if self.palette_box is None:
            self.palette_box = Palette(self.commands, self)
        self.palette_box.open()

    def _choose_grid(self) -> None:
        if "View/Grid" in self.menus:
            self.menus["View/Grid"].popup(QCursor.pos())

    def show_notices(self) -> None:
        """Lists everything the program has said."""
        NoticesDialog(self.notices, self).show()

    def _show_name(self) -> None:
        name = self.session.document.project.name if self.session is not None else ""
        self.title_bar.show_song(name)
        self.setWindowTitle(name or "Studio")

    def _song_changed(self, announcement: Any) -> None:
        if announcement.changes.root:
            self.transport.redraw()
            self._show_name()

    def _tick(self) -> None:
        self._show_status(self.workspace.poll())

    def _show_status(self, status: EngineStatus) -> None:
        """Shows the engine's state, to hidden panels too: a peak that nobody saw lights the clip light all the same."""
        self.transport.tick(status)
        self.status.tick(status)
        self.playing.tick(status)
        self.playing_in.tick()
        self._hear_engine(status)
        for panel in self.panels.values():
            tick = getattr(panel, "tick", None)
            if tick is not None and self.session is not None:
                try:
                    tick(status)
                except Exception as error:  # one panel's fault must not stop the others
                    self.notices.error(error)
        if self.session is not None:
            self.title_bar.show_saved(self.session.saved, self.session.read_only)
        self._ticks += 1
        if self._ticks % JOBS_EVERY == 0:
            self._show_jobs()

    def _show_jobs(self) -> None:
        """Shows what runs and waits, in the bar above and in the line below."""
        queue = self.workspace.neural.queue
        running, counts = (*self.workspace.jobs.running(), *queue.running()), queue.counts()
        self.transport.show_jobs(running)
        waiting = counts["waiting"] + counts["paused"]
        self.status.show_jobs(len(lasting(running)), waiting, counts["interrupted"])

    def _hear_engine(self, status: EngineStatus) -> None:
        """Passes on what the engine has to say: a device that is gone, sound that cannot be read."""
        if status.device == "running":
            while self._device_said:
                self.cards.withdraw(self._device_said.pop())
        elif status.notice and status.notice != self._engine_said[0]:
            self._device_said.add(status.notice)
        said = (status.notice, status.news)
        if said != self._engine_said:
            for text, before in zip(said, self._engine_said, strict=True):
                if text and text != before:
                    self.notices.say(text, "info" if status.device == "running" else "warning")
            self._engine_said = said

    def _look_around(self) -> None:
        self.song.show_disk()
        self.song.show_latency()

    def _dock_seen(self) -> None:
        """A panel was shown or hidden; what the menus say follows once Qt has settled."""
        QTimer.singleShot(0, self, self.commands.refresh)
        QTimer.singleShot(0, self, self.cards.place)

    def _showing(self, name: str) -> bool:
        dock = self.docks.get(name)
        return dock is not None and dock.in_front

    def _toggle(self, name: str) -> None:
        if self._showing(name):
            self.docks[name].hide()
        else:
            self.show_dock(name)

    def _reset_layout(self) -> None:
        self._layout.reset()
        for dock in self.docks.values():
            dock.sync_header()

    def _step_panel(self, by: int) -> None:
        """Moves the focus to the next panel that can be seen, in the order of reading."""
        stops = [self.transport, *(panel for panel in self.panels.values() if panel.isVisible())]
        if self.centre.currentWidget() is self.welcome:
            stops.insert(1, self.welcome)
        focus = QApplication.focusWidget()
        at = next((n for n, stop in enumerate(stops) if focus is stop or (focus and stop.isAncestorOf(focus))), -1)
        for step in range(1, len(stops) + 1):
            if _focus_in(stops[(at + by * step) % len(stops)]):
                return

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange and self.isVisible():
            self.commands.refresh()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not (may_end_jobs(self) and may_leave_song(self)):
            event.ignore()
            return
        self._timer.stop()
        self._slow.stop()
        self._pending.clear()
        self._layout.save()
        self._keep_view()
        for name, last in (
            ("timeline", "close_down"),
            ("library", "close_library"),
            ("report", "close_down"),
            ("datasets", "close_down"),
        ):
            if name in self.panels:
                getattr(self.panels[name], last)()
        event.accept()
        self.closed.emit()


def _focus_in(panel: QWidget) -> bool:
    """Gives the focus to a panel or to the first widget in it that takes it."""
    candidates = [panel, *panel.findChildren(QWidget)]
    for widget in candidates:
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            return True
    return False
