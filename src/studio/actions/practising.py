"""Practising a song in another key, slower or faster: its sounds are stretched as a job, then it is played so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..document.practice import FASTEST, HIGHEST, LOWEST, SLOWEST, Copy, Practice, copies_of
from ..document.project import Media, Project
from ..engine.audio.stretching import stretch_file
from ..engine.jobs import Job, JobRunner, Work
from ..errors import StudioError
from ..storage.bundle import Bundle
from .playback import MediaPath, Playback

Ready = Callable[[str], None]
"""Hears, on the main thread, that the song is played as asked (an empty text), or a sentence that says why not."""

KEPT = 8
"""Stretched copies that stay in the cache beside those in use, so that going back to a tempo is quick."""

RECORDING = "The key and the tempo stay as they are while you record; stop the recording first."


class Practising:
    """How the open song is practised. Nothing of it is stored in the song. Main thread.

    `wanted` is what was chosen last, `heard` what the song is played as by now.
    """

    def __init__(self, bundle: Bundle, jobs: JobRunner, playback: Playback, playable: MediaPath) -> None:
        self.wanted = self.heard = Practice()
        self._bundle, self._jobs, self._playback, self._playable = bundle, jobs, playback, playable
        self._job = ""

    def choose(self, project: Project, practice: Practice, then: Ready = lambda _: None) -> None:
        """Has the song played in a practice as soon as its sounds are ready.

        Raises StudioError for a key or a pace that cannot be.
        """
        if not (LOWEST <= practice.key <= HIGHEST and SLOWEST <= practice.pace <= FASTEST):
            raise StudioError(
                f"A song can be practised {LOWEST} to +{HIGHEST} semitones away, at 50 to 150 % of its tempo."
            )
        self._jobs.cancel(self._job)
        self.wanted = practice
        copies = copies_of(project, practice)
        files = self._files(project, copies)
        missing = [copy for copy in copies if not files[copy.media].exists()]
        if not missing:
            self._play(project, practice, files)
            then("")
            return

        def arrived(job: Job) -> None:
            if self.wanted != practice or self._job != job.id:
                return
            if job.state == "done":
                self._play(project, practice, files)
            if job.state != "cancelled":
                then("" if job.state == "done" else job.error or "The song could not be made ready.")

        media = {one.id: one for one in project.media}
        task = _stretching(
            [(media[copy.media], copy, files[copy.media]) for copy in missing], self._playable, project.rate
        )
        self._job = self._jobs.start("practice", f"Make {project.name} ready: {practice.words}", task, arrived).id

    def follow(self, project: Project) -> None:
        """Makes what has come into the song ready for the practice, too."""
        if not self.wanted.plain and any(not path.exists() for path in self._wanted_files(project)):
            self.choose(project, self.wanted)

    def _wanted_files(self, project: Project) -> list[Path]:
        copies = copies_of(project, self.wanted)
        there = {media.id for media in project.media if self._playable(media) is not None}
        files = self._files(project, copies)
        return [files[copy.media] for copy in copies if copy.media in there]

    def _files(self, project: Project, copies: tuple[Copy, ...]) -> dict[str, Path]:
        media = {one.id: one for one in project.media}
        cache = self._bundle.cache
        return {
            copy.media: cache.stretched_path(media[copy.media], project.rate, copy.key, copy.pace) for copy in copies
        }

    def _play(self, project: Project, practice: Practice, files: dict[str, Path]) -> None:
        self._bundle.cache.forget_stretched(KEPT, files.values())
        self._playback.practise(practice, files)
        self.heard = practice


def _stretching(wanted: list[tuple[Media, Copy, Path]], playable: MediaPath, rate: int) -> Callable[[Work], None]:
    """A job's task that makes copies; media whose file is missing are left out."""

    def task(work: Work) -> None:
        for n, (media, copy, path) in enumerate(wanted):
            share = work.part(n / len(wanted), (n + 1) / len(wanted))
            source = playable(media)
            if source is None or path.exists():
                continue

            def report(done: float, share: Work = share, name: str = media.name) -> None:
                share.check()
                share.report(done, f"Stretching {name}")

            stretch_file(source, path, rate, copy.pace, copy.key, report)

    return task
