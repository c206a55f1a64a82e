"""What is done to many things of the library at once: each is tried, what fails is noted, and the others go on."""

from __future__ import annotations

import math
import shutil
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from ..engine.jobs import Work
from ..errors import StudioError
from ..storage.library import Approval, Asset, Generation, Library, LibraryReadOnly, Mark
from ..storage.names import numbered
from .madefiles import digest_of, free_names

BATCH = 100
"""So many are changed in one step of the library."""

MANY = 1_000_000
"""More than any library holds: all that is found."""


class Picked(NamedTuple):
    """Something of the library, and its mark if a model made it."""

    asset: Asset
    mark: Mark | None


Change = Callable[[Sequence[Picked]], object]


def for_all(library: Library, ids: Sequence[int], change: Change, work: Work, together: int = BATCH) -> int:
    """Does something to the assets with these ids, some together; returns for how many that worked. Worker threads.

    Where a step fails it is tried for each by itself, so that only those fail that are to blame. Raises Cancelled
    between the steps, and LibraryReadOnly; what is done then stays done.
    """
    done = 0
    for begin in range(0, len(ids), together):
        work.check()
        part = ids[begin : begin + together]
        marks, assets = library.marks_of(part), library.assets(part)
        if len(assets) < len(part):
            work.fail(f"{_counted(len(part) - len(assets))} no longer in the library.")
        done += _step([Picked(asset, marks.get(asset.id)) for asset in assets], change, work)
        work.report((begin + len(part)) / len(ids), f"{begin + len(part):,} of {len(ids):,}")
    return done


def _step(picked: Sequence[Picked], change: Change, work: Work) -> int:
    try:
        if picked:
            change(picked)
        return len(picked)
    except LibraryReadOnly:
        raise  # it would fail for every one with the same sentence
    except (StudioError, OSError) as error:
        if len(picked) > 1:
            return sum(_step([one], change, work) for one in picked)
        reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        work.fail(reason if picked[0].asset.name in reason else f"“{picked[0].asset.name}”: {reason}")
        return 0


def _counted(count: int) -> str:
    return "1 thing is" if count == 1 else f"{count:,} things are"


def of_models(library: Library, ids: Sequence[int], change: Callable[[list[int]], object], work: Work) -> int:
    """Does something to those that models made, given by generation; the others are told of once and left alone."""
    left = 0

    def step(picked: Sequence[Picked]) -> None:
        nonlocal left
        made = [one.mark.generation for one in picked if one.mark is not None]
        if made:
            change(made)
        left += len(picked) - len(made)

    done = for_all(library, ids, step, work)
    if left:
        work.fail(f"{_counted(left)} not made by a model and left as {'it is' if left == 1 else 'they are'}.")
    return done - left


def decide(library: Library, ids: Sequence[int], approval: Approval, reason: str, work: Work) -> int:
    """Approves or rejects with a reason, or takes that back ("open")."""
    return of_models(library, ids, lambda made: library.decide(made, approval, reason), work)


def rate(library: Library, ids: Sequence[int], stars: int, work: Work) -> int:
    """Gives 0 (none) to 5 stars."""
    return of_models(library, ids, lambda made: library.rate(made, stars), work)


def categorise(library: Library, ids: Sequence[int], category: str, work: Work) -> int:
    """Puts into a category, or into none."""
    return of_models(library, ids, lambda made: library.categorise(made, category), work)


def trash(library: Library, ids: Sequence[int], work: Work) -> int:
    """Takes out of sight; the files stay where they lie."""
    return of_models(library, ids, library.trash, work)


def tag(library: Library, ids: Sequence[int], name: str, on: bool, work: Work) -> int:
    """Puts a tag on, or takes it off."""
    change = library.tag if on else library.untag
    return for_all(library, ids, lambda picked: change([one.asset.id for one in picked], name), work)


