"""Which chords may come next, and why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.document.harmony import SCALES, Chord, Key
from studio.engine.music.harmony.loops import LOOPS
from studio.engine.music.harmony.romans import from_roman
from studio.engine.music.harmony.suggesting import suggest
from studio.engine.music.harmony.symbols import read_chords, spell

C, A_MINOR = Key(0, 0), Key(0, 9, "minor")


def suggested(text: str, key: Key, count: int = 8) -> list[tuple[str, str]]:
    chords = read_chords(text, 0, 3840) if text else ()
    return [(spell(one.chord, key), one.reason) for one in suggest(chords, key, count)]


@pytest.mark.parametrize(
    ("text", "key", "symbol", "reason"),
    [
        ("", C, "C", "I: home in C major, where most songs begin"),
        ("", A_MINOR, "Am", "i: home in A minor, where most songs begin"),
        ("Dm | G7", C, "C", "I: comes home from G7"),
        ("Am | E7", A_MINOR, "Am", "i: comes home from E7"),
        ("C | G | Am", C, "F", "IV: goes on as I–V–vi–IV, a loop of pop"),
        ("Am | F | C", A_MINOR, "G", "VII: goes on as i–VI–III–VII, a loop of reggaeton"),
        ("C | A7", C, "Dm", "ii: where A7 leads"),
        ("Cmaj7 | Dm7", C, "G7", "V7: leads home to C"),
        ("Dm7 | G7", C, "Cmaj7", "Imaj7: comes home from G7"),
    ],
)
def test_the_likeliest_comes_first(text: str, key: Key, symbol: str, reason: str) -> None:
    assert suggested(text, key)[0] == (symbol, reason)


@pytest.mark.parametrize(
    ("text", "key", "symbol", "reason"),
    [
        ("C | G7", C, "Am", "vi: a deceptive turn: Am where C is expected"),
        ("C", C, "Am", "vi: the relative minor of C, which shares two of its notes"),
        ("C | F | Dm", C, "Fm", "iv: borrowed from C minor"),
        ("Am", A_MINOR, "B7", "V7/v: leads to Em, which can follow"),
        ("Am", A_MINOR, "D", "IV: borrowed from A dorian, brighter than Dm"),
        ("F | Am", C, "Dm", "ii: a fifth below Am, round the circle of fifths"),
        ("C | E | F | C | E", C, "F", "IV: followed C and E earlier in the song"),
    ],
)
def test_other_chords_have_their_reasons(text: str, key: Key, symbol: str, reason: str) -> None:
    assert (symbol, reason) in suggested(text, key, 20)


@given(
    st.builds(Key, st.just(0), st.integers(0, 11), st.sampled_from(sorted(SCALES))),
    st.lists(st.tuples(st.integers(0, 11), st.sampled_from(["", "m", "7", "maj7", "m7", "dim", "sus4", "6"]))),
)
def test_suggestions_are_ranked_and_differ(key: Key, steps: list[tuple[int, str]]) -> None:
    chords = [Chord("", 960 * n, 960, root, quality) for n, (root, quality) in enumerate(steps)]
    found = suggest(chords, key, 6)
    assert len(found) >= 4
    weights = [one.weight for one in found]
    assert weights == sorted(weights, reverse=True) and all(0 < weight <= 1 for weight in weights)
    assert len({(one.chord.root, one.chord.quality) for one in found}) == len(found)
    begin, length = (960 * len(steps), 960) if steps else (0, 3840)
    assert all((one.chord.start, one.chord.length) == (begin, length) for one in found)
    for one in found:
        numeral, _, why = one.reason.partition(": ")
        assert from_roman(numeral, key)[:2] == (one.chord.root, one.chord.quality) and why
    assert suggest(chords, key, 3) == found[:3]


@pytest.mark.parametrize("third", sorted(LOOPS))
def test_loops_can_be_read(third: str) -> None:
    for _, numerals in LOOPS[third]:
        for numeral in numerals.split():
            from_roman(numeral, Key(0, 0, third))
