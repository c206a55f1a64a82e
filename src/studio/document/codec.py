"""The song as parts on disk: what a revision stores, how it is decoded, bounded and upgraded.

A project is taken apart into one part per track, clip, media and one root. An edit stores only the parts it changed, as
MessagePack of tagged structs, so a clip move costs about 0.2 kB however long the song is. Nothing is decoded but by
schema, and what decodes is checked for sense (`checked`) before it becomes a project.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping

import msgspec

from ..errors import StudioError
from .project import MAX_GAIN, Clip, Comp, Insert, Loop, Marker, Media, Project, Section, Strip, Track, clip_key
from .time import MAX_BPM, MAX_RATE, MIN_BPM, MIN_RATE, Signature, TempoPoint

FORMAT = 1
"""Version of the part format. A project written by a newer format is refused, an older one is upgraded part by part."""

MAX_FRAME = 2**47
"""Bound of every position and length in a file: 90 years at 48 kHz."""

ROOT = "root"
"""The id under which the root part is stored."""


class CodecError(StudioError):
    """Parts that are not a song this version can read."""


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


class TrackPart(msgspec.Struct, frozen=True, gc=False, tag="track", tag_field="part"):
    """A track without its clips."""

    track: Track


class ClipPart(msgspec.Struct, frozen=True, gc=False, tag="clip", tag_field="part"):
    """A clip and the track it is on."""

    track: str
    clip: Clip


class MediaPart(msgspec.Struct, frozen=True, gc=False, tag="media", tag_field="part"):
    """One media."""

    media: Media


Part = RootPart | TrackPart | ClipPart | MediaPart

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Part)


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
    )


def track_part(track: Track) -> TrackPart:
    """The part of a track, its clips left out."""
    return TrackPart(msgspec.structs.replace(track, clips=()) if track.clips else track)


def parts(project: Project) -> dict[str, Part]:
    """All parts of a project by id."""
    out: dict[str, Part] = {ROOT: root_part(project)}
    for media in project.media:
        out[media.id] = MediaPart(media)
    for track in project.tracks:
        out[track.id] = track_part(track)
        for clip in track.clips:
            out[clip.id] = ClipPart(track.id, clip)
    return out


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
    clips: dict[str, list[Clip]] = {}
    tracks: dict[str, Track] = {}
    media: list[Media] = []
    for key, part in items.items():
        match part:
            case ClipPart():
                _same(key, part.clip.id)
                clips.setdefault(part.track, []).append(part.clip)
            case TrackPart():
                _same(key, part.track.id)
                tracks[key] = part.track
            case MediaPart():
                _same(key, part.media.id)
                media.append(part.media)
            case RootPart():
                _same(key, ROOT)
    if len(set(root.tracks)) != len(root.tracks) or set(root.tracks) != set(tracks) or not set(clips) <= set(tracks):
        raise CodecError("This project's tracks do not match its list of tracks; open an earlier version of it.")
    full = tuple(
        msgspec.structs.replace(tracks[track], clips=tuple(sorted(clips.get(track, ()), key=clip_key)))
        for track in root.tracks
    )
    project = Project(
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
        media=tuple(sorted(media, key=lambda item: item.id)),
    )
    for part in items.values():
        check(part)
    return project


def check(part: Part) -> None:
    """Raises CodecError where a part's values make no sense: the bounds that every edit and every file keep."""
    match part:
        case RootPart():
            _check_root(part)
        case TrackPart():
            _check_strip(part.track.strip)
            _require(len(part.track.inputs) in {1, 2} and all(0 <= i < 1024 for i in part.track.inputs), "inputs")
        case ClipPart():
            _check_clip(part.clip)
        case MediaPart():
            media = part.media
            _require(is_inside(media.file), f"the file name {media.file!r} of a media")
            _require(0 <= media.frames <= MAX_FRAME and 1 <= media.channels <= 2, "the size of a media")
            _require(0 < media.rate <= 10_000_000, "the rate of a media")


