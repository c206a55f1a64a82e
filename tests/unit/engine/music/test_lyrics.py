"""Lyrics brought to the notes that sing them."""

from __future__ import annotations

from studio.document.notes import Note
from studio.engine.music.lyrics import NEAR, fitting, sung


def texts(notes: tuple[Note, ...]) -> dict[str, str]:
    return {note.id: note.text for note in notes if note.text}


def test_the_highest_of_a_chord_sings_first() -> None:
    notes = (Note("a", 0, 10, 80), Note("b", 0, 10, 60), Note("c", 0, 10, 70), Note("d", 960, 10, 50))
    found, homeless = sung(notes, [(0, "one "), (0, "two "), (960, "three")])
    assert (texts(found), homeless) == ({"a": "one ", "c": "two ", "d": "three"}, 0)


def test_a_syllable_goes_to_the_note_near_it_or_to_the_one_before() -> None:
    notes = (Note("a", 1000, 10, 60), Note("b", 2000, 10, 60, text="kept"), Note("c", 3000, 10, 60))
    words = [(500, "be-"), (1000 - NEAR, "fore "), (2500, "late "), (3000 + NEAR, "last")]
    assert fitting(notes, words) == 2
    found, homeless = sung(notes, words)
    assert texts(found) == {"a": "be-fore late ", "b": "kept", "c": "last"}
    assert homeless == 2
