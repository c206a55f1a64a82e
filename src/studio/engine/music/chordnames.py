"""Chord symbols as people write them: `Am7`, `F#maj7/A#`."""

from __future__ import annotations

import re

from ...document.harmony import Chord
from ...document.project import new_id

SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SYMBOL = re.compile(r"([A-G])([#b♯♭]?)([a-zA-Z0-9+°øΔ()#b♯♭,-]{0,24})(?:/([A-G])([#b♯♭]?))?")
_QUALITY = re.compile(r"(?:maj|min|dim|aug|sus|add|alt|omit|no|m|M|o|°|ø|Δ|\+|-|[0-9]+|[#b♯♭(),])*")


def parse_chord(symbol: str, start: int, length: int) -> Chord | None:
    """The chord that a symbol names; None where it names none."""
    found = _SYMBOL.fullmatch(symbol.strip())
    if found is None or not _QUALITY.fullmatch(found[3]):
        return None
    bass = _pitch_class(found[4], found[5]) if found[4] else None
    return Chord(new_id("chord"), start, length, _pitch_class(found[1], found[2]), found[3], bass, symbol.strip())


def spell_chord(chord: Chord) -> str:
    """The symbol of a chord, as it was written or with sharps."""
    if chord.symbol:
        return chord.symbol
    bass = "" if chord.bass is None else f"/{SHARPS[chord.bass]}"
    return f"{SHARPS[chord.root]}{chord.quality}{bass}"


def _pitch_class(letter: str, sign: str) -> int:
    return (_LETTERS[letter] + {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}[sign]) % 12
