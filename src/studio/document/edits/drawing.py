"""Drawing and pasting notes into a clip that grows to hold them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from ..document import Edit, EditRefused
from ..notes import Note, NoteClip
from ..project import Project
from ..time import signature_at
from ._notes import find_note_clip
from ._parts import change_clips
from .notes import add_notes


def pattern_start(clip: NoteClip, tick: int) -> int:
    """The start of a note in the clip's own time when it is drawn at a song tick; in a pattern, in its first turn."""
    own = tick - clip.origin
    return own % clip.loop if clip.loop else own


def put_notes(clip_id: str, notes: Sequence[Note], label: str = "", merge: str = "") -> Edit:
    """Adds notes; a clip that ends before one of them begins grows to the end of that bar.

    Raises EditRefused where one would stand before the clip's beginning.
    """
    adding = add_notes(clip_id, notes, label, merge)

    def change(project: Project) -> Project:
        clip = find_note_clip(project, clip_id)
        if any(note.start < (0 if clip.loop else clip.lead) for note in notes):
            raise EditRefused("Notes cannot stand before the beginning of their clip; lengthen it at its left.")
        if any(not 0 <= note.pitch <= 127 for note in notes):
            raise EditRefused("A note would leave the range of MIDI pitches, C-1 to G9; paste it elsewhere.")
        return grown(adding.change(project), clip_id, max(note.start for note in notes))

    return replace(adding, change=change)


def growing(edit: Edit, clip_id: str, note_ids: Sequence[str]) -> Edit:
    """The edit, after which the clip grows to hold the beginnings of these notes."""
    wanted = frozenset(note_ids)

    def change(project: Project) -> Project:
        after = edit.change(project)
        clip = find_note_clip(after, clip_id)
        return grown(after, clip_id, max((note.start for note in clip.notes if note.id in wanted), default=0))

    return replace(edit, change=change)


def grown(project: Project, clip_id: str, start: int) -> Project:
    """The project with a clip long enough to show a note that begins at `start` of its own time."""
    clip = find_note_clip(project, clip_id)
    if clip.loop or start < clip.lead + clip.ticks:
        return project
    tick = clip.origin + start
    signature = signature_at(project.signatures, tick)
    bars = (tick - signature.tick) // signature.bar_ticks + 1
    end = signature.tick + bars * signature.bar_ticks
    return change_clips(project, {clip_id: (replace(clip, ticks=end - clip.anchor),)})
