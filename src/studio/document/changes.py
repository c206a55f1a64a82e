"""What differs between two states of a song, found by identity: unchanged parts are shared, so they cost nothing."""

from __future__ import annotations

import msgspec

from .codec import ROOT, ClipPart, MediaPart, Part, root_part, track_part
from .project import Clip, Project, Track


class ChangeSet(msgspec.Struct, frozen=True):
    """The parts that differ between `before` and `after`, by id. `changed` holds added parts too.

    `tracks` are the ids of tracks of `after` with any change in them or their clips. `root` says that tempo,
    signatures, sections, markers, loop, master, name or the order of tracks changed.
    """

    before: Project
    after: Project
    changed: dict[str, Part]
    removed: frozenset[str]
    tracks: frozenset[str]

    @property
    def root(self) -> bool:
        """Whether anything outside tracks and media changed."""
        return ROOT in self.changed

    @property
    def media(self) -> bool:
        """Whether media were added, changed or removed."""
        return self.before.media is not self.after.media

    @property
    def time(self) -> bool:
        """Whether the tempo map, the signatures or the rate changed: every position may have moved."""
        a, b = self.before, self.after
        return (a.tempo, a.signatures, a.rate) != (b.tempo, b.signatures, b.rate)

    def __bool__(self) -> bool:
        return bool(self.changed or self.removed)


def difference(before: Project, after: Project) -> ChangeSet:
    """The change set between two states. Linear in the number of tracks and in the clips of tracks that changed."""
    changed: dict[str, Part] = {}
    removed: set[str] = set()
    touched: set[str] = set()
    if before is not after:
        _media(before, after, changed, removed)
        _tracks(before, after, changed, removed, touched)
        root = root_part(after)
        if root != root_part(before):
            changed[ROOT] = root
    return ChangeSet(before, after, changed, frozenset(removed), frozenset(touched))


def _media(before: Project, after: Project, changed: dict[str, Part], removed: set[str]) -> None:
    if before.media is after.media:
        return
    old = {media.id: media for media in before.media}
    for media in after.media:
        known = old.pop(media.id, None)
        if known is not media and known != media:
            changed[media.id] = MediaPart(media)
    removed.update(old)


def _tracks(before: Project, after: Project, changed: dict[str, Part], removed: set[str], touched: set[str]) -> None:
    if before.tracks is after.tracks:
        return
    old = {track.id: track for track in before.tracks}
    gone: dict[str, Clip] = {}
    come: dict[str, tuple[str, Clip]] = {}
    for track in after.tracks:
        known = old.pop(track.id, None)
        if known is track:
            continue
        touched.add(track.id)
        if known is None or track_part(known) != track_part(track):
            changed[track.id] = track_part(track)
        _clips(known, track, gone, come)
    for track in old.values():
        removed.add(track.id)
        gone.update((clip.id, clip) for clip in track.clips)
    changed.update((key, ClipPart(track_id, clip)) for key, (track_id, clip) in come.items())
    removed.update(key for key in gone if key not in come)


def _clips(known: Track | None, track: Track, gone: dict[str, Clip], come: dict[str, tuple[str, Clip]]) -> None:
    if known is not None and known.clips is track.clips:
        return
    old = {clip.id: clip for clip in known.clips} if known else {}
    for clip in track.clips:
        was = old.pop(clip.id, None)
        if was is not clip and was != clip:
            come[clip.id] = (track.id, clip)
    gone.update(old)
