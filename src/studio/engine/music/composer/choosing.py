"""Which patterns of a genre come into question: by manner, signature, section and energy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from ..genres.genre import Choice, Genre
from .chance import Chance

ChoiceT = TypeVar("ChoiceT", bound=Choice)

VARIATION = 2**32
"""Seeds that are equal modulo this share their habits and differ in what is decided bar by bar."""


def manner_of(genre: Genre, seed: int) -> str:
    """The manner in which all parts of a song play, such as the side of the clave; empty where a genre has none."""
    if not genre.manners:
        return ""
    return Chance(seed % VARIATION, "manner").pick(list(genre.manners), list(genre.manners.values()))


def fitting(
    choices: Sequence[ChoiceT], kind: str, energy: float, manner: str, signature: str | None = None
) -> list[ChoiceT]:
    """What fits a section: by signature always, by manner, kind of section and energy as far as there are any."""
    usable = [one for one in choices if signature is None or one.signature == signature]
    usable = [one for one in usable if one.manner in ("", manner)] or usable
    section = [one for one in usable if kind in one.sections]
    usable = section or [one for one in usable if not one.sections] or usable
    return [one for one in usable if one.energy[0] <= energy <= one.energy[1]] or usable
