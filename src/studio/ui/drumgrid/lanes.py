"""The lanes of a drum grid: those of the track, or the usual drums and whatever else the clip plays."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from ...document.general_midi import DRUMS
from ...document.instruments import Lane
from ...document.project import Track
from ..pianoroll.rows import Row, pitch_name

USUAL = (49, 51, 46, 42, 50, 47, 43, 39, 37, 38, 36)
"""The drums that every grid shows, cymbals at the top and the kick at the bottom."""


def drum_name(pitch: int) -> str:
    """What a pitch of a drum kit is called."""
    return DRUMS.get(pitch, pitch_name(pitch))


def lanes_of(track: Track | None, played: Iterable[int]) -> tuple[Lane, ...]:
    """The lanes of a track, and one for each pitch that is played and has none, from the top down."""
    lanes = track.lanes if track and track.lanes else tuple(Lane(pitch, drum_name(pitch)) for pitch in USUAL)
    known = {lane.pitch for lane in lanes}
    return (*(Lane(p, drum_name(p)) for p in sorted(set(played) - known, reverse=True)), *lanes)


def rows_of(lanes: Iterable[Lane]) -> tuple[Row, ...]:
    """The lanes as rows of the editor."""
    return tuple(Row(lane.pitch, lane.name, lane.muted) for lane in lanes)


def with_lane(
    lanes: Iterable[Lane], pitch: int, *, name: str | None = None, muted: bool | None = None
) -> tuple[Lane, ...]:
    """The lanes with another name, or mute, for that of a pitch."""
    return tuple(
        replace(
            lane,
            name=lane.name if name is None else name,
            muted=lane.muted if muted is None else muted,
        )
        if lane.pitch == pitch
        else lane
        for lane in lanes
    )
