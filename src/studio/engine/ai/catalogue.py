"""The catalogue of neural models: models.toml of the studio and one of the user's own, read and checked by schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from ...errors import StudioError
from .loaders import LOADERS
from .specs import ModelSpec

SHIPPED = Path(__file__).resolve().parents[4] / "models.toml"
"""The catalogue that comes with the studio."""

MAX_SIZE = 4_000_000
"""Bytes; an entry is about one thousand."""

WANTED = {
    "name": "small letters, digits, dots and dashes",
    "repo": "OWNER/NAME as the hub writes it",
    "revision": "the 40 hexadecimal digits of a commit, or nothing to keep what the first download finds",
    "sha256": "64 hexadecimal digits in small letters",
    "path": "a path inside the model's folder, with forward slashes",
    "licence": "the licence's short name, such as Apache-2.0",
    "commercial": "true or false",
    "gated": "true or false",
    "task": "one of music, cover, chat, speech, lyrics, stems, video",
    "kind": "model, adapter or part",
    "dtype": "float32, bfloat16 or float16",
    "overrides": "a table of components with float32, bfloat16 or float16 each",
    "timestep_rule": "uniform, logit-normal or sampler",
    "memory": "gigabytes from 0 to 4096",
    "comfortable": "gigabytes from 0 to 4096",
    "stems": "a list of short names in small letters, in the order in which the network gives them",
}
"""What each field is to hold, for the sentence that says it does not."""


class Catalogue(msgspec.Struct, frozen=True):
    """The models that are known, by name, and a sentence for each entry or file that cannot be used."""

    specs: Mapping[str, ModelSpec]
    refused: tuple[str, ...] = ()

    def spec(self, name: str) -> ModelSpec:
        """The model of this name. Raises StudioError that lists what there is."""
        found = self.specs.get(name.strip().lower())
        if found is None:
            known = ", ".join(sorted(self.specs)) or "none"
            raise StudioError(f"The model “{name[:100]}” is not in the catalogue; choose one of {known}.")
        return found

    def of_task(self, task: str) -> tuple[ModelSpec, ...]:
        """The models that do this, without adapters, in the order of the catalogue."""
        return tuple(spec for spec in self.specs.values() if spec.task == task and spec.kind == "model")

    def adapters(self, name: str) -> tuple[ModelSpec, ...]:
        """The adapters that were trained on the model of this name, or on what it is trained on."""
        bases = {name, self.spec(name).training_base} - {""}
        return tuple(spec for spec in self.specs.values() if spec.kind == "adapter" and spec.base in bases)


def load_catalogue(own: Path | None = None) -> Catalogue:
    """The studio's models and the user's own, which may replace them by name. Any thread.

    One bad entry costs only itself; a file that is not there counts as empty.
    """
    specs: dict[str, ModelSpec] = {}
    refused: list[str] = []
    for file in (SHIPPED, *([own] if own is not None else [])):
        for entry, problem in _entries(file):
            if entry is None:
                refused.append(problem)
            else:
                specs[entry.name] = entry
    lost = [sentence for spec in specs.values() for sentence in _dangling(spec, specs)]
    return Catalogue(specs, (*refused, *lost))


def read_entry(raw: object, file: str) -> ModelSpec:
    """One entry out of plain values. Raises StudioError that names the file, the entry and the field."""
    name = raw.get("name") if isinstance(raw, dict) else None
    where = f"The entry “{str(name)[:64]}” of {file}" if name else f"An entry of {file} without a name"
    try:
        spec = msgspec.convert(raw, ModelSpec, strict=True)
    except msgspec.ValidationError as error:
        raise StudioError(f"{where} cannot be used: {_explain(str(error))}") from error
    problem = _contradiction(spec)
    if problem:
        raise StudioError(f"{where} cannot be used: {problem}")
    return spec


def _entries(file: Path) -> Iterable[tuple[ModelSpec | None, str]]:
    """Each entry of a file, or a sentence in its place."""
    try:
        if file.stat().st_size > MAX_SIZE:
            raise StudioError("it is too large to be a catalogue")
        listed = msgspec.toml.decode(file.read_bytes())
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError, msgspec.DecodeError, StudioError, RecursionError) as error:
        yield None, f"The catalogue {file.name} cannot be read ({error}); correct it or remove it."
        return
    models = listed.get("model", [])
    strange = sorted(set(listed) - {"model"})
    if strange or not isinstance(models, list):
        yield None, f"The catalogue {file.name} holds “{(strange or ['model'])[0]}”; it is to hold [[model]] tables."
    for raw in models if isinstance(models, list) else ():
        try:
            yield read_entry(raw, file.name), ""
        except StudioError as error:
            yield None, str(error)


def _explain(problem: str) -> str:
    """A sentence about one field out of what the schema says."""
    at = re.search(r"at `\$(.*?)`$", problem)
    fields = re.findall(r"\w+", at[1]) if at else []
    named = re.search(r"(?:field|unknown field) `(\w+)`", problem)
    if "missing required field" in problem and named:
        return f"the field `{named[1]}` is missing; it is to be {WANTED.get(named[1], 'a text')}."
    if "unknown field" in problem and named:
        return f"the field `{named[1]}` is not known; check how it is written."
    known = [field for field in fields if field in ModelSpec.__struct_fields__ or field in {"path", "sha256", "bytes"}]
    if not known:
        return f"{problem}."
    wanted = WANTED.get(known[-1])
    return f"the field `{known[-1]}` makes no sense ({'it is to be ' + wanted if wanted else problem})."


def _contradiction(spec: ModelSpec) -> str:
    """What of an entry does not go together, empty where all does."""
    paths = [file.path for file in spec.files]
    problems = {
        f"the field `loader` names “{spec.loader}”; the loaders are {', '.join(LOADERS)}.": spec.loader not in LOADERS,
        "it is to have either the field `repo` or the field `folder`.": bool(spec.repo) == spec.local,
        "the field `revision` belongs to a `repo`.": bool(spec.revision) and not spec.repo,
        "the field `base` is missing; it is to name the model that the adapter was trained on.": (
            spec.kind == "adapter" and not spec.base
        ),
        "the field `comfortable` is below `memory`.": bool(spec.comfortable) and spec.comfortable < spec.memory,
        "the field `files` names a path twice.": len(paths) != len(set(paths)),
    }
    return next((problem for problem, holds in problems.items() if holds), "")


def _dangling(spec: ModelSpec, specs: Mapping[str, Any]) -> Iterable[str]:
    """Sentences for names of other entries that are not there. The entry itself can be used without."""
    for field, name in (("base", spec.base), ("training_base", spec.training_base), *spec.needs.items()):
        if name and name not in specs:
            yield f"The entry “{spec.name}” names “{name}” as its {field}, which is not in the catalogue; add it."


def entry_text(spec: ModelSpec) -> str:
    """An entry as it stands in a catalogue, without what is as usual."""
    lines = [f"{name} = {_value(value)}" for name, value in msgspec.to_builtins(spec).items()]
    return "\n".join(["[[model]]", *lines, ""])


def _value(value: Any) -> str:
    """A value as TOML writes it; its texts are those of JSON but for one sign."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_value(key)} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
