"""The song as one file per track, all of one length, for another studio or a remix."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
from msgspec.structs import replace

from ..document.project import Project, Track, song_end
from ..engine.audio.bounce import BounceReport
from ..engine.jobs import Work
from ..errors import StudioError
from ..storage.bundle import Bundle
from ..storage.names import numbered, safe_name
from .exporting import Request, export_song

TAIL = 5.0
"""Seconds after the song's last clip that every stem lasts, for echoes and reverb to die away in."""


class Stems(msgspec.Struct, frozen=True):
    """What was written: the folder, and a report for each file, in the order of the tracks."""

    folder: Path
    files: tuple[BounceReport, ...]


def export_stems(bundle: Bundle, project: Project, request: Request, work: Work, font: Path | None = None) -> Stems:
    """Renders every track that is heard to a file of its own, in a new folder named after `request.out`.

    A stem is what its track puts into the mix: through its effects and fader and through the buses that it feeds, but
    not through the effects of the master. Without those, and where buses only add, the stems sum to the mix. All are
    of one length. Worker threads. Raises StudioError with the reason; nothing is left behind then.
    """
    tracks = heard_tracks(project)
    if not tracks:
        raise StudioError("There is nothing to export: no track with a clip on it is heard.")
    end = request.end if request.end is not None else int(song_end(project) + TAIL * project.rate)
    folder = _free_folder(request.out)
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir()
    except OSError as error:
        raise StudioError(f"The folder {folder.name} cannot be made there; choose another place.") from error
    try:
        done = []
        for n, track in enumerate(tracks):
            name = f"{n + 1:02} {safe_name(track.name, 'Track')}{_suffix(request)}"
            share = work.part(n / len(tracks), (n + 1) / len(tracks))
            work.report(n / len(tracks), track.name)
            alone = replace(request, out=part / name, end=end, cover=None)
            done.append(export_song(bundle, alone_in(project, track.id), alone, share, font))
        part.rename(folder)
    except OSError as error:
        raise StudioError(f"The stems could not be written to {folder.parent}; check the disk.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Stems(folder, tuple(msgspec.structs.replace(one, file=folder / one.file.name) for one in done))


def heard_tracks(project: Project) -> list[Track]:
    """The tracks with clips that mute and solo let through."""
    sounding = [track for track in project.tracks if track.kind != "bus" and track.clips and not track.strip.mute]
    if any(track.strip.solo for track in project.tracks):
        sounding = [track for track in sounding if track.strip.solo]
    return sounding


def alone_in(project: Project, track_id: str) -> Project:
    """The song with the clips of one track alone, and nothing in the master's way."""

    def alone(track: Track) -> Track:
        kept = track.clips if track.id == track_id else ()
        return replace(track, clips=kept, strip=replace(track.strip, solo=False))

    master = replace(project.master, inserts=())
    return replace(project, tracks=tuple(alone(track) for track in project.tracks), master=master)


def _suffix(request: Request) -> str:
    return request.out.suffix or f".{request.format}"


def _free_folder(out: Path) -> Path:
    """A folder beside `out` that is not there yet, such as `Song stems`."""
    names = numbered(f"{out.stem} stems", "")
    return next(folder for folder in (out.with_name(name) for name in names) if not folder.exists())
