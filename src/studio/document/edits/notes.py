"""Drawing, moving and resizing notes. Notes are named by their clip and their ids; None for all notes of the clip."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Literal

from msgspec.structs import replace

from ..blocks import control_blocks, find_notes, note_blocks
from ..document import Edit, EditRefused
from ..notes import MAX_TEXT, Control, Note, NoteClip
from ..project import Project, new_id, new_ids
from ._notes import Chosen, chosen_notes, clamped, counted, exchanged, find_note_clip, note_edit
from ._parts import change_clips

SHORTEST = 1
"""The shortest note, in ticks."""


def make_note_clip(
    name: str, anchor: int, ticks: int, notes: Iterable[Note] = (), controls: Iterable[Control] = ()
) -> NoteClip:
    """A new clip, `ticks` long from song tick `anchor` on; notes and controls count from there, in any order."""
    return NoteClip(
        new_id("clip"),
        name,
        anchor,
        ticks,
        note_blocks=note_blocks(notes),
        control_blocks=control_blocks(controls),
    )


def make_note(start: int, length: int, pitch: int, velocity: int = 96) -> Note:
    """A new note."""
    return Note(new_id("note"), start, length, pitch, velocity)


def copies(notes: Sequence[Note], ticks: int = 0, semitones: int = 0) -> tuple[Note, ...]:
    """The notes once more with ids of their own, for pasting: `ticks` later and `semitones` higher."""
    ids = new_ids("note", len(notes))
    return tuple(
        replace(note, id=key, start=note.start + ticks, pitch=note.pitch + semitones)
        for key, note in zip(ids, notes, strict=True)
    )


def add_notes(clip_id: str, notes: Sequence[Note], label: str = "", merge: str = "") -> Edit:
    """Adds notes; `start` counts from the clip's origin. Raises EditRefused where a note with such an id is there."""
    ids = frozenset(note.id for note in notes)

    def change(project: Project) -> Project:
        clip = find_note_clip(project, clip_id)
        if len(ids) < len(notes) or find_notes(clip.note_blocks, ids):
            raise EditRefused("A note cannot be in a clip twice; paste it as a copy.")
        return exchanged(project, clip, (), notes)

    return Edit(label or counted("Add", len(notes)), change, merge)


def remove_notes(clip_id: str, chosen: Chosen) -> Edit:
    """Removes notes."""
    wanted = None if chosen is None else tuple(chosen)

    def change(project: Project) -> Project:
        clip = find_note_clip(project, clip_id)
        return exchanged(project, clip, chosen_notes(clip, wanted), ())

    return Edit(counted("Delete", None if wanted is None else len(wanted)), change)


def replace_notes(clip_id: str, notes: Sequence[Note], label: str = "Change notes", merge: str = "") -> Edit:
    """Gives the notes with the ids of `notes` these values."""
    known = {note.id: note for note in notes}
    return note_edit(label, clip_id, tuple(known), lambda _, __, before: [known[note.id] for note in before], merge)


def move_notes(clip_id: str, chosen: Chosen, ticks: int, semitones: int = 0, merge: str = "") -> Edit:
    """Moves notes in time and pitch. Raises EditRefused where one would leave the 128 pitches."""

    def change(_: Project, __: NoteClip, notes: Sequence[Note]) -> Iterable[Note]:
        _require_pitches(note.pitch + semitones for note in notes)
        return (replace(note, start=note.start + ticks, pitch=note.pitch + semitones) for note in notes)

    return note_edit(counted("Move", _count(chosen)), clip_id, chosen, change, merge)


def resize_notes(
    clip_id: str, chosen: Chosen, by: int, edge: Literal["left", "right"] = "right", merge: str = ""
) -> Edit:
    """Moves the end of notes, or their start with the end kept, by `by` ticks; each stays at least a tick long."""

    def change(_: Project, __: NoteClip, notes: Sequence[Note]) -> Iterable[Note]:
        if edge == "right":
            return (replace(note, length=max(note.length + by, SHORTEST)) for note in notes)
        return (_from_left(note, min(by, note.length - SHORTEST)) for note in notes)

    return note_edit("Note length", clip_id, chosen, change, merge)


def _from_left(note: Note, by: int) -> Note:
    return replace(note, start=note.start + by, length=note.length - by)


