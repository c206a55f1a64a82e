"""Sounds dropped on the canvas, from the file manager or the library."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMimeData

from .stage import Stage

ASSETS = "application/x-studio-assets"
"""The library's own type: a JSON list of paths."""

BETWEEN = 8
"""Within this many logical pixels of a track's border a drop makes a new track there."""


@dataclass(frozen=True)
class DropTarget:
    """Where sounds were dropped: on `track`, or (None) on new tracks before row `index`; at song frame `frame`."""

    track: str | None
    index: int
    frame: int


def paths_of(data: QMimeData) -> list[str]:
    """The files that a drag carries; empty when it carries none."""
    if data.hasFormat(ASSETS):
        try:
            listed = json.loads(bytes(data.data(ASSETS).data()))
        except ValueError:
            listed = []
        found = [path for path in listed if isinstance(path, str)] if isinstance(listed, list) else []
        if found:
            return found
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile() and Path(url.toLocalFile()).is_file()]


def target_at(stage: Stage, y: float, frame: int) -> DropTarget:
    """Where a drop at height `y` of the canvas (device pixels) goes: on a track, between two, or below the last."""
    scene = stage.scene
    at = round(y) + stage.canvas.top
    row = scene.row_at(at)
    tracks = [one.track.id for one in scene.track_rows()]
    if row is None:
        return DropTarget(None, len(tracks), frame)
    index = tracks.index(row.track.id)
    top, bottom = scene.track_extent(row.track.id)
    reach = min(BETWEEN * stage.canvas.axis.ratio, (bottom - top) / 4)
    if at - top < reach:
        return DropTarget(None, index, frame)
    if bottom - at < reach:
        return DropTarget(None, index + 1, frame)
    return DropTarget(None if row.track.kind == "bus" else row.track.id, index, frame)
