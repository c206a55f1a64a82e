"""Standard MIDI files read into plain data: notes and controls by track at 960 ticks a quarter, and the song's maps.

All of types 0, 1 and 2, SMPTE time, running status, and files that break the rules as far as what they mean is clear.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import msgspec

from ...document.harmony import Chord, Key
from ...document.instruments import DRUM_BANK
from ...document.notes import Control, Note
from ...document.time import PPQ, Signature, TempoPoint
from .chordnames import parse_chord
from .lyrics import Syllables, fitting, sung
from .midievents import MAX_BYTES, Chunks, Events, MidiError, chunks
from .midimaps import Maps
from .miditracks import TrackReader

MAX_TICKS = 200_000_000
"""The longest file: more than a day at 120 BPM."""

NO_CHORD = "N.C."


class Text(msgspec.Struct, frozen=True, gc=False):
    """A marker or a syllable at a tick."""

    tick: int
    text: str


class MidiTrack(msgspec.Struct, frozen=True):
    """One channel of one track of the file. Channels count from 0; 9 plays drums. `name` may be empty.

    `program` and `bank` are those set before the first note; later changes are among the controls. Drums have
    DRUM_BANK.
    """

    name: str
    channel: int
    program: int
    bank: int
    notes: tuple[Note, ...]
    controls: tuple[Control, ...]


class MidiSong(msgspec.Struct, frozen=True):
    """What a file holds. `tempo` and `signatures` begin at tick 0 and are fit for a project; keys may be missing.

    `lyrics` are those of the file at their ticks; the notes that sing them have them too. `notices` are sentences about
    what was wrong with the file or could not be kept.
    """

    name: str
    tempo: tuple[TempoPoint, ...]
    signatures: tuple[Signature, ...]
    keys: tuple[Key, ...]
    markers: tuple[Text, ...]
    chords: tuple[Chord, ...]
    lyrics: tuple[Text, ...]
    tracks: tuple[MidiTrack, ...]
    ticks: int
    notices: tuple[str, ...] = ()


def read_midi(path: Path) -> MidiSong:
    """Reads a file. Raises MidiError with the reason. Any thread; time grows with the size of the file alone."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as cause:
        raise MidiError(f"“{path.name}” cannot be read ({cause.strerror or cause}).") from cause
    return parse_midi(data, path.stem, path.name)


def parse_midi(data: bytes, title: str, file: str) -> MidiSong:
    """What the bytes of a file hold. `title` names the song where the file does not, `file` stands in sentences."""
    return _Reading(chunks(data, file), title, file).song()


