"""Teaching a model by a frozen version of a dataset: items become examples, the loop runs, and the adapter that comes
of it is known to the catalogue, if it is better than none.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from ..engine.ai.catalogue import Catalogue
from ..engine.ai.datasets.items import Item
from ..engine.ai.datasets.versions import Version
from ..engine.ai.loading import Loaded
from ..engine.ai.pictures import Picture
from ..engine.ai.runtime import Runtime
from ..engine.ai.sounding import Planar
from ..engine.ai.specs import ModelSpec
from ..engine.ai.training.loop import Outcome, Task, train
from ..engine.ai.training.music import MusicExample, music_task
from ..engine.ai.training.pictures import PICTURE_FAMILIES, PictureExample, picture_task
from ..engine.ai.training.settings import Settings
from ..engine.audio.decode import decode_at
from ..engine.jobs import Work
from ..errors import StudioError
from ..storage.locations import data_folder
from ..storage.modelstore import ModelStore
from ..storage.names import numbered, safe_name
from .datasets.shelf import Frozen
from .models import add_model, needed_folders

READ, LEARNED = 0.1, 1.0
"""How far a training is when its items are read, and when it has learned."""

KINDS = {"music": "music", "cover": "image"}
"""The type of dataset that a task's models learn from."""

FAMILIES = frozenset({"AceStepPipeline", *PICTURE_FAMILIES})
"""The loaders of the models that can be taught."""

STORY = "lineage.json"


