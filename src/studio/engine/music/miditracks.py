"""One track chunk of a MIDI file: its messages sorted out by channel, its meta events by what they mean."""

from __future__ import annotations

from collections import deque

from ...document.instruments import DRUM_BANK
from ...document.notes import BEND_RANGE, PRESSURE, Bend, Control, Controller, Note, Program, control_key
from ...document.project import new_ids
from ...document.time import PPQ
from .midievents import META, Events, require_events

CONTINUES = b"\x7dstudio:more"
"""A sequencer's own meta event: this track holds notes of the one before that overlap others of the same pitch."""

MAX_TEXT = 200
DRUMS = 9
RHYTHM = (120, 126, 127)
"""Coarse bank selects that mean drums on any channel, in General MIDI 2 and XG."""

_BANK_HIGH, _BANK_LOW = 0, 32
_SOUND_OFF, _NOTES_OFF, _FIRST_MODE = 120, 123, 120


class Channel:
    """What one channel of a track does. Positions are song ticks."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.notes: list[tuple[int, int, int, int]] = []
        self.controls: list[Control] = []
        self.program_set = False
        self._open: dict[int, deque[tuple[int, int]]] = {}
        self._bank = [0, 0]

    def press(self, tick: int, pitch: int, velocity: int) -> None:
        self._open.setdefault(pitch, deque()).append((tick, velocity))

    def release(self, tick: int, pitch: int) -> None:
        """Ends the note of this pitch that has sounded longest; a release without a note is nothing."""
        waiting = self._open.get(pitch)
        if waiting:
            start, velocity = waiting.popleft()
            self.notes.append((start, max(tick - start, 1), pitch, velocity))

    def release_all(self, tick: int) -> int:
        """Ends every note; how many there were."""
        count = 0
        for pitch, waiting in self._open.items():
            for start, velocity in waiting:
                self.notes.append((start, tick - start if tick > start else PPQ, pitch, velocity))
            count += len(waiting)
        self._open.clear()
        return count

    def control(self, tick: int, number: int, value: int) -> None:
        if number == _BANK_HIGH:
            self._bank[0] = value
        elif number == _BANK_LOW:
            self._bank[1] = value
        elif number in (_SOUND_OFF, _NOTES_OFF):
            self.release_all(tick)
        elif number < _FIRST_MODE:
            self.controls.append(Controller(tick, number, value))

    def program(self, tick: int, program: int) -> None:
        self.controls.append(Program(tick, program, _bank(self.number, *self._bank)))
        self.program_set = True

    def finished(self) -> tuple[tuple[Note, ...], tuple[Control, ...], int, int]:
        """Notes by start, controls by tick, and the program and bank set before the first note."""
        ids = sorted(new_ids("note", len(self.notes)))
        made = tuple(
            Note(key, start, length, pitch, velocity)
            for key, (start, length, pitch, velocity) in zip(ids, sorted(self.notes), strict=True)
        )
        first = made[0].start if made else 0
        early = [point for point in self.controls if isinstance(point, Program) and point.tick <= first]
        chosen = early[-1] if early else Program(0, 0, DRUM_BANK if self.number == DRUMS else 0)
        kept = [point for point in self.controls if not (isinstance(point, Program) and point.tick <= first)]
        return made, tuple(sorted(kept, key=control_key)), chosen.program, chosen.bank


def _bank(channel: int, high: int, low: int) -> int:
    """The bank as SoundFonts number it, with the fine select above; what stands for drums is DRUM_BANK."""
    if channel == DRUMS or high in RHYTHM:
        return DRUM_BANK
    bank = high | low << 7
    return 0 if bank == DRUM_BANK else bank


class TrackReader:
    """Reads the events of a chunk. A tick of the file is `up` / `down` song ticks, rounded to the nearest."""

    def __init__(self, up: int, down: int, begin: int) -> None:
        self._up, self._down, self._begin = 2 * up, 2 * down, begin
        self.channels: dict[int, Channel] = {}
        self.name = self.instrument = ""
        self.tempo: list[tuple[int, int]] = []
        self.signatures: list[tuple[int, int, int]] = []
        self.keys: list[tuple[int, int, int]] = []
        self.markers: list[tuple[int, str]] = []
        self.lyrics: list[tuple[int, str]] = []
        self.texts: list[tuple[int, str]] = []
        self.end = begin
        self.unended = self.dropped = 0
        self.continues = False

    def read(self, events: Events, file: str, before: int) -> int:
        """Reads to the end; how many events there were. Raises MidiError beyond what a file may hold."""
        up, down, half, begin = self._up, self._down, self._down // 2, self._begin
        count, tick, last = before, begin, -1
        for at, status, first, second, content in events:
            count += 1
            if not count & 0xFFFF:
                require_events(count, file)
            if at != last:
                tick, last = begin + (at * up + half) // down, at
            if status == META:
                self._meta(tick, first, content)
            elif status < 0xF0:
                self._message(tick, status, first, second)
                self.end = tick
        require_events(count, file)
        for channel in self.channels.values():
            self.unended += channel.release_all(self.end)
            if channel.notes:
                self.end = max(self.end, *(start + length for start, length, _, _ in channel.notes))
        return count - before

    def _message(self, tick: int, status: int, first: int, second: int) -> None:
        number = status & 0x0F
        channel = self.channels.get(number)
        if channel is None:
            channel = self.channels[number] = Channel(number)
        match status >> 4:
            case 0x9 if second:
                channel.press(tick, first, second)
            case 0x8 | 0x9:
                channel.release(tick, first)
            case 0xB:
                channel.control(tick, first, second)
            case 0xC:
                channel.program(tick, first)
            case 0xD:
                channel.controls.append(Controller(tick, PRESSURE, first))
            case 0xE:
                channel.controls.append(Bend(tick, (second << 7 | first) - BEND_RANGE))
            case _:
                self.dropped += 1

    def _meta(self, tick: int, kind: int, content: bytes) -> None:
        match kind:
            case 0x01:
                self.texts.append((tick, _text(content)))
            case 0x03:
                self.name = self.name or _text(content).strip()
            case 0x04:
                self.instrument = self.instrument or _text(content).strip()
            case 0x05:
                self.lyrics.append((tick, _text(content)))
            case 0x06 | 0x07:
                self._mark(tick, _text(content).strip())
            case 0x51 if len(content) >= 3:
                self.tempo.append((tick, int.from_bytes(content[:3])))
            case 0x58 if len(content) >= 2:
                self.signatures.append((tick, content[0], 1 << min(content[1], 16)))
            case 0x59 if len(content) >= 2:
                self.keys.append((tick, int.from_bytes(content[:1], signed=True), content[1]))
            case 0x7F:
                self.continues |= content == CONTINUES

    def _mark(self, tick: int, text: str) -> None:
        if text:
            self.markers.append((tick, text))
            self.end = max(self.end, tick)


def _text(content: bytes) -> str:
    """Text in UTF-8 or, failing that, Latin-1, in one line."""
    try:
        text = content[: 4 * MAX_TEXT].decode("utf-8")
    except UnicodeDecodeError:
        text = content[: 4 * MAX_TEXT].decode("latin-1")
    return "".join(sign if sign.isprintable() else " " for sign in text)[:MAX_TEXT]
