"""How a model made something, whole: enough to make it again, in the library and inside the file itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from ...errors import StudioError
from .forms import SEED_LIMIT, form, read_values

Line = Annotated[str, msgspec.Meta(max_length=400)]
Digest = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{64})?$")]
Value = str | int | float | bool | None

MAX_FRAMES = 1 << 37
"""Bound of positions in a song: weeks at any rate."""

Frames = Annotated[int, msgspec.Meta(ge=-MAX_FRAMES, le=MAX_FRAMES)]


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sound that was worked on: its name and the SHA-256 of its file, never where it lay."""

    name: Line
    sha256: Digest


class AdapterUse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An adapter that was laid over the model: its entry, the SHA-256 of its weights, and how strongly."""

    name: Line
    sha256: Digest
    weight: float = 1.0


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a result belongs: `length` frames at `rate` of the song with the id `song`, from frame(`anchor`) + `offset`
    on, as clips stand, on `track`.

    The result's first `lead` frames lie before that. `over` says that it replaces what is there, and `under` is the
    digest of what was there when it was asked for. `name` is what the song is called.
    """

    song: Line
    name: Line
    track: Line
    anchor: Frames
    offset: Frames
    length: Annotated[int, msgspec.Meta(gt=0, le=MAX_FRAMES)]
    rate: Annotated[int, msgspec.Meta(ge=8_000, le=768_000)]
    lead: Annotated[int, msgspec.Meta(ge=0, le=MAX_FRAMES)] = 0
    over: bool = False
    under: Digest = ""


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What made one result. `values` are those of the task's form without sounds and without how many, `seed` this
    result's own. `place` is where in a song it belongs. `device` and `dtype` say where the numbers came from: on others
    they differ in the last digits."""

    format: Literal[1] = 1
    task: Line
    model: Line
    revision: Line = ""
    digest: Digest = ""
    adapters: Annotated[tuple[AdapterUse, ...], msgspec.Meta(max_length=16)] = ()
    values: Annotated[dict[str, Value], msgspec.Meta(max_length=64)] = {}
    seed: Annotated[int, msgspec.Meta(ge=0, lt=SEED_LIMIT)] = 0
    sources: Annotated[dict[str, Source], msgspec.Meta(max_length=8)] = {}
    place: Place | None = None
    device: Line = ""
    dtype: Line = ""
    studio: Line = ""


def write_recipe(recipe: Recipe) -> str:
    """The recipe as JSON, its names in order, so that the same recipe is the same text."""
    return msgspec.json.encode(recipe, order="sorted").decode()


def read_recipe(text: str) -> Recipe:
    """The recipe that a text holds, wherever it comes from. Raises StudioError for anything else."""
    try:
        recipe = msgspec.json.decode(text.encode("utf-8", "replace"), type=Recipe)
    except (msgspec.DecodeError, RecursionError) as error:
        raise StudioError("What this file says of how it was made is no recipe of this studio.") from error
    values_again(recipe, dict.fromkeys(recipe.sources, "given"))
    return recipe


def values_again(recipe: Recipe, sources: Mapping[str, str]) -> dict[str, Any]:
    """The values that make it again, with the sounds at these paths. Raises StudioError where they make no sense."""
    names = {one.name for one in form(recipe.task)}
    told = {"seed": recipe.seed, "batch": 1}
    again = {**recipe.values, **{name: value for name, value in told.items() if name in names}, **sources}
    return read_values(recipe.task, again)


def words_of(recipe: Recipe) -> str:
    """What it is found by: the description, the beginning of the lyrics, the model."""
    parts = (recipe.values.get("prompt"), str(recipe.values.get("lyrics") or "")[:1000], recipe.model)
    return " ".join(str(part) for part in parts if part)
