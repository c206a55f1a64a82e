"""A row for each part: whether it is written, locked, and what can be done with it alone."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QPushButton, QWidget

from ...document.recipes import PARTS
from .. import theme

ACTIONS = (
    ("reroll", "↻", "Re-roll: write it anew; all else stays"),
    ("alike", "≈", "More like this: the same patterns, played another time"),
    ("simpler", "–", "Simpler"),
    ("busier", "+", "Busier"),
)
TITLES = {"effects": "Risers"}


class PartRows(QWidget):
    """`wanted(part, action)` asks for one of ACTIONS, `locked(part, on)` for a lock; `changed()` follows the checks."""

    wanted = Signal(str, str)
    locked = Signal(str, bool)
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.checks: dict[str, QCheckBox] = {}
        self.locks: dict[str, QPushButton] = {}
        self.buttons: dict[tuple[str, str], QPushButton] = {}
        self.counts: dict[str, QLabel] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.GAP)
        grid.setVerticalSpacing(theme.GAP)
        grid.setColumnStretch(0, 1)
        for row, part in enumerate(PARTS):
            self._add(grid, row, part)

    def _add(self, grid: QGridLayout, row: int, part: str) -> None:
        title = TITLES.get(part, part.capitalize())
        check = self.checks[part] = QCheckBox(title)
        check.setChecked(True)
        check.setAccessibleName(f"{title}: write this part")
        check.toggled.connect(lambda _: self.changed.emit())
        count = self.counts[part] = QLabel()
        count.setProperty("role", "dim")
        lock = self.locks[part] = QPushButton("Lock")
        lock.setFixedWidth(52)
        lock.setProperty("narrow", True)
        lock.setCheckable(True)
        lock.setAccessibleName(f"{title}: keep as it is")
        lock.setToolTip("Keep this part as it is when the producer writes again")
        lock.clicked.connect(lambda on, p=part: self.locked.emit(p, on))
        grid.addWidget(check, row, 0)
        grid.addWidget(count, row, 1)
        grid.addWidget(lock, row, 2)
        for n, (action, text, tip) in enumerate(ACTIONS):
            button = self.buttons[part, action] = QPushButton(text)
            button.setAccessibleName(f"{title}: {tip}")
            button.setToolTip(tip)
            if len(text) == 1:
                button.setFixedWidth(28)
                button.setProperty("narrow", True)
            button.clicked.connect(lambda _=False, p=part, a=action: self.wanted.emit(p, a))
            grid.addWidget(button, row, 3 + n)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The parts that are switched on and that the genre has."""
        return tuple(part for part in PARTS if self.checks[part].isChecked() and self.checks[part].isEnabled())

    def choose(self, parts: tuple[str, ...]) -> None:
        """Switches these on and all others off."""
        for part, check in self.checks.items():
            blocked = check.blockSignals(True)
            check.setChecked(part in parts)
            check.blockSignals(blocked)

    def show_genre(self, plays: Mapping[str, bool], name: str) -> None:
        """Offers the parts that a genre has."""
        for part, check in self.checks.items():
            check.setEnabled(plays[part])
            check.setToolTip("" if plays[part] else f"{name} has no {TITLES.get(part, part).lower()}")

    def show_song(self, notes: Mapping[str, int], locked: Mapping[str, bool], may_write: bool) -> None:
        """Shows which parts stand in the song, with how many notes, and which are locked."""
        for part in PARTS:
            there = part in notes
            self.counts[part].setText(str(notes[part]) if there else "")
            self.counts[part].setToolTip(f"{notes[part]} notes in the song" if there else "")
            self.locks[part].setEnabled(there and may_write)
            self.locks[part].setChecked(locked.get(part, False))
            self.locks[part].setText("Locked" if locked.get(part, False) else "Lock")
            for action, *_ in ACTIONS:
                self.buttons[part, action].setEnabled(there and may_write and not locked.get(part, False))
