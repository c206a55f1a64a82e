"""Bringing files into a song: MIDI files read; sounds copied into its bundle, made playable, drawn, then placed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import msgspec

from ..document.project import Media, new_id
from ..engine.audio.decode import AudioInfo, DecodeError, convert, is_playable, playable_layout, probe
from ..engine.audio.peaks import Peaks, build_peaks
from ..engine.jobs import Cancelled, Work
from ..engine.music.midifile import MidiSong
from ..errors import StudioError
from ..storage.bundle import Bundle
from ..storage.library import Library, NewAsset
from ..storage.mediafiles import CopyCancelled
from .midi import is_midi, open_midi

NOT_SOUND = {
    ".studio": "is a song; open it with File > Open",
}
UNLISTED = "What was imported is in the song, but could not be listed in the library."
CACHED = re.compile("“[0-9a-f]{64}[^”]*”")
"""The name of a file in the cache as sentences quote it; it means nothing to a person."""


class Imported(msgspec.Struct, frozen=True):
    """A sound that is in the bundle now, not yet in the song. `source` is the file it came from."""

    media: Media
    peaks: Peaks
    source: Path


class Failure(msgspec.Struct, frozen=True):
    """A file that could not be imported and the sentence that says why."""

    file: str
    error: str


def import_sound(bundle: Bundle, source: Path, rate: int, work: Work) -> Imported:
    """Copies one file into the bundle and makes it playable at `rate`. Nothing is left behind when it fails.

    Raises StudioError with the reason, Cancelled when the user cancelled. I/O pool.
    """
    info = _probe(source)
    copying, converting, drawing = work.part(0, 0.3), work.part(0.3, 0.8), work.part(0.8, 1)
    try:
        stored = bundle.add_media(source, source.stem, copying.report, work.cancelled)
    except CopyCancelled as stopped:
        raise Cancelled("The import was cancelled.") from stopped
    media = Media(new_id("media"), source.stem, stored.file, 0, 1, info.rate, info.channels, "import", stored.digest)
    made: list[Path] = [bundle.media_path(media)]
    try:
        playable = _playable(bundle, media, rate, converting)
        made.append(playable)
        layout = playable_layout(playable)
        peaks = build_peaks(playable, progress=drawing.report, cancelled=work.cancelled)
        made.append(bundle.peaks_path(media))
        peaks.save(bundle.peaks_path(media), playable)
    except BaseException as error:
        for file in made:
            file.unlink(missing_ok=True)
        if work.cancelled() and isinstance(error, StudioError):
            raise Cancelled("The import was cancelled.") from error
        if isinstance(error, StudioError) and CACHED.search(str(error)):
            raise StudioError(CACHED.sub(f"“{source.name}”", str(error))) from error
        raise
    media = msgspec.structs.replace(media, frames=layout.frames, channels=layout.channels)
    return Imported(media, peaks, source)


def _probe(source: Path) -> AudioInfo:
    problem = NOT_SOUND.get(source.suffix.lower(), "")
    if problem:
        raise DecodeError(f"“{source.name}” {problem}.")
    return probe(source)


def _playable(bundle: Bundle, media: Media, rate: int, work: Work) -> Path:
    original = bundle.media_path(media)
    playable = playable_file(bundle, media, rate)
    if playable != original:
        convert(original, playable, rate=rate, progress=work.report, cancelled=work.cancelled)
    return playable


def playable_file(bundle: Bundle, media: Media, rate: int) -> Path:
    """The file a media is played from at `rate`: itself where the reader can read it, else its copy in the cache."""
    return bundle.playable_path(media, rate, is_playable)


class Brought(msgspec.Struct, frozen=True):
    """What files brought: sounds that are in the bundle now, MIDI files that have been read, and what failed."""

    sounds: list[Imported]
    songs: list[MidiSong]
    failed: list[Failure]


def import_files(bundle: Bundle, sources: Sequence[Path], rate: int, work: Work) -> Brought:
    """Imports sounds and reads MIDI files; one bad file never stops the rest. A cancel removes the sounds again."""
    songs: list[MidiSong] = []
    failed: list[Failure] = []
    for source in filter(is_midi, sources):
        work.check()
        try:
            songs.append(open_midi(source))
            for notice in songs[-1].notices:
                work.fail(notice)
        except StudioError as error:
            failed.append(Failure(str(source), str(error)))
            work.fail(str(error))
    sounds, refused = import_sounds(bundle, [source for source in sources if not is_midi(source)], rate, work)
    return Brought(sounds, songs, [*failed, *refused])


def import_sounds(
    bundle: Bundle, sources: Sequence[Path], rate: int, work: Work
) -> tuple[list[Imported], list[Failure]]:
    """Imports several files; one bad file never stops the rest. What was imported is removed again on a cancel."""
    done: list[Imported] = []
    failed: list[Failure] = []
    for n, source in enumerate(sources):
        part = work.part(n / len(sources), (n + 1) / len(sources))
        part.report(0.0, source.name)
        try:
            work.check()
            done.append(import_sound(bundle, source, rate, part))
        except Cancelled:
            for item in done:
                discard(bundle, item.media, rate)
            raise
        except (StudioError, OSError) as error:
            sentence = str(error) if isinstance(error, StudioError) else f"“{source.name}” cannot be read ({error})."
            failed.append(Failure(str(source), sentence))
            work.fail(sentence)
    return done, failed


def find_media(folder: Path, wanted: Sequence[Media], work: Work) -> dict[str, Path]:
    """Files below a folder that are the wanted media, by media id: the same name, and the same content if known."""
    names: dict[str, list[Media]] = {}
    for media in wanted:
        names.setdefault(PurePosixPath(media.file).name.casefold(), []).append(media)
        names.setdefault(media.name.casefold(), []).append(media)
    found: dict[str, Path] = {}
    for file in folder.rglob("*"):
        work.check()
        work.report(0.0, file.name)
        for media in names.get(file.name.casefold(), []) + names.get(file.stem.casefold(), []):
            if media.id not in found and file.is_file() and media.digest in {"", _digest(file)}:
                found[media.id] = file
    return found


def _digest(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def discard(bundle: Bundle, media: Media, rate: int) -> None:
    """Removes the files of a media that no revision names."""
    for file in (bundle.media_path(media), bundle.copy_path(media, rate), bundle.peaks_path(media)):
        file.unlink(missing_ok=True)


def restore_playable(bundle: Bundle, media: Media, rate: int, work: Work) -> Path:
    """The playable form of a media whose original is there, remade when the cache was deleted. I/O pool."""
    original = bundle.media_path(media)
    playable = playable_file(bundle, media, rate)
    if original.exists() and not playable.exists():
        return _playable(bundle, media, rate, work)
    return playable


def asset_of(item: Imported, rate: int) -> NewAsset:
    """The library's entry for an imported sound: the file it came from, which other songs can use too."""
    stat = item.source.stat()
    return NewAsset(
        kind="audio",
        path=item.source.resolve(),
        name=item.media.name,
        size=stat.st_size,
        modified=stat.st_mtime,
        digest=item.media.digest,
        seconds=item.media.frames / rate,
        rate=item.media.rate,
        channels=item.media.source_channels,
    )


def list_sounds(library: Library, sounds: Sequence[Imported], rate: int, work: Work) -> None:
    """Lists imported sounds in the library; what was made here and is known there stays as it is. One that cannot be
    written is noted, and the import goes on. I/O pool."""
    try:
        library.add_assets([asset_of(item, rate) for item in sounds if not _made_here(library, item.source)])
    except (StudioError, OSError) as error:
        work.fail(f"{UNLISTED} {error}")


def _made_here(library: Library, source: Path) -> bool:
    """Whether the library knows a file as something that a model made or that was recorded."""
    known = library.find_by_path(source.resolve())
    return known is not None and known.kind in {"generated", "recording"}


def recording_of(bundle: Bundle, media: Media) -> NewAsset:
    """The library's entry for a sound recorded in a song: the file in its bundle."""
    path = bundle.media_path(media)
    return NewAsset(
        kind="recording",
        path=path.resolve(),
        name=media.name,
        size=path.stat().st_size,
        modified=path.stat().st_mtime,
        seconds=media.frames / media.rate,
        rate=media.rate,
        channels=media.channels,
        project=str(bundle.folder),
    )
