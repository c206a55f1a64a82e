"""The recording journal: which track, position and latency a growing file belongs to, so that a crash costs no take."""

from __future__ import annotations

import msgspec

from ..document.codec import MAX_FRAME, is_inside
from .database import Connection, rows
from .failures import BundleError


class RecordingRow(msgspec.Struct, frozen=True, kw_only=True):
    """A recording that has begun. Positions and lengths are in frames at the project's rate.

    `file` is the path inside the bundle, `position` the song frame of its first frame, `latency` the round trip that is
    still to be subtracted. In a loop, `passes` holds the (media frame, song frame) at which each pass began and `loop`
    the (start, end) it goes round in. `started` is Unix time in seconds. `dropouts` are media frames.
    """

    id: str
    file: str
    track: str
    position: int
    latency: int
    channels: int
    rate: int
    started: float
    passes: tuple[tuple[int, int], ...] = ()
    loop: tuple[int, int] | None = None
    dropouts: tuple[int, ...] = ()


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(RecordingRow)


def put(db: Connection, row: RecordingRow) -> None:
    """Stores a recording that begins, or what is known of it by now."""
    db.execute("INSERT OR REPLACE INTO recording VALUES (?, ?)", (row.id, _encoder.encode(row)))


def remove(db: Connection, recording_id: str) -> None:
    """Forgets a recording: it has become a take, or was discarded."""
    db.execute("DELETE FROM recording WHERE id = ?", (recording_id,))


def unfinished(db: Connection) -> tuple[RecordingRow, ...]:
    """The recordings that a crash left behind, oldest first; rows that make no sense are left out."""
    found = []
    for (data,) in rows(db, tuple[bytes], "SELECT row FROM recording ORDER BY rowid"):
        try:
            row = _decoder.decode(data)
        except msgspec.DecodeError:
            continue
        if _is_sound(row):
            found.append(row)
    return tuple(found)


def require_sound(row: RecordingRow) -> None:
    """Raises BundleError for a row that would not be believed when it is read again."""
    try:
        sound = _is_sound(row) and _decoder.decode(_encoder.encode(row)) == row
    except (msgspec.MsgspecError, ValueError, TypeError) as cause:
        raise BundleError(f"This recording cannot be noted in the song ({cause}).") from cause
    if not sound:
        raise BundleError("This recording cannot be noted in the song because its position or file makes no sense.")


def _is_sound(row: RecordingRow) -> bool:
    frames = [row.position, row.latency, *(row.loop or ()), *row.dropouts, *(n for pair in row.passes for n in pair)]
    plausible = 1 <= row.channels <= 2 and 0 < row.rate <= 10_000_000
    media = row.file.startswith("media/") and is_inside(row.file)
    return plausible and media and all(abs(frame) <= MAX_FRAME for frame in frames)
