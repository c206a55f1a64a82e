"""A draft becomes a version that is never changed again, and a version a draft."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from ... import __version__
from ...engine.ai.datasets.comparing import Difference, compare
from ...engine.ai.datasets.items import DatasetError, Item
from ...engine.ai.datasets.kinds import kind_of
from ...engine.ai.datasets.lines import MAX_ITEMS, digest_lines, read_lines, write_lines
from ...engine.ai.datasets.splits import Splits, plan_splits, settled
from ...engine.ai.datasets.statistics import Statistics, statistics
from ...engine.ai.datasets.versions import Version, write_version
from ...errors import StudioError
from ...storage.datasets import DatasetFolder, Staged
from ...storage.library import Dataset
from ...storage.modelstore.wanted import UNWATCHED, Watch
from .editing import planned
from .shelf import Frozen, Shelf, check_media, item_of, row_of, said_wrong

PAGE = 500
MANY = 50_000
"""More items than these are not held in memory together."""


class Overview(NamedTuple):
    """Where the items of a draft would go, its figures, and whether it holds what no version does."""

    plan: Splits
    figures: Statistics
    changed: bool


class Freezing(msgspec.Struct, frozen=True):
    """What came of a freezing: the version, whether it is new (else the draft was the same as that one), and sentences
    about what could be better."""

    version: Version
    new: bool
    notices: tuple[str, ...]


def freeze(shelf: Shelf, dataset: Dataset, watch: Watch = UNWATCHED) -> Freezing:
    """Makes the draft a version, or finds the one that it is already. Worker threads.

    Raises DatasetError for a draft that is empty or whose media vanished or changed; nothing is written then.
    """
    folder = shelf.folder(dataset)
    dataset = shelf.open(dataset.name)
    if not dataset.items:
        raise DatasetError(f"“{dataset.name}” has no items; add some before it is frozen.")
    if dataset.items > MAX_ITEMS:
        raise DatasetError(f"“{dataset.name}” has more than {MAX_ITEMS:,} items; divide it.")
    wrong = check_media(folder, shelf.items(dataset), dataset.items, watch)
    if wrong:
        raise DatasetError(said_wrong(f"“{dataset.name}”", wrong))
    with folder.alone():
        plan = planned(shelf, dataset)
        staged = folder.stage(write_lines(with_splits(shelf.items(dataset), plan)))
        try:
            known = _same(shelf, dataset, folder, staged.digest)
            if known is None:
                known = _describe(shelf, dataset, folder, staged)
                folder.publish(staged, known.number, write_version(known))
                new = True
            else:
                new = False
                folder.set_latest(known.number)
        finally:
            folder.discard(staged)
        _settle(shelf, dataset, plan)
        shelf.library.drafts.set_base(dataset.id, known.number)
    return Freezing(known, new, plan.notices)


def with_splits(items: Iterator[Item], plan: Splits) -> Iterator[Item]:
    """Items with the splits that are planned for them."""
    return (replace(item, split=plan.split(item)) for item in items)


def draft_items(shelf: Shelf, dataset: Dataset) -> Callable[[], Iterator[Item]]:
    """Reads the draft as it would be frozen, each time it is called."""
    plan = planned(shelf, dataset)
    return lambda: with_splits(shelf.items(dataset), plan)


def differences(before: Callable[[], Iterator[Item]], after: Callable[[], Iterator[Item]]) -> Difference:
    """What differs between two states, such as `Frozen.items` and `draft_items`. Worker threads."""
    return compare(before, after)


def figures(shelf: Shelf, dataset: Dataset) -> Statistics:
    """The draft in figures. Worker threads."""
    return statistics(draft_items(shelf, dataset)())


def overview(shelf: Shelf, dataset: Dataset) -> Overview:
    """Plan, figures and state of a draft; one of up to 50,000 items is read once. Worker threads."""
    if dataset.items > MANY:
        return Overview(planned(shelf, dataset), figures(shelf, dataset), unfrozen(shelf, dataset))
    items = list(shelf.items(dataset))
    plan = plan_splits(settled(items), dataset.seed)
    placed = list(with_splits(iter(items), plan))
    digest = digest_lines(write_lines(placed))
    changed = bool(items) and all(one.digest != digest for one in shelf.versions(dataset))
    return Overview(plan, statistics(placed), changed)


def unfrozen(shelf: Shelf, dataset: Dataset) -> bool:
    """Whether the draft holds what no version does. Worker threads."""
    dataset = shelf.open(dataset.name)
    if not dataset.items:
        return False
    digest = digest_lines(write_lines(draft_items(shelf, dataset)()))
    return all(one.digest != digest for one in shelf.versions(dataset))


def revert(shelf: Shelf, dataset: Dataset, frozen: Frozen) -> None:
    """Makes a version the draft; what the draft held besides is gone, the versions stay. Worker threads."""
    shelf.library.drafts.replace(dataset.id, map(row_of, frozen.items()), frozen.about.number)


def _same(shelf: Shelf, dataset: Dataset, folder: DatasetFolder, digest: str) -> Version | None:
    """The version that the draft stands on, or the latest, where it has this digest."""
    for number in {dataset.base, max(folder.numbers(), default=0)} - {0}:
        try:
            about = shelf.version(dataset, number).about
        except StudioError:
            continue
        if about.digest == digest:
            return about
    return None


def _describe(shelf: Shelf, dataset: Dataset, folder: DatasetFolder, staged: Staged) -> Version:
    with staged.path.open("rb") as stream:
        told = statistics(read_lines(stream, "the draft"))
    parents = [one.digest for one in shelf.versions(dataset) if one.number == dataset.base]
    return Version(
        name=dataset.name,
        kind=kind_of(dataset.kind),
        number=max(folder.numbers(), default=0) + 1,
        digest=staged.digest,
        parent=parents[0] if parents else "",
        seed=dataset.seed,
        items=told.items,
        songs=told.songs,
        splits={split: part.items for split, part in told.splits.items()},
        seconds=told.seconds,
        bytes=told.bytes,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        studio=__version__,
    )


def _settle(shelf: Shelf, dataset: Dataset, plan: Splits) -> None:
    """Notes in the draft where its items went, for the versions to come."""
    page = []
    for row in shelf.library.drafts.items(dataset.id):
        item = item_of(row)
        split = plan.split(item)
        if item.split != split:
            page.append(replace(row, told=replace(item, split=split)))
        if len(page) == PAGE:
            shelf.library.drafts.change(page)
            page = []
    shelf.library.drafts.change(page)
