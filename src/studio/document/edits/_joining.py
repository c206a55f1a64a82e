"""Several clips of notes as one."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from ..blocks import control_blocks, note_blocks
from ..notes import Note, NoteClip
from ..project import Track, clip_key
from ..sounding import Played, track_controls, track_notes


def merged(clips: Sequence[NoteClip]) -> NoteClip:
    """One clip from the start of the first to the end of the last that sounds like them; it has the first one's id.

    Patterns are written out, gain and transposition go into the notes, and what sounds nowhere is dropped.
    """
    ordered = sorted(clips, key=clip_key)
    first, end = ordered[0], max(clip.end for clip in ordered)
    muted = all(clip.muted for clip in ordered)
    heard = [replace(clip, muted=False) for clip in ordered] if muted else ordered
    track = Track("", "", "", kind="instrument", clips=tuple(heard))
    taken: set[str] = set()
    notes = [_written(played, first.anchor, taken) for played in track_notes(track)]
    controls = [replace(point, tick=point.tick - first.anchor) for point in track_controls(track)]
    return replace(
        first,
        ticks=end - first.anchor,
        lead=0,
        loop=0,
        note_blocks=note_blocks(notes),
        control_blocks=control_blocks(controls),
        gain=1.0,
        transpose=0,
        muted=muted,
    )


def _written(played: Played, origin: int, taken: set[str]) -> Note:
    """The note at its own place; a repetition gets an id made from that of its note, so that joining stays pure."""
    key, turn = played.note.id, played.turn
    while key in taken:
        key, turn = f"{played.note.id}.{turn}", turn + 1
    taken.add(key)
    length = played.end - played.start
    return replace(
        played.note, id=key, start=played.start - origin, length=length, pitch=played.pitch, velocity=played.velocity
    )
