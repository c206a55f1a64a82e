"""Results of models put where they belong in the song: into free ground, or in place of what was made anew."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from ..document.document import Edit, EditRefused
from ..document.edits.clips import add_clips, make_clip
from ..document.edits.song import put_media, sequence
from ..document.edits.takes import Pass, lay_in
from ..document.edits.tracks import add_tracks, fresh_track
from ..document.project import AudioClip, Comp, Media, Project, Track
from ..document.segments import CROSSFADE_SECONDS, segments
from ..engine.ai.recipes import Place
from ..engine.audio.decode import decode_at
from ..engine.audio.export import AudioWriter
from ..engine.audio.fades import Floats
from ..engine.audio.tags import read_tags, write_tags
from ..engine.jobs import Job, Work
from ..errors import StudioError
from ..storage.locations import cache_folder
from .fromsong import clips_in, under
from .importing import Imported, discard, import_sound
from .session import Session

FADE_S = 0.01
"""Seconds over which a result fades out where the range ends before it does."""

CROSS_S = 0.1
"""Seconds beyond its range that a result is kept for, so that the borders cross."""

Arrived = Callable[[str], object]


def begin_of(project: Project, place: Place) -> int:
    """The frame of the song at which a place begins now."""
    return int(project.time.frame(place.anchor)) + place.offset


def obstacle(project: Project | None, place: Place) -> str:
    """Why a result cannot go where it belongs by itself, in a sentence; empty where it can."""
    if project is None or project.id != place.song:
        return f"It belongs into “{place.name}”, which is not open."
    if place.over and project.track(place.track) is None:
        return "The track that it belongs on is no longer in the song."
    begin = begin_of(project, place)
    if place.under and under(project, place.track, begin, begin + place.length) != place.under:
        return "What stands there has changed since it was asked for."
    return ""


def put_in(session: Session, file: Path, place: Place, then: Arrived = lambda _: None) -> Job:
    """Imports a result and puts it where it belongs, as a job and one undo step; `then` gets the id of the clip.

    It takes no more room than the place has. Where it replaces a range whose track is gone, or is to stand on ground
    that is taken, it gets a track of its own. Main thread. Raises StudioError for another song, or one to be read only.
    """
    project, bundle = session.document.project, session.bundle
    if session.read_only:
        raise StudioError(session.read_only)
    if project.id != place.song:
        raise StudioError(f"This belongs into “{place.name}”; open that song first.")
    if project.rate != place.rate:
        raise StudioError(
            "The song has another sample rate than when this was asked for; import it as a sound instead."
        )
    track = project.track(place.track)
    over = place.over and track is not None and track.kind == "audio"
    mono = over and plays_mono(project, track)

    def task(work: Work) -> tuple[Imported, Place]:
        return _cut_out(session, file, place, mono, work) if over else (_imported(session, file, work), place)

    def arrived(job: Job) -> None:
        if job.state != "done":
            return
        item, fitted = job.result
        session.waveforms.put(item.media.id, item.peaks)
        try:
            edit, clip = put_edit(session.document.project, item.media, fitted)
            session.document.apply(edit)
            session.document.close_gesture()
        except StudioError as error:
            discard(bundle, item.media, place.rate)
            session.tell(error)
        else:
            then(clip)

    return session.start("import", f"Put “{file.stem}” into the song", task, arrived)


def _imported(session: Session, file: Path, work: Work) -> Imported:
    return import_sound(session.bundle, file, session.document.project.rate, work)


def _cut_out(session: Session, file: Path, place: Place, mono: bool, work: Work) -> tuple[Imported, Place]:
    """The part of a result that replaces something, in the song's folder, and where that goes.

    On a track of mono sounds it is mono, lest it changed how the others are heard.
    """
    folder = cache_folder() / "cut out" / uuid.uuid4().hex
    copy = folder / f"{file.stem}.wav"
    try:
        sound, fitted = seamless(decode_at(file, place.rate), place)
        if mono:
            sound = sound.mean(axis=0, dtype=np.float32, keepdims=True)
        folder.mkdir(parents=True)
        with AudioWriter(copy, "wav", place.rate, sound.shape[0], "32f") as writer:
            writer.write(np.ascontiguousarray(sound))
        write_tags(copy, replace(read_tags(file), cover=b""))
        return _imported(session, copy, work), fitted
    except OSError as error:
        raise StudioError(f"“{file.name}” cannot be put into the song: {error.strerror or error}.") from error
    finally:
        copy.unlink(missing_ok=True)
        if folder.is_dir():
            folder.rmdir()


def seamless(sound: Floats, place: Place) -> tuple[Floats, Place]:
    """What replaces a range, float32 (channels, frames) with a crossfade's length of what is heard around it, and its
    place: half a crossfade longer on both sides, so that the comp crosses over within what both have alike.

    Takes cross with equal power, which is too loud by 3 dB where they are the same. So the new one is shaped there: old
    times the cosine and new times the sine add up to what was. Pure.
    """
    half = int(CROSSFADE_SECONDS * place.rate) // 2
    length = min(place.length, sound.shape[1] - place.lead)
    if length <= 0:
        return sound, place
    rest = sound.shape[1] - place.lead - length
    before, after = half * (place.lead >= 2 * half), half * (rest >= 2 * half)
    first = place.lead - 2 * before if before else 0
    cut = sound[:, first : place.lead + length + (2 * after or rest)].copy()
    rise = np.tan(np.pi / 4 * (np.arange(2 * half) + 0.5) / (2 * half)).astype(np.float32)
    if before:
        cut[:, : 2 * half] *= rise
    if after:
        cut[:, -2 * half :] *= rise[::-1]
    lead = place.lead - first - before
    return cut, replace(place, offset=place.offset - before, lead=lead, length=length + before + after)


def plays_mono(project: Project, track: Track | None) -> bool:
    """Whether all that sounds on a track is mono, which is panned otherwise than stereo."""
    clips = track.clips if track is not None else ()
    used = {part.media for clip in clips if not clip.muted for part in segments(clip, project.rate)}
    found = [media for media in project.media if media.id in used]
    return bool(found) and all(media.channels == 1 for media in found)


def put_edit(project: Project, media: Media, place: Place) -> tuple[Edit, str]:
    """The edit that puts a result where it belongs, and the id of the clip that shows it. Pure but for new ids.

    Raises EditRefused where nothing of the result lies in its place.
    """
    begin = begin_of(project, place)
    if begin < 0:
        raise EditRefused("The place that this was made for lies before the song begins; import it as a sound instead.")
    length = min(place.length, media.frames - place.lead)
    if length <= 0:
        raise EditRefused(f"“{media.name}” is too short for its place; import it as a sound instead.")
    track = project.track(place.track)
    if place.over and track is not None and track.kind == "audio":
        return _over(project, media, place, begin, length)
    if track is not None and track.kind == "audio" and not clips_in(project, track, begin, begin + length):
        clip = _clip(project, media, track, place, begin, length)
        return sequence(_label(media), [put_media((media,)), add_clips(track.id, (clip,))]), clip.id
    fresh = fresh_track(project, media.name[:80])
    clip = _clip(project, media, fresh, place, begin, length)
    index = next((row + 1 for row, one in enumerate(project.tracks) if one.id == place.track), None)
    steps = [put_media((media,)), add_tracks((fresh,), index), add_clips(fresh.id, (clip,))]
    return sequence(_label(media), steps), clip.id


def _over(project: Project, media: Media, place: Place, begin: int, length: int) -> tuple[Edit, str]:
    cross = round(CROSS_S * project.rate)
    after = min(cross, media.frames - place.lead - length)
    one = Pass(begin, place.lead, length, before=min(cross, place.lead), after=after)
    edit = lay_in(place.track, media, one, _label(media))
    there = edit.change(project).track(place.track)
    assert there is not None
    return edit, next(clip.id for clip in there.clips if _shows(clip, media))


def _shows(clip: object, media: Media) -> bool:
    if isinstance(clip, Comp):
        return any(take.media == media.id for take in clip.takes)
    return isinstance(clip, AudioClip) and clip.media == media.id


def _clip(project: Project, media: Media, track: Track, place: Place, begin: int, length: int) -> AudioClip:
    clip = replace(make_clip(media, track, begin, project.time), source=place.lead, length=length)
    cut = place.lead + length < media.frames
    return replace(clip, fade_out=min(round(FADE_S * project.rate), length // 2) if cut else 0)


def _label(media: Media) -> str:
    return f"Put in {media.name}"
