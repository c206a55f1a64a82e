"""The form of a song, and how full each of its sections is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

import msgspec

from ....document.recipes import FormPart
from ....errors import StudioError
from ..genres.genre import Genre, SectionKind

KINDS: tuple[str, ...] = get_args(SectionKind)
MAX_BARS = 512
"""The most bars of a composition."""

ENERGY: Mapping[str, float] = {
    "loop": 0.7,
    "intro": 0.3,
    "verse": 0.5,
    "pre-chorus": 0.65,
    "chorus": 0.85,
    "bridge": 0.45,
    "build": 0.7,
    "drop": 1.0,
    "breakdown": 0.3,
    "solo": 0.75,
    "outro": 0.35,
}
"""How full a section of a kind is, unless its genre says otherwise."""

ENTRIES: Mapping[str, float] = {
    "drums": 0.32,
    "percussion": 0.5,
    "chords": 0.0,
    "bass": 0.34,
    "melody": 0.4,
    "harmony": 0.8,
    "effects": 0.0,
}
"""The energy from which on a part plays, unless the genre says otherwise."""

GROWTH = 0.05
"""How much fuller a section is each time it comes back."""


class SectionPlan(msgspec.Struct, frozen=True):
    """A section of a composition. `turn` counts the sections of its kind before it; `energy` is 0 to 1.

    `plain` is its energy as if it were the first of its kind.
    """

    number: int
    kind: str
    first: int
    bars: int
    turn: int
    energy: float
    parts: frozenset[str]
    last: bool
    plain: float

    @property
    def name(self) -> str:
        """What it is called on the timeline."""
        title = self.kind.replace("-", " ").capitalize()
        return f"{title} {self.turn + 1}" if self.turn else title


def read_form(text: str) -> tuple[FormPart, ...]:
    """Reads "intro:4 verse:8". Raises StudioError that names the word that is wrong."""
    parts = []
    for word in text.replace(",", " ").split():
        kind, colon, bars = word.partition(":")
        if kind not in KINDS:
            raise StudioError(f"“{kind}” is not a section; choose from {', '.join(KINDS)}.")
        if not colon or not bars.isascii() or not bars.isdigit() or not 1 <= int(bars) <= 64:
            raise StudioError(f"“{word}” needs a number of bars from 1 to 64, such as {kind}:8.")
        parts.append(FormPart(kind, int(bars)))
    if not parts:
        raise StudioError("The form is empty; write sections with their bars, such as “intro:4 verse:8 chorus:8”.")
    if sum(part.bars for part in parts) > MAX_BARS:
        raise StudioError(f"The form has more than {MAX_BARS} bars; shorten it.")
    return tuple(parts)


def write_form(form: Sequence[FormPart]) -> str:
    """The text of a form."""
    return " ".join(f"{part.kind}:{part.bars}" for part in form)


def plan_sections(form: Sequence[FormPart], genre: Genre, parts: Sequence[str], intensity: float) -> list[SectionPlan]:
    """The sections of a form with their energies. `parts` are those that may play; `intensity` 0 to 1 leans on all."""
    plans: list[SectionPlan] = []
    turns: dict[str, int] = {}
    first = 0
    for number, part in enumerate(form):
        turn = turns.get(part.kind, 0)
        habit = genre.sections.get(part.kind)  # type: ignore[call-overload]
        energy = habit.energy if habit else ENERGY[part.kind]
        energy += 0.3 * (intensity - 0.5)
        plain = min(max(energy, 0.0), 1.0)
        if part.kind not in {"intro", "outro", "loop"}:
            energy += GROWTH * turn
        energy = min(max(energy, 0.0), 1.0)
        playing = _playing(genre, part.kind, energy, parts)
        last = number == len(form) - 1
        plans.append(SectionPlan(number, part.kind, first, part.bars, turn, energy, playing, last, plain))
        turns[part.kind] = turn + 1
        first += part.bars
    return plans


def _playing(genre: Genre, kind: str, energy: float, parts: Sequence[str]) -> frozenset[str]:
    habit = genre.sections.get(kind)  # type: ignore[call-overload]
    if kind == "loop":
        return frozenset(parts)
    if habit and habit.parts:
        return frozenset(parts) & {*habit.parts, "effects"}
    return frozenset(part for part in parts if energy >= genre.entries.get(part, ENTRIES[part]))
