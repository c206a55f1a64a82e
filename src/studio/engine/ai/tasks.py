"""Every task of the models in one place: what is made, by which function, with which settings, and what this
installation can do now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from ...errors import StudioError
from ..jobs import Work
from . import music, pictures, speech, stems, words
from .catalogue import Catalogue
from .forms import FORMS, TITLES, form, model_task
from .loaders import LOADERS
from .loading import Loaded
from .pictures import Picture
from .sounding import Planar
from .specs import ModelSpec
from .words import Word


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """One result of a task. What the task does not make is None or empty.

    `sound` is float32 (channels, frames) and the `stems` float32 (2, frames), both at `rate`; `picture` is uint8
    (height, width, 3).
    """

    seed: int
    rate: int = 0
    sound: Planar | None = None
    picture: Picture | None = None
    text: str = ""
    words: tuple[Word, ...] = ()
    stems: Mapping[str, Planar] = {}


class Missing(msgspec.Struct, frozen=True):
    """Why a model cannot do a task now: its `package` is not installed, or the model or the part `name` of the
    catalogue is not there ("model"). `hint` is a sentence that says what to do."""

    model: str
    lacks: str
    name: str
    hint: str


class Capability(msgspec.Struct, frozen=True):
    """Whether a task can be done now: the models that can, and what keeps the others from it."""

    task: str
    title: str
    models: tuple[str, ...]
    missing: tuple[Missing, ...]

    @property
    def ready(self) -> bool:
        """Whether any model can do it now."""
        return bool(self.models)


Sources = Mapping[str, Planar]
"""The sounds of a form by name, float32 (channels, frames) at `source_rate`."""


def _music(task: str) -> Callable[[Loaded, Mapping[str, Any], int, Sources, Work], Made]:
    def make(loaded: Loaded, values: Mapping[str, Any], seed: int, sources: Sources, work: Work) -> Made:
        sound = music.make_music(loaded, task, values, seed, sources.get("source"), work)
        return Made(seed=seed, sound=sound, rate=music.rate_of(loaded))

    return make


def _stems(loaded: Loaded, _: Mapping[str, Any], seed: int, sources: Sources, work: Work) -> Made:
    return Made(seed=seed, stems=stems.separate(loaded, _needed(sources), work), rate=stems.RATE)


def _cover(loaded: Loaded, values: Mapping[str, Any], seed: int, _: Sources, work: Work) -> Made:
    return Made(seed=seed, picture=pictures.make_picture(loaded, values, seed, work))


def _speech(loaded: Loaded, values: Mapping[str, Any], seed: int, sources: Sources, work: Work) -> Made:
    sound, rate = speech.speak(loaded, values, seed, sources.get("reference"), work)
    return Made(seed=seed, sound=sound, rate=rate, text=values["prompt"])


def _lyrics(loaded: Loaded, values: Mapping[str, Any], seed: int, sources: Sources, work: Work) -> Made:
    found = words.transcribe(loaded, _needed(sources), values["language"], work)
    return Made(seed=seed, words=found, text=" ".join(word.text for word in found))


def _chat(loaded: Loaded, values: Mapping[str, Any], seed: int, _: Sources, work: Work) -> Made:
    return Made(seed=seed, text=words.answer(loaded, values, seed, work))


def _needed(sources: Sources) -> Planar:
    if "source" not in sources:
        raise StudioError("The sound is missing; choose one.")
    return sources["source"]


TASKS: Mapping[str, Callable[[Loaded, Mapping[str, Any], int, Sources, Work], Made]] = {
    **{task: _music(task) for task in FORMS if model_task(task) == "music"},
    "stems": _stems,
    "cover": _cover,
    "speech": _speech,
    "lyrics": _lyrics,
    "chat": _chat,
}
"""What makes one result of each task, out of a model, values of `forms.read_values`, a seed, sounds and work."""

_IGNORED: Mapping[str, tuple[str, ...]] = {**music.IGNORED, **pictures.IGNORED, **speech.IGNORED}
"""What a family cannot be told."""


def make_one(loaded: Loaded, task: str, values: Mapping[str, Any], seed: int, sources: Sources, work: Work) -> Made:
    """One result. The thread that runs models; raises StudioError, Cancelled, and out of memory as torch raises it."""
    form(task)
    return TASKS[task](loaded, values, seed, sources, work)


def make(loaded: Loaded, task: str, values: Mapping[str, Any], sources: Sources, work: Work) -> Iterator[Made]:
    """The results of a batch one after the other, the first with the seed that `values` tell, each with the next.

    Each is as if it had been made alone. As `make_one` otherwise; what came before an error is already given.
    """
    count, first = int(values.get("batch", 1)), int(values.get("seed", 0))
    for number in range(count):
        yield make_one(loaded, task, values, first + number, sources, work.part(number / count, (number + 1) / count))


def source_rate(loaded: Loaded) -> int:
    """Frames a second in which a model takes the sounds of its task's form."""
    family = loaded.spec.runs_on.family
    if loaded.spec.task == "music":
        return music.rate_of(loaded)
    if loaded.spec.task == "speech":
        return speech.rate_of(loaded)
    return stems.RATE if family == "onnx" else words.RATE


def settings_of(task: str, loader: str) -> tuple[str, ...]:
    """The names of the parameters that a family can be told for a task, in the order of the form. Raises StudioError
    for a task that is none."""
    return tuple(one.name for one in form(task) if one.name not in _IGNORED.get(loader, ()))


def can_do(spec: ModelSpec, task: str) -> bool:
    """Whether a model is one for a task, be it here or not."""
    if spec.kind != "model" or spec.task != model_task(task) or spec.loader not in LOADERS:
        return False
    return spec.task != "music" or task in music.TASKS.get(spec.loader, frozenset())


def capabilities(catalogue: Catalogue, usable: Mapping[str, bool]) -> tuple[Capability, ...]:
    """What can be done now, task by task in the order of the forms. `usable` tells of each entry of the catalogue, by
    name, whether it is on this disk and whole. Any thread; reads nothing."""
    found = []
    for task in FORMS:
        fitting = [spec for spec in catalogue.specs.values() if can_do(spec, task)]
        missing = {spec.name: missing_for(spec, catalogue, usable) for spec in fitting}
        models = tuple(name for name, lacks in missing.items() if not lacks)
        found.append(Capability(task, TITLES[task], models, tuple(one for lacks in missing.values() for one in lacks)))
    return tuple(found)


def missing_for(spec: ModelSpec, catalogue: Catalogue, usable: Mapping[str, bool]) -> list[Missing]:
    """What keeps a model from being used now; `usable` as for `capabilities`. Any thread; reads nothing."""
    lacks = []
    if not spec.runs_on.here:
        package = spec.runs_on.package
        lacks.append(
            Missing(spec.name, "package", package, f"“{spec.title}” needs the package {package}; install it first.")
        )
    for name in (spec.name, *spec.needs.values()):
        if not usable.get(name, False):
            known = catalogue.specs.get(name)
            title = known.title if known is not None else name
            lacks.append(Missing(spec.name, "model", name, f"“{title}” is not here yet; fetch it first."))
    return lacks