class _Reading:
    """Puts a file together, one track chunk after the other."""

    def __init__(self, found: Chunks, title: str, file: str) -> None:
        self._chunks, self._title, self._file = found, title, file
        self._maps = Maps()
        self._tracks: list[MidiTrack] = []
        self._lyrics: list[Text] = []
        self._sung: list[Text] = []
        self._loose: list[tuple[int, str]] = []
        self._markers: list[Text] = []
        self._notices: list[str] = []
        self._name = ""
        self._events = 0
        self._end = 0

    def song(self) -> MidiSong:
        begin = 0
        for number, data in enumerate(self._chunks.tracks):
            self._read(number, data, begin)
            if self._chunks.type == 2:
                begin = self._maps.next_bar(self._end)
        if self._chunks.cut_off:
            self._notices.append(f"“{self._file}” is cut off; what was there has been opened.")
        tempo, signatures, keys, notices = self._maps.fitted(self._chunks.timed)
        if not self._lyrics:
            self._loose = [(text.tick, text.text) for text in self._sung]
        self._sing(range(len(self._tracks)), self._loose)
        chords, markers = _chords_among(sorted(self._markers, key=lambda text: text.tick), self._end)
        return MidiSong(
            self._name or self._title,
            tempo,
            signatures,
            keys,
            tuple(markers),
            chords,
            tuple(self._lyrics or self._sung),
            tuple(self._tracks),
            self._end,
            (*self._notices, *notices),
        )

    def _read(self, number: int, data: bytes, begin: int) -> None:
        """One chunk; of a file of type 2 it begins where the one before ended."""
        events = Events(data)
        ratio = self._chunks.ratio
        reader = TrackReader(ratio.numerator, ratio.denominator, begin)
        self._events += reader.read(events, self._file, self._events)
        if reader.end > MAX_TICKS:
            raise MidiError(f"“{self._file}” claims to last longer than a day, so it is damaged; export it again.")
        if events.damaged:
            self._notices.append(f"Track {number + 1} of “{self._file}” is damaged; what comes before is kept.")
        if self._chunks.type == 2:
            self._maps.begin_pattern(begin)
        self._maps.add(reader)
        self._markers += [Text(tick, text) for tick, text in reader.markers]
        self._lyrics += [Text(tick, text) for tick, text in reader.lyrics]
        if reader.name.casefold() in ("words", "lyrics"):
            self._sung += [Text(tick, text.lstrip("/\\")) for tick, text in reader.texts if text[:1] != "@"]
        self._end = max(self._end, reader.end)
        known = len(self._tracks) - bool(reader.continues and self._tracks)
        self._take(number, reader)
        own = range(known, len(self._tracks))
        if any(2 * fitting(self._tracks[n].notes, reader.lyrics) >= len(reader.lyrics) for n in own):
            self._sing(own, reader.lyrics)
        else:
            self._loose += reader.lyrics

    def _sing(self, among: range, syllables: Syllables) -> None:
        """Brings syllables to the notes of that of some tracks which they fit best; drums do not sing."""
        singers = [n for n in among if self._tracks[n].notes and self._tracks[n].bank != DRUM_BANK]
        if not syllables:
            return
        if not singers:
            self._notices.append("The lyrics were left out: there is no part with notes that could sing them.")
            return
        best = max(singers, key=lambda n: (fitting(self._tracks[n].notes, syllables), -n))
        notes, homeless = sung(self._tracks[best].notes, syllables)
        self._tracks[best] = msgspec.structs.replace(self._tracks[best], notes=notes)
        if homeless:
            said = _count(homeless, "syllable", "syllables")
            self._notices.append(f"{said} of the lyrics had no note and went to the one before.")

    def _take(self, number: int, reader: TrackReader) -> None:
        if number == 0 and self._chunks.type != 2 and (self._chunks.type == 0 or not reader.channels):
            self._name = reader.name
        if reader.unended:
            self._notices.append(_count(reader.unended, "note was", "notes were") + " never ended and got an end.")
        if reader.dropped:
            self._notices.append(_count(reader.dropped, "message", "messages") + " of polyphonic aftertouch left out.")
        for channel, made in sorted(reader.channels.items()):
            if not made.notes and not made.controls and not made.program_set:
                continue
            notes, controls, program, bank = made.finished()
            fresh = MidiTrack(_named(reader, channel, self._chunks.type), channel, program, bank, notes, controls)
            before = self._tracks[-1] if self._tracks else None
            if reader.continues and before is not None and before.channel == channel:
                self._tracks[-1] = msgspec.structs.replace(
                    before, notes=tuple(sorted((*before.notes, *notes), key=lambda note: (note.start, note.id)))
                )
            else:
                self._tracks.append(fresh)


def _named(reader: TrackReader, channel: int, kind: int) -> str:
    if len(reader.channels) == 1 and (kind != 0 or not reader.name):
        return reader.name or reader.instrument
    return "Drums" if channel == 9 else f"Channel {channel + 1}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _chords_among(markers: list[Text], end: int) -> tuple[tuple[Chord, ...], list[Text]]:
    """Chords out of the markers in square brackets, each up to the next one, and the other markers."""
    bracketed = [text for text in markers if text.text[:1] == "[" and text.text[-1:] == "]"]
    chords: dict[int, Chord] = {}
    kept = [text for text in markers if text not in bracketed]
    ends = [text.tick for text in bracketed[1:]] + [max(end, bracketed[-1].tick + 4 * PPQ) if bracketed else 0]
    for text, until in itertools.zip_longest(bracketed, ends):
        if text is None or until <= text.tick:
            continue
        chord = parse_chord(text.text[1:-1], text.tick, until - text.tick)
        if chord is not None:
            chords[text.tick] = chord
        elif text.text[1:-1] != NO_CHORD:
            kept.append(text)
    return tuple(chords.values()), sorted(kept, key=lambda text: text.tick)
