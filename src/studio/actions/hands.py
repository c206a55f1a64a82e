"""Everything that plays notes into the studio: MIDI ports, the computer's keyboard, whatever else has keys."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from ..engine.audio.midiwire import DEFAULTS, FIRST_MODE, NOTES_OFF, LiveEvent, Wire
from ..engine.audio.player import Player
from ..engine.audio.score import BEND, CONTROL, OFF, ON

WAITING = 8192
"""Events that are kept for the main thread. More than that, and it has stood still for seconds."""

PEDALS = (64, 66, 69)
PRESSURE = 128


class Touch(NamedTuple):
    """What was played at a `moment` of time.perf_counter(), by what: see `score.Event` for kind, number and value."""

    moment: float
    source: str
    kind: int
    number: int
    value: int


class Hands:
    """Passes on what is played: at once to the player, and at the next `poll` to whoever listens.

    It knows which keys are held on what, so that a source that goes leaves no note behind, and a key that two sources
    hold ends with the second. Any thread, but for `subscribe` and `poll`, which are the main thread's.
    """

    def __init__(self, player: Callable[[], Player]) -> None:
        self._player = player
        self._turn = threading.Lock()
        self._wires: dict[str, Wire] = {}
        self._held: dict[tuple[str, int, int], None] = {}
        self._moved: dict[tuple[str, int, int], None] = {}
        self._waiting: deque[Touch] = deque(maxlen=WAITING)
        self._listeners: list[Callable[[Touch], None]] = []

    def midi(self, moment: float, port: str, message: bytes) -> None:
        """A MIDI port said something."""
        with self._turn:
            event = self._wires.setdefault(port, Wire()).read(message)
            if event is not None:
                self._take(moment, port, event)

    def press(self, source: str, pitch: int, velocity: int) -> None:
        """A key went down."""
        with self._turn:
            self._take(time.perf_counter(), source, LiveEvent(ON, pitch, velocity))

    def let_go(self, source: str, pitch: int) -> None:
        """A key came up."""
        with self._turn:
            self._take(time.perf_counter(), source, LiveEvent(OFF, pitch, 0))

    def gone(self, source: str) -> int:
        """A source is no longer there: what is held on it is let go, pedals and wheels come back to rest.

        Returns how many keys were held.
        """
        with self._turn:
            held = sum(key[0] == source for key in self._held)
            self._rest(time.perf_counter(), lambda held: held[0] == source)
            self._wires.pop(source, None)
        return held

    def all_off(self) -> None:
        """Lets everything go, whatever holds it."""
        with self._turn:
            self._rest(time.perf_counter(), lambda _: True)
            for pitch in range(128):
                self._player().tell(OFF, pitch, 0)
            for pedal in PEDALS:
                self._player().tell(CONTROL, pedal, 0)

    @property
    def held(self) -> frozenset[int]:
        """The pitches that are held."""
        with self._turn:
            return frozenset(pitch for _, _, pitch in self._held)

    def subscribe(self, listener: Callable[[Touch], None]) -> Callable[[], None]:
        """Calls `listener` with each touch when `poll` is called; the returned function ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def poll(self) -> None:
        """Tells the listeners what was played since the last call."""
        while self._waiting:
            touch = self._waiting.popleft()
            for listener in tuple(self._listeners):
                listener(touch)

    def _take(self, moment: float, source: str, event: LiveEvent) -> None:
        kind, number, value, channel = event
        key = (source, channel, number)
        if kind == ON:
            self._held[key] = None
        elif kind == OFF:
            if key not in self._held:
                return
            del self._held[key]
            if any(pitch == number for _, _, pitch in self._held):
                return
        elif kind == CONTROL and number in range(FIRST_MODE, PRESSURE):
            here = (source, channel)
            self._rest(moment, lambda held: held[:2] == here, number != DEFAULTS, number != NOTES_OFF)
            return
        elif kind in (CONTROL, BEND):
            self._remember(source, channel, PRESSURE + 1 if kind == BEND else number, value)
        self._pass_on(Touch(moment, source, kind, number, value))

    def _remember(self, source: str, channel: int, number: int, value: int) -> None:
        """Notes which pedals, wheels and pressures are not at rest."""
        if number in PEDALS or number in (1, PRESSURE, PRESSURE + 1):
            if value:
                self._moved[source, channel, number] = None
            else:
                self._moved.pop((source, channel, number), None)

    def _rest(
        self, moment: float, chosen: Callable[[tuple[str, int, int]], bool], keys: bool = True, wheels: bool = True
    ) -> None:
        for key in [held for held in self._held if chosen(held)] if keys else ():
            self._take(moment, key[0], LiveEvent(OFF, key[2], 0, key[1]))
        for source, channel, number in [moved for moved in self._moved if wheels and chosen(moved)]:
            bend = number > PRESSURE
            self._take(moment, source, LiveEvent(BEND if bend else CONTROL, 0 if bend else number, 0, channel))

    def _pass_on(self, touch: Touch) -> None:
        self._player().tell(touch.kind, touch.number, touch.value)
        self._waiting.append(touch)