def _check_root(root: RootPart) -> None:
    _require(MIN_RATE <= root.rate <= MAX_RATE, "the sample rate")
    _require(bool(root.tempo) and root.tempo[0].tick == 0, "the start of the tempo map")
    _require(all(MIN_BPM <= point.bpm <= MAX_BPM for point in root.tempo), "a tempo (10 to 999 BPM)")
    _require(_rising(point.tick for point in root.tempo), "the order of the tempo map")
    _require(bool(root.signatures) and root.signatures[0].tick == 0, "the start of the time signatures")
    for signature in root.signatures:
        fits = 1 <= signature.numerator <= 64 and signature.denominator in {1, 2, 4, 8, 16, 32}
        _require(fits, f"the time signature {signature.numerator}/{signature.denominator}")
    _require(_rising(signature.tick for signature in root.signatures), "the order of the time signatures")
    for before, after in itertools.pairwise(root.signatures):
        _require((after.tick - before.tick) % before.bar_ticks == 0, "a time signature that is not on a bar line")
    _require(0 <= root.loop.start < root.loop.end <= MAX_FRAME, "the loop range")
    _require(all(0 <= s.start <= MAX_FRAME and 0 < s.length <= MAX_FRAME for s in root.sections), "a section")
    _require(all(0 <= m.start <= MAX_FRAME for m in root.markers), "a marker")
    for items in (root.sections, root.markers):
        keys = [(item.start, item.id) for item in items]
        _require(keys == sorted(set(keys)), "the order of sections and markers")
    _check_strip(root.master)


def _check_strip(strip: Strip) -> None:
    _require(0.0 <= strip.gain <= MAX_GAIN, "a fader")
    _require(-1.0 <= strip.pan <= 1.0, "a pan")
    _require(all(0.0 <= send.gain <= MAX_GAIN for send in strip.sends), "a send")
    for insert in strip.inserts:
        _check_insert(insert)


def _check_insert(insert: Insert) -> None:
    _require(all(math.isfinite(value) for _, value in insert.parameters), "an effect's parameter")


def _check_clip(clip: Clip) -> None:
    spot = 0 < clip.length <= MAX_FRAME and abs(clip.anchor) <= MAX_FRAME and abs(clip.offset) <= MAX_FRAME
    _require(spot, "the position of a clip")
    _require(0.0 <= clip.gain <= MAX_GAIN, "a clip's gain")
    _require(clip.fade_in >= 0 and clip.fade_out >= 0 and clip.fade_in + clip.fade_out <= clip.length, "a clip's fades")
    if not isinstance(clip, Comp):
        _require(0 <= clip.source <= MAX_FRAME, "the part of its media a clip shows")
        return
    _require(0 <= clip.lead <= MAX_FRAME, "the trim of a comp")
    _require(bool(clip.takes) and bool(clip.spans), "a comp without takes")
    _require(_rising(span.end for span in clip.spans) and clip.spans[0].end > 0, "the ranges of a comp")
    _require(clip.lead + clip.length <= clip.spans[-1].end, "the length of a comp")
    ids = {take.id for take in clip.takes}
    _require(len(ids) == len(clip.takes) and all(span.take in ids or not span.take for span in clip.spans), "takes")
    for take in clip.takes:
        fits = 0 <= take.start <= MAX_FRAME and 0 <= take.source <= MAX_FRAME and 0 < take.length <= MAX_FRAME
        _require(fits and 0.0 <= take.gain <= MAX_GAIN, "a take")


def is_inside(file: str) -> bool:
    """Whether a stored path with forward slashes stays inside its folder on every platform, links aside."""
    pieces = file.replace("\\", "/").split("/")
    plain = all(piece not in {"", ".", ".."} for piece in pieces)
    return plain and ":" not in file and "\0" not in file and len(file) < 1024


def _rising(values: Iterable[int]) -> bool:
    return all(a < b for a, b in itertools.pairwise(values))


def _same(key: str, part_id: str) -> None:
    _require(key == part_id, f"a part stored as {key!r} that calls itself {part_id!r}")


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise CodecError(f"This does not make sense in a song: {what}.")
