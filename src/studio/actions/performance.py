"""What is played along with a song, as notes and controls at ticks of the song."""

from __future__ import annotations

from msgspec.structs import replace

from ..document.notes import Bend, Control, Controller, Note, Program
from ..document.project import Project, new_id
from ..engine.audio.midiwire import FIRST_MODE
from ..engine.audio.score import BEND, CONTROL, OFF, ON, PROGRAM

SHORTEST = 30
"""The shortest note that is recorded, in ticks: a key that was only touched still sounds."""


class Performance:
    """Turns what is played, in order, into notes and controls. Main thread.

    `step` is what beginnings are drawn to, in ticks, 0 for nothing; `Note.shift` keeps how far that moved a note, so
    that taking the feel off brings it back to where it was played. `first` is the tick before which nothing stands.
    """

    def __init__(self, first: int, step: int = 0) -> None:
        self._first, self._step = first, step
        self._held: dict[int, tuple[Note, int]] = {}
        self._notes: list[Note] = []
        self._controls: list[Control] = []

    def play(self, project: Project, kind: int, number: int, value: int, tick: int) -> None:
        """Takes an event of `score.Event`'s kinds at a tick of the song."""
        tick = max(tick, self._first)
        if kind == ON:
            self._end(number, tick)
            start = self._drawn(project, tick)
            note = Note(new_id("note"), start, SHORTEST, number, min(max(value, 1), 127), shift=start - tick)
            self._held[number] = (note, tick)
        elif kind == OFF:
            self._end(number, tick)
        else:
            self._control(kind, number, value, tick)

    def close(self, tick: int) -> None:
        """Ends all notes that are held: the round of the loop is over, or the recording."""
        for pitch in tuple(self._held):
            self._end(pitch, tick)

    def take(self, tick: int) -> tuple[tuple[Note, ...], tuple[Control, ...]]:
        """What came since the last call, and the notes that are held now, as long as they are up to this tick."""
        growing = [_lasting(note, tick - pressed) for note, pressed in self._held.values()]
        found = (*self._notes, *growing), tuple(self._controls)
        self._notes, self._controls = [], []
        return found

    def _end(self, pitch: int, tick: int) -> None:
        held = self._held.pop(pitch, None)
        if held is not None:
            self._notes.append(_lasting(held[0], tick - held[1]))

    def _drawn(self, project: Project, tick: int) -> int:
        """The step nearest to a tick; the one at a loop's end is the one at its beginning."""
        if not self._step:
            return tick
        drawn = round(tick / self._step) * self._step
        if drawn < self._first:
            drawn += self._step
        loop = project.loop
        return loop.start if loop.on and tick < loop.end <= drawn and loop.start >= self._first else drawn

    def _control(self, kind: int, number: int, value: int, tick: int) -> None:
        point: Control | None = None
        if kind == CONTROL and number not in range(FIRST_MODE, 128):
            point = Controller(tick, number, value)
        elif kind == BEND:
            point = Bend(tick, value)
        elif kind == PROGRAM:
            point = Program(tick, value, number)
        if point is None:
            return
        last = self._controls[-1] if self._controls else None
        if last is not None and last.tick == tick and _same_line(last, point):
            self._controls.pop()
        self._controls.append(point)


def _lasting(note: Note, ticks: int) -> Note:
    return replace(note, length=max(ticks, SHORTEST))


def _same_line(a: Control, b: Control) -> bool:
    return type(a) is type(b) and getattr(a, "number", 0) == getattr(b, "number", 0)
