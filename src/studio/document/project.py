"""The song as one immutable value. Every type here is a frozen struct of plain values; leaves are not tracked by the
garbage collector, because an immutable tree cannot hold a cycle and a song has tens of thousands of them.

Positions: a clip starts at `frame(anchor) + offset`, with `anchor` in ticks and `offset` a signed number of frames, so
that any frame can be named. Clips of a musical track are anchored where they stand and follow the tempo map; clips of a
time-based track are anchored at tick 0 and keep their frame. Pieces of one clip keep its anchor, so their borders stay
sample-contiguous whatever happens to the tempo. Clips of notes (`notes.py`) stand on ticks alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from .correction import Correction, sound_id
from .harmony import Chord, Key
from .instruments import Instrument, Lane
from .notes import NoteClip
from .time import PPQ, Frame, Signature, TempoMap, TempoPoint, Tick, tempo_map

if TYPE_CHECKING:
    from .time import Frames

SILENCE = 0.0
"""Gain that is silence; decibels below it do not exist in the document."""

MAX_GAIN = 15.85
"""+24 dB, the highest gain of a strip or clip."""

TRACK_COLORS = ("#f2a33a", "#5aa9e6", "#c792ea", "#ef767a", "#7fd1ae", "#a3b86c")
"""The palette of tracks, in order of creation."""

TimeBase = Literal["musical", "time"]
TrackKind = Literal["audio", "instrument", "bus"]
MediaOrigin = Literal["import", "recording"]
FadeShape = Literal["linear", "equal_power"]


def new_ids(kind: str, count: int) -> list[str]:
    """Many fresh ids at once, as `new_id` makes them."""
    drawn = secrets.token_hex(6 * count)
    return [f"{kind}-{drawn[at : at + 12]}" for at in range(0, len(drawn), 12)]


def new_id(kind: str) -> str:
    """A fresh stable id, such as `clip-5f0c9a1be2d3`. 48 random bits: unique within a song and in practice beyond."""
    return f"{kind}-{secrets.token_hex(6)}"


class Media(msgspec.Struct, frozen=True, gc=False):
    """A sound file of the project. `file` is a path inside the bundle, with forward slashes.

    `frames` counts at the project's rate, in the playable form; `rate` and `source_channels` are those of the original.
    `digest` is the SHA-256 of the file, empty for a recording still running. `key` and `pace` are those of the practice
    (`practice.py`) in which it was recorded.
    """

    id: str
    name: str
    file: str
    frames: int
    channels: int
    rate: int
    source_channels: int = 0
    origin: MediaOrigin = "import"
    digest: str = ""
    key: int = 0
    pace: float = 1.0


class AudioClip(msgspec.Struct, frozen=True, gc=False, tag="audio", tag_field="kind"):
    """A stretch of media on the timeline: `length` frames of `media` from frame `source` on, as `correction` has it."""

    id: str
    name: str
    media: str
    anchor: int
    offset: int
    source: int
    length: int
    gain: float = 1.0
    fade_in: int = 0
    fade_out: int = 0
    fade_shape: FadeShape = "equal_power"
    muted: bool = False
    correction: Correction | None = None

    @property
    def sound(self) -> str:
        """The id of what is heard: the media's, or that of its corrected form."""
        return sound_id(self.media, self.correction)


class Take(msgspec.Struct, frozen=True, gc=False):
    """One recorded pass in a comp. Its media frame `source` sounds at the comp's frame `start`, for `length` frames.

    `start` counts from the comp's origin, `frame(anchor) + offset - lead` of the comp. `dropouts` are the media frames
    at which the device lost samples while recording.
    """

    id: str
    number: int
    name: str
    media: str
    start: int
    source: int
    length: int
    gain: float = 1.0
    dropouts: tuple[int, ...] = ()
    correction: Correction | None = None

    @property
    def sound(self) -> str:
        """The id of what is heard: the media's, or that of its corrected form."""
        return sound_id(self.media, self.correction)


class Span(msgspec.Struct, frozen=True, gc=False):
    """One chosen range of a comp: `take` sounds from the previous span's end to `end` (frames from the comp's origin).

    An empty `take` is silence.
    """

    end: int
    take: str


class Comp(msgspec.Struct, frozen=True, gc=False, tag="comp", tag_field="kind"):
    """A clip put together from ranges of takes. Borders between takes crossfade; nothing is rendered.

    `lead` is how far the comp's left edge stands after its origin (what was trimmed off), so trimming and splitting a
    comp touch neither its takes nor its spans. `spans` are sorted by `end`; the last end is that of the material.
    """

    id: str
    name: str
    anchor: int
    offset: int
    lead: int
    length: int
    takes: tuple[Take, ...]
    spans: tuple[Span, ...]
    gain: float = 1.0
    fade_in: int = 0
    fade_out: int = 0
    fade_shape: FadeShape = "equal_power"
    muted: bool = False

    def take(self, take_id: str) -> Take | None:
        """The take with this id."""
        return next((take for take in self.takes if take.id == take_id), None)


Clip = AudioClip | Comp | NoteClip


class Insert(msgspec.Struct, frozen=True, gc=False):
    """An effect in a strip: its kind by name and its parameters as sorted (name, value) pairs."""

    id: str
    kind: str
    parameters: tuple[tuple[str, float], ...] = ()
    bypassed: bool = False


class Send(msgspec.Struct, frozen=True, gc=False):
    """A feed from a strip, after its fader unless `pre_fader`, to a bus track."""

    id: str
    bus: str
    gain: float = 1.0
    pre_fader: bool = False


class Strip(msgspec.Struct, frozen=True, gc=False):
    """A mixer channel. `gain` is linear, 0.0 is silence; `pan` is -1 left to 1 right."""

    gain: float = 1.0
    pan: float = 0.0
    mute: bool = False
    solo: bool = False
    inserts: tuple[Insert, ...] = ()
    sends: tuple[Send, ...] = ()


