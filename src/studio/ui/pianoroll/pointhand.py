"""The mouse on a line of controllers: drawing, straight lines, erasing, dragging points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from ...document.document import Edit
from ...document.edits import controls as edits
from ...document.edits.controls import PROGRAM, STEP, SWITCHES, value_of
from ...document.notes import Control, NoteClip

if TYPE_CHECKING:
    from .pointlane import PointLane

Tool = Literal["", "draw", "line", "erase", "move"]
Held = Qt.KeyboardModifier

NEAR = 6
"""How near to a point a press takes it, in logical pixels."""


class PointHand:
    """Turns mouse events into edits, shown while they last and made at their end: each is one undo step."""

    def __init__(self, lane: PointLane) -> None:
        self._lane = lane
        self.tool: Tool = ""
        self._start = self._last = (0, 0.0)
        self._drawn: dict[int, float] = {}
        self._span = (0, 0)
        self._grabbed: Control | None = None
        self._moved = False

    def press(self, event: QMouseEvent) -> None:
        """Takes a point, or begins to draw or to erase; among programs it asks for one."""
        lane, stage, where = self._lane, self._lane.stage, event.position()
        if self.tool or not stage.may_write or stage.written is None:
            return
        lane.setFocus(Qt.FocusReason.MouseFocusReason)
        lane.turn = _turn_at(stage.written, stage.axis.tick(where.x() * stage.axis.ratio))
        self._grabbed = lane.point_at(where)
        self._moved, self._drawn = False, {}
        if event.button() == Qt.MouseButton.RightButton or event.modifiers() & Held.AltModifier:
            self.tool = "erase"
        elif event.button() != Qt.MouseButton.LeftButton:
            return
        elif self._grabbed is not None and not event.modifiers() & Held.ShiftModifier:
            self.tool = "move"
            lane.choose(self._grabbed)
        elif lane.line == PROGRAM:
            lane.ask_program(lane.at(where, False)[0], None, where)
            return
        else:
            self.tool = "line" if event.modifiers() & Held.ShiftModifier else "draw"
        self._start = self._last = lane.at(where, self._free(event))
        self._span = (self._start[0], self._start[0] + 1)
        if self.tool != "move":
            self._follow(where, event)

    def move(self, event: QMouseEvent) -> None:
        """Goes on with what the press began."""
        if self.tool:
            self._moved = True
            self._follow(event.position(), event)

    def release(self, event: QMouseEvent) -> None:
        """Makes the edit."""
        if not self.tool:
            return
        lane, (tool, self.tool) = self._lane, (self.tool, "")
        if tool == "move" and not self._moved:
            lane.stage.preview(None)
            if lane.line == PROGRAM and self._grabbed is not None:
                lane.ask_program(self._grabbed.tick, self._grabbed, event.position())
        else:
            edit = self._edit(tool)
            if edit is not None:
                lane.stage.apply(edit)
        tick = self._last[0]
        points = lane.own(lane.stage.written)
        lane.turn = 0
        lane.choose(min(points, key=lambda point: abs(point.tick - tick), default=None))
        lane.redraw()

    def double_click(self, event: QMouseEvent) -> None:
        """Removes the point under the pointer."""
        lane = self._lane
        found = lane.point_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and found is not None and lane.stage.may_write:
            lane.stage.apply(edits.remove_control(lane.stage.clip_id, found))
            lane.choose(None)

    def escape(self) -> bool:
        """Gives up what is being drawn; False when nothing is."""
        if not self.tool:
            return False
        self.tool, self._lane.turn = "", 0
        self._lane.stage.preview(None)
        return True

    def _free(self, event: QMouseEvent) -> bool:
        """Whether the grid is off: for all that is drawn freely, but not for switches, lines and points."""
        line = self._lane.line
        coarse = line in SWITCHES or line == PROGRAM or self.tool in {"line", "move"}
        return bool(event.modifiers() & Held.ControlModifier) or not coarse

    def _follow(self, where: QPointF, event: QMouseEvent) -> None:
        """Goes on with the tool, and shows what it would do."""
        (t0, v0), self._last = self._last, self._lane.at(where, self._free(event))
        t1, v1 = self._last
        if self.tool == "draw":
            self._draw((t0, v0), (t1, v1))
        elif self.tool == "line":
            self._span = (min(self._start[0], t1), max(self._start[0], t1) + 1)
        elif self.tool == "erase":
            self._span = (min(self._span[0], t0, t1), max(self._span[1], t0 + 1, t1 + 1))
        edit = self._edit(self.tool)
        if edit is not None:
            self._lane.stage.preview(edit)

    def _draw(self, before: tuple[int, float], now: tuple[int, float]) -> None:
        """Puts the stretch between two places of the pointer in place of what was drawn there."""
        (t0, v0), (t1, v1) = before, now
        line, first, last = self._lane.line, min(t0, t1), max(t0, t1)
        step = 1 if line in SWITCHES else STEP
        self._drawn = {t: v for t, v in self._drawn.items() if not first <= t <= last}
        for point in edits.ramp(line, (t0 // step * step, v0), (t1 // step * step, v1)):
            self._drawn[point.tick] = value_of(point)
        self._span = (min(self._span[0], first // step * step), max(self._span[1], last + 1))

    def _edit(self, tool: Tool) -> Edit | None:
        """What the tool has done so far."""
        lane, (begin, end) = self._lane, self._span
        clip_id, line = lane.stage.clip_id, lane.line
        match tool:
            case "draw":
                ordered = sorted(self._drawn.items())
                thin = [ordered[n] for n in range(len(ordered)) if not n or ordered[n][1] != ordered[n - 1][1]]
                points = [edits.make_point(line, tick, value) for tick, value in thin]
                return edits.draw_controls(clip_id, line, begin, end, points) if points else None
            case "line":
                return edits.draw_controls(clip_id, line, begin, end, edits.ramp(line, self._start, self._last))
            case "erase":
                near = round(NEAR / lane.stage.axis.logical_per_tick()) if not self._moved else 0
                return edits.draw_controls(clip_id, line, begin - near, end + near, ())
            case _:
                moved = self._grabbed is not None and self._moved
                return edits.move_control(clip_id, self._grabbed, *self._last) if moved and self._grabbed else None


def _turn_at(clip: NoteClip, tick: float) -> int:
    """How far the turn of the pattern under a song tick is shifted."""
    return int(tick - clip.origin) // clip.loop * clip.loop if clip.loop else 0
