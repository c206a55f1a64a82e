"""Chord symbols as files and lanes have them: `Am7`, `F#maj7/A#`."""

from __future__ import annotations

from ...document.harmony import Chord
from ...document.project import new_id
from .harmony.spelling import SHARPS
from .harmony.symbols import read_symbol, spell

__all__ = ["SHARPS", "parse_chord", "spell_chord"]


def parse_chord(symbol: str, start: int, length: int) -> Chord | None:
    """The chord that a symbol with a large letter names; None where it names none."""
    written = symbol.strip()
    sound = read_symbol(written) if written[:1].isupper() else None
    return None if sound is None else Chord(new_id("chord"), start, length, *sound, written)


def spell_chord(chord: Chord) -> str:
    """The symbol of a chord, as it was written or with sharps."""
    return chord.symbol or spell(chord)
