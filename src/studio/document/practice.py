"""A song as it is practised: in another key, slower or faster. Nothing of it is stored; it is how the song is heard.

Each media is needed as a copy that is stretched and shifted; which, `copies_of` says. Positions of such a song are
those of the song divided by the pace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec
from msgspec.structs import replace

from .instruments import DRUM_BANK
from .notes import NoteClip
from .project import AudioClip, Clip, Comp, Media, Project, Track, clip_start, media_of, place
from .time import TempoMap, TempoPoint

LOWEST, HIGHEST = -12, 12
"""Semitones of another key."""

SLOWEST, FASTEST = 0.5, 1.5
"""Times the song's own speed."""

SPARE = 2
"""Frames that a stretched copy has beyond its length, for every rounding."""


class Practice(msgspec.Struct, frozen=True):
    """How a song is practised: `key` semitones higher (negative: lower), at `pace` times its speed."""

    key: int = 0
    pace: float = 1.0

    @property
    def plain(self) -> bool:
        """Whether the song is heard as it is."""
        return self.key == 0 and self.pace == 1.0

    @property
    def words(self) -> str:
        """Such as “key −2, 80 %”, empty where it is plain."""
        said = [f"key {self.key:+d}".replace("-", "−")] if self.key else []
        return ", ".join([*said, f"{100 * self.pace:.0f} %"] if self.pace != 1.0 else said)


class Copy(msgspec.Struct, frozen=True):
    """How a media has to be changed: `pace` times as fast, `key` semitones higher."""

    media: str
    key: int
    pace: float

    @property
    def plain(self) -> bool:
        """Whether the media can be played as it is."""
        return self.key == 0 and self.pace == 1.0


def copy_of(media: Media, practice: Practice) -> Copy:
    """How a media has to be changed for a practice; what was recorded in the same practice fits as it is."""
    return Copy(media.id, practice.key - media.key, practice.pace / media.pace)


def practice_of(clip: Clip, media: Iterable[Media]) -> Practice:
    """The practice in which a clip was recorded: that of the first of its media."""
    known = {one.id: one for one in media}
    first = next((known[one] for one in media_of(clip) if one in known), None)
    return Practice(first.key, first.pace) if first is not None else Practice()


def copies_of(project: Project, practice: Practice) -> tuple[Copy, ...]:
    """The changed copies of media that a practice of a song needs, each once."""
    if practice.plain:
        return ()
    used = {media_id for track in project.tracks for clip in track.clips for media_id in media_of(clip)}
    copies = (copy_of(media, practice) for media in project.media if media.id in used)
    return tuple(copy for copy in copies if not copy.plain)


def practised_time(project: Project, practice: Practice) -> TempoMap:
    """The tempo map of the song as it is played in a practice."""
    return replace(project, tempo=_tempo(project, practice.pace)).time


def _tempo(project: Project, pace: float) -> tuple[TempoPoint, ...]:
    return tuple(TempoPoint(point.tick, point.bpm * pace, point.ramp) for point in project.tempo)


def practised(project: Project, practice: Practice) -> Project:
    """The song as it is to be played in a practice; a media of it is the copy that `copy_of` says."""
    if practice.plain:
        return project
    pace = practice.pace
    media = {one.id: one for one in project.media}
    changed = replace(project, tempo=_tempo(project, pace))
    before, after = project.time, changed.time

    def clip_of(track: Track, clip: Clip) -> Clip:
        if isinstance(clip, NoteClip):
            drums = track.instrument is not None and track.instrument.bank == DRUM_BANK
            return clip if drums or track.lanes else replace(clip, transpose=clip.transpose + practice.key)
        first = next((media[one] for one in media_of(clip) if one in media), None)
        own = copy_of(first, practice).pace if first is not None else pace
        return _stretched(clip, track, before, after, pace, own)

    tracks = tuple(
        replace(track, clips=tuple(clip_of(track, clip) for clip in track.clips)) if track.clips else track
        for track in project.tracks
    )
    return replace(changed, tracks=tracks, media=tuple(_copied(one, practice) for one in project.media))


def _copied(media: Media, practice: Practice) -> Media:
    copy = copy_of(media, practice)
    return media if copy.plain else replace(media, frames=round(media.frames / copy.pace) + SPARE)


def _stretched(
    clip: AudioClip | Comp, track: Track, before: TempoMap, after: TempoMap, pace: float, own: float
) -> AudioClip | Comp:
    """A clip of sound where it stands in the practice, its inside stretched by `own`."""
    start = round(clip_start(clip, before) / pace)
    anchor, offset = place(track.base, start, after)
    if track.base == "musical":
        anchor, offset = clip.anchor, start - after.frame(clip.anchor)  # type: ignore[assignment]

    def at(frame: int) -> int:
        return round(frame / own)

    fades = {"fade_in": at(clip.fade_in), "fade_out": at(clip.fade_out)}
    if isinstance(clip, AudioClip):
        length = at(clip.source + clip.length) - at(clip.source)
        return replace(clip, anchor=anchor, offset=offset, source=at(clip.source), length=length, **fades)
    takes = tuple(
        replace(take, start=at(take.start), source=at(take.source), length=_between(at, take.start, take.length))
        for take in clip.takes
    )
    spans = tuple(replace(span, end=at(span.end)) for span in clip.spans)
    length = _between(at, clip.lead, clip.length)
    return replace(
        clip, anchor=anchor, offset=offset, lead=at(clip.lead), length=length, takes=takes, spans=spans, **fades
    )


def _between(at: Callable[[int], int], start: int, length: int) -> int:
    return at(start + length) - at(start)
