"""Files of what models made, each whole or not at all, with its recipe inside where the kind has a place for it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec
import numpy as np

from ..engine.ai.pictures import Picture
from ..engine.ai.recipes import Recipe, write_recipe
from ..engine.ai.sounding import Planar
from ..engine.ai.tasks import Made
from ..engine.audio.export import AudioWriter
from ..engine.audio.tags import RECIPE, Tags, write_tags
from ..engine.audio.wavefile import disk_advice
from ..errors import StudioError
from ..storage.library import NewAsset
from ..storage.library.records import AssetKind

ENDINGS: Mapping[str, tuple[str, ...]] = {"cover": (".png",), "chat": (".txt",), "lyrics": (".json", ".txt")}
"""The endings that a task's files may have, the usual one first; sounds otherwise."""

SOUNDS = (".flac", ".wav")

PART = ".part"
"""The ending of a folder in which a file is being written."""

STRAY_S = 3_600.0
"""Seconds after which a folder in which nothing was written is a stray one."""


def ending_of(task: str) -> str:
    """The usual ending of what a task makes."""
    return ENDINGS.get(task, SOUNDS)[0]


def check_ending(task: str, path: Path) -> None:
    """Raises StudioError for a name that a task's result cannot have."""
    allowed = ENDINGS.get(task, SOUNDS)
    if path.suffix.lower() not in allowed:
        raise StudioError(f"“{path.name}” cannot hold what this makes; name it {' or '.join(allowed)}.")


def write_made(made: Made, path: Path, recipe: Recipe) -> list[tuple[Path, Planar | None]]:
    """Writes one result and returns its files, each with its sound if it is one; stems have their names in brackets.

    Raises StudioError. Worker threads.
    """
    if made.stems:
        return _write_stems(made, path, recipe)
    if made.sound is not None:
        sound = _at_speed(made.sound, made.rate, recipe.values.get("speed"))
        write_sound(path, sound, made.rate, recipe)
        return [(path, sound)]
    if made.picture is not None:
        write_picture(path, made.picture, recipe)
    elif path.suffix.lower() == ".json":
        told = {"text": made.text, "words": msgspec.to_builtins(made.words), "recipe": msgspec.to_builtins(recipe)}
        _whole(path, lambda place: place.write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8"))
    else:
        _whole(path, lambda place: place.write_text(made.text, "utf-8"))
    return [(path, None)]


def _write_stems(made: Made, path: Path, recipe: Recipe) -> list[tuple[Path, Planar | None]]:
    """All stems of a mix or none."""
    written: list[tuple[Path, Planar | None]] = []
    try:
        for name, stem in made.stems.items():
            place = path.with_name(f"{path.stem} ({name}){path.suffix}")
            write_sound(place, stem, made.rate, recipe)
            written.append((place, stem))
    except BaseException:
        for place, _ in written:
            place.unlink(missing_ok=True)
        raise
    return written


def _at_speed(sound: Planar, rate: int, speed: object) -> Planar:
    """A voice spoken faster or slower in the same pitch."""
    if not isinstance(speed, int | float) or speed == 1.0:
        return sound
    from pedalboard import time_stretch

    return np.asarray(time_stretch(np.ascontiguousarray(sound), rate, stretch_factor=float(speed)), np.float32)


def write_sound(path: Path, sound: Planar, rate: int, recipe: Recipe) -> None:
    """Writes float32 (channels, frames) as FLAC of 24 bits or WAV of 32. Raises StudioError. Worker threads."""
    kind = path.suffix.lower().removeprefix(".")
    title = str(recipe.values.get("prompt") or path.stem)[:200]

    def write(place: Path) -> None:
        bits = "32f" if kind == "wav" else "24"
        with AudioWriter(place, kind, rate, sound.shape[0], bits) as writer:  # type: ignore[arg-type]
            writer.write(sound)
        write_tags(place, Tags(title, recipe=write_recipe(recipe), comment=f"Made with {recipe.model}"))

    _whole(path, write)


def write_picture(path: Path, picture: Picture, recipe: Recipe) -> None:
    """Writes uint8 (height, width, 3) as PNG. Raises StudioError. Worker threads."""
    from PIL import Image, PngImagePlugin

    about = PngImagePlugin.PngInfo()
    about.add_itxt(RECIPE, write_recipe(recipe))
    _whole(path, lambda place: Image.fromarray(picture).save(place, "PNG", pnginfo=about))


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    """Has a file written in a folder beside its place, and moves it there when it is whole."""
    part = path.with_name(f".{uuid.uuid4().hex[:12]}{PART}")
    try:
        part.mkdir(parents=True)
        write(part / path.name)
        (part / path.name).replace(path)
    except OSError as error:
        raise StudioError(f"“{path.name}” cannot be written: {disk_advice(error)}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def sweep(folder: Path, older: float = STRAY_S) -> None:
    """Takes away what programs that were killed while they wrote have left in a folder. Worker threads.

    `older` are the seconds after which nobody writes there any more: another window may be about to.
    """
    now = time.time()
    for part in folder.glob(f".*{PART}"):
        with contextlib.suppress(OSError):
            if part.is_dir() and not part.is_symlink() and now - part.stat().st_mtime >= older:
                shutil.rmtree(part, ignore_errors=True)


def asset_of(path: Path, sound: Planar | None, rate: int, recipe: Recipe) -> NewAsset:
    """A file as the library keeps it: a sound at `rate`, or a picture or text."""
    about, digest = path.stat(), digest_of(path)
    if sound is None:
        kind: AssetKind = "picture" if path.suffix.lower() == ".png" else "text"
        return NewAsset(kind, path, size=about.st_size, modified=about.st_mtime, digest=digest)
    bpm, key = recipe.values.get("bpm"), recipe.values.get("key")
    return NewAsset(
        "generated",
        path,
        size=about.st_size,
        modified=about.st_mtime,
        digest=digest,
        seconds=sound.shape[1] / rate,
        rate=rate,
        channels=sound.shape[0],
        bpm=float(bpm) if isinstance(bpm, int | float) and bpm else None,
        key=str(key or ""),
    )


def digest_of(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def free_names(names: Iterator[str], folder: Path) -> Iterator[Path]:
    """The places of a folder by these names where nothing lies yet."""
    return (folder / name for name in names if not (folder / name).exists())
