"""What was approved in the library becomes items, each with the recipe that made it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from ...engine.ai.datasets.kinds import KINDS, Kind, kind_of
from ...engine.ai.recipes import Recipe
from ...engine.jobs import Work
from ...errors import StudioError
from ...storage.library import Asset, Dataset, Generation, Library
from ..models import open_catalogue
from .adding import Added, Candidate, Said, add_all, with_recipe, works_of
from .shelf import Shelf

TASKS: Mapping[Kind, tuple[str, ...]] = {
    "music": ("music", "music-cover", "music-repaint", "music-extend"),
    "drums": (),
    "voice": ("speech",),
    "image": ("cover",),
    "text": ("chat", "lyrics"),
}
"""What models make that fits a kind; for drums whatever comes as MIDI."""

PAGE = 200


def add_approved(
    shelf: Shelf, dataset: Dataset, said: Said, work: Work, since: float = 0.0, tasks: Sequence[str] = ()
) -> list[Added]:
    """Adds what was approved, fits the kind and was made since a moment; what is there already is passed over."""
    found = list(approved(shelf.library, kind_of(dataset.kind), since, tasks))
    fresh = [
        (one, asset) for one, asset in found
        if not asset.digest or not shelf.library.drafts.by_digest(dataset.id, asset.digest)
    ]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="studio-dataset-") as folder:
        candidates = (_generated(shelf.library, one, asset, said, Path(folder)) for one, asset in fresh)
        return add_all(shelf, dataset, candidates, work, len(fresh))


def approved(
    library: Library, kind: Kind, since: float = 0.0, tasks: Sequence[str] = ()
) -> Iterator[tuple[Generation, Asset]]:
    """What was approved and fits a kind, the first made first."""
    wanted = tuple(task for task in tasks or TASKS[kind])
    assets: list[Asset] = []
    while page := library.search(approval="approved", tasks=wanted, limit=PAGE, offset=len(assets)):
        assets += page
    fitting = [asset for asset in assets if _fits(kind, asset)]
    made = library.generations_of([asset.id for asset in fitting])
    pairs = [(made[asset.id], asset) for asset in fitting if asset.id in made]
    yield from sorted((pair for pair in pairs if pair[0].made >= since), key=lambda pair: (pair[0].made, pair[0].id))


def _fits(kind: Kind, asset: Asset) -> bool:
    if kind == "text":
        return asset.path.suffix.lower() in {".txt", ".json"}
    return asset.path.suffix.lower() in KINDS[kind].endings


def _generated(library: Library, one: Generation, asset: Asset, said: Said, folder: Path) -> Candidate:
    recipe = _recipe(one)
    known = replace(
        said,
        caption=said.caption or one.description,
        tags=said.tags or asset.tags,
        song=said.song or (f"generation {library.lineage(one.id)[0].id}" if one.parent else ""),
        licence=said.licence or _licence(one.model),
    )
    if recipe is not None:
        known = with_recipe(known, recipe, one.checks if isinstance(one.checks, dict) else {})
    known = replace(known, song=known.song or f"generation {one.id}")
    path = asset.path
    if path.suffix.lower() == ".json":
        path = _text_of(path, folder / f"{one.id}.txt")
    told = msgspec.to_builtins(recipe) if recipe is not None else None
    return Candidate(path=path, name=one.title or asset.name, source=f"generation {one.id}", said=known, recipe=told,
                     works=works_of(recipe) if recipe is not None else ())  # fmt: skip


def _recipe(one: Generation) -> Recipe | None:
    try:
        return msgspec.convert(one.recipe, Recipe)
    except msgspec.ValidationError:
        return None


def _licence(model: str) -> str:
    try:
        spec = open_catalogue().spec(model)
    except StudioError:
        return ""
    return f"made with {spec.title} ({spec.licence})"


def _text_of(path: Path, out: Path) -> Path:
    """The words of a text that was kept with times, as a file of its own."""
    try:
        told = json.loads(path.read_text("utf-8"))
        out.write_text(str(told["text"]), "utf-8")
    except (OSError, ValueError, KeyError, TypeError):
        return path
    return out
