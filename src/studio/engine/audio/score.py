"""The score of an instrument track: its notes and controls as events at song frames, ready to be played."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from ...document.instruments import Lane
from ...document.notes import Bend, Control, Controller, Program
from ...document.project import Clip, Track
from ...document.sounding import Played, track_controls, track_notes
from ...document.time import TempoMap

Integers = npt.NDArray[np.int64]

OFF, PROGRAM, BEND, CONTROL, ON = range(5)
"""Kinds of events. In one frame notes end first, then controls are set in their order, then notes begin."""
_RANK = np.array([0, 1, 1, 1, 2])


class Event(NamedTuple):
    """Something that happens at song frame `frame`.

    ON: `number` is the pitch, `value` the velocity. OFF: the pitch. CONTROL: number (128 is pressure) and value. BEND:
    -8192..8191 in `value`. PROGRAM: bank in `number`, program in `value`.
    """

    frame: int
    kind: int
    number: int
    value: int


class Score(msgspec.Struct, frozen=True, eq=False):
    """Events as columns, sorted by frame and rank. `clips` and `lanes` are what it was compiled from."""

    frame: Integers
    kind: Integers
    number: Integers
    value: Integers
    clips: tuple[Clip, ...] = ()
    lanes: tuple[Lane, ...] = ()

    @property
    def end(self) -> int:
        """The frame after the last event, 0 if there is none."""
        return int(self.frame[-1]) + 1 if len(self.frame) else 0

    def any_between(self, first: int, last: int) -> bool:
        """Whether something happens in the song frames `first` to `last`."""
        return bool(np.searchsorted(self.frame, last) > np.searchsorted(self.frame, first))

    def between(self, first: int, last: int) -> list[Event]:
        """The events of the song frames `first` to `last`, in order."""
        begin, stop = np.searchsorted(self.frame, (first, last)).tolist()
        columns = (column[begin:stop].tolist() for column in (self.frame, self.kind, self.number, self.value))
        return [Event(*row) for row in zip(*columns, strict=True)]

    def goes_on_as(self, other: Score, position: int) -> bool:
        """Whether the same happens from a song frame on: then every note that is held there ends in both."""
        if other is self:
            return True
        mine, its = (int(np.searchsorted(score.frame, position)) for score in (self, other))
        columns = zip(self.columns, other.columns, strict=True)
        return all(np.array_equal(a[mine:], b[its:]) for a, b in columns)

    @property
    def columns(self) -> tuple[Integers, Integers, Integers, Integers]:
        """Frames, kinds, numbers and values."""
        return self.frame, self.kind, self.number, self.value

    def chased(self, position: int) -> list[Event]:
        """The controls that hold at a song frame: of those before it, the last of each sort, in order."""
        stop = int(np.searchsorted(self.frame, position))
        controls = np.flatnonzero((self.kind[:stop] != ON) & (self.kind[:stop] != OFF))
        last: dict[tuple[int, int], Event] = {}
        for at in controls.tolist():
            event = Event(int(self.frame[at]), int(self.kind[at]), int(self.number[at]), int(self.value[at]))
            sort = (event.kind, event.number if event.kind == CONTROL else 0)
            last.pop(sort, None)
            last[sort] = event
        return list(last.values())


_NONE = np.zeros(0, np.int64)
SILENT_SCORE = Score(_NONE, _NONE, _NONE, _NONE)


def score_of(track: Track, time: TempoMap, before: Score | None = None) -> Score:
    """The score of a track; `before`, if nothing of it changed and the tempo map is the same one. Not on the render
    thread."""
    if before is not None and before.clips is track.clips and before.lanes == track.lanes:
        return before
    silenced = {lane.pitch for lane in track.lanes if lane.muted}
    notes = [n for n in track_notes(track) if n.pitch not in silenced and _falls(n)]
    starts = time.frames([note.start for note in notes]) if notes else _NONE
    ends = np.maximum(time.frames([note.end for note in notes]), starts + 1) if notes else _NONE
    rows = [*_note_rows(notes, starts.tolist(), ends.tolist())]
    controls = track_controls(track)
    frames = time.frames([control.tick for control in controls]).tolist() if controls else []
    rows += [(frame, *_control_row(control)) for frame, control in zip(frames, controls, strict=True)]
    table = np.array(rows, np.int64).reshape(len(rows), 4)
    table = table[np.lexsort((_RANK[table[:, 1]], table[:, 0]))]
    frame, kind, number, value = np.ascontiguousarray(table.T)
    return Score(frame, kind, number, value, track.clips, track.lanes)


def _falls(note: Played) -> bool:
    """Whether chance lets a note sound: the same each time the song is played, another in each turn of a pattern."""
    chance = note.note.probability
    return chance >= 1.0 or zlib.crc32(f"{note.note.id}/{note.turn}".encode()) / 2**32 < chance


def _note_rows(notes: Iterable[Played], starts: list[int], ends: list[int]) -> Iterable[tuple[int, int, int, int]]:
    """On and off of each note. One that begins while the same pitch sounds takes it over."""
    sounding: dict[int, int] = {}
    rows: list[tuple[int, int, int, int]] = []
    for note, start, end in zip(notes, starts, ends, strict=True):
        before = sounding.get(note.pitch)
        if before is not None and rows[before][0] > start:
            rows[before] = (start, *rows[before][1:])
        rows.append((start, ON, note.pitch, note.velocity))
        sounding[note.pitch] = len(rows)
        rows.append((end, OFF, note.pitch, 0))
    return rows


def _control_row(control: Control) -> tuple[int, int, int]:
    match control:
        case Controller():
            return CONTROL, control.number, control.value
        case Bend():
            return BEND, 0, control.value
        case Program():
            return PROGRAM, control.bank, control.program
