"""Grooves taken from recordings: the onsets of a clip of sound, against the grid of the song."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ..document.grooves import Groove, groove_of
from ..document.project import AudioClip, Clip, Comp, clip_start
from ..document.segments import Segment, segments
from ..engine.audio.onsets import Onset, find_onsets
from ..engine.audio.samples import read_sample
from ..engine.jobs import Job, Work
from ..errors import StudioError
from .session import Session

NO_SOUND = "Choose a clip of sound for this; clips of notes have no waveform."
NO_ONSETS = "No onset stands out in “{}”; choose a clip with drums, or raise the sensitivity."


def groove_from_audio(
    session: Session, clip_id: str, step: int, cycle: int, then: Callable[[Groove], object], sensitivity: float = 0.5
) -> Job:
    """Finds how far a clip of sound is played off a grid of `step` ticks that repeats every `cycle` ticks, as a job.

    `then` gets the groove on the main thread; it is not called when the job fails or is cancelled. Raises StudioError
    where the clip is gone, holds notes, or its file is missing.
    """
    clip, project = sound_clip(session, clip_id), session.document.project
    find = onset_finder(session, clip, sensitivity)
    start = clip_start(clip, project.time)

    def task(work: Work) -> Groove:
        frames = np.array([start + onset.frame for onset in find(work)], np.float64)
        ticks = project.time.exact_ticks(frames).tolist() if len(frames) else []
        groove = groove_of(((tick, None) for tick in ticks), step, cycle)
        if groove is None:
            raise StudioError(NO_ONSETS.format(clip.name))
        return groove

    def arrived(job: Job) -> None:
        if job.state == "done":
            then(job.result)

    return session.start("groove", f"Take the groove of {clip.name}", task, arrived)


def sound_clip(session: Session, clip_id: str) -> AudioClip | Comp:
    """The clip of sound with this id. Raises StudioError where there is none."""
    clip = session.document.clip(clip_id)
    if not isinstance(clip, AudioClip | Comp):
        raise StudioError(NO_SOUND)
    return clip


def onset_finder(session: Session, clip: Clip, sensitivity: float) -> Callable[[Work], list[Onset]]:
    """What finds the onsets of a clip, in frames from its left edge, on a worker thread.

    Main thread. Raises StudioError where a file that the clip plays is missing.
    """
    project = session.document.project
    parts = segments(clip, project.rate)
    files: dict[str, Path] = {}
    for media_id in {part.media for part in parts}:
        media = session.document.media(media_id)
        path = session.playable(media) if media is not None else None
        if path is None:
            name = media.name if media is not None else clip.name
            raise StudioError(f"The file of “{name}” is missing: use Find Missing Sounds in the File menu.")
        files[media_id] = path
    return lambda work: _onsets(parts, files, project.rate, sensitivity, work)


def _onsets(parts: Sequence[Segment], files: dict[str, Path], rate: int, sensitivity: float, work: Work) -> list[Onset]:
    found: list[Onset] = []
    for n, part in enumerate(parts):
        work.check()
        work.report(n / len(parts))
        sound = read_sample(files[part.media], rate, part.source, part.length)
        skipped = part.fade_in // 2
        found += [
            Onset(part.start + onset.frame, onset.strength)
            for onset in find_onsets(sound, rate, sensitivity)
            if onset.frame >= skipped
        ]
    return found
