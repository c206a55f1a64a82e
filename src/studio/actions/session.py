"""An open song in the window: document, bundle, playback, waveforms, imports, joined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from ..document.correction import raw_id
from ..document.document import Announcement, Document, Edit
from ..document.edits.song import put_media
from ..document.instruments import Instrument
from ..document.practice import Practice
from ..document.project import Media, Project, Track
from ..engine.audio.peaks import PeakBuilder, Peaks
from ..engine.audio.player import Player
from ..engine.jobs import Finished, Job, JobRunner, Work
from ..errors import StudioError
from ..storage.bundle import Bundle
from ..storage.library import Library
from .correcting import Corrections, made_sounds
from .importing import (
    Brought,
    Imported,
    discard,
    find_media,
    import_files,
    import_sound,
    list_sounds,
    playable_file,
    recording_of,
)
from .placing import Target, place_all
from .playback import Playback, Tell, played_in
from .practising import RECORDING, Practising, Ready
from .song import OpenSong
from .waveforms import Waveforms

Arrived = Callable[[tuple[str, ...]], None]
Place = Callable[[Project, Brought], tuple[Edit, tuple[str, ...]]]
"""Makes of what files brought the edit that uses it, and the ids of what it adds."""


class Session:
    """What the window shows and changes of one open song. Main thread.

    `tell` hears, on the main thread or the compiler thread, what went wrong beside what the user is doing.
    """

    def __init__(
        self,
        song: OpenSong,
        player: Player,
        jobs: JobRunner,
        library: Library,
        tell: Tell,
        font: Path | None = None,
    ) -> None:
        self.song = song
        self.missing: frozenset[str] = song.bundle.missing(song.project)
        self._jobs, self._library, self._tell, self._player = jobs, library, tell, player
        self.waveforms = Waveforms(song.bundle, jobs, song.project.rate)
        self._growing: dict[str, PeakBuilder] = {}
        song.bundle.listen(lambda _: None, self._failed_to_save)
        self.playback = Playback(player, song.project, self.playable, tell, font, self._corrected)
        self.corrections = Corrections(song.bundle, jobs.start, self._corrected_came, tell)
        self.practising = Practising(song.bundle, jobs, self.playback, self.playable)
        self._unsubscribe = song.document.subscribe(self._hear)
        self._load_waveforms()
        self.corrections.follow(song.project)

    @property
    def document(self) -> Document:
        """The song and its history."""
        return self.song.document

    @property
    def bundle(self) -> Bundle:
        """Where the song lives."""
        return self.song.bundle

    @property
    def library(self) -> Library:
        """What the studio knows beyond this song. Any thread."""
        return self._library

    @property
    def read_only(self) -> str:
        """Why the song cannot be changed, empty when it can."""
        return self.document.read_only

    @property
    def durable(self) -> int:
        """The newest revision that is safely on disk."""
        return self.bundle.durable

    @property
    def saved(self) -> bool:
        """Whether everything that was done is on disk."""
        return self.bundle.idle

    def peaks(self, media_id: str) -> Peaks | None:
        """The waveform of a media or of a corrected sound, None while it is being made or when the file is missing.

        While a corrected sound is being made, the waveform is that of what was sung.
        """
        return self.waveforms.get(media_id) or self.waveforms.get(raw_id(media_id))

    def subscribe_peaks(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Calls `listener` with the media id of each waveform that arrives; the returned function ends that."""
        return self.waveforms.subscribe(listener)

    def live_peaks(self, track_id: str) -> PeakBuilder | None:
        """The growing waveform of the take that a track is recording."""
        return self._growing.get(track_id)

    def show_growing(self, growing: dict[str, PeakBuilder]) -> None:
        """Sets the growing waveforms by track, none when nothing is recorded."""
        self._growing = growing

    def set_strip_live(self, strip_id: str, gain: float | None = None, pan: float | None = None) -> None:
        """Lets a fader or pan be heard while it is dragged; the edit follows on release."""
        changed = {name: value for name, value in (("gain", gain), ("pan", pan)) if value is not None}
        self._player.set_strip(strip_id, **changed)

    def play_by_hand(self, track_id: str) -> None:
        """Has the notes of `note` played on this track's instrument, if it has one; it takes a moment."""
        self.playback.play_by_hand(track_id, self.document.project)

    def played(self) -> tuple[Track, ...]:
        """The tracks that sound when notes are played in: the armed ones, else the one of `play_by_hand`."""
        project = self.document.project
        chosen = project.track(self.playback.by_hand)
        return played_in(project) or ((chosen,) if chosen is not None and chosen.instrument is not None else ())

    def practise(self, practice: Practice, then: Ready = lambda _: None) -> None:
        """Has the song heard in another key, slower or faster, as soon as it is ready; see `Practising.choose`.

        Raises StudioError while a recording runs.
        """
        if self._growing:
            raise StudioError(RECORDING)
        self.practising.choose(self.document.project, practice, then)

    def try_instrument(self, track_id: str, instrument: Instrument | None) -> None:
        """Lets a track be heard with another instrument while a hand is on a knob; None ends that."""
        if instrument is None:
            self.playback.refresh(self.document.project)
        else:
            self.playback.try_instrument(track_id, instrument, self.document.project)

    def note(self, pitch: int, velocity: int) -> None:
        """Begins a note by hand, or ends it with a velocity of 0."""
        self._player.note(pitch, velocity)

    def import_files(self, paths: Sequence[Path], target: Target, then: Arrived = lambda _: None) -> Job:
        """Imports files as a job and places them as one undo step; `then` gets the ids of the new clips.

        Raises StudioError when the song is read-only.
        """

        def place(project: Project, brought: Brought) -> tuple[Edit, tuple[str, ...]]:
            return place_all(project, [item.media for item in brought.sounds], brought.songs, target)

        return self.import_with(paths, place, then)

    def import_with(
        self,
        paths: Sequence[Path],
        place: Place,
        then: Arrived = lambda _: None,
        study: Callable[[Brought], None] = lambda _: None,
    ) -> Job:
        """Imports files as a job and makes the edit of them that `place` gives, on the main thread, one undo step.

        `study` sees what was imported before that, on the job's thread. Where `place` refuses, what was imported is
        removed again. Raises StudioError when the song is read-only.
        """
        if self.read_only:
            raise StudioError(self.read_only)
        sources, rate = list(paths), self.document.project.rate
        label = f"Import {sources[0].name}" if len(sources) == 1 else f"Import {len(sources)} files"

        def task(work: Work) -> Brought:
            brought = self._import(sources, rate, work)
            study(brought)
            return brought

        return self._jobs.start("import", label, task, self._placed(place, then))

    def tell(self, error: StudioError) -> None:
        """Says what went wrong beside what the user is doing."""
        self._tell(error)

    def start(self, kind: str, label: str, task: Callable[[Work], Any], then: Finished | None = None) -> Job:
        """Runs a job about this song; see `JobRunner.start`."""
        return self._jobs.start(kind, label, task, then)

    def relink_from(self, folder: Path) -> Job:
        """Looks for missing media in a folder by name and content, and links what it finds, as one job."""
        wanted = [media for media in self.document.project.media if media.id in self.missing]
        rate = self.document.project.rate

        def task(work: Work) -> list[tuple[Media, Imported]]:
            found = find_media(folder, wanted, work)
            for media in wanted:
                if media.id not in found:
                    work.fail(f"“{media.name}” is not in this folder.")
            return [(media, self._load(found[media.id], rate, work)) for media in wanted if media.id in found]

        def linked(job: Job) -> None:
            for media, item in job.result or ():
                self._relinked(media, item)

        return self._jobs.start("import", "Find missing sounds", task, linked)

    def relink(self, media_id: str, source: Path) -> Job:
        """Gives a missing media a file again, as a job: the clips that use it sound as before."""
        media = self.document.media(media_id)
        if media is None:
            raise StudioError("This sound is no longer in the song.")
        rate = self.document.project.rate

        def linked(job: Job) -> None:
            if job.state == "done":
                self._relinked(media, job.result)

        return self._jobs.start("import", f"Relink {media.name}", lambda w: self._load(source, rate, w), linked)

    def keep_in_library(self, recorded: Sequence[Media]) -> Job:
        """Lists recordings of this song in the library, as a job."""

        def task(_: Work) -> None:
            self._library.add_assets([recording_of(self.bundle, media) for media in recorded])

        return self._jobs.start("library", "Keep the recording in the library", task)

    def detach(self) -> OpenSong:
        """Stops following the song and hands it out to be closed elsewhere. The session is over."""
        self._unsubscribe()
        self.playback.close()
        return self.song

    def _import(self, sources: list[Path], rate: int, work: Work) -> Brought:
        brought = import_files(self.bundle, sources, rate, work)
        if brought.sounds:
            list_sounds(self._library, brought.sounds, rate, work)
        return brought

    def _load(self, source: Path, rate: int, work: Work) -> Imported:
        return import_sound(self.bundle, source, rate, work)

    def _placed(self, place: Place, then: Arrived) -> Callable[[Job], None]:
        def arrived(job: Job) -> None:
            if job.state != "done" or not (job.result.sounds or job.result.songs):
                return
            done: list[Imported] = job.result.sounds
            self._take(done)
            try:
                edit, ids = place(self.document.project, job.result)
                self.document.apply(edit)
            except StudioError as error:
                for item in done:
                    discard(self.bundle, item.media, self.document.project.rate)
                self._tell(error)
            else:
                then(ids)

        return arrived

    def _relinked(self, media: Media, item: Imported) -> None:
        fresh = replace(item.media, id=media.id, name=media.name, origin=media.origin)
        self.waveforms.put(media.id, item.peaks)
        try:
            self.document.apply(put_media((fresh,)))
        except StudioError as error:
            self._tell(error)

    def _failed_to_save(self, reason: str) -> None:
        """Store thread: the disk refused. Edits are refused from now on, what was made stays in memory."""
        self.document.read_only = reason
        self._tell(StudioError(reason))

    def _take(self, done: Sequence[Imported]) -> None:
        for item in done:
            self.waveforms.put(item.media.id, item.peaks)

    def playable(self, media: Media) -> Path | None:
        """The file that a media is played from, None while there is none. Any thread."""
        if not self.bundle.media.has(media.file):
            return None
        playable = playable_file(self.bundle, media, self.song.project.rate)
        return playable if playable.exists() else None

    def _hear(self, announcement: Announcement) -> None:
        changes = announcement.changes
        if changes.media:
            self.missing = self.bundle.missing(changes.after)
            self._load_waveforms()
        self.playback.hear(announcement)
        if changes.media:
            self.practising.follow(changes.after)
        self.corrections.follow(changes.after)

    def _corrected(self, project: Project) -> dict[str, Path]:
        return made_sounds(self.bundle, project)

    def _corrected_came(self, sound: str, peaks: Peaks) -> None:
        self.waveforms.put(sound, peaks)
        self.playback.refresh(self.document.project)

    def _load_waveforms(self) -> None:
        there = [media for media in self.document.project.media if media.id not in self.missing]
        self.waveforms.want(there, lambda: self.playback.refresh(self.document.project))
