"""Making things with models: a request becomes files with their recipe inside, in the library, one for each seed."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace

from .. import __version__
from ..engine.ai.catalogue import Catalogue
from ..engine.ai.forms import Sound, form, model_task, read_values
from ..engine.ai.loading import Loaded
from ..engine.ai.music import make_music, rate_of
from ..engine.ai.recipes import Recipe, Source, read_recipe, values_again, words_of, write_recipe
from ..engine.ai.runtime import Runtime
from ..engine.ai.sounding import Planar
from ..engine.ai.specs import ModelSpec
from ..engine.audio.decode import decode_at, probe
from ..engine.audio.export import AudioWriter
from ..engine.audio.tags import Tags, read_tags, write_tags
from ..engine.jobs import Work
from ..errors import StudioError
from ..storage.library import Generation, Library, NewAsset
from ..storage.modelstore import ModelStore
from ..storage.names import numbered, safe_name
from .models import needed_folders

KIND = "generate"
"""The kind of these jobs in the queue."""

LONGEST_SOURCE_S = 600
"""Seconds of a sound that a model is given to work on."""

LOADED = 0.15
"""How far a job is when its model is there."""


class Making(msgspec.Struct, frozen=True, kw_only=True):
    """A request as a job keeps it: `values` are the form's, sounds among them as paths. `parent` is the generation that
    it varies or works on."""

    task: str
    model: str
    values: dict[str, Any]
    parent: int | None = None


class Made(msgspec.Struct, frozen=True):
    """A file that was made, and its rows in the library (0 without one)."""

    path: str
    generation: int
    asset: int
    seed: int


class Workshop:
    """Where models work: the catalogue, the models on disk and in memory, and where results go. `make` is for the one
    thread that owns the models; the rest for any."""

    def __init__(
        self, catalogue: Catalogue, store: ModelStore, runtime: Runtime, library: Library | None, folder: Path
    ) -> None:
        """Without a library the files are all that is made."""
        self.catalogue, self.store, self.runtime = catalogue, store, runtime
        self._library, self._folder = library, folder

    def check(self, making: Making) -> Making:
        """The request with every value read, if it can be done here and now. Raises StudioError with the reason."""
        spec = self.catalogue.spec(making.model)
        values = read_values(making.task, making.values)
        if spec.task != model_task(making.task) or spec.kind != "model":
            fitting = ", ".join(one.name for one in self.catalogue.of_task(model_task(making.task))) or "none is known"
            raise StudioError(f"“{spec.title}” does not do this; models that do: {fitting}.")
        if not self.store.state(spec).usable:
            raise StudioError(f"“{spec.title}” is not here yet; fetch it first (`studio models pull {spec.name}`).")
        for one in form(making.task):
            if isinstance(one, Sound) and values[one.name] and not Path(values[one.name]).is_file():
                raise StudioError(f"The sound {values[one.name]} is not there; choose another.")
        return replace(making, model=spec.name, values=values)

    def make(self, making: Making, work: Work, out: Path | None = None) -> list[Made]:
        """Makes all that was asked for, each kept as soon as it is there. Raises StudioError, Cancelled.

        `out` names the file to write (numbered where there are several), else they go to the studio's own folder.
        """
        making = self.check(making)
        spec = self.catalogue.spec(making.model)
        folder, needed = self.store.folder(spec), needed_folders(self.catalogue, self.store, spec)
        count, first = int(making.values.get("batch", 1)), int(making.values.get("seed", 0))
        paths = _paths(out, self._folder, making, count)
        made: list[Made] = []
        work.report(0.0, f"Loading {spec.title}")
        for n, seed in enumerate(range(first, first + count)):
            begin = LOADED + (1 - LOADED) * n / count
            part = work.part(begin, begin + (1 - LOADED) / count)

            def task(loaded: Loaded, seed: int = seed, part: Work = part) -> tuple[Planar, int, Recipe]:
                rate = rate_of(loaded)
                source = _sources(making, rate).get("source")
                sound = make_music(loaded, making.task, making.values, seed, source, part)
                return sound, rate, _recipe(making, spec, seed, loaded)

            sound, rate, recipe = self.runtime.run(spec, folder, task, needed)
            made.append(self._keep(sound, rate, recipe, paths[n], making.parent))
        return made

    def _keep(self, sound: Planar, rate: int, recipe: Recipe, path: Path, parent: int | None) -> Made:
        """Writes a result with its recipe inside and puts it into the library."""
        write_sound(path, sound, rate, recipe)
        if self._library is None:
            return Made(str(path), 0, 0, recipe.seed)
        (asset,) = self._library.add_assets([_asset(path, sound.shape, rate, recipe)])
        kept = msgspec.to_builtins(recipe)
        generation = self._library.add_generation(
            Generation(0, asset, recipe.task, recipe.model, recipe.revision, kept, parent, words=words_of(recipe))
        )
        return Made(str(path), generation, asset, recipe.seed)


def run_queued(workshop: Workshop, parameters: Any, results: Mapping[str, Any], work: Work) -> Any:
    """A job of the queue: its request, with values that come from the jobs it needed filled in. Returns what was made.

    A value {"job": id} stands for what that job made: its text, or the first of its files.
    """
    making = msgspec.convert(parameters, Making)
    values = {name: _filled(value, results) for name, value in making.values.items()}
    return msgspec.to_builtins({"made": workshop.make(replace(making, values=values), work)})


def _filled(value: Any, results: Mapping[str, Any]) -> Any:
    if not isinstance(value, dict) or set(value) != {"job"}:
        return value
    result = results.get(str(value["job"])) or {}
    made = result.get("made") or [{}]
    return result.get("text") or made[0].get("path", "")


def recipe_of(path: Path) -> Recipe | None:
    """How a file was made, None where it does not say. Raises StudioError for tags that are none. Worker threads."""
    text = read_tags(path).recipe
    return read_recipe(text) if text else None


def making_again(recipe: Recipe, library: Library, parent: int | None = None) -> Making:
    """The request that makes a recipe's result again. Raises StudioError where a sound it worked on is not known."""
    sources = {name: _found(source, library) for name, source in recipe.sources.items()}
    return Making(task=recipe.task, model=recipe.model, values=values_again(recipe, sources), parent=parent)


