"""The chords of a composition: the song's own where it has them, the genre's progressions elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ....document.harmony import Chord, Key
from ....document.project import new_id
from ..genres.genre import Genre, Progression
from ..harmony.romans import from_roman, is_minor
from ..harmony.symbols import spell
from .chance import Chance
from .choosing import fitting, manner_of

if TYPE_CHECKING:
    from .sheet import Bar


def write_chords(genre: Genre, seed: int, key: Key, bars: Sequence[Bar], given: Sequence[Chord]) -> list[Chord]:
    """Chords from the first bar to the end, without a gap, at ticks from the first bar.

    Sections of one kind share a progression. The last bar of all comes home, unless it is a loop.
    """
    end = bars[-1].end
    given = [chord for chord in given if chord.start < end and chord.start + chord.length > 0]
    made = [chord for bar in bars for chord in _bar_chords(genre, seed, key, bar, bar is bars[-1])]
    if not given:
        return made
    free = [chord for chord in made if not any(_overlap(one, chord) for one in given)]
    return _closed(sorted([*given, *free], key=lambda chord: chord.start), end)


def _overlap(one: Chord, other: Chord) -> bool:
    return one.start < other.start + other.length and other.start < one.start + one.length


def choose_progression(genre: Genre, seed: int, key: Key, kind: str, energy: float) -> Progression:
    """The progression of the sections of a kind: one of its own or one of those for any; in a loop, one of all."""
    usable = [one for one in genre.progressions if not one.modes or key.mode in one.modes] or list(genre.progressions)
    general = [one for one in usable if kind in ("loop", *one.sections) or not one.sections]
    usable = fitting([replace(one, sections=()) for one in general] or usable, kind, energy, manner_of(genre, seed))
    return Chance(seed, "progression", kind).pick(usable, [one.weight for one in usable])


def _bar_chords(genre: Genre, seed: int, key: Key, bar: Bar, very_last: bool) -> list[Chord]:
    if very_last and bar.section.kind != "loop" and bar.section.bars > 1:
        return [_chord(_home(genre, seed, key, bar), key, bar.start, bar.ticks)]
    chosen = choose_progression(genre, seed, key, bar.section.kind, bar.section.plain)
    written = [part.split() for part in chosen.chords.strip().strip("|").split("|")]
    numerals = written[bar.within % len(written)]
    share = bar.ticks // len(numerals)
    return [_chord(numeral, key, bar.start + n * share, share) for n, numeral in enumerate(numerals)]


def _home(genre: Genre, seed: int, key: Key, bar: Bar) -> str:
    """The tonic in the colour that it has in the section's chords, or else in any of the genre's."""
    plain = "i" if is_minor(key) else "I"
    chosen = choose_progression(genre, seed, key, bar.section.kind, bar.section.plain)
    others = [one for one in genre.progressions if key.mode in one.modes]
    numerals = [numeral for one in (chosen, *others) for numeral in one.chords.replace("|", " ").split()]
    return next((one for one in numerals if one == plain or re.fullmatch(plain + r"(?![IViv])[^/]*", one)), plain)


def _chord(numeral: str, key: Key, start: int, length: int) -> Chord:
    root, quality, bass = from_roman(numeral, key)
    chord = Chord(new_id("chord"), start, length, root, quality, bass)
    return replace(chord, symbol=spell(chord, key))


def _closed(chords: list[Chord], end: int) -> list[Chord]:
    """The chords, each held until the next begins, from 0 to the end."""
    out = []
    for n, chord in enumerate(chords):
        start = 0 if n == 0 else max(chord.start, 0)
        until = chords[n + 1].start if n + 1 < len(chords) else end
        out.append(replace(chord, start=start, length=max(until - start, 1)))
    return out
