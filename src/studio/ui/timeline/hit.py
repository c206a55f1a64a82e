"""What lies under a point of the canvas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from . import columns
from .scene import Row
from .stage import Stage

Zone = Literal["body", "left", "right", "fade_in", "fade_out", "gain"]

EDGE = 7
"""Reach of a clip's edges to the inside, in logical pixels; half of it to the outside."""

HANDLE = 11
"""Half the side of a handle's hit area: 22 pixels."""

GRIPS = 72
"""Clips narrower than this show no gain handle."""


@dataclass(frozen=True)
class Hit:
    """A clip (its row and index in the row's plan) and the zone of it, or a row, or neither."""

    row: Row | None
    index: int = -1
    zone: Zone = "body"

    @property
    def clip_id(self) -> str:
        """The id of the clip, or of the comp whose take lane this is; empty for none."""
        return self.row.plan.ids[self.index] if self.row and self.index >= 0 else ""

    @property
    def take_id(self) -> str:
        """The id of the take under the point, empty outside take lanes."""
        return self.row.plan.takes[self.index] if self.row and self.index >= 0 else ""


@dataclass(frozen=True)
class Handles:
    """Where the handles of a clip stand, in device pixels of the canvas: edges, fades, gain."""

    left: float
    right: float
    top: float
    bottom: float
    fade_in: float
    fade_out: float
    fade_y: float
    gain_x: float
    gain_y: float
    grips: bool


def handles(stage: Stage, row: Row, i: int) -> Handles:
    """The handles of clip `i` of a row."""
    plan, axis = row.plan, stage.canvas.axis
    form = columns.shape(row.height, axis.ratio, row.lane >= 0)
    left, right = axis.x(float(plan.begin[i])), axis.x(float(plan.end[i]))
    y = row.top - stage.canvas.top
    per_frame = (right - left) / max(int(plan.last[i] - plan.first[i]), 1)
    fade_in, fade_out = left + int(plan.fade_in[i]) * per_frame, right - int(plan.fade_out[i]) * per_frame
    fade_y = y + form.top + form.band
    middle = (max(left, 0) + min(right, stage.canvas.backing.width)) / 2
    grips = right - left >= GRIPS * axis.ratio and form.band > 0
    return Handles(
        left, right, y + form.top, y + form.bottom, fade_in, fade_out, fade_y, middle, fade_y + 5 * axis.ratio, grips
    )


def hit(stage: Stage, x: float, y: float) -> Hit:
    """What lies at a point of the canvas, in device pixels."""
    row = stage.scene.row_at(round(y) + stage.canvas.top)
    if row is None:
        return Hit(None)
    axis = stage.canvas.axis
    index = row.plan.clip_at(axis.tick(x))
    if index < 0:
        beside = EDGE / 2 * axis.ratio
        near = [(row.plan.clip_at(axis.tick(x + by)), zone) for by, zone in ((beside, "left"), (-beside, "right"))]
        found = next(((i, zone) for i, zone in near if i >= 0), None)
        if found is None or row.lane >= 0:
            return Hit(row)
        return Hit(row, found[0], "left" if found[1] == "left" else "right")
    return Hit(row, index, "body" if row.lane >= 0 else _zone(handles(stage, row, index), x, y, axis.ratio))


def _zone(at: Handles, x: float, y: float, ratio: float) -> Zone:
    if at.grips:
        reach = HANDLE * ratio
        if abs(y - at.fade_y) <= reach:
            if abs(x - max(at.fade_in, at.left + 6 * ratio)) <= reach and x - at.left > 4 * ratio:
                return "fade_in"
            if abs(x - min(at.fade_out, at.right - 6 * ratio)) <= reach and at.right - x > 4 * ratio:
                return "fade_out"
        if abs(x - at.gain_x) <= reach and abs(y - at.gain_y) <= reach:
            return "gain"
    edge = min(EDGE * ratio, (at.right - at.left) / 4)
    if x - at.left < edge:
        return "left"
    return "right" if at.right - x < edge else "body"
