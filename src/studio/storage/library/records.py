"""What the library hands out and takes in: frozen values, free of the database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

AssetKind = Literal["audio", "midi", "recording", "generated", "project", "preset", "other"]
"""What an asset is. `recording` and `generated` are sounds made here; `audio` came from outside."""

JobState = Literal["waiting", "running", "done", "failed", "cancelled", "interrupted"]

Seconds = Annotated[float, msgspec.Meta(ge=0.0)]


class NewAsset(msgspec.Struct, frozen=True):
    """A file to be put into the library. `path` is absolute; `name` is the file's when empty.

    `size` in bytes, `modified` the file's mtime in seconds since 1970, `digest` the SHA-256 of its content in hex or
    empty while unknown, `project` the bundle that it came from or empty.
    """

    kind: AssetKind
    path: Path
    name: str = ""
    size: int = 0
    modified: float = 0.0
    digest: str = ""
    seconds: Seconds = 0.0
    rate: int = 0
    channels: int = 0
    bpm: float | None = None
    key: str = ""
    project: str = ""


class Asset(msgspec.Struct, frozen=True):
    """A file in the library. `added` and `used` are seconds since 1970; `used` is None until the first use."""

    id: int
    kind: AssetKind
    path: Path
    name: str
    size: int
    modified: float
    digest: str
    seconds: float
    rate: int
    channels: int
    bpm: float | None
    key: str
    added: float
    used: float | None
    favourite: bool
    project: str
    tags: tuple[str, ...] = ()


class Tag(msgspec.Struct, frozen=True):
    """A tag and how many assets bear it."""

    name: str
    assets: int


class Collection(msgspec.Struct, frozen=True):
    """A named set of assets and how many it holds."""

    id: int
    name: str
    assets: int


class RecentProject(msgspec.Struct, frozen=True):
    """A project that was opened, and when last, in seconds since 1970. Its folder may be gone."""

    path: Path
    name: str
    opened: float


class JobRecord(msgspec.Struct, frozen=True):
    """A job as it survives a restart.

    `parameters` and `result` are any value that msgspec can write as JSON; they come back as plain dicts, lists and
    numbers, to be given their type by `msgspec.convert`. `needs` are the ids of the jobs that must be done before.
    Times in seconds since 1970, 0.0 where it has not happened.
    """

    id: str
    kind: str
    label: str = ""
    parameters: Any = None
    state: JobState = "waiting"
    progress: float = 0.0
    message: str = ""
    needs: tuple[str, ...] = ()
    result: Any = None
    error: str = ""
    detail: str = ""
    failures: tuple[str, ...] = ()
    created: float = 0.0
    started: float = 0.0
    finished: float = 0.0
