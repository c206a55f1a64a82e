"""What is written beside the lines of a frozen version."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec

from .items import DatasetError, Digest, Line
from .kinds import Kind
from .lines import MAX_ITEMS

MAX_NUMBER = 100_000
MAX_BYTES = 1 << 20
Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_ITEMS)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


class Version(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A frozen version: `digest` is the SHA-256 of its lines, `parent` that of the version it was made from (empty:
    none). `made` is when, as in 2026-01-31T12:00:00+00:00, by which `studio`. `seed` settles its splits."""

    format: Literal[1] = 1
    name: Name
    kind: Kind
    number: Annotated[int, msgspec.Meta(ge=1, le=MAX_NUMBER)]
    digest: Digest
    parent: Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{64})?$")] = ""
    seed: Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]
    items: Count
    songs: Count
    splits: dict[Annotated[str, msgspec.Meta(pattern="^(train|validation|test)$")], Count]
    seconds: Annotated[float, msgspec.Meta(ge=0.0)]
    bytes: Annotated[int, msgspec.Meta(ge=0, le=1 << 60)]
    made: Line
    studio: Line = ""


def write_version(version: Version) -> bytes:
    """The version as a text file."""
    return msgspec.json.format(msgspec.json.encode(version), indent=1) + b"\n"


def read_version(content: bytes, name: str) -> Version:
    """The version that a file holds; `name` is what it is called in sentences. Raises DatasetError."""
    try:
        return msgspec.json.decode(content[: MAX_BYTES + 1], type=Version)
    except (msgspec.DecodeError, RecursionError) as error:
        raise DatasetError(f"“{name}” does not describe a version of a dataset ({error}).") from error


def split_reference(text: str) -> tuple[str, int | None]:
    """The name and the number of "NAME@v3"; None where none is named, 0 for "NAME@latest". Raises DatasetError."""
    name, at, wanted = text.rpartition("@")
    if not at:
        return text, None
    told = re.fullmatch(r"v?([1-9]\d{0,5})|latest", wanted, re.IGNORECASE)
    if not told or not name:
        raise DatasetError(f"“{text[:100]}” names no version; write it as NAME@v3.")
    return name, int(told[1]) if told[1] else 0
