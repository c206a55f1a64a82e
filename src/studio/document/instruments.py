"""What an instrument track plays on, and the names of its drum lanes."""

from __future__ import annotations

import msgspec

DRUM_BANK = 128
"""The bank of drum kits, as in SoundFonts; in MIDI files it means channel 10."""


class Instrument(msgspec.Struct, frozen=True, gc=False):
    """An instrument by the name of its kind, with its preset and its parameters as sorted (name, value) pairs.

    `program` (0 to 127) and `bank` (0 to 16383: the coarse bank select plus 128 times the fine one, or DRUM_BANK)
    choose a sound in those that have banks. Files are not named here: a
    preset is looked up by its name.
    """

    kind: str = "soundfont"
    preset: str = ""
    program: int = 0
    bank: int = 0
    parameters: tuple[tuple[str, float], ...] = ()


class Lane(msgspec.Struct, frozen=True, gc=False):
    """A row of the drum grid: the pitch it plays, its name, and whether it is silenced."""

    pitch: int
    name: str
    muted: bool = False
