"""Adapters on a model for the length of one run: applied whole or not at all, and taken off without a trace.

They are never melted into the weights: taking them out again would not give the same bits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from ...errors import StudioError
from .adapters import read_adapter
from .loading import FOREIGN_PROBLEMS, Loaded, is_memory_short, listening

MAX_STRENGTH = 4.0


class Style(msgspec.Struct, frozen=True):
    """An adapter's file and how strongly it is applied: 0 not at all, 1 as it was trained."""

    file: Path
    strength: float = 1.0


@contextmanager
def attached(loaded: Loaded, styles: Sequence[Style]) -> Iterator[None]:
    """While this lasts, the model works with these adapters. The thread that runs models.

    Raises StudioError for a model that takes none, a file that must not be loaded, and an adapter that does not fit;
    the model is then as it was before.
    """
    if not styles:
        yield
        return
    if not hasattr(loaded.model, "load_lora_weights"):
        raise StudioError(f"“{loaded.spec.title}” takes no adapters; choose another model or none.")
    names = [name_of(style.file) for style in styles]
    if len(names) != len(set(names)):
        raise StudioError("The same adapter was chosen twice; choose it once, with another strength.")
    if any(not 0.0 <= style.strength <= MAX_STRENGTH for style in styles):
        raise StudioError(f"The strength of an adapter goes from 0 to {MAX_STRENGTH:g}.")
    try:
        for style, name in zip(styles, names, strict=True):
            _attach(loaded, style, name)
        loaded.model.set_adapters(names, [style.strength for style in styles])
        yield
    finally:
        loaded.model.unload_lora_weights()


def name_of(file: Path) -> str:
    """What an adapter is called inside a model, by its content: other names, such as “train”, mean something there."""
    try:
        with file.open("rb") as stream:
            return f"v_{hashlib.file_digest(stream, 'sha256').hexdigest()[:8]}"
    except OSError as error:
        raise StudioError(f"The adapter “{file.name}” cannot be read ({error.strerror}); fetch it again.") from error


def _attach(loaded: Loaded, style: Style, name: str) -> None:
    told = read_adapter(style.file)
    try:
        with listening([]):
            loaded.model.load_lora_weights(
                str(style.file.parent),
                weight_name=style.file.name,
                adapter_name=name,
                use_safetensors=True,
                local_files_only=True,
            )
    except FOREIGN_PROBLEMS as error:
        if is_memory_short(error):
            raise
        raise _misfit(loaded, style) from error
    if _applied(loaded.model, name) != len(told.modules):
        raise _misfit(loaded, style)


def _misfit(loaded: Loaded, style: Style) -> StudioError:
    return StudioError(
        f"The adapter “{style.file.name}” was not trained on “{loaded.spec.title}”; choose it with its own model."
    )


def _applied(pipe: Any, name: str) -> int:
    """How many modules of a pipeline an adapter changes."""
    parts = [part for part in pipe.components.values() if hasattr(part, "modules")]
    return sum(name in getattr(module, "lora_A", {}) for part in parts for module in part.modules())
