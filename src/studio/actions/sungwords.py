"""Words that were heard in a recording, laid under the notes that sing them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from ..document.document import Edit
from ..document.edits.lyrics import set_syllables, syllables_of
from ..document.notes import NoteClip
from ..document.project import AudioClip, Project, clip_start
from ..document.sounding import Played, clip_notes
from ..engine.ai.words import Word
from ..engine.jobs import Job, Work
from ..errors import StudioError
from .lyricsfile import read_heard
from .session import Session
from .stemtracks import media_with

EARLY_S = 0.2
"""Seconds by which a note may begin before the word that is sung on it was heard."""

NEAR_S = 0.5
"""Seconds from a word to the note that takes it where none begins within the word."""


def lay_words(session: Session, heard: Path, clip_id: str, then: Callable[[str], None]) -> Job:
    """Reads a result of the task “lyrics” as a job and lays its words under the notes of a clip, as one undo step.

    They stand where the song plays the recording, else as if it began with the song. `then` gets a sentence. Main
    thread. Raises StudioError where no clip of notes is chosen.
    """
    clip = session.document.clip(clip_id) if clip_id else None
    if not isinstance(clip, NoteClip):
        raise StudioError("Select the clip whose notes sing these words, then try again.")
    project = session.document.project

    def task(_: Work) -> tuple[tuple[Word, ...], list[str]]:
        found = read_heard(heard)
        source = found.recipe.sources.get("source") if found.recipe is not None else None
        return found.words, media_with(session.bundle, project, source.sha256 if source is not None else "")

    def arrived(job: Job) -> None:
        if job.state != "done":
            return
        words, media = job.result
        try:
            edit, left = words_edit(session.document.project, clip_id, words, media)
            session.document.apply(edit)
        except StudioError as error:
            session.tell(error)
        else:
            rest = f" {left} of {len(words)} words had no note of their own and follow the one before." if left else ""
            then(f"The words are under the notes of “{clip.name}”.{rest}")

    return session.start("lyrics", "Lay the words under the notes", task, arrived)


def words_edit(project: Project, clip_id: str, words: Sequence[Word], media: Collection[str]) -> tuple[Edit, int]:
    """The edit that lays words under the notes of a clip, and how many had no note of their own.

    A word takes the notes that begin within it, each a syllable, else the nearest that is free. `media` are those that
    the words were heard in. Raises StudioError where no note sings any of them.
    """
    clip = next((one for track in project.tracks for one in track.clips if one.id == clip_id), None)
    if not isinstance(clip, NoteClip):
        raise StudioError("The clip of notes is gone; select another.")
    rate, begin = project.rate, begin_of(project, media)
    notes = _sung(clip)
    onsets = [(project.time.frame(note.start) - begin) / rate for note in notes]
    texts: dict[str, str] = {}
    at, left = 0, 0
    for word in words:
        at, taken = _taken(onsets, at, word)
        syllables = syllables_of(word.text)
        if not taken and texts:
            last = next(reversed(texts))
            texts[last] += "".join(syllables)
            left += 1
        for n, place in enumerate(taken):
            rest = "".join(syllables[n:]) if n == len(taken) - 1 else "".join(syllables[n : n + 1])
            if rest:
                texts[notes[place].note.id] = rest
    if not texts:
        raise StudioError(f"No note of “{clip.name}” is sung where a word was heard; choose another clip or move it.")
    return set_syllables(clip_id, texts), left


def begin_of(project: Project, media: Collection[str]) -> int:
    """The song frame at which a recording begins where the song first plays it, 0 where it does not."""
    found = [
        clip_start(clip, project.time) - source
        for track in project.tracks
        for clip in track.clips
        for source in _sources(clip, media)
    ]
    return min(found, default=0)


def _sources(clip: Any, media: Collection[str]) -> list[int]:
    """The frames of the recording that would sound where a clip begins, for each stretch of it in the clip."""
    if isinstance(clip, AudioClip):
        return [clip.source] if clip.media in media else []
    return [take.source - take.start + clip.lead for take in getattr(clip, "takes", ()) if take.media in media]


def _sung(clip: NoteClip) -> list[Played]:
    """The notes that sing, in order: of those that begin together the highest, and of a pattern its first turn."""
    top: dict[int, Played] = {}
    for one in clip_notes(clip):
        if one.turn == 0 and (one.start not in top or one.pitch > top[one.start].pitch):
            top[one.start] = one
    return [top[start] for start in sorted(top)]


def _taken(onsets: Sequence[float], at: int, word: Word) -> tuple[int, list[int]]:
    """The notes from `at` on that a word takes, and from which on the next word may take its own."""
    while at < len(onsets) and onsets[at] < word.start - NEAR_S:
        at += 1
    within = [n for n in range(at, len(onsets)) if word.start - EARLY_S <= onsets[n] < max(word.end, word.start + 0.01)]
    if within:
        return within[-1] + 1, within
    near = min(range(at, len(onsets)), key=lambda n: abs(onsets[n] - word.start), default=-1)
    if near >= 0 and abs(onsets[near] - word.start) <= NEAR_S:
        return near + 1, [near]
    return at, []
