"""Names of notes in a key: which letter, which sign."""

from __future__ import annotations

from functools import lru_cache

from ....document.harmony import Key

SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")

_BRIGHTER = {"lydian": -1, "major": 0, "mixolydian": 1, "dorian": 2, "minor": 3, "phrygian": 4, "locrian": 5}
"""Fifths from the tonic of the major scale with the same notes up to the mode's own tonic."""

_ABOVE_TONIC = (0, -5, 2, -3, 4, -1, 6, 1, -4, 3, -2, 5)
"""Fifths above the tonic, by semitones above it: the lowered second, third, sixth and seventh, the raised fourth."""

_MODES = {"harmonic minor": "minor", "melodic minor": "minor", "minor pentatonic": "minor", "blues": "minor"}


def note_name(pitch_class: int, key: Key | None = None) -> str:
    """The name of a pitch class, such as "Bb" in F major; with sharps where no key is given."""
    return SHARPS[pitch_class % 12] if key is None else _names(key.tonic, key.mode)[pitch_class % 12]


def key_name(key: Key) -> str:
    """A key as people say it: "Eb major", "F# minor"."""
    return f"{note_name(key.tonic, key)} {key.mode}"


@lru_cache(maxsize=256)
def _names(tonic: int, mode: str) -> tuple[str, ...]:
    home = tonic_fifths(tonic, mode)
    return tuple(_named(home + _ABOVE_TONIC[(pitch_class - tonic) % 12]) for pitch_class in range(12))


def tonic_fifths(tonic: int, mode: str) -> int:
    """Where a tonic stands on the line of fifths, C at 0: with the fewest signs in its key, F# rather than Gb."""
    up = _BRIGHTER.get(_MODES.get(mode, mode), 0)
    signs = (tonic * 7 - up + 5) % 12 - 5
    return signs + up


def _named(fifths: int) -> str:
    """The note at a place of the line of fifths; a double sign gives way to the simpler note of the same sound."""
    signs = (fifths + 1) // 7
    if abs(signs) > 1:
        return _named(fifths - 12 if signs > 0 else fifths + 12)
    return "FCGDAEB"[(fifths + 1) % 7] + ("#" * signs if signs > 0 else "b" * -signs)
