"""All that is known of one thing that a model made, told in rows that a person reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from ..engine.ai.forms import TITLES, Choice, Number, Sound, form
from ..engine.ai.recipes import Recipe
from ..errors import StudioError
from ..storage.library import Asset, Generation, Library

Rows = tuple[tuple[str, str], ...]

LONGEST_TEXT = 1 << 20
"""Bytes of a text that are read."""

YES = {True: "yes", False: "no"}


class Story(msgspec.Struct, frozen=True):
    """One generation: its asset (as it was, where it lies in the trash; None where its file was forgotten), its family
    oldest first, the collections that hold it, and its recipe and checks as rows of a name and what is to be read. Of a
    text `text` is what it says."""

    generation: Generation
    asset: Asset | None
    family: tuple[Generation, ...]
    collections: tuple[str, ...]
    recipe: Rows
    facts: Rows
    doubts: tuple[str, ...]
    text: str = ""


def story_of(library: Library, generation: int) -> Story:
    """Reads it all. Worker threads. Raises StudioError when it is gone."""
    found = library.generation(generation)
    if found is None:
        raise StudioError("This result is no longer in the library.")
    if found.trashed:
        asset = next((was for one, was in library.trashed() if one.id == generation), None)
    else:
        asset = library.asset(found.asset) if found.asset is not None else None
    collections = library.collections_of(asset.id) if asset is not None and asset.id else []
    checks = found.checks if isinstance(found.checks, dict) else {}
    return Story(
        found,
        asset,
        tuple(library.lineage(generation)),
        tuple(collections),
        tuple(_recipe_rows(found)),
        tuple(_fact_rows(checks)),
        tuple(str(one.get("sentence", "")) for one in checks.get("remarks") or () if isinstance(one, dict)),
        _text_in(asset.path) if asset is not None and asset.kind == "text" else "",
    )


def _text_in(path: Path) -> str:
    """What a file of text or of lyrics says, empty where it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(LONGEST_TEXT)
        told = json.loads(data) if path.suffix.lower() == ".json" else data.decode("utf-8", "replace")
    except (OSError, ValueError, RecursionError):
        return ""
    return str(told.get("text", "") if isinstance(told, dict) else told)


def title_of(generation: Generation) -> str:
    """What a generation is called: its title, else the first words of its description, else its task."""
    recipe = generation.recipe if isinstance(generation.recipe, dict) else {}
    values = recipe.get("values") if isinstance(recipe.get("values"), dict) else {}
    prompt = " ".join(str((values or {}).get("prompt") or "").split()[:8])
    return generation.title or prompt or TITLES.get(generation.task, generation.task)


def recipe_rows(recipe: Recipe) -> Rows:
    """A recipe that a file brought, in rows."""
    told = Generation(0, None, recipe.task, recipe.model, recipe.revision, msgspec.to_builtins(recipe))
    return tuple(row for row in _recipe_rows(told) if row[0] != "Made")


def _recipe_rows(generation: Generation) -> Iterator[tuple[str, str]]:
    yield "Task", TITLES.get(generation.task, generation.task)
    revision = f" · revision {generation.revision[:12]}" if generation.revision else ""
    yield "Model", generation.model + revision
    try:
        recipe = msgspec.convert(generation.recipe, Recipe)
    except msgspec.ValidationError:
        yield from _raw_rows(generation.recipe)
        return
    for use in recipe.adapters:
        yield "Adapter", f"{use.name}, strength {use.weight:g}"
    yield from _value_rows(recipe)
    yield "Seed", str(recipe.seed)
    if recipe.place is not None:
        yield "Made for", f"the song “{recipe.place.name}”"
    if recipe.device:
        yield "Computed on", " in ".join(part for part in (recipe.device, recipe.dtype) if part)
    yield "Made", f"{datetime.fromtimestamp(generation.made):%d %b %Y, %H:%M} with version {recipe.studio or 'unknown'}"


def _value_rows(recipe: Recipe) -> Iterator[tuple[str, str]]:
    """What was asked for, in the words of the form; values that the form no longer has under their own names."""
    try:
        known = form(recipe.task)
    except StudioError:
        known = ()
    for one in known:
        if isinstance(one, Sound) and one.name in recipe.sources:
            yield one.label, recipe.sources[one.name].name
        value = recipe.values.get(one.name)
        if isinstance(one, Sound) or value is None or value == "":
            continue
        unit = f" {one.unit}" if isinstance(one, Number) and one.unit else ""
        yield one.label, _spoken(dict(one.options).get(str(value), value) if isinstance(one, Choice) else value) + unit
    names = {one.name for one in known}
    yield from ((name, _spoken(value)) for name, value in recipe.values.items() if name not in names)


def _spoken(value: Any) -> str:
    if isinstance(value, bool):
        return YES[value]
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _raw_rows(recipe: Any) -> Iterator[tuple[str, str]]:
    """The rows of a recipe that this version cannot read."""
    for name, value in recipe.items() if isinstance(recipe, dict) else ():
        yield str(name), str(value)[:400]


def _fact_rows(checks: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What was measured of a sound. Nothing for what is none."""
    if "seconds" not in checks:
        return
    yield "Length", f"{checks['seconds']:.2f} s"
    yield from _measured("Loudness", checks.get("loudness"), "LUFS")
    yield from _measured("True peak", checks.get("true_peak"), "dBTP")
    clipped = checks.get("clipped") or 0
    yield "Clipping", "none" if not clipped else f"in {clipped:,} places" if clipped > 1 else "in 1 place"
    silence = checks.get("silence") or 0.0
    yield "Silence", "none" if silence < 0.005 else f"{silence:.0%} of it"
    if checks.get("broken"):
        yield "No numbers", f"{checks['broken']:,} values"
    if checks.get("bpm"):
        yield "Tempo", f"{checks['bpm']:g} BPM{_sureness(checks.get('sure_of_bpm'))}"
    if checks.get("key"):
        yield "Key", f"{checks['key']}{_sureness(checks.get('sure_of_key'))}"
    if checks.get("made"):
        alike = any(one.get("about") == "likeness" for one in checks.get("remarks") or ())
        yield "Duplicates", "one, as said above" if alike else "none among the latest results"


def _measured(name: str, value: float | None, unit: str) -> Iterator[tuple[str, str]]:
    if value is not None:
        yield name, f"{value:.1f} {unit}"


def _sureness(share: float | None) -> str:
    return f", {share:.0%} sure" if share else ""
