"""A model's run, kept from leaving traces: chance of its own, no gradients, no chatter, and errors as sentences."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...errors import StudioError
from .loading import Loaded, is_foreign, is_memory_short, listening


@contextmanager
def guarded(loaded: Loaded, seed: int = 0) -> Iterator[None]:
    """While this lasts, torch's chance begins at `seed` and is given back as it was. The thread that runs models.

    Errors of the libraries become sentences, as `told` has it.
    """
    import torch

    with torch.inference_mode(), torch.random.fork_rng(), warnings.catch_warnings(), listening([]), told(loaded):
        warnings.simplefilter("ignore")
        torch.manual_seed(seed)
        yield


@contextmanager
def told(loaded: Loaded) -> Iterator[None]:
    """Raises StudioError in place of what the libraries raise; out of memory and StudioErrors pass through."""
    try:
        yield
    except Exception as error:
        if not is_foreign(error) or is_memory_short(error):
            raise
        raise StudioError(_sentence(loaded, error)) from error


def _sentence(loaded: Loaded, error: BaseException) -> str:
    told = str(error).strip()
    why = told.splitlines()[0][:200] if told else type(error).__name__
    return f"“{loaded.spec.title}” could not do that ({why}); try other settings, or verify the model."


@contextmanager
def watched(module: Any, before: Any) -> Iterator[None]:
    """While this lasts, `before()` is called whenever a torch module is about to run; it may raise to stop it."""
    hook = module.register_forward_pre_hook(lambda *_: before())
    try:
        yield
    finally:
        hook.remove()
