"""Correcting the pitch of a clip, or of a take in a comp: where its notes go, and taking that back."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from ..correction import Correction, TunedNote
from ..document import Edit, EditRefused
from ..project import AudioClip, Clip, Comp, Project, Take
from ._parts import each_clip

MIN_NOTE = 0.04
"""Seconds; the shortest note that splitting leaves."""

Notes = tuple[TunedNote, ...]


def correct(
    clip_id: str, take_id: str, correction: Correction | None, label: str = "Correct pitch", merge: str = ""
) -> Edit:
    """Gives a clip, or with a `take_id` that take of a comp, a correction; None takes it away."""

    def change(clip: Clip) -> Clip:
        if isinstance(clip, AudioClip) and not take_id:
            return replace(clip, correction=correction)
        if isinstance(clip, Comp) and clip.take(take_id) is not None:
            takes = tuple(replace(one, correction=correction) if one.id == take_id else one for one in clip.takes)
            return replace(clip, takes=takes)
        raise EditRefused("This take is no longer in the song; choose another clip to correct.")

    return Edit(label, lambda project: each_clip(project, (clip_id,), change), merge)


def sung_part(project: Project, clip_id: str, take_id: str) -> AudioClip | Take | None:
    """The clip, or the take of a comp, that a correction belongs to; None where it is gone. Pure."""
    for track in project.tracks:
        for clip in track.clips:
            if clip.id == clip_id:
                if isinstance(clip, AudioClip) and not take_id:
                    return clip
                return clip.take(take_id) if isinstance(clip, Comp) else None
    return None


def changed(notes: Notes, which: Iterable[int], change: Callable[[TunedNote], TunedNote]) -> Notes:
    """The notes with those of these numbers changed. Pure."""
    chosen = set(which)
    return tuple(change(note) if n in chosen else note for n, note in enumerate(notes))


def placed(note: TunedNote, pitch: float, free: bool) -> TunedNote:
    """The note moved to a pitch. One that is placed freely is no longer drawn to a note of the scale. Pure."""
    return replace(note, shift=pitch - note.pitch, centre=0.0 if free else note.centre)


def as_sung(note: TunedNote) -> TunedNote:
    """The note with nothing moved. Pure."""
    return TunedNote(note.start, note.end, note.pitch)


def split(notes: Notes, number: int, frame: int, shortest: int) -> Notes:
    """The notes with one split at a media frame. Pure. Raises EditRefused where a piece would be too short."""
    note = notes[number]
    if not note.start + shortest <= frame <= note.end - shortest:
        raise EditRefused("A note cannot be split so close to its end; click nearer to its middle.")
    return (*notes[:number], replace(note, end=frame), replace(note, start=frame), *notes[number + 1 :])


def merge(notes: Notes, which: Iterable[int]) -> Notes:
    """The notes with neighbours made one, at the pitch of their longest. Pure. Raises EditRefused for others."""
    numbers = sorted(set(which))
    if len(numbers) < 2 or numbers[-1] - numbers[0] != len(numbers) - 1:
        raise EditRefused("Only neighbouring notes can be merged; select two or more that follow one another.")
    parts = notes[numbers[0] : numbers[-1] + 1]
    longest = max(parts, key=lambda note: note.end - note.start)
    whole = replace(longest, start=parts[0].start, end=parts[-1].end)
    return (*notes[: numbers[0]], whole, *notes[numbers[-1] + 1 :])
