"""Controllers, pitch bend and programs of a clip of notes. Ticks count from the clip's origin."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from ..document import Edit, EditRefused
from ..notes import BEND_RANGE, Bend, Control, Controller, Program
from ..project import Project
from ..sounding import MIDDLE
from ..time import PPQ
from ._notes import clamped, find_note_clip, with_controls

BEND, PROGRAM = "bend", "program"
"""How bends and programs are named beside the numbers of controllers."""

Line = int | str
"""A controller's number, BEND or PROGRAM."""

STEP = PPQ // 16
"""How far apart the points of a drawn line are at least: a 64th note, 31 ms at 120 BPM."""

SWITCHES = frozenset(range(64, 70))
"""Controllers that are only on or off: the pedals, and legato and hold."""


def line_of(point: Control) -> Line:
    """The line that a point belongs to."""
    if isinstance(point, Controller):
        return point.number
    return BEND if isinstance(point, Bend) else PROGRAM


def range_of(line: Line) -> tuple[int, int, int]:
    """The lowest and the highest value of a line, and the one it rests at."""
    if line == BEND:
        return -BEND_RANGE, BEND_RANGE - 1, 0
    return 0, 127, {7: 100, 10: 64, 11: 127}.get(line, 0) if isinstance(line, int) else 0


def value_of(point: Control) -> int:
    """The value of a point: of a program its number."""
    return point.program if isinstance(point, Program) else point.value


def make_point(line: Line, tick: int, value: float, bank: int = 0) -> Control:
    """A point of a line, its value within bounds; switches are fully on or off. `bank` is for programs alone."""
    low, high, _ = range_of(line)
    whole = clamped(round(value), low, high)
    if line == BEND:
        return Bend(tick, whole)
    if isinstance(line, int):
        return Controller(tick, line, (127 if whole >= MIDDLE else 0) if line in SWITCHES else whole)
    return Program(tick, whole, bank)


def ramp(line: Line, first: tuple[int, float], last: tuple[int, float]) -> tuple[Control, ...]:
    """A straight line from one (tick, value) to another, as few points as it needs: both ends, and those between that
    change the value, a STEP apart or more."""
    (begin, low), (end, high) = sorted((first, last))
    points = [make_point(line, begin, low)]
    for tick in range((begin // STEP + 1) * STEP, end, STEP):
        point = make_point(line, tick, low + (high - low) * (tick - begin) / (end - begin))
        if value_of(point) != value_of(points[-1]):
            points.append(point)
    if end > begin:
        points.append(make_point(line, end, high))
    return tuple(points)


def draw_controls(clip_id: str, line: Line, begin: int, end: int, points: Sequence[Control], merge: str = "") -> Edit:
    """Replaces what a line has from tick `begin` to before `end` by these points; none clears it."""

    def change(project: Project) -> Project:
        clip = find_note_clip(project, clip_id)
        kept = [point for point in clip.controls if line_of(point) != line or not begin <= point.tick < end]
        return with_controls(project, clip, [*kept, *points])

    return Edit("Draw controller" if points else "Clear controller", change, merge)


def put_control(clip_id: str, point: Control, merge: str = "") -> Edit:
    """Sets one point, in place of those of its line at the same tick."""
    return draw_controls(clip_id, line_of(point), point.tick, point.tick + 1, (point,), merge)


def move_control(clip_id: str, point: Control, tick: int, value: float, merge: str = "") -> Edit:
    """Moves one point, over those of its line at the new tick. Raises EditRefused where it is gone."""
    line = line_of(point)
    moved = make_point(line, tick, value)
    if isinstance(point, Program):
        moved = replace(point, tick=tick)

    def change(project: Project) -> Project:
        clip = find_note_clip(project, clip_id)
        points = list(clip.controls)
        if point not in points:
            raise EditRefused("This point is no longer in the clip.")
        points.remove(point)
        kept = [one for one in points if line_of(one) != line or one.tick != tick]
        return with_controls(project, clip, [*kept, moved])

    return Edit("Move controller", change, merge)


def remove_control(clip_id: str, point: Control) -> Edit:
    """Removes the points of a line at the tick of this one."""
    return draw_controls(clip_id, line_of(point), point.tick, point.tick + 1, ())
