"""The sounds of a SoundFont as a list to choose from: by bank and program, found by typing."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QListView, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from ...document.general_midi import KITS, PROGRAMS
from ...document.instruments import DRUM_BANK, Instrument
from .. import theme

Listed = Sequence[tuple[int, int, str]]
"""Bank, program and name of each sound."""

WIDE = 216

GENERAL_MIDI: Listed = (
    *((0, program, name) for program, name in enumerate(PROGRAMS)),
    *((DRUM_BANK, program, name) for program, name in KITS.items()),
)
"""What is listed until the font has been read, or where there is none."""


class SoundList(QWidget):
    """Sounds in columns, and a line to search them. Main thread. `chosen(Instrument)` when another one is chosen."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sounds: list[tuple[int, int, str]] = []
        self._instrument = Instrument()
        self._editable = True
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search the sounds: name, or bank and program")
        self.search.setAccessibleName("Search the sounds")
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(2 * WIDE)
        self.search.textChanged.connect(self._filter)
        self.notice = QLabel("")
        self.notice.setProperty("role", "dim")
        self.notice.setWordWrap(True)
        self.notice.hide()
        self.list = QListWidget()
        self.list.setAccessibleName("Sounds")
        self.list.setFlow(QListView.Flow.TopToBottom)
        self.list.setWrapping(True)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setUniformItemSizes(True)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentItemChanged.connect(self._choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.PAD)
        column.addWidget(self.search)
        column.addWidget(self.notice)
        column.addWidget(self.list, 1)
        self.show_sounds(GENERAL_MIDI)

    def show_sounds(self, sounds: Listed, notice: str = "") -> None:
        """Lists these sounds; `notice` says why they are not those of a font."""
        self.notice.setText(notice)
        self.notice.setVisible(bool(notice))
        if sorted(sounds) == self._sounds:
            return
        self._sounds = sorted(sounds)
        blocked = self.list.blockSignals(True)
        self.list.clear()
        for bank, program, name in self._sounds:
            where = "Kit" if bank == DRUM_BANK else f"{bank}"
            item = QListWidgetItem(f"{where}:{program + 1:<4} {name}")
            item.setData(Qt.ItemDataRole.UserRole, (bank, program, name))
            item.setSizeHint(QSize(WIDE, theme.HIT + 2))
            item.setToolTip(f"{name} (bank {bank}, program {program + 1})")
            self.list.addItem(item)
        self.list.blockSignals(blocked)
        self._filter()

    def show_instrument(self, instrument: Instrument, editable: bool) -> None:
        """Shows which sound is chosen."""
        self._instrument, self._editable = instrument, editable
        self.list.setEnabled(editable)
        self._mark()

    def _mark(self) -> None:
        blocked = self.list.blockSignals(True)
        found = -1
        for n in range(self.list.count()):
            bank, program, _ = self.list.item(n).data(Qt.ItemDataRole.UserRole)
            if (bank, program) == (self._instrument.bank, self._instrument.program):
                found = n
        self.list.setCurrentRow(found)
        self.list.blockSignals(blocked)
        if found >= 0:
            self.list.scrollToItem(self.list.item(found))

    def _filter(self) -> None:
        words = self.search.text().casefold().split()
        for n in range(self.list.count()):
            item = self.list.item(n)
            text = item.text().casefold()
            item.setHidden(not all(word in text for word in words))
        self._mark()

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        bank, program, name = item.data(Qt.ItemDataRole.UserRole)
        if self._editable and (bank, program) != (self._instrument.bank, self._instrument.program):
            made = replace(self._instrument, preset=name, program=program, bank=bank, parameters=())
            self.chosen.emit(made)
