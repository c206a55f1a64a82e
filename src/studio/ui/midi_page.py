"""The MIDI page of the preferences: which ports are listened to, what they say, and how notes are recorded."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from . import theme
from .forms import Choice, add_row, centred, form, page, push, set_role, text
from .playing_in import QUANTISE
from .readouts import Lamp

if TYPE_CHECKING:
    from .shell import MainWindow

LOOK_MS = 100
LIT = 0.3
"""Seconds for which a light stays on after a port said something."""
ABOUT_KEYS = (
    "The computer's keyboard plays too: switch it on with {key}. A W S E D F T G Y H U J K O L P are the keys of a "
    "piano from C, Z and X change the octave, C and V the velocity."
)


class MidiPage(QWidget):
    """Ports with a check box and a light each. Main thread; it follows what is plugged in and out while it is shown."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window, self._midi = window, window.workspace.midi
        made, column = page("MIDI")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(made)
        self.problem = text("", "dim")
        column.addWidget(self.problem)
        self._ports = QVBoxLayout()
        self._ports.setSpacing(theme.GAP)
        column.addLayout(self._ports)
        self.boxes: dict[str, QCheckBox] = {}
        self._lamps: dict[str, Lamp] = {}
        self._shown: object = None
        row = QHBoxLayout()
        row.addWidget(push("Look Again", self._midi.look))
        row.addStretch(1)
        column.addLayout(row)
        rows = form()
        self.quantise = Choice("Input quantise", QUANTISE)
        self.quantise.choose(window.workspace.preferences.input_quantise)
        self.quantise.currentIndexChanged.connect(lambda: window.remember(input_quantise=self.quantise.value))
        add_row(rows, "Input quantise", self.quantise)
        self.overdub = QCheckBox("Notes join the clip that is there, round for round of a loop")
        self.overdub.setChecked(window.workspace.preferences.overdub)
        self.overdub.toggled.connect(lambda on: window.remember(overdub=on))
        add_row(rows, "Overdub", centred(self.overdub))
        column.addLayout(rows)
        key = window.commands.keys("play.keyboard") or "its command in the Transport menu"
        column.addWidget(text(ABOUT_KEYS.format(key=key), "dim"))
        column.addStretch(1)
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        self.look()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def look(self) -> None:
        """Shows the ports as they are now, and what they say."""
        state = (self._midi.ports, self._midi.problem)
        if state != self._shown:
            self._shown = state
            self._list()
        now = time.perf_counter()
        for name, lamp in self._lamps.items():
            lamp.set_color("ok" if now - self._midi.heard.get(name, -LIT) < LIT else "faint")

    def _list(self) -> None:
        while self._ports.count():
            self._ports.takeAt(0).widget().deleteLater()
        self.boxes, self._lamps = {}, {}
        for port in self._midi.ports:
            self._ports.addWidget(self._line(port.name, port.error))
        set_role(self.problem, "" if not self._midi.problem else "dim")
        self.problem.setText(self._midi.problem or "Notes are played in from:")

    def _line(self, name: str, error: str) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        box = self.boxes[name] = QCheckBox(name)
        box.setChecked(name not in self._window.workspace.preferences.midi_off)
        box.toggled.connect(lambda on: self._window.workspace.use_midi_port(name, on))
        self._lamps[name] = Lamp()
        row.addWidget(box)
        row.addWidget(self._lamps[name])
        if error:
            why = QLabel(error)
            why.setProperty("role", "error")
            why.setWordWrap(True)
            row.addWidget(why, 1)
        row.addStretch(0 if error else 1)
        return line
