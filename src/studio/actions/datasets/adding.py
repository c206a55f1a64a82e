"""Items come into a draft: files and folders here, what was approved and ranges of songs through the same door.

Each is copied, examined and held against the others; what is doubtful is told and kept, what cannot be read is refused
with a sentence. An item that is nearly the same as another counts as the same song, so that no split divides them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from ...engine.ai.datasets.items import DatasetError, Item, plain
from ...engine.ai.datasets.kinds import KINDS, SOUNDS, kind_of
from ...engine.ai.recipes import Recipe
from ...engine.jobs import Work
from ...errors import StudioError
from ...storage.library import Dataset, DraftItem
from ...storage.library.drafts import Drafts
from ..generating import recipe_of
from .examining import Doubt, Examined, alike, examine
from .shelf import Shelf, item_of

COMPARED = 400
"""So many sounds of the draft a new one is held against by its print; with a minute each takes 1.2 ms."""

COMPARED_QUICKLY = 5000
"""So many items that are no sounds: their prints are a few bytes."""

MAX_FILE = 1 << 31
"""Bytes of a file that can be an item."""

_BRACKETS = re.compile(r"\s*\([^()]{1,60}\)$")


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of all items of one adding; empty: what each says itself."""

    caption: str = ""
    tags: tuple[str, ...] = ()
    lyrics: str = ""
    bpm: float | None = None
    key: str = ""
    licence: str = ""
    song: str = ""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is to become an item, with what is known of it. `works` are the SHA-256 of sounds it was made of."""

    path: Path
    name: str
    source: str
    said: Said
    recipe: dict[str, Any] | None = None
    works: tuple[str, ...] = ()


class Added(msgspec.Struct, frozen=True):
    """An item that came in, or was there already (`new` is False then), with what is doubtful about it."""

    id: int
    item: Item
    doubts: tuple[Doubt, ...]
    new: bool = True


def add_files(shelf: Shelf, dataset: Dataset, paths: Sequence[Path], said: Said, work: Work) -> list[Added]:
    """Adds files, and of folders all that fit. What cannot be read is noted in `work` and the others go on."""
    return add_all(shelf, dataset, [_candidate(path, said) for path in _files(dataset, paths, work)], work)


def add_all(shelf: Shelf, dataset: Dataset, candidates: Iterable[Candidate], work: Work, count: int = 0) -> list[Added]:
    """Adds one after the other; what cannot be an item is noted in `work` with the reason."""
    added: list[Added] = []
    total = count or (len(candidates) if isinstance(candidates, Sequence) else 0)
    for number, candidate in enumerate(candidates):
        work.check()
        work.report(number / max(total, 1), f"Examining {candidate.name}")
        try:
            added.append(add_one(shelf, dataset, candidate, work))
        except (StudioError, OSError) as error:
            work.check()
            reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
            work.fail(reason if candidate.name in reason else f"“{candidate.name}”: {reason}")
    return added


def add_one(shelf: Shelf, dataset: Dataset, candidate: Candidate, work: Work) -> Added:
    """Adds one file. Raises StudioError with the reason where it cannot be an item. Worker threads."""
    kind, folder, drafts = kind_of(dataset.kind), shelf.folder(dataset), shelf.library.drafts
    ending = candidate.path.suffix.lower()
    if ending not in KINDS[kind].endings:
        raise DatasetError(f"“{candidate.name}” is none of the {KINDS[kind].items} that “{dataset.name}” holds.")
    if candidate.path.is_file() and candidate.path.stat().st_size > MAX_FILE:
        raise DatasetError(f"“{candidate.name}” has more than 2 GB, the most an item can have; cut it first.")
    taken = folder.take_in(candidate.path, ending, work)
    there = drafts.by_digest(dataset.id, taken.sha256)
    if there:
        item = item_of(there[0])
        told = Doubt("duplicate", f"It is in the dataset already, as “{item.name}”, and was not added again.")
        return Added(there[0].id, item, (told,), new=False)
    kept = folder.media(taken.media)
    try:
        found = examine(kind, kept, candidate.name, work.check)
    except BaseException as error:
        if taken.new:
            kept.unlink(missing_ok=True)
        if isinstance(error, StudioError) and kept.name in str(error):
            raise DatasetError(str(error).replace(kept.name, candidate.name)) from error
        raise
    compared = COMPARED if KINDS[kind].sounds else COMPARED_QUICKLY
    twin = alike(kind, found.print, drafts.prints(dataset.id, compared))
    song = candidate.said.song
    if twin is not None:
        other = item_of(drafts.by_digest(dataset.id, twin[0])[0])
        sentence = f"It is nearly the same as “{other.name}” ({twin[1]:.0%} alike) and counts as the same song."
        found = replace(found, doubts=(*found.doubts, Doubt("likeness", sentence)))
        song = other.song or other.sha256
    song = next((one for one in (_song_of(drafts, dataset, work_of) for work_of in candidate.works) if one), song)
    item = _item(candidate, found, taken.media, taken.sha256, taken.size, song)
    (row,) = drafts.put(dataset.id, [DraftItem(0, 0, item.sha256, item, found.facts(), found.print)])
    return Added(row, item, found.doubts)


def _item(candidate: Candidate, found: Examined, media: str, sha256: str, size: int, song: str) -> Item:
    said = candidate.said
    bpm = said.bpm or (None if media.endswith(SOUNDS) else found.bpm)  # a MIDI file says it, of a sound it is a guess
    return Item(
        media=media,
        sha256=sha256,
        size=size,
        name=plain(candidate.name, 400),
        caption=plain(said.caption, 20_000),
        tags=tuple(dict.fromkeys(tag for one in said.tags if (tag := plain(one, 80))))[:64],
        lyrics=plain(said.lyrics, 50_000),
        bpm=bpm if bpm and 10 <= bpm <= 999 else None,
        key=plain(said.key, 40),
        source=plain(candidate.source, 400),
        licence=plain(said.licence, 400),
        recipe=candidate.recipe,
        song=plain(song, 400),
        seconds=found.seconds,
    )


def _song_of(drafts: Drafts, dataset: Dataset, sha256: str) -> str:
    """The song of the item with this digest, empty where there is none."""
    rows = drafts.by_digest(dataset.id, sha256)
    return item_of(rows[0]).song if rows else ""


def _files(dataset: Dataset, paths: Sequence[Path], work: Work) -> list[Path]:
    """The files that are meant, of folders those that fit; what is not there is noted."""
    endings = KINDS[kind_of(dataset.kind)].endings
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(Path(at) / name for at, _, names in os.walk(path) for name in names)
            named = [file for file in inside if file.suffix.lower() in endings and not file.name.startswith(".")]
            fitting = [file for file in named if file.is_file()]
            if not fitting:
                work.fail(f"The folder “{path.name}” holds no {KINDS[kind_of(dataset.kind)].items}.")
            found += fitting
        elif path.is_file():
            found.append(path)
        else:
            work.fail(f"{path} is not there; choose another file.")
    return found


def _candidate(path: Path, said: Said) -> Candidate:
    """A file, with what it says of how a model made it."""
    name = plain(path.stem, 400) or "Item"
    known = replace(said, song=said.song or _BRACKETS.sub("", name))
    try:
        recipe = recipe_of(path)
    except StudioError:
        recipe = None
    file = f"file {plain(path.name, 390)}"
    if recipe is None:
        return Candidate(path=path, name=name, source=file, said=known)
    known = with_recipe(replace(known, song=said.song), recipe, {})
    return Candidate(path=path, name=name, source=file, said=replace(known, song=known.song or name),
                     recipe=msgspec.to_builtins(recipe), works=works_of(recipe))  # fmt: skip


def with_recipe(said: Said, recipe: Recipe, checks: Mapping[str, Any]) -> Said:
    """What a recipe says goes where nothing else was said; not what the checks found to be otherwise."""
    doubted = {str(one.get("about")) for one in checks.get("remarks") or () if isinstance(one, dict)}
    bpm, key = recipe.values.get("bpm"), recipe.values.get("key")
    song = recipe.place.name if recipe.place is not None else next((one.name for one in recipe.sources.values()), "")
    return replace(
        said,
        caption=said.caption or str(recipe.values.get("prompt") or ""),
        lyrics=said.lyrics or str(recipe.values.get("lyrics") or recipe.values.get("text") or ""),
        bpm=said.bpm or (float(bpm) if isinstance(bpm, int | float) and bpm and "tempo" not in doubted else None),
        key=said.key or (str(key) if key and "key" not in doubted else ""),
        song=said.song or song,
    )


def works_of(recipe: Recipe) -> tuple[str, ...]:
    """The SHA-256 of the sounds that a recipe worked on."""
    return tuple(source.sha256 for source in recipe.sources.values() if source.sha256)
