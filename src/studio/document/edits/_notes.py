"""Finding and exchanging the notes of a clip, with refusal when they are gone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from msgspec.structs import replace

from ..blocks import exchange_controls, exchange_notes, find_notes
from ..document import Edit, EditRefused
from ..notes import Control, Note, NoteClip
from ..project import Project
from ._parts import change_clips, find_clips

Chosen = Collection[str] | None
"""The ids of the notes that an edit is about; None is all notes of the clip."""


def find_note_clip(project: Project, clip_id: str) -> NoteClip:
    """The clip; raises EditRefused when it is gone or holds no notes."""
    clip = find_clips(project, (clip_id,))[clip_id][1]
    if not isinstance(clip, NoteClip):
        raise EditRefused("This clip holds sound, not notes; choose a clip of an instrument track.")
    return clip


def chosen_notes(clip: NoteClip, chosen: Chosen) -> Sequence[Note]:
    """The notes with these ids, in order; raises EditRefused when one is gone or there is none."""
    if chosen is None:
        found: Sequence[Note] = clip.notes
    else:
        wanted = frozenset(chosen)
        found = find_notes(clip.note_blocks, wanted)
        if len(found) < len(wanted):
            raise EditRefused("A note of this change is no longer in the clip.")
    if not found:
        raise EditRefused("There are no notes to change; select some, or draw them first.")
    return found


def exchanged(project: Project, clip: NoteClip, gone: Iterable[Note], come: Iterable[Note]) -> Project:
    """The project with some notes of a clip replaced by others."""
    blocks = exchange_notes(clip.note_blocks, gone, come)
    return change_clips(project, {clip.id: (replace(clip, note_blocks=blocks),)})


def with_controls(project: Project, clip: NoteClip, controls: Iterable[Control]) -> Project:
    """The project with all controls of a clip replaced by these."""
    blocks = exchange_controls(clip.control_blocks, controls)
    return change_clips(project, {clip.id: (replace(clip, control_blocks=blocks),)})


def note_edit(
    label: str,
    clip_id: str,
    chosen: Chosen,
    change: Callable[[Project, NoteClip, Sequence[Note]], Iterable[Note]],
    merge: str = "",
) -> Edit:
    """An edit that makes new notes out of chosen ones, in the same order; notes that stay as they are cost nothing."""
    wanted = None if chosen is None else tuple(chosen)

    def changed(project: Project) -> Project:
        clip = find_note_clip(project, clip_id)
        before = chosen_notes(clip, wanted)
        pairs = [(a, b) for a, b in zip(before, change(project, clip, before), strict=True) if a != b]
        if not pairs:
            return project
        return exchanged(project, clip, (a for a, _ in pairs), (b for _, b in pairs))

    return Edit(label, changed, merge)


def counted(what: str, count: int | None) -> str:
    """A label for one, several or all notes."""
    if count is None:
        return f"{what} notes"
    return f"{what} note" if count == 1 else f"{what} {count} notes"


def clamped(value: int, low: int, high: int) -> int:
    """The value, or the bound it lies beyond."""
    return min(max(value, low), high)
