"""Controllers, pitch bend and programs of a clip of notes. Ticks count from the clip's origin."""

from __future__ import annotations

from collections.abc import Sequence

from ..document import Edit
from ..notes import Bend, Control, Controller
from ..project import Project
from ._notes import find_note_clip, with_controls

BEND, PROGRAM = "bend", "program"
"""How bends and programs are named beside the numbers of controllers."""

Line = int | str
"""A controller's number, BEND or PROGRAM."""


def line_of(point: Control) -> Line:
    """The line that a point belongs to."""
    if isinstance(point, Controller):
        return point.number
    return BEND if isinstance(point, Bend) else PROGRAM


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
