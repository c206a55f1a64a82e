"""Pitch correction in a song and of a file: what is heard is looked up, the corrected sound made and kept in the cache.

A corrected sound is as long as its media, so whatever reads the one can read the other at the same frames; what nobody
corrected is in it bit for bit. Its file is named by the media's content and by what the correction does.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from ..document.correction import Correction, TunedNote, digest, raw_id
from ..document.project import AudioClip, Clip, Comp, Media, Project, Take
from ..document.segments import Segment
from ..engine.audio.decode import decode_blocks
from ..engine.audio.export import AudioWriter, ExportError
from ..engine.audio.peaks import Peaks, build_peaks, load_peaks, read_samples
from ..engine.jobs import Finished, Job, Work
from ..engine.voice.correction import corrected, exact, sung_line, tunable
from ..engine.voice.heard import Heard, sound_notices
from ..engine.voice.pitchtrack import PitchTrack
from ..errors import StudioError
from ..storage import locations
from ..storage.bundle import Bundle
from .importing import restore_playable

KEPT = 8
"""Corrected sounds of one media that are kept beside those in use, for undo."""

FADE = 0.01
"""Seconds in which a note that is heard alone comes and goes."""

Reals = npt.NDArray[np.float32]
Start = Callable[[str, str, Callable[[Work], object], Finished | None], Job]


class Copies(Protocol):
    """Who knows where the copies of media belong: a bundle."""

    def copy_path(self, media: Media, rate: int) -> Path:
        """Where the copy of a media that can be played at `rate` Hz is or belongs."""


class Sung(NamedTuple):
    """A voice as the editor shows it: its track, its line in semitones, and the notes in it with nothing moved.

    `notices` are sentences about the sound that qualify what is heard in it."""

    track: PitchTrack
    line: npt.NDArray[np.float64]
    notes: tuple[TunedNote, ...]
    notices: tuple[str, ...] = ()


class Wanted(NamedTuple):
    """A corrected sound that a song uses."""

    sound: str
    media: Media
    correction: Correction


def wanted_in(project: Project) -> tuple[Wanted, ...]:
    """The corrected sounds of a song, each once. Pure."""
    return tuple(_wanted(project, [part for track in project.tracks for part in corrected_parts(track.clips)]))


def corrected_parts(clips: Iterable[Clip]) -> list[AudioClip | Take]:
    """The clips and takes that have a correction. Pure."""
    found: list[AudioClip | Take] = []
    for clip in clips:
        if isinstance(clip, AudioClip):
            if clip.correction is not None:
                found.append(clip)
        elif isinstance(clip, Comp):
            found += [take for take in clip.takes if take.correction is not None]
    return found


def _wanted(project: Project, parts: Iterable[AudioClip | Take]) -> Iterator[Wanted]:
    known: set[str] = set()
    for part in parts:
        media, sound = project.medium(part.media), part.sound
        if media is not None and part.correction is not None and sound != part.media and sound not in known:
            known.add(sound)
            yield Wanted(sound, media, part.correction)


def corrected_path(bundle: Copies, media: Media, rate: int, name: str) -> Path:
    """Where the sound of a media under the correction whose `digest` is `name` is or belongs. Any thread."""
    raw = bundle.copy_path(media, rate)
    return raw.with_name(f"{raw.stem}-{name}.wav")


def sound_file(bundle: Copies, media: Media, rate: int, sound: str) -> Path | None:
    """The file of a corrected sound, None while it is not made, or where `sound` is the media itself. Any thread."""
    raw = raw_id(sound)
    if raw == sound:
        return None
    path = corrected_path(bundle, media, rate, sound[len(raw) + 1 :])
    return path if path.is_file() else None


def made_sounds(bundle: Bundle, project: Project) -> dict[str, Path]:
    """The files of the corrected sounds that a song uses and that are made, by sound id. Any thread."""
    found = {}
    for sound, media, correction in wanted_in(project):
        path = corrected_path(bundle, media, project.rate, digest(correction))
        if path.is_file():
            found[sound] = path
    return found


def make_sounds(bundle: Bundle, project: Project, work: Work) -> dict[str, Path]:
    """The files of all corrected sounds that a song uses, by sound id; those that are missing are made.

    Worker threads. One that cannot be made is left out and noted as a failure of the work.
    """
    found, wanted = {}, wanted_in(project)
    for n, one in enumerate(wanted):
        try:
            found[one.sound] = make_sound(bundle, project, one, work.part(n / len(wanted), (n + 1) / len(wanted)))
        except StudioError as error:
            work.check()
            work.fail(f"“{one.media.name}” is heard as it was sung: {error}")
    return found


def make_sound(bundle: Bundle, project: Project, wanted: Wanted, work: Work) -> Path:
    """The file of one corrected sound, made where it is missing. Worker threads. Raises StudioError with the reason."""
    media, rate = wanted.media, project.rate
    path = corrected_path(bundle, media, rate, digest(wanted.correction))
    if path.is_file():
        return path
    track = _heard(bundle, project, media, work.part(0.0, 0.5)).track
    playable = restore_playable(bundle, media, rate, work)
    blocks = _reported(decode_blocks(playable), media.frames, work.part(0.5, 1.0))
    try:
        with AudioWriter(path, "wav", rate, media.channels, "32f") as writer:
            for block in corrected(blocks, rate, track, wanted.correction, work.check):
                writer.write(block)
    except ExportError as error:
        raise StudioError(str(error).replace(path.name, media.name)) from error
    _tidy(path, {digest(one.correction) for one in wanted_in(project)})
    return path


def listen_to(bundle: Bundle, project: Project, media: Media, work: Work) -> Sung:
    """What is sung in a media. Worker threads. Raises StudioError where there is nothing to correct."""
    heard = _heard(bundle, project, media, work.part(0.0, 0.8))
    notes = tunable(heard, project.rate, media.frames)
    playable = restore_playable(bundle, media, project.rate, work)
    notes = exact(notes, decode_blocks(playable), project.rate, heard.track, work.check)
    return Sung(heard.track, sung_line(heard.track), notes, sound_notices(heard))


def _heard(bundle: Bundle, project: Project, media: Media, work: Work) -> Heard:
    from .coaching import heard_in

    def playable(one: Media) -> Path | None:
        if not bundle.media.has(one.file):
            return None
        return restore_playable(bundle, one, project.rate, work)

    whole = (Segment(media.id, 0, 0, media.frames, 1.0),)
    return heard_in(bundle, project, whole, media.frames, playable, work)


def _tidy(path: Path, used: set[str]) -> None:
    """Removes the oldest of a media's corrected sounds that are not in use."""
    stem = path.stem.rpartition("-")[0]
    others = [file for file in path.parent.glob(f"{stem}-*.wav") if _name(file, stem) not in used]
    with contextlib.suppress(OSError):
        for file in sorted(others, key=lambda one: one.stat().st_mtime)[:-KEPT]:
            file.unlink(missing_ok=True)
            file.with_suffix(".peaks").unlink(missing_ok=True)


