"""What the parts of the timeline share: the song, its picture, what is selected, and the way to change it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from ...actions.correcting import sound_file
from ...document.correction import raw_id
from ...document.document import Announcement, Document, Edit, EditRefused
from ...document.project import Clip, Media, Project, Track
from ...document.time import TempoMap
from ...engine.audio.peaks import PeakBuilder, Peaks
from ...errors import StudioError
from .canvas import Canvas
from .samples import Samples
from .scene import LIVE, Scene
from .waves import Waves


class Files(Protocol):
    """Where the sound files of a song are."""

    def playable_path(self, media: Media, rate: int) -> Path:
        """The file that `read_samples` can read, at the project's rate; it may not exist."""

    def copy_path(self, media: Media, rate: int) -> Path:
        """Where the copy of a media belongs, and beside it its corrected forms."""


class TimelineSession(Protocol):
    """What the timeline needs of an open song."""

    @property
    def document(self) -> Document:
        """The song's document."""

    @property
    def missing(self) -> frozenset[str]:
        """The ids of media without a file."""

    def peaks(self, media_id: str) -> Peaks | None:
        """The waveform of a media; None while it is being made."""

    def subscribe_peaks(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Calls `listener` with a media id when its waveform has come; the returned function ends that."""

    @property
    def bundle(self) -> Files:
        """Where the song's files are."""

    def live_peaks(self, track_id: str) -> PeakBuilder | None:
        """The growing waveform of the take that a track records now."""

    def set_strip_live(self, strip_id: str, *, gain: float | None = None, pan: float | None = None) -> None:
        """Lets a fader be heard while it moves; the document is not touched."""


class Stage(QObject):
    """The song on the timeline. Main thread.

    `shown(keys)` says which rows look different now, None for all of them; `selected()` and `track_picked(id)` that the
    choice changed; `song_changed(announcement)` passes the document's on, after the rows follow; `failed(error)`
    carries the StudioError of an edit that was refused.
    """

    shown = Signal(object)
    selected = Signal()
    track_picked = Signal(str)
    song_changed = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session: TimelineSession | None = None
        self.samples = Samples(self._playable, self)
        self.waves = Waves(self._peaks, self.samples.bins, self.samples.samples)
        self.scene = Scene(self.waves.index)
        self.canvas = Canvas(self.scene, self.waves)
        self.selection: frozenset[str] = frozenset()
        self.track_id = ""
        self.playhead = 0
        self._unsubscribe: list[Callable[[], None]] = []
        self._playhead: tuple[int, TempoMap | None, float] = (0, None, 0.0)
        self.samples.came.connect(self._sound_came)

    def set_session(self, session: TimelineSession | None) -> None:
        """Shows a song, or none."""
        for stop in self._unsubscribe:
            stop()
        self._unsubscribe = []
        self.session = session
        self.selection, self.track_id, self.playhead = frozenset(), "", 0
        self.samples.forget_all()
        self.waves = Waves(self._peaks, self.samples.bins, self.samples.samples)
        self.scene = Scene(self.waves.index)
        self.scene.rescale(self.canvas.axis.ratio)
        self.canvas.exchange(self.scene, self.waves)
        if session is not None:
            self._unsubscribe = [session.document.subscribe(self._hear), session.subscribe_peaks(self._peaks_came)]
            self.scene.show(session.document.project)
            self.scene.restyle(self.selection, session.missing)
        self.shown.emit(None)
        self.selected.emit()

    @property
    def document(self) -> Document | None:
        """The document, None without a song."""
        return self.session.document if self.session else None

    @property
    def project(self) -> Project | None:
        """The song as it is, without the gesture in progress."""
        return self.session.document.project if self.session else None

    @property
    def time(self) -> TempoMap | None:
        """The tempo map of the song."""
        return self.project.time if self.project else None

    @property
    def playhead_tick(self) -> float:
        """The exact tick of the playhead."""
        time = self.time
        if self._playhead[0] != self.playhead or self._playhead[1] is not time:
            tick = float(time.exact_ticks(self.playhead)[0]) if time else 0.0
            self._playhead = (self.playhead, time, tick)
        return self._playhead[2]

    def frame_at(self, x: float) -> int:
        """The song frame at a canvas position in device pixels."""
        time = self.time
        return round(float(time.seconds_of(self.canvas.axis.tick(x))[0]) * time.rate) if time else 0

    def x_of(self, frame: float) -> float:
        """The canvas position of a song frame, in device pixels."""
        time = self.time
        return self.canvas.axis.x(float(time.exact_ticks(frame)[0])) if time else 0.0

    def clip(self, clip_id: str) -> Clip | None:
        """A clip of the song."""
        return self.document.clip(clip_id) if self.document else None

    def track(self, track_id: str) -> Track | None:
        """A track of the song."""
        return self.project.track(track_id) if self.project else None

    def select(self, clip_ids: Iterable[str]) -> None:
        """Selects exactly these clips."""
        wanted = frozenset(clip_ids)
        if wanted != self.selection:
            self.selection = wanted
            self._restyle()
            self.selected.emit()

    def pick_track(self, track_id: str) -> None:
        """Makes a track the current one: pastes and recordings go there."""
        if track_id != self.track_id:
            self.track_id = track_id
            self.track_picked.emit(track_id)

    def preview(self, edit: Edit | None, front: AbstractSet[str] = frozenset()) -> bool:
        """Shows the song as it would be after an edit, with the clips `front` on top, or as it is for None.

        False, and nothing new, if the edit is refused.
        """
        if self.project is None:
            return False
        try:
            project = edit.change(self.project) if edit else self.project
        except EditRefused:
            return False
        self._show(project, front)
        return True

    def apply(self, edit: Edit) -> bool:
        """Makes an edit as one undo step. False, and `failed`, if it is refused."""
        if self.document is None:
            return False
        try:
            self.document.apply(edit)
        except StudioError as error:
            self.failed.emit(error)
            self._show(self.document.project)
            return False
        self.document.close_gesture()
        self._show(self.document.project)
        return True

    def restyle(self) -> None:
        """Looks again at which media are missing."""
        self._restyle()

    def close(self) -> None:
        """Lets go of the song and waits for the reader thread."""
        self.set_session(None)
        self.samples.close()

    def _show(self, project: Project, front: AbstractSet[str] = frozenset()) -> None:
        keys = self.scene.show(project, front)
        if keys is None or keys:
            self.shown.emit(keys)

    def _hear(self, announcement: Announcement) -> None:
        changes = announcement.changes
        if changes.media:
            for media_id in {*changes.changed, *changes.removed}:
                self.waves.forget(media_id)
        if changes.removed & self.selection:
            self.selection -= changes.removed
            self._restyle()
            self.selected.emit()
        self._show(changes.after)
        if changes.media:
            self._restyle()
        if self.track_id and changes.after.track(self.track_id) is None:
            self.pick_track("")
        self.song_changed.emit(announcement)

    def _restyle(self) -> None:
        keys = self.scene.restyle(self.selection, self.session.missing if self.session else frozenset())
        if keys:
            self.shown.emit(keys)

    def _peaks_came(self, sound: str) -> None:
        """A waveform has been made; samples of a corrected sound may have been those of the raw one until now."""
        if raw_id(sound) != sound:
            self.samples.forget(sound)
        self._sound_came(sound)

    def _sound_came(self, sound: str) -> None:
        """A waveform has been made, or samples were read: the rows that show this media look different."""
        self.waves.forget(sound)
        media_id = raw_id(sound)
        keys = {row.key for row in self.scene.rows if any(media_id in media for media in row.plan.media)}
        if keys:
            self.shown.emit(keys)

    def _peaks(self, media_id: str) -> Peaks | PeakBuilder | None:
        if self.session is None:
            return None
        if media_id.startswith(LIVE):
            return self.session.live_peaks(media_id.removeprefix(LIVE))
        return self.session.peaks(media_id)

    def _playable(self, sound: str) -> Path | None:
        media_id = raw_id(sound)
        media = self.document.media(media_id) if self.document else None
        if self.session is None or media is None or media_id in self.session.missing:
            return None
        rate = self.session.document.project.rate
        try:
            made = sound_file(self.session.bundle, media, rate, sound)
            return made or self.session.bundle.playable_path(media, rate)
        except StudioError:  # a path that leads outside the bundle: the file counts as missing
            return None
