"""What a take is to be judged by, read from a word or a file: a scale, an UltraStar song, MIDI notes, another voice."""

from __future__ import annotations

import math
import statistics
from itertools import pairwise
from pathlib import Path

from msgspec.structs import replace

from ..document.instruments import DRUM_BANK
from ..document.sounding import Played
from ..document.time import tempo_map
from ..engine.audio.decode import decode_blocks, probe
from ..engine.jobs import Work
from ..engine.music.midifile import MidiSong, MidiTrack
from ..engine.music.requests import read_key
from ..engine.voice.aims import Aim, scale_aim, scale_words
from ..engine.voice.heard import listen
from ..engine.voice.notes import find_notes
from ..engine.voice.targets import target_of_notes, target_of_voice
from ..engine.voice.ultrastar import looks_like_ultrastar, read_ultrastar
from ..errors import StudioError
from .midi import is_midi, open_midi

RATE = 48_000
"""Frames a second at which a MIDI file's ticks are turned into seconds."""

SUNG_NAMES = ("vocal", "voice", "melody", "lead", "sing", "soprano")
"""Words in the name of a track that is sung."""


def read_aim(text: str, bpm: float | None, offset: float, work: Work, voice: int = 1, key: int = 0) -> Aim:
    """The aim that a person names: empty for none, "A minor scale", "C major arpeggio", or a file.

    `bpm`, in musical beats a minute, changes the tempo of a target that has one and else gives the beat; `offset` is
    the second of the take at which it begins; `voice` is the singer of a duet, `key` the semitones by which it is sung
    higher. Raises StudioError with the reason.
    """
    if not math.isfinite(offset) or abs(offset) > 86_400:
        raise StudioError("The offset is not a time within a day; give the seconds at which the target begins.")
    aim = _named(text, work) if text.strip() else Aim()
    aim = aim.of_voice(voice).practised(key, 1.0)
    aim = replace(aim, offset=offset)
    return aim.at_tempo(bpm) if bpm is not None else aim


def _named(text: str, work: Work) -> Aim:
    path = Path(text).expanduser()
    if path.is_file():
        return aim_of_file(path, work)
    scale = scale_words(text)
    if scale is None:
        raise StudioError(
            f"“{text}” is neither a file nor a scale; name a song.txt, a MIDI file, a recording, or “A minor scale”."
        )
    key, arpeggio = scale
    return replace(scale_aim(read_key(key), arpeggio), title=" ".join(text.split()))


def aim_of_file(path: Path, work: Work) -> Aim:
    """The aim that a file is. Worker threads; a recording takes a while. Raises StudioError with the reason."""
    if is_midi(path):
        return _midi(path)
    try:
        with path.open("rb") as file:
            head = file.read(4000)
    except OSError as error:
        raise StudioError(f"“{path.name}” cannot be read: {error.strerror}.") from error
    if path.suffix.casefold() == ".txt" or looks_like_ultrastar(head):
        song = read_ultrastar(path)
        return Aim(song.target.title, song.target, song, notices=song.notices)
    heard = listen(decode_blocks(path), probe(path).rate, work.check)
    target = target_of_voice(path.stem, find_notes(heard.track))
    return Aim(target.title, target)


def _midi(path: Path) -> Aim:
    song = open_midi(path)
    part = sung_part(song)
    played = [
        Played(note.start, note.start + note.length, note.pitch, note.velocity, note)
        for note in part.notes
        if not note.muted
    ]
    words = {note.start: note.text for note in part.notes if note.text}
    title = f"{path.stem}: {part.name}" if part.name else path.stem
    target = target_of_notes(title, played, tempo_map(song.tempo, RATE), words)
    return Aim(title, target, notices=song.notices)


def sung_part(song: MidiSong) -> MidiTrack:
    """The part of a file that a voice sings: the one with words, else the one so named, else the highest melody."""
    parts = [part for part in song.tracks if part.notes and part.bank != DRUM_BANK]
    if not parts:
        raise StudioError(f"“{song.name}” has no notes with a pitch to sing; choose a file with a melody.")
    return max(parts, key=_singable)


def _singable(part: MidiTrack) -> tuple[int, bool, bool, float]:
    words = sum(bool(note.text) for note in part.notes)
    named = any(word in part.name.casefold() for word in SUNG_NAMES)
    notes = sorted(part.notes, key=lambda note: note.start)
    together = sum(b.start < a.start + a.length / 2 for a, b in pairwise(notes))
    return words, named, together < len(notes) / 4, statistics.median(note.pitch for note in notes)
