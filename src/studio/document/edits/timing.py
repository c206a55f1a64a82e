"""When notes sound: quantising with swing and grooves, humanising, legato.

Every edit here keeps in `Note.shift` how far feel has moved a note from its straight place, so that it can be undone
and left out of an export.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable, Sequence

import msgspec
from msgspec.structs import replace

from ..document import Edit
from ..grooves import Groove
from ..notes import Note, NoteClip
from ..project import Project
from ..time import PPQ
from ._notes import Chosen, clamped, note_edit


class Grid(msgspec.Struct, frozen=True):
    """What notes are drawn to: steps of `step` ticks of the song, as far as `strength` 0 to 1 says.

    `swing` delays every second step: 0.5 is straight, 2/3 triplets, at most 0.75. A `groove` takes its place, with
    `accent` 0 to 1 of its accents. With `ends`, note ends are drawn to the straight steps too.
    """

    step: int = PPQ // 4
    strength: float = 1.0
    swing: float = 0.5
    groove: Groove | None = None
    accent: float = 0.0
    ends: bool = False


def quantise(clip_id: str, chosen: Chosen, grid: Grid, merge: str = "") -> Edit:
    """Draws notes to a grid."""

    def change(_: Project, clip: NoteClip, notes: Sequence[Note]) -> Iterable[Note]:
        return (_quantised(note, clip.origin, grid) for note in notes)

    return note_edit("Quantise", clip_id, chosen, change, merge)


def _quantised(note: Note, origin: int, grid: Grid) -> Note:
    at = origin + note.start
    step, accent = _nearest(at, grid)
    straight_at = step * _step(grid)
    start = at + round((straight_at + _feel(step, grid) - at) * grid.strength)
    written = straight(note).velocity
    velocity = clamped(written + round(accent * grid.accent * grid.strength), 1, 127) if accent else note.velocity
    return replace(
        note,
        start=start - origin,
        length=_length(start, at + note.length, grid) if grid.ends else note.length,
        velocity=velocity,
        shift=start - straight_at,
        lift=velocity - written,
    )


def _length(start: int, end: int, grid: Grid) -> int:
    """The length of a note whose end is drawn to the straight steps; at least one of them."""
    step = _step(grid)
    drawn = end + round((round(end / step) * step - end) * grid.strength)
    return drawn - start if drawn > start else step


def _step(grid: Grid) -> int:
    return grid.groove.step if grid.groove else grid.step


def _nearest(at: int, grid: Grid) -> tuple[int, int]:
    """The number of the step that sounds nearest to a song tick, and its accent."""
    near = round(at / _step(grid))
    step = min((near, near - 1, near + 1), key=lambda n: abs(n * _step(grid) + _feel(n, grid) - at))
    return step, grid.groove.accents[step % len(grid.groove.accents)] if grid.groove else 0


def _feel(step: int, grid: Grid) -> int:
    """How far from its straight place step number `step` sounds, in ticks."""
    if grid.groove:
        return grid.groove.shifts[step % len(grid.groove.shifts)]
    return round((clamped(round(grid.swing * 1000), 500, 750) / 500 - 1) * grid.step) if step % 2 else 0


def humanise(clip_id: str, chosen: Chosen, ticks: int, velocity: int, seed: int) -> Edit:
    """Moves notes by up to `ticks` and their velocities by up to `velocity`, mostly less; the seed decides how.

    What a note gets depends on the seed and its id alone. Humanising again starts from where notes stand.
    """

    def change(_: Project, __: NoteClip, notes: Sequence[Note]) -> Iterable[Note]:
        return (_humanised(note, ticks, velocity, seed) for note in notes)

    return note_edit("Humanise", clip_id, chosen, change)


def _humanised(note: Note, ticks: int, velocity: int, seed: int) -> Note:
    chance = random.Random(f"{seed} {note.id}")
    by = round(ticks * _bell(chance))
    loud = clamped(note.velocity + round(velocity * _bell(chance)), 1, 127)
    return replace(
        note,
        start=note.start + by,
        velocity=loud,
        shift=note.shift + by,
        lift=loud - straight(note).velocity,
    )


def _bell(chance: random.Random) -> float:
    """-1 to 1, mostly near 0."""
    return clamped(round(chance.gauss(0, 0.4) * 1000), -1000, 1000) / 1000


def straighten(clip_id: str, chosen: Chosen) -> Edit:
    """Takes the feel off: swing, groove and humanising, in time and velocity."""
    return note_edit("Straighten", clip_id, chosen, lambda _, __, notes: map(straight, notes))


def straight(note: Note) -> Note:
    """The note as it is written, without feel."""
    plain = clamped(note.velocity - note.lift, 1, 127)
    return replace(note, start=note.start - note.shift, velocity=plain, shift=0, lift=0)


def legato(clip_id: str, chosen: Chosen, gap: int = 0) -> Edit:
    """Makes each note last until `gap` ticks before the next one that starts later; the last ones stay as they are.

    A negative gap overlaps them.
    """

    def change(_: Project, __: NoteClip, notes: Sequence[Note]) -> Iterable[Note]:
        following = _following(notes)
        return (_until(note, following(note.start), gap) for note in notes)

    return note_edit("Legato", clip_id, chosen, change)


def _following(notes: Sequence[Note]) -> Callable[[int], int | None]:
    """From a start to the next later one."""
    starts = sorted({note.start for note in notes})
    return dict(itertools.pairwise(starts)).get


def _until(note: Note, following: int | None, gap: int) -> Note:
    return note if following is None else replace(note, length=max(following - gap - note.start, 1))
