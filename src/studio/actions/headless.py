"""The same actions without a window: each returns a JSON-ready report. Raises StudioError with the reason."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ..document.document import EditRefused
from ..document.project import Project, song_end
from ..engine.audio.bounce import BounceReport
from ..engine.audio.export import Bits, Format
from ..engine.jobs import Work
from ..errors import StudioError
from ..storage import locations
from ..storage.bundle import Bundle
from ..storage.library import Library
from ..storage.preferences import Preferences
from .covers import song_cover
from .describing import clip_report, describe
from .exporting import FORMATS, PICTURED, Request, export_song
from .importing import UNLISTED, Imported, discard, list_sounds
from .importing import import_files as bring_in
from .midi import export_midi
from .placing import Target, place_all
from .plugins import known_plugins, look_for_plugins, places, plugins_changed, remember_plugins
from .recording import open_to_write
from .song import OpenSong, create_song, open_song
from .stems import export_stems

Report = dict[str, Any]
Progress = Callable[[float, str], None]
Span = tuple[float, float | None]
"""Seconds of a song; without an end, to where its last sound has died away."""

Done = TypeVar("Done")


def make_song(folder: Path, rate: int, tempo: float) -> Report:
    """Makes an empty song. A folder that exists is refused: a script must know where its song is."""
    if folder.exists():
        raise StudioError(f"{folder} exists already; choose another name.")
    if not folder.parent.is_dir():
        raise StudioError(f"The folder {folder.parent} does not exist; make it first.")
    song = create_song(folder, rate, tempo)
    try:
        return {
            "project": str(song.bundle.folder),
            "name": song.project.name,
            "rate": song.project.rate,
            "tempo": song.project.tempo[0].bpm,
        }
    finally:
        song.close()


def import_files(folder: Path, files: Sequence[Path], track: str, at: float, progress: Progress) -> Report:
    """Imports sounds one after the other on one named track, or each on a track of its own; MIDI files part by part.

    One bad file never stops the rest: the report names `clips` and `failed`.
    """
    song = open_to_write(folder)
    try:
        rate = song.project.rate
        brought = bring_in(song.bundle, files, rate, Work(progress, threading.Event()))
        media = [item.media for item in brought.sounds]
        ids: tuple[str, ...] = ()
        if media or brought.songs:
            try:
                edit, ids = place_all(song.project, media, brought.songs, _target(song, track, round(at * rate)))
                song.document.apply(edit)
            except EditRefused:
                for item in media:
                    discard(song.bundle, item, rate)
                raise
        song.save()
        unlisted = list_imported(brought.sounds, rate)
        return {
            "project": str(song.bundle.folder),
            "clips": [_clip(song, clip_id) for clip_id in ids],
            "failed": [{"file": failure.file, "error": failure.error} for failure in brought.failed],
            "notices": [*(notice for read in brought.songs for notice in read.notices), *unlisted],
        }
    finally:
        song.close()


def describe_song(folder: Path) -> Report:
    """What is in a song. Opens it to read, so it works beside a window that has it open."""
    song = open_song(folder, read_only=True)
    try:
        return describe(song.project, song.bundle.missing(song.project))
    finally:
        song.close()


def bounce_song(
    folder: Path,
    out: Path,
    span: Span,
    container: str | None,
    bits: Bits | None,
    tell: Progress,
    cover: Path | None = None,
) -> Report:
    """Renders a song, or the seconds `span` of it. Without `container` the ending of `out` says the format.

    `cover` is a picture for the file, None for the one that is kept with the song.
    """
    done, notices = _exported(folder, out, span, container, bits, tell, export_song, cover)
    return {**_bounced(done), "notices": notices}


def bounce_stems(
    folder: Path, out: Path, span: Span, container: str | None, bits: Bits | None, tell: Progress
) -> Report:
    """Renders every track of a song to a file of its own, in a folder named after `out`."""
    done, notices = _exported(folder, out, span, container, bits, tell, export_stems)
    stems = [{**_bounced(one), "notices": []} for one in done.files]
    return {"folder": str(done.folder), "stems": stems, "notices": notices}


def _exported(
    folder: Path,
    out: Path,
    span: Span,
    container: str | None,
    bits: Bits | None,
    tell: Progress,
    export: Callable[[Bundle, Project, Request, Work, Path | None], Done],
    cover: Path | None = None,
) -> tuple[Done, list[str]]:
    """What an export of a song made, and what it has to tell."""
    song = open_song(folder, read_only=True)
    try:
        request, work = _export(song, out, span, container, bits, cover), Work(tell, threading.Event())
        remember_plugins()
        return export(song.bundle, song.project, request, work, Preferences.load().font), work.failures
    finally:
        song.close()


def _export(
    song: OpenSong, out: Path, span: Span, container: str | None, bits: Bits | None, cover: Path | None
) -> Request:
    """The request for seconds of a song. Raises StudioError where there is nothing to render, or for a cover that the
    format has no place for."""
    kind, rate = _format(out, container), song.project.rate
    start, end = round(span[0] * rate), None if span[1] is None else round(span[1] * rate)
    if end is not None and end <= start:
        raise StudioError("The end of the range lies before its start; give --from a smaller number than --to.")
    if end is None and start >= max(int(song_end(song.project)), 1):
        raise StudioError("There is nothing to render there; the song ends before it.")
    if cover is not None and kind not in PICTURED:
        raise StudioError(f"A {kind.upper()} file has no place for a cover; export one of {', '.join(PICTURED)}.")
    return Request(out, kind, bits or "24", start, end, cover or song_cover(song.bundle))


def _bounced(done: BounceReport) -> Report:
    return {
        "file": str(done.file),
        "frames": done.frames,
        "rate": done.rate,
        "peak_dbfs": _finite(done.peak_dbfs),
        "lufs": _finite(done.lufs),
    }


def list_plugins(again: bool, folders: Sequence[Path], progress: Progress) -> Report:
    """The plug-in instruments of this computer, as they are now; `again` examines all of them, not only new ones.

    `folders` are searched from now on too.
    """
    remember_plugins()
    preferences = Preferences.load()
    if folders:
        own = dict.fromkeys((*preferences.plugin_folders, *(str(folder.absolute()) for folder in folders)))
        preferences = preferences.update(plugin_folders=tuple(own))
        preferences.save()
    if again or plugins_changed(preferences.plugin_folders):
        look_for_plugins(Work(progress, threading.Event()), preferences.plugin_folders, again)
    found = known_plugins()
    return {
        "plugins": [{"identity": plugin.identity, **msgspec.to_builtins(plugin)} for plugin in found.plugins],
        "blocked": [{"file": file.path, "reason": file.blocked} for file in found.blocked],
        "folders": [str(folder) for folder in places(preferences.plugin_folders)],
    }


def write_midi_file(folder: Path, out: Path, straight: bool) -> Report:
    """Writes the notes of a song as a MIDI file; with `straight` without swing and humanising."""
    song = open_song(folder, read_only=True)
    try:
        done = export_midi(song.project, out, straight)
        return {
            "file": str(done.file),
            "tracks": done.tracks,
            "notes": done.notes,
            "seconds": round(done.seconds, 3),
            "straight": straight,
        }
    finally:
        song.close()


def _format(out: Path, container: str | None) -> Format:
    wanted = container or out.suffix.lower().removeprefix(".")
    for known in FORMATS:
        if known == wanted:
            return known
    raise StudioError(f"“{out.name}” does not say a format; add --format with one of {', '.join(FORMATS)}.")


def list_imported(sounds: Sequence[Imported], rate: int) -> list[str]:
    """Lists imported sounds in the library, as the window does; returns what went wrong."""
    work = Work(lambda *_: None, threading.Event())
    if sounds:
        try:
            locations.create_folders()
            with Library(locations.library_file()) as library:
                list_sounds(library, sounds, rate, work)
        except StudioError as error:
            work.fail(f"{UNLISTED} {error}")
    return work.failures


def _target(song: OpenSong, track: str, frame: int) -> Target:
    known = next((item for item in song.project.tracks if item.name == track and item.kind != "bus"), None)
    return Target(frame=frame, track=known.id if track and known else "", name="" if known else track)


def _clip(song: OpenSong, clip_id: str) -> Report:
    clip, track = song.document.clip(clip_id), song.document.track_of(clip_id)
    assert clip is not None
    assert track is not None
    return {"track": track.name, **clip_report(song.project, clip)}


def _finite(value: float) -> float | None:
    return round(value, 3) if math.isfinite(value) else None
