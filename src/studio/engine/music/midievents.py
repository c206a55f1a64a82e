"""The bytes of a standard MIDI file as events. Damaged and hostile files cost no more time than their size.

mido reads such files too, but gives up a whole file for one odd event and takes minutes for a length that never ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import msgspec

from ...document.time import PPQ
from ...errors import StudioError

MAX_BYTES = 32 << 20
MAX_EVENTS = 2_000_000
MAX_TRACKS = 2_000

META, SYSEX, ESCAPE = 0xFF, 0xF0, 0xF7
END_OF_TRACK = 0x2F

# Data bytes of the messages 0x8_ to 0xE_.
_LENGTHS = (2, 2, 2, 2, 1, 1, 2)

Event = tuple[int, int, int, int, bytes]
"""Tick, status, two data bytes, and the content of meta and system messages. The status 0xFF carries its type first."""


class MidiError(StudioError):
    """A MIDI file that cannot be read. The sentence says why."""


class Chunks(msgspec.Struct, frozen=True):
    """A file taken apart: its `type`, how many song ticks one of its ticks lasts, and the bytes of its tracks.

    With `timed` its ticks are parts of a second, and a song of 120 BPM stands for them.
    """

    type: int
    ratio: Fraction
    timed: bool
    tracks: tuple[bytes, ...]
    cut_off: bool


class Events:
    """The events of one track chunk, in order. `damaged` says, after the last one, that the rest could not be read."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.damaged = False

    def __iter__(self) -> Iterator[Event]:
        try:
            yield from self._events()
        except IndexError:
            self.damaged = True

    def _events(self) -> Iterator[Event]:
        data, at, tick, running = self._data, 0, 0, 0
        size = len(data)
        while at < size:
            delta, at = _number(data, at)
            tick += delta
            status = data[at]
            if status >= 0x80:
                at += 1
            elif running:
                status = running
            else:
                raise IndexError
            if status < 0xF0:
                running = status
                first = data[at] & 0x7F
                if _LENGTHS[(status >> 4) - 8] == 2:
                    yield tick, status, first, data[at + 1] & 0x7F, b""
                    at += 2
                else:
                    yield tick, status, first, 0, b""
                    at += 1
                continue
            kind = 0
            if status == META:
                kind, at = data[at], at + 1
            elif status not in (SYSEX, ESCAPE):
                raise IndexError
            length, at = _number(data, at)
            if at + length > size:
                raise IndexError
            yield tick, status, kind, 0, data[at : at + length]
            at += length
            if status == META and kind == END_OF_TRACK:
                return


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of one to four bytes and where it ends. Raises IndexError for a longer one."""
    value = data[at]
    if value < 0x80:
        return value, at + 1
    value &= 0x7F
    for end in range(at + 1, at + 4):
        byte = data[end]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, end + 1
    raise IndexError


def chunks(data: bytes, name: str) -> Chunks:
    """Takes a file apart. Chunks of unknown kinds are passed over. Raises MidiError."""
    if data[:4] == b"RIFF" and data[8:12] == b"RMID":
        data = data[max(data.find(b"MThd"), 0) :]
    if len(data) > MAX_BYTES:
        raise MidiError(f"“{name}” is larger than {MAX_BYTES >> 20} MB, more than any MIDI file; it was not opened.")
    if data[:4] != b"MThd" or len(data) < 14:
        raise MidiError(f"“{name}” is not a MIDI file; choose a file that another music program has exported.")
    kind, division = int.from_bytes(data[8:10]), int.from_bytes(data[12:14])
    if kind > 2:
        raise MidiError(f"“{name}” is a MIDI file of type {kind}; only types 0, 1 and 2 can be opened.")
    ratio, timed = _ratio(division, name)
    tracks, at = list[bytes](), 8 + int.from_bytes(data[4:8])
    cut_off = False
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8])
        if data[at : at + 4] == b"MTrk":
            tracks.append(data[at + 8 : at + 8 + length])
            cut_off |= at + 8 + length > len(data)
        at += 8 + length
    if len(tracks) > MAX_TRACKS:
        raise MidiError(f"“{name}” has {len(tracks)} tracks, more than can be opened; split it in another program.")
    return Chunks(kind, ratio, timed, tuple(tracks), cut_off)


def _ratio(division: int, name: str) -> tuple[Fraction, bool]:
    """How many song ticks a tick of the file lasts, and whether it counts time instead of beats."""
    if division & 0x8000:
        frames, parts = 256 - (division >> 8), division & 0xFF
        rate = Fraction(30_000, 1001) if frames == 29 else Fraction(frames)
        if frames not in (24, 25, 29, 30) or not parts:
            raise MidiError(f"“{name}” counts time in a way that does not exist, so it is damaged; export it again.")
        return Fraction(2 * PPQ) / (rate * parts), True
    if not division:
        raise MidiError(f"“{name}” does not say how long its beats are, so it is damaged; export it again.")
    return Fraction(PPQ, division), False


def require_events(count: int, name: str) -> None:
    """Raises MidiError for more events than can be opened."""
    if count > MAX_EVENTS:
        raise MidiError(f"“{name}” has more than {MAX_EVENTS:,} events, too many to open; split it in another program.")
