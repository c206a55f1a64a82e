"""The cover of a song: a picture that was made or found, kept with the song and put into what is exported."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..engine.audio.cover import read_cover
from ..storage.bundle import Bundle
from ..storage.coverfile import cover_path, remove_cover, write_cover
from .generatefile import generated_folder

OFFERED = 40
"""Pictures that are offered at the most, the latest first."""


def song_cover(bundle: Bundle) -> Path | None:
    """The picture that is kept with a song. Any thread."""
    return cover_path(bundle.folder)


def keep_cover(bundle: Bundle, chosen: Path | None) -> Path | None:
    """Keeps the middle square of a picture as the cover of a song, or none; where that is now.

    A song that is only read stays as it is, and its cover is the picture that was chosen. Worker threads. Raises
    StudioError for a picture that is none, and when the disk refuses.
    """
    if chosen == song_cover(bundle) or bundle.read_only:
        return chosen
    if chosen is None:
        remove_cover(bundle.folder)
        return None
    return write_cover(bundle.folder, read_cover(chosen))


def made_pictures() -> Sequence[Path]:
    """The pictures that models have made, the latest first. Any thread."""
    try:
        found = [(path.stat().st_mtime, path) for path in generated_folder().glob("*.png")]
    except OSError:
        return []
    return [path for _, path in sorted(found, reverse=True)[:OFFERED]]