class Teaching(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be taught: a model by its name, and how. `title` is what the adapter will be called."""

    model: str
    settings: Settings
    title: str = ""


class Taught(msgspec.Struct, frozen=True):
    """What came of it. `adapter` is the name in the catalogue, empty where it was no better than none and not added;
    `folder` holds its file, its lineage and what a further training needs to go on."""

    adapter: str
    folder: Path
    said: str
    base: float | None
    best: float | None
    steps: int
    ending: str
    overtrained: int | None


def learners(catalogue: Catalogue, store: ModelStore, kind: str) -> list[tuple[str, str, bool]]:
    """The models that learn from a type of dataset: name, title, and whether what is trained is here."""
    fitting = [spec for spec in catalogue.specs.values() if spec.kind == "model" and spec.loader in FAMILIES]
    found = []
    for spec in (one for one in fitting if KINDS.get(one.task) == kind):
        here = all(store.state(one).usable for one in (_learner(catalogue, spec.name), spec))
        found.append((spec.name, spec.title, here))
    return sorted(found, key=lambda one: not one[2])


def teach(
    teaching: Teaching, frozen: Frozen, catalogue: Catalogue, store: ModelStore, runtime: Runtime, work: Work
) -> Taught:
    """Trains an adapter on a version of a dataset. The thread that owns the models; raises StudioError, Cancelled.

    What was interrupted goes on where its last checkpoint was when the same is asked for again.
    """
    spec = _learner(catalogue, teaching.model)
    if teaching.settings.sample_every:
        raise StudioError("Samples cannot be made while this model learns; leave sample_every at 0.")
    kind = KINDS.get(spec.task)
    if kind != frozen.about.kind:
        raise StudioError(
            f"“{spec.title}” does not learn from a dataset of the type {frozen.about.kind}; choose another dataset."
        )
    if not store.state(spec).usable:
        raise StudioError(f"“{spec.title}” is not here yet; fetch it first (`studio models pull {spec.name}`).")
    work.report(0.0, "Comparing the dataset with its digests")
    frozen.check_media()
    folder = _folder(teaching, frozen.about)
    items = list(frozen.items())

    def run(loaded: Loaded) -> Outcome:
        with _task(loaded, teaching.settings, frozen, items, work.part(0.0, READ)) as task:
            return train(task, teaching.settings, folder, work.part(READ, LEARNED))

    outcome = runtime.run(spec, store.folder(spec), run, needed_folders(catalogue, store, spec))
    return _kept(teaching, frozen.about, spec, outcome, folder)


def _learner(catalogue: Catalogue, name: str) -> ModelSpec:
    """The entry that is trained: the model itself, or the one that adapters for it are trained on."""
    spec = catalogue.spec(name)
    if spec.kind != "model" or spec.task not in KINDS:
        raise StudioError(f"“{spec.title}” cannot be taught; choose a model for music or for cover pictures.")
    return catalogue.spec(spec.training_base) if spec.training_base else spec


def _task(
    loaded: Loaded, settings: Settings, frozen: Frozen, items: Sequence[Item], work: Work
) -> AbstractContextManager[Task]:
    """The items to learn from and those to be judged by, as the family of the model has them."""
    seen = [item for item in items if item.split == "train"]
    judged = [item for item in items if item.split == "validation"]
    if not seen:
        raise StudioError(f"“{frozen.about.name}” has nothing to learn from; add items and freeze another version.")
    if loaded.spec.task == "music":
        rate = int(loaded.model.vae.config.sampling_rate)
        heard = [_music(frozen.media(item), item, rate) for item in (*seen, *judged)]
        return music_task(loaded, settings, heard[: len(seen)], heard[len(seen) :], work)
    shown = [_picture(frozen.media(item), item) for item in (*seen, *judged)]
    return picture_task(loaded, settings, shown[: len(seen)], shown[len(seen) :], work)


def _music(path: Path, item: Item, rate: int) -> MusicExample:
    def read() -> Planar:
        sound = decode_at(path, rate)
        return np.repeat(sound, 2, axis=0) if sound.shape[0] == 1 else sound[:2]

    return MusicExample(read, item.sha256, _caption(item), item.lyrics, item.bpm, item.key)


def _picture(path: Path, item: Item) -> PictureExample:
    def read() -> Picture:
        from PIL import Image

        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"), np.uint8)

    return PictureExample(read, item.sha256, _caption(item))


def _caption(item: Item) -> str:
    return ", ".join(part for part in (item.caption, *item.tags) if part) or item.name


def _folder(teaching: Teaching, about: Version) -> Path:
    """Where this very training works: the same request finds its checkpoints again."""
    named = f"{teaching.title or about.name} {about.digest[:8]} {teaching.model} {_mark(teaching.settings)}"
    return data_folder() / "trainings" / safe_name(named, "training")


def _mark(settings: Settings) -> str:
    return hashlib.sha256(msgspec.json.encode(settings)).hexdigest()[:8]


def _kept(teaching: Teaching, about: Version, spec: ModelSpec, outcome: Outcome, folder: Path) -> Taught:
    """Writes the lineage beside the adapter, and makes it known where it is better or nothing could tell."""
    story = _story(teaching, about, spec, outcome)
    (folder / STORY).write_bytes(msgspec.json.format(msgspec.json.encode(story), indent=1))
    name = ""
    if outcome.better or outcome.base is None:
        name = _known(teaching, about, spec, outcome.adapter, folder)
    progress = outcome.progress
    return Taught(
        name, folder, outcome.said, outcome.base, outcome.best, progress.step, outcome.ending, progress.overtrained
    )


def _story(teaching: Teaching, about: Version, spec: ModelSpec, outcome: Outcome) -> Mapping[str, Any]:
    return {
        "format": 1,
        "dataset": {"name": about.name, "version": about.number, "digest": about.digest},
        "base": {"name": spec.name, "revision": spec.revision},
        "settings": msgspec.to_builtins(teaching.settings),
        "before": outcome.base,
        "best": outcome.best,
        "step": outcome.progress.best,
        "ending": outcome.ending,
        "said": outcome.said,
        "losses": [[point.step, point.loss] for point in outcome.progress.losses],
        "validations": [[point.step, point.loss] for point in outcome.progress.validations],
    }


def _known(teaching: Teaching, about: Version, spec: ModelSpec, adapter: Path, folder: Path) -> str:
    """Puts the adapter among the user's models, under a free name; returns it."""
    title = teaching.title or f"{about.name} v{about.number}"
    place = data_folder() / "adapters"
    place.mkdir(parents=True, exist_ok=True)
    names = numbered(
        "".join(c if c.isascii() and c.isalnum() else "-" for c in title.lower()).strip("-") or "taught", ""
    )
    for name in (name.replace(" ", "-").strip("-")[:64] for name in names):
        file = place / f"{name}.safetensors"
        if file.exists():
            if file.read_bytes() == adapter.read_bytes():
                return name
            continue
        shutil.copyfile(adapter, file)
        shutil.copyfile(folder / STORY, file.with_suffix(".json"))
        add_model(
            {
                "name": name, "title": title, "task": spec.task, "loader": spec.loader, "kind": "adapter",
                "base": teaching.model, "licence": spec.licence, "commercial": spec.commercial,
                "attribution": spec.attribution, "folder": str(file),
                "note": f"Taught by {about.name}, version {about.number}.",
            }
        )  # fmt: skip
        return name
    raise AssertionError("names go on for ever")
