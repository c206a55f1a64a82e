"""The keys page of the preferences: every command with its keys, to be changed, searched and set back."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from . import theme
from .commands import Commands
from .forms import button_row, page, push, set_role, text

ID = int(Qt.ItemDataRole.UserRole)
_MODIFIERS = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)


class KeysPage(QWidget):
    """Edits the overrides of `Commands`; `overrides` are what differs from the defaults. Main thread.

    `changed` is called with the new overrides after every change.
    """

    def __init__(self, commands: Commands, overrides: dict[str, str], changed) -> None:  # type: ignore[no-untyped-def]
        super().__init__()
        self._commands, self._changed = commands, changed
        self.overrides = dict(overrides)
        self._listening = ""
        made, column = page("Keys")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(made)
        self.search = QLineEdit(placeholderText="Search commands and keys", clearButtonEnabled=True)
        self.search.setAccessibleName("Search commands and keys")
        self.search.textChanged.connect(self._filter)
        column.addWidget(self.search)
        self.table = QTableWidget(0, 2)
        self.table.setAccessibleName("Commands and their keys")
        self.table.setHorizontalHeaderLabels(["Command", "Keys"])
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.setColumnWidth(1, 190)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(30)
        self.table.setShowGrid(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.itemDoubleClicked.connect(lambda _: self.listen())
        self.table.itemSelectionChanged.connect(self._stop_listening)
        self.table.installEventFilter(self)
        column.addWidget(self.table, 1)
        self.hint = text("", "dim")
        self.hint.setMinimumHeight(34)
        column.addWidget(self.hint)
        self.change: QPushButton = push("Change key", self.listen)
        self.clear = push("No key", lambda: self.assign(self._current(), ""))
        self.reset = push("Default", self._reset)
        self.reset_all = push("All defaults", self._reset_all)
        column.addLayout(button_row(self.reset_all, self.reset, self.clear, self.change))
        self._fill()
        self._say()

    def listen(self) -> None:
        """Takes the next key pressed as the key of the selected command."""
        self._listening = self._current()
        if self._listening:
            self.table.setFocus()
            set_role(self.hint, "")
            self.hint.setText("Press the new key; Escape leaves it as it is.")

    def assign(self, command_id: str, keys: str) -> None:
        """Gives a command other keys (portable text, empty for none); a command that had them loses them."""
        if not command_id:
            return
        losers = [self._commands.command(other).text for other in self._holders(keys) if other != command_id]
        for other in self._holders(keys):
            if other != command_id:
                self.overrides[other] = self._without(other, keys)
        self.overrides[command_id] = keys
        self._put_in_force()
        if losers:
            self._say(f"“{losers[0].rstrip('…')}” had this key and is without it now.", "error")

    def _holders(self, keys: str) -> list[str]:
        wanted = {key.toString() for key in QKeySequence.listFromString(keys)} - {""}
        return [
            command.id
            for command in self._commands.all()
            if wanted & {key.toString() for key in self._commands.action(command.id).shortcuts()}
        ]

    def _without(self, command_id: str, keys: str) -> str:
        gone = {key.toString() for key in QKeySequence.listFromString(keys)}
        left = [key for key in self._commands.action(command_id).shortcuts() if key.toString() not in gone]
        return QKeySequence.listToString(left)

    def _put_in_force(self) -> None:
        self.overrides = {
            command_id: keys
            for command_id, keys in self.overrides.items()
            if command_id not in self._known() or keys != self._commands.default_key(command_id)
        }
        self._commands.set_overrides(self.overrides)
        self._changed(self.overrides)
        self._fill()
        self._say()

    def _known(self) -> set[str]:
        return {command.id for command in self._commands.all()}

    def _reset(self) -> None:
        if self._current():
            self.overrides.pop(self._current(), None)
            self._put_in_force()

    def _reset_all(self) -> None:
        self.overrides = {}
        self._put_in_force()

    def _fill(self) -> None:
        chosen = self._current()
        listed = self._commands.all()
        self.table.setRowCount(len(listed))
        for row, command in enumerate(listed):
            menu = command.menu.split("/")[0]
            name = QTableWidgetItem(f"{menu}: {command.text}".rstrip("…") if menu else command.text.rstrip("…"))
            name.setData(ID, command.id)
            keys = QTableWidgetItem(self._commands.keys(command.id))
            keys.setFont(theme.font(theme.SMALL, mono=True))
            if command.id in self.overrides:
                keys.setForeground(theme.color("accent"))
                keys.setToolTip(f"Default: {self._commands.default_key(command.id) or 'none'}")
            self.table.setItem(row, 0, name)
            self.table.setItem(row, 1, keys)
            if command.id == chosen:
                self.table.selectRow(row)
        self._filter(self.search.text())

    def _filter(self, query: str) -> None:
        wanted = query.casefold().strip()
        for row in range(self.table.rowCount()):
            words = " ".join(item.text() for n in (0, 1) if (item := self.table.item(row, n)) is not None)
            self.table.setRowHidden(row, wanted not in words.casefold())

    def _current(self) -> str:
        item = self.table.item(self.table.currentRow(), 0)
        return str(item.data(ID)) if item is not None else ""

    def _stop_listening(self) -> None:
        if self._listening:
            self._listening = ""
            self._say()

    def _say(self, words: str = "", role: str = "dim") -> None:
        conflicts = self._commands.conflicts
        if not words and conflicts:
            first = conflicts[0]
            loser, winner = (self._commands.command(i).text.rstrip("…") for i in (first.loser, first.winner))
            words, role = f"{first.key} is wanted by “{loser}” too; “{winner}” has it.", "error"
        set_role(self.hint, role)
        self.hint.setText(words or "Double-click a command to change its key. Changed keys are amber.")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if not isinstance(event, QKeyEvent) or not self._listening:
            return False
        if kind == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if kind == QEvent.Type.KeyPress and event.key() not in _MODIFIERS:
            command_id, self._listening = self._listening, ""
            if event.key() == Qt.Key.Key_Escape:
                self._say()
            else:
                self.assign(command_id, QKeySequence(event.keyCombination()).toString())
            return True
        return False
