"""A model's folder, looked at before any loader sees it: what may lie there, and whether all that is named is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...errors import StudioError
from .adapters import read_adapter
from .specs import ModelSpec
from .weights import read_header

CODE = frozenset({".py", ".pyc", ".so", ".dll", ".dylib", ".pyd", ".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"})
"""Endings of what is or may hold code; a loader that finds none cannot run any."""

LIBRARIES = frozenset({"diffusers", "transformers"})
MAX_JSON = 64 * 1024 * 1024


class FolderError(StudioError):
    """A model's folder that must not be loaded."""


def check_folder(spec: ModelSpec, folder: Path) -> None:
    """Raises StudioError when a model cannot or must not be loaded from there. Reads headers only. Worker threads."""
    if spec.kind == "adapter":
        read_adapter(adapter_file(spec, folder))
        return
    if not folder.is_dir():
        raise FolderError(f"The folder of “{spec.title}” is not there ({folder}); fetch the model again.")
    files = list(_files(spec, folder))
    weights = [file for file in files if file.suffix == spec.weights]
    if not weights:
        raise FolderError(f"“{spec.title}” has no weights in {spec.weights.removeprefix('.')}; it cannot be used.")
    if spec.runs_on.family == "diffusers":
        _check_pipeline(spec, folder)
    elif spec.runs_on.package == "transformers":
        _check_configuration(spec, folder)
    for file in files:
        if file.suffix == ".safetensors":
            read_header(file)
        elif file.name.endswith(".safetensors.index.json"):
            _check_shards(spec, file)


def adapter_file(spec: ModelSpec, folder: Path) -> Path:
    """The one file of an adapter, which `folder` is or holds. Raises FolderError when there is not exactly one."""
    if folder.is_file():
        return folder
    found = sorted(folder.glob("*.safetensors"))
    if len(found) != 1:
        raise FolderError(f"“{spec.title}” is to be one .safetensors file; its folder {folder} has {len(found)}.")
    return found[0]


def _files(spec: ModelSpec, folder: Path) -> Iterator[Path]:
    root = folder.resolve()
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() and not path.resolve().is_relative_to(root):
            raise FolderError(f"“{spec.title}” has a link that leads out of its folder ({path.name}); it is refused.")
        if path.suffix.lower() in CODE:
            raise FolderError(
                f"“{spec.title}” holds “{path.name}”, which could run code; take it away if you trust the rest."
            )
        if path.is_file():
            yield path


def _check_pipeline(spec: ModelSpec, folder: Path) -> None:
    """The parts that model_index.json names are classes of the two libraries, and their folders are there."""
    index = read_json(spec, folder / "model_index.json")
    if index.get("_class_name") != spec.runs_on.name:
        raise FolderError(
            f"“{spec.title}” says it is a {str(index.get('_class_name'))[:60]}, not a {spec.runs_on.name};"
            " correct the field `loader` of its entry."
        )
    for part, told in index.items():
        if part.startswith("_") or not isinstance(told, list) or told == [None, None]:
            continue
        if len(told) != 2 or told[0] not in LIBRARIES | {_module(spec)} or not part.isidentifier():
            raise FolderError(f"“{spec.title}” wants code of its own for its {part[:40]}; it is refused.")
        if not (folder / part).is_dir():
            raise FolderError(f"“{spec.title}” lacks its {part[:40]}; fetch it again.")


def _module(spec: ModelSpec) -> str:
    """How a pipeline names classes that stand beside it in diffusers."""
    return {
        "AceStepPipeline": "ace_step",
        "StableAudioPipeline": "stable_audio",
        "StableAudio3Pipeline": "stable_audio_3",
    }.get(spec.loader, "diffusers")


def _check_configuration(spec: ModelSpec, folder: Path) -> None:
    told = read_json(spec, folder / "config.json")
    if "auto_map" in told:
        raise FolderError(f"“{spec.title}” wants code of its own (auto_map in config.json); it is refused.")


def _check_shards(spec: ModelSpec, index: Path) -> None:
    """Every file that an index of weights names is there, beside it."""
    names = read_json(spec, index).get("weight_map", {})
    for name in sorted(set(names.values()) if isinstance(names, dict) else ()):
        if not isinstance(name, str) or Path(name).name != name or not (index.parent / name).is_file():
            raise FolderError(f"“{spec.title}” lacks the weights {str(name)[:80]}; fetch it again.")


def read_json(spec: ModelSpec, file: Path) -> dict[str, Any]:
    """The JSON object in a file of a model. Raises FolderError that names both."""
    try:
        if file.stat().st_size > MAX_JSON:
            raise ValueError("it is too large")
        found = json.loads(file.read_bytes())
        if not isinstance(found, dict):
            raise ValueError("it is no JSON object")
    except FileNotFoundError as error:
        raise FolderError(f"“{spec.title}” lacks {file.name}; fetch it again.") from error
    except (OSError, ValueError, RecursionError) as error:
        raise FolderError(f"“{file.name}” of “{spec.title}” cannot be read ({error}); fetch it again.") from error
    return found
