"""MIDI files brought into a song as instrument tracks, and a song written as a MIDI file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from ..document.document import Edit
from ..document.edits.clips import add_clips
from ..document.edits.notes import make_note_clip
from ..document.edits.song import sequence
from ..document.edits.tracks import add_tracks, fresh_track
from ..document.instruments import DRUM_BANK, Instrument
from ..document.notes import NoteClip
from ..document.project import Marker, Project, Track, new_id
from ..document.time import Signature, bar_beat, bar_tick
from ..engine.music.midifile import MidiSong, MidiTrack, read_midi
from ..errors import StudioError

if TYPE_CHECKING:
    from .placing import Target

SUFFIXES = (".mid", ".midi", ".kar", ".rmi", ".smf")
"""Endings of files that are read as MIDI."""


def is_midi(path: Path) -> bool:
    """Whether a file is read as MIDI, by its name."""
    return path.suffix.lower() in SUFFIXES


def open_midi(path: Path) -> MidiSong:
    """Reads a MIDI file with notes. Raises StudioError with the reason. Any thread."""
    song = read_midi(path)
    if not any(track.notes for track in song.tracks):
        raise StudioError(f"“{path.name}” holds no notes; there is nothing to import.")
    return song


def place_midi(project: Project, songs: Sequence[MidiSong], target: Target) -> tuple[Edit, tuple[str, ...]]:
    """The edit that puts MIDI files into a song as one undo step, and the ids of their clips.

    Every part of a file becomes an instrument track; a file of one part lands on the target's track if that is an
    instrument track, and keeps to its instrument. A song that holds no clips yet takes tempo, time signatures and keys
    of the first file, which then begins on the bar line nearest to the target; others begin right there.
    """
    edits: list[Edit] = []
    ids: list[str] = []
    grown, index = project, _row(project, target)
    for song in songs:
        placing = _Placing(grown, song, target, index)
        edits.append(placing.edit)
        grown = placing.edit.change(grown)
        ids += placing.ids
        index = None if index is None else index + placing.made
    label = f"Import {songs[0].name}" if len(songs) == 1 else f"Import {len(songs)} MIDI files"
    return sequence(label, edits), tuple(ids)


def _row(project: Project, target: Target) -> int | None:
    """The row before which new tracks go: below the target's track where it has one."""
    rows = [track.id for track in project.tracks]
    return rows.index(target.track) + 1 if target.track in rows else target.index


class _Placing:
    """The edit for one file: the song's maps, tracks with clips, markers and chords."""

    def __init__(self, project: Project, song: MidiSong, target: Target, index: int | None) -> None:
        self.ids: list[str] = []
        self.made = 0
        edits: list[Edit] = []
        if any(track.clips for track in project.tracks):
            begin = int(project.time.tick(target.frame))
        else:
            begin, maps = _taken_over(project, song, target.frame)
            edits.append(maps)
            project = maps.change(project)
        edits.append(_marks(project, song, begin))
        parts = [part for part in song.tracks if part.notes]
        known = project.track(target.track)
        for part in parts:
            clip = _clip(project, part, _name(part, song, len(parts)), begin)
            self.ids.append(clip.id)
            if known is not None and known.kind == "instrument" and len(parts) == 1:
                edits.append(add_clips(known.id, (clip,)))
                continue
            track = _track(project, part, (len(parts) == 1 and target.name) or clip.name)
            added = add_tracks((track,), None if index is None else index + self.made)
            edits += [added, add_clips(track.id, (clip,))]
            project = added.change(project)
            self.made += 1
        self.edit = sequence("Import", edits)


def _taken_over(project: Project, song: MidiSong, frame: int) -> tuple[int, Edit]:
    """Where a file begins in an empty song, and the edit that gives the song the file's tempo, bars and keys."""
    plain = replace(project, tempo=song.tempo[:1], signatures=song.signatures[:1])
    bar = song.signatures[0].bar_ticks
    begin = max(round(plain.time.tick(frame) / bar), 0) * bar

    def shifted(points: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(replace(point, tick=point.tick + begin if point.tick else 0) for point in points)

    maps: dict[str, Any] = {"tempo": shifted(song.tempo), "signatures": shifted(song.signatures)}
    if song.keys:
        maps["keys"] = shifted(song.keys)
    return begin, Edit("Tempo", lambda given: replace(given, **maps))


def _marks(project: Project, song: MidiSong, begin: int) -> Edit:
    """Adds the markers, and the chords if the song has none yet."""
    fresh = [Marker(new_id("marker"), begin + text.tick, text.text) for text in song.markers]
    chords = tuple(replace(chord, start=begin + chord.start) for chord in song.chords)

    def change(given: Project) -> Project:
        markers = sorted([*given.markers, *fresh], key=lambda marker: (marker.start, marker.id))
        return replace(given, markers=tuple(markers), chords=given.chords or chords)

    return Edit("Markers", change)


def _track(project: Project, part: MidiTrack, name: str) -> Track:
    instrument = Instrument(program=part.program, bank=part.bank)
    return fresh_track(project, name, "instrument", instrument=instrument)


def _name(part: MidiTrack, song: MidiSong, parts: int) -> str:
    if part.name:
        return part.name
    if parts == 1:
        return song.name
    return "Drums" if part.bank == DRUM_BANK else f"{song.name} {part.channel + 1}"


def _clip(project: Project, part: MidiTrack, name: str, begin: int) -> NoteClip:
    """The clip of a part, from the bar line before its first note to the one after its last."""
    first = begin + part.notes[0].start
    end = begin + max(note.start + note.length for note in part.notes)
    anchor = max(_bar_before(project.signatures, first), begin)
    shift = begin - anchor
    notes = [replace(note, start=note.start + shift) for note in part.notes] if shift else part.notes
    controls = [replace(point, tick=point.tick + shift) for point in part.controls]
    ticks = _bar_after(project.signatures, end) - anchor
    return make_note_clip(name, anchor, max(ticks, 1), notes, controls)


def _bar_before(signatures: tuple[Signature, ...], tick: int) -> int:
    return bar_tick(signatures, bar_beat(signatures, tick).bar)


def _bar_after(signatures: tuple[Signature, ...], tick: int) -> int:
    before = _bar_before(signatures, tick)
    return before if before == tick else bar_tick(signatures, bar_beat(signatures, tick).bar + 1)


class MidiExport(msgspec.Struct, frozen=True):
    """What was written."""

    file: Path
    tracks: int
    notes: int
    seconds: float


def export_midi(project: Project, out: Path, straight: bool = False) -> MidiExport:
    """Writes the instrument tracks of a song as a MIDI file; with `straight` without swing and humanising.

    Raises StudioError with the reason; nothing is left behind then. Any thread.
    """
    from ..engine.music.midiwrite import write_midi  # mido takes its time to import

    if not any(track.kind == "instrument" and track.clips for track in project.tracks):
        raise StudioError("There are no notes in this song to export; clips of sound do not go into MIDI files.")
    done = write_midi(project, out, straight)
    return MidiExport(done.file, done.tracks, done.notes, float(project.time.seconds_of(done.ticks)[0]))
