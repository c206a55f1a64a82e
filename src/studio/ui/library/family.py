"""What a result came from and what came from it, as a small tree one can walk through."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QBrush, QIcon
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from ...actions.stories import title_of
from ...storage.library.records import Generation
from ..icons import pixmap
from ..theme import color
from .wording import day

KEY = Qt.ItemDataRole.UserRole
DECIDED = {"approved": ("check", "ok"), "rejected": ("close", "rec_text")}


class Family(QTreeWidget):
    """The tree. Main thread. `asked(generation)`: another one was clicked, or Enter pressed on it."""

    asked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Family")
        self.setHeaderLabels(["Result", "Made"])
        self.setIndentation(16)
        self.setAllColumnsShowFocus(True)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.itemClicked.connect(self._ask)
        self.itemActivated.connect(self._ask)

    def show_family(self, family: Sequence[Generation], here: int) -> None:
        """Shows these, each under its parent, with one of them chosen."""
        self._here = here
        self.clear()
        items: dict[int, QTreeWidgetItem] = {}
        for one in family:
            item = QTreeWidgetItem([title_of(one), day(one.made)])
            item.setData(0, KEY, one.id)
            item.setToolTip(0, f"{title_of(one)}\n{one.model}, {one.task}")
            if one.approval in DECIDED:
                name, ink = DECIDED[one.approval]
                item.setIcon(0, QIcon(pixmap(name, 16, self.devicePixelRatioF(), ink)))
            if one.trashed:
                item.setText(1, "in the trash")
                item.setForeground(0, QBrush(color("dim")))
            items[one.id] = item
            above = items.get(one.parent) if one.parent is not None else None
            above.addChild(item) if above is not None else self.addTopLevelItem(item)
        self.expandAll()
        if here in items:
            face = self.font()
            face.setBold(True)
            items[here].setFont(0, face)
            self.setCurrentItem(items[here])

    def _ask(self, item: QTreeWidgetItem) -> None:
        key = int(item.data(0, KEY))
        if key != self._here:
            self.asked.emit(key)
