"""Moving, trimming, splitting, copying and shaping clips."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec
from msgspec.structs import replace

from ..document import Edit, EditRefused
from ..project import (
    AudioClip,
    Clip,
    Comp,
    FadeShape,
    Media,
    Project,
    Track,
    clip_end,
    clip_start,
    new_id,
    place,
)
from ..time import TempoMap
from ._parts import change_clips, each_clip, find_clips, find_track, put_clips

MIN_LENGTH = 64
"""The shortest clip trimming leaves, in frames: one de-click fade."""


class Copied(msgspec.Struct, frozen=True):
    """A clip on the clipboard: how many tracks below and frames after the copied block's corner it stood."""

    track: int
    start: int
    clip: Clip


def add_clips(track_id: str, clips: Sequence[Clip], label: str = "Add clips") -> Edit:
    """Adds clips to a track; their media are in the song already."""
    return Edit(label, lambda project: put_clips(project, track_id, clips))


def make_clip(media: Media, track: Track, start: int, time: TempoMap) -> AudioClip:
    """A new clip that shows all of `media` and starts at frame `start` of `track`."""
    anchor, offset = place(track.base, start, time)
    return AudioClip(new_id("clip"), media.name, media.id, anchor, offset, 0, media.frames)


def move_clips(clip_ids: Iterable[str], grabbed: str, to: int, tracks: int = 0, merge: str = "") -> Edit:
    """Moves clips so that `grabbed` starts at frame `to` (0 at the earliest), all of them `tracks` rows further down.

    On musical tracks the others move by the same musical distance, on time-based ones by the same number of frames.
    Rows that would leave the list of tracks, or land on a bus, refuse the edit.
    """
    ids = tuple(clip_ids)

    def change(project: Project) -> Project:
        found = find_clips(project, ids)
        shift = _Shift(project, found[grabbed][1], to)
        targets: dict[str, list[Clip]] = {}
        for row, clip in found.values():
            target = _row(project, row + tracks)
            moved = shift.moved(clip, project.tracks[row], target)
            targets.setdefault(target.id, []).append(moved)
        project = change_clips(project, dict.fromkeys(ids, ()))
        for track_id, clips in targets.items():
            project = put_clips(project, track_id, clips)
        return project

    return Edit("Move clip" if len(ids) == 1 else f"Move {len(ids)} clips", change, merge)


class _Shift:
    """The move that brings a grabbed clip to a frame, in ticks and a rest of frames, or in frames."""

    def __init__(self, project: Project, grabbed: Clip, to: int) -> None:
        self.time = project.time
        start = clip_start(grabbed, self.time)
        self.frames = to - start
        self.ticks = self.time.tick(to) - self.time.tick(start)
        self.rest = to - (self.time.frame(grabbed.anchor + self.ticks) + grabbed.offset)

    def moved(self, clip: Clip, source: Track, target: Track) -> Clip:
        if source.base == "musical" and target.base == "musical":
            return replace(clip, anchor=clip.anchor + self.ticks, offset=clip.offset + self.rest)
        if source.base == "musical":
            start = self.time.frame(clip.anchor + self.ticks) + clip.offset + self.rest
        else:
            start = clip_start(clip, self.time) + self.frames
        anchor, offset = place(target.base, start, self.time)
        return replace(clip, anchor=anchor, offset=offset)


def _row(project: Project, row: int) -> Track:
    if not 0 <= row < len(project.tracks) or project.tracks[row].kind == "bus":
        raise EditRefused("There is no audio track for the clip at this place.")
    return project.tracks[row]


def trim_clips(clip_ids: Iterable[str], edge: Literal["left", "right"], by: int, merge: str = "") -> Edit:
    """Moves the left or right edges of clips by `by` frames, as far as their media and a shortest length allow."""
    ids = tuple(clip_ids)
    trim = _trim_left if edge == "left" else _trim_right
    return Edit("Trim clip", lambda p: each_clip(p, ids, lambda clip: trim(p, clip, by)), merge)


