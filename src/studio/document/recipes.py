"""How notes came to be: the request that a producer was given, kept on every clip that it wrote."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from .grooves import Groove
from .time import PPQ

if TYPE_CHECKING:
    from .notes import Note

PARTS = ("drums", "percussion", "chords", "bass", "melody", "harmony", "effects")
"""The parts of an arrangement, in the order in which they are written: each hears those before it."""


RULES, GROOVE, BOTH = "rules", "groove", "both"
ENGINES = (RULES, GROOVE, BOTH)
"""Who writes the drums: the genre's rules, the model of drummers, or the rules with the model's hands and fills."""


class FormPart(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A section of a form: its kind ("verse") and its length in bars."""

    kind: str
    bars: int


class Request(msgspec.Struct, frozen=True, gc=False):
    """What was asked for. The same request gives the same notes on every machine.

    `complexity`, `intensity`, `humanise` and `fills` go from 0 to 1. `swing` is the percentage of a pair that its first
    half takes, 50 (straight) to 75; None leaves it to the genre. `tonic` is a pitch class, `mode` one of SCALES.
    `form` is empty for a loop of `bars` bars. A `groove` takes the place of swing in the parts `grooved`. `engine` is
    one of ENGINES; the same notes on every machine are promised for the rules, on one machine for the others.
    """

    genre: str
    bpm: float
    bars: int
    tonic: int
    mode: str
    numerator: int = 4
    denominator: int = 4
    complexity: float = 0.5
    intensity: float = 0.5
    swing: float | None = None
    humanise: float = 0.5
    fills: float = 0.5
    seed: int = 1
    parts: tuple[str, ...] = PARTS
    form: tuple[FormPart, ...] = ()
    groove: Groove | None = None
    grooved: tuple[str, ...] = PARTS
    engine: str = RULES

    @property
    def bar_ticks(self) -> int:
        """Ticks of one bar."""
        return PPQ * 4 * self.numerator // self.denominator


class Recipe(msgspec.Struct, frozen=True, gc=False):
    """How the notes of one clip were written: one part of a request, from bar `first` of it on.

    Bars are those of the clip's own time, whatever its window shows. `seeds` names for each bar the seed it was last
    written with, `marks` what `mark` says of its notes as written: a bar with another mark was edited by hand.
    """

    request: Request
    part: str
    first: int
    seeds: tuple[int, ...]
    marks: tuple[int, ...]
    locked: bool = False


def mark(notes: Iterable[Note], first: int) -> int:
    """A number that differs where a bar's notes do. `first` is the bar's first tick; ids do not count."""
    plain = sorted((note.start - first, note.length, note.pitch, note.velocity, note.muted) for note in notes)
    return zlib.crc32(repr(plain).encode())
