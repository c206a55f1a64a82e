"""Playing notes into the studio, as the window has it: the computer's keys, what sounds, and how notes are recorded."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from .commands import Command
from .typing_keys import SOURCE, TypingKeys

if TYPE_CHECKING:
    from .shell import MainWindow

SAID = 1.5
"""Seconds for which the status line tells that a MIDI keyboard is played."""

QUANTISE = (
    ("off", "Off"), ("1/4", "1/4"), ("1/8", "1/8"), ("1/8T", "1/8 triplet"), ("1/16", "1/16"),
    ("1/16T", "1/16 triplet"), ("1/32", "1/32"),
)  # fmt: skip
"""What the beginnings of recorded notes can be drawn to."""

NO_TRACK = "select or arm an instrument track to play it"


class PlayingIn(QObject):
    """Its commands, and what the status line says of it. Main thread."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.keys: TypingKeys | None = None
        self._touched: tuple[str, float] = ("", 0.0)
        self._told: object = None

    def attach(self) -> None:
        """The workspace is there."""
        hands = self._window.workspace.hands
        self.keys = TypingKeys(self._window, hands)
        self.keys.changed.connect(self._window.commands.refresh)
        hands.subscribe(self._hear)

    def commands(self) -> list[Command]:
        """The commands, in the order of their menu."""
        return [
            Command(
                "play.keyboard", "Computer Keyboard Plays Notes", "Ctrl+Alt+K", self.toggle_keys, self._attached,
                "Transport", lambda: self.keys is not None and self.keys.on, group="notes",
            ),
            Command(
                "record.overdub", "Overdub Notes", "", self.toggle_overdub, self._attached, "Transport",
                lambda: bool(self._attached() and self._window.workspace.preferences.overdub), group="notes",
            ),
            *(self._quantise(value, name) for value, name in QUANTISE),
            Command("play.release", "Let Go of All Notes", "", self.release, self._attached, "Transport", group="off"),
        ]  # fmt: skip

    def _quantise(self, value: str, name: str) -> Command:
        return Command(
            f"record.quantise.{value.replace('/', '-')}",
            f"Input Quantise {name}",
            "",
            lambda: self._window.remember(input_quantise=value),
            self._attached,
            "Transport/Input Quantise",
            lambda: self._attached() and self._window.workspace.preferences.input_quantise == value,
        )

    def toggle_keys(self) -> None:
        """Lets the computer's keys play notes, or do again what they did."""
        if self.keys is not None:
            self.keys.switch(not self.keys.on)

    def toggle_overdub(self) -> None:
        """Lets recorded notes join the clips that are there, or become clips of their own."""
        self._window.remember(overdub=not self._window.workspace.preferences.overdub)

    def release(self) -> None:
        """Ends every note, also one that hangs."""
        self._window.workspace.hands.all_off()

    def tick(self) -> None:
        """Keeps the status line in step."""
        state = self._state()
        if state != self._told:
            self._told = state
            self._window.status.show_hands(*self._words(*state))

    def _state(self) -> tuple[Any, ...]:
        keys, session = self.keys, self._window.session
        source, moment = self._touched
        midi = source if source != SOURCE and time.monotonic() - moment < SAID else ""
        on = keys is not None and keys.on
        names = tuple(track.name for track in session.played()) if session is not None and (on or midi) else ()
        return (on, keys.octave, keys.velocity, midi, names) if keys is not None else (False, 0, 0, "", ())

    def _words(self, on: bool, octave: int, velocity: int, midi: str, names: tuple[str, ...]) -> tuple[str, str]:
        if not on and not midi:
            return "", "dim"
        what = midi or "Keys"
        if not names:
            return f"{what}: {NO_TRACK}", "warn"
        track = f"“{names[0]}”" if len(names) == 1 else f"{len(names)} tracks"
        detail = "" if midi else f", C{octave}, velocity {velocity}"
        return f"{what} play{'s' if midi else ''} {track}{detail}", "ok" if midi else "accent"

    def _hear(self, touch: Any) -> None:
        self._touched = (touch.source, time.monotonic())

    def _attached(self) -> bool:
        return self._window.workspace is not None
