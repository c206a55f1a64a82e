"""The song being worked on: the present project, its index, and a history in which nothing is ever lost.

The history is a tree of revisions. Undo goes to the parent; an edit after an undo starts a new branch and the old one
stays. Only the last states are kept as values; the rest are recalled from disk through `recall`.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable

import msgspec

from ..errors import StudioError
from . import codec
from .changes import ChangeSet, difference
from .project import Clip, Media, Project, Track, fits, media_of, zone_media

STATES_IN_MEMORY = 100


class EditRefused(StudioError):
    """An edit that cannot be made on the present song; the song is unchanged."""


class Edit(msgspec.Struct, frozen=True):
    """A change to the song: what it is called in the history, and a pure function that makes it.

    `change` raises EditRefused when its target is gone. Edits with the same non-empty `merge` key in a row are one undo
    step, until `Document.close_gesture`.
    """

    label: str
    change: Callable[[Project], Project]
    merge: str = ""


class Revision(msgspec.Struct, frozen=True, gc=False):
    """A node of the history. Number 0 is the empty beginning; `parent` is -1 there. `at` is Unix time in seconds."""

    number: int
    parent: int
    label: str
    at: float


class Announcement(msgspec.Struct, frozen=True):
    """What subscribers hear: the change, the revision that is now present, and whether it rewrote the open gesture.

    `new` is False for undo, redo and visits, which move between revisions that exist already.
    """

    changes: ChangeSet
    revision: Revision
    new: bool
    rewritten: bool = False


Listener = Callable[[Announcement], None]
Recall = Callable[[int], Project]


def _nothing_to_recall(number: int) -> Project:
    raise EditRefused(f"Revision {number} is no longer in memory and this song has no file to read it from.")


class Document:
    """The present project and its history. Main thread only.

    `apply`, `undo`, `redo` and `visit` call every subscriber once, after the change, in order of subscription.
    """

    def __init__(
        self,
        project: Project,
        revisions: Iterable[Revision] = (),
        present: int = 0,
        recall: Recall = _nothing_to_recall,
    ) -> None:
        known = tuple(revisions) or (Revision(0, -1, "New song", time.time()),)
        self._revisions = {revision.number: revision for revision in known}
        self._newest_child: dict[int, int] = {}
        for revision in known:
            self._newest_child[revision.parent] = max(self._newest_child.get(revision.parent, -1), revision.number)
        self._project, self._present, self._recall = project, present, recall
        self._states: OrderedDict[int, Project] = OrderedDict([(present, project)])
        self._next = max(self._revisions) + 1
        self._gesture = ""
        self._redo: list[int] = []
        self._listeners: list[Listener] = []
        self._index: dict[str, Track | tuple[str, Clip] | Media] | None = None
        self.read_only = ""

    @property
    def project(self) -> Project:
        """The present state."""
        return self._project

    @property
    def revision(self) -> Revision:
        """The present revision."""
        return self._revisions[self._present]

    @property
    def revisions(self) -> tuple[Revision, ...]:
        """All revisions, oldest first, every branch."""
        return tuple(self._revisions.values())

    @property
    def can_undo(self) -> bool:
        """Whether there is an earlier state on this branch."""
        return self.revision.parent >= 0

    @property
    def can_redo(self) -> bool:
        """Whether a later state follows the present one."""
        return self._later() >= 0

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener` after every change from now on; the returned function ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def apply(self, edit: Edit) -> ChangeSet:
        """Makes an edit. An edit that changes nothing leaves no revision.

        Raises EditRefused, and leaves all as it was, when the edit's target is gone, when the result could not be saved
        and read back as it is, or when the document is read-only.
        """
        if self.read_only:
            raise EditRefused(self.read_only)
        after = edit.change(self._project)
        changes = difference(self._project, after)
        if not changes:
            return changes
        _verify(changes)
        merging = bool(edit.merge) and edit.merge == self._gesture
        number = self._present if merging else self._next
        parent = self.revision.parent if merging else self._present
        self._revisions[number] = Revision(number, parent, edit.label, time.time())
        if not merging:
            self._newest_child[self._present] = number
            self._next += 1
        self._redo.clear()
        self._gesture = edit.merge
        self._move(number, after, changes, new=True, rewritten=merging)
        return changes

    def close_gesture(self) -> None:
        """Ends the merging of edits: the next one is an undo step of its own."""
        self._gesture = ""

    def undo(self) -> ChangeSet | None:
        """Goes to the state before the present one; None at the beginning."""
        if not self.can_undo:
            return None
        self._redo.append(self._present)
        return self._go(self.revision.parent)

    def redo(self) -> ChangeSet | None:
        """Goes forward: to where the last undo came from, else along the newest branch; None at the end."""
        number = self._later()
        if number < 0:
            return None
        if self._redo:
            self._redo.pop()
        return self._go(number)

    def visit(self, number: int) -> ChangeSet:
        """Goes to any revision of the history. Raises EditRefused when it does not exist or cannot be read."""
        if number not in self._revisions:
            raise EditRefused("This point of the history does not exist any more.")
        self._redo.clear()
        return self._go(number)

    def state(self, number: int) -> Project:
        """The project as it was at a revision."""
        if number not in self._states:
            self._remember(number, self._recall(number))
        self._states.move_to_end(number)
        return self._states[number]

    def track_of(self, clip_id: str) -> Track | None:
        """The track a clip is on."""
        found = self._by_id().get(clip_id)
        return self._project.track(found[0]) if isinstance(found, tuple) else None

    def clip(self, clip_id: str) -> Clip | None:
        """The clip with this id."""
        found = self._by_id().get(clip_id)
        return found[1] if isinstance(found, tuple) else None

    def media(self, media_id: str) -> Media | None:
        """The media with this id."""
        found = self._by_id().get(media_id)
        return found if isinstance(found, Media) else None

    def _later(self) -> int:
        return self._redo[-1] if self._redo else self._newest_child.get(self._present, -1)

    def _go(self, number: int) -> ChangeSet:
        self._gesture = ""
        after = self.state(number)
        changes = difference(self._project, after)
        self._move(number, after, changes, new=False)
        return changes

    def _move(self, number: int, after: Project, changes: ChangeSet, *, new: bool, rewritten: bool = False) -> None:
        self._update_index(changes)
        self._project, self._present = after, number
        self._remember(number, after)
        announcement = Announcement(changes, self._revisions[number], new, rewritten)
        for listener in tuple(self._listeners):
            listener(announcement)

    def _remember(self, number: int, project: Project) -> None:
        self._states[number] = project
        self._states.move_to_end(number)
        while len(self._states) > STATES_IN_MEMORY:
            self._states.popitem(last=False)

    def _by_id(self) -> dict[str, Track | tuple[str, Clip] | Media]:
        if self._index is None:
            self._index = {media.id: media for media in self._project.media}
            for track in self._project.tracks:
                self._index[track.id] = track
                self._index.update((clip.id, (track.id, clip)) for clip in track.clips)
        return self._index

    def _update_index(self, changes: ChangeSet) -> None:
        if self._index is None:
            return
        for key in changes.removed:
            self._index.pop(key, None)
        for key, part in changes.changed.items():
            match part:
                case codec.TrackPart():
                    self._index[key] = part.track
                case codec.MediaPart():
                    self._index[key] = part.media
                case _:
                    pass
        self._index.update(changes.clips)


def _verify(changes: ChangeSet) -> None:
    """Refuses a change whose parts would not save, read back equal and make sense (NaN, numpy scalars, bad names)."""
    try:
        for part in changes.changed.values():
            if codec.decode(codec.encode(part)) != part:
                raise EditRefused("This change would not read back as it was made; it was not made.")
            codec.check(part)
        _verify_clips(changes)
    except codec.CodecError as cause:
        raise EditRefused(str(cause)) from cause
    _verify_media(changes)


def _verify_clips(changes: ChangeSet) -> None:
    """Refuses clips that do not go with their track, and notes that do not go together."""
    tracks = {track.id: track for track in changes.after.tracks if track.id in changes.tracks}
    for track_id, clip in changes.clips.values():
        codec.check_track_clips(tracks[track_id], (clip,))
    for key, part in changes.changed.items():
        if isinstance(part, codec.TrackPart) and not all(fits(clip, tracks[key]) for clip in tracks[key].clips):
            raise EditRefused("This track holds clips of another kind; move them to another track first.")


def _verify_media(changes: ChangeSet) -> None:
    """Refuses clips and zones without their media: those that changed, or all of them when media were removed."""
    known = {media.id for media in changes.after.media}
    clips = [clip for _, clip in changes.clips.values()]
    tracks = [part.track for part in changes.changed.values() if isinstance(part, codec.TrackPart)]
    if {media.id for media in changes.before.media} - known:
        clips = [clip for track in changes.after.tracks for clip in track.clips]
        tracks = list(changes.after.tracks)
    if any(not known.issuperset(media_of(clip)) for clip in clips):
        raise EditRefused("A clip refers to a sound that the song does not have; import the file again.")
    if any(not known.issuperset(zone_media(track)) for track in tracks):
        raise EditRefused("An instrument plays a sound that the song does not have; import the file again.")
