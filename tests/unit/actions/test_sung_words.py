"""Words that were heard find the notes on which they are sung, wherever the song plays the recording."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from songs import RATE, media
from studio.actions.sungwords import begin_of, words_edit
from studio.document.document import Document
from studio.document.edits import clips, song, takes, tracks
from studio.document.edits.notes import make_note, make_note_clip
from studio.document.notes import NoteClip
from studio.document.project import new_project
from studio.document.time import PPQ
from studio.engine.ai.words import Word
from studio.errors import StudioError

VOICE = media(20 * RATE, "Voice")


def sung(*starts: float, at: int = 0) -> tuple[Document, NoteClip]:
    """A song at 120 BPM with notes at these beats of a clip that begins at tick `at`."""
    document = Document(new_project("Song"))
    keys = tracks.fresh_track(document.project, "Tune", "instrument")
    notes = [make_note(round(start * PPQ), PPQ // 4, 60 + n, 90) for n, start in enumerate(starts)]
    clip = make_note_clip("Tune", at, 32 * PPQ, notes)
    document.apply(song.sequence("Begin", [tracks.add_tracks((keys,)), clips.add_clips(keys.id, (clip,))]))
    return document, clip


def texts(document: Document, clip: NoteClip) -> list[str]:
    found = document.clip(clip.id)
    assert isinstance(found, NoteClip)
    return [note.text for note in found.notes]


def test_each_word_takes_the_notes_that_begin_within_it() -> None:
    document, clip = sung(0, 1, 2, 3, 8)
    words = [Word("Night", 0.05, 0.4), Word("mel-o-dy", 0.45, 1.7), Word("bus", 3.8, 4.2)]
    edit, left = words_edit(document.project, clip.id, words, ())
    before = document.project
    document.apply(edit)
    assert texts(document, clip) == ["Night ", "mel-", "o-", "dy ", "bus "] and left == 0
    document.undo()
    assert document.project == before


def test_words_without_a_note_follow_the_one_before_and_notes_without_a_word_stay() -> None:
    document, clip = sung(0, 8, 20)
    words = [Word("one", 0.0, 0.3), Word("two", 1.0, 1.2), Word("three", 4.3, 4.5)]
    edit, left = words_edit(document.project, clip.id, words, ())
    document.apply(edit)
    assert texts(document, clip) == ["one two ", "three ", ""] and left == 1


def test_the_recording_is_followed_where_the_song_plays_it() -> None:
    document, clip = sung(0, 1, at=8 * PPQ)
    voice = tracks.fresh_track(document.project, "Voice")
    whole = clips.make_clip(VOICE, voice, 3 * RATE, document.project.time)
    cut = replace(whole, source=RATE, length=8 * RATE)
    document.apply(
        song.sequence(
            "Sing", [song.put_media((VOICE,)), tracks.add_tracks((voice,)), clips.add_clips(voice.id, (cut,))]
        )
    )
    words = [Word("la", 2.0, 2.3), Word("lu", 2.5, 2.8)]
    assert begin_of(document.project, {VOICE.id}) == 2 * RATE
    with pytest.raises(StudioError, match="No note of “Tune” is sung where a word was heard"):
        words_edit(document.project, clip.id, words, ())
    document.apply(words_edit(document.project, clip.id, words, {VOICE.id})[0])
    assert texts(document, clip) == ["la ", "lu "]


def test_takes_are_followed_too() -> None:
    document = Document(new_project("Song"))
    voice = tracks.fresh_track(document.project, "Voice")
    document.apply(tracks.add_tracks((voice,)))
    passes = [takes.Pass(5 * RATE, 2 * RATE, RATE), takes.Pass(5 * RATE + RATE // 2, 9 * RATE, RATE)]
    document.apply(takes.record_passes(voice.id, VOICE, passes))
    assert begin_of(document.project, {VOICE.id}) == RATE // 2 - 4 * RATE, "the pass that began longest ago"
    with pytest.raises(StudioError, match="The clip of notes is gone"):
        words_edit(document.project, "gone", [], ())
