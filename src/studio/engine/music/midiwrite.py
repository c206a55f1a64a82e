"""A song as a standard MIDI file of type 1: a track chunk for the maps and markers, one for each instrument track.

Notes stand where they sound: patterns written out, windows, gain and transposition applied. Readers that pair a note's
end with its start differ where notes of one pitch overlap, so such notes go into a further chunk of the same name.
Syllables are lyric events beside their notes.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import mido
import msgspec
from msgspec.structs import replace

from ...document.blocks import note_blocks
from ...document.edits.timing import straight
from ...document.harmony import Chord, Key
from ...document.instruments import DRUM_BANK, Instrument
from ...document.notes import BEND_RANGE, PRESSURE, Bend, Control, Controller, NoteClip
from ...document.project import Project, Track
from ...document.sounding import Played, track_controls, track_notes
from ...document.time import PPQ, TempoPoint
from .chordnames import spell_chord
from .midievents import MidiError
from .midifile import MAX_TICKS, NO_CHORD
from .midimaps import MICROSECONDS, sharps_of
from .miditracks import CONTINUES, DRUMS

RAMP_STEP = PPQ // 4
"""How long the steps are that stand for a tempo ramp, in ticks."""

_NEAREST = {
    "Bass": 38, "Sub bass": 39, "Lead": 81, "Pad": 89, "Pluck": 84, "Keys": 5, "E-piano": 4, "Bell": 14, "Organ": 16,
    "Brass": 62,
}  # fmt: skip
_NEAREST_KIT = {"808": 25, "909": 24}
"""The programs of General MIDI that come nearest to the studio's own presets."""

MELODIC = tuple(channel for channel in range(16) if channel != DRUMS)

_MAJOR = ("Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#")
_MINOR = ("Abm", "Ebm", "Bbm", "Fm", "Cm", "Gm", "Dm", "Am", "Em", "Bm", "F#m", "C#m", "G#m", "D#m", "A#m")

Timed = tuple[int, int, Any]
"""Tick, rank among what happens at one tick, and the message."""
_META, _OFF, _CONTROL, _ON = range(4)


class Written(msgspec.Struct, frozen=True):
    """What a MIDI file holds now."""

    file: Path
    tracks: int
    notes: int
    ticks: int


