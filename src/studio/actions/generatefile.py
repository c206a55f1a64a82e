"""Making something with a model without a window: the headless door's `generate`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from ..engine.ai.forms import form, model_task, parse_settings
from ..engine.ai.hardware import accelerator
from ..engine.ai.runtime import Runtime
from ..engine.ai.tasks import can_do
from ..engine.audio.decode import probe
from ..engine.jobs import Work
from ..errors import StudioError
from ..storage import locations
from ..storage.library import Library
from .generating import Making, Workshop, making_again, recipe_of
from .madefiles import SOUNDS
from .models import open_catalogue, open_store
from .styles import parse_uses

Report = dict[str, Any]


def generated_folder() -> Path:
    """Where what models make is kept unless it is said otherwise."""
    return locations.data_folder() / "generated"


def generate_file(
    task: str,
    model: str,
    given: dict[str, Any],
    settings: Sequence[str],
    out: Path,
    progress: Callable[[float, str], None],
    again: Path | None = None,
    keep: bool = False,
    adapters: Sequence[str] = (),
) -> Report:
    """Makes what is asked for and tells of it. Raises StudioError with the reason.

    `again` is a file whose recipe is taken; what is given besides goes before it. `adapters` are names, or names with
    a strength such as "warm=0.7". With `keep` the result is put into the library, which is where sounds that a recipe
    needs are looked for.
    """
    begun = time.monotonic()
    form(task)
    catalogue = open_catalogue()
    values = {**given, **parse_settings(task, settings)}
    with Library(locations.library_file()) as library:
        if again is not None:
            making = _again(again, library, task, model, values)
        else:
            fitting = [spec for spec in catalogue.of_task(model_task(task)) if can_do(spec, task)]
            making = Making(task=task, model=model or _only(fitting, task), values=values)
        if adapters:
            making = replace(making, adapters=parse_uses(adapters))
        runtime = Runtime(accelerator())
        workshop = Workshop(catalogue, open_store(), runtime, library if keep else None, generated_folder())
        made = workshop.make(making, Work(progress, threading.Event()), out)
    spec = catalogue.spec(making.model)
    files = [{"path": one.path, "seed": one.seed, **_told(Path(one.path), one.text)} for one in made]
    return {
        "task": making.task,
        "model": spec.name,
        "title": spec.title,
        "device": runtime.device.name,
        "made": files,
        "took": round(time.monotonic() - begun, 3),
    }


def _again(file: Path, library: Library, task: str, model: str, values: dict[str, Any]) -> Making:
    recipe = recipe_of(file)
    if recipe is None:
        raise StudioError(
            f"“{file.name}” does not say how it was made; choose a file that a model of this studio made."
        )
    if recipe.task != task:
        raise StudioError(f"“{file.name}” was made by the task {recipe.task}, not by {task}.")
    making = making_again(recipe, library)
    return replace(making, model=model or making.model, values={**making.values, **values})


def _only(specs: Sequence[Any], task: str) -> str:
    if len(specs) != 1:
        known = ", ".join(spec.name for spec in specs) or "none is known"
        raise StudioError(f"Say with --model which model is to do “{task}”: {known}.")
    return str(specs[0].name)


def _told(path: Path, text: str) -> Report:
    """The length of a sound, or the text that was written."""
    if path.suffix.lower() not in SOUNDS:
        return {"text": text} if text else {}
    about = probe(path)
    return {"seconds": round(about.frames / about.rate, 3)}
