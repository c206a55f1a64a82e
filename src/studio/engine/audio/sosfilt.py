"""scipy's cascade of second-order filters, without the rest of scipy.

`import scipy.signal` brings statistics, optimisers and special functions with it: most of a second in which long calls
into C hold the interpreter, so that the window stands still and the render thread waits. The filter needs none of it.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_PACKAGE, _NAME = "scipy.signal", "scipy.signal._sosfilt"


def _load() -> Any:
    """The compiled module under its own name, so that a later import of the package takes the same one.

    Imported with its package where it does not lie beside it as one file. Raises ImportError without scipy.
    """
    loaded = sys.modules.get(_NAME)
    if loaded is not None:
        return loaded
    file = _file()
    spec = importlib.util.spec_from_file_location(_NAME, file) if file else None
    if spec is None or spec.loader is None:
        return importlib.import_module(_NAME)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return sys.modules.setdefault(_NAME, module)


def _file() -> Path | None:
    scipy = importlib.util.find_spec("scipy")
    if scipy is None or scipy.origin is None:
        return None
    stem = Path(scipy.origin).parent.joinpath(*_NAME.split(".")[1:])
    return next((file for suffix in EXTENSION_SUFFIXES if (file := stem.with_name(stem.name + suffix)).exists()), None)


_filter = _load()._sosfilt


def sosfilt(sections: npt.NDArray[np.float64], signal: npt.NDArray[np.float64], state: npt.NDArray[np.float64]) -> None:
    """Filters `signal` (channels, frames) in place; holds no lock while it runs. Any thread.

    `sections` (n, 6) as b0 b1 b2 1 a1 a2; `state` (channels, n, 2) goes on from call to call. All float64, contiguous.
    """
    _filter(sections, signal, state)
