"""Every command of the window in one place: one QAction each, with a key that can be changed.

Panels offer lists of `Command`; `Commands` makes the actions, the menus and the list that the palette searches. When
two panels offer the same id (Delete, Select all), the panel with the focus gets it, else the one that offered it first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QMenuBar, QWidget

from ..errors import StudioError

MENUS = ("File", "Edit", "Track", "Clip", "Transport", "View", "Help")


def _always() -> bool:
    return True


@dataclass(frozen=True)
class Command:
    """Something a person can do.

    `key` is in Qt's portable text, several separated by "; ". `menu` may name a submenu: "View/Panels". A change of
    `group` between neighbours of a menu draws a separator. With `checked` the command is a switch, shown in that state.
    `label` gives a text that varies ("Undo Move clip"). `run` may raise StudioError; the sentence becomes a notice.
    """

    id: str
    text: str
    key: str
    run: Callable[[], object]
    enabled: Callable[[], bool] = _always
    menu: str = "Edit"
    checked: Callable[[], bool] | None = None
    group: str = ""
    label: Callable[[], str] | None = None


@dataclass(frozen=True)
class Conflict:
    """Two commands that want one key; `loser` has been left without it."""

    key: str
    winner: str
    loser: str


class Commands(QObject):
    """The registry. Main thread.

    `failed(error)` carries a StudioError out of a command. `changed()` follows new commands or keys.
    """

    failed = Signal(object)
    changed = Signal()

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._offers: dict[str, list[tuple[Command, QWidget | None]]] = {}
        self._actions: dict[str, QAction] = {}
        self._overrides: dict[str, str] = {}
        self.conflicts: tuple[Conflict, ...] = ()

    def add(self, commands: Iterable[Command], panel: QWidget | None = None) -> None:
        """Registers commands. Those of a panel are preferred while the focus is inside it."""
        for command in commands:
            self._offers.setdefault(command.id, []).append((command, panel))
            if command.id not in self._actions:
                self._actions[command.id] = self._make_action(command)
        self._assign_keys()
        self.refresh()
        self.changed.emit()

    def remove(self, panel: QWidget) -> None:
        """Forgets what a panel offered; a command that nobody else offers disappears."""
        for command_id, offers in tuple(self._offers.items()):
            left = [(command, owner) for command, owner in offers if owner is not panel]
            if left:
                self._offers[command_id] = left
            else:
                del self._offers[command_id]
                action = self._actions.pop(command_id)
                self._window.removeAction(action)
                action.deleteLater()
        self._assign_keys()
        self.changed.emit()

    def all(self) -> tuple[Command, ...]:
        """The commands in force now, in order of registration."""
        return tuple(self.command(command_id) for command_id in self._offers)

    def command(self, command_id: str) -> Command:
        """The command that this id means now: that of the panel with the focus, else the first. KeyError if none."""
        offers = self._offers[command_id]
        focus = QApplication.focusWidget()
        for command, panel in offers:
            if panel is not None and focus is not None and (panel is focus or panel.isAncestorOf(focus)):
                return command
        return offers[0][0]

    def action(self, command_id: str) -> QAction:
        """The action of a command, for buttons and menus. KeyError if there is none."""
        return self._actions[command_id]

    def run(self, command_id: str) -> bool:
        """Runs a command if it is enabled; says whether it was. A StudioError becomes `failed`."""
        command = self.command(command_id)
        if not command.enabled():
            self.refresh()
            return False
        try:
            command.run()
        except StudioError as error:
            self.failed.emit(error)
        self.refresh()
        return True

    def refresh(self) -> None:
        """Brings enabled, checked and text of every action up to date. Cheap; called before every key and menu."""
        for command_id, action in self._actions.items():
            command = self.command(command_id)
            action.setEnabled(command.enabled())
            if command.checked is not None:
                action.setChecked(command.checked())
            if command.label is not None:
                action.setText(command.label())

    def keys(self, command_id: str) -> str:
        """The keys of a command now, as people read them ("Ctrl+Z"); empty for none."""
        listed = self._actions[command_id].shortcuts()
        return QKeySequence.listToString(listed, QKeySequence.SequenceFormat.NativeText).replace("; ", ", ")

    def default_key(self, command_id: str) -> str:
        """The key a command has when the person chose none."""
        return self._offers[command_id][0][0].key

    def set_overrides(self, overrides: Mapping[str, str]) -> None:
        """Puts the keys a person chose (id -> portable text, "" for none) in place of the defaults."""
        self._overrides = dict(overrides)
        self._assign_keys()
        self.changed.emit()

    def _make_action(self, command: Command) -> QAction:
        action = QAction(command.text, self._window)
        action.setObjectName(command.id)
        action.setCheckable(command.checked is not None)
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.triggered.connect(lambda _=False, command_id=command.id: self.run(command_id))
        self._window.addAction(action)
        return action

    def _assign_keys(self) -> None:
        """Gives every key to one action only: with two of them on a key, Qt would run neither."""
        taken: dict[str, str] = {}
        conflicts: list[Conflict] = []
        chosen = [command_id for command_id in self._offers if command_id in self._overrides]
        for command_id in (*chosen, *(other for other in self._offers if other not in self._overrides)):
            text = self._overrides.get(command_id, self.default_key(command_id))
            keys = []
            for key in QKeySequence.listFromString(text):
                name = key.toString()
                if name in taken:
                    conflicts.append(Conflict(name, taken[name], command_id))
                elif name:
                    taken[name] = command_id
                    keys.append(key)
            self._actions[command_id].setShortcuts(keys)
            self._tip(command_id)
        self.conflicts = tuple(conflicts)

    def _tip(self, command_id: str) -> None:
        keys = self.keys(command_id)
        text = self._offers[command_id][0][0].text.rstrip("…")
        self._actions[command_id].setToolTip(f"{text} ({keys})" if keys else text)


def fill_menu_bar(bar: QMenuBar, commands: Commands) -> dict[str, QMenu]:
    """Builds the menus anew from the registry; returns them by path ("View", "View/Panels")."""
    bar.clear()
    menus: dict[str, QMenu] = {}
    groups: dict[str, str] = {}
    order = {name: index for index, name in enumerate(MENUS)}
    listed = [command for command in commands.all() if command.menu]
    for command in sorted(listed, key=lambda c: order.get(c.menu.split("/")[0], len(order))):
        menu = _menu_at(command.menu, bar, menus, commands)
        if groups.get(command.menu, command.group) != command.group:
            menu.addSeparator()
        groups[command.menu] = command.group
        menu.addAction(commands.action(command.id))
    return menus


def _menu_at(path: str, bar: QMenuBar, menus: dict[str, QMenu], commands: Commands) -> QMenu:
    if path not in menus:
        above, _, name = path.rpartition("/")
        menu = _menu_at(above, bar, menus, commands).addMenu(name) if above else bar.addMenu(f"&{name}")
        menu.aboutToShow.connect(commands.refresh)
        menus[path] = menu
    return menus[path]
