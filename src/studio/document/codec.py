"""The song on disk: how parts are written, read, bounded and put together again.

Parts are MessagePack of tagged structs. Nothing is decoded but by schema, and what decodes is checked for sense
(`bounds.py`) before it becomes a project.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from .blocks import learn
from .bounds import MAX_FRAME, CodecError, check, check_blocks, is_inside, require
from .notes import Block, Control, Note, NoteClip, note_key
from .parts import (
    ROOT,
    ClipPart,
    ControlsPart,
    MediaPart,
    NotesPart,
    Part,
    RootPart,
    TrackPart,
    block_id,
    clip_parts,
    parts,
    root_part,
    track_part,
)
from .project import Clip, Media, Project, Track, clip_key, fits

__all__ = [
    "FORMAT",
    "MAX_FRAME",
    "ROOT",
    "ClipPart",
    "CodecError",
    "ControlsPart",
    "MediaPart",
    "NotesPart",
    "Part",
    "RootPart",
    "TrackPart",
    "assemble",
    "check",
    "clip_parts",
    "decode",
    "encode",
    "is_inside",
    "parts",
    "root_part",
    "track_part",
]

FORMAT = 1
"""Version of the part format. A project written by a newer format is refused, an older one is upgraded part by part."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Part)


def encode(part: Part) -> bytes:
    """A part as MessagePack. Raises CodecError for text that is not Unicode and other values that cannot be stored."""
    try:
        return _encoder.encode(part)
    except (TypeError, ValueError, OverflowError) as cause:
        raise CodecError(f"This change holds a value that cannot be saved ({cause}); it was not made.") from cause


def decode(data: bytes) -> Part:
    """The part in `data`. Raises CodecError for anything that is not one."""
    try:
        part: Part = _decoder.decode(data)
    except (msgspec.DecodeError, ValueError, RecursionError) as cause:
        raise CodecError(f"This project holds a part that cannot be read ({cause}).") from cause
    return part


def assemble(items: Mapping[str, Part]) -> Project:
    """The project that `parts` took apart. Raises CodecError where parts contradict each other."""
    root = items.get(ROOT)
    if not isinstance(root, RootPart):
        raise CodecError("This project has no root part; open an earlier version of it.")
    sorted_out = _Sorted(items)
    tracks = sorted_out.tracks
    clips = sorted_out.whole_clips()
    if len(set(root.tracks)) != len(root.tracks) or set(root.tracks) != set(tracks) or not set(clips) <= set(tracks):
        raise CodecError("This project's tracks do not match its list of tracks; open an earlier version of it.")
    full = tuple(
        msgspec.structs.replace(tracks[track], clips=tuple(sorted(clips.get(track, ()), key=clip_key)))
        for track in root.tracks
    )
    for part in items.values():
        check(part)
    for track in full:
        check_track_clips(track)
    return Project(
        id=root.id,
        name=root.name,
        rate=root.rate,
        tempo=root.tempo,
        signatures=root.signatures,
        sections=root.sections,
        markers=root.markers,
        loop=root.loop,
        master=root.master,
        tracks=full,
        media=tuple(sorted(sorted_out.media, key=lambda item: item.id)),
        chords=root.chords,
        keys=root.keys,
    )


class _Sorted:
    """The parts of a project by what they are."""

    def __init__(self, items: Mapping[str, Part]) -> None:
        self.tracks: dict[str, Track] = {}
        self.media: list[Media] = []
        self._clips: list[ClipPart] = []
        self._notes: dict[str, list[Block[Note]]] = {}
        self._controls: dict[str, list[Block[Control]]] = {}
        for key, part in items.items():
            _same(key, self._take(part))

    def _take(self, part: Part) -> str:
        """Puts a part where it belongs; the id it should be stored under."""
        match part:
            case ClipPart():
                self._clips.append(part)
                return part.clip.id
            case NotesPart():
                self._notes.setdefault(part.clip, []).append(part.block)
                return block_id(part)
            case ControlsPart():
                self._controls.setdefault(part.clip, []).append(part.block)
                return block_id(part)
            case TrackPart():
                self.tracks[part.track.id] = part.track
                return part.track.id
            case MediaPart():
                self.media.append(part.media)
                return part.media.id
            case RootPart():
                return ROOT

    def whole_clips(self) -> dict[str, list[Clip]]:
        """The clips by track, with their blocks."""
        clips: dict[str, list[Clip]] = {}
        for part in self._clips:
            clips.setdefault(part.track, []).append(self._whole(part.clip))
        require(not self._notes and not self._controls, "notes without their clip")
        return clips

    def _whole(self, clip: Clip) -> Clip:
        if not isinstance(clip, NoteClip):
            return clip
        require(not clip.note_blocks and not clip.control_blocks, "a clip with its notes inside")
        notes, controls = self._notes.pop(clip.id, []), self._controls.pop(clip.id, [])
        require(all(b.items for b in notes) and all(b.items for b in controls), "a block without notes")
        blocks = tuple(sorted(notes, key=lambda block: note_key(block.items[0])))
        learn(blocks)
        return msgspec.structs.replace(
            clip,
            note_blocks=blocks,
            control_blocks=tuple(sorted(controls, key=lambda block: block.items[0].tick)),
        )


def check_track_clips(track: Track, clips: Iterable[Clip] | None = None) -> None:
    """Raises CodecError where clips, by default all of the track, do not belong on it or do not hold together."""
    for clip in track.clips if clips is None else clips:
        require(fits(clip, track), "a clip on a track of another kind")
        if isinstance(clip, NoteClip):
            check_blocks(clip)


def _same(key: str, part_id: str) -> None:
    require(key == part_id, f"a part stored as {key!r} that calls itself {part_id!r}")
