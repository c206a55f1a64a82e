"""What the library hands out and takes in: frozen values, free of the database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

AssetKind = Literal["audio", "midi", "recording", "generated", "picture", "text", "project", "preset", "other"]
"""What an asset is. `recording` and `generated` are sounds made here, `picture` and `text` what models made besides;
`audio` came from outside."""

JobState = Literal["waiting", "paused", "running", "done", "failed", "cancelled", "interrupted"]

Approval = Literal["open", "approved", "rejected"]

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
    Times in seconds since 1970, 0.0 where it has not happened. A queue takes the job with the least `place` first;
    `tries` counts how often one was begun anew after the network had failed it.
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
    place: float = 0.0
    tries: int = 0


class Generation(msgspec.Struct, frozen=True):
    """What a model has made: a file of the library (`asset`, None once it is gone or in the trash) and its recipe.

    `recipe` and `checks` are any value that msgspec can write as JSON and come back as plain dicts, lists and numbers.
    `parent` is the generation that this one was made from, `job` the job that made it, `made` when, in seconds since
    1970 (now where it is 0). `rating` is 0 (none) to 5 stars; `reason` says why it was approved or rejected. `words`
    are found by the search beside title, description and category. `id` is given by the library.
    """

    id: int
    asset: int | None
    task: str
    model: str
    revision: str = ""
    recipe: Any = None
    parent: int | None = None
    job: str = ""
    made: float = 0.0
    approval: Approval = "open"
    reason: str = ""
    rating: Annotated[int, msgspec.Meta(ge=0, le=5)] = 0
    title: str = ""
    description: str = ""
    category: str = ""
    checks: Any = None
    words: str = ""
    trashed: bool = False


class Mark(msgspec.Struct, frozen=True):
    """What a list shows of what a model made: `generation` is its id, `doubts` the sentences of its checks."""

    generation: int
    task: str
    model: str
    approval: Approval = "open"
    reason: str = ""
    rating: int = 0
    title: str = ""
    category: str = ""
    parent: int | None = None
    doubts: tuple[str, ...] = ()


class Dataset(msgspec.Struct, frozen=True):
    """A dataset: its kind, the seed of its splits, the number of the version that its draft stands on (0: none), when
    it was made in seconds since 1970, and how many items its draft has."""

    id: int
    name: str
    kind: str
    seed: int
    base: int = 0
    made: float = 0.0
    items: int = 0


class DraftItem(msgspec.Struct, frozen=True):
    """An item of a draft: the SHA-256 of its file, what is said of it and what was measured, both any value that
    msgspec can write as JSON, and the print by which others like it are found (empty where it was not asked for).
    `id` and `dataset` are given by the library."""

    id: int
    dataset: int
    sha256: str
    told: Any
    facts: Any = None
    print: bytes = b""


class CoachedTake(msgspec.Struct, frozen=True):
    """A take that the coach has judged.

    `taken` is when, in seconds since 1970 (now where it is 0); `song` the project and `target` what was to be sung,
    both empty where there was none; `track` the file in which what was heard is kept, or empty. `low` and `high` are
    the range on the scale of MIDI notes, `accuracy` and `precision` cents, `late` and `spread` seconds, the scores 0 to
    100, `karaoke` the points of UltraStar. `id` is given by the library.
    """

    id: int
    taken: float
    name: str
    song: str
    target: str
    track: str
    seconds: float
    notes: int
    low: float | None
    high: float | None
    accuracy: float
    precision: float
    late: float | None
    spread: float | None
    overall: float
    pitch: float
    rhythm: float | None
    consistency: float | None
    confidence: float
    karaoke: int | None = None


class Practised(msgspec.Struct, frozen=True):
    """A song or exercise: how many takes there are of it, when the last was sung, and the best overall score."""

    song: str
    target: str
    takes: int
    last: float
    best: float
