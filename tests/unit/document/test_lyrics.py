"""Syllables on notes."""

from __future__ import annotations

import msgspec
import pytest

from notesongs import clips_of, note_song
from studio.document.document import EditRefused
from studio.document.edits import lyrics
from studio.document.edits import notes as edits
from studio.document.notes import Note


def test_syllables_are_set_and_taken_away() -> None:
    document = note_song([Note("a", 0, 10, 60), Note("b", 10, 10, 62)], [])
    (clip,) = clips_of(document)
    document.apply(lyrics.set_syllables(clip.id, {"a": "Hel-", "b": "lo\nthere "}))
    assert [note.text for note in clips_of(document)[0].notes] == ["Hel-", "lo there "]
    assert lyrics.lyrics_of(clips_of(document)[0].notes) == "Hel-lo there"
    document.apply(lyrics.set_syllables(clip.id, {"b": "   "}))
    assert [note.text for note in clips_of(document)[0].notes] == ["Hel-", ""]
    with pytest.raises(EditRefused, match="no longer in the clip"):
        document.apply(lyrics.set_syllables(clip.id, {"gone": "la"}))


def test_they_follow_their_notes() -> None:
    document = note_song([Note("a", 0, 100, 60, text="Hel-"), Note("b", 100, 100, 60, text="lo ")], [])
    (clip,) = clips_of(document)
    document.apply(edits.move_notes(clip.id, None, 960))
    document.apply(edits.split_notes(clip.id, ("b",), 1100))
    assert [note.text for note in clips_of(document)[0].notes] == ["Hel-", "lo ", ""]
    document.apply(edits.join_notes(clip.id, [note.id for note in clips_of(document)[0].notes]))
    assert [note.text for note in clips_of(document)[0].notes] == ["Hel-lo "]


def test_written_lyrics_are_parted_and_spread_over_the_highest_notes() -> None:
    text = "Twin-kle, twin-kle  lit-tle\nstar - yes"
    assert lyrics.syllables_of(text) == ["Twin-", "kle, ", "twin-", "kle ", "lit-", "tle ", "star ", "- ", "yes "]
    notes = [Note("low", 0, 10, 40), Note("top", 0, 10, 70), Note("next", 50, 10, 30)]
    assert lyrics.spread(notes, text) == {"top": "Twin-", "next": "kle, "}


def test_notes_of_older_songs_have_no_syllables() -> None:
    old = b'["n1",0,240,60,96,false,1.0,0,0]'
    assert msgspec.json.decode(old, type=Note) == Note("n1", 0, 240, 60)


def test_a_syllable_of_a_whole_page_is_refused() -> None:
    document = note_song([Note("a", 0, 10, 60)], [])
    (clip,) = clips_of(document)
    document.apply(lyrics.set_syllables(clip.id, {"a": "x" * 500}))
    assert len(clips_of(document)[0].notes[0].text) == 200
    with pytest.raises(EditRefused, match="more than 200"):
        document.apply(edits.replace_notes(clip.id, [Note("a", 0, 10, 60, text="x" * 201)]))
