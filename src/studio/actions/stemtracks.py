"""Stems that a model made of a mix, put into the song: a track each, standing where the mix stands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from msgspec.structs import replace

from ..document.document import Edit
from ..document.edits.clips import add_clips, make_clip, mute_clips
from ..document.edits.song import put_media, sequence
from ..document.edits.tracks import add_tracks, fresh_track
from ..document.project import AudioClip, Media, Project, Strip, Track, new_id
from ..engine.jobs import Job
from ..errors import StudioError
from ..storage.bundle import Bundle
from .generating import recipe_of
from .importing import Brought
from .madefiles import digest_of
from .session import Session


def put_stems(session: Session, files: Sequence[Path], frame: int, then: Callable[[str], None]) -> Job:
    """Imports the stems of one mix as a job and puts them into the song as one undo step.

    Where the song plays the very sound they were made from, they stand with it, and its clips are muted; else they
    begin at `frame`. `then` gets a sentence about it. Main thread. Raises StudioError when the song is read-only.
    """
    before, mixes = session.document.project, set[str]()

    def study(brought: Brought) -> None:
        if brought.failed:
            raise StudioError(f"Not all stems could be read: {brought.failed[0].error}")
        mixes.update(mixes_of(session.bundle, before, files[0]))

    def place(project: Project, brought: Brought) -> tuple[Edit, tuple[str, ...]]:
        return place_stems(project, [item.media for item in brought.sounds], mixes, frame)

    def arrived(_: tuple[str, ...]) -> None:
        beside = _track_of(session.document.project, mixes) is not None
        where = "beside the mix, which is muted" if beside else "at the playhead"
        then(f"{len(files)} stems are in the song, {where}.")

    return session.import_with(files, place, arrived, study)


def mixes_of(bundle: Bundle, project: Project, stem: Path) -> list[str]:
    """The media of a song that are the very sound a stem was taken out of. Worker threads: may read recordings."""
    recipe = recipe_of(stem)
    source = recipe.sources.get("source") if recipe is not None else None
    return media_with(bundle, project, source.sha256 if source is not None else "")


def media_with(bundle: Bundle, project: Project, digest: str) -> list[str]:
    """The media of a song whose file has this SHA-256, by id. Worker threads: may read recordings."""
    return [media.id for media in project.media if digest and _digest(bundle, media) == digest]


def _digest(bundle: Bundle, media: Media) -> str:
    """The SHA-256 of a media: that of an import is known, a recording's is computed."""
    file = bundle.media_path(media)
    return media.digest or (digest_of(file) if file.is_file() else "")


def place_stems(
    project: Project, stems: Sequence[Media], mixes: Collection[str], frame: int
) -> tuple[Edit, tuple[str, ...]]:
    """The edit that puts stems on tracks of their own, and the ids of their clips.

    The first track that plays one of `mixes`, media by id, is followed: each stem has its clips, cut and faded alike,
    its fader, pan and sends, and its clips are muted. Without one, each stem begins at `frame`.
    """
    followed = _track_of(project, mixes)
    edits: list[Edit] = [put_media(stems)]
    ids: list[str] = []
    grown, added = project, []
    for stem in stems:
        track, clips = _row(grown, followed, stem, mixes, frame)
        grown = replace(grown, tracks=(*grown.tracks, track))
        added.append(track)
        edits.append(add_clips(track.id, clips))
        ids += [clip.id for clip in clips]
    index = project.tracks.index(followed) + 1 if followed is not None else None
    edits.insert(1, add_tracks(added, index))
    if followed is not None:
        edits.append(mute_clips([clip.id for clip in _clips(followed, mixes)], True))
    return sequence(f"Add {len(stems)} stems", edits), tuple(ids)


def _track_of(project: Project, mixes: Collection[str]) -> Track | None:
    """The first track that plays one of these media."""
    return next((track for track in project.tracks if track.kind == "audio" and _clips(track, mixes)), None)


def _clips(track: Track, mixes: Collection[str]) -> list[AudioClip]:
    return [clip for clip in track.clips if isinstance(clip, AudioClip) and clip.media in mixes]


def _row(
    project: Project, followed: Track | None, stem: Media, mixes: Collection[str], frame: int
) -> tuple[Track, list[AudioClip]]:
    """A track for a stem, with its clips beside it."""
    part = _part(stem.name)
    if followed is None:
        track = fresh_track(project, stem.name)
        return track, [make_clip(stem, track, frame, project.time)]
    track = fresh_track(project, f"{followed.name} {part}", base=followed.base)
    strip = Strip(gain=followed.strip.gain, pan=followed.strip.pan, sends=followed.strip.sends)
    alike = [
        replace(
            clip,
            id=new_id("clip"),
            name=part,
            media=stem.id,
            length=min(clip.length, stem.frames - clip.source),
            correction=None,
            muted=False,
        )
        for clip in _clips(followed, mixes)
        if clip.source < stem.frames
    ]
    return replace(track, color=followed.color, strip=strip), alike


def _part(name: str) -> str:
    """What a stem is of: the word in brackets at the end of its name."""
    return name.rpartition("(")[2].rstrip(") ") or name
