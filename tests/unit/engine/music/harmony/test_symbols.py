"""Chords as people type them, and their symbols and tones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.document.harmony import SCALES, Chord, Key
from studio.engine.music.chordnames import parse_chord, spell_chord
from studio.engine.music.harmony.qualities import plain_quality, quality_tones
from studio.engine.music.harmony.symbols import ChordTextError, read_chords, read_symbol, read_words, spell, tones
from studio.errors import StudioError

QUALITIES = (
    "", "m", "dim", "aug", "5", "sus2", "sus4", "6", "m6", "6/9", "m6/9", "7", "maj7", "m7", "mmaj7", "dim7", "m7b5",
    "9", "maj9", "m9", "11", "m11", "13", "maj13", "m13", "7b5", "7#5", "7b9", "7#9", "7b9b13", "7alt", "7sus4",
    "9sus4", "13sus4", "7sus4b9", "maj7#11", "13#11", "add9", "madd9", "add11", "(b5)", "m7add11", "7add13", "7no5",
)  # fmt: skip

keys = st.builds(Key, st.just(0), st.integers(0, 11), st.sampled_from(sorted(SCALES)))


@st.composite
def chords(draw: st.DrawFn) -> Chord:
    root, bass = draw(st.integers(0, 11)), draw(st.none() | st.integers(0, 11))
    return Chord("", 0, 1, root, draw(st.sampled_from(QUALITIES)), None if bass == root else bass)


def sounds(text: str) -> list[tuple[int, int, str]]:
    return [(chord.start, chord.length, spell(chord)) for chord in read_chords(text, 0, 3840)]


@given(chords(), st.none() | keys)
def test_what_is_spelled_is_read_back_equal(chord: Chord, key: Key | None) -> None:
    assert read_symbol(spell(chord, key)) == (chord.root, chord.quality, chord.bass)
    (back,) = read_chords(spell(chord, key), 0, 3840)
    assert (back.root, back.quality, back.bass) == (chord.root, chord.quality, chord.bass)


@pytest.mark.parametrize("quality", QUALITIES)
def test_plain_qualities_stay_as_they_are(quality: str) -> None:
    assert plain_quality(quality) == quality


@pytest.mark.parametrize(
    ("written", "plain"),
    [("A-7", "Am7"), ("Amin7", "Am7"), ("AMi7", "Am7"), ("C△7", "Cmaj7"), ("CΔ", "Cmaj7"), ("CM7", "Cmaj7"),
     ("C7M", "Cmaj7"), ("CMAJ7", "Cmaj7"), ("Cmaj", "C"), ("F#m7b5", "F#m7b5"), ("F♯ø", "F#m7b5"), ("Fø7", "Fm7b5"),
     ("B°7", "Bdim7"), ("Bo", "Bdim"), ("C+", "Caug"), ("C+7", "C7#5"), ("Caug7", "C7#5"), ("C7+9", "C7#9"),
     ("C7-5", "C7b5"), ("Csus", "Csus4"), ("C7sus", "C7sus4"), ("C7b9sus4", "C7sus4b9"), ("C6/9", "C6/9"),
     ("C69/E", "C6/9/E"), ("C6/9/E", "C6/9/E"), ("C2", "Cadd9"), ("C(add9)", "Cadd9"), ("C7(b9,b13)", "C7b9b13"),
     ("Cm(maj7)", "Cmmaj7"), ("C-Δ7", "Cmmaj7"), ("Calt", "C7alt"), ("Cm7(11)", "Cm7add11"), ("C7/9", "C9"),
     ("Cno3", "C5"), ("Cb5", "B5"), ("C(b5)", "C(b5)"), ("Cmb5", "Cdim"), ("H7", "B7"), ("B7", "B7"), ("am7", "Am7"),
     ("bb", "A#"), ("E♭/G", "D#/G"), ("C/C", "C"), ("Chalf-dim7", "Cm7b5")],
)  # fmt: skip
def test_people_write_chords_in_many_ways(written: str, plain: str) -> None:
    found = read_symbol(written)
    assert found is not None
    assert spell(Chord("", 0, 1, *found)) == plain


@pytest.mark.parametrize(
    "word", ["X7", "Cfoo", "C7/X", "Cm5", "C77", "I", "7", "C//E", "Chello", "Cadd7", "C7m", "dim", "add9", "C" * 40]
)
def test_what_is_no_chord_is_none(word: str) -> None:
    assert read_symbol(word) is None


@given(st.text(alphabet="ABCDEFGHabmM#♭♯°øΔ+-/()0123456789sudijrg,. |%\n", max_size=40))
def test_any_text_is_read_or_refused_with_its_place(text: str) -> None:
    try:
        made = read_chords(text, 960, 3840)
    except ChordTextError as error:
        assert 0 <= error.first <= error.last <= len(text) and error.bar >= 1
        assert str(error).endswith(".")
    else:
        ends = [chord.start + chord.length for chord in made]
        assert all(chord.length > 0 for chord in made)
        assert all(end <= chord.start for end, chord in zip(ends, made[1:], strict=False))


def test_chords_of_a_bar_share_it() -> None:
    assert sounds("Am7 | F | C G/B") == [(0, 3840, "Am7"), (3840, 3840, "F"), (7680, 1920, "C"), (9600, 1920, "G/B")]
    assert sounds("C Dm Em") == [(0, 1280, "C"), (1280, 1280, "Dm"), (2560, 1280, "Em")]
    (chord,) = read_chords("A-7", 960, 2880)
    assert (chord.start, chord.length, chord.symbol, chord.quality) == (960, 2880, "A-7", "m7")


def test_bars_and_chords_are_held_and_repeated() -> None:
    assert sounds("C . . G | % | N.C. | F %") == [
        (0, 2880, "C"), (2880, 960, "G"), (3840, 2880, "C"), (6720, 960, "G"), (11520, 3840, "F")]  # fmt: skip
    assert sounds("C | . G") == [(0, 3840, "C"), (3840, 1920, "C"), (5760, 1920, "G")]


def test_bar_lines_at_the_ends_and_new_lines_are_no_empty_bars() -> None:
    assert sounds("| C | F ||\n\n G | Am |\r\n") == sounds("C | F | G | Am")


@pytest.mark.parametrize(
    ("text", "sentence", "bar", "word"),
    [("C | F Xy7 | G", "“Xy7” in bar 2 is not a chord", 2, "Xy7"), ("C |  | G", "Bar 2 is empty", 2, ""),
     ("% | C", "“%” in bar 1 repeats a bar", 1, "%"), (". C", "“.” in bar 1 holds a chord", 1, "."),
     (" \n", "There are no chords here yet", 1, " \n"), ("C | " * 5000, "This text has 5000 bars", 1, "C | " * 5000),
     ("C | " + "C " * 70, "Bar 2 has 70 chords", 2, ("C " * 70).strip())],
)  # fmt: skip
def test_text_that_is_not_chords_is_named(text: str, sentence: str, bar: int, word: str) -> None:
    with pytest.raises(StudioError, match=sentence) as caught:
        read_chords(text, 0, 3840)
    assert isinstance(caught.value, ChordTextError)
    assert (caught.value.bar, text[caught.value.first : caught.value.last]) == (bar, word)


def test_numerals_are_read_in_a_key() -> None:
    found = [(word.root, word.quality) for word in read_words("vi | IV | I V7/ii", Key(0, 7))]
    assert found == [(4, "m"), (0, ""), (7, ""), (4, "7")]
    with pytest.raises(ChordTextError, match="“vi” in bar 1 is not a chord"):
        read_words("vi | IV")


@pytest.mark.parametrize(
    ("quality", "steps"),
    [("", (0, 4, 7)), ("m7", (0, 3, 7, 10)), ("dim7", (0, 3, 6, 9)), ("m7b5", (0, 3, 6, 10)), ("sus2", (0, 2, 7)),
     ("7sus4", (0, 5, 7, 10)), ("maj9", (0, 4, 7, 11, 14)), ("11", (0, 4, 7, 10, 14, 17)), ("5", (0, 7)),
     ("13", (0, 4, 7, 10, 14, 21)), ("13#11", (0, 4, 7, 10, 14, 18, 21)), ("7b9b13", (0, 4, 7, 10, 13, 20)),
     ("7alt", (0, 4, 10, 13, 15, 20)), ("6/9", (0, 4, 7, 9, 14)), ("m6", (0, 3, 7, 9)), ("7#5", (0, 4, 8, 10)),
     ("maj7#11", (0, 4, 7, 11, 18)), ("no chord", (0, 4, 7)), ("mystery", (0, 3, 7))],
)  # fmt: skip
def test_tones_of_a_quality(quality: str, steps: tuple[int, ...]) -> None:
    assert tones(Chord("", 0, 1, 5, quality)) == quality_tones(quality) == steps


@pytest.mark.parametrize(
    ("tonic", "mode", "names"),
    [(5, "major", "F Gb G Ab A Bb B C Db D Eb E"), (9, "minor", "A Bb B C C# D D# E F F# G G#"),
     (2, "major", "D Eb E F F# G G# A Bb B C C#"), (7, "minor", "G Ab A Bb B C C# D Eb E F F#"),
     (2, "dorian", "D Eb E F F# G G# A Bb B C C#"), (10, "major", "Bb Cb C Db D Eb E F Gb G Ab A")],
)  # fmt: skip
def test_a_key_says_sharps_or_flats(tonic: int, mode: str, names: str) -> None:
    found = [spell(Chord("", 0, 1, (tonic + up) % 12), Key(0, tonic, mode)) for up in range(12)]
    assert found == names.split()


def test_symbols_of_files_begin_with_a_large_letter() -> None:
    chord = parse_chord(" Ebm7/Bb ", 5, 10)
    assert chord is not None
    assert (chord.root, chord.quality, chord.bass, spell_chord(chord)) == (3, "m7", 10, "Ebm7/Bb")
    assert parse_chord("a", 0, 1) is None
