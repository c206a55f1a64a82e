"""Listing files of the disk in the library, where they stay."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from ...engine.audio.decode import probe
from ...engine.jobs import Work
from ...errors import StudioError
from ...storage.library.library import Library
from ...storage.library.records import NewAsset
from .files import SUFFIXES

BATCH = 200


def sounds_in(paths: Sequence[Path]) -> Iterator[Path]:
    """These files, and the sounds in these folders and below, by name. Hidden folders are left out."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, inner, files in os.walk(path):
            inner[:] = sorted(name for name in inner if not name.startswith("."))
            for name in sorted(files):
                if name.rpartition(".")[2].lower() in SUFFIXES and not name.startswith("."):
                    yield Path(folder, name)


def describe(path: Path) -> NewAsset:
    """What the library notes of a sound file. Raises DecodeError when it is none, OSError."""
    info, stat = probe(path), path.stat()
    seconds = info.frames / info.rate
    return NewAsset(
        "audio", path.absolute(), path.stem, stat.st_size, stat.st_mtime, "", seconds, info.rate, info.channels
    )


def add_to_library(library: Library, paths: Sequence[Path], work: Work) -> int:
    """Lists files, and folders with all that is in them; returns how many were listed. A job's thread.

    A file that is no sound is noted as a failure and the others go on; a cancel keeps what has been listed.
    """
    work.report(0.0, "Looking for sounds")
    every = list(dict.fromkeys(sounds_in(paths)))
    batch, added = [], 0
    for done, path in enumerate(every):
        if work.cancelled():
            break
        try:
            batch.append(describe(path))
        except (StudioError, OSError) as error:
            work.fail(f"{path.name}: {error}")
        if len(batch) >= BATCH:
            added += len(library.add_assets(batch))
            batch = []
        work.report((done + 1) / len(every), path.name)
    added += len(library.add_assets(batch)) if batch else 0
    work.check()
    return added