def _trim_left(project: Project, clip: Clip, by: int) -> Clip:
    shown = clip.source if isinstance(clip, AudioClip) else clip.lead
    by = max(-shown, min(by, clip.length - min(MIN_LENGTH, clip.length)))
    moved = _fit_fades(clip, clip.length - by)
    if isinstance(moved, AudioClip):
        return replace(moved, source=moved.source + by, offset=moved.offset + by)
    return replace(moved, lead=moved.lead + by, offset=moved.offset + by)


def _trim_right(project: Project, clip: Clip, by: int) -> Clip:
    if isinstance(clip, AudioClip):
        media = project.medium(clip.media)
        most = media.frames - clip.source if media and media.frames > clip.source else clip.length
    else:
        most = clip.spans[-1].end - clip.lead
    return _fit_fades(clip, max(min(MIN_LENGTH, clip.length), min(clip.length + by, most)))


def _fit_fades(clip: Clip, length: int) -> Clip:
    """The clip at another length, its fades shortened where they no longer fit."""
    fade_in = min(clip.fade_in, length)
    return replace(clip, length=length, fade_in=fade_in, fade_out=min(clip.fade_out, length - fade_in))


def split_clips(clip_ids: Iterable[str], frame: int) -> Edit:
    """Splits the clips that span `frame` in two. The halves keep their anchor and stay contiguous for ever."""
    fresh = {clip_id: new_id("clip") for clip_id in clip_ids}

    def change(project: Project) -> Project:
        halves = {}
        for key, (_, clip) in find_clips(project, fresh).items():
            left = frame - clip_start(clip, project.time)
            if 0 < left < clip.length:
                halves[key] = _halves(clip, left, fresh[key])
        if not halves:
            raise EditRefused("No selected clip lies under this position; move the playhead over one and split again.")
        return change_clips(project, halves)

    return Edit("Split", change)


def _halves(clip: Clip, left: int, fresh: str) -> tuple[Clip, Clip]:
    first = replace(_fit_fades(clip, left), fade_out=0)
    rest = clip.length - left
    second = replace(clip, id=fresh, length=rest, offset=clip.offset + left, fade_in=0)
    second = replace(second, fade_out=min(second.fade_out, rest))
    if isinstance(second, AudioClip):
        return first, replace(second, source=second.source + left)
    return first, replace(second, lead=second.lead + left)


def join_clips(clip_ids: Iterable[str]) -> Edit:
    """Makes one clip of neighbours that continue the same media, or the same comp, sample for sample."""
    ids = tuple(clip_ids)

    def change(project: Project) -> Project:
        found = find_clips(project, ids)
        rows = {row for row, _ in found.values()}
        clips = sorted((clip for _, clip in found.values()), key=lambda clip: clip_start(clip, project.time))
        if len(clips) < 2 or len(rows) > 1 or not _continuous(clips, project.time):
            raise EditRefused("Only neighbouring pieces of one recording can be joined; select pieces that were split.")
        first, last = clips[0], clips[-1]
        length = sum(clip.length for clip in clips)
        joined = replace(first, length=length, fade_out=min(last.fade_out, length - first.fade_in))
        return change_clips(project, {clip.id: (joined,) if clip is first else () for clip in clips})

    return Edit("Join", change)


def _continuous(clips: Sequence[Clip], time: TempoMap) -> bool:
    for a, b in itertools.pairwise(clips):
        if clip_end(a, time) != clip_start(b, time) or a.gain != b.gain or a.muted != b.muted or a.anchor != b.anchor:
            return False
        if not _follows(a, b):
            return False
    return True


def _follows(a: Clip, b: Clip) -> bool:
    if isinstance(a, AudioClip) and isinstance(b, AudioClip):
        return a.media == b.media and a.source + a.length == b.source
    if isinstance(a, Comp) and isinstance(b, Comp):
        return a.takes == b.takes and a.spans == b.spans and a.lead + a.length == b.lead
    return False


def delete_clips(clip_ids: Iterable[str]) -> Edit:
    """Removes clips. Their media stay in the song."""
    ids = tuple(clip_ids)
    label = "Delete clip" if len(ids) == 1 else f"Delete {len(ids)} clips"
    return Edit(label, lambda project: change_clips(project, dict.fromkeys(ids, ())))


