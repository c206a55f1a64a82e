"""All datasets: drafts in the library, media and frozen versions in a folder of each.

Where the library was lost the folders tell all that was frozen: a dataset is taken up again from its latest version.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from ...engine.ai.datasets.items import DatasetError, Item, Unfit, convert_item
from ...engine.ai.datasets.kinds import KINDS, Kind
from ...engine.ai.datasets.lines import read_lines
from ...engine.ai.datasets.versions import Version, read_version, split_reference
from ...errors import StudioError
from ...storage import locations
from ...storage.datasets import DatasetFolder, Seen
from ...storage.failures import file_failure
from ...storage.library import Dataset, DraftItem, Library
from ...storage.modelstore.wanted import UNWATCHED, Watch
from ...storage.names import safe_name

LONGEST_NAME = 80
NAMED = 3
"""So many of the files that are wrong are named in a sentence."""


def datasets_folder() -> Path:
    """Where datasets lie."""
    return locations.data_folder() / "datasets"


class Frozen:
    """A frozen version that was found to be what it was. Any thread."""

    def __init__(self, folder: DatasetFolder, about: Version) -> None:
        self.folder, self.about = folder, about

    def items(self) -> Iterator[Item]:
        """Its items in order, read one by one. Raises DatasetError where a line is none."""
        path = self.folder.lines(self.about.number)
        try:
            with path.open("rb") as stream:
                yield from read_lines(stream, path.name)
        except OSError as cause:
            raise DatasetError(file_failure(f"Reading {path.name} of “{self.about.name}”", cause)) from cause

    def media(self, item: Item) -> Path:
        """Where an item's file lies; `check_media` says whether it is what it was."""
        return self.folder.media(item.media)

    def check_media(self, watch: Watch = UNWATCHED) -> None:
        """Raises DatasetError that names the media that vanished or changed. Worker threads; later calls are quick."""
        wrong = check_media(self.folder, self.items(), self.about.items, watch)
        if wrong:
            raise DatasetError(said_wrong(f"Version {self.about.number} of “{self.about.name}”", wrong))