def _name(file: Path, stem: str) -> str:
    return file.stem.removeprefix(f"{stem}-")


def _reported(blocks: Iterable[Reals], frames: int, work: Work) -> Iterator[Reals]:
    done = 0
    for block in blocks:
        work.check()
        done += block.shape[1]
        work.report(min(done / max(frames, 1), 1.0), "Correcting the pitch")
        yield block


class Corrections:
    """Keeps the corrected sounds of an open song made. Main thread.

    `start` runs a job; `came(sound id, peaks)` is called for each sound that is there, and `failed` with what could not
    be made. Until then the sound is heard as it was sung.
    """

    def __init__(
        self, bundle: Bundle, start: Start, came: Callable[[str, Peaks], None], failed: Callable[[StudioError], None]
    ) -> None:
        self._bundle, self._start, self._came, self._failed = bundle, start, came, failed
        self._project: Project | None = None
        self._rows: dict[str, tuple[tuple[Clip, ...], list[AudioClip | Take]]] = {}
        self._there: set[str] = set()
        self._refused: set[str] = set()
        self._running = False

    def follow(self, project: Project) -> None:
        """Has what this state of the song lacks made, as a job. Returns at once."""
        if self._project is not None and project.media is not self._project.media:
            self._refused.clear()
        self._project = project
        self._look()

    def waits(self, sound: str) -> bool:
        """Whether a corrected sound is still being made, so that the raw one is heard."""
        return raw_id(sound) != sound and sound not in self._there and sound not in self._refused

    def _look(self) -> None:
        project = self._project
        if self._running or project is None:
            return
        parts: list[AudioClip | Take] = []
        rows: dict[str, tuple[tuple[Clip, ...], list[AudioClip | Take]]] = {}
        for track in project.tracks:
            before = self._rows.get(track.id)
            rows[track.id] = (
                before if before and before[0] is track.clips else (track.clips, corrected_parts(track.clips))
            )
            parts += rows[track.id][1]
        self._rows = rows
        wanted = list(_wanted(project, parts))
        self._there &= {one.sound for one in wanted}  # what undo brings back may have been tidied away meanwhile
        missing = [one for one in wanted if one.sound not in self._there | self._refused]
        if missing:
            self._make(project, missing)

    def _make(self, project: Project, missing: list[Wanted]) -> None:
        self._running = True
        made: dict[str, Peaks] = {}

        def task(work: Work) -> None:
            for n, one in enumerate(missing):
                share = work.part(n / len(missing), (n + 1) / len(missing))
                try:
                    made[one.sound] = self._one(project, one, share)
                except StudioError as error:
                    work.check()
                    work.fail(f"“{one.media.name}” is heard as it was sung: {error}")

        def done(job: Job) -> None:
            self._running = False
            for one in missing:
                if one.sound in made:
                    self._there.add(one.sound)
                    self._came(one.sound, made[one.sound])
                else:
                    self._refused.add(one.sound)
            if job.error:
                self._failed(StudioError(job.error))
            self._look()

        label = f"Correct {missing[0].media.name}" if len(missing) == 1 else f"Correct {len(missing)} sounds"
        self._start("correct", label, task, done)

    def _one(self, project: Project, one: Wanted, work: Work) -> Peaks:
        path = make_sound(self._bundle, project, one, work)
        file = path.with_suffix(".peaks")
        found = load_peaks(file, path)
        if found is None:
            found = build_peaks(path, cancelled=work.cancelled)
            with contextlib.suppress(OSError, StudioError):
                found.save(file, path)
        return found


