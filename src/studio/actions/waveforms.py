"""The waveforms of an open song: loaded from its cache, drawn anew where they are missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ..document.project import Media
from ..engine.audio.peaks import Peaks, build_peaks, load_peaks
from ..engine.jobs import Job, JobRunner, Work
from ..errors import StudioError
from ..storage.bundle import Bundle
from .importing import restore_playable

Loaded = dict[str, Peaks]


class Waveforms:
    """Peaks by media id. Main thread; loading and drawing happen in a job."""

    def __init__(self, bundle: Bundle, jobs: JobRunner, rate: int) -> None:
        self._bundle, self._jobs, self._rate = bundle, jobs, rate
        self._peaks: Loaded = {}
        self._asked: set[str] = set()
        self._listeners: list[Callable[[str], None]] = []

    def get(self, media_id: str) -> Peaks | None:
        """The peaks of a media, None while they are being made or when its file is missing."""
        return self._peaks.get(media_id)

    def subscribe(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Calls `listener` with the id of each media whose peaks have arrived; the returned function ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def put(self, media_id: str, peaks: Peaks) -> None:
        """Takes peaks that somebody else made."""
        self._peaks[media_id] = peaks
        for listener in tuple(self._listeners):
            listener(media_id)

    def want(self, media: Sequence[Media], then: Callable[[], None] = lambda: None) -> Job | None:
        """Loads what is not there yet, as one job; `then` is called when playable files may have been remade."""
        new = [item for item in media if item.id not in self._peaks and item.id not in self._asked]
        if not new:
            return None
        self._asked.update(item.id for item in new)

        def arrived(job: Job) -> None:
            self._asked.difference_update(item.id for item in new)
            for media_id, peaks in (job.result or {}).items():
                self.put(media_id, peaks)
            then()

        return self._jobs.start("waveforms", f"Waveforms of {len(new)} sounds", lambda w: self._load(new, w), arrived)

    def forget(self, media_id: str) -> None:
        """Drops peaks that no longer belong to the media's file."""
        self._peaks.pop(media_id, None)

    def _load(self, media: Sequence[Media], work: Work) -> Loaded:
        loaded: Loaded = {}
        for n, item in enumerate(media):
            work.report(n / len(media), item.name)
            work.check()
            try:
                found = self._one(item, work.part(n / len(media), (n + 1) / len(media)))
            except StudioError as error:
                work.fail(str(error))
            else:
                if found is not None:
                    loaded[item.id] = found
        return loaded

    def _one(self, media: Media, work: Work) -> Peaks | None:
        playable = restore_playable(self._bundle, media, self._rate, work)
        if not playable.exists():
            return None
        file: Path = self._bundle.peaks_path(media)
        found = load_peaks(file, playable)
        if found is None:
            found = build_peaks(playable, progress=work.report, cancelled=work.cancelled)
            if not self._bundle.read_only:
                found.save(file, playable)
        return found
