"""What is heard on a track of a song, as a file for a model: the clips with their edits and fades, before the mixer."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from ..document.project import Project, Strip, Track, media_of, zone_media
from ..engine.audio.compiler import compile_plan
from ..engine.audio.export import AudioWriter
from ..engine.audio.fades import Floats
from ..engine.audio.stripbounce import render_strip
from ..engine.jobs import Work
from ..errors import StudioError
from ..storage.bundle import Bundle
from ..storage.library import Library, NewAsset
from ..storage.names import safe_name
from .correcting import make_sounds
from .fromsong import Heard
from .importing import playable_file, restore_playable
from .madefiles import digest_of
from .songfacts import bars_said


def hear(bundle: Bundle, project: Project, heard: Heard, work: Work, font: Path | None = None) -> Floats:
    """float32 (2, frames) of a track before its effects and its fader. Worker threads. Raises StudioError where a sound
    of it is missing."""
    track = project.track(heard.track)
    if track is None:
        raise StudioError("The track to be heard is no longer in the song.")
    alone = replace(project, tracks=(replace(track, strip=Strip()),), master=Strip(), sections=())
    paths = _paths(bundle, alone, track, work)
    paths |= make_sounds(bundle, alone, work.part(0.0, 0.5))
    plan, rest = compile_plan(alone, paths), work.part(0.5, 1.0)

    def check(progress: float) -> None:
        work.check()
        rest.report(progress, f"Listening to {track.name}")

    sound, notices = render_strip(plan, track.id, heard.begin, heard.end, check, font)
    if notices:
        raise StudioError(notices[0])
    return sound


def write_heard(
    bundle: Bundle, project: Project, heard: Heard, folder: Path, library: Library, work: Work, font: Path | None = None
) -> Path:
    """Writes what is heard into a folder and puts it into the library, by whose digest a recipe finds it again.

    The same sound is written once. Worker threads. Raises StudioError, also where all of it is silent.
    """
    sound = hear(bundle, project, heard, work, font)
    if not sound.any():
        raise StudioError("All of this range is silent, so there is nothing for a model to go by.")
    track = project.track(heard.track)
    named = f"{project.name}, {track.name if track else ''}, {bars_said(project, heard.begin, heard.end)}"
    path = folder / f"{safe_name(named, 'Song')} ({hashlib.sha256(sound.tobytes()).hexdigest()[:8]}).wav"
    if not path.is_file():
        _write(path, sound, project.rate)
    _list(library, path, sound, project)
    return path


def _write(path: Path, sound: Floats, rate: int) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError(f"The folder {path.parent} cannot be made: {error.strerror or error}.") from error
    with AudioWriter(path, "wav", rate, sound.shape[0], "32f") as writer:
        writer.write(np.ascontiguousarray(sound))


def _list(library: Library, path: Path, sound: Floats, project: Project) -> None:
    about = path.stat()
    library.add_assets([
        NewAsset("audio", path, size=about.st_size, modified=about.st_mtime, digest=digest_of(path),
                 seconds=sound.shape[1] / project.rate, rate=project.rate, channels=sound.shape[0]),
    ])  # fmt: skip


def _paths(bundle: Bundle, project: Project, track: Track, work: Work) -> dict[str, Path | None]:
    """The playable file of each sound on a track. Raises StudioError where one is missing."""
    paths: dict[str, Path | None] = {}
    for media_id in {*(one for clip in track.clips for one in media_of(clip)), *zone_media(track)}:
        media = project.medium(media_id)
        if media is None:
            continue
        if not bundle.media.has(media.file):
            raise StudioError(f"“{media.name}” is missing, so the track cannot be heard; find that file first.")
        work.check()
        if not bundle.read_only:
            restore_playable(bundle, media, project.rate, work)
        paths[media.id] = playable_file(bundle, media, project.rate)
    return paths
