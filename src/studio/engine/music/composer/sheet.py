"""What all parts read from while they are written: bars, sections, chords, and what the others play."""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Protocol

import msgspec

from ....document.harmony import Chord, Key
from ....document.recipes import FormPart, Request
from ....document.time import Signature
from ..arranger.forms import SectionPlan, plan_sections
from ..genres.genre import Genre
from .chance import Chance
from .choosing import VARIATION, ChoiceT, fitting, manner_of
from .draft import Draft, Felt
from .progressions import write_chords


class Bar(msgspec.Struct, frozen=True):
    """A bar of the composition, `start` in ticks, number `within` of its section."""

    number: int
    start: int
    ticks: int
    section: SectionPlan
    within: int

    @property
    def end(self) -> int:
        """The tick after its last."""
        return self.start + self.ticks

    @property
    def closes(self) -> bool:
        """Whether it is the last of its section."""
        return self.within == self.section.bars - 1


class Drummer(Protocol):
    """Plays the drums in place of the rules, or after them."""

    def play(self, sheet: Sheet, bar: Bar, written: Sequence[Draft]) -> list[Felt]:
        """What is played in a bar where the rules have `written` that; `sheet.played` has the bars before it."""


class Sheet:
    """A composition in the making. `written` grows part by part; `seeds` names those of bars that got another one.

    Where a `drummer` plays the drums, `played` has what it played by bar, felt already.
    `chords` are the song's own, at ticks from the composition's first bar; what they leave open is filled by the genre.
    """

    def __init__(
        self,
        genre: Genre,
        request: Request,
        chords: Sequence[Chord] = (),
        seeds: Mapping[tuple[str, int], int] | None = None,
        drummer: Drummer | None = None,
    ) -> None:
        self.drummer = drummer
        self.played: dict[int, list[Felt]] = {}
        self.genre, self.request = genre, request
        self.key = Key(0, request.tonic, request.mode)
        self.signature = Signature(0, request.numerator, request.denominator)
        self.manner = manner_of(genre, request.seed)
        self.written: dict[str, list[Draft]] = {}
        self._seeds = dict(seeds or {})
        form = request.form or (FormPart("loop", request.bars),)
        self.sections = plan_sections(form, genre, request.parts, request.intensity)
        ticks = self.signature.bar_ticks
        self.bars = [
            Bar(section.first + n, (section.first + n) * ticks, ticks, section, n)
            for section in self.sections
            for n in range(section.bars)
        ]
        self.chords = write_chords(genre, request.seed, self.key, self.bars, chords)
        self._starts = [chord.start for chord in self.chords]
        self._turns = [after.start for before, after in pairwise(self.chords) if not _same(before, after)]

    @property
    def end(self) -> int:
        """The tick after the last bar."""
        return self.bars[-1].end

    @cached_property
    def beat(self) -> int:
        """Ticks of a felt beat: a quarter, or three eighths where the bar is made of those."""
        compound = self.request.denominator == 8 and self.request.numerator % 3 == 0
        return self.signature.beat_ticks * (3 if compound else 1)

    def seed(self, part: str, bar: int) -> int:
        """What a bar of a part is drawn from."""
        return self._seeds.get((part, bar), self.request.seed)

    def reseed(self, seeds: Mapping[tuple[str, int], int]) -> None:
        """Has bars of parts drawn from other seeds from now on."""
        self._seeds.update(seeds)

    def chance(self, part: str, bar: Bar, *path: str | int) -> Chance:
        """A stream of draws for what is decided in this bar alone."""
        return Chance(self.genre.id, self.seed(part, bar.number), part, bar.number, *path)

    def habit(self, part: str, bar: Bar, *path: str | int) -> Chance:
        """A stream of draws for what all sections of this kind share, so that a chorus is known again."""
        return Chance(self.genre.id, self.seed(part, bar.number) % VARIATION, part, bar.section.kind, *path)

    def tune(self, part: str, bar: Bar, *path: str | int) -> Chance:
        """A stream of draws for what this bar and the same one of all sections of this kind share."""
        return Chance(self.genre.id, self.seed(part, bar.number), part, bar.section.kind, "tune", bar.within, *path)

    def chord_at(self, tick: int) -> Chord:
        """The chord that sounds at a tick."""
        return self.chords[max(bisect.bisect_right(self._starts, tick) - 1, 0)]

    def chord_from(self, tick: int) -> Chord:
        """The chord that sounds from a tick on; the first one at the end, where a loop comes round."""
        return self.chord_at(tick) if tick < self.end else self.chords[0]

    def chord_under(self, start: int, length: int) -> Chord:
        """The chord that a note stands on: the next one where most of the note sounds over that."""
        change = self.change_after(start)
        return (
            self.chord_at(change)
            if change < self.end and 2 * (start + length - change) > length
            else self.chord_at(start)
        )

    def chord_after(self, tick: int) -> Chord:
        """The chord that follows the one that sounds at a tick; the first one after the last."""
        following = bisect.bisect_right(self._starts, tick)
        return self.chords[following] if following < len(self.chords) else self.chords[0]

    def change_after(self, tick: int) -> int:
        """The tick at which the next chord begins; the end after the last."""
        following = bisect.bisect_right(self._starts, tick)
        return self._starts[following] if following < len(self._starts) else self.end

    def turn_after(self, tick: int) -> int:
        """The tick at which another chord begins than the one that sounds at a tick; the end after the last."""
        following = bisect.bisect_right(self._turns, tick)
        return self._turns[following] if following < len(self._turns) else self.end

    def fitting(self, choices: Sequence[ChoiceT], bar: Bar, growing: bool = False) -> list[ChoiceT]:
        """The patterns that fit a bar; those of a part that is `growing` become fuller when a section comes back."""
        signature = f"{self.signature.numerator}/{self.signature.denominator}"
        energy = bar.section.energy if growing else bar.section.plain
        return fitting(choices, bar.section.kind, energy, self.manner, signature)

    def section_end(self, bar: Bar) -> int:
        """The tick at which a bar's section ends."""
        return (bar.section.first + bar.section.bars) * bar.ticks

    def ends(self, bar: Bar) -> bool:
        """Whether the song stops on a bar's first beat and lets it ring."""
        rings = bar.section.kind != "loop" and bar.section.bars > 1 and self.genre.transitions.ending == "hit"
        return rings and bar.end == self.end

    def heard(self, part: str, bar: Bar) -> list[Draft]:
        """What a part plays in a bar."""
        return self._by_bar(part).get(bar.number, [])

    def _by_bar(self, part: str) -> dict[int, list[Draft]]:
        notes = self.written.get(part, [])
        known = self._indexed.get(part)
        if known is None or known[0] is not notes or known[1] != len(notes):
            index: dict[int, list[Draft]] = {}
            for note in notes:
                index.setdefault(note.start // self.bars[0].ticks, []).append(note)
            known = self._indexed[part] = (notes, len(notes), index)
        return known[2]

    @cached_property
    def _indexed(self) -> dict[str, tuple[list[Draft], int, dict[int, list[Draft]]]]:
        return {}


def _same(one: Chord, other: Chord) -> bool:
    return (one.root, one.quality, one.bass) == (other.root, other.quality, other.bass)
