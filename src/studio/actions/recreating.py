"""Recipes that files brought, held against the models and sounds that are here."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ..engine.ai.catalogue import Catalogue
from ..engine.ai.recipes import Recipe
from ..errors import StudioError
from ..storage.library import Library
from ..storage.modelstore import ModelStore
from .generating import Making, check_making, making_again
from .madefiles import digest_of
from .styles import lay


class Again(msgspec.Struct, frozen=True):
    """A recipe held against what is here: the request that makes it again, None where `obstacle` says why it cannot be
    made now and what to do; and in what the result will differ all the same."""

    recipe: Recipe
    making: Making | None
    obstacle: str = ""
    differs: tuple[str, ...] = ()


def made_of(library: Library, path: Path) -> int | None:
    """The generation whose file this is, by its place or by what it holds; None where the library knows none."""
    known = [asset for asset in (library.find_by_path(path.resolve()),) if asset is not None]
    known = known or (library.find_by_digest(digest_of(path)) if path.is_file() else [])
    found = library.generations_of([asset.id for asset in known])
    return next((one.id for one in found.values()), None)


def hold_against(
    recipe: Recipe, library: Library, catalogue: Catalogue, store: ModelStore, parent: int | None = None
) -> Again:
    """A recipe held against the models and sounds that are here. Reads adapters: worker threads."""
    try:
        spec = catalogue.spec(recipe.model)
    except StudioError:
        told = f"It was made by “{recipe.model}”, which the catalogue does not have; add that model, then fetch it."
        return Again(recipe, None, told)
    try:
        making = check_making(making_again(recipe, library, parent), catalogue, store)
        lay(spec, recipe.adapters, catalogue, store)
    except StudioError as error:
        return Again(recipe, None, str(error))
    differs = []
    if recipe.revision != spec.revision:
        was, here = recipe.revision[:12] or "none that is known", spec.revision[:12] or "none that is known"
        differs.append(
            f"“{spec.title}” is here in another revision ({here}; it was made with {was}), so it will sound or look "
            "otherwise. To have the same, add that revision to the catalogue and fetch it."
        )
    return Again(recipe, making, differs=tuple(differs))
