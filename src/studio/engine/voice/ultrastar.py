"""UltraStar songs: text files with a note, its beats and its syllable on each line.

Time = GAP + beat x 15 / BPM seconds, pitch 0 is middle C (as UltraStar Deluxe counts). The files are hand-made and
often odd: what can be mended is mended and told, what cannot is refused with the number of the line.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

import msgspec

from ...errors import StudioError
from .targets import Line, Target, TargetKind, TargetNote

MAX_SIZE = 4_000_000
"""Bytes; the longest songs have a hundredth of that."""

MAX_BEAT = 10_000_000
FASTEST_FELT = 180.0
"""Beats a minute from which on a song is taken to count twice as fast as it is felt."""

MIDDLE_C = 60

_KINDS: dict[str, TargetKind] = {":": "normal", "*": "golden", "F": "freestyle", "R": "rap", "G": "golden rap"}
_HEADER = re.compile(r"#([^:]+):(.*)")
_NOTE = re.compile(r"([:*FRG])\s*(-?\d+)\s+(-?\d+)\s+(-?\d+)(?: (.*))?")
_BREAK = re.compile(r"-\s*(-?\d+)(?:\s+(-?\d+))?\s*")
_NEEDED = ("TITLE", "ARTIST", "BPM")


class UltraStarSong(msgspec.Struct, frozen=True):
    """A song to sing: its voices (one, or two of a duet), where its sound is meant to lie, and what had to be mended.

    `audio` is a file name beside the song, empty where the song names none or a place that is not beside it.
    """

    title: str
    artist: str
    bpm: float
    gap: float
    audio: str
    voices: tuple[Target, ...]
    beats: tuple[tuple[tuple[int, int], ...], ...]
    notices: tuple[str, ...] = ()

    @property
    def target(self) -> Target:
        """The first voice."""
        return self.voices[0]

    @property
    def tempo(self) -> float:
        """Musical beats a minute; see `musical_tempo`."""
        return musical_tempo(self.bpm)


def read_ultrastar(path: Path) -> UltraStarSong:
    """Reads a song file. Raises StudioError with the reason and the line. Any thread."""
    try:
        if path.stat().st_size > MAX_SIZE:
            raise StudioError(f"“{path.name}” is too large to be an UltraStar song.")
        data = path.read_bytes()
    except OSError as error:
        raise StudioError(f"“{path.name}” cannot be read: {error.strerror}.") from error
    return parse_ultrastar(_decoded(data), path.name)


def looks_like_ultrastar(data: bytes) -> bool:
    """Whether the beginning of a file is that of an UltraStar song."""
    return re.search(rb"(?mi)^\s*#(?:TITLE|ARTIST|BPM|MP3|GAP)\s*:", data[:4000].lstrip(b"\xef\xbb\xbf")) is not None


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def parse_ultrastar(text: str, name: str) -> UltraStarSong:
    """The song of a text. `name` is used in what is told."""
    reading = _Reading(name)
    for number, line in enumerate(text.splitlines(), 1):
        if not reading.take(number, line):
            break
    return reading.song()


class _Reading:
    """A song while it is read."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.headers: dict[str, str] = {}
        self.notices: list[str] = []
        self.relative = False
        self.offset = 0
        self.voice = 0
        self.lines: list[list[list[tuple[int, int, int, str, TargetKind]]]] = [[[]]]

    def wrong(self, number: int, what: str) -> StudioError:
        return StudioError(f"“{self.name}” is not a song that can be sung: line {number}, {what}.")

    def take(self, number: int, raw: str) -> bool:
        """Reads a line; False at the end of the song."""
        line = raw.strip("\ufeff\r\n")
        if not line.strip():
            return True
        if line.startswith("#"):
            self._header(number, line)
        elif line.strip() == "E":
            return False
        elif re.fullmatch(r"P ?[12]\s*", line):
            self._duet(line)
        elif line[0] in _KINDS:
            self._note(number, line)
        elif line[0] == "-":
            self._break(number, line)
        elif line[0] == "B":
            raise self.wrong(number, "the tempo changes, which is not supported")
        else:
            raise self.wrong(number, f"“{line[:40]}” is neither a note nor a line break")
        return True

    def _header(self, number: int, line: str) -> None:
        found = _HEADER.fullmatch(line)
        if found is None:
            raise self.wrong(number, f"“{line[:40]}” is not a header")
        key, value = found[1].strip().upper(), found[2].strip()
        if key in self.headers:
            self.notices.append(f"Line {number}: #{key} is there twice; the first one counts.")
            return
        self.headers[key] = value
        if key == "RELATIVE":
            self.relative = value.casefold() == "yes"

    def _duet(self, line: str) -> None:
        self.voice = int(line.strip()[-1]) - 1
        self.offset = 0
        while len(self.lines) <= self.voice:
            self.lines.append([[]])

    def _note(self, number: int, line: str) -> None:
        found = _NOTE.fullmatch(line.rstrip("\r"))
        if found is None:
            raise self.wrong(number, f"“{line[:40]}” is not a note; a note is like “: 12 4 59 word”")
        beat, length, pitch = int(found[2]) + self.offset, int(found[3]), int(found[4])
        if abs(beat) > MAX_BEAT or not 0 <= length <= MAX_BEAT or abs(pitch) > 120:
            raise self.wrong(number, "a note is too far away")
        if beat < 0:
            self.notices.append(f"Line {number}: the note begins before the song and is left out.")
            return
        if length == 0:
            self.notices.append(f"Line {number}: the note has no length and is left out.")
            return
        syllable = found[5] or ""
        if not syllable.strip():
            self.notices.append(f"Line {number}: the note has no text.")
        self.lines[self.voice][-1].append((beat, length, pitch, syllable or "~", _KINDS[found[1]]))

    def _break(self, number: int, line: str) -> None:
        found = _BREAK.fullmatch(line)
        if found is None:
            raise self.wrong(number, f"“{line[:40]}” is not a line break")
        if int(found[1]) < 0:
            self.notices.append(f"Line {number}: the line break stands before the song.")
        if self.relative:
            self.offset += int(found[2] or found[1])
        if self.lines[self.voice][-1]:
            self.lines[self.voice].append([])

    def song(self) -> UltraStarSong:
        """What was read. Raises StudioError where something needed is missing."""
        for key in _NEEDED:
            if not self.headers.get(key):
                raise StudioError(f"“{self.name}” is not a song that can be sung: its header #{key} is missing.")
        if not (self.headers.get("MP3") or self.headers.get("AUDIO")):
            raise StudioError(f"“{self.name}” is not a song that can be sung: its header #MP3 is missing.")
        bpm, gap = self._number("BPM"), self._number("GAP", 0.0) / 1000
        if not 0 < bpm < 20_000 or abs(gap) > 86_400:
            raise StudioError(f"“{self.name}” has a tempo of {bpm:g} and a gap of {gap:g} s, which cannot be.")
        title, artist = self.headers["TITLE"], self.headers["ARTIST"]
        voices = [_target(f"{artist} – {title}", lines, bpm, gap) for lines in self.lines]
        if not any(voice.lines for voice in voices):
            raise StudioError(f"“{self.name}” has no notes to sing.")
        kept = [n for n, voice in enumerate(voices) if voice.lines]
        beats = tuple(tuple((b, ln) for line in self.lines[n] for b, ln, *_ in line) for n in kept)
        for optional in ("VIDEOGAP", "START", "END", "PREVIEWSTART"):
            self._optional(optional)
        audio = self._beside(self.headers.get("MP3") or self.headers.get("AUDIO") or "")
        found = tuple(voices[n] for n in kept)
        return UltraStarSong(title, artist, bpm, gap, audio, found, beats, tuple(self.notices))

    def _number(self, key: str, default: float = math.nan) -> float:
        text = self.headers.get(key)
        if text is None:
            return default
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise StudioError(f"“{self.name}” is not a song that can be sung: #{key} is “{text}”, not a number.")
        return value

    def _optional(self, key: str) -> None:
        text = self.headers.get(key)
        try:
            float((text or "0").replace(",", "."))
        except ValueError:
            self.notices.append(f"#{key} is “{text}”, not a number; it is left out.")

    def _beside(self, file: str) -> str:
        """The name of a file in the song's own folder; nothing else is ever opened."""
        plain = Path(file.replace("\\", "/")).name
        if "://" in file or plain != file.replace("\\", "/") or plain in {"", ".", ".."}:
            self.notices.append(f"The sound “{file}” does not lie beside the song; choose it by hand.")
            return ""
        return plain


def musical_tempo(bpm: float) -> float:
    """The beats a minute that are felt, of a song that counts `bpm`: halved until they are fewer than `FASTEST_FELT`.

    Writers of songs double or quadruple the tempo so that short notes fall on whole beats.
    """
    while bpm >= FASTEST_FELT:
        bpm /= 2
    return bpm


def _target(title: str, lines: list[list[tuple[int, int, int, str, TargetKind]]], bpm: float, gap: float) -> Target:
    beat = 15.0 / bpm
    made = [
        Line(
            tuple(
                TargetNote(gap + at * beat, length * beat, MIDDLE_C + pitch, text, kind)
                for at, length, pitch, text, kind in sorted(line, key=lambda one: one[0])
            )
        )
        for line in lines
        if line
    ]
    lines_in_order = tuple(sorted(made, key=lambda line: line.start))
    return Target(title, lines_in_order, beat=60.0 / musical_tempo(bpm), first_beat=gap)
