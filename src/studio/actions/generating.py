"""Making things with models: a request becomes files with their recipe inside, in the library, one for each seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace

from .. import __version__
from ..engine.ai import tasks
from ..engine.ai.attaching import attached
from ..engine.ai.catalogue import Catalogue
from ..engine.ai.forms import Sound, form, model_task, read_values
from ..engine.ai.loading import Loaded
from ..engine.ai.recipes import AdapterUse, Place, Recipe, Source, read_recipe, values_again, words_of
from ..engine.ai.runtime import Runtime
from ..engine.ai.sounding import Planar
from ..engine.ai.specs import ModelSpec
from ..engine.audio.decode import decode_at, probe
from ..engine.jobs import Work
from ..errors import StudioError
from ..storage.library import Generation, Library
from ..storage.modelstore import ModelStore
from ..storage.names import numbered, safe_name
from .checking import Asked, check_sound
from .madefiles import ENDINGS, asset_of, check_ending, digest_of, ending_of, free_names, write_made
from .models import needed_folders
from .recipefiles import recipe_text
from .styles import check_uses, lay

KIND = "generate"
"""The kind of these jobs in the queue."""

LONGEST_SOURCE_S = 600
"""Seconds of a sound that a model is given to work on."""

COMPARED = 200
"""So many earlier results a new one is held against; with a minute of sound each takes some 1.2 ms."""

LOADED = 0.15
"""How far a job is when its model is there."""


class Making(msgspec.Struct, frozen=True, kw_only=True):
    """A request as a job keeps it: `values` are the form's, sounds among them as paths. `parent` is the generation that
    it varies or works on. `adapters` are laid over the model; where one has a digest, it must be that very file.
    `place` is where in a song the result belongs; with `put` it goes there by itself."""

    task: str
    model: str
    values: dict[str, Any]
    adapters: tuple[AdapterUse, ...] = ()
    parent: int | None = None
    place: Place | None = None
    put: bool = False


class Made(msgspec.Struct, frozen=True):
    """A file that was made, and its rows in the library (0 without one). `text` is what was said or written, if any."""

    path: str
    generation: int
    asset: int
    seed: int
    text: str = ""


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
        return check_making(making, self.catalogue, self.store)

    def make(self, making: Making, work: Work, out: Path | None = None) -> list[Made]:
        """Makes all that was asked for, each kept as soon as it is there. Raises StudioError, Cancelled.

        `out` names the file to write (numbered where there are several), else they go to the studio's own folder.
        """
        making = self.check(making)
        spec = self.catalogue.spec(making.model)
        laid = lay(spec, making.adapters, self.catalogue, self.store)
        folder, needed = self.store.folder(spec), needed_folders(self.catalogue, self.store, spec)
        count, first = int(making.values.get("batch", 1)), int(making.values.get("seed", 0))
        self.store.touch(spec)
        sounds = any(isinstance(one, Sound) and making.values[one.name] for one in form(making.task))
        paths = _paths(out, self._folder, making, count)
        made: list[Made] = []
        work.report(0.0, f"Loading {spec.title}")
        work.check()
        for n, seed in enumerate(range(first, first + count)):
            begin = LOADED + (1 - LOADED) * n / count
            part = work.part(begin, begin + (1 - LOADED) / count)

            def task(loaded: Loaded, seed: int = seed, part: Work = part) -> tuple[tasks.Made, Recipe]:
                sources = _sources(making, tasks.source_rate(loaded)) if sounds else {}
                with attached(loaded, [style for style, _ in laid]):
                    result = tasks.make_one(loaded, making.task, making.values, seed, sources, part)
                return result, _recipe(making, spec, seed, loaded, tuple(use for _, use in laid))

            result, recipe = self.runtime.run(spec, folder, task, needed)
            made += self._keep(result, recipe, paths[n], making.parent, work)
        return made

    def _keep(self, result: tasks.Made, recipe: Recipe, path: Path, parent: int | None, work: Work) -> Iterator[Made]:
        """Writes a result with its recipe inside and puts it into the library, with what can be measured of it.

        A file that does not get that far is taken away again.
        """
        files = write_made(result, path, recipe)
        strays = [place for place, _ in files]
        try:
            for place, sound in files:
                if self._library is None:
                    strays.remove(place)
                    yield Made(str(place), 0, 0, recipe.seed, result.text)
                    continue
                facts = None
                if sound is not None:
                    others = self._library.prints(COMPARED)
                    facts = check_sound(sound, result.rate, _asked(recipe), others, work.check)
                (asset,) = self._library.add_assets([asset_of(place, sound, result.rate, recipe)])
                strays.remove(place)
                kept = self._library.add_generation(_generation(asset, recipe, parent, facts))
                yield Made(str(place), kept, asset, recipe.seed, result.text)
        finally:
            for place in strays:
                place.unlink(missing_ok=True)


def check_making(making: Making, catalogue: Catalogue, store: ModelStore) -> Making:
    """The request with every value read, if it can be done here and now: nothing of it is found out only when its turn
    comes. Looks at the disk: worker threads. Raises StudioError with the reason."""
    spec = catalogue.spec(making.model)
    values = read_values(making.task, making.values)
    if not tasks.can_do(spec, making.task):
        able = [one for one in catalogue.of_task(model_task(making.task)) if tasks.can_do(one, making.task)]
        fitting = ", ".join(one.name for one in able) or "none is known"
        raise StudioError(f"“{spec.title}” does not do this; models that do: {fitting}.")
    check_uses(spec, making.adapters, catalogue)
    if not spec.runs_on.here:
        raise StudioError(
            f"“{spec.title}” needs the package {spec.runs_on.package}; install it, or choose another model."
        )
    for one in (spec, *(catalogue.spec(name) for name in (*spec.needs.values(), *(a.name for a in making.adapters)))):
        if not store.state(one).usable:
            raise StudioError(f"“{one.title}” is not here yet; fetch it first (`studio models pull {one.name}`).")
    for parameter in form(making.task):
        if isinstance(parameter, Sound) and values[parameter.name]:
            _check_sound(Path(values[parameter.name]), values)
    return replace(making, model=spec.name, values=values)


def _check_sound(path: Path, values: Mapping[str, Any]) -> None:
    """Raises StudioError for a sound that a model cannot be given, or a beginning beyond its end."""
    if not path.is_file():
        raise StudioError(f"The sound {path} is not there; choose another.")
    about = probe(path)
    if about.frames > LONGEST_SOURCE_S * about.rate:
        raise StudioError(f"“{path.name}” is longer than ten minutes, the most a model can work on; cut it first.")
    if values.get("begin", 0.0) * about.rate >= about.frames > 0:
        end = about.frames / about.rate
        raise StudioError(f"The range to be made anew lies beyond “{path.name}”, which ends at {end:.2f} s.")


def _generation(asset: int, recipe: Recipe, parent: int | None, facts: Any) -> Generation:
    """The row of a result."""
    return Generation(
        0,
        asset,
        recipe.task,
        recipe.model,
        recipe.revision,
        msgspec.to_builtins(recipe),
        parent,
        checks=msgspec.to_builtins(facts),
        words=words_of(recipe),
    )


def _asked(recipe: Recipe) -> Asked:
    """What of a request can be measured."""

    def number(name: str) -> float | None:
        value = recipe.values.get(name)
        return float(value) if isinstance(value, int | float) and value else None

    seconds = number("seconds") if recipe.task == "music" else None
    return Asked(seconds, number("bpm"), str(recipe.values.get("key") or ""))


def run_queued(workshop: Workshop, parameters: Any, results: Mapping[str, Any], work: Work) -> Any:
    """A job of the queue: its request, with values that come from the jobs it needed filled in. Returns what was made.

    A value {"job": id} stands for what that job made: its text, or the first of its files. Where the results belong is
    returned with them.
    """
    making = msgspec.convert(parameters, Making)
    values = {name: _filled(value, results) for name, value in making.values.items()}
    made = workshop.make(replace(making, values=values), work)
    return msgspec.to_builtins({"made": made, "place": making.place, "put": making.put})


def _filled(value: Any, results: Mapping[str, Any]) -> Any:
    if not isinstance(value, dict) or set(value) != {"job"}:
        return value
    made = ((results.get(str(value["job"])) or {}).get("made") or [{}])[0]
    path = str(made.get("path", ""))
    if not made.get("text") and path.endswith((*ENDINGS["chat"], *ENDINGS["lyrics"])):
        raise StudioError("The job before has written no word; begin it again with another seed.")
    return made.get("text") or path


def recipe_of(path: Path) -> Recipe | None:
    """How a file was made, None where it does not say. Raises StudioError for a recipe that is none. Worker threads."""
    text = recipe_text(path)
    return read_recipe(text) if text else None


def making_again(recipe: Recipe, library: Library, parent: int | None = None) -> Making:
    """The request that makes a recipe's result again. Raises StudioError where a sound it worked on is not known."""
    sources = {name: _found(source, library) for name, source in recipe.sources.items()}
    values = values_again(recipe, sources)
    return Making(task=recipe.task, model=recipe.model, values=values, adapters=recipe.adapters, parent=parent,
                  place=recipe.place)  # fmt: skip


