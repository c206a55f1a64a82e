"""Named versions: the states of a song that its owner gave a name, which is what "Save" does here."""

from __future__ import annotations

import msgspec

from .database import Connection, rows
from .failures import BundleError

MAX_NAME = 200


class Version(msgspec.Struct, frozen=True, gc=False):
    """A name for revision `number`, given at Unix time `at` in seconds."""

    id: int
    number: int
    name: str
    at: float


def checked_name(name: str) -> str:
    """The name as it is stored. Raises BundleError for one that is empty or that cannot be written as Unicode."""
    plain = " ".join(name.encode("utf-8", "replace").decode().split())[:MAX_NAME]
    if not plain:
        raise BundleError("A version needs a name; type one and save it again.")
    return plain


def put(db: Connection, version: Version) -> None:
    """Stores a named version."""
    row = (version.id, version.number, version.name, version.at)
    db.execute("INSERT OR REPLACE INTO version VALUES (?, ?, ?, ?)", row)


def read(db: Connection) -> list[Version]:
    """All named versions, oldest first."""
    found = rows(db, tuple[int, int, str, float], "SELECT id, number, name, time FROM version ORDER BY id")
    return [Version(*row) for row in found]
