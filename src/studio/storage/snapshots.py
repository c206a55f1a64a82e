"""Whole states beside the history, so that none is far to recall: compressed tracks that snapshots share by content."""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Iterator, Mapping

import msgspec

from ..document import codec
from ..document.project import Project, Track
from .database import MAX_VALUE, Connection, rows
from .failures import BundleError

EVERY = 1000
"""Revisions between two snapshots."""

KEEP_LAST = 4
KEEP_ONE_IN = 4096
_HASH = 32

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(dict[str, bytes])


class SnapshotWriter:
    """Writes snapshots; remembers what it packed last, so that tracks that did not change are not packed again.

    Store thread only.
    """

    def __init__(self) -> None:
        self._packed: dict[str, tuple[Track, bytes]] = {}

    def write(self, db: Connection, number: int, project: Project) -> None:
        """Stores the state of a revision and drops the snapshots and blobs that nothing keeps any more."""
        hashes = [_store(db, _rest(project))]
        packed: dict[str, tuple[Track, bytes]] = {}
        for track in project.tracks:
            known = self._packed.get(track.id)
            if known is None or known[0] is not track or not _has(db, known[1]):
                known = track, _store(db, _track(track))
            packed[track.id] = known
            hashes.append(known[1])
        self._packed = packed
        newest = db.execute("SELECT coalesce(max(made), 0) + 1 FROM snapshot").fetchone()[0]
        db.execute("INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?)", (number, newest, b"".join(hashes)))
        _prune(db)


def _rest(project: Project) -> dict[str, codec.Part]:
    return {codec.ROOT: codec.root_part(project), **{media.id: codec.MediaPart(media) for media in project.media}}


def _track(track: Track) -> dict[str, codec.Part]:
    parts: dict[str, codec.Part] = {track.id: codec.track_part(track)}
    for clip in track.clips:
        parts |= codec.clip_parts(track.id, clip)
    return parts


def _store(db: Connection, parts: Mapping[str, codec.Part]) -> bytes:
    plain = _encoder.encode({key: codec.encode(part) for key, part in parts.items()})
    return put_blob(db, plain)


def put_blob(db: Connection, plain: bytes) -> bytes:
    """Stores bytes once, compressed, and returns the hash under which they are found."""
    key = hashlib.sha256(plain).digest()
    if not _has(db, key):
        db.execute("INSERT INTO blob VALUES (?, ?, ?)", (key, len(plain), zlib.compress(plain, 1)))
    return key


def _has(db: Connection, key: bytes) -> bool:
    return db.execute("SELECT 1 FROM blob WHERE hash = ?", (key,)).fetchone() is not None


def exists(db: Connection, number: int) -> bool:
    """Whether a revision has a snapshot."""
    return db.execute("SELECT 1 FROM snapshot WHERE number = ?", (number,)).fetchone() is not None


def read(db: Connection, number: int) -> dict[str, bytes] | None:
    """The parts of a revision's snapshot; None where there is none or it is damaged, since the history has it all."""
    try:
        found = rows(db, tuple[bytes], "SELECT blobs FROM snapshot WHERE number = ?", number)
        if not found:
            return None
        parts: dict[str, bytes] = {}
        for key in _hashes(found[0][0]):
            parts.update(_decoder.decode(blob(db, key)))
    except (BundleError, msgspec.DecodeError, zlib.error, sqlite3.DatabaseError):
        return None
    return parts


def blob(db: Connection, key: bytes) -> bytes:
    """The bytes stored under a hash. Raises BundleError or zlib.error where they are not as they were stored."""
    found = rows(db, tuple[int, bytes], "SELECT size, data FROM blob WHERE hash = ?", key)
    if found and 0 < found[0][0] <= MAX_VALUE:
        plain = zlib.decompressobj().decompress(found[0][1], found[0][0])
        if hashlib.sha256(plain).digest() == key:
            return plain
    raise BundleError("A snapshot of this song is damaged.")


def _hashes(joined: bytes) -> Iterator[bytes]:
    return (joined[i : i + _HASH] for i in range(0, len(joined), _HASH))


def _prune(db: Connection) -> None:
    """Keeps the last four snapshots, those of named versions, and the first in every 4,096 revisions."""
    found = db.execute("SELECT number FROM snapshot ORDER BY made DESC").fetchall()
    keep = {number for (number,) in found[:KEEP_LAST]}
    keep |= {number for (number,) in db.execute("SELECT number FROM version")}
    firsts = db.execute("SELECT min(number) FROM snapshot GROUP BY number / ?", (KEEP_ONE_IN,))
    keep |= {number for (number,) in firsts}
    drop = [(number,) for (number,) in found if number not in keep]
    db.executemany("DELETE FROM snapshot WHERE number = ?", drop)
    if drop:
        _sweep(db)


def _sweep(db: Connection) -> None:
    """Drops the blobs that no snapshot names."""
    used = {key for (joined,) in db.execute("SELECT blobs FROM snapshot") for key in _hashes(joined)}
    unused = [(key,) for (key,) in db.execute("SELECT hash FROM blob") if key not in used]
    db.executemany("DELETE FROM blob WHERE hash = ?", unused)
