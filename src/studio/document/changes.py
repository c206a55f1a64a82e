"""What differs between two states of a song, found by identity: unchanged parts are shared, so they cost nothing."""

from __future__ import annotations

import msgspec

from .notes import NoteClip
from .parts import ROOT, MediaPart, Part, block_parts, clip_part, root_part, track_part
from .project import Clip, Project, Track


class ChangeSet(msgspec.Struct, frozen=True):
    """The parts that differ between `before` and `after`, by id. `changed` holds added parts too.

    `clips` are the clips among them, whole, each with the id of its track; a clip is named when its notes changed.
    `tracks` are the ids of tracks of `after` with any change in them or their clips. `root` says that tempo,
    signatures, sections, markers, loop, master, name or the order of tracks changed.
    """

    before: Project
    after: Project
    changed: dict[str, Part]
    removed: frozenset[str]
    clips: dict[str, tuple[str, Clip]]
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
    moves = _ClipMoves()
    if before is not after:
        _media(before, after, changed, removed)
        _tracks(before, after, changed, removed, touched, moves)
        moves.into(changed, removed)
        root = root_part(after)
        if root != root_part(before):
            changed[ROOT] = root
    return ChangeSet(before, after, changed, frozenset(removed), moves.come, frozenset(touched))


def _media(before: Project, after: Project, changed: dict[str, Part], removed: set[str]) -> None:
    if before.media is after.media:
        return
    old = {media.id: media for media in before.media}
    for media in after.media:
        known = old.pop(media.id, None)
        if known is not media and known != media:
            changed[media.id] = MediaPart(media)
    removed.update(old)


class _ClipMoves:
    """The clips that were there before and the clips that are there now, of tracks that changed."""

    def __init__(self) -> None:
        self.gone: dict[str, Clip] = {}
        self.come: dict[str, tuple[str, Clip]] = {}

    def compare(self, known: Track | None, track: Track) -> None:
        if known is not None and known.clips is track.clips:
            return
        old = {clip.id: clip for clip in known.clips} if known else {}
        for clip in track.clips:
            was = old.get(clip.id)
            if was is clip or was == clip:
                del old[clip.id]
            else:
                self.come[clip.id] = (track.id, clip)
        self.gone.update(old)

    def into(self, changed: dict[str, Part], removed: set[str]) -> None:
        for key, (track_id, clip) in self.come.items():
            changed[key] = clip_part(track_id, clip)
            was = self.gone.get(key)
            if isinstance(clip, NoteClip) or isinstance(was, NoteClip):
                _blocks(was, clip, changed, removed)
        for key, gone in self.gone.items():
            if key not in self.come:
                removed.add(key)
                removed.update(block_parts(gone))


def _blocks(was: Clip | None, clip: Clip, changed: dict[str, Part], removed: set[str]) -> None:
    """The blocks that differ; those that both hold as one object are not looked into."""
    old = block_parts(was) if was is not None else {}
    for key, part in block_parts(clip).items():
        known = old.pop(key, None)
        if known is None or (known.block is not part.block and known != part):
            changed[key] = part
    removed.update(old)


def _tracks(
    before: Project,
    after: Project,
    changed: dict[str, Part],
    removed: set[str],
    touched: set[str],
    moves: _ClipMoves,
) -> None:
    if before.tracks is after.tracks:
        return
    old = {track.id: track for track in before.tracks}
    for track in after.tracks:
        known = old.pop(track.id, None)
        if known is track:
            continue
        touched.add(track.id)
        if known is None or track_part(known) != track_part(track):
            changed[track.id] = track_part(track)
        moves.compare(known, track)
    for track in old.values():
        removed.add(track.id)
        moves.gone.update((clip.id, clip) for clip in track.clips)
