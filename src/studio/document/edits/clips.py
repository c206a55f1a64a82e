"""Moving, trimming, splitting, copying and shaping clips."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec
from msgspec.structs import replace

from ..document import Edit, EditRefused
from ..notes import NoteClip
from ..project import (
    AudioClip,
    Clip,
    Comp,
    FadeShape,
    Media,
    Project,
    Track,
    clip_end,
    clip_length,
    clip_start,
    fits,
    new_id,
    place,
    placed,
)
from ..time import TempoMap
from ._joining import merged
from ._parts import change_clips, each_clip, find_clips, find_track, put_clips
from ._shapes import MIN_LENGTH as SHORTEST
from ._shapes import halves, trim_left, trim_right

MIN_LENGTH = SHORTEST
"""The shortest clip of sound that trimming leaves, in frames."""


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
    Rows that would leave the list of tracks, or land on a track of another kind, refuse the edit.
    """
    ids = tuple(clip_ids)

    def change(project: Project) -> Project:
        found = find_clips(project, ids)
        shift = _Shift(project, found[grabbed][1], to)
        targets: dict[str, list[Clip]] = {}
        for row, clip in found.values():
            target = _row(project, row + tracks, clip)
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
        if isinstance(clip, NoteClip):
            return replace(clip, anchor=clip.anchor + self.ticks)
        if source.base == "musical" and target.base == "musical":
            return replace(clip, anchor=clip.anchor + self.ticks, offset=clip.offset + self.rest)
        if source.base == "musical":
            start = self.time.frame(clip.anchor + self.ticks) + clip.offset + self.rest
        else:
            start = clip_start(clip, self.time) + self.frames
        return placed(clip, target.base, start, self.time)


def _row(project: Project, row: int, clip: Clip) -> Track:
    if not 0 <= row < len(project.tracks) or not fits(clip, project.tracks[row]):
        kind = "instrument" if isinstance(clip, NoteClip) else "audio"
        raise EditRefused(f"There is no {kind} track for the clip at this place.")
    return project.tracks[row]


def trim_clips(clip_ids: Iterable[str], edge: Literal["left", "right"], by: int, merge: str = "") -> Edit:
    """Moves the left or right edges of clips by `by` frames, as far as their media and a shortest length allow."""
    ids = tuple(clip_ids)
    trim = trim_left if edge == "left" else trim_right
    return Edit("Trim clip", lambda p: each_clip(p, ids, lambda clip: trim(p, clip, by)), merge)


def split_clips(clip_ids: Iterable[str], frame: int) -> Edit:
    """Splits the clips that span `frame` in two. The halves keep their anchor and stay contiguous for ever."""
    fresh = {clip_id: new_id("clip") for clip_id in clip_ids}

    def change(project: Project) -> Project:
        pieces = {}
        for key, (_, clip) in find_clips(project, fresh).items():
            found = halves(clip, frame, fresh[key], project.time)
            if found is not None:
                pieces[key] = found
        if not pieces:
            raise EditRefused("No selected clip lies under this position; move the playhead over one and split again.")
        return change_clips(project, pieces)

    return Edit("Split", change)


def join_clips(clip_ids: Iterable[str]) -> Edit:
    """Makes one clip of neighbours that continue the same media, or the same comp, sample for sample.

    Clips of notes are joined wherever they stand on their track: what sounds in them becomes the notes of one clip.
    """
    ids = tuple(clip_ids)

    def change(project: Project) -> Project:
        found = find_clips(project, ids)
        rows = {row for row, _ in found.values()}
        clips = sorted((clip for _, clip in found.values()), key=lambda clip: clip_start(clip, project.time))
        notes = [clip for clip in clips if isinstance(clip, NoteClip)]
        if len(clips) == len(notes) > 1 and len(rows) == 1:
            joined_notes = merged(notes)
            return change_clips(project, {clip.id: (joined_notes,) if clip is notes[0] else () for clip in notes})
        if notes or len(clips) < 2 or len(rows) > 1 or not _continuous(clips, project.time):
            raise EditRefused("Only neighbouring pieces of one recording can be joined; select pieces that were split.")
        first, last = clips[0], clips[-1]
        length = sum(clip_length(clip, project.time) for clip in clips)
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
        return a.media == b.media and a.correction == b.correction and a.source + a.length == b.source
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
    end = max(clip_end(clip, project.time) for _, clip in found.values())
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

    A clip whose row is missing, or holds clips of another kind, goes on the track itself.
    """
    ids = tuple(new_id("clip") for _ in block)

    def change(project: Project) -> Project:
        find_track(project, track_id)
        top = [track.id for track in project.tracks].index(track_id)
        anchors = _block_anchors(block, project, at)
        for fresh, item, musical in zip(ids, block, anchors, strict=True):
            track = _paste_row(project, top, item)
            clip = placed(item.clip, "time", at + item.start, project.time)
            if not isinstance(clip, NoteClip) and track.base == "musical":
                clip = replace(clip, anchor=musical[0], offset=musical[1])
            project = put_clips(project, track.id, (replace(clip, id=fresh),))
        return project

    return Edit("Paste", change), ids


def _paste_row(project: Project, top: int, item: Copied) -> Track:
    for row in (min(top + item.track, len(project.tracks) - 1), top):
        if fits(item.clip, project.tracks[row]):
            return project.tracks[row]
    if isinstance(item.clip, NoteClip):
        raise EditRefused("Notes go on instrument tracks; select one and paste again.")
    raise EditRefused("Clips of sound go on audio tracks; select one and paste again.")


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
    """Sets the linear gain of clips; that of notes multiplies their velocities."""
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
        if isinstance(clip, NoteClip):
            raise EditRefused("Clips of notes have no fades; draw the volume of their track instead.")
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