def export_copies(library: Library, ids: Sequence[int], folder: Path, work: Work) -> int:
    """Copies the files into a folder, each whole or not at all; a taken name gets a number."""
    return for_all(library, ids, lambda picked: _copy(picked[0].asset, folder), work, together=1)


def _copy(asset: Asset, folder: Path) -> None:
    if not asset.path.is_file():
        raise StudioError(_gone(asset))
    folder.mkdir(parents=True, exist_ok=True)
    staged = folder / f".{uuid.uuid4().hex[:12]}{asset.path.suffix}"
    try:
        shutil.copy2(asset.path, staged)
        staged.replace(next(free_names(numbered(asset.path.stem, asset.path.suffix), folder)))
    except OSError as error:
        raise StudioError(f"“{asset.name}” cannot be copied to {folder}: {error.strerror or error}.") from error
    finally:
        staged.unlink(missing_ok=True)


def verify(library: Library, ids: Sequence[int], work: Work) -> int:
    """Looks whether each file is there and holds what it held; returns how many do."""
    return for_all(library, ids, lambda picked: check_file(picked[0].asset), work, together=1)


def check_file(asset: Asset) -> None:
    """Raises StudioError for a file that is gone or has another content than the library noted."""
    if not asset.path.is_file():
        raise StudioError(_gone(asset))
    if asset.size and asset.path.stat().st_size != asset.size:
        raise StudioError(f"“{asset.name}” has another size than it had; {asset.path} was changed or cut short.")
    if asset.digest and digest_of(asset.path) != asset.digest:
        raise StudioError(f"“{asset.name}” has another content than it had; {asset.path} was changed.")


def _gone(asset: Asset) -> str:
    return f"“{asset.name}” is not at {asset.path}; plug in its disk, or remove it from the library."


# -- the trash -------------------------------------------------------------------------------------------------------


def restore(library: Library, generations: Sequence[int], work: Work) -> int:
    """Brings generations back from the trash; returns how many came."""

    def one(generation: Generation, asset: Asset) -> None:
        library.restore([generation.id])

    return _in_trash(library, generations, one, work)


def delete_for_good(library: Library, generations: Sequence[int], work: Work) -> int:
    """Deletes what lies in the trash with its files, and nothing else; returns how many are gone.

    A file that holds something else by now, or that the library lists again, stays; its old recipe is forgotten.
    """

    def one(generation: Generation, asset: Asset) -> None:
        if library.find_by_path(asset.path) is None and _same(asset):
            asset.path.unlink(missing_ok=True)
        library.forget_generations([generation.id])

    return _in_trash(library, generations, one, work)


def _same(asset: Asset) -> bool:
    """Whether a file is still that of its asset, as far as that was noted."""
    try:
        check_file(asset)
    except StudioError:
        return False
    return True


def _in_trash(
    library: Library, generations: Sequence[int], change: Callable[[Generation, Asset], None], work: Work
) -> int:
    lying, done = {generation.id: (generation, asset) for generation, asset in library.trashed()}, 0
    for number, key in enumerate(generations):
        work.check()
        if key not in lying:
            work.fail("Something is no longer in the trash.")
            continue
        generation, asset = lying[key]
        try:
            change(generation, asset)
            done += 1
        except OSError as error:
            work.fail(f"“{asset.name}” cannot be deleted: {error.strerror or error}.")
        except StudioError as error:
            work.fail(str(error))
        work.report((number + 1) / len(generations), asset.name)
    return done


# -- listening -------------------------------------------------------------------------------------------------------


def equal_gains(loudness: Sequence[float | None]) -> list[float]:
    """The gains in decibels that bring sounds of these loudnesses in LUFS to the softest: none is raised, so that
    nothing clips. What has no loudness is left as it is."""
    known = [one for one in loudness if one is not None and math.isfinite(one)]
    softest = min(known, default=0.0)
    return [0.0 if one is None or not math.isfinite(one) else softest - one for one in loudness]
