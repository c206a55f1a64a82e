"""What can be changed about the samples of an instrument track, in the track's menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from ...document.edits import sampling
from ...document.project import Track
from ..pianoroll.rows import pitch_name

if TYPE_CHECKING:
    from .view import TimelineView

OCTAVES = range(9)
"""From C-1 to B7: what lies above is no root of anything."""


def add_zone_entries(menu: QMenu, view: TimelineView, track: Track) -> None:
    """Adds the root key of wide zones, and whether samples play to their end; nothing where there are no samples."""
    zones = track.instrument.zones if track.instrument is not None else ()
    if not zones:
        return
    may_write = bool(view.stage.document and not view.stage.document.read_only)
    wide = [zone for zone in zones if zone.low < zone.high]
    if wide:
        roots = menu.addMenu(f"Root Key: {pitch_name(wide[0].root)}")
        roots.setEnabled(may_write)
        for octave in OCTAVES:
            keys = roots.addMenu(f"{pitch_name(12 * octave)} to {pitch_name(12 * octave + 11)}")
            for key in range(12 * octave, 12 * octave + 12):
                action = keys.addAction(pitch_name(key))
                action.setCheckable(True)
                action.setChecked(key == wide[0].root)
                action.triggered.connect(lambda _=False, k=key: view.stage.apply(sampling.set_root(track.id, k)))
    once = all(zone.one_shot for zone in zones)
    action = menu.addAction("Play Samples to Their End")
    action.setCheckable(True)
    action.setChecked(once)
    action.setEnabled(may_write)
    action.triggered.connect(lambda: view.stage.apply(sampling.set_one_shot(track.id, not once)))
