"""The synthesiser: voices of a patch, played from a score."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable

import numpy as np

from ....document.instruments import Instrument
from ....document.notes import BEND_RANGE, PRESSURE
from ..fades import Floats
from ..score import BEND, CONTROL, OFF, ON, Event, Score
from .presets import values_of
from .voices import AGE, FADE, GAIN, HELD, KEY, LEVEL, RELEASED, STEAL_SECONDS, STEP, Patch, Voices

GRID = 2048
"""A song is computed in pieces that end at multiples of this and at events, so that it does not matter how it is asked
for."""

MAX_VOICES = 32
WHEEL, VOLUME, PAN, EXPRESSION, PEDAL = 1, 7, 10, 11, 64
SOUND_OFF, DEFAULTS, NOTES_OFF = 120, 121, 123
_GAINS = frozenset((VOLUME, PAN, EXPRESSION, DEFAULTS))
_START = {WHEEL: 0, VOLUME: 100, PAN: 64, EXPRESSION: 127, PEDAL: 0}


def foresee(rate: int, instrument: Instrument, pitches: Iterable[int]) -> None:
    """Makes the tables for these pitches, so that they do not take their time when they sound. Not on the render
    thread."""
    Patch(values_of(instrument), rate).prime(pitches)


class PolySynth:
    """Plays a patch of waves and FM with up to 32 voices. See Synth.

    Other parameters hold from the next note on; what sounds ends with those it began with. It computes up to `grid`
    frames ahead of what it was asked for.
    """

    notice = ""

    def __init__(self, rate: int, instrument: Instrument, grid: int = GRID) -> None:
        self._rate, self._grid = rate, grid
        self._groups: list[Voices] = []
        self._values: dict[str, float] = {}
        self._left: Floats = np.zeros((2, 0), np.float32)
        self._at = self._told = 0
        self._clear()
        self.set(instrument)
        self._groups[-1].patch.prime(range(36, 85, 6))

    @property
    def active(self) -> bool:
        """See Synth."""
        return any(len(group.rows) for group in self._groups) or bool(self._left.any())

    def set(self, instrument: Instrument) -> None:
        """See Synth."""
        values = values_of(instrument)
        if values == self._values:
            return
        self._values = values
        for group in self._groups:
            group.let_go(group.rows[:, RELEASED] < 0)
        self._groups = [group for group in self._groups if len(group.rows)]
        self._groups.append(Voices(Patch(values, self._rate)))

    def reset(self, score: Score, position: int) -> None:
        """See Synth."""
        self._groups = [Voices(self._groups[-1].patch)]
        self._clear()
        self._left = np.zeros((2, 0), np.float32)
        self._at = self._told = position
        for event in score.chased(position):
            self._take(event)
        self._gains = self._target

    def release(self) -> None:
        """See Synth."""
        self._let_go_all()
        self._told = -1

    def play(self, score: Score, first: int, last: int) -> Floats:
        """See Synth."""
        if self._told < 0:
            self._told = first
        elif first != self._at:
            self._told, self._left = first, self._left[:, :0]
        parts, at = [self._left], first + self._left.shape[1]
        end = max(-(-last // self._grid) * self._grid, at)
        due = deque(score.between(self._told, end))
        while at < last:
            while due and due[0].frame <= at:
                self._take(due.popleft())
            until = min((at // self._grid + 1) * self._grid, due[0].frame if due else end)
            parts.append(self._piece(until - at))
            at = until
        self._told = due[0].frame if due else end
        self._at = last
        whole = np.concatenate(parts, axis=1)
        self._left = whole[:, last - first :]
        return np.ascontiguousarray(whole[:, : last - first])

    def _piece(self, frames: int) -> Floats:
        out = np.zeros((2, frames), np.float32)
        for group in self._groups:
            if len(group.rows):
                group.bend, group.wheel = self._bend * group.patch.values["bend"], self._controls[WHEEL] / 127
                group.render(out)
        if len(self._groups) > 1:
            self._groups = [*(group for group in self._groups[:-1] if len(group.rows)), self._groups[-1]]
        before, self._gains = self._gains, self._target
        if before is not self._gains:
            ramp = min(frames, STEP)
            way = np.arange(1, ramp + 1, dtype=np.float32) / np.float32(ramp)
            out[:, :ramp] *= before + (self._gains - before) * way
            out[:, ramp:] *= self._gains
        else:
            out *= self._gains
        return out

    def _clear(self) -> None:
        self._controls = dict(_START)
        self._bend, self._last = 0.0, -1.0
        self._gains = self._target = self._wanted()

    def _wanted(self) -> Floats:
        """float32 (2, 1): left and right gain as the controllers have it, 1 where they stand at first."""
        controls = self._controls
        gain = (controls[VOLUME] / 100) ** 2 * (controls[EXPRESSION] / 127) ** 2
        angle = min(controls[PAN] / 64, 127 / 64) * math.pi / 4
        return np.array([[math.cos(angle)], [math.sin(angle)]], np.float32) * np.float32(math.sqrt(2) * gain)

    def _take(self, event: Event) -> None:
        if event.kind == ON:
            self._note_on(event.number, event.value)
        elif event.kind == OFF:
            self._note_off(event.number)
        elif event.kind == BEND:
            self._bend = event.value / BEND_RANGE
        elif event.kind == CONTROL and event.number <= PRESSURE:
            self._control(event.number, event.value)

    def _note_on(self, pitch: int, velocity: int) -> None:
        group = self._groups[-1]
        fast = STEAL_SECONDS * self._rate
        for one in self._groups:
            rows = one.rows
            again = (rows[:, KEY] == pitch) & (rows[:, RELEASED] < 0)
            if again.any():
                one.let_go(again)
            if group.patch.mono and len(rows):
                one.let_go(np.ones(len(rows), bool), fast)
        self._steal(group, fast)
        group.start(pitch, velocity, self._last if self._last >= 0 else float(pitch))
        self._last = float(pitch)

    def _steal(self, group: Voices, fast: float) -> None:
        """Let one voice end within milliseconds where there are too many: one that is released, else the oldest."""
        rows = group.rows
        staying = np.flatnonzero((rows[:, RELEASED] < 0) | (rows[:, GAIN] * rows[:, LEVEL] > 0))
        fading = (rows[staying, RELEASED] >= 0) & (rows[staying, FADE] <= fast)
        staying = staying[~fading]
        if len(staying) < MAX_VOICES:
            return
        order = np.lexsort((-rows[staying, AGE], rows[staying, RELEASED] < 0))
        victim = np.zeros(len(rows), bool)
        victim[staying[order[0]]] = True
        group.let_go(victim, fast)

    def _note_off(self, pitch: int) -> None:
        for group in self._groups:
            ours = (group.rows[:, KEY] == pitch) & (group.rows[:, HELD] > 0)
            group.rows[ours, HELD] = 0
            if self._controls[PEDAL] < 64 and ours.any():
                group.let_go(ours & (group.rows[:, RELEASED] < 0))

    def _control(self, number: int, value: int) -> None:
        if number == SOUND_OFF:
            for group in self._groups:
                group.let_go(np.ones(len(group.rows), bool), STEAL_SECONDS * self._rate)
        elif number == NOTES_OFF:
            self._let_go_all()
        elif number == DEFAULTS:
            self._controls.update({WHEEL: 0, EXPRESSION: 127})
            self._bend = 0.0
            self._control(PEDAL, 0)
        else:
            self._controls[number] = value
        if number in _GAINS:
            self._target = self._wanted()
        if number == PEDAL and value < 64:
            for group in self._groups:
                group.let_go((group.rows[:, HELD] == 0) & (group.rows[:, RELEASED] < 0))

    def _let_go_all(self) -> None:
        for group in self._groups:
            group.rows[:, HELD] = 0
            group.let_go(group.rows[:, RELEASED] < 0)
