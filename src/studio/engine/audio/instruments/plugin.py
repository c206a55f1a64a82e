"""A VST3 instrument at work, played through pedalboard.

JUCE, which pedalboard is made of, lets plug-ins be made and freed only on the thread that made the first of them, so
one thread of the process does that for all. Playing them, and turning their parameters, is done by whoever owns them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import Any
from weakref import ReferenceType, finalize, ref

import numpy as np

from ....document.instruments import Instrument
from ....document.notes import BEND_RANGE, PRESSURE
from ....errors import StudioError
from ..fades import Floats
from ..score import BEND, CONTROL, OFF, ON, Event, Score
from .plugins import Plugin, catalogue, missing

GRID = 512
"""A plug-in is called for pieces that end at multiples of this, so that it does not matter how a song is asked for."""

LIVE_GRID = 128
SPARES = 1
WARM_SECONDS = 5.0
"""How long a plug-in that is being made may be silent while it loads its sounds."""

QUIET = 10 ** (-90 / 20)
QUIET_SECONDS, TAIL_SECONDS = 1.0, 30.0
"""It has ended when nothing is held and it was this quiet for so long, or nothing happened for the longer time."""

_ALL_OFF = (b"\xb0\x40\x00", b"\xb0\x78\x00", b"\xb0\x7b\x00")
"""Pedal up, all sound off, all notes off."""


class _Workshop:
    """The thread on which plug-ins are made and freed."""

    def __init__(self) -> None:
        self._tasks: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def later(self, task: Callable[[], object]) -> None:
        """Have something done. Any thread; returns at once."""
        self._tasks.put(task)

    def run(self, task: Callable[[], Any]) -> Any:
        """Have something done and wait for what comes of it. Not on the render thread."""
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="plug-ins", daemon=True)
                self._thread.start()
        answer: Future[Any] = Future()

        def attempt() -> None:
            try:
                answer.set_result(task())
            except Exception as error:
                answer.set_exception(error)

        self._tasks.put(attempt)
        return answer.result()

    def _work(self) -> None:
        while True:
            task = self._tasks.get()
            with suppress(Exception):  # a task that nobody waits for: what there is plays on
                task()
            del task


_workshop = _Workshop()


class _Made:
    """A plug-in made, and how its parameters stand."""

    def __init__(self, plugin: Plugin, path: str, rate: int, grid: int) -> None:
        from pedalboard import VST3Plugin

        loaded: Any = VST3Plugin(path, plugin_name=plugin.name, initialization_timeout=WARM_SECONDS)
        self.loaded, self.rate, self.grid, self.channels = loaded, rate, grid, plugin.channels
        self.parameters = dict(loaded.parameters)
        self.usual = {name: float(one.raw_value) for name, one in self.parameters.items()}
        self.values = dict(self.usual)
        self.play([], grid)
        self.latency = max(int(loaded.reported_latency_samples), 0)

    def play(self, messages: list[tuple[bytes, float]], frames: int) -> Floats:
        """float32 (2, frames). Messages come with their times in seconds."""
        out: Floats = self.loaded.process(
            messages, (frames + 0.5) / self.rate, self.rate, self.channels, self.grid, False
        )
        return np.broadcast_to(out, (2, frames)) if self.channels == 1 else out

    def set(self, instrument: Instrument) -> None:
        """Turn the parameters to where an instrument has them; those it does not name to where they were at first."""
        wanted = self.usual | {n: min(max(v, 0.0), 1.0) for n, v in instrument.parameters if n in self.usual}
        for name, value in wanted.items():
            if value != self.values[name]:
                self.parameters[name].raw_value = value
        self.values = wanted


class PluginSynth:
    """Plays a plug-in. See Synth.

    A reset takes one that has been made meanwhile; when resets follow each other faster than that, the one in use goes
    on and what it still sounds is cut off as well as it can be. Latency that a plug-in reports is made up for, but for
    one that is played by hand. Making one takes from milliseconds to seconds; not on the render thread.

    Raises StudioError where the plug-in is not installed or cannot be loaded.
    """

    def __init__(self, rate: int, instrument: Instrument, by_hand: bool = False) -> None:
        found = catalogue.find(instrument.preset)
        if found is None:
            raise StudioError(missing(instrument.preset))
        self.notice = ""
        self._rate, self._instrument, self._by_hand = rate, instrument, by_hand
        self._grid = LIVE_GRID if by_hand else GRID
        self._make = partial(_Made, *found, rate, self._grid)
        self._stock: list[_Made] = [_workshop.run(partial(_made, self._make, instrument.preset))]
        """The one in use and its spares. Nothing else refers to them, so that they are freed where they were made."""
        finalize(self, _workshop.later, self._stock.clear).atexit = False
        self._used = False
        self._held: set[int] = set()
        self._left: Floats = np.zeros((2, 0), np.float32)
        self._pending: list[bytes] = []
        self._at = self._clock = self._told = self._skip = 0
        self._quiet = self._idle = self._long = round(TAIL_SECONDS * rate)
        if not by_hand:
            _workshop.later(partial(_renew, ref(self)))

    @property
    def active(self) -> bool:
        """See Synth."""
        ringing = self._quiet < QUIET_SECONDS * self._rate and self._idle < self._long
        return bool(self._held) or ringing or bool(self._left.any())

    def set(self, instrument: Instrument) -> None:
        """See Synth."""
        if instrument.parameters != self._instrument.parameters:
            self._stock[0].set(instrument)
        self._instrument = instrument

    def reset(self, score: Score, position: int) -> None:
        """See Synth."""
        self._pending = []
        if self._used and len(self._stock) > 1:
            _workshop.later([self._stock.pop(0)].clear)
            _workshop.later(partial(_renew, ref(self)))
            self._used, self.notice = False, ""
        elif self._used:
            self._let_go()
            self._pending += _ALL_OFF
        self._stock[0].set(self._instrument)
        self._held.clear()
        self._pending += [message for event in score.chased(position) for message in _messages(event)]
        self._quiet = self._idle = self._long
        self._jump(position)

    def release(self) -> None:
        """See Synth."""
        self._let_go()
        self._told = -1

    def play(self, score: Score, first: int, last: int) -> Floats:
        """See Synth."""
        self._used = True
        if first != self._at:
            self._jump(first)
        elif self._told < 0:
            self._told = first
        parts = [self._left]
        there = self._left.shape[1]
        while there < last - first:
            until = (self._clock // self._grid + 1) * self._grid
            block = self._piece(score, until)[:, self._skip :]
            self._skip -= min(until - self._clock, self._skip)
            self._clock = until
            parts.append(block)
            there += block.shape[1]
        self._at = last
        whole = np.concatenate(parts, axis=1)
        self._left = whole[:, last - first :]
        return np.ascontiguousarray(whole[:, : last - first])

    def renew(self) -> None:
        """Make spares until there are enough. The plug-ins' own thread."""
        while len(self._stock) <= SPARES:
            self._stock.append(self._make())

    def _jump(self, position: int) -> None:
        """Go on with what sounds, at another song frame."""
        self._left = self._left[:, :0]
        self._at = self._clock = self._told = position
        self._skip = 0 if self._by_hand else self._stock[0].latency

    def _piece(self, score: Score, until: int) -> Floats:
        """float32 (2, frames): what the plug-in plays up to a song frame, with what happens meanwhile."""
        frames = until - self._clock
        happening = [(message, 0) for message in self._pending]
        self._pending = []
        for event in score.between(self._told, until):
            happening += [(message, max(event.frame - self._clock, 0)) for message in _messages(event)]
            if event.kind == ON:
                self._held.add(event.number)
            elif event.kind == OFF:
                self._held.discard(event.number)
        self._told = until
        # Times lie inside their frames, as pedalboard cuts them off, and apart, as it refuses many of one time.
        times = [(message, (at + 0.25 + 1e-6 * n) / self._rate) for n, (message, at) in enumerate(happening)]
        out = self._sound(times, frames)
        self._idle = 0 if happening or self._held else self._idle + frames
        self._quiet = 0 if happening or np.abs(out).max() >= QUIET else self._quiet + frames
        return out

    def _sound(self, messages: list[tuple[bytes, float]], frames: int) -> Floats:
        try:
            out = self._stock[0].play(messages, frames)
            if out.shape[1] == frames and np.isfinite(out).all():
                return out
        except Exception:  # whatever a plug-in does, the song goes on
            self._held.clear()
        self.notice = f"The plug-in “{self._instrument.preset}” failed and is silent: stop and play again."
        return np.zeros((2, frames), np.float32)

    def _let_go(self) -> None:
        self._pending += [bytes((0x80, pitch, 0)) for pitch in sorted(self._held)]
        self._held.clear()


def _made(make: Callable[[], _Made], identity: str) -> _Made:
    try:
        return make()
    except Exception as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise StudioError(f"The plug-in “{identity}” could not be loaded ({reason}); it is silent.") from error


def _renew(owner: ReferenceType[PluginSynth]) -> None:
    synth = owner()
    if synth is not None:
        synth.renew()


def _messages(event: Event) -> list[bytes]:
    """An event as MIDI messages."""
    number, value = event.number & 127, event.value & 127
    if event.kind == ON:
        return [bytes((0x90, number, value))]
    if event.kind == OFF:
        return [bytes((0x80, number, 0))]
    if event.kind == BEND:
        wheel = min(max(event.value + BEND_RANGE, 0), 2 * BEND_RANGE - 1)
        return [bytes((0xE0, wheel & 127, wheel >> 7))]
    if event.kind == CONTROL:
        return [bytes((0xD0, value)) if event.number == PRESSURE else bytes((0xB0, number, value))]
    return [bytes((0xC0, value))]
