"""Replacing a part deep in a project, with refusal when it is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from ..document import EditRefused
from ..notes import NoteClip
from ..project import Clip, Project, Track, clip_key, fits, new_id


class FreshIds:
    """New ids drawn on demand but only once, so that an edit that uses them stays a pure function."""

    def __init__(self, kind: str) -> None:
        self._kind, self._ids = kind, list[str]()

    def __getitem__(self, index: int) -> str:
        while len(self._ids) <= index:
            self._ids.append(new_id(self._kind))
        return self._ids[index]


def find_track(project: Project, track_id: str) -> Track:
    """The track; raises EditRefused when it is gone."""
    track = project.track(track_id)
    if track is None:
        raise EditRefused("This track is no longer in the song.")
    return track


def change_track(project: Project, track_id: str, change: Callable[[Track], Track]) -> Project:
    """The project with one track changed."""
    find_track(project, track_id)
    return replace(project, tracks=tuple(change(t) if t.id == track_id else t for t in project.tracks))


def with_clips(track: Track, clips: Iterable[Clip]) -> Track:
    """The track with these clips, sorted."""
    return replace(track, clips=tuple(sorted(clips, key=clip_key)))


def find_clips(project: Project, clip_ids: Iterable[str]) -> dict[str, tuple[int, Clip]]:
    """Each clip with the index of its track; raises EditRefused when one is gone."""
    wanted = set(clip_ids)
    found: dict[str, tuple[int, Clip]] = {}
    for row, track in enumerate(project.tracks):
        if len(found) == len(wanted):
            break
        found.update({clip.id: (row, clip) for clip in track.clips if clip.id in wanted})
    if len(found) != len(wanted) or not wanted:
        raise EditRefused("A clip of this change is no longer in the song.")
    return found


def put_clips(project: Project, track_id: str, clips: Iterable[Clip]) -> Project:
    """The project with clips added to a track; raises EditRefused where they are of another kind."""
    clips, track = tuple(clips), find_track(project, track_id)
    for clip in clips:
        if not fits(clip, track):
            raise EditRefused(_misfit(clip))
    return change_track(project, track_id, lambda track: with_clips(track, [*track.clips, *clips]))


def _misfit(clip: Clip) -> str:
    if isinstance(clip, NoteClip):
        return "Notes go on instrument tracks only; put them on one, or make one."
    return "Clips of sound go on audio tracks only; put them on one, or make one."


def change_clips(project: Project, changes: Mapping[str, Iterable[Clip]]) -> Project:
    """The project with each clip of `changes` replaced, on its track, by the clips given for it (none deletes it)."""
    rows = {row for row, _ in find_clips(project, changes).values()}
    tracks = []
    for row, track in enumerate(project.tracks):
        if row in rows:
            kept = [clip for clip in track.clips if clip.id not in changes]
            new = [clip for old in track.clips for clip in changes.get(old.id, ())]
            tracks.append(with_clips(track, [*kept, *new]))
        else:
            tracks.append(track)
    return replace(project, tracks=tuple(tracks))


def each_clip(project: Project, clip_ids: Iterable[str], change: Callable[[Clip], Clip]) -> Project:
    """The project with every named clip changed in place."""
    found = find_clips(project, clip_ids)
    return change_clips(project, {key: (change(clip),) for key, (_, clip) in found.items()})
