"""The controls of practising a song: its key and tempo, the singer of a duet, and going from line to line."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSpinBox, QVBoxLayout, QWidget

from ...document.practice import FASTEST, HIGHEST, LOWEST, SLOWEST, Practice
from ...errors import StudioError
from .. import theme
from ..controls.buttons import Chip
from ..forms import Choice

RESTS = 350
"""Milliseconds after the last turn of a knob after which the song is made ready."""


class KeyBox(QSpinBox):
    """Semitones up or down, with their sign."""

    def textFromValue(self, value: int) -> str:
        return f"{value:+d}".replace("-", "−") if value else "0"

    def valueFromText(self, text: str) -> int:
        return int(text.removeprefix(self.prefix()).replace("−", "-").strip() or 0)


def _spin(box: QSpinBox, name: str, low: int, high: int, value: int, tip: str) -> QSpinBox:
    box.setRange(low, high)
    box.setValue(value)
    box.setPrefix(f"{name} ")
    box.setAccessibleName(f"{name} of the song")
    box.setToolTip(tip)
    return box


class Rehearsal(QWidget):
    """Main thread. `heard_changed()` follows the practice that the song is played in; `said(sentence)` what it is
    waiting for, empty when that is over; `failed(error)` what was refused; `voice_changed(number)` the singer, 1 or 2;
    `next_line()` and `loop_line()` are buttons.
    """

    heard_changed = Signal()
    said = Signal(str)
    failed = Signal(object)
    voice_changed = Signal(int)
    next_line = Signal()
    loop_line = Signal()

    def __init__(self, start: QPushButton, back: QPushButton) -> None:
        super().__init__()
        self._session: Any = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(RESTS)
        self._rest.timeout.connect(self.make_ready)
        self._build()
        self.song_row = _row(self.key, self.tempo, self.voice)
        self.line_row = _row(start, back, self.next, self.loop, self.count_in)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, 0, theme.MARGIN, theme.PAD)
        column.setSpacing(theme.PAD)
        column.addWidget(self.song_row)
        column.addWidget(self.line_row)

    def _build(self) -> None:
        self.key = _spin(KeyBox(), "Key", LOWEST, HIGHEST, 0, "Semitones by which the song is heard and sung higher")
        slow, fast = round(100 * SLOWEST), round(100 * FASTEST)
        self.tempo = _spin(QSpinBox(), "Tempo", slow, fast, 100, "How fast the song goes; its pitch stays")
        self.tempo.setSuffix(" %")
        self.tempo.setSingleStep(5)
        self.voice = Choice("Singer", ((1, "Singer 1"), (2, "Singer 2")))
        self.voice.setMinimumWidth(112)
        self.voice.setMaximumWidth(140)
        self.key.setMaximumWidth(96)
        self.tempo.setMaximumWidth(124)
        self.voice.setToolTip("Which part of the duet you sing")
        self.voice.hide()
        self.next = QPushButton("Next line")
        self.next.setToolTip("Go on to the next line")
        self.loop = Chip("Loop line", "Loop line: sing this line again and again")
        self.count_in = Chip("Clicks", "Clicks: four clicks before a line that you go to")
        for box in (self.key, self.tempo):
            box.valueChanged.connect(lambda _: self._rest.start())
        self.voice.activated.connect(lambda _: self.voice_changed.emit(self.voice.value))
        self.next.clicked.connect(self.next_line)
        self.loop.clicked.connect(lambda _: self.loop_line.emit())

    @property
    def wanted(self) -> Practice:
        """What is chosen."""
        return Practice(self.key.value(), self.tempo.value() / 100)

    @property
    def heard(self) -> Practice:
        """What the song is played in."""
        return self._session.practising.heard if self._session is not None else Practice()

    def use_session(self, session: Any) -> None:
        """Shows the practice of another song, or none."""
        self._rest.stop()
        self._session = session
        self.song_row.setEnabled(session is not None)
        self._show(session.practising.wanted if session is not None else Practice())

    def show_mode(self, mode: str, voices: int) -> None:
        """Shows what a way of singing needs; `voices` of the target can be chosen from."""
        self.song_row.setVisible(mode != "exercise")
        self.line_row.setVisible(mode != "free")
        self.voice.setVisible(voices > 1)
        self.count_in.setVisible(mode != "exercise")
        if voices < 2:
            self.voice.choose(1)

    def make_ready(self) -> None:
        """Has the song played as chosen, once its sounds are stretched."""
        session, wanted = self._session, self.wanted
        if session is None or wanted == session.practising.wanted:
            return
        self.said.emit(f"Getting the song ready: {wanted.words or 'as it is'}…")

        def arrived(error: str) -> None:
            if session is not self._session or wanted != session.practising.wanted:
                return
            if error:
                self.failed.emit(StudioError(error))
                self._show(session.practising.heard)
            self.heard_changed.emit()
            self.said.emit("")

        try:
            session.practise(wanted, arrived)
        except StudioError as error:
            self.said.emit("")
            self._show(session.practising.wanted)
            self.failed.emit(error)

    def _show(self, practice: Practice) -> None:
        for box, value in ((self.key, practice.key), (self.tempo, round(100 * practice.pace))):
            blocked = box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(blocked)


def _row(*widgets: QWidget) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.PAD)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return made
