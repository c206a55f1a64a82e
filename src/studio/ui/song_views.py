"""How each song was looked at, between runs: the heights of its tracks. One small JSON file beside the layout."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path

KEPT = 200
"""Songs that are remembered, those looked at last."""

ALL = ""
"""In place of a track's id: the height of every track that has none of its own."""

MOST = 4_000
"""The greatest height that is taken over from the file."""


class SongViews:
    """Track heights by song. Main thread. A file that is damaged or cannot be written costs only the heights."""

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / "views.json" if folder else None
        self._heights: dict[str, dict[str, int]] = {}
        if self._file is not None:
            with contextlib.suppress(OSError, ValueError, RecursionError):
                self._heights = _read(json.loads(self._file.read_text("utf-8")))

    def heights(self, song: str) -> Mapping[str, int]:
        """The heights of a song's tracks in logical pixels, by track id and for `ALL`; empty where none is known."""
        return self._heights.get(song, {})

    def keep_heights(self, song: str, heights: Mapping[str, int]) -> None:
        """Remembers the heights of a song's tracks, and writes them when they are others than before."""
        before = self._heights.pop(song, {})
        if heights:
            self._heights[song] = dict(heights)
        self._heights = dict(list(self._heights.items())[-KEPT:])
        if self._file is not None and before != heights:
            with contextlib.suppress(OSError):
                self._file.parent.mkdir(parents=True, exist_ok=True)
                fresh = self._file.with_name(self._file.name + ".new")
                fresh.write_text(json.dumps({"heights": self._heights}), "utf-8")
                fresh.replace(self._file)


def _read(document: object) -> dict[str, dict[str, int]]:
    """What makes sense of a file's content."""
    songs = document.get("heights") if isinstance(document, dict) else None
    if not isinstance(songs, dict):
        return {}
    return {
        song: {track: height for track, height in heights.items() if type(height) is int and 0 < height < MOST}
        for song, heights in songs.items()
        if isinstance(heights, dict)
    }
