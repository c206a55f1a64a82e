"""The phrases of a take, the worst first, each with its notes: what keyboard and screen reader go through."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem

from ...actions.results import Result
from ...engine.voice.grading import GradedNote, Tolerance
from ...engine.voice.phrases import Phrase
from .. import theme
from .wording import note_words, phrase_words

LINE, NOTE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
GOOD, FAIR = 85.0, 60.0
"""Scores from which on a phrase is good, or fair."""


class PhraseTree(QTreeWidget):
    """Main thread. `line_chosen(line)` and `note_chosen(number)` follow the cursor, `heard()` a click or Enter."""

    line_chosen = Signal(int)
    note_chosen = Signal(int)
    heard = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Phrases, the worst first")
        self.setColumnCount(2)
        self.setHeaderLabels(["Phrase", "Score"])
        self.header().setSectionsClickable(False)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setIndentation(14)
        self.setMinimumWidth(160)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.currentItemChanged.connect(lambda now, _: self._moved(now))
        self.itemClicked.connect(lambda *_: self.heard.emit())
        self.itemActivated.connect(lambda *_: self.heard.emit())
        self._items: dict[int, QTreeWidgetItem] = {}
        self._notes: dict[int, QTreeWidgetItem] = {}

    def sizeHint(self) -> QSize:
        return QSize(300, 200)

    def show_result(self, result: Result | None) -> None:
        """Lists the phrases of a take. Emits nothing."""
        blocked = self.blockSignals(True)
        line = self.line
        self.clear()
        self._items, self._notes = {}, {}
        if result is not None:
            judged = result.coached.judged
            notes: dict[int, list[tuple[int, GradedNote]]] = {}
            for number, note in enumerate(judged.graded.notes):
                notes.setdefault(note.line, []).append((number, note))
            rows = [
                self._row(phrase, notes.get(phrase.number, []), result.tolerance, result.start)
                for phrase in sorted(judged.phrases, key=lambda one: one.score)
            ]
            self.addTopLevelItems(rows)
        if line in self._items:
            self.setCurrentItem(self._items[line])
        self.blockSignals(blocked)

    def _row(
        self, phrase: Phrase, notes: Sequence[tuple[int, GradedNote]], tolerance: Tolerance, offset: float
    ) -> QTreeWidgetItem:
        item = QTreeWidgetItem([phrase_words(phrase, offset), f"{phrase.score:.0f}"])
        item.setData(0, LINE, phrase.number)
        item.setData(0, NOTE, -1)
        tint = "ok" if phrase.score >= GOOD else "warn" if phrase.score >= FAIR else "rec_text"
        item.setForeground(1, QBrush(theme.color(tint)))
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if phrase.worst:
            item.setToolTip(0, phrase.worst)
        said = f"{phrase_words(phrase, offset)}, {phrase.score:.0f} of 100"
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{said}, {phrase.worst}" if phrase.worst else said)
        self._items[phrase.number] = item
        for number, note in notes:
            self._notes[number] = _note_item(item, number, note, tolerance)
        return item

    @property
    def line(self) -> int:
        """The phrase under the cursor, -1 for none."""
        item = self.currentItem()
        return int(item.data(0, LINE)) if item is not None else -1

    @property
    def note(self) -> int:
        """The number of the note under the cursor, -1 where it stands on a phrase."""
        item = self.currentItem()
        return int(item.data(0, NOTE)) if item is not None else -1

    def choose_line(self, line: int) -> None:
        """Puts the cursor on a phrase."""
        if line in self._items:
            self.setCurrentItem(self._items[line])

    def choose_note(self, number: int) -> None:
        """Puts the cursor on a note."""
        if number in self._notes:
            self.setCurrentItem(self._notes[number])

    def choose_worst(self) -> None:
        """Puts the cursor on the first phrase, if there is one."""
        if self.topLevelItemCount():
            self.setCurrentItem(self.topLevelItem(0))

    def _moved(self, item: QTreeWidgetItem | None) -> None:
        if item is None:
            return
        if item.data(0, NOTE) >= 0:
            self.note_chosen.emit(int(item.data(0, NOTE)))
        else:
            self.line_chosen.emit(int(item.data(0, LINE)))


def _note_item(above: QTreeWidgetItem, number: int, note: GradedNote, tolerance: Tolerance) -> QTreeWidgetItem:
    item = QTreeWidgetItem(above, [note_words(note), ""])
    item.setData(0, LINE, note.line)
    item.setData(0, NOTE, number)
    item.setFirstColumnSpanned(True)
    off = None if note.cents is None else abs(note.cents)
    tint = "rec_text" if off is None or off > tolerance.close else "text" if off > tolerance.in_tune else "dim"
    item.setForeground(0, QBrush(theme.color(tint if note.target.kind != "freestyle" else "dim")))
    return item
