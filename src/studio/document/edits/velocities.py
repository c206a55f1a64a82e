"""How hard notes are struck, 1 to 127. What is set here is as written, so `Note.lift` starts from nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from ..document import Edit
from ..notes import Note, NoteClip
from ..project import Project
from ._notes import Chosen, clamped, note_edit


def set_velocity(clip_id: str, chosen: Chosen, velocity: int, merge: str = "") -> Edit:
    """Gives notes one velocity."""
    return _each("Velocity", clip_id, chosen, lambda _: velocity, merge)


def add_velocity(clip_id: str, chosen: Chosen, by: int, merge: str = "") -> Edit:
    """Makes notes louder or softer by the same amount."""
    return _each("Velocity", clip_id, chosen, lambda note: note.velocity + by, merge)


def scale_velocities(clip_id: str, chosen: Chosen, factor: float) -> Edit:
    """Multiplies velocities."""
    return _each("Scale velocities", clip_id, chosen, lambda note: round(note.velocity * factor))


def compress_velocities(clip_id: str, chosen: Chosen, ratio: float) -> Edit:
    """Draws velocities to their mean: 1 changes nothing, 2 halves the differences, less than 1 widens them."""

    def change(_: Project, __: NoteClip, notes: Sequence[Note]) -> Iterable[Note]:
        mean = sum(note.velocity for note in notes) / len(notes)
        return (_struck(note, round(mean + (note.velocity - mean) / max(ratio, 0.01))) for note in notes)

    return note_edit("Compress velocities", clip_id, chosen, change)


def ramp_velocities(clip_id: str, chosen: Chosen, first: int, last: int, merge: str = "") -> Edit:
    """Lets velocities go evenly in time from `first` at the first note to `last` at the last one."""

    def change(_: Project, __: NoteClip, notes: Sequence[Note]) -> Iterable[Note]:
        begin, end = notes[0].start, max(note.start for note in notes)
        length = max(end - begin, 1)
        return (_struck(note, round(first + (last - first) * (note.start - begin) / length)) for note in notes)

    return note_edit("Ramp velocities", clip_id, chosen, change, merge)


def _each(label: str, clip_id: str, chosen: Chosen, velocity: Callable[[Note], int], merge: str = "") -> Edit:
    return note_edit(
        label, clip_id, chosen, lambda _, __, notes: (_struck(note, velocity(note)) for note in notes), merge
    )


def _struck(note: Note, velocity: int) -> Note:
    return replace(note, velocity=clamped(velocity, 1, 127), lift=0)