def write_midi(project: Project, out: Path, straight_notes: bool = False) -> Written:
    """Writes the instrument tracks of a song, muted or not, whole or not at all. Any thread. Raises MidiError.

    With `straight_notes` swing, grooves and humanising are left out, else they are in the notes.
    """
    players = [track for track in project.tracks if track.kind == "instrument"]
    if straight_notes:
        players = [_straightened(track) for track in players]
    file = mido.MidiFile(type=1, ticks_per_beat=PPQ, charset="utf-8")
    notes = [_from_zero(track_notes(track)) for track in players]
    end = max([0, *(played.end for track in notes for played in track)])
    if end > MAX_TICKS:
        raise MidiError("This song is longer than a day, more than a MIDI file holds; shorten it and export it again.")
    file.tracks.append(_chunk(_song_messages(project, end), end))
    melodic = 0
    for track, played in zip(players, notes, strict=True):
        instrument = track.instrument or Instrument()
        drums = instrument.kind == "drums" or instrument.bank == DRUM_BANK
        channel, port = (DRUMS, 0) if drums else (MELODIC[melodic % 15], melodic // 15)
        melodic += not drums
        for n, layer in enumerate(_layers(played) or [[]]):
            messages = [*_heading(track.name, instrument, channel, port, n > 0), *_note_messages(layer, channel)]
            if n == 0:
                messages += _control_messages(track_controls(track), channel)
            file.tracks.append(_chunk(messages, end))
    _save(file, out)
    return Written(out, len(players), sum(map(len, notes)), end)


def _straightened(track: Track) -> Track:
    clips = [
        replace(clip, note_blocks=note_blocks(map(straight, clip.notes))) if isinstance(clip, NoteClip) else clip
        for clip in track.clips
    ]
    return replace(track, clips=tuple(clips))


def _from_zero(notes: Sequence[Played]) -> list[Played]:
    """The notes without what lies before the song begins."""
    return [played if played.start >= 0 else replace(played, start=0) for played in notes if played.end > 0]


def _layers(notes: Sequence[Played]) -> list[list[Played]]:
    """Notes by start, shared out so that no two of one pitch overlap within a layer."""
    layers: list[list[Played]] = []
    ends: list[dict[int, int]] = []
    for played in notes:
        free = next((n for n, end in enumerate(ends) if end.get(played.pitch, 0) <= played.start), len(layers))
        if free == len(layers):
            layers.append([])
            ends.append({})
        layers[free].append(played)
        ends[free][played.pitch] = played.end
    return layers


def _heading(name: str, instrument: Instrument, channel: int, port: int, continues: bool) -> Iterable[Timed]:
    yield 0, _META, mido.MetaMessage("track_name", name=_plain(name))
    if port:
        yield 0, _META, mido.MetaMessage("midi_port", port=min(port, 255))
    if continues:
        yield 0, _META, mido.MetaMessage("sequencer_specific", data=tuple(CONTINUES))
    program, bank = meant_sound(instrument)
    for message in _program(channel, program, bank):
        yield 0, _META, message


def meant_sound(instrument: Instrument) -> tuple[int, int]:
    """The program and bank of General MIDI that other programs should play an instrument with."""
    if instrument.kind == "synth":
        return _NEAREST.get(instrument.preset, 81), 0
    if instrument.kind == "drums":
        return _NEAREST_KIT.get(instrument.preset, 0), 0
    return instrument.program, 0 if instrument.bank == DRUM_BANK else instrument.bank


def _program(channel: int, program: int, bank: int) -> list[Any]:
    """Bank and program; the bank is said even if it is 0, for another may have been chosen before."""
    return [
        mido.Message("control_change", channel=channel, control=0, value=bank & 127),
        mido.Message("control_change", channel=channel, control=32, value=bank >> 7),
        mido.Message("program_change", channel=channel, program=program),
    ]


def _note_messages(notes: Sequence[Played], channel: int) -> Iterable[Timed]:
    for played in notes:
        if played.note.text:
            yield played.start, _META, mido.MetaMessage("lyrics", text=_plain(played.note.text))
        yield played.start, _ON, mido.Message("note_on", channel=channel, note=played.pitch, velocity=played.velocity)
        yield played.end, _OFF, mido.Message("note_off", channel=channel, note=played.pitch, velocity=64)


def _control_messages(controls: Sequence[Control], channel: int) -> Iterable[Timed]:
    for point in controls:
        tick = max(point.tick, 0)
        match point:
            case Controller() if point.number == PRESSURE:
                yield tick, _CONTROL, mido.Message("aftertouch", channel=channel, value=point.value)
            case Controller():
                yield (
                    tick,
                    _CONTROL,
                    mido.Message("control_change", channel=channel, control=point.number, value=point.value),
                )
            case Bend():
                pitch = min(max(point.value, -BEND_RANGE), BEND_RANGE - 1)
                yield tick, _CONTROL, mido.Message("pitchwheel", channel=channel, pitch=pitch)
            case _:
                bank = 0 if point.bank == DRUM_BANK else point.bank
                for message in _program(channel, point.program, bank):
                    yield tick, _CONTROL, message


def _song_messages(project: Project, end: int) -> Iterable[Timed]:
    yield 0, _META, mido.MetaMessage("track_name", name=_plain(project.name))
    for tick, bpm in _tempo_steps(project.tempo):
        yield tick, _META, mido.MetaMessage("set_tempo", tempo=round(MICROSECONDS / bpm))
    for signature in project.signatures:
        message = mido.MetaMessage(
            "time_signature", numerator=signature.numerator, denominator=signature.denominator, clocks_per_click=24
        )
        yield signature.tick, _META, message
    for key in project.keys:
        yield key.tick, _META, mido.MetaMessage("key_signature", key=_key_name(key))
    marks = [(section.start, section.name) for section in project.sections]
    marks += [(marker.start, marker.name) for marker in project.markers]
    for tick, text in [*marks, *_chord_marks(project.chords)]:
        yield tick, _META, mido.MetaMessage("marker", text=_plain(text))


def _chord_marks(chords: Sequence[Chord]) -> Iterable[tuple[int, str]]:
    """Chords in square brackets, and where one ends without the next beginning."""
    begins = {chord.start for chord in chords}
    for chord in chords:
        yield chord.start, f"[{spell_chord(chord)}]"
        if chord.start + chord.length not in begins:
            yield chord.start + chord.length, f"[{NO_CHORD}]"


def _tempo_steps(points: Sequence[TempoPoint]) -> Iterable[tuple[int, float]]:
    """Tempo changes; a ramp becomes steps of its mean tempo."""
    for n, point in enumerate(points):
        following = points[n + 1] if n + 1 < len(points) else None
        if not point.ramp or following is None:
            yield point.tick, point.bpm
            continue
        length = following.tick - point.tick
        for at in range(0, length, RAMP_STEP):
            middle = (at + min(at + RAMP_STEP, length)) / 2
            yield point.tick + at, point.bpm + (following.bpm - point.bpm) * middle / length


def _key_name(key: Key) -> str:
    sharps, minor = sharps_of(key)
    return (_MINOR if minor else _MAJOR)[sharps + 7]


def _chunk(messages: Iterable[Timed], end: int) -> Any:
    """A track chunk out of messages at ticks, in any order; those of one tick and rank keep theirs."""
    track, at = mido.MidiTrack(), 0
    for tick, _, message in sorted(messages, key=lambda timed: timed[:2]):
        message.time = tick - at
        at = tick
        track.append(message)
    track.append(mido.MetaMessage("end_of_track", time=max(end - at, 0)))
    return track


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _save(file: Any, out: Path) -> None:
    part = out.with_name(f".{uuid.uuid4().hex[:12]}.part")
    try:
        file.save(part)
        part.replace(out)
    except OSError as cause:
        part.unlink(missing_ok=True)
        reason = cause.strerror or cause
        raise MidiError(f"“{out.name}” could not be written ({reason}); choose another place.") from cause
