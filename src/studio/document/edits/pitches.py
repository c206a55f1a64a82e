"""How high notes are: by semitones, by steps of the key, into a scale or a chord."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from ..document import Edit, EditRefused
from ..harmony import Key, key_at, nearest_pitch, steps_away
from ..notes import Note, NoteClip
from ..project import Project
from ._notes import Chosen, note_edit


def transpose(clip_id: str, chosen: Chosen, semitones: int, merge: str = "") -> Edit:
    """Moves notes by semitones. Raises EditRefused where one would leave the 128 pitches."""

    def change(_: Project, __: NoteClip, notes: Sequence[Note]) -> Iterable[Note]:
        return [_at(note, note.pitch + semitones) for note in notes]

    return note_edit("Transpose", clip_id, chosen, change, merge)


def transpose_in_key(clip_id: str, chosen: Chosen, steps: int, key: Key | None = None, merge: str = "") -> Edit:
    """Moves notes by steps of a key, by default of the song's key where each of them stands.

    A note outside the scale keeps its distance to the step below it. Raises EditRefused where there is no key.
    """

    def change(project: Project, clip: NoteClip, notes: Sequence[Note]) -> Iterable[Note]:
        return [_at(note, steps_away(note.pitch, _key(project, clip, note, key), steps)) for note in notes]

    return note_edit("Transpose in key", clip_id, chosen, change, merge)


def snap_to_key(clip_id: str, chosen: Chosen, key: Key | None = None) -> Edit:
    """Moves notes outside a key to its nearest pitch, by default to the song's key where each of them stands."""

    def change(project: Project, clip: NoteClip, notes: Sequence[Note]) -> Iterable[Note]:
        return [_at(note, nearest_pitch(note.pitch, _key(project, clip, note, key).pitch_classes)) for note in notes]

    return note_edit("Snap to key", clip_id, chosen, change)


def _key(project: Project, clip: NoteClip, note: Note, given: Key | None) -> Key:
    key = given or key_at(project.keys, clip.origin + note.start)
    if key is None:
        raise EditRefused("The song has no key at this place; set one in the key lane first.")
    return key


def _at(note: Note, pitch: int) -> Note:
    if not 0 <= pitch <= 127:
        raise EditRefused("A note would leave the range of MIDI pitches, C-1 to G9; move them less far.")
    return replace(note, pitch=pitch)
