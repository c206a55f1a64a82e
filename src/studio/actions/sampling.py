"""Samplers made of files, of clips and of slices: what the timeline's headers, the drum grid and the menus offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from ..document.document import Edit, EditRefused
from ..document.edits.sampling import (
    MIDDLE,
    kit_zones,
    put_sample,
    sampler_from_clip,
    set_zones,
    stretch_of,
    whole_zone,
)
from ..document.edits.slicing import EDGE, slice_clip
from ..document.edits.song import put_media, sequence
from ..document.project import Clip, Media, Project, clip_end, clip_start
from ..engine.audio.rootpitch import root_of
from ..engine.audio.samples import read_sample
from ..engine.jobs import Job, Work
from ..errors import StudioError
from .grooves import NO_ONSETS, onset_finder, sound_clip
from .importing import Brought
from .midi import is_midi
from .session import Arrived, Session

T = TypeVar("T")

LISTENED_SECONDS = 3
"""So much of a sound is listened to for its pitch."""

ONE_A_KEY = "Drop one sound at a time on a key; several go on the track's name, each on a key of its own."
NOT_MIDI = "“{}” is a MIDI file; drop it on the timeline, where its notes become a clip."


class Slicing(msgspec.Struct, frozen=True):
    """Where a clip is cut: at its onsets, as `sensitivity` (0 to 1) finds them, or every `step` ticks of the song."""

    by: Literal["onsets", "grid"] = "onsets"
    sensitivity: float = 0.5
    step: int = 240


def sample_files(session: Session, paths: Sequence[Path], track_id: str, pitch: int | None = None) -> Job:
    """Imports sounds as a job and lets an instrument track play them, one undo step.

    With a `pitch` one sound goes on that key and the others stay as they are. Without, the track becomes a sampler: of
    one sound on all keys, which plays as it is on the key that its name or its pitch say; of several, each on a key of
    its own from C2 up. Raises StudioError where that cannot be.
    """
    refuse_others(paths, pitch)
    roots: dict[str, int] = {}
    rate = session.document.project.rate

    def study(brought: Brought) -> None:
        if pitch is None and len(brought.sounds) == 1:
            media = brought.sounds[0].media
            roots[media.id] = root_key(session.playable(media), media, rate, 0, media.frames)

    def place(project: Project, brought: Brought) -> tuple[Edit, tuple[str, ...]]:
        media = [item.media for item in brought.sounds]
        return sampling_edit(media, track_id, pitch, roots), (track_id,)

    return session.import_with(paths, place, study=study)


def refuse_others(paths: Sequence[Path], pitch: int | None) -> None:
    """Raises StudioError for files that are no samples, and for several of them on one key."""
    for path in paths:
        if is_midi(path):
            raise StudioError(NOT_MIDI.format(path.name))
    if pitch is not None and len(paths) != 1:
        raise StudioError(ONE_A_KEY)


def sampling_edit(media: Sequence[Media], track_id: str, pitch: int | None, roots: Mapping[str, int]) -> Edit:
    """The edit that takes sounds into the song and lets a track play them, see `sample_files`; `roots` by media id."""
    if not media:
        raise EditRefused("There is no sound to play.")
    if pitch is not None:
        edit = put_sample(track_id, pitch, media[0])
    elif len(media) == 1:
        edit = set_zones(track_id, (whole_zone(media[0], roots.get(media[0].id, MIDDLE)),), media[0].name)
    else:
        edit = set_zones(track_id, kit_zones(media), f"{len(media)} sounds")
    return sequence(edit.label, [put_media(media), edit])


def root_key(path: Path | None, media: Media, rate: int, start: int, length: int) -> int:
    """The key that plays a stretch of a sound as it is; `path` is what the sound is played from. Worker thread."""
    if path is None:
        return MIDDLE
    heard = read_sample(path, rate, start, min(length, LISTENED_SECONDS * rate))
    found = root_of(media.name, heard, rate)
    return MIDDLE if found is None else found


def make_sampler(session: Session, clip_id: str, then: Arrived = lambda _: None) -> Job:
    """Makes an instrument track that plays what a clip shows on all keys, as a job; `then` gets the track's id.

    Raises StudioError where the clip shows no single sound, or its file is missing.
    """
    clip = _changeable(session, clip_id)
    part, rate = stretch_of(session.document.project, clip), session.document.project.rate
    media = session.document.media(part.media)
    if media is None or session.playable(media) is None:
        name = media.name if media is not None else clip.name
        raise StudioError(f"The file of “{name}” is missing: use Find Missing Sounds in the File menu.")

    def find(_: Work) -> int:
        return root_key(session.playable(media), media, rate, part.source, part.length)

    def place(project: Project, root: int) -> tuple[Edit, tuple[str, ...]]:
        edit, track_id = sampler_from_clip(project, clip_id, root)
        return edit, (track_id,)

    return _made(session, f"Make a sampler of {clip.name}", find, place, then)


def slice_to_sampler(session: Session, clip_id: str, slicing: Slicing, then: Arrived = lambda _: None) -> Job:
    """Cuts a clip into slices on keys of their own and plays them from notes, as a job, one undo step.

    `then` gets the ids of the new track and of its clip of notes. Raises StudioError where the clip shows no single
    sound, or its file is missing.
    """
    clip = _changeable(session, clip_id)
    find = cut_finder(session, clip_id, slicing)

    def place(project: Project, cuts: Sequence[int]) -> tuple[Edit, tuple[str, ...]]:
        made = slice_clip(project, clip_id, cuts)
        return made.edit, (made.track, made.clip)

    return _made(session, f"Slice {clip.name}", find, place, then)


def cut_finder(session: Session, clip_id: str, slicing: Slicing) -> Callable[[Work], Sequence[int]]:
    """What finds where a clip is to be cut, in frames from its left edge, on a worker thread.

    Main thread. Raises StudioError where the clip shows no single sound, or its file is missing.
    """
    clip, project = sound_clip(session, clip_id), session.document.project
    stretch_of(project, clip)
    onsets = onset_finder(session, clip, slicing.sensitivity)

    def find(work: Work) -> Sequence[int]:
        if slicing.by == "grid":
            return grid_cuts(project, clip, slicing.step)
        found = [onset.frame for onset in onsets(work)]
        if not found:
            raise StudioError(NO_ONSETS.format(clip.name))
        return [frame - EDGE for frame in found]  # so that no attack is faded in

    return find


def grid_cuts(project: Project, clip: Clip, step: int) -> list[int]:
    """The frames from a clip's left edge at which multiples of `step` ticks lie inside it."""
    time = project.time
    start, end = int(clip_start(clip, time)), int(clip_end(clip, time))
    first, last = int(time.tick(start)) // step, int(time.tick(end)) // step + 1
    frames = time.frames([tick * step for tick in range(first, last + 1)]).tolist()
    return [frame - start for frame in frames if start < frame < end]


def _changeable(session: Session, clip_id: str) -> Clip:
    if session.read_only:
        raise StudioError(session.read_only)
    return sound_clip(session, clip_id)


def _made(
    session: Session,
    label: str,
    find: Callable[[Work], T],
    place: Callable[[Project, T], tuple[Edit, tuple[str, ...]]],
    then: Arrived,
) -> Job:
    """A job that finds something out, and the edit made of it on the main thread."""

    def arrived(job: Job) -> None:
        if job.state == "done":
            try:
                edit, ids = place(session.document.project, job.result)
                session.document.apply(edit)
            except StudioError as error:
                session.tell(error)
            else:
                then(ids)

    return session.start("sample", label, find, arrived)
