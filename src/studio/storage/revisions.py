"""The history on disk: one row per revision with what it changed, and any state put together again from rows.

A state is a mapping of part id to the part's bytes. Revision 0 changes everything out of nothing, so snapshots only
save time: without any of them, every state is still its ancestors' changes one after another.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from ..document import codec
from ..document.changes import ChangeSet
from ..document.document import Revision
from ..document.project import Project
from . import snapshots
from .database import Connection, meta, put_meta, rows
from .failures import BundleError, DamagedRevision

RawParts = dict[str, bytes]

_encoder = msgspec.msgpack.Encoder()
_changed = msgspec.msgpack.Decoder(RawParts)
_removed = msgspec.msgpack.Decoder(list[str])


class Loaded(NamedTuple):
    """What a Document begins with."""

    project: Project
    revisions: tuple[Revision, ...]
    present: int


class Delta(msgspec.Struct, frozen=True):
    """What a revision changed against its parent: parts by id as bytes, and ids of parts that went."""

    parent: int
    changed: RawParts
    removed: list[str]


def put_first(db: Connection, revision: Revision, project: Project) -> None:
    """Stores the beginning of a history."""
    _put(db, revision, codec.parts(project), ())


def put(db: Connection, revision: Revision, changes: ChangeSet) -> None:
    """Stores a revision, or what has become of it, as changes against its parent's state, and makes it the present."""
    _put(db, revision, changes.changed, changes.removed)


def _put(db: Connection, revision: Revision, parts: dict[str, codec.Part], gone: Iterable[str]) -> None:
    changed = _encoder.encode({key: codec.encode(part) for key, part in parts.items()})
    removed = _encoder.encode(sorted(gone))
    # A label may quote the name of a file, and that may be no Unicode.
    label = revision.label.encode("utf-8", "replace").decode()
    row = (revision.number, revision.parent, revision.at, label, changed, removed, checksum(changed, removed))
    db.execute("INSERT OR REPLACE INTO revision VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    put_meta(db, "present", revision.number)


def checksum(changed: bytes, removed: bytes) -> int:
    """What tells a row that was written from one that was damaged."""
    return zlib.crc32(removed, zlib.crc32(changed))


def delta(db: Connection, number: int) -> Delta:
    """What a revision changed. Raises DamagedRevision when its row is not there or not as it was written."""
    query = "SELECT parent, changed, removed, checksum FROM revision WHERE number = ?"
    try:
        found = rows(db, tuple[int, bytes, bytes, int], query, number)
        if found and checksum(found[0][1], found[0][2]) == found[0][3] and -1 <= found[0][0] < number:
            parent, changed, removed, _ = found[0]
            return Delta(parent, _changed.decode(changed), _removed.decode(removed))
    except (BundleError, msgspec.DecodeError, sqlite3.DatabaseError) as cause:
        raise DamagedRevision(_sentence(number), number) from cause
    raise DamagedRevision(_sentence(number), number)


def _sentence(number: int) -> str:
    return f"Step {number} of this song's history is damaged; open a backup of the song or another step."


def history(db: Connection) -> tuple[Revision, ...]:
    """All revisions of every branch, oldest first. Raises BundleError where they do not make a tree."""
    found = rows(db, tuple[int, int, str, float], "SELECT number, parent, label, time FROM revision ORDER BY number")
    known: set[int] = set()
    for number, parent, _, _ in found:
        if parent not in known and (number, parent) != (0, -1):
            raise BundleError("The history of this song has a gap; open a copy or backup of it instead.")
        known.add(number)
    if not found:
        raise BundleError("This song's file holds no history; open a copy or backup of it instead.")
    return tuple(Revision(*row) for row in found)


def present(db: Connection) -> int:
    """The number of the revision that was present last; the newest where that is not known."""
    number = meta(db, "present")
    if db.execute("SELECT 1 FROM revision WHERE number = ?", (number,)).fetchone():
        return number
    newest: int = db.execute("SELECT max(number) FROM revision").fetchone()[0]
    return newest


def state(db: Connection, number: int) -> RawParts:
    """The parts of any revision: those of its nearest ancestor with a sound snapshot and the changes since.

    Raises DamagedRevision where a row on the way is unreadable.
    """
    way: list[Delta] = []
    at, parts = number, RawParts()
    while at >= 0:
        saved = snapshots.read(db, at)
        if saved is not None:
            parts = saved
            break
        way.append(delta(db, at))
        at = way[-1].parent
    for step in reversed(way):
        parts.update(step.changed)
        for key in step.removed:
            parts.pop(key, None)
    return parts


def recall(db: Connection, number: int) -> Project:
    """The song as it was at a revision. Raises DamagedRevision."""
    try:
        return codec.assemble({key: codec.decode(data) for key, data in state(db, number).items()})
    except codec.CodecError as cause:
        raise DamagedRevision(_sentence(number), number) from cause


def load(db: Connection) -> Loaded:
    """The history, and the song as it was left or as its nearest ancestor that can be read. Raises BundleError."""
    known = history(db)
    project, number = recall_sound(db, present(db))
    return Loaded(project, known, number)


def recall_sound(db: Connection, number: int) -> tuple[Project, int]:
    """The song at a revision, or at its nearest ancestor that can be read, and that one's number.

    Raises DamagedRevision when none can.
    """
    at = number
    while True:
        try:
            return recall(db, at), at
        except DamagedRevision as damage:
            at = _parent(db, damage.number)
            if at < 0:
                raise


def _parent(db: Connection, number: int) -> int:
    row = db.execute("SELECT parent FROM revision WHERE number = ?", (number,)).fetchone()
    return row[0] if row is not None and isinstance(row[0], int) and row[0] < number else -1


def media_files(db: Connection) -> set[str]:
    """The stored paths of all media that any revision ever named. Raises DamagedRevision where one cannot be read."""
    files: set[str] = set()
    for (number,) in rows(db, tuple[int], "SELECT number FROM revision"):
        for data in delta(db, number).changed.values():
            try:
                part = codec.decode(data)
            except codec.CodecError as cause:
                raise DamagedRevision(_sentence(number), number) from cause
            if isinstance(part, codec.MediaPart):
                files.add(part.media.file)
    return files
