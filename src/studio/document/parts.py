"""The song taken apart: one part per track, clip, media and block of notes, and one root for the rest.

An edit stores only the parts it changed, so a clip move costs about 0.2 kB however long the song is, and an edit of a
note the block it stands in.
"""

from __future__ import annotations

import msgspec

from .harmony import Chord, Key
from .notes import Block, Control, Note, NoteClip
from .project import Clip, Loop, Marker, Media, Project, Section, Strip, Track
from .time import Signature, TempoPoint

ROOT = "root"
"""The id under which the root part is stored."""


class RootPart(msgspec.Struct, frozen=True, gc=False, tag="root", tag_field="part"):
    """Everything of a project that is not a track, clip or media, and the order of the tracks."""

    id: str
    name: str
    rate: int
    tempo: tuple[TempoPoint, ...]
    signatures: tuple[Signature, ...]
    sections: tuple[Section, ...]
    markers: tuple[Marker, ...]
    loop: Loop
    master: Strip
    tracks: tuple[str, ...]
    chords: tuple[Chord, ...] = ()
    keys: tuple[Key, ...] = ()


class TrackPart(msgspec.Struct, frozen=True, gc=False, tag="track", tag_field="part"):
    """A track without its clips."""

    track: Track


class ClipPart(msgspec.Struct, frozen=True, gc=False, tag="clip", tag_field="part"):
    """A clip and the track it is on. A clip of notes leaves its blocks out: they are parts of their own."""

    track: str
    clip: Clip


class MediaPart(msgspec.Struct, frozen=True, gc=False, tag="media", tag_field="part"):
    """One media."""

    media: Media


class NotesPart(msgspec.Struct, frozen=True, gc=False, tag="notes", tag_field="part"):
    """A block of the notes of a clip."""

    clip: str
    block: Block[Note]


class ControlsPart(msgspec.Struct, frozen=True, gc=False, tag="controls", tag_field="part"):
    """A block of the controls of a clip."""

    clip: str
    block: Block[Control]


Part = RootPart | TrackPart | ClipPart | MediaPart | NotesPart | ControlsPart


def root_part(project: Project) -> RootPart:
    """The root part of a project."""
    return RootPart(
        project.id,
        project.name,
        project.rate,
        project.tempo,
        project.signatures,
        project.sections,
        project.markers,
        project.loop,
        project.master,
        tuple(track.id for track in project.tracks),
        project.chords,
        project.keys,
    )


def track_part(track: Track) -> TrackPart:
    """The part of a track, its clips left out."""
    return TrackPart(msgspec.structs.replace(track, clips=()) if track.clips else track)


def clip_part(track_id: str, clip: Clip) -> ClipPart:
    """The part of a clip, its blocks left out."""
    if isinstance(clip, NoteClip) and (clip.note_blocks or clip.control_blocks):
        clip = msgspec.structs.replace(clip, note_blocks=(), control_blocks=())
    return ClipPart(track_id, clip)


def block_parts(clip: Clip) -> dict[str, NotesPart | ControlsPart]:
    """The parts of a clip's blocks, by id."""
    if not isinstance(clip, NoteClip):
        return {}
    found: list[NotesPart | ControlsPart] = [NotesPart(clip.id, block) for block in clip.note_blocks]
    found += [ControlsPart(clip.id, block) for block in clip.control_blocks]
    return {block_id(part): part for part in found}


def block_id(part: NotesPart | ControlsPart) -> str:
    """The id under which a block is stored."""
    return f"{part.clip}/{'n' if isinstance(part, NotesPart) else 'c'}{part.block.id}"


def clip_parts(track_id: str, clip: Clip) -> dict[str, Part]:
    """All parts of a clip by id."""
    return {clip.id: clip_part(track_id, clip), **block_parts(clip)}


def parts(project: Project) -> dict[str, Part]:
    """All parts of a project by id."""
    out: dict[str, Part] = {ROOT: root_part(project)}
    for media in project.media:
        out[media.id] = MediaPart(media)
    for track in project.tracks:
        out[track.id] = track_part(track)
        for clip in track.clips:
            out |= clip_parts(track.id, clip)
    return out