class Shelf:
    """The datasets of a library whose files lie under `root`. Any thread; what touches the disk may take a while."""

    def __init__(self, library: Library, root: Path) -> None:
        self.library, self.root = library, root

    def all(self) -> list[Dataset]:
        """All datasets in alphabetical order, those too whose rows were lost."""
        known = {one.name.casefold() for one in self.library.drafts.all()}
        for folder in sorted(self.root.iterdir()) if self.root.is_dir() else []:
            plain = folder.is_dir() and not folder.name.startswith(".")
            if plain and folder.name.casefold() not in known and not self.library.read_only:
                self._take_up(folder.name)
        return self.library.drafts.all()

    def open(self, name: str) -> Dataset:
        """The dataset of this name. Raises DatasetError where there is none."""
        found = self.library.drafts.find(name)
        if found is None:
            found = next((one for one in self.all() if one.name.casefold() == name.strip().casefold()), None)
        if found is None:
            raise DatasetError(f"There is no dataset “{name[:80]}”; make it first, or look at the list.")
        return found

    def create(self, name: str, kind: Kind, seed: int | None = None) -> Dataset:
        """Makes an empty dataset whose splits are drawn from `seed` (None: one of chance). Raises StudioError for a
        name that is taken, or that no folder can have."""
        plain = " ".join(name.split())
        if not plain or plain != safe_name(plain, "") or "@" in plain or len(plain) > LONGEST_NAME:
            raise DatasetError(
                f"“{name[:80]}” cannot be a dataset's name; use up to {LONGEST_NAME} letters, digits and spaces"
                ' without @ < > : " / \\ | ? *.'
            )
        if DatasetFolder(self.root, plain).numbers():
            self.all()
        self.library.drafts.add(plain, kind, secrets.randbits(32) if seed is None else seed)
        return self.open(plain)

    def delete(self, dataset: Dataset) -> None:
        """Deletes a dataset with its draft, its versions and its media."""
        folder = self.folder(dataset).folder
        gone = folder.with_name(f".{secrets.token_hex(6)}.gone")
        try:
            if folder.exists():
                folder.rename(gone)
            self.library.drafts.remove(dataset.id)
        except OSError as cause:
            raise StudioError(file_failure(f"Deleting the dataset “{dataset.name}”", cause)) from cause
        for left in (gone, *self.root.glob(".*.gone")):
            shutil.rmtree(left, ignore_errors=True)

    def folder(self, dataset: Dataset) -> DatasetFolder:
        """The files of a dataset."""
        return DatasetFolder(self.root, dataset.name)

    def items(self, dataset: Dataset) -> Iterator[Item]:
        """The items of the draft in order. Raises DatasetError for one that this version cannot read."""
        return (item_of(row) for row in self.library.drafts.items(dataset.id))

    def versions(self, dataset: Dataset) -> list[Version]:
        """What is said of each version, the first one first; those that cannot be read are left out."""
        folder = self.folder(dataset)
        found = []
        for number in folder.numbers():
            try:
                found.append(_about(folder, number))
            except StudioError:
                continue
        return found

    def version(self, dataset: Dataset, number: int = 0, watch: Watch = UNWATCHED) -> Frozen:
        """A version, the latest where no number is given. Raises DatasetError where it is not there or was changed."""
        folder = self.folder(dataset)
        number = number or folder.latest()
        if not folder.numbers():
            raise DatasetError(f"“{dataset.name}” has no version yet; freeze its draft first.")
        if number not in folder.numbers():
            raise DatasetError(f"“{dataset.name}” has no version {number}; it has {_listed(folder.numbers())}.")
        about = _about(folder, number)
        if folder.digest(number, watch) != about.digest:
            raise DatasetError(
                f"{folder.lines(number).name} of “{dataset.name}” is not what was frozen: its digest differs. Put the"
                " file back from a copy, or import the version again."
            )
        return Frozen(folder, about)

    def refer(self, reference: str) -> tuple[Dataset, Frozen | None]:
        """The dataset of "NAME" and the version of "NAME@v3" or "NAME@latest"; without a version the draft is meant."""
        name, number = split_reference(reference)
        dataset = self.open(name)
        return dataset, self.version(dataset, number) if number is not None else None

    def _take_up(self, name: str) -> None:
        """Gives a folder whose rows were lost a draft again, that of its latest version."""
        folder = DatasetFolder(self.root, name)
        try:
            about = _about(folder, folder.latest())
            frozen = Frozen(folder, about)
            dataset = self.library.drafts.add(name, about.kind, about.seed)
            self.library.drafts.replace(dataset, map(row_of, frozen.items()), about.number)
        except StudioError:
            return


def item_of(row: DraftItem) -> Item:
    """The item of a row. Raises DatasetError for one that this version cannot read."""
    try:
        return convert_item(row.told)
    except Unfit as error:
        raise DatasetError(
            f"An item of the dataset cannot be read: {error}; take it out ({row.sha256[:12]})."
        ) from error


def row_of(item: Item) -> DraftItem:
    """The row of an item of which nothing is measured yet."""
    return DraftItem(0, 0, item.sha256, item)


def check_media(folder: DatasetFolder, items: Iterator[Item], count: int, watch: Watch) -> list[tuple[Item, str]]:
    """The items whose files are "gone" or "changed"."""
    seen = Seen(folder)
    wrong: list[tuple[Item, str]] = []
    for number, item in enumerate(items):
        watch.check()
        watch.report(number / max(count, 1), f"Looking at {item.name or item.media}")
        if state := seen.state(item.media, item.sha256, watch):
            wrong.append((item, state))
    seen.note()
    return wrong


def said_wrong(what: str, wrong: list[tuple[Item, str]]) -> str:
    """A sentence about media that vanished or changed."""
    told = ", ".join(f"“{item.name or item.sha256[:12]}” {_STATES[state]}" for item, state in wrong[:NAMED])
    rest = f" and {len(wrong) - NAMED:,} others" if len(wrong) > NAMED else ""
    return f"{what} cannot be used: {told}{rest}. Add the files again, or take the items out."


_STATES = {"gone": "is gone", "changed": "has changed"}


def _about(folder: DatasetFolder, number: int) -> Version:
    name = folder.about(number).name
    about = read_version(folder.read_about(number), name)
    if about.number != number:
        raise DatasetError(f"{name} of “{folder.name}” describes version {about.number}; it is another's.")
    return about


def _listed(numbers: list[int]) -> str:
    return ", ".join(f"v{number}" for number in numbers[-10:])


def titles(kind: str) -> str:
    """What a kind is called."""
    return next((about.title for name, about in KINDS.items() if name == kind), kind)
