"""Versions go to other computers and come from them, as folders or zips; what comes is checked before it counts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import msgspec
from msgspec.structs import replace

from ...engine.ai.datasets.items import DatasetError, Item
from ...engine.ai.datasets.kinds import KINDS
from ...engine.ai.datasets.lines import read_lines
from ...engine.ai.datasets.statistics import statistics
from ...engine.ai.datasets.versions import Version, read_version, write_version
from ...errors import StudioError
from ...storage.datasets import DatasetFolder, Package, Staged, open_package, pack
from ...storage.library import Dataset
from ...storage.modelstore.wanted import UNWATCHED, Watch
from ...storage.names import numbered, safe_name
from .shelf import Frozen, Shelf, row_of

SPARE = 64 * 1024 * 1024
"""Bytes of the disk that an import leaves free."""


class Imported(msgspec.Struct, frozen=True):
    """Where a version came in: the dataset, the version there, and whether it was not there before."""

    dataset: Dataset
    version: Version
    new: bool


def export_version(frozen: Frozen, target: Path, watch: Watch = UNWATCHED) -> None:
    """Writes a version with its media to a zip or a new folder. Worker threads. Raises StudioError; nothing is left."""

    def media() -> Iterator[tuple[str, str]]:
        for number, item in enumerate(frozen.items()):
            watch.report(number / max(frozen.about.items, 1), f"Copying {item.name}")
            yield item.media, item.sha256

    pack(frozen.folder, frozen.about.number, media(), target, watch)


def import_version(shelf: Shelf, path: Path, name: str = "", watch: Watch = UNWATCHED) -> Imported:
    """Takes in a version that was exported: as a dataset of its own under its name, or into the dataset `name`.

    Its lines are taken as they are, so that it is the same version by its digest. Worker threads. Raises StudioError
    for anything that is not as it should be; nothing of it is left then.
    """
    package = open_package(path)
    try:
        about = read_version(package.about(), f"dataset_v{package.number}.json of {path.name}")
        found = _place(shelf, about, name)
        if isinstance(found, Imported):
            return found
        dataset, fresh = found
        try:
            version = _take(shelf, dataset, fresh, package, about, watch)
            return Imported(shelf.open(dataset.name), version, True)
        except BaseException:
            if fresh:
                shelf.delete(dataset)
            raise
    finally:
        package.close()


def _place(shelf: Shelf, about: Version, name: str) -> Imported | tuple[Dataset, bool]:
    """The dataset that a version goes into, and whether it was made for it; or where it is already."""
    for dataset in shelf.all():
        wanted = dataset.name.casefold() == (name or about.name).strip().casefold()
        there = next((one for one in shelf.versions(dataset) if one.digest == about.digest), None)
        if there is not None and dataset.kind == about.kind and (wanted or not name):
            return Imported(dataset, there, False)
        if wanted and name:
            if dataset.kind != about.kind:
                raise DatasetError(
                    f"“{dataset.name}” is of the type {dataset.kind}, and what is imported of {about.kind}."
                )
            return dataset, False
    taken = {dataset.name.casefold() for dataset in shelf.all()}
    names = numbered(safe_name((name or about.name).replace("@", " "), "Dataset")[:70].strip(), "")
    return shelf.create(next(one for one in names if one.casefold() not in taken), about.kind, about.seed), True


def _take(shelf: Shelf, dataset: Dataset, fresh: bool, package: Package, about: Version, watch: Watch) -> Version:
    folder = shelf.folder(dataset)
    with folder.alone():
        with package.open(f"dataset_v{package.number}.jsonl") as stream:
            staged = folder.stage(_checked(stream, package, about))
        taken: list[Path] = []
        try:
            if staged.digest != about.digest:
                raise DatasetError(f"“{package.name}” is not what was frozen: the digest of its lines differs.")
            _take_media(folder, package, staged, about, taken, watch)
            version = _numbered(folder, dataset, _counted(staged, about))
            folder.publish(staged, version.number, write_version(version))
        except BaseException:
            for file in taken:
                file.unlink(missing_ok=True)
            raise
        finally:
            folder.discard(staged)
    if fresh:
        frozen = Frozen(folder, version)
        shelf.library.drafts.replace(dataset.id, map(row_of, frozen.items()), version.number)
    return version


def _checked(stream: BinaryIO, package: Package, about: Version) -> Iterator[bytes]:
    """The lines as they come, each looked at before it is written."""
    lines = _Kept(stream)
    count = 0
    for item in read_lines(lines, f"{package.name}: dataset_v{package.number}.jsonl"):
        count += 1
        _check_item(item, package, about)
        if count > about.items:
            break
        yield lines.last
    if count != about.items:
        raise DatasetError(f"“{package.name}” has another number of items than it says ({about.items:,}).")


class _Kept:
    """A stream that remembers its last line."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self.last = stream, b""

    def readline(self, most: int) -> bytes:
        self.last = self._stream.readline(most)
        return self.last


def _check_item(item: Item, package: Package, about: Version) -> None:
    if PurePosixPath(item.media).suffix not in KINDS[about.kind].endings:
        raise DatasetError(
            f"“{package.name}” is of {about.kind}, but {item.media[70:]} is none of its files; it is refused."
        )
    size = package.size(item.media)
    if size is None:
        raise DatasetError(f"“{package.name}” lacks the file of “{item.name or item.media}”; export it again.")
    if size != item.size:
        raise DatasetError(f"The file of “{item.name or item.media}” has another size than “{package.name}” says.")


def _take_media(
    folder: DatasetFolder, package: Package, staged: Staged, about: Version, taken: list[Path], watch: Watch
) -> None:
    needed, free = _counted(staged, about).bytes, shutil.disk_usage(folder.folder).free
    if needed + SPARE > free:
        raise StudioError(
            f"“{package.name}” needs {needed / 1e9:.1f} GB, and the disk has {free / 1e9:.1f} GB; free some space."
        )
    with staged.path.open("rb") as stream:
        for number, item in enumerate(read_lines(stream, package.name)):
            watch.report(number / max(about.items, 1), f"Copying {item.name}")
            with package.open(item.media) as source:
                ending = PurePosixPath(item.media).suffix
                come = folder.take_stream(source, ending, item.sha256, watch, item.name or item.media)
            if come.new:
                taken.append(folder.media(come.media))


def _counted(staged: Staged, about: Version) -> Version:
    """What is said of a version, its figures counted here."""
    with staged.path.open("rb") as stream:
        told = statistics(read_lines(stream, staged.path.name))
    return replace(about, items=told.items, songs=told.songs, seconds=told.seconds, bytes=told.bytes,
                   splits={split: part.items for split, part in told.splits.items()})  # fmt: skip


def _numbered(folder: DatasetFolder, dataset: Dataset, about: Version) -> Version:
    """The version under the number that it has here: its own where that is free."""
    numbers = folder.numbers()
    number = about.number if about.number not in numbers else max(numbers) + 1
    return replace(about, name=dataset.name, number=number, seed=dataset.seed)