def set_lengths(clip_id: str, chosen: Chosen, ticks: int) -> Edit:
    """Makes notes `ticks` long."""
    return note_edit(
        "Note length",
        clip_id,
        chosen,
        lambda _, __, notes: (replace(note, length=max(ticks, SHORTEST)) for note in notes),
    )


def split_notes(clip_id: str, chosen: Collection[str], tick: int) -> Edit:
    """Cuts notes in two at a tick of the clip's own time. Raises EditRefused where none lies under it."""
    wanted = tuple(chosen)
    fresh = dict(zip(wanted, new_ids("note", len(wanted)), strict=True))

    def change(project: Project) -> Project:
        clip = find_note_clip(project, clip_id)
        under = [note for note in chosen_notes(clip, wanted) if note.start < tick < note.start + note.length]
        if not under:
            raise EditRefused("No selected note lies under this position; choose another place to split.")
        first = [replace(note, length=tick - note.start) for note in under]
        second = [
            replace(note, id=fresh[note.id], start=tick, length=note.start + note.length - tick, shift=0, text="")
            for note in under
        ]
        return exchanged(project, clip, under, [*first, *second])

    return Edit(counted("Split", len(wanted)), change)


def join_notes(clip_id: str, chosen: Collection[str]) -> Edit:
    """Makes one note of the chosen notes of each pitch, from the first one's start to the last one's end.

    It has the syllables of them all.
    """
    wanted = tuple(chosen)

    def change(project: Project) -> Project:
        clip = find_note_clip(project, clip_id)
        notes = chosen_notes(clip, wanted)
        by_pitch: dict[int, list[Note]] = {}
        for note in notes:
            by_pitch.setdefault(note.pitch, []).append(note)
        whole = [
            replace(
                group[0],
                length=max(note.start + note.length for note in group) - group[0].start,
                text="".join(note.text for note in group)[:MAX_TEXT],
            )
            for group in by_pitch.values()
        ]
        if len(whole) == len(notes):
            raise EditRefused("Only notes of one pitch can be joined; select two or more of the same pitch.")
        return exchanged(project, clip, notes, whole)

    return Edit(counted("Join", len(wanted)), change)


def mute_notes(clip_id: str, chosen: Chosen, muted: bool) -> Edit:
    """Silences notes, or lets them sound again."""
    label = counted("Mute" if muted else "Unmute", _count(chosen))
    return note_edit(label, clip_id, chosen, lambda _, __, notes: (replace(note, muted=muted) for note in notes))


def set_probability(clip_id: str, chosen: Chosen, probability: float, merge: str = "") -> Edit:
    """Sets the chance, 0 to 1, that notes sound each time round."""
    level = min(max(probability, 0.0), 1.0)
    return note_edit(
        "Probability", clip_id, chosen, lambda _, __, notes: (replace(n, probability=level) for n in notes), merge
    )


def set_pattern(clip_id: str, loop: int) -> Edit:
    """Repeats what lies in the first `loop` ticks of a clip as far as the clip goes; 0 ends the repeating."""
    label = "Loop clip" if loop else "Unloop clip"
    return _clip_edit(
        label, clip_id, lambda clip: replace(clip, loop=loop, lead=clip.lead % loop if loop else clip.lead)
    )


def set_transpose(clip_id: str, semitones: int, merge: str = "") -> Edit:
    """Lets a clip sound higher or lower without touching its notes."""
    shift = clamped(semitones, -127, 127)
    return _clip_edit("Transpose clip", clip_id, lambda clip: replace(clip, transpose=shift), merge)


def _clip_edit(label: str, clip_id: str, change: Callable[[NoteClip], NoteClip], merge: str = "") -> Edit:
    def changed(project: Project) -> Project:
        return change_clips(project, {clip_id: (change(find_note_clip(project, clip_id)),)})

    return Edit(label, changed, merge)


def _count(chosen: Chosen) -> int | None:
    return None if chosen is None else len(chosen)


def _require_pitches(pitches: Iterable[int]) -> None:
    if any(not 0 <= pitch <= 127 for pitch in pitches):
        raise EditRefused("A note would leave the range of MIDI pitches, C-1 to G9; move them less far.")
