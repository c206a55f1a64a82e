"""Loops over samples that are compiled by numba (ADR 15). Imported by the modules that hold such loops, and only there.

They let other threads run, round as numpy does, and are never reordered for speed, so the same numbers come out for
any split into blocks. A function with a signature is compiled when its module is imported for the first time on a
computer; later it is loaded from beside the source. Either takes too long for the render thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(signature: str) -> Callable[[F], F]:
    """Compiles a function for arguments of these types."""
    return cast(Callable[[F], F], numba.njit(signature, nogil=True, cache=True, error_model="numpy"))


def inlined(function: F) -> F:
    """Compiles a function into those that call it."""
    return cast(F, numba.njit(nogil=True, inline="always", error_model="numpy")(function))
