"""The keyboard on a line of controllers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from ...document.edits import controls as edits
from ...document.edits.controls import BEND, PROGRAM, SWITCHES, value_of
from ...document.notes import Control

if TYPE_CHECKING:
    from .pointlane import PointLane

Key = Qt.Key


class PointKeys:
    """Left and right go from point to point, up and down change one (Shift: by more), Enter sets one at the playhead,
    Delete removes it."""

    def __init__(self, lane: PointLane) -> None:
        self._lane = lane

    def press(self, event: QKeyEvent) -> bool:
        """Handles a key; False leaves it to the window."""
        lane, stage, key = self._lane, self._lane.stage, Key(event.key())
        points = lane.own(stage.written)
        at = points.index(lane.chosen) if lane.chosen in points else -1
        if key is Key.Key_Escape:
            return lane.escape()
        if key in {Key.Key_Left, Key.Key_Right} and points:
            step = 1 if key is Key.Key_Right else -1
            lane.choose(points[min(max(at + step, 0), len(points) - 1)])
        elif key in {Key.Key_Up, Key.Key_Down} and at >= 0 and lane.line != PROGRAM and stage.may_write:
            much = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            self._nudge(points[at], much if key is Key.Key_Up else -much)
        elif key in {Key.Key_Delete, Key.Key_Backspace} and at >= 0 and stage.may_write:
            stage.apply(edits.remove_control(stage.clip_id, points[at]))
            lane.choose(points[at - 1] if at else None)
        elif key in {Key.Key_Return, Key.Key_Enter} and stage.may_write:
            self._put_at_playhead(points)
        else:
            return False
        return True

    def _nudge(self, point: Control, by: int) -> None:
        """Changes a point; the same one changed again in a row goes on with the same undo step."""
        lane, stage = self._lane, self._lane.stage
        scale = 128 if lane.line == BEND else 127 if lane.line in SWITCHES else 1
        value = value_of(point) + by * scale
        merge = f"point {stage.clip_id} {point.tick}"
        if stage.apply(edits.move_control(stage.clip_id, point, point.tick, value, merge), close=False):
            lane.choose(edits.make_point(lane.line, point.tick, value))

    def _put_at_playhead(self, points: list[Control]) -> None:
        """Sets a point at the playhead, at the height of the one before it."""
        lane, stage = self._lane, self._lane.stage
        clip = stage.written
        assert clip is not None
        own = min(max(round(stage.playhead_tick) - clip.origin, clip.lead), clip.lead + clip.ticks - 1)
        own = own % clip.loop if clip.loop else own
        if lane.line == PROGRAM:
            lane.ask_program(own, None, lane.place(own, 64))
            return
        before = [point for point in points if point.tick <= own]
        made = edits.make_point(lane.line, own, value_of(before[-1]) if before else edits.range_of(lane.line)[2])
        if stage.apply(edits.put_control(stage.clip_id, made)):
            lane.choose(made)
