"""Two to four sounds heard in turn at one loudness, in step, each a key away: a window beside the library."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QProgressBar, QPushButton, QWidget

from ...engine.jobs import Work
from ...errors import StudioError
from ...storage.library.library import Library
from ...storage.library.records import Approval, Asset
from .. import theme
from ..forms import button_row, dialog_frame, push, text
from .preview import Preview
from .wording import called, duration

TICK_MS = 60


class Level(msgspec.Struct, frozen=True):
    """A sound to be compared: how loud it is in LUFS, None where it is silent, what it is called, and
    whether a model made it."""

    asset: Asset
    name: str
    loudness: float | None
    made: bool = False


class Comparer(Protocol):
    """What plays, and looks up beside the window: the workspace."""

    @property
    def neural(self) -> Any:
        """Has things looked up."""

    def compare(self, paths: Sequence[Path], gains: Sequence[float]) -> Any:
        """Plays files in step; what is returned says which of them is heard."""

    def stop_preview(self) -> None:
        """Stops it."""


def levels_of(library: Library, assets: Sequence[Asset]) -> list[Level]:
    """How loud each is: as its checks measured it, else measured here, which takes a while. Worker threads."""
    from ...actions.loudness import loudness_of

    made, marks = library.generations_of([one.id for one in assets]), library.marks_of([one.id for one in assets])
    found = []
    for one in assets:
        checks = made[one.id].checks if one.id in made else None
        told = checks.get("loudness") if isinstance(checks, dict) else None
        loudness = told if told is not None else loudness_of(one.path, Work(lambda *_: None, threading.Event()))
        found.append(Level(one, called(one, marks.get(one.id)), loudness, one.id in marks))
    return found


class Comparing(QDialog):
    """The window. Main thread. Keys 1 to 4 switch, Space plays and stops. `decided(asset, approval)`: one was approved
    or rejected here."""

    failed = Signal(object)
    decided = Signal(int, str)

    def __init__(self, player: Comparer, library: Library, preview: Preview, parent: QWidget) -> None:
        super().__init__(parent)
        self._player, self._library, self._preview = player, library, preview
        self._levels: list[Level] = []
        self._gains: list[float] = []
        self._heard: Any = None
        self.chosen = 0
        column = dialog_frame(self, "Compare", 460)
        column.addWidget(text("All at the loudness of the softest. Keys 1 to 4 switch while they play.", "dim"))
        self.rows = QWidget()
        self._choices: list[QPushButton] = []
        self._said: list[QLabel] = []
        column.addWidget(self.rows)
        self.place = QProgressBar()
        self.place.setTextVisible(False)
        self.place.setFixedHeight(6)
        self.place.setRange(0, 1000)
        self.place.setAccessibleName("How far it has played")
        column.addWidget(self.place)
        self.play = push("Play", self.toggle, primary=True)
        self.approve = push("Approve this one", lambda: self._decide("approved"))
        self.refuse = push("Reject this one", lambda: self._decide("rejected"))
        column.addLayout(button_row(self.approve, self.refuse, self.play))
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._show_place)
        preview.changed.connect(self._preview_began)

    def compare(self, assets: Sequence[Asset]) -> None:
        """Takes these in, and plays the first as soon as their loudness is known."""
        self.stop()
        self.show()
        self.raise_()
        self.play.setText("Measuring…")
        self.play.setEnabled(False)
        chosen = list(assets)
        self._player.neural.look_up(lambda: levels_of(self._library, chosen), self._begin)

    def _begin(self, levels: list[Level], error: StudioError | None) -> None:
        """Shows what was measured; a sound that cannot be read ends it with a sentence."""
        self.play.setEnabled(True)
        self.play.setFocus()  # so that Space stops and plays, and decides nothing
        if error is not None:
            self.close()
            self.failed.emit(error)
            return
        from ...actions.curating import equal_gains

        self._levels, self._gains = levels, equal_gains([one.loudness for one in levels])
        fresh = QWidget()
        rows = QGridLayout(fresh)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(theme.PAD)
        rows.setColumnStretch(0, 1)
        self._choices, self._said = [], []
        for number, (level, gain) in enumerate(zip(levels, self._gains, strict=True)):
            button = QPushButton(f"{number + 1}   {level.name}")
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.setStyleSheet("text-align: left; padding-left: 12px;")
            button.clicked.connect(lambda _=False, n=number: self.choose(n))
            said = text(gain_said(level, gain), "dim", wrap=False)
            button.setAccessibleName(f"{level.name}, {gain_said(level, gain)}")
            rows.addWidget(button, number, 0)
            rows.addWidget(said, number, 1)
            self._choices.append(button)
            self._said.append(said)
        self.layout().replaceWidget(self.rows, fresh)
        self.rows.deleteLater()
        self.rows = fresh
        self.choose(0)
        self.start()

    # -- playing -------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Plays from the beginning."""
        if not self._levels:
            return
        self._preview.stop()
        try:
            gains = [10 ** (gain / 20) for gain in self._gains]
            self._heard = self._player.compare([one.asset.path for one in self._levels], gains)
        except StudioError as error:
            self.failed.emit(error)
            return
        self._heard.choose(self.chosen)
        self._timer.start()
        self.play.setText("Stop")

    def stop(self) -> None:
        """Ends it; nothing happens when nothing plays."""
        self._timer.stop()
        self.play.setText("Play")
        self.place.setValue(0)
        if self._heard is not None:
            self._heard = None
            self._player.stop_preview()

    def toggle(self) -> None:
        """Plays, or stops."""
        self.start() if self._heard is None else self.stop()

    def choose(self, number: int) -> None:
        """Has another one heard, where the other was."""
        if not 0 <= number < len(self._levels):
            return
        self.chosen = number
        for n, button in enumerate(self._choices):
            button.setChecked(n == number)
        for button in (self.approve, self.refuse):
            button.setEnabled(self._levels[number].made)
        if self._heard is not None:
            self._heard.choose(number)

    def _preview_began(self) -> None:
        """Something else is listened to: it has taken the place of this."""
        if self._preview.path is not None and self._heard is not None:
            self._heard = None
            self.stop()

    def _show_place(self) -> None:
        if self._heard is None:
            return
        if self._heard.over:
            sentence = self._heard.error or "None of these can be heard."
            self.stop()
            self.failed.emit(StudioError(sentence))
            return
        longest = max((one.asset.seconds for one in self._levels), default=0.0)
        length = self._heard.length or round(longest * self._heard.rate)
        if length:
            self.place.setValue(round(1000 * (self._heard.played % length) / length))

    def _decide(self, approval: Approval) -> None:
        if self._levels:
            level, gain = self._levels[self.chosen], self._gains[self.chosen]
            self._said[self.chosen].setText(f"{gain_said(level, gain)} · {approval}")
            self.decided.emit(level.asset.id, approval)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        number = event.key() - Qt.Key.Key_1
        if 0 <= number < len(self._levels):
            self.choose(number)
        elif event.key() == Qt.Key.Key_Space:
            self.toggle()
        else:
            super().keyPressEvent(event)

    def reject(self) -> None:
        """What Escape and the window's frame do."""
        self.stop()
        super().reject()


def gain_said(level: Level, gain: float) -> str:
    """How long and how loud a sound is, and by how much it is turned down."""
    length = duration(level.asset.seconds)
    if level.loudness is None:
        return f"{length} · silent"
    return f"{length} · {level.loudness:.1f} LUFS · {'as it is' if abs(gain) < 0.05 else f'{gain:.1f} dB'}"
