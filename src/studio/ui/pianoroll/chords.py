"""The notes of a chord of the song, as they are stamped into a clip."""

from __future__ import annotations

from ...document.harmony import Chord
from ...engine.music.harmony.symbols import tones

MIDDLE = 48
"""Roots are stamped from this pitch on, C3."""


def chord_pitches(chord: Chord) -> tuple[int, ...]:
    """The pitches of a chord, lowest first: all its tones upwards from the root, the bass below."""
    found = {MIDDLE + chord.root + step for step in tones(chord)}
    if chord.bass is not None:
        found.add(MIDDLE - 12 + chord.bass)
    return tuple(sorted(found))
