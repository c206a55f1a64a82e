"""Chords as Roman numerals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.document.harmony import SCALES, Chord, Key
from studio.engine.music.harmony.romans import from_roman, roman_of
from studio.engine.music.harmony.symbols import spell
from studio.errors import StudioError

QUALITIES = ("", "m", "7", "maj7", "m7", "dim", "dim7", "m7b5", "sus4", "6", "m6", "6/9", "9", "mmaj7", "aug", "7#5",
             "5", "add9", "7alt", "13", "7b9", "(b5)", "7sus4", "m9", "dimmaj7", "m6/9", "m11", "maj7#11")  # fmt: skip
C, A_MINOR = Key(0, 0), Key(0, 9, "minor")


@given(st.integers(0, 11), st.sampled_from(sorted(SCALES)), st.integers(0, 11), st.sampled_from(QUALITIES),
       st.none() | st.integers(0, 11))  # fmt: skip
def test_numerals_come_back(tonic: int, mode: str, root: int, quality: str, bass: int | None) -> None:
    key, bass = Key(0, tonic, mode), None if bass == root else bass
    assert from_roman(roman_of(Chord("", 0, 1, root, quality, bass), key), key) == (root, quality, bass)


@pytest.mark.parametrize(
    ("key", "numeral", "symbol"),
    [(C, "I", "C"), (C, "ii7", "Dm7"), (C, "V7", "G7"), (C, "Imaj7", "Cmaj7"), (C, "bVI", "Ab"), (C, "♭VII", "Bb"),
     (C, "iiø7", "Dm7b5"), (C, "viio", "Bdim"), (C, "V7/ii", "A7"), (C, "V/V", "D"), (C, "viio7/V", "F#dim7"),
     (C, "V7/vi", "E7"), (C, "IV/V", "F/G"), (C, "V/7", "G/B"), (C, "I/3", "C/E"), (C, "iv", "Fm"), (C, "I6/9", "C6/9"),
     (C, "#ivø7", "F#m7b5"), (A_MINOR, "i", "Am"), (A_MINOR, "VI", "F"), (A_MINOR, "bVI", "F"), (A_MINOR, "VII", "G"),
     (A_MINOR, "III", "C"), (A_MINOR, "vii°", "G#dim"), (A_MINOR, "bvii", "Gm"), (A_MINOR, "V7", "E7"),
     (A_MINOR, "iiø7", "Bm7b5"), (A_MINOR, "V7/VI", "C7"), (A_MINOR, "#VI", "F#"), (A_MINOR, "bII", "Bb"),
     (Key(0, 2, "dorian"), "IV7", "G7"), (Key(0, 7, "mixolydian"), "bVII", "F")],
)  # fmt: skip
def test_what_numerals_mean(key: Key, numeral: str, symbol: str) -> None:
    assert spell(Chord("", 0, 1, *from_roman(numeral, key)), key) == symbol


@pytest.mark.parametrize(
    ("key", "root", "quality", "numeral"),
    [(C, 9, "7", "V7/ii"), (C, 2, "7", "V7/V"), (C, 9, "m7", "vi7"), (C, 8, "", "bVI"), (C, 11, "m7b5", "viiø7"),
     (A_MINOR, 8, "dim7", "vii°7"), (A_MINOR, 5, "maj7", "VImaj7"), (A_MINOR, 4, "7", "V7"), (A_MINOR, 7, "7", "VII7")],
)  # fmt: skip
def test_how_chords_are_written(key: Key, root: int, quality: str, numeral: str) -> None:
    assert roman_of(Chord("", 0, 1, root, quality), key) == numeral


@pytest.mark.parametrize(
    "text", ["", "VIII", "Am", "V7/", "V7/xx", "I/8", "IV/Vm", "iv/vi/ii", "Iq", "V" * 50, "V/" * 5000 + "I"]
)
def test_what_is_no_numeral_is_refused(text: str) -> None:
    with pytest.raises(StudioError, match="not a Roman numeral"):
        from_roman(text, C)
