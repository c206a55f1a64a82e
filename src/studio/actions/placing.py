"""Where sounds and notes that come from outside land on the timeline: on a track, between tracks, or on empty space."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ..document.document import Edit, EditRefused
from ..document.edits.clips import add_clips, make_clip
from ..document.edits.song import put_media, sequence
from ..document.edits.tracks import add_tracks, fresh_track
from ..document.project import Media, Project, Track
from ..engine.music.midifile import MidiSong
from .midi import place_midi


class Target(msgspec.Struct, frozen=True):
    """Where to put sounds: one after the other on `track`, or, without one, on a new track each before row `index`.

    `frame` is where the first sound starts; `index` None is below the last track. `name` names a track to be made.
    """

    frame: int = 0
    track: str = ""
    index: int | None = None
    name: str = ""


def place_all(
    project: Project, media: Sequence[Media], songs: Sequence[MidiSong], target: Target
) -> tuple[Edit, tuple[str, ...]]:
    """The edit that puts sounds and MIDI files into a song as one undo step, and the ids of their clips.

    Raises EditRefused when the track of the target is gone or holds no sounds.
    """
    if not songs:
        return place_sounds(project, media, target)
    notes, ids = place_midi(project, songs, target)
    if not media:
        return notes, ids
    sounds, more = place_sounds(notes.change(project), media, target)
    return sequence(f"Import {len(media) + len(songs)} files", [notes, sounds]), (*ids, *more)


def place_sounds(project: Project, media: Sequence[Media], target: Target) -> tuple[Edit, tuple[str, ...]]:
    """The edit that puts sounds on the timeline as one undo step, and the ids of their clips.

    Raises EditRefused when the track of the target is gone or holds no sounds.
    """
    if target.track:
        edits, ids = _on_track(project, media, target)
    elif target.name:
        edits, ids = _on_new_track(project, media, target)
    else:
        edits, ids = _on_tracks_of_their_own(project, media, target)
    label = f"Import {media[0].name}" if len(media) == 1 else f"Import {len(media)} sounds"
    return sequence(label, [put_media(media), *edits]), ids


def _on_track(project: Project, media: Sequence[Media], target: Target) -> tuple[list[Edit], tuple[str, ...]]:
    track = project.track(target.track)
    if track is None or track.kind != "audio":
        raise EditRefused(
            "Sounds can be put on audio tracks only; drop them on another track or below the last one, or on the name "
            "of an instrument track, which then plays them from its keys."
        )
    return _row(project, media, track, target.frame)


def _on_new_track(project: Project, media: Sequence[Media], target: Target) -> tuple[list[Edit], tuple[str, ...]]:
    track = fresh_track(project, target.name)
    edits, ids = _row(project, media, track, target.frame)
    return [add_tracks((track,), target.index), *edits], ids


def _on_tracks_of_their_own(
    project: Project, media: Sequence[Media], target: Target
) -> tuple[list[Edit], tuple[str, ...]]:
    edits: list[Edit] = []
    ids: list[str] = []
    grown = project
    for n, item in enumerate(media):
        track = fresh_track(grown, item.name)
        row, made = _row(project, (item,), track, target.frame)
        add = add_tracks((track,), None if target.index is None else target.index + n)
        grown = add.change(grown)
        edits += [add, *row]
        ids += made
    return edits, tuple(ids)


def _row(project: Project, media: Sequence[Media], track: Track, frame: int) -> tuple[list[Edit], tuple[str, ...]]:
    """Sounds one after the other on one track."""
    clips = []
    for item in media:
        clips.append(make_clip(item, track, frame, project.time))
        frame += item.frames
    return [add_clips(track.id, clips)], tuple(clip.id for clip in clips)
