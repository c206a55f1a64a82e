"""What trimming and splitting make of one clip: sound ends where its media ends, notes where they are told to."""

from __future__ import annotations

from msgspec.structs import replace

from ..notes import MIN_LOOP, NoteClip
from ..project import AudioClip, Clip, Comp, Project, clip_end, clip_start
from ..time import TempoMap

MIN_LENGTH = 64
"""The shortest clip of sound that trimming leaves, in frames: one de-click fade."""

MIN_TICKS = MIN_LOOP
"""The shortest clip of notes that trimming leaves, in ticks."""


def trim_left(project: Project, clip: Clip, by: int) -> Clip:
    """The clip with its left edge `by` frames later, as far as its media and a shortest length allow."""
    if isinstance(clip, NoteClip):
        edge = project.time.tick(clip_start(clip, project.time) + by) if by else clip.anchor
        return _from_tick(clip, min(edge, clip.end - min(MIN_TICKS, clip.ticks)))
    shown = clip.source if isinstance(clip, AudioClip) else clip.lead
    by = max(-shown, min(by, clip.length - min(MIN_LENGTH, clip.length)))
    moved = fit_fades(clip, clip.length - by)
    if isinstance(moved, AudioClip):
        return replace(moved, source=moved.source + by, offset=moved.offset + by)
    return replace(moved, lead=moved.lead + by, offset=moved.offset + by)


def _from_tick(clip: NoteClip, tick: int) -> NoteClip:
    """The clip with its left edge at a song tick; a pattern goes on to the left as it does to the right."""
    lead = clip.lead + tick - clip.anchor
    if clip.loop and lead < 0:
        lead %= clip.loop
    return replace(clip, anchor=tick, lead=lead, ticks=clip.end - tick)


def trim_right(project: Project, clip: Clip, by: int) -> Clip:
    """The clip with its right edge `by` frames later, as far as its media and a shortest length allow."""
    if isinstance(clip, NoteClip):
        edge = project.time.tick(clip_end(clip, project.time) + by) if by else clip.end
        return replace(clip, ticks=max(edge - clip.anchor, min(MIN_TICKS, clip.ticks)))
    if isinstance(clip, AudioClip):
        media = project.medium(clip.media)
        most = media.frames - clip.source if media and media.frames > clip.source else clip.length
    else:
        most = clip.spans[-1].end - clip.lead
    return fit_fades(clip, max(min(MIN_LENGTH, clip.length), min(clip.length + by, most)))


def fit_fades(clip: AudioClip | Comp, length: int) -> AudioClip | Comp:
    """The clip at another length, its fades shortened where they no longer fit."""
    fade_in = min(clip.fade_in, length)
    return replace(clip, length=length, fade_in=fade_in, fade_out=min(clip.fade_out, length - fade_in))


def halves(clip: Clip, frame: int, fresh: str, time: TempoMap) -> tuple[Clip, Clip] | None:
    """The clip split at a frame of the song, the second half with the id `fresh`; None where it does not lie inside."""
    if isinstance(clip, NoteClip):
        left = time.tick(frame) - clip.anchor
        if not 0 < left < clip.ticks:
            return None
        return replace(clip, ticks=left), replace(_from_tick(clip, clip.anchor + left), id=fresh)
    left = frame - clip_start(clip, time)
    return _sound_halves(clip, left, fresh) if 0 < left < clip.length else None


def _sound_halves(clip: AudioClip | Comp, left: int, fresh: str) -> tuple[Clip, Clip]:
    first = replace(fit_fades(clip, left), fade_out=0)
    rest = clip.length - left
    second = replace(clip, id=fresh, length=rest, offset=clip.offset + left, fade_in=0)
    second = replace(second, fade_out=min(second.fade_out, rest))
    if isinstance(second, AudioClip):
        return first, replace(second, source=second.source + left)
    return first, replace(second, lead=second.lead + left)