def duplicate_clips(project: Project, clip_ids: Iterable[str]) -> tuple[Edit, tuple[str, ...]]:
    """Repeats clips right after the end of the last of them. Returns the edit and the ids of the copies."""
    found = find_clips(project, clip_ids)
    starts = [clip_start(clip, project.time) for _, clip in found.values()]
    end = max(start + clip.length for start, (_, clip) in zip(starts, found.values(), strict=True))
    top = min(row for row, _ in found.values())
    edit, ids = paste(project, copy_clips(project, found), project.tracks[top].id, end)
    return replace(edit, label="Duplicate"), ids


def copy_clips(project: Project, clip_ids: Iterable[str]) -> tuple[Copied, ...]:
    """The clips as a block that can be pasted anywhere in this song."""
    found = find_clips(project, clip_ids)
    top = min(row for row, _ in found.values())
    left = min(clip_start(clip, project.time) for _, clip in found.values())
    return tuple(Copied(row - top, clip_start(clip, project.time) - left, clip) for row, clip in found.values())


def paste(project: Project, block: Sequence[Copied], track_id: str, at: int) -> tuple[Edit, tuple[str, ...]]:
    """Pastes a block with its corner at frame `at` of a track. Returns the edit and the ids of the new clips.

    Clips of the block whose row lies below the last track go on the last one.
    """
    ids = tuple(new_id("clip") for _ in block)

    def change(project: Project) -> Project:
        find_track(project, track_id)
        top = [track.id for track in project.tracks].index(track_id)
        rows = [track.kind == "audio" for track in project.tracks]
        if not rows[top]:
            raise EditRefused("A bus holds no clips; select an audio track and paste again.")
        anchors = _block_anchors(block, project, at)
        for fresh, item, musical in zip(ids, block, anchors, strict=True):
            row = min(top + item.track, len(rows) - 1)
            row = row if rows[row] else top
            track = project.tracks[row]
            spot = musical if track.base == "musical" else place("time", at + item.start, project.time)
            clip = replace(item.clip, id=fresh, anchor=spot[0], offset=spot[1])
            project = put_clips(project, track.id, (clip,))
        return project

    return Edit("Paste", change), ids


def _block_anchors(block: Sequence[Copied], project: Project, at: int) -> list[tuple[int, int]]:
    """A musical position for each clip of a block; clips that shared an anchor share the new one."""
    firsts: dict[int, int] = {}
    for item in block:
        firsts[item.clip.anchor] = min(firsts.get(item.clip.anchor, item.start), item.start)
    anchors = {old: place("musical", at + first, project.time) for old, first in firsts.items()}
    return [
        (anchors[item.clip.anchor][0], anchors[item.clip.anchor][1] + item.start - firsts[item.clip.anchor])
        for item in block
    ]


def set_clip_gain(clip_ids: Iterable[str], gain: float, merge: str = "") -> Edit:
    """Sets the linear gain of clips."""
    ids = tuple(clip_ids)
    return Edit("Clip gain", lambda p: each_clip(p, ids, lambda clip: replace(clip, gain=gain)), merge)


def set_fades(
    clip_id: str,
    fade_in: int | None = None,
    fade_out: int | None = None,
    shape: FadeShape | None = None,
    merge: str = "",
) -> Edit:
    """Sets fades of a clip in frames, cut where they would overlap; None leaves one as it is."""

    def change(clip: Clip) -> Clip:
        start = clip.fade_in if fade_in is None else fade_in
        end = clip.fade_out if fade_out is None else fade_out
        if fade_in is None:
            end = max(0, min(end, clip.length - start))
        start = max(0, min(start, clip.length - end))
        return replace(clip, fade_in=start, fade_out=max(0, min(end, clip.length)), fade_shape=shape or clip.fade_shape)

    return Edit("Fade", lambda project: each_clip(project, (clip_id,), change), merge)


def mute_clips(clip_ids: Iterable[str], muted: bool) -> Edit:
    """Silences clips, or lets them sound again."""
    ids = tuple(clip_ids)
    label = "Mute clip" if muted else "Unmute clip"
    return Edit(label, lambda p: each_clip(p, ids, lambda clip: replace(clip, muted=muted)))


def rename_clip(clip_id: str, name: str) -> Edit:
    """Gives a clip a name."""
    return Edit("Rename clip", lambda p: each_clip(p, (clip_id,), lambda clip: replace(clip, name=name)))
