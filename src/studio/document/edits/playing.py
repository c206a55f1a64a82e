"""Notes that were played in: into clips that are there, into new ones that grow, or over what was there before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import msgspec
from msgspec.structs import replace

from ..blocks import exchange_notes, find_notes
from ..document import Edit, EditRefused
from ..notes import Control, Note, NoteClip
from ..project import Project, Track, new_id
from ..time import bar_beat, bar_tick
from ._notes import with_controls
from ._parts import FreshIds, change_clips, put_clips
from ._shapes import halves
from .drawing import pattern_start

FAR = 2**46
"""A tick that no song reaches."""


class Place(msgspec.Struct, frozen=True):
    """Where played notes go: the clip `clip_id`, made at `anchor` to `end` in ticks of the song where it is not there.

    It takes notes that begin from `anchor` up to `limit`, and is never shorter than up to `end`.
    """

    clip_id: str
    anchor: int
    end: int
    limit: int

    def grown(self, end: int) -> Place:
        """The place with room up to a tick, as far as it may grow."""
        return replace(self, end=max(self.end, min(end, self.limit)))


class Played(msgspec.Struct, frozen=True):
    """What is new: notes and controls whose ticks are those of the song. A note that grew comes again."""

    notes: tuple[Note, ...] = ()
    controls: tuple[Control, ...] = ()


def place_for(project: Project, track: Track, tick: int, origin: int) -> Place:
    """Where a note of song tick `tick` goes that was played in a recording from tick `origin` on.

    That is the clip that is there; in a gap a new one between its neighbours, from the bar line before `origin` on.
    """
    clips = [clip for clip in track.clips if isinstance(clip, NoteClip) and not clip.muted]
    under = [clip for clip in clips if clip.anchor <= tick < clip.end]
    if under:
        return Place(under[-1].id, under[-1].anchor, under[-1].end, under[-1].end)
    before = max((clip.end for clip in clips if clip.end <= tick), default=min(0, tick))
    after = min((clip.anchor for clip in clips if clip.anchor > tick), default=FAR)
    first = bar_tick(project.signatures, bar_beat(project.signatures, min(max(origin, before), tick)).bar)
    return Place(new_id("clip"), max(first, before), tick + 1, after)


def own_place(tick: int, origin: int) -> Place:
    """A new clip over whatever is there, from tick `origin` on."""
    return Place(new_id("clip"), min(origin, tick), tick + 1, FAR)


def bar_end(project: Project, tick: int) -> int:
    """The bar line at or after a tick."""
    bar = bar_beat(project.signatures, tick).bar
    start = bar_tick(project.signatures, bar)
    return start if start == tick else bar_tick(project.signatures, bar + 1)


def put_played(track_id: str, name: str, parts: Sequence[tuple[Place, Played]], merge: str = "") -> Edit:
    """Puts what was played on an instrument track. Notes that are there already get their new values.

    Nothing happens on a track that is gone, and a clip that was moved meanwhile goes on where it is.
    """

    def change(project: Project) -> Project:
        track = project.track(track_id)
        if track is None:
            return project
        if track.kind != "instrument":
            raise EditRefused("Notes are recorded on instrument tracks only; arm one and record again.")
        for place, played in parts:
            project = _put(project, track_id, name, place, played)
        return project

    return Edit("Record notes", change, merge)


def _put(project: Project, track_id: str, name: str, place: Place, played: Played) -> Project:
    clip = _clip(project, place.clip_id)
    if clip is None:
        clip = NoteClip(place.clip_id, name, place.anchor, max(place.end - place.anchor, 1))
        project = put_clips(project, track_id, (clip,))
    if place.end > clip.end and not clip.loop:
        clip = replace(clip, ticks=place.end - clip.anchor)
    notes = [_inside(clip, note) for note in played.notes]
    gone = find_notes(clip.note_blocks, {note.id for note in notes})
    if notes:
        clip = replace(clip, note_blocks=exchange_notes(clip.note_blocks, gone, notes))
    project = change_clips(project, {clip.id: (clip,)})
    if played.controls:
        points = [replace(point, tick=pattern_start(clip, point.tick)) for point in played.controls]
        project = with_controls(project, clip, [*clip.controls, *points])
    return project


def _inside(clip: NoteClip, note: Note) -> Note:
    """The note in the clip's own time, and at the pitch that sounds there as it was played."""
    pitch = min(max(note.pitch - clip.transpose, 0), 127)
    return replace(note, start=pattern_start(clip, note.start), pitch=pitch)


def _clip(project: Project, clip_id: str) -> NoteClip | None:
    found = (clip for track in project.tracks for clip in track.clips if clip.id == clip_id)
    clip = next(found, None)
    return clip if isinstance(clip, NoteClip) else None


def record_over(track_id: str, kept: Collection[str], first: int, last: int, merge: str = "") -> Edit:
    """Mutes what a track has between two ticks, but for the clips `kept`: clips that reach in are cut at the edges."""
    fresh = FreshIds("clip")
    kept = frozenset(kept)

    def change(project: Project) -> Project:
        drawn, track = 0, project.track(track_id)
        for clip in track.clips if track is not None else ():
            if not isinstance(clip, NoteClip) or clip.id in kept or clip.muted:
                continue
            if clip.anchor >= last or clip.end <= first:
                continue
            pieces = _cut(project, clip, (first, last), (fresh[drawn], fresh[drawn + 1]))
            drawn += 2
            muted = [replace(one, muted=True) if first <= one.anchor < last else one for one in pieces]
            project = change_clips(project, {clip.id: muted})
        return project

    return Edit("Record over notes", change, merge)


def _cut(project: Project, clip: NoteClip, ticks: Iterable[int], ids: Sequence[str]) -> list[NoteClip]:
    """The clip in pieces that end at these ticks."""
    pieces = [clip]
    for tick, key in zip(ticks, ids, strict=True):
        parts = halves(pieces[-1], project.time.frame(tick), key, project.time)
        if parts is not None:
            pieces[-1:] = [part for part in parts if isinstance(part, NoteClip)]
    return pieces
