"""Notes of a take: what the coach heard in a clip becomes a clip of notes, to be corrected by hand and sung to."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from ..document.document import Edit
from ..document.edits.clips import add_clips
from ..document.edits.mix import set_mute
from ..document.edits.notes import make_note, make_note_clip
from ..document.edits.song import sequence
from ..document.edits.tracks import add_tracks, fresh_track
from ..document.instruments import Instrument
from ..document.notes import MAX_TEXT, Note
from ..document.project import Project
from ..engine.voice.grading import GradedNote
from ..engine.voice.notes import SungNote
from ..engine.voice.targets import tuning_of
from ..errors import StudioError
from .coaching import sung_clip
from .results import Result

SOFTEST, LOUDEST = 20, 120
"""Velocities of the softest and the loudest note."""


def notes_of_take(project: Project, result: Result) -> tuple[Edit, str]:
    """One edit that puts the notes of a judged take, at the nearest semitones, on a muted instrument track of its own;
    and the id of their clip. Syllables of the target come along. Pure. Raises StudioError with the reason.
    """
    if not result.clip:
        raise StudioError("An exercise leaves no sound to make notes of; record a take and coach it.")
    name = sung_clip(project, result.clip).name
    sung = result.coached.judged.notes
    if not sung:
        raise StudioError("No notes are heard in this take; sing longer tones, or choose a take with one voice.")
    notes = list(_written(project, result, sung))
    first, last = notes[0].start, max(note.start + note.length for note in notes)
    inside = [replace(note, start=note.start - first) for note in notes]
    clip = make_note_clip(f"{name} notes", first, last - first, inside)
    track = fresh_track(project, f"{name} notes", "instrument", instrument=Instrument())
    steps = [add_tracks((track,)), add_clips(track.id, (clip,)), set_mute(track.id, True)]
    return sequence("Make notes of take", steps), clip.id


def _written(project: Project, result: Result, sung: tuple[SungNote, ...]) -> Iterable[Note]:
    """The notes at song ticks, each ending where the next begins at the latest."""
    words = _words(result.coached.judged.graded.notes)
    tuning = tuning_of(sung)
    edges = [round((result.start + at) * project.rate) for note in sung for at in (note.start, note.end)]
    ticks = [max(int(tick), 0) for tick in project.time.ticks(edges).tolist()]
    for n, note in enumerate(sung):
        start, end = ticks[2 * n], ticks[2 * n + 1]
        if n + 1 < len(sung):
            end = min(end, ticks[2 * n + 2])
        velocity = min(max(round(127 + 2 * note.loudness), SOFTEST), LOUDEST)
        pitch = min(max(round(note.pitch - tuning), 0), 127)
        yield replace(make_note(start, max(end - start, 1), pitch, velocity), text=words.get(note.start, ""))


def _words(notes: tuple[GradedNote, ...]) -> dict[float, str]:
    """The syllables by the beginning of the sung note that they were meant for."""
    found: dict[float, str] = {}
    for note in notes:
        if note.sung is not None and note.target.syllable.strip():
            before = found.get(note.sung.start, "")
            found[note.sung.start] = (before + note.target.syllable)[:MAX_TEXT]
    return found
