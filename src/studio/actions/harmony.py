"""The song's chords: typed from a bar on, suggested after the last ones, or detected from a clip or a file."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from ..document.document import Edit
from ..document.edits.harmony import lay_chords, set_key
from ..document.edits.song import sequence
from ..document.harmony import Chord, Key, key_at
from ..document.instruments import DRUM_BANK
from ..document.notes import NoteClip
from ..document.project import AudioClip, Clip, Comp, Media, Project, Track, clip_end, clip_start
from ..document.segments import segments
from ..document.sounding import Played, clip_notes
from ..document.time import PPQ, bar_beat, bar_tick, tempo_map
from ..engine.jobs import Work
from ..engine.music.harmony.detecting import RATE, Detected, chords_of_notes, chords_of_sound, mono
from ..engine.music.harmony.grids import even_grid, grid_of
from ..engine.music.harmony.suggesting import Suggestion, suggest
from ..engine.music.harmony.symbols import lay, read_words
from ..errors import StudioError
from .midi import is_midi, open_midi

Playable = Callable[[Media], Path | None]

LOOKED_BACK = 32
"""Chords before a place that suggestions look back on."""

CELL_SECONDS = 0.5
"""How long a beat of a file is taken to be where nothing says its tempo."""

MOST_SECONDS = 3600.0
"""Of a file that is listened to."""


class FileChords(NamedTuple):
    """What was detected in a file, and the seconds at which each chord begins and ends, one after the other."""

    detected: Detected
    seconds: list[float]


class Reading(NamedTuple):
    """Chords as they will stand in the song, from tick `start` to `end`; `bars` says how many bars of the song."""

    chords: tuple[Chord, ...]
    start: int
    end: int
    bars: int


def read_text(project: Project, text: str, tick: int) -> Reading:
    """What typed chords mean from the bar on in which `tick` lies, in the song's bars and key.

    Roman numerals are read in the key there, C major where none is set. Raises ChordTextError with the word and
    the bar of the song in which it would stand.
    """
    first = bar_beat(project.signatures, max(tick, 0)).bar
    words = read_words(text, key_for(project, tick), first)
    bars = words[-1].bar + 1
    chords = lay(words, lambda bar: int(bar_tick(project.signatures, first + bar)))
    start, end = (int(bar_tick(project.signatures, bar)) for bar in (first, first + bars))
    return Reading(chords, start, end, bars)


def put_reading(reading: Reading, label: str = "Type chords") -> Edit:
    """The edit that lays read chords into the song in the place of those there, one undo step."""
    return lay_chords(reading.chords, reading.start, reading.end, label)


def key_for(project: Project, tick: int) -> Key:
    """The key at a tick; the first one before it is set, and C major where the song has none."""
    return key_at(project.keys, tick) or (project.keys[0] if project.keys else Key(0, 0))


def suggest_after(project: Project, tick: int, count: int = 8) -> tuple[Suggestion, ...]:
    """The chords most likely to follow those before a tick; each begins there and lasts to the end of its bar."""
    before = [chord for chord in project.chords if chord.start < tick][-LOOKED_BACK:]
    spot = bar_beat(project.signatures, tick)
    length = int(bar_tick(project.signatures, spot.bar + 1)) - tick
    return tuple(
        one._replace(chord=replace(one.chord, start=tick, length=length))
        for one in suggest(before, key_for(project, tick), count)
    )


def detect_chords(project: Project, clip_id: str, playable: Playable, work: Work) -> Detected:
    """The chords of a clip on the beats of the song. Worker threads; cancelled through `work`.

    `playable` says where a media is read from. Raises StudioError: the clip is gone, silent or of drums, or its sound
    is missing.
    """
    track, clip = _find(project, clip_id)
    start, end = (int(project.time.tick(frame)) for frame in _extent(project, clip))
    grid = grid_of(project.signatures, max(start, 0), max(end, start + 1, 1))
    if isinstance(clip, NoteClip):
        if track.instrument is not None and (track.instrument.kind == "drums" or track.instrument.bank == DRUM_BANK):
            raise StudioError("Drums play no chords; choose a clip of notes with pitches, or one of sound.")
        work.report(0.5, "Looking for chords")
        found = chords_of_notes(sorted(clip_notes(clip), key=lambda one: one.start), grid)
    else:
        origin = int(clip_start(clip, project.time))
        seconds = ((project.time.frames(grid.edges) - origin) / project.rate).tolist()
        found = chords_of_sound(_sound(project, clip, playable), grid, seconds, _reporting(work))
    if not found.chords:
        raise StudioError("No chords are heard in this clip; choose one in which several notes sound together.")
    return found


def detect_in_file(path: Path, tempo: float | None, work: Work) -> FileChords:
    """The chords of a sound file or a MIDI file. Raises StudioError when it cannot be read or holds no chords.

    A sound has no bars: with `tempo`, in BPM, its chords change on beats counted from its beginning.
    """
    found = _in_midi(path, work) if is_midi(path) else _in_sound(path, tempo, work)
    if not found.detected.chords:
        raise StudioError(f"No chords are heard in “{path.name}”; choose a file in which several notes sound together.")
    return found


def _in_midi(path: Path, work: Work) -> FileChords:
    song = open_midi(path)
    time = tempo_map(song.tempo, 48_000)
    pitched = [part for part in song.tracks if part.bank != DRUM_BANK]
    notes = [
        Played(note.start, note.start + note.length, note.pitch, note.velocity, note)
        for part in pitched
        for note in part.notes
        if not note.muted
    ]
    work.check()
    grid = grid_of(song.signatures, 0, max((one.end for one in notes), default=1))
    found = chords_of_notes(sorted(notes, key=lambda one: one.start), grid)
    return FileChords(found, time.seconds_of(_ends(found)).tolist())


def _in_sound(path: Path, tempo: float | None, work: Work) -> FileChords:
    from ..engine.audio.decode import probe

    info = probe(path)
    cell = 60 / tempo if tempo else CELL_SECONDS
    length = min(info.frames / info.rate if info.frames else MOST_SECONDS, MOST_SECONDS)
    cells = max(math.ceil(length / cell), 1)
    seconds = [n * cell for n in range(cells + 1)]
    found = chords_of_sound(mono(path), even_grid(PPQ, cells), seconds, _reporting(work))
    return FileChords(found, [min(tick / PPQ * cell, length) for tick in _ends(found)])


def _ends(found: Detected) -> list[int]:
    """Where each chord begins and ends, one after the other."""
    return [tick for one in found.chords for tick in (one.chord.start, one.chord.start + one.chord.length)]


def put_detected(found: Detected, sure: float = 0.0, with_key: bool = False) -> Edit:
    """The edit that lays detected chords of at least this confidence into the song; one undo step.

    With `with_key` the detected key holds from the first chord on.
    """
    chords = [one.chord for one in found.chords if one.confidence >= sure]
    if not chords:
        raise StudioError("None of the chords is that sure; lower the limit.")
    start, end = found.chords[0].chord.start, found.chords[-1].chord.start + found.chords[-1].chord.length
    edits = [lay_chords(chords, start, end)]
    if with_key and found.key is not None:
        edits.append(set_key(start, found.key.key.tonic, found.key.key.mode))
    return sequence("Detect chords", edits)


def _find(project: Project, clip_id: str) -> tuple[Track, Clip]:
    for track in project.tracks:
        for clip in track.clips:
            if clip.id == clip_id:
                return track, clip
    raise StudioError("This clip is no longer in the song; choose another.")


def _extent(project: Project, clip: Clip) -> tuple[int, int]:
    return int(clip_start(clip, project.time)), int(clip_end(clip, project.time))


def _sound(project: Project, clip: AudioClip | Comp, playable: Playable) -> Iterator[npt.NDArray[np.float32]]:
    """What a clip sounds like from its left edge on, mono at RATE."""
    at = 0.0
    for part in segments(clip, project.rate):
        media = project.medium(part.media)
        path = None if media is None else playable(media)
        if path is None:
            name = media.name if media else clip.name
            raise StudioError(f"The sound “{name}” is missing; find it with File, Find Missing Sounds, and try again.")
        begin = part.start / project.rate * RATE
        if begin > at:
            yield np.zeros(round(begin - at), np.float32)
            at += round(begin - at)
        for block in mono(path, part.source, part.length):
            yield block
            at += len(block)


def _reporting(work: Work) -> Callable[[float], None]:
    def check(at: float) -> None:
        work.check()
        work.report(at, "Listening for chords")

    return check
