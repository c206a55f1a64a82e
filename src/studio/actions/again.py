"""Making a result of the library again: the same once more, or varied."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from ..engine.ai.forms import SEED_LIMIT, TITLES, form
from ..engine.ai.recipes import Recipe
from ..errors import StudioError
from ..storage.library import Generation, Library
from .generating import Making, check_making, making_again
from .models import open_catalogue, open_store
from .stories import title_of

SEEDS = min(SEED_LIMIT, 2**31)
"""New seeds are below it: short enough to be read out."""


def making_of(library: Library, generation: int) -> Making:
    """The request that makes a result again, bit for bit on the machine that made it. Worker threads.

    Its `parent` is that result. Raises StudioError where a model or a sound that it needs is not here.
    """
    making = making_again(recipe_in(_known(library, generation)), library, generation)
    return check_making(making, open_catalogue(), open_store())


def varied(making: Making, values: Mapping[str, Any] | None = None) -> Making:
    """The request with a new seed, or with other values where they are given. Raises StudioError for values that cannot
    be. Worker threads."""
    if values is None:
        if all(one.name != "seed" for one in form(making.task)):
            raise StudioError(f"“{TITLES[making.task]}” knows no chance: it would come out the same. Change a value.")
        values = {"seed": new_seed()}
    return check_making(replace(making, values={**making.values, **values}), open_catalogue(), open_store())


def new_seed() -> int:
    """A seed by chance."""
    return random.randrange(SEEDS)


def label_of(library: Library, generation: int, what: str) -> str:
    """What the queue calls it, such as “slow dub, varied”."""
    return f"{title_of(_known(library, generation))[:60]}, {what}"


def recipe_in(generation: Generation) -> Recipe:
    """The recipe of a generation. Raises StudioError for one that this version cannot read."""
    try:
        return msgspec.convert(generation.recipe, Recipe)
    except msgspec.ValidationError as error:
        raise StudioError("The recipe of this result was written by another version and cannot be read.") from error


def _known(library: Library, generation: int) -> Generation:
    found = library.generation(generation)
    if found is None:
        raise StudioError("This result is no longer in the library.")
    return found