def hear_note(bundle: Bundle, project: Project, media: Media, sung: Sung, correction: Correction, number: int) -> Path:
    """A file with one note as the correction has it, to be heard aside. Worker threads. Raises StudioError."""
    note, rate = correction.notes[number], project.rate
    path = locations.cache_folder() / "auditions" / f"{digest(correction) or 'sung'}-{note.start}-{note.end}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    room = rate // 4
    first = max(note.start - room, 0)
    playable = bundle.playable_path(media, rate)
    sound = read_samples(playable, first, note.end + room - first)
    moved = [replace(one, start=max(one.start - first, 0), end=one.end - first) for one in correction.notes]
    here = replace(correction, notes=tuple(one for one in moved if one.end > 0))
    part = sung.track.between(first / rate, (note.end + room) / rate)
    part = replace(part, start=part.start - first / rate)
    done = np.concatenate(list(corrected([sound], rate, part, here)), axis=1)
    cut = done[:, note.start - first : note.end - first].copy()
    fade = np.minimum(np.arange(cut.shape[1]), np.arange(cut.shape[1])[::-1]) / (FADE * rate)
    with AudioWriter(path, "wav", rate, cut.shape[0], "32f") as writer:
        writer.write(cut * np.minimum(fade, 1.0).astype(np.float32))
    return path
