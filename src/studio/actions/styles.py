"""Adapters laid over a model for one request: which fit it, whether they are here, and what a recipe says of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..engine.ai.attaching import MAX_STRENGTH, Style
from ..engine.ai.catalogue import Catalogue
from ..engine.ai.folders import adapter_file
from ..engine.ai.recipes import AdapterUse
from ..engine.ai.specs import ModelSpec
from ..errors import StudioError
from ..storage.modelstore import ModelStore
from .madefiles import digest_of

MOST = 8
"""Adapters at once."""

Laid = tuple[Style, AdapterUse]
"""How an adapter is attached, and how it stands in the recipe."""


def lay(spec: ModelSpec, uses: Sequence[AdapterUse], catalogue: Catalogue, store: ModelStore) -> list[Laid]:
    """The files of the adapters that a request names, each with the digest that it has. Reads them: worker threads.

    Raises StudioError for one that is not known, not here, not for this model, chosen twice, too strong, or another
    than the digest says that comes with it.
    """
    check_uses(spec, uses, catalogue)
    return [_laid(use, catalogue.spec(use.name), store) for use in uses]


def check_uses(spec: ModelSpec, uses: Sequence[AdapterUse], catalogue: Catalogue) -> None:
    """Raises StudioError for adapters that this model cannot be given. Reads nothing."""
    names = [use.name for use in uses]
    if len(names) != len(set(names)):
        raise StudioError("The same adapter was chosen twice; choose it once, with another strength.")
    if len(names) > MOST:
        raise StudioError(f"{len(names)} adapters are too many at once; {MOST} is the most.")
    fitting = {one.name for one in catalogue.adapters(spec.name)}
    for use in uses:
        adapter = catalogue.spec(use.name)
        if adapter.name not in fitting:
            known = ", ".join(sorted(fitting)) or "none is known"
            raise StudioError(f"“{adapter.title}” was not trained on “{spec.title}”; adapters that were: {known}.")
        if not 0.0 <= use.weight <= MAX_STRENGTH:
            raise StudioError(f"The strength of “{adapter.title}” goes from 0 to {MAX_STRENGTH:g}.")


def parse_uses(words: Sequence[str]) -> tuple[AdapterUse, ...]:
    """Adapters from words such as "warm" or "warm=0.7". Raises StudioError for a strength that is no number."""
    found = []
    for word in words:
        name, sign, weight = word.partition("=")
        try:
            found.append(AdapterUse(name.strip(), "", float(weight) if sign else 1.0))
        except ValueError as error:
            raise StudioError(
                f"“{word[:60]}” is no adapter; write its name, or name=strength, such as warm=0.7."
            ) from error
    return tuple(found)


def _laid(use: AdapterUse, adapter: ModelSpec, store: ModelStore) -> Laid:
    place: Path = store.folder(adapter)
    file = adapter_file(adapter, place)
    digest = digest_of(file)
    if use.sha256 and use.sha256 != digest:
        raise StudioError(
            f"“{adapter.title}” is another than the one it was made with; put that one back, or make it without."
        )
    return Style(file, use.weight), AdapterUse(adapter.name, digest, use.weight)
