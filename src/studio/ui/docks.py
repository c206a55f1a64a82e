"""Dockable panels with a slim header, and a layout that is remembered."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QRectF, QSettings, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QMainWindow, QWidget

from . import theme
from .icons import IconButton

HEADER = 34
LAYOUT_VERSION = 1


class _Buttons(QWidget):
    """The buttons to float and to close a panel."""

    def __init__(self, dock: QDockWidget, title: str) -> None:
        super().__init__(dock)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        undock = IconButton("undock", f"Float {title}", 22, flat=True)
        undock.set_icon("undock", "dim")
        undock.clicked.connect(lambda: dock.setFloating(not dock.isFloating()))
        close = IconButton("close", f"Close {title}", 22, flat=True)
        close.set_icon("close", "dim")
        close.clicked.connect(dock.close)
        row.addWidget(undock)
        row.addWidget(close)
        self.adjustSize()


class _Header(QWidget):
    """The title of a panel with buttons to float and close it. Gone while the panel's tab shows its name."""

    def __init__(self, dock: QDockWidget, title: str) -> None:
        super().__init__()
        self._tabbed = False
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN + theme.GAP, 0, theme.GAP, 0)
        row.setSpacing(0)
        label = QLabel(title)
        label.setFont(theme.font(weight="medium"))
        row.addWidget(label)
        row.addStretch(1)
        row.addWidget(_Buttons(dock, title))

    def set_tabbed(self, tabbed: bool) -> None:
        """Takes no room while the panel is one of several tabs."""
        if tabbed != self._tabbed:
            self._tabbed = tabbed
            for child in self.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
                child.setVisible(not tabbed)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(80, 0 if self._tabbed else HEADER)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.color("bg"))
            painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), theme.color("line"))


class Dock(QDockWidget):
    """A place for one panel, there from the first paint on; `put` fills it later.

    A `bare` one has no header while it is docked, because its panel has tabs of its own at the top; the buttons to
    float and close it stand beside them.
    """

    def __init__(self, window: QMainWindow, name: str, title: str, bare: bool = False) -> None:
        super().__init__(title, window)
        self._bare = bare
        self._corner = _Buttons(self, title) if bare else None
        self.setObjectName(name)
        self._header = _Header(self, title)
        self.setTitleBarWidget(self._header)
        self.setWidget(_Blank())
        self.setAccessibleName(title)
        self._window = window
        for signal in (self.topLevelChanged, self.visibilityChanged, self.dockLocationChanged):
            signal.connect(lambda *_: QTimer.singleShot(0, self, self._sync_all))

    def put(self, panel: QWidget) -> None:
        """Shows a panel in place of what was there."""
        old = self.widget()
        self.setWidget(panel)
        old.deleteLater()
        self._place_corner()

    @property
    def in_front(self) -> bool:
        """Whether the panel is shown and not behind another tab; Qt keeps those left of and above the window."""
        corner = self.geometry().bottomRight()
        return self.isVisible() and (self.isFloating() or (corner.x() >= 0 and corner.y() >= 0))

    def _sync_all(self) -> None:
        """Every dock looks anew: where one leaves, its neighbours may need a title again."""
        for dock in self._window.findChildren(Dock):
            dock.sync_header()

    def sync_header(self) -> None:
        """Hides the header while a tab shows the title."""
        mates = [dock for dock in self._window.tabifiedDockWidgets(self) if not dock.isHidden()]
        self._header.set_tabbed((bool(mates) or self._bare) and not self.isFloating())
        if self._corner is not None:
            self._corner.setVisible(not mates and not self.isFloating())
            self._place_corner()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_corner()

    def _place_corner(self) -> None:
        if self._corner is not None:
            self._corner.move(self.width() - self._corner.width() - theme.GAP, (HEADER - self._corner.height()) // 2)
            self._corner.raise_()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ParentChange:
            QTimer.singleShot(0, self, self.sync_header)


class _Blank(QWidget):
    """The ground of a panel that is not there yet."""

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.color("panel"))


class Layout:
    """Size, place and panels of the window between runs, in an INI file. A damaged file means the default layout."""

    def __init__(self, window: QMainWindow, folder: Path | None) -> None:
        self._window = window
        path = folder / "window.ini" if folder else None
        self._settings = QSettings(str(path), QSettings.Format.IniFormat) if path else None
        self._default: QByteArray | None = None

    def keep_default(self) -> None:
        """Takes the present arrangement as the one `reset` goes back to."""
        self._default = self._window.saveState(LAYOUT_VERSION)

    def restore(self) -> bool:
        """Arranges the window as it was; False when there is nothing to go by."""
        geometry, state = self._read("geometry"), self._read("state")
        if geometry is not None:
            self._window.restoreGeometry(geometry)
            self._window.resize(self._window.size().boundedTo(self._window.screen().availableSize()))
        return state is not None and self._window.restoreState(state, LAYOUT_VERSION)

    def save(self) -> None:
        """Writes the arrangement. A file that cannot be written costs only the arrangement."""
        if self._settings is not None:
            self._settings.setValue("geometry", self._window.saveGeometry())
            self._settings.setValue("state", self._window.saveState(LAYOUT_VERSION))
            self._settings.sync()

    def reset(self) -> None:
        """Goes back to the default arrangement."""
        if self._default is not None:
            self._window.restoreState(self._default, LAYOUT_VERSION)

    def _read(self, key: str) -> QByteArray | None:
        value = self._settings.value(key) if self._settings is not None else None
        return value if isinstance(value, QByteArray) and not value.isEmpty() else None
