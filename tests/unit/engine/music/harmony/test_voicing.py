"""Chords voiced with least motion."""

from __future__ import annotations

from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.document.harmony import Chord
from studio.engine.music.harmony.symbols import read_chords, tones
from studio.engine.music.harmony.voicing import Style, alternatives, motion, voice

QUALITIES = ("", "m", "dim", "aug", "5", "sus4", "6", "7", "maj7", "m7", "dim7", "m7b5", "9", "maj9", "m11", "13",
             "13#11", "7alt", "7b9", "add9", "6/9", "7sus4", "maj7#11")  # fmt: skip

styles = st.sampled_from(get_args(Style))
pitches = st.lists(st.integers(36, 84), min_size=1, max_size=6, unique=True).map(lambda found: tuple(sorted(found)))


@st.composite
def chords(draw: st.DrawFn) -> Chord:
    root, bass = draw(st.integers(0, 11)), draw(st.none() | st.integers(0, 11))
    return Chord("", 0, 1, root, draw(st.sampled_from(QUALITIES)), None if bass == root else bass)


def classes(chord: Chord) -> set[int]:
    bass = set() if chord.bass is None else {chord.bass}
    return {(chord.root + step) % 12 for step in tones(chord)} | bass


def least(before: tuple[int, ...], after: tuple[int, ...]) -> int:
    """The motion by trying every way in which voices part or join."""
    if len(before) == 1 or len(after) == 1:
        return sum(abs(a - b) for a in before for b in after)
    parts = [least(before[:-1], after[:-1])]
    parts += [least(before, after[:-1])] if len(after) > len(before) else []
    parts += [least(before[:-1], after)] if len(before) > len(after) else []
    return abs(before[-1] - after[-1]) + min(parts)


@given(chords(), styles, st.none() | pitches, st.integers(40, 60), st.integers(24, 40))
def test_voicings_keep_to_the_chord_and_the_range(
    chord: Chord, style: Style, previous: tuple[int, ...] | None, low: int, size: int
) -> None:
    found = voice(chord, style, previous, low, low + size)
    assert len(found) >= 2 and list(found) == sorted(set(found))
    assert low <= found[0] and found[-1] <= low + size
    assert {pitch % 12 for pitch in found} <= classes(chord)
    assert voice(chord, style, previous, low, low + size) == found


@given(chords(), styles, pitches, st.integers(40, 60), st.integers(24, 40))
def test_no_other_voicing_of_the_style_moves_less(
    chord: Chord, style: Style, previous: tuple[int, ...], low: int, size: int
) -> None:
    moved = motion(previous, voice(chord, style, previous, low, low + size))
    others = [least(previous, other) for other in alternatives(chord, style, low, low + size)]
    assert others and moved == min(others)


@given(pitches, pitches)
def test_motion_is_the_least_that_uses_every_voice(before: tuple[int, ...], after: tuple[int, ...]) -> None:
    assert motion(before, after) == motion(after, before) == least(before, after)


@given(
    st.integers(0, 11), st.sampled_from(["", "m", "7", "maj7"]), st.sampled_from(["triad", "seventh", "shell", "open"])
)
def test_low_tones_stand_apart(root: int, quality: str, style: Style) -> None:
    found = voice(Chord("", 0, 1, root, quality), style, (36, 40, 43), 36, 76)
    assert all(b - a >= 5 for a, b in pairwise(found) if a < 48)


@pytest.mark.parametrize(
    ("style", "text", "wanted"),
    [
        ("triad", "C | F | G | C", [(60, 64, 67), (60, 65, 69), (59, 62, 67), (60, 64, 67)]),
        ("seventh", "Dm7 | G7 | Cmaj7", [(60, 62, 65, 69), (59, 62, 65, 67), (59, 60, 64, 67)]),
        ("power", "A5 | Dm", [(57, 64, 69), (62, 69, 74)]),
        ("shell", "Dm7 | G7 | C/E", [(50, 65, 72), (55, 65, 71), (52, 67, 72)]),
        ("rootless", "Dm9 | G13", [(60, 64, 65, 69), (59, 64, 65, 69)]),
        ("open", "C", [(55, 64, 72)]),
    ],
)
def test_known_voicings(style: Style, text: str, wanted: list[tuple[int, ...]]) -> None:
    previous: tuple[int, ...] | None = None
    found = []
    for chord in read_chords(text, 0, 3840):
        previous = voice(chord, style, previous, 48, 79)
        found.append(previous)
    assert found == wanted


@pytest.mark.parametrize("style", ["spread", "shell"])
def test_the_bass_is_lowest(style: Style) -> None:
    (chord,) = read_chords("F/G", 0, 3840)
    assert voice(chord, style, None, 36, 84)[0] % 12 == 7


def test_a_range_without_room_holds_what_fits() -> None:
    (chord,) = read_chords("Cmaj9", 0, 3840)
    assert voice(chord, "close", None, 60, 64) == (60, 62, 64)
    assert voice(chord, "triad", None, 61, 61) == ()
