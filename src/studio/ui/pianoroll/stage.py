"""What the parts of the note editor share: the clip, its notes, what is selected, and the way to change it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from ...document.document import Announcement, Document, Edit, EditRefused
from ...document.instruments import DRUM_BANK
from ...document.notes import Note, NoteClip
from ...document.project import Project, Track
from ...errors import StudioError
from ..timeline.axis import Axis
from .table import NoteTable

HEARD_MS = 300
"""How long a note sounds that was drawn or moved."""


class NoteSession(Protocol):
    """What the editor needs of an open song."""

    @property
    def document(self) -> Document:
        """The song's document."""

    def play_by_hand(self, track_id: str) -> None:
        """Has notes by hand played on a track's instrument."""

    def note(self, pitch: int, velocity: int) -> None:
        """Begins a note by hand, or ends it with a velocity of 0."""


def plays_drums(track: Track | None) -> bool:
    """Whether a track plays a drum kit."""
    instrument = track.instrument if track else None
    return instrument is not None and (instrument.bank == DRUM_BANK or instrument.kind == "drums")


class Stage(QObject):
    """The clip that is edited. Main thread.

    `opened()`: another clip, or none, is shown. `shown()`: its notes, or what lies around them, look different.
    `selected()`: other notes are selected. `failed(error)`: the StudioError of an edit that was refused.
    """

    opened = Signal()
    shown = Signal()
    selected = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session: NoteSession | None = None
        self.clip_id = ""
        self.axis = Axis()
        self.playhead = 0
        self.velocity = 96
        self.selection: frozenset[str] = frozenset()
        self.table = NoteTable(None)
        self._heard = -1
        self._hush = QTimer(self, interval=HEARD_MS, singleShot=True)
        self._hush.timeout.connect(self.hush)
        self._previewed: NoteClip | None = None
        self._unsubscribe: Callable[[], None] | None = None

    def set_session(self, session: NoteSession | None) -> None:
        """Shows a song, or none; no clip of it yet."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self.hush()
        self.session, self.playhead = session, 0
        if session is not None:
            self._unsubscribe = session.document.subscribe(self._hear)
        self.clip_id = "-"
        self.open("")

    def open(self, clip_id: str) -> None:
        """Shows a clip of notes, or none."""
        if clip_id != self.clip_id:
            self.clip_id = clip_id
            self._previewed = None
            self.selection = frozenset()
            self.hush()
            if self.session is not None and self.track is not None:
                self.session.play_by_hand(self.track.id)
            self._read()
            self.opened.emit()
            self.selected.emit()
            self.shown.emit()

    @property
    def document(self) -> Document | None:
        """The document, None without a song."""
        return self.session.document if self.session else None

    @property
    def project(self) -> Project | None:
        """The song as it is."""
        return self.session.document.project if self.session else None

    @property
    def clip(self) -> NoteClip | None:
        """The clip as it is shown, with the gesture in progress."""
        return self._previewed or self.written

    @property
    def written(self) -> NoteClip | None:
        """The clip as it is in the song."""
        found = self.document.clip(self.clip_id) if self.document and self.clip_id else None
        return found if isinstance(found, NoteClip) else None

    @property
    def track(self) -> Track | None:
        """The track of the clip."""
        return self.document.track_of(self.clip_id) if self.document and self.clip_id else None

    @property
    def may_write(self) -> bool:
        """Whether there is a clip that can be changed."""
        return self.written is not None and self.document is not None and not self.document.read_only

    @property
    def playhead_tick(self) -> float:
        """The exact tick of the playhead."""
        return float(self.project.time.exact_ticks(self.playhead)[0]) if self.project else 0.0

    def chosen(self) -> list[Note]:
        """The selected notes, in order."""
        clip = self.written
        return [note for note in clip.notes if note.id in self.selection] if clip and self.selection else []

    def hear(self, pitch: int, velocity: int = 0, held: bool = False) -> None:
        """Sounds a pitch as the clip plays it: for a moment, or while `held` until `hush`. Another one ends it."""
        clip = self.clip
        sounding = pitch + clip.transpose if clip is not None else -1
        if self.session is None or not 0 <= sounding <= 127:
            return
        if sounding != self._heard:
            self.hush()
            self._heard = sounding
            self.session.note(sounding, velocity or self.velocity)
        if not held:
            self._hush.start()

    def hush(self) -> None:
        """Ends what `hear` began."""
        self._hush.stop()
        if self._heard >= 0 and self.session is not None:
            self.session.note(self._heard, 0)
        self._heard = -1

    def select(self, note_ids: Iterable[str]) -> None:
        """Selects exactly these notes."""
        wanted = frozenset(note_ids)
        if wanted != self.selection:
            self.selection = wanted
            self.selected.emit()
            self.shown.emit()

    def preview(self, edit: Edit | None) -> bool:
        """Shows the clip as it would be after an edit, or as it is for None. False, and nothing new, if refused."""
        if self.project is None:
            return False
        try:
            after = edit.change(self.project) if edit else None
        except EditRefused:
            return False
        found = [clip for t in after.tracks for clip in t.clips if clip.id == self.clip_id] if after else []
        self._previewed = found[0] if found and isinstance(found[0], NoteClip) else None
        self._read()
        self.shown.emit()
        return True

    def apply(self, edit: Edit, close: bool = True) -> bool:
        """Makes an edit; edits of one merge key in a row are one undo step unless `close`. False if refused."""
        self._previewed = None
        if self.document is None:
            return False
        try:
            self.document.apply(edit)
        except StudioError as error:
            self.failed.emit(error)
            self._read()
            self.shown.emit()
            return False
        if close:
            self.document.close_gesture()
        self._read()
        self.shown.emit()
        return True

    def _read(self) -> None:
        self.table = NoteTable(self.clip)

    def _hear(self, announcement: Announcement) -> None:
        if self.clip_id and self.written is None:
            self.open("")
            return
        changes = announcement.changes
        if changes.changed or changes.removed:
            self._previewed = None
            self._read()
            gone = self.selection.difference(self.table.ids) if self.clip_id in changes.clips else frozenset()
            if gone:
                self.selection -= gone
                self.selected.emit()
            self.shown.emit()
