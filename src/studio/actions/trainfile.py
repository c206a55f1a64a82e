"""Teaching a model without a window: the headless door's `train`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ..engine.ai.hardware import accelerator
from ..engine.ai.runtime import Runtime
from ..engine.ai.training.settings import read_settings
from ..engine.jobs import Work
from ..errors import StudioError
from ..storage import locations
from ..storage.library import Library
from .datasets.shelf import Shelf, datasets_folder
from .models import open_catalogue, open_store
from .training import Teaching, teach


def train_file(
    reference: str, model: str, settings: Mapping[str, Any], title: str, progress: Callable[[float, str], None]
) -> dict[str, Any]:
    """Trains an adapter for a model on "NAME@v3" and tells of it. Raises StudioError with the reason."""
    begun = time.monotonic()
    teaching = Teaching(model=model, settings=read_settings(settings), title=title)
    with Library(locations.library_file()) as library:
        _, frozen = Shelf(library, datasets_folder()).refer(reference)
        if frozen is None:
            raise StudioError(f"Say which version is to be learned from, such as “{reference}@latest”.")
        runtime = Runtime(accelerator())
        work = Work(progress, threading.Event())
        taught = teach(teaching, frozen, open_catalogue(), open_store(), runtime, work)
    told = msgspec.structs.asdict(taught)
    return {
        **told,
        "folder": str(taught.folder),
        "device": runtime.device.name,
        "took": round(time.monotonic() - begun, 3),
    }