def _found(source: Source, library: Library) -> str:
    known = [asset.path for asset in library.find_by_digest(source.sha256) if asset.path.is_file()]
    if not known:
        raise StudioError(f"It was made from “{source.name}”, which is not in the library; import that sound first.")
    return str(known[0])


def _recipe(making: Making, spec: ModelSpec, seed: int, loaded: Loaded) -> Recipe:
    sounds = {one.name for one in form(making.task) if isinstance(one, Sound)}
    left_out = {*sounds, "seed", "batch"}
    return Recipe(
        task=making.task,
        model=spec.name,
        revision=spec.revision,
        values={name: value for name, value in making.values.items() if name not in left_out},
        seed=seed,
        sources={name: _source(Path(making.values[name])) for name in sorted(sounds) if making.values[name]},
        device=loaded.device,
        dtype=loaded.dtype,
        studio=__version__,
    )


def _source(path: Path) -> Source:
    with path.open("rb") as file:
        return Source(path.stem[:400], hashlib.file_digest(file, "sha256").hexdigest())


def _sources(making: Making, rate: int) -> dict[str, Planar]:
    """The sounds to work on, stereo at the model's rate."""
    found = {}
    for one in form(making.task):
        if isinstance(one, Sound) and making.values[one.name]:
            path = Path(making.values[one.name])
            about = probe(path)
            if about.frames > LONGEST_SOURCE_S * about.rate:
                raise StudioError(
                    f"“{path.name}” is longer than ten minutes, the most a model can work on; cut it first."
                )
            sound = decode_at(path, rate)
            found[one.name] = np.repeat(sound, 2, axis=0) if sound.shape[0] == 1 else sound[:2]
    return found


def write_sound(path: Path, sound: Planar, rate: int, recipe: Recipe) -> None:
    """Writes float32 (channels, frames) as FLAC of 24 bits or WAV of 32, its recipe inside; the file appears whole.

    Raises StudioError. Worker threads.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in {"flac", "wav"}:
        raise StudioError(f"“{path.name}” would lose something or the recipe; name it .flac or .wav.")
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f".{uuid.uuid4().hex[:12]}.{kind}")
    title = str(recipe.values.get("prompt") or path.stem)[:200]
    try:
        with AudioWriter(staged, kind, rate, sound.shape[0], "32f" if kind == "wav" else "24") as writer:  # type: ignore[arg-type]
            writer.write(sound)
        write_tags(staged, Tags(title, recipe=write_recipe(recipe), comment=f"Made with {recipe.model}"))
        staged.replace(path)
    except OSError as error:
        raise StudioError(f"“{path.name}” cannot be written: {error.strerror or error}.") from error
    finally:
        staged.unlink(missing_ok=True)


def _asset(path: Path, shape: tuple[int, ...], rate: int, recipe: Recipe) -> NewAsset:
    about = path.stat()
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    bpm, key = recipe.values.get("bpm"), recipe.values.get("key")
    return NewAsset(
        "generated",
        path,
        size=about.st_size,
        modified=about.st_mtime,
        digest=digest,
        seconds=shape[1] / rate,
        rate=rate,
        channels=shape[0],
        bpm=float(bpm) if isinstance(bpm, int | float) and bpm else None,
        key=str(key or ""),
    )


def _paths(out: Path | None, folder: Path, making: Making, count: int) -> Sequence[Path]:
    """A free name for each result: the one that was asked for, numbered from the second on, or the first words."""
    if out is not None:
        names: Iterator[str] = numbered(out.stem, out.suffix)
        return [out.with_name(next(names)) for _ in range(count)]
    words = " ".join(str(making.values.get("prompt", making.task)).split()[:6])
    free = (name for name in numbered(safe_name(words, making.task), ".flac") if not (folder / name).exists())
    return [folder / next(free) for _ in range(count)]
