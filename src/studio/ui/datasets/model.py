"""The items of a draft as a table: what is said of each is edited in place, what was measured stands beside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from ..theme import color

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

COLUMNS = ("Name", "Caption", "Tags", "BPM", "Key", "Length", "Split", "Song", "Checks")
FIELDS = {0: "name", 1: "caption", 2: "tags", 3: "bpm", 4: "key", 6: "split", 7: "song"}
"""What each column changes of an item; the others cannot be edited."""

WIDTHS = (150, 200, 100, 60, 92, 64, 88, 110, 190)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
SHOWN = 10_000
"""So many items are shown; headless there is no such bound."""


class Row(NamedTuple):
    """An item as it is shown: what is said of it, where it goes, and what was measured."""

    id: int
    item: Any
    split: str
    facts: Mapping[str, Any]

    @property
    def doubts(self) -> list[str]:
        """The sentences of its checks."""
        return [str(one["sentence"]) for one in self.facts.get("doubts", ())]


class ItemsModel(QAbstractTableModel):
    """The rows of one draft. `change(ids, changes)` is called with what was typed. Main thread."""

    def __init__(self, change: Callable[[list[int], dict[str, Any]], None]) -> None:
        super().__init__()
        self.rows: Sequence[Row] = ()
        self._change = change

    def show(self, rows: Sequence[Row]) -> None:
        """Shows other rows; where they are those that are there, selection and place stay."""
        if [row.id for row in rows] == [row.id for row in self.rows]:
            self.rows = rows
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(COLUMNS) - 1))
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = int(Role.DisplayRole)) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Role.DisplayRole:
            return COLUMNS[section]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() in FIELDS else flags

    def data(self, index: Index, role: int = int(Role.DisplayRole)) -> Any:
        row, column = self.rows[index.row()], index.column()
        readers: dict[int, Callable[[Row, int], Any]] = {
            Role.DisplayRole: shown,
            Role.EditRole: typed,
            Role.ForegroundRole: tint,
            Role.ToolTipRole: hint,
            Role.AccessibleTextRole: lambda row, column: f"{COLUMNS[column]}: {shown(row, column) or 'nothing'}",
            Role.TextAlignmentRole: lambda _, column: RIGHT if column in {3, 5} else None,
        }
        return readers[role](row, column) if role in readers else None

    def setData(self, index: Index, value: Any, role: int = int(Role.EditRole)) -> bool:
        row, column = self.rows[index.row()], index.column()
        if role != Role.EditRole or column not in FIELDS or value == typed(row, column):
            return False
        self._change([row.id], {FIELDS[column]: read(column, str(value))})
        return True


def tint(row: Row, column: int) -> Any:
    """The colour of a cell's text, None for the usual one."""
    if column == 8:
        return color("warn" if row.doubts else "dim")
    measured = (column == 3 and not row.item.bpm) or (column == 4 and not row.item.key)
    return color("dim") if measured or column in {5, 6, 7} else None


def hint(row: Row, column: int) -> str | None:
    """What is told of a cell; escaped, because Qt would show markup as such."""
    if column == 8 and row.doubts:
        return "<br>".join(escape(sentence) for sentence in row.doubts)
    if column in {3, 4} and row.facts.get(FIELDS[column]):
        return f"Measured: {escape(str(row.facts[FIELDS[column]]))}. Double-click to take or change it."
    return None


def shown(row: Row, column: int) -> str:
    """What a cell shows; what was only measured has a wave before it."""
    item, facts = row.item, row.facts
    match column:
        case 3:
            return f"{item.bpm:g}" if item.bpm else f"~ {facts['bpm']:g}" if facts.get("bpm") else ""
        case 4:
            return item.key or (f"~ {facts['key']}" if facts.get("key") else "")
        case 5:
            return length(item.seconds)
        case 6:
            return row.split
        case 8:
            return "" if not row.facts else "fine" if not row.doubts else row.doubts[0]
    value = getattr(item, FIELDS[column])
    return ", ".join(value) if column == 2 else " ".join(value.split())


def typed(row: Row, column: int) -> str:
    """What the editor of a cell begins with: for tempo and key the measured value is offered."""
    match column:
        case 3:
            bpm = row.item.bpm or row.facts.get("bpm")
            return f"{bpm:g}" if bpm else ""
        case 4:
            return row.item.key or str(row.facts.get("key") or "")
        case 2:
            return ", ".join(row.item.tags)
        case 6:
            return row.split
    return str(getattr(row.item, FIELDS[column], ""))


def read(column: int, text: str) -> Any:
    """What was typed, as an item has it; a tempo that is no number stays as it is and is refused with a reason."""
    if column == 2:
        return [tag for one in text.split(",") if (tag := one.strip())]
    if column == 3:
        try:
            return float(text.replace(",", ".")) if text.strip() else None
        except ValueError:
            return text
    return text


def length(seconds: float) -> str:
    """Seconds as a reader counts them; nothing for what has no length."""
    if not seconds:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}" if minutes else f"{seconds:.1f} s"