class Track(msgspec.Struct, frozen=True, gc=False):
    """A lane of the timeline with its strip. `inputs` are the device channels it records from (0-based, one or two).

    `clips` are sorted by (anchor, offset, id). `base` says whether they follow the tempo or keep their frame; those of
    an instrument track are notes for its `instrument` and always follow. `lanes` are the rows of its drum grid.
    """

    id: str
    name: str
    color: str
    kind: TrackKind = "audio"
    base: TimeBase = "time"
    strip: Strip = Strip()
    clips: tuple[Clip, ...] = ()
    armed: bool = False
    inputs: tuple[int, ...] = (0,)
    lanes_open: bool = False
    instrument: Instrument | None = None
    lanes: tuple[Lane, ...] = ()


class Section(msgspec.Struct, frozen=True, gc=False):
    """A named part of the song: verse, chorus. `start` and `length` in ticks."""

    id: str
    start: int
    name: str
    length: int
    color: str = "#5aa9e6"


class Marker(msgspec.Struct, frozen=True, gc=False):
    """A named point, in ticks."""

    id: str
    start: int
    name: str


class Loop(msgspec.Struct, frozen=True, gc=False):
    """The loop range in ticks, `start` < `end`, and whether playback and recording go round in it."""

    start: int = 0
    end: int = 4 * 4 * PPQ
    on: bool = False


class Project(msgspec.Struct, frozen=True, gc=False):
    """A song. `tracks` are in the window's order, `media` sorted by id, keys by tick, the rest by (start, id)."""

    id: str
    name: str
    rate: int = 48_000
    tempo: tuple[TempoPoint, ...] = (TempoPoint(0, 120.0),)
    signatures: tuple[Signature, ...] = (Signature(0),)
    sections: tuple[Section, ...] = ()
    markers: tuple[Marker, ...] = ()
    loop: Loop = Loop()
    master: Strip = Strip()
    tracks: tuple[Track, ...] = ()
    media: tuple[Media, ...] = ()
    chords: tuple[Chord, ...] = ()
    keys: tuple[Key, ...] = ()

    @property
    def time(self) -> TempoMap:
        """The tempo map of this state."""
        return tempo_map(self.tempo, self.rate)

    def track(self, track_id: str) -> Track | None:
        """The track with this id."""
        return next((track for track in self.tracks if track.id == track_id), None)

    def medium(self, media_id: str) -> Media | None:
        """The media with this id."""
        return next((media for media in self.media if media.id == media_id), None)


def new_project(name: str, rate: int = 48_000) -> Project:
    """An empty song."""
    return Project(id=new_id("project"), name=name, rate=rate)


def media_of(clip: Clip) -> tuple[str, ...]:
    """The ids of all media a clip refers to, those of takes that do not sound included."""
    match clip:
        case AudioClip():
            return (clip.media,)
        case Comp():
            return tuple(take.media for take in clip.takes)
        case NoteClip():
            return ()


def zone_media(track: Track) -> tuple[str, ...]:
    """The ids of all media that the zones of a track's instrument play."""
    return tuple(zone.media for zone in track.instrument.zones) if track.instrument is not None else ()


def clip_start(clip: Clip, time: TempoMap) -> Frame:
    """The first frame of a clip in the song."""
    return Frame(time.frame(clip.anchor) + clip.offset)


def clip_end(clip: Clip, time: TempoMap) -> Frame:
    """The frame after a clip's last."""
    return time.frame(clip.end) if isinstance(clip, NoteClip) else Frame(clip_start(clip, time) + clip.length)


def clip_length(clip: Clip, time: TempoMap) -> int:
    """How many frames a clip is long; that of notes depends on the tempo."""
    return time.frame(clip.end) - time.frame(clip.anchor) if isinstance(clip, NoteClip) else clip.length


def clip_ends(clips: Sequence[Clip], time: TempoMap) -> Frames:
    """The frame after the last of each clip: int64, one-dimensional."""
    import numpy as np

    ticks = [clip.end if isinstance(clip, NoteClip) else clip.anchor for clip in clips]
    rest = [0 if isinstance(clip, NoteClip) else clip.offset + clip.length for clip in clips]
    return time.frames(ticks) + np.array(rest, np.int64)


def clip_key(clip: Clip) -> tuple[int, int, str]:
    """What clips of a track are sorted by."""
    return (clip.anchor, clip.offset, clip.id)


def fits(clip: Clip, track: Track) -> bool:
    """Whether a clip can stand on a track: notes on instrument tracks, sound on audio tracks, nothing on a bus."""
    return track.kind == ("instrument" if isinstance(clip, NoteClip) else "audio")


def place(base: TimeBase, start: int, time: TempoMap) -> tuple[Tick, int]:
    """The (anchor, offset) of a clip of sound that starts at frame `start` on a track of this time base."""
    if base == "time":
        return Tick(0), start - time.frame(0)
    anchor = time.tick(start)
    return anchor, start - time.frame(anchor)


def placed(clip: Clip, base: TimeBase, start: int, time: TempoMap) -> Clip:
    """The clip where it starts at frame `start`, notes at the tick nearest to it."""
    if isinstance(clip, NoteClip):
        return msgspec.structs.replace(clip, anchor=time.tick(start))
    anchor, offset = place(base, start, time)
    return msgspec.structs.replace(clip, anchor=anchor, offset=offset)


def song_end(project: Project) -> Frame:
    """The frame after the last clip's end, 0 for an empty song."""
    clips = [clip for track in project.tracks for clip in track.clips]
    return Frame(max(int(clip_ends(clips, project.time).max()), 0)) if clips else Frame(0)
