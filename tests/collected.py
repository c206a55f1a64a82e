"""Datasets with something in them, for pictures: music that is described in part, a version, beats, an empty voice."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from studio.actions.datasets.adding import Said, add_files
from studio.actions.datasets.editing import change_items
from studio.actions.datasets.freezing import freeze
from studio.actions.datasets.shelf import Shelf, datasets_folder
from studio.engine.jobs import Work
from studio.storage.library import Library

TOLD = {
    "Drums": {"caption": "brushed drums, dry room", "tags": ["drums", "dry"], "bpm": 92.0},
    "Guitar": {"caption": "nylon guitar, harmonics, close", "tags": ["guitar", "warm"], "key": "A minor"},
    "Bass": {"caption": "bass, long notes", "tags": ["bass", "warm"], "bpm": 92.0, "key": "A minor"},
}


def fill_datasets(library: Library, sounds: Mapping[str, Path], beats: Path) -> None:
    """Makes datasets of sounds by name and of a folder of MIDI files."""
    shelf, work = Shelf(library, datasets_folder()), Work(lambda *_: None, threading.Event())
    music = shelf.create("Late evening", "music")
    for name, file in sounds.items():
        (item,) = add_files(shelf, music, [file], Said(song=name), work)
        change_items(shelf, music, [item.id], {"name": name, "licence": "CC0", **TOLD.get(name, {})})
    freeze(shelf, music)
    change_items(shelf, music, [item.id], {"tags": ["new"]})
    files = sorted(beats.rglob("*.mid"))[:60]
    add_files(shelf, shelf.create("Dusty beats", "drums"), files, Said(licence="CC-BY-4.0"), work)
    shelf.create("My voice", "voice")