def _found(source: Source, library: Library) -> str:
    known = [asset.path for asset in library.find_by_digest(source.sha256) if asset.path.is_file()]
    if not known:
        raise StudioError(f"It was made from “{source.name}”, which is not in the library; import that sound first.")
    return str(known[0])


def _recipe(making: Making, spec: ModelSpec, seed: int, loaded: Loaded, uses: tuple[AdapterUse, ...]) -> Recipe:
    sounds = {one.name for one in form(making.task) if isinstance(one, Sound)}
    left_out = {*sounds, "seed", "batch"}
    return Recipe(
        task=making.task,
        model=spec.name,
        revision=spec.revision,
        adapters=uses,
        values={name: value for name, value in making.values.items() if name not in left_out},
        seed=seed,
        sources={name: _source(Path(making.values[name])) for name in sorted(sounds) if making.values[name]},
        place=making.place,
        device=loaded.device,
        dtype=loaded.dtype,
        studio=__version__,
    )


def _source(path: Path) -> Source:
    return Source(path.stem[:400], digest_of(path))


def _sources(making: Making, rate: int) -> dict[str, Planar]:
    """The sounds to work on, stereo at the model's rate."""
    found = {}
    for one in form(making.task):
        if isinstance(one, Sound) and making.values[one.name]:
            sound = decode_at(Path(making.values[one.name]), rate)
            found[one.name] = np.repeat(sound, 2, axis=0) if sound.shape[0] == 1 else sound[:2]
    return found


def _paths(out: Path | None, folder: Path, making: Making, count: int) -> Sequence[Path]:
    """A free name for each result: the one that was asked for, numbered from the second on, or the first words."""
    if out is not None:
        check_ending(making.task, out)
        names = numbered(out.stem, out.suffix)
        return [out.with_name(next(names)) for _ in range(count)]
    said = str(making.values.get("prompt") or "").strip() or _first_source(making)
    words = " ".join(said.splitlines()[0].split()[:6])
    free = free_names(numbered(safe_name(words, making.task), ending_of(making.task)), folder)
    return [next(free) for _ in range(count)]


def _first_source(making: Making) -> str:
    sounds = [making.values[one.name] for one in form(making.task) if isinstance(one, Sound)]
    return Path(sounds[0]).stem if sounds else making.task
