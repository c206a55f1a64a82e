"""A clip of sound brought onto the grid: it shows its sound at another pace, from where a beat stands on a bar."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from ..document import Edit, EditRefused
from ..project import AudioClip, Clip, Media, Project, clip_end, clip_start, place
from ..time import bar_beat, bar_tick
from ._parts import change_clips, find_clips
from .song import put_media, sequence


def align_clip(was: AudioClip, media: Media, pace: float, beat: int | None, until: int = 0) -> Edit:
    """The edit that shows `media`, the clip's sound at `pace`, so that its frame `beat` after the clip's beginning
    falls on the nearest bar line; None leaves it where it is. It refuses where the clip is no longer `was`.

    A clip that is cut out of its sound, or is to end at the frame `until` (0: nowhere), keeps its room; one that shows
    all of it takes the room that it needs, between its neighbours.
    """

    def change(project: Project) -> Project:
        row, clip = find_clips(project, (was.id,))[was.id]
        if clip != was or not isinstance(clip, AudioClip):
            raise EditRefused("This clip was changed meanwhile; have it measured again.")
        track, start = project.tracks[row], int(clip_start(clip, project.time))
        shift = nearest_bar(project, start + beat) - start - beat if beat is not None else 0
        first, end = _room(project, clip, track.clips, until)
        zero = start + shift - round(clip.source / pace)
        begin = max(zero, first)
        source = begin - zero
        there = round(clip.length / pace) if _whole(project, clip) else media.frames
        length = min(end - begin, there - source)
        if length <= 0:
            raise EditRefused("Nothing of this clip would be left; move it first.")
        anchor, offset = place(track.base, begin, project.time)
        fade_in = min(clip.fade_in, length)
        moved = replace(
            clip, media=media.id, anchor=anchor, offset=offset, source=source, length=length, correction=None,
            fade_in=fade_in, fade_out=min(clip.fade_out, length - fade_in),
        )  # fmt: skip
        return change_clips(project, {was.id: (moved,)})

    return sequence("Align to grid", [put_media((media,)), Edit("Align to grid", change)])


def _room(project: Project, clip: AudioClip, clips: Sequence[Clip], until: int) -> tuple[int, int]:
    """The frames within which an aligned clip may stand."""
    time = project.time
    start, end = int(clip_start(clip, time)), int(clip_end(clip, time))
    if not _whole(project, clip):
        return start, end
    if until:
        return start, until
    others = [(int(clip_start(one, time)), int(clip_end(one, time))) for one in clips if one.id != clip.id]
    before = max((stop for _, stop in others if stop <= start), default=0)
    return min(max(before, 0), start), min((begin for begin, _ in others if begin >= end), default=1 << 40)


def _whole(project: Project, clip: AudioClip) -> bool:
    """Whether a clip shows all of its sound."""
    media = project.medium(clip.media)
    return media is not None and clip.source == 0 and clip.length >= media.frames


def nearest_bar(project: Project, frame: int) -> int:
    """The frame of the bar line nearest to a frame of the song; the first bar's where it lies before."""
    tick = int(project.time.tick(frame))
    bar = max(bar_beat(project.signatures, tick).bar, 1)
    lines = [int(project.time.frame(bar_tick(project.signatures, number))) for number in (bar, bar + 1)]
    return min(lines, key=lambda line: abs(line - frame))
