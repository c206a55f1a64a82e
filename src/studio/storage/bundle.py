"""A song on disk: the folder `Name.studio` with its history, sounds and cache, open in this process.

There is no unsaved work: every announcement of the document goes to the store thread, which has it on disk within
milliseconds. When the disk fails, the song turns read-only with a reason and what was not written stays in memory.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from ..document.changes import ChangeSet, difference
from ..document.document import Announcement, Document, Revision
from ..document.project import Media, Project, new_id
from . import database, journal, revisions, snapshots, versions
from .cache import Cache
from .coachfiles import copy_heard
from .copying import ENDING, copy_media, fill_copy, fill_new, make_folder
from .coverfile import copy_cover
from .database import DATABASE, Connection
from .failures import SAVE_AS, BundleError, BundleLocked, unreadable, write_failure
from .journal import RecordingRow
from .mediafiles import AddedFile, Cancelled, MediaFolder, Progress, ignore_progress, never_cancelled
from .opening import InPlace, OpenFiles, open_files
from .revisions import Loaded
from .store import Store, Write
from .versions import Version

__all__ = ["AddedFile", "Bundle", "BundleError", "BundleLocked", "Loaded", "RecordingRow", "SavedCopy", "Version"]

RECALL_SECONDS = 5.0
"""How long a state that is still on its way to the disk is waited for."""


class SavedCopy(NamedTuple):
    """Where a copy of a song is, and the sound files that could not be read for it."""

    folder: Path
    unread: tuple[str, ...]


class Bundle:
    """An open song. Made by `create` or `open`; main thread only where nothing else is said.

    `read_only` is why the song cannot be changed here, empty where it can. `notice` is what its owner should know.
    """

    def __init__(self, files: OpenFiles) -> None:
        self.folder, self.read_only, self.notice = files.folder, files.read_only, files.notice
        self.media = MediaFolder(files.folder)
        self.cache = Cache(files.folder, Path(files.spare.name) if files.spare else None)
        self._files, self._db, self._using = files, files.db, threading.Lock()
        self._durable: Callable[[int], None] = lambda _: None
        self._failure: Callable[[str], None] = lambda _: None
        self._versions = files.versions
        self._project, _, self._present = files.song
        self.media.reserve(media.file for media in self._project.media)
        self._open_revision: tuple[int, Project] | None = None
        self._changed = self._closed = self._rescued = False
        self._snapshots = snapshots.SnapshotWriter()
        self._store: Store | None = None
        if files.lock is not None:
            in_place = InPlace(files.folder)
            self._store = Store(files.db, self._using, self.durable, in_place, self._committed, self._failed)

    @classmethod
    def create(cls, parent: Path, name: str, project: Project) -> Bundle:
        """A new song in `parent`, in a folder named after `name` (numbered if that is taken), and open.

        Any thread. Raises BundleError; nothing is left behind then.
        """
        return cls.open(make_folder(Path(parent), name, lambda folder: fill_new(folder, project, "New song")))

    @classmethod
    def open(cls, folder: Path, read_only: bool = False) -> Bundle:
        """Opens a song. One in a folder that cannot be written to opens read-only by itself.

        Any thread. Raises BundleLocked when somebody else has it open and `read_only` is False, and BundleError when it
        is not a song, damaged, or newer than this program; the file stays as it is.
        """
        return cls(open_files(Path(folder).absolute(), read_only))

    @property
    def name(self) -> str:
        """The name of the song's folder, without its ending."""
        return self.folder.name.removesuffix(ENDING)

    @property
    def durable(self) -> int:
        """The newest revision that is found again after a crash. Any thread."""
        return self._store.durable if self._store else self._files.song.revisions[-1].number

    @property
    def idle(self) -> bool:
        """Whether everything recorded so far is on disk. Any thread."""
        return self._store is None or self._store.idle

    @property
    def at_risk(self) -> bool:
        """Whether something that was done could not be written and is in no copy either. Any thread."""
        return self._store is not None and bool(self.read_only) and not self._rescued

    def listen(self, durable: Callable[[int], None], failure: Callable[[str], None]) -> None:
        """Names who hears of commits (the newest revision on disk) and of the failure that makes the song read-only
        (the reason). Both are called on the store thread; a failure that has already happened is told at once."""
        self._durable, self._failure = durable, failure
        if self._store and self.read_only:
            failure(self.read_only)

    def load(self) -> Loaded:
        """The song as it was when it was opened, its history and the present revision's number.

        Where the present state was damaged this is its last good ancestor, and `notice` says so.
        """
        return self._files.song

    def recall(self, number: int) -> Project:
        """The song as it was at any revision. Raises BundleError when it cannot be read."""
        if self._closed:
            raise BundleError(f"“{self.name}” is closed; open it again to go back in its history.")
        try:
            store = self._store
            if store and any(write.number == number for write in store.unwritten) and not store.flush(RECALL_SECONDS):
                return self._recall_unwritten(store, number)
            with self._using:
                return revisions.recall(self._db, number)
        except sqlite3.Error as cause:
            raise unreadable(self.folder, cause) from cause

    def _recall_unwritten(self, store: Store, number: int) -> Project:
        with self._using:
            copy, unwritten = database.into_memory(self._db), store.unwritten
        try:
            for write in unwritten:
                write.action(copy)
            return revisions.recall(copy, number)
        finally:
            copy.close()

    def subscribe_to(self, document: Document) -> Callable[[], None]:
        """Records every change of a document made from what `load` gave; the returned function ends that."""
        return document.subscribe(self.record)

    def record(self, announcement: Announcement) -> None:
        """Hands a new revision, a rewritten gesture or a move in the history to the store thread. Never waits."""
        revision, changes = announcement.revision, announcement.changes
        self._project, self._present = changes.after, revision.number
        if self._store is None:
            if announcement.new:
                raise BundleError(self.read_only)
            return
        self._changed = True
        if not announcement.new:
            self._submit(lambda db: database.put_meta(db, "present", revision.number))
            return
        if changes.media:
            self.media.reserve(media.file for media in changes.after.media)
        again = announcement.rewritten
        before = self._state_before(revision, changes, again)
        self._store.submit(Write(lambda db: self._put(db, revision, before, changes, again), revision.number, again))

    def _state_before(self, revision: Revision, changes: ChangeSet, again: bool) -> Project:
        """The parent's state: what a gesture is measured against however often it is rewritten."""
        if not again:
            self._open_revision = revision.number, changes.before
        elif self._open_revision is None or self._open_revision[0] != revision.number:
            self._open_revision = revision.number, self.recall(revision.parent)
        return self._open_revision[1]

    def _put(self, db: Connection, revision: Revision, before: Project, changes: ChangeSet, again: bool) -> None:
        """Store thread only."""
        revisions.put(db, revision, difference(before, changes.after) if again else changes)
        if again and snapshots.exists(db, revision.number):
            self._snapshots.write(db, revision.number, changes.after)
        elif not again and revision.number % snapshots.EVERY == 1 and revision.number > 1:
            # The parent can no longer be rewritten, the new revision still can.
            self._snapshots.write(db, revision.parent, before)

    def _submit(self, action: Callable[[Connection], None]) -> None:
        if self._store is None:
            raise BundleError(self.read_only)
        self._store.submit(Write(action))

    def versions(self) -> tuple[Version, ...]:
        """The named versions, oldest first."""
        return tuple(self._versions)

    def name_version(self, name: str) -> Version:
        """Gives the present state a name, under which it is kept for good. Raises BundleError for an empty name."""
        project, number = self._project, self._present
        version = Version(
            max((v.id for v in self._versions), default=0) + 1, number, versions.checked_name(name), time.time()
        )

        def store(db: Connection) -> None:
            versions.put(db, version)
            if not snapshots.exists(db, number):
                self._snapshots.write(db, number, project)

        self._submit(store)
        self._versions.append(version)
        return version

    def flush(self, timeout: float = 10.0) -> bool:
        """Waits until everything recorded so far is on disk and synced; False when it is not. Any thread."""
        return self._store is None or self._store.flush(timeout)

    def begin_recording(self, row: RecordingRow) -> RecordingRow:
        """Notes in the journal that a recording has begun; returns the row with its id. Never waits."""
        row = msgspec.structs.replace(row, id=row.id or new_id("recording"))
        self.update_recording(row)
        return row

    def update_recording(self, row: RecordingRow) -> None:
        """Notes what is known of a recording by now, such as another pass. Any thread; never waits."""
        journal.require_sound(row)
        self._submit(lambda db: journal.put(db, row))

    def end_recording(self, recording_id: str) -> None:
        """Forgets a recording that has become a take or was discarded. Any thread; never waits."""
        self._submit(lambda db: journal.remove(db, recording_id))

    def unfinished_recordings(self) -> tuple[RecordingRow, ...]:
        """The recordings in the journal: right after opening, those that a crash left behind."""
        if self._store and not self._store.idle:
            self._store.flush(RECALL_SECONDS)
        with self._using:
            found = journal.unfinished(self._db)
        return tuple(row for row in found if self.media.is_inside(row.file))

    def add_media(
        self, source: Path, name: str, progress: Progress = ignore_progress, cancelled: Cancelled = never_cancelled
    ) -> AddedFile:
        """Copies a file into the song; see MediaFolder.add. Worker threads."""
        self._require_writable()
        return self.media.add(Path(source), name, progress, cancelled)

    def recording_path(self, track_name: str) -> Path:
        """A path in `media/` for a new recording; no file is there. Raises BundleError."""
        self._require_writable()
        return self.media.recording_path(track_name)

    def relative(self, path: Path) -> str:
        """The stored form of a path inside the bundle."""
        return path.relative_to(self.folder).as_posix()

    def media_path(self, media: Media) -> Path:
        """The original of a media; it may be missing. Raises BundleError for a path that leads outside. Any thread."""
        return self.media.path(media.file)

    def copy_path(self, media: Media, rate: int) -> Path:
        """Where the copy of a media that can be played at `rate` Hz is or belongs. Any thread."""
        return self.cache.copy_path(media, rate)

    def playable_path(self, media: Media, rate: int, plays: Callable[[Path, int], bool] | None = None) -> Path:
        """The file to play a media from at `rate` Hz. Any thread.

        It is the original where `plays(original, rate)` says that it can be read as it is, else the place of its copy
        in the cache, made or not. Without `plays` it is the copy where there is one, else the original.
        """
        original, copy = self.media_path(media), self.copy_path(media, rate)
        as_it_is = plays(original, rate) if plays is not None else not copy.exists()
        return original if as_it_is else copy

    def peaks_path(self, media: Media) -> Path:
        """Where the peaks of a media are or belong. Any thread."""
        return self.cache.peaks_path(media)

    def missing(self, project: Project) -> frozenset[str]:
        """The ids of the media whose file is not there. Any thread."""
        return self.media.missing(project)

    def unused_media(self) -> tuple[str, ...]:
        """The files in `media/` that no revision ever named, nor the journal, nor this session made. Worker threads.

        Raises BundleError when the history cannot be read in full: then nobody knows.
        """
        if not self.flush():
            raise BundleError(f"Sounds cannot be cleaned up while the song cannot be saved; {SAVE_AS}.")
        with self._using:
            named = revisions.media_files(self._db)
            named |= {row.file for row in journal.unfinished(self._db)}
        return self.media.unused(named)

    def remove_unused_media(self, files: Iterable[str]) -> tuple[str, ...]:
        """Removes those of `files` that are still unused, for good, and returns them. Worker threads."""
        self._require_writable()
        unused = set(self.unused_media())
        return self.media.remove(file for file in files if file in unused)

    def _require_writable(self) -> None:
        if self.read_only:
            raise BundleError(self.read_only)

    def save_as(
        self, folder: Path, progress: Progress = ignore_progress, cancelled: Cancelled = never_cancelled
    ) -> SavedCopy:
        """Writes a complete copy of the song to `folder` (numbered if that exists). Worker threads.

        It has the history, the sounds, and what could not be written here; where the history can no longer be read, it
        begins with the present state.

        Raises BundleError, and leaves nothing, when the copy cannot be made.
        """
        self.flush()
        project = self._project
        unread: list[str] = []

        def fill(target: Path) -> None:
            try:
                self._copy_history(target)
            except (sqlite3.Error, BundleError):
                (target / DATABASE).unlink(missing_ok=True)
                fill_new(target, project, "Rescued song")
            unread.extend(copy_media(self.media.folder, target / self.media.folder.name, progress, cancelled))
            copy_heard(self.folder, target)
            copy_cover(self.folder, target)

        folder = Path(folder)
        made = make_folder(folder.parent, folder.name.removesuffix(ENDING), fill)
        self._rescued = bool(self.read_only)
        return SavedCopy(made, tuple(unread))

    def _copy_history(self, target: Path) -> None:
        with self._using:  # nothing is committed meanwhile, and what was just now does no harm when written again
            fill_copy(target, self._db, self._store.unwritten if self._store else ())

    def close(self) -> None:
        """Makes the folder complete and gives it free. Any thread; waits for the disk.

        Raises BundleError, with all given free, when something could not be written and `save_as` did not rescue it.
        """
        if self._closed:
            return
        self._closed = True
        error = None
        if self._store:
            error = self._store.stop(self._leave)
        else:
            self._db.close()
        self._files.release()
        if error is not None and not self._rescued:
            raise BundleError(f"The last changes of “{self.name}” are lost: {write_failure(error)}") from error

    def _leave(self, db: Connection) -> None:
        """Store thread only: the last write before a clean close."""
        if self._changed and not snapshots.exists(db, self._present):
            self._snapshots.write(db, self._present, self._project)

    def _committed(self, number: int) -> None:
        self._durable(number)

    def _failed(self, error: Exception) -> None:
        self.read_only = write_failure(error)
        self._failure(self.read_only)
