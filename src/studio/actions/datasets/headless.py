"""Datasets without a window: what `studio dataset` does, each as a JSON-ready report. Raises StudioError."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from ...document.project import Project, Track, clip_end, clip_start
from ...engine.ai.datasets.items import DatasetError, Item
from ...engine.ai.datasets.kinds import kind_of
from ...engine.ai.datasets.splits import Splits
from ...engine.ai.datasets.statistics import Statistics, statistics
from ...engine.ai.datasets.versions import Version
from ...engine.jobs import Work
from ...storage import locations
from ...storage.library import Dataset, Library
from ..fromsong import Heard
from ..song import open_song
from .adding import Added, Said, add_files
from .approving import add_approved
from .editing import change_items, planned, take_out
from .examining import Doubt
from .exchanging import export_version, import_version
from .freezing import differences, draft_items, freeze, revert, unfrozen
from .rechecking import recheck
from .shelf import Shelf, check_media, datasets_folder
from .songrange import add_range

Report = dict[str, Any]
Progress = Callable[[float, str], None]

SHORT = 12
"""Digits of a SHA-256 by which an item is called."""


class Range(msgspec.Struct, frozen=True):
    """A part of a song: its folder, a track by name, and seconds (None: where the track begins and ends)."""

    project: Path
    track: str
    begin: float | None = None
    end: float | None = None


@contextmanager
def _shelf() -> Iterator[Shelf]:
    with Library(locations.library_file()) as library:
        yield Shelf(library, datasets_folder())


def _work(progress: Progress) -> Work:
    return Work(progress, threading.Event())


def list_datasets() -> Report:
    """All datasets, each with its versions."""
    with _shelf() as shelf:
        return {"datasets": [_dataset(shelf, dataset) for dataset in shelf.all()]}


def describe_dataset(reference: str) -> Report:
    """A draft or a version: its items and its figures."""
    with _shelf() as shelf:
        dataset, frozen = shelf.refer(reference)
        report = _dataset(shelf, dataset)
        if frozen is not None:
            told = [_item(item) for item in frozen.items()]
            return {**report, "version": _version(frozen.about), "items": told, **_figures(statistics(frozen.items()))}
        plan = planned(shelf, dataset)
        rows = shelf.library.drafts.items(dataset.id)
        told = [_item(item, plan) | _measured(row.facts) for row, item in zip(rows, shelf.items(dataset), strict=False)]
        figures = statistics(draft_items(shelf, dataset)())
        return {**report, "version": None, "items": told, **_figures(figures), "notices": list(plan.notices)}


def create_dataset(name: str, kind: str) -> Report:
    """Makes an empty dataset."""
    with _shelf() as shelf:
        return _dataset(shelf, shelf.create(name, kind_of(kind)))


def add_items(
    name: str, files: Sequence[Path], said: Said, progress: Progress, approved: bool = False, since: str = "",
    tasks: Sequence[str] = (), part: Range | None = None,
) -> tuple[Report, bool]:  # fmt: skip
    """Adds files, what was approved, or a part of a song; False where something could not be added."""
    if not files and not approved and part is None:
        raise DatasetError("Say what is to be added: files, --approved, or --project with --track.")
    work = _work(progress)
    with _shelf() as shelf:
        dataset = shelf.open(name)
        added = add_files(shelf, dataset, files, said, work)
        if approved:
            added += add_approved(shelf, dataset, said, work, _moment(since), tasks)
        if part is not None:
            added += _add_part(shelf, dataset, part, said, work)
        report = _dataset(shelf, shelf.open(name))
    told = [{**_item(one.item), "new": one.new, "doubts": _doubts(one.doubts)} for one in added]
    return {**report, "added": told, "failed": work.failures}, not work.failures


def edit_items(name: str, wanted: Sequence[str], changes: Mapping[str, Any]) -> Report:
    """Changes what is said of items, which are named by the beginning of their SHA-256 or as "all"."""
    if not changes:
        raise DatasetError("Say what is to be changed, such as --caption TEXT.")
    with _shelf() as shelf:
        dataset = shelf.open(name)
        ids = _named(shelf, dataset, wanted)
        change_items(shelf, dataset, ids, changes)
        plan = planned(shelf, dataset)
        rows = shelf.library.drafts.by_ids(ids)
        return {"name": dataset.name, "items": [_item(msgspec.convert(row.told, Item), plan) for row in rows]}


def remove_items(name: str, wanted: Sequence[str]) -> Report:
    """Takes items out of a draft."""
    with _shelf() as shelf:
        dataset = shelf.open(name)
        gone = take_out(shelf, _named(shelf, dataset, wanted)).out
        return {"name": dataset.name, "removed": len(gone), "items": shelf.open(name).items}


def check_dataset(reference: str, progress: Progress, tidy: bool = False) -> tuple[Report, bool]:
    """Looks at every file of a draft or a version; False where one cannot be used. `tidy` deletes the files that
    neither the draft nor a version has."""
    work = _work(progress)
    with _shelf() as shelf:
        dataset, frozen = shelf.refer(reference)
        if frozen is not None:
            wrong = check_media(frozen.folder, frozen.items(), frozen.about.items, work)
            told = [{**_item(item), "unusable": True, "doubts": [state]} for item, state in wrong]
            checked = frozen.about.items
        else:
            found = recheck(shelf, dataset, work)
            told = [
                {**_item(one.item), "unusable": one.unusable, "doubts": _doubts(one.doubts)}
                for one in found
                if one.doubts
            ]
            checked = len(found)
        unused = _unused(shelf, dataset, tidy)
    report = {"name": dataset.name, "checked": checked, "items": told, "unused": unused}
    return report, not any(one["unusable"] for one in told)


def freeze_dataset(name: str, progress: Progress) -> Report:
    """Makes the draft a version."""
    with _shelf() as shelf:
        done = freeze(shelf, shelf.open(name), _work(progress))
        return {**_version(done.version), "new": done.new, "notices": list(done.notices)}


def compare_versions(before: str, after: str) -> Report:
    """What differs between two versions, or a version and a draft."""
    with _shelf() as shelf:
        sides = []
        for reference in (before, after):
            dataset, frozen = shelf.refer(reference)
            sides.append(frozen.items if frozen is not None else draft_items(shelf, dataset))
        found = differences(*sides)
    return {
        "added": found.added,
        "removed": found.removed,
        "changed": found.changed,
        "same": found.same,
        "moved": found.moved,
        "new": [_item(item) for item in found.new],
        "gone": [_item(item) for item in found.gone],
        "changes": [
            {
                "item": one.sha256[:SHORT],
                "name": one.name,
                "fields": {name: [msgspec.to_builtins(value) for value in pair] for name, pair in one.fields.items()},
            }
            for one in found.changes
        ],
    }


def export_dataset(reference: str, out: Path, progress: Progress) -> Report:
    """Writes a version (the latest where none is named) with its media to a zip or a folder."""
    with _shelf() as shelf:
        dataset, frozen = shelf.refer(reference)
        frozen = frozen or shelf.version(dataset)
        export_version(frozen, out, _work(progress))
        return {**_version(frozen.about), "path": str(out)}


def import_dataset(path: Path, name: str, progress: Progress) -> Report:
    """Takes in a version that was exported."""
    with _shelf() as shelf:
        come = import_version(shelf, path, name, _work(progress))
        return {**_version(come.version), "name": come.dataset.name, "new": come.new}


def revert_dataset(reference: str, discard: bool) -> Report:
    """Makes a version the draft. A draft with changes that no version holds is left alone unless `discard` says so."""
    with _shelf() as shelf:
        dataset, frozen = shelf.refer(reference)
        if frozen is None:
            raise DatasetError(f"Name the version too, such as {dataset.name}@v1.")
        if not discard and unfrozen(shelf, dataset):
            raise DatasetError(
                f"The draft of “{dataset.name}” has changes that no version holds; freeze it first, or add --discard."
            )
        revert(shelf, dataset, frozen)
        return {**_version(frozen.about), "items": shelf.open(dataset.name).items}


def delete_dataset(name: str, sure: bool) -> Report:
    """Deletes a dataset with all its versions and files."""
    with _shelf() as shelf:
        dataset = shelf.open(name)
        if not sure:
            raise DatasetError(
                f"This deletes “{dataset.name}” with all its versions and files; add --yes if it should."
            )
        shelf.delete(dataset)
        return {"name": dataset.name}


def _add_part(shelf: Shelf, dataset: Dataset, part: Range, said: Said, work: Work) -> list[Added]:
    song = open_song(part.project, read_only=True)
    try:
        project = song.project
        track = next((one for one in project.tracks if one.name.casefold() == part.track.strip().casefold()), None)
        if track is None:
            raise DatasetError(f"“{project.name}” has no track “{part.track[:60]}”.")
        heard = Heard(track.id, *_frames(project, track, part))
        return add_range(shelf, dataset, song.bundle, project, heard, said, work)
    finally:
        song.close()


def _frames(project: Project, track: Track, part: Range) -> tuple[int, int]:
    if not track.clips and (part.begin is None or part.end is None):
        raise DatasetError(f"“{track.name}” is empty.")
    times = [(int(clip_start(clip, project.time)), int(clip_end(clip, project.time))) for clip in track.clips]
    begin = round(part.begin * project.rate) if part.begin is not None else max(min(times)[0], 0)
    end = round(part.end * project.rate) if part.end is not None else max(end for _, end in times)
    if end - begin < project.rate // 10:
        raise DatasetError("This range is shorter than a tenth of a second; choose a longer one.")
    return begin, end


def _moment(text: str) -> float:
    if not text:
        return 0.0
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError) as cause:
        raise DatasetError(f"“{text[:40]}” is no date; write it as 2026-01-31 or 2026-01-31T18:30.") from cause


def _named(shelf: Shelf, dataset: Dataset, wanted: Sequence[str]) -> list[int]:
    if list(wanted) == ["all"]:
        return shelf.library.drafts.ids(dataset.id)
    ids = []
    for beginning in wanted:
        found = shelf.library.drafts.by_digest(dataset.id, beginning.lower())
        if len(found) != 1:
            several = f"{len(found)} items or more begin" if found else "No item begins"
            raise DatasetError(f"{several} with “{beginning[:64]}”; `dataset list {dataset.name}` shows what each is.")
        ids.append(found[0].id)
    return ids


def _unused(shelf: Shelf, dataset: Dataset, tidy: bool) -> Report:
    folder = shelf.folder(dataset)
    with folder.alone():
        used = {item.media for item in shelf.items(dataset)}
        for number in folder.numbers():
            used |= {item.media for item in shelf.version(dataset, number).items()}
        files = folder.unused(used)
        report = {"files": len(files), "bytes": sum(file.stat().st_size for file in files), "deleted": tidy}
        for file in files if tidy else ():
            file.unlink(missing_ok=True)
    return report


def _dataset(shelf: Shelf, dataset: Dataset) -> Report:
    folder = shelf.folder(dataset)
    return {
        "name": dataset.name,
        "type": dataset.kind,
        "draft": dataset.items,
        "base": dataset.base,
        "latest": folder.latest(),
        "versions": [_version(about) for about in shelf.versions(dataset)],
        "folder": str(folder.folder),
    }


def _version(about: Version) -> Report:
    told: Report = msgspec.to_builtins(about)
    del told["format"]
    return told


def _item(item: Item, plan: Splits | None = None) -> Report:
    told: Report = msgspec.to_builtins(item)
    split = plan.split(item) if plan is not None else item.split
    return {"item": item.sha256[:SHORT], **told, "split": split}


def _measured(facts: Any) -> Report:
    told = facts if isinstance(facts, dict) else {}
    return {
        "measured": {"bpm": told.get("bpm"), "key": told.get("key", ""), **told.get("figures", {})},
        "doubts": [one["sentence"] for one in told.get("doubts", ())],
    }


def _figures(figures: Statistics) -> Report:
    return {"statistics": msgspec.to_builtins(figures)}


def _doubts(doubts: Sequence[Doubt]) -> list[str]:
    return [one.sentence for one in doubts]
