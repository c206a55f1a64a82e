"""The notes of a chord of the song, as they are stamped into a clip."""

from __future__ import annotations

import re

from ...document.harmony import Chord

MIDDLE = 48
"""Roots are stamped from this pitch on, C3."""

_THIRDS = ((re.compile(r"^(?:min|m(?!aj)|-)"), (0, 3, 7)), (re.compile(r"^(?:dim|o|°)"), (0, 3, 6)),
           (re.compile(r"^(?:ø|m7b5|m7♭5)"), (0, 3, 6)), (re.compile(r"^(?:aug|\+)"), (0, 4, 8)),
           (re.compile(r"^5$"), (0, 7)))  # fmt: skip


def chord_pitches(chord: Chord) -> tuple[int, ...]:
    """The pitches of a chord, lowest first: triad, seventh and extensions as its quality says, the bass below."""
    steps = set(_triad(chord.quality))
    steps |= _sevenths(chord.quality) | _extensions(chord.quality)
    root = MIDDLE + chord.root
    found = {root + step for step in steps}
    if chord.bass is not None:
        found.add(MIDDLE - 12 + chord.bass)
    return tuple(sorted(found))


def _triad(quality: str) -> tuple[int, ...]:
    if "b5" in quality or "♭5" in quality:
        return (0, 3, 6) if quality.startswith("m") and not quality.startswith("maj") else (0, 4, 6)
    if "sus2" in quality:
        return (0, 2, 7)
    if "sus" in quality:
        return (0, 5, 7)
    return next((steps for pattern, steps in _THIRDS if pattern.search(quality)), (0, 4, 7))


def _sevenths(quality: str) -> set[int]:
    if re.search(r"maj(?:7|9|11|13)|M(?:7|9|11|13)|Δ", quality):
        return {11}
    if re.search(r"^(?:dim|o|°)7", quality):
        return {9}
    if "ø" in quality or re.search(r"(?<!add)(?<![b#♭♯])(?:7|9|11|13)", quality):
        return {10}
    return set()


def _extensions(quality: str) -> set[int]:
    found = {14} if "9" in quality else set()
    if re.search(r"[b♭]9", quality):
        found = {13}
    elif re.search(r"[#♯]9", quality):
        found = {15}
    if "11" in quality:
        found.add(18 if re.search(r"[#♯]11", quality) else 17)
    if "13" in quality:
        found.add(20 if re.search(r"[b♭]13", quality) else 21)
    if re.search(r"(?<![0-9])6", quality):
        found.add(9)
    return found
