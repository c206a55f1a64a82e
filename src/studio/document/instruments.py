"""What an instrument track plays on, the sounds it plays on some keys, and the names of its drum lanes."""

from __future__ import annotations

import msgspec

DRUM_BANK = 128
"""The bank of drum kits, as in SoundFonts; in MIDI files it means channel 10."""


MAX_ZONES = 128
"""The most zones of an instrument."""


class Zone(msgspec.Struct, frozen=True, gc=False):
    """A stretch of a sound on some keys: `length` frames of `media` from `start` on, played by pitches `low` to `high`.

    `root` plays it as it is, a key above a semitone higher; `tune` adds cents. `one_shot` plays it to its end however
    short the note is. A zone that begins ends what sounds of its group `choke`; 0 is none.
    """

    media: str
    low: int
    high: int
    root: int
    start: int
    length: int
    gain: float = 1.0
    tune: float = 0.0
    one_shot: bool = True
    choke: int = 0

    def covers(self, pitch: int) -> bool:
        """Whether a pitch plays it."""
        return self.low <= pitch <= self.high


class Instrument(msgspec.Struct, frozen=True, gc=False):
    """An instrument by the name of its kind, with its preset and its parameters as sorted (name, value) pairs.

    `program` (0 to 127) and `bank` (0 to 16383: the coarse bank select plus 128 times the fine one, or DRUM_BANK)
    choose a sound in those that have banks. Files are not named here: a
    preset is looked up by its name.

    Pitches that `zones` cover are played by a sampler, whatever the kind; the kind "sampler" has nothing else.
    """

    kind: str = "soundfont"
    preset: str = ""
    program: int = 0
    bank: int = 0
    parameters: tuple[tuple[str, float], ...] = ()
    zones: tuple[Zone, ...] = ()


class Lane(msgspec.Struct, frozen=True, gc=False):
    """A row of the drum grid: the pitch it plays, its name, and whether it is silenced."""

    pitch: int
    name: str
    muted: bool = False
