"""What was made last, to compare: each is heard at the same loudness, and the best one is used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from ...document.recipes import BOTH, GROOVE, Request
from .. import theme

KEPT = 8
DRUMMERS = {GROOVE: "  groove model", BOTH: "  rules and model"}


@dataclass
class Candidate:
    """A request that was made, where it stood, and its sound once it is rendered."""

    request: Request
    start: int
    genre: str
    sound: Path | None = None

    @property
    def title(self) -> str:
        """What the list says."""
        request = self.request
        drummer = DRUMMERS.get(request.engine, "")
        return f"{self.genre}  {request.bpm:g} BPM  {request.bars} bars  seed {request.seed}{drummer}"


class CandidateList(QWidget):
    """`audition_wanted(candidate)` asks to hear one, or to stop; `use_wanted(candidate)` to put it in the song."""

    audition_wanted = Signal(object)
    use_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.candidates: list[Candidate] = []
        self.list = QListWidget()
        self.list.setAccessibleName("Made last")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMaximumHeight(KEPT * 26 + 8)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.itemActivated.connect(lambda _: self._audition())
        self.list.currentRowChanged.connect(lambda _: self._refresh())
        self.hear = QPushButton("Listen")
        self.hear.setToolTip("Hear it alone, as loud as the others")
        self.hear.clicked.connect(self._audition)
        self.use = QPushButton("Use")
        self.use.setToolTip("Put it in the song in place of what stands there")
        self.use.clicked.connect(self._use)
        self.hint = QLabel("Every Make stands here, to be compared at one loudness.")
        self.hint.setProperty("role", "dim")
        self.hint.setWordWrap(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.PAD)
        buttons.addWidget(self.hear)
        buttons.addWidget(self.use)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.PAD)
        column.addWidget(self.hint)
        column.addWidget(self.list)
        column.addLayout(buttons)
        self._refresh()

    def add(self, candidate: Candidate) -> None:
        """Puts a candidate on top; the oldest one goes."""
        self.candidates = [candidate, *(one for one in self.candidates if one.request != candidate.request)][:KEPT]
        self._fill()

    def clear(self) -> None:
        """Forgets all."""
        self.candidates = []
        self._fill()

    def show_playing(self, candidate: Candidate | None) -> None:
        """Marks the one that is heard."""
        for row, one in enumerate(self.candidates):
            self.list.item(row).setText(f"▶  {one.title}" if one is candidate else one.title)
        self.hear.setText("Stop" if candidate is not None else "Listen")

    @property
    def chosen(self) -> Candidate | None:
        """The one that is selected."""
        row = self.list.currentRow()
        return self.candidates[row] if 0 <= row < len(self.candidates) else None

    def _fill(self) -> None:
        self.list.clear()
        for one in self.candidates:
            self.list.addItem(QListWidgetItem(one.title))
        if self.candidates:
            self.list.setCurrentRow(0)
        self._refresh()

    def _refresh(self) -> None:
        there = bool(self.candidates)
        self.hint.setVisible(not there)
        self.list.setVisible(there)
        for button in (self.hear, self.use):
            button.setVisible(there)
            button.setEnabled(self.chosen is not None)

    def _audition(self) -> None:
        if self.chosen is not None:
            self.audition_wanted.emit(self.chosen)

    def _use(self) -> None:
        if self.chosen is not None:
            self.use_wanted.emit(self.chosen)
