"""Requests made complete and checked: what was not said is the genre's, what cannot be is refused with a sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from ...document.grooves import Groove
from ...document.harmony import SCALES, Key
from ...document.recipes import ENGINES, PARTS, RULES, FormPart, Request
from ...errors import StudioError
from .arranger.forms import MAX_BARS
from .composer.chance import Chance
from .genres.genre import Genre
from .genres.lines import signature_of
from .harmony.spelling import key_name

MIN_BPM, MAX_BPM = 40.0, 300.0
MAX_SEED = 2**32 - 1

COMPLEXITY = {"simple": 0.2, "medium": 0.5, "complex": 0.8}
"""The words for the dial."""

_KEY = re.compile(r"\s*([A-Ga-g])\s*(#|b|♯|♭|sharp|flat)?\s*(.*?)\s*", re.IGNORECASE)
_LETTERS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_SIGNS = {"": 0, "#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1}
_SHORT = {"": "major", "m": "minor", "min": "minor", "maj": "major", "aeolian": "minor", "ionian": "major"}


class Wishes(msgspec.Struct, frozen=True):
    """What a person said; None is left to the genre and, where it is open, to the seed."""

    bpm: float | None = None
    bars: int | None = None
    key: Key | None = None
    signature: str | None = None
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


def make_request(genre: Genre, wishes: Wishes) -> Request:
    """The whole request. Raises StudioError that says which wish cannot be met and what can."""
    bpm = genre.tempo.default if wishes.bpm is None else wishes.bpm
    if not math.isfinite(bpm) or not MIN_BPM <= bpm <= MAX_BPM:
        raise StudioError(f"A tempo of {bpm:g} BPM cannot be played; choose one from {MIN_BPM:g} to {MAX_BPM:g}.")
    bars = sum(part.bars for part in wishes.form) or (8 if wishes.bars is None else wishes.bars)
    if not 1 <= bars <= MAX_BARS:
        raise StudioError(f"{bars} bars cannot be written at once; choose 1 to {MAX_BARS}.")
    if not 0 <= wishes.seed <= MAX_SEED:
        raise StudioError(f"The seed {wishes.seed} is out of range; choose 0 to {MAX_SEED}.")
    for name in ("complexity", "intensity", "humanise", "fills"):
        if not 0.0 <= getattr(wishes, name) <= 1.0:
            raise StudioError(f"{name.capitalize()} goes from 0 to 1, not {getattr(wishes, name):g}.")
    if wishes.engine not in ENGINES:
        raise StudioError(f"“{wishes.engine}” writes no drums; choose from {', '.join(ENGINES)}.")
    if wishes.swing is not None and not 50.0 <= wishes.swing <= 75.0:
        raise StudioError(f"Swing goes from 50 (straight) to 75 per cent, not {wishes.swing:g}.")
    signature = signature_of(_signature(genre, wishes.signature))
    key = wishes.key or usual_key(genre, wishes.seed)
    return Request(
        genre.id,
        float(bpm),
        bars,
        key.tonic,
        key.mode,
        signature.numerator,
        signature.denominator,
        wishes.complexity,
        wishes.intensity,
        wishes.swing,
        wishes.humanise,
        wishes.fills,
        wishes.seed,
        check_parts(wishes.parts),
        wishes.form,
        wishes.groove,
        check_parts(wishes.grooved),
        wishes.engine,
    )


def _signature(genre: Genre, wanted: str | None) -> str:
    if wanted is None:
        return genre.signatures[0]
    if wanted not in genre.signatures:
        raise StudioError(f"{genre.name} cannot be played in {wanted}; it knows {', '.join(genre.signatures)}.")
    return wanted


def check_parts(parts: Iterable[str]) -> tuple[str, ...]:
    """Parts in the order in which they are written. Raises StudioError that names one that is not known."""
    wanted = set(parts)
    unknown = sorted(wanted - set(PARTS))
    if unknown:
        raise StudioError(f"“{unknown[0]}” is not a part; choose from {', '.join(PARTS)}.")
    if not wanted:
        raise StudioError(f"No part is switched on; choose at least one of {', '.join(PARTS)}.")
    return tuple(part for part in PARTS if part in wanted)


def usual_key(genre: Genre, seed: int) -> Key:
    """A key that the genre likes, by the seed."""
    chance = Chance(seed, "key")
    modes = list(genre.modes)
    return Key(0, chance.below(12), chance.pick(modes, [genre.modes[mode] for mode in modes]))


def read_key(text: str) -> Key:
    """A key as people write it: "A minor", "F#m", "Bb", "d dorian". Raises StudioError with the reason."""
    found = _KEY.fullmatch(text)
    said = found[3] if found else "?"
    mode = "major" if said == "M" else _SHORT.get(said.casefold(), said.casefold())
    if found is None or mode not in SCALES:
        raise StudioError(f"“{text}” is not a key; write a note and a mode, such as “A minor” or “F# dorian”.")
    sign = _SIGNS[(found[2] or "").casefold()]
    return Key(0, (_LETTERS[found[1].casefold()] + sign) % 12, mode)


def read_complexity(text: str) -> float:
    """A word for complexity, or a number from 0 to 1. Raises StudioError with the reason."""
    if text in COMPLEXITY:
        return COMPLEXITY[text]
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.0 <= value <= 1.0:
        raise StudioError(f"“{text}” is not a complexity; choose simple, medium, complex or a number from 0 to 1.")
    return value


def key_of(request: Request) -> str:
    """The key of a request as people say it."""
    return key_name(Key(0, request.tonic, request.mode))


def varied(request: Request, turn: int) -> Request:
    """The request with another seed that keeps its habits and decides bar by bar anew: more like this."""
    return replace(request, seed=request.seed % 2**32 + (turn << 32))
