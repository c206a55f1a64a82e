"""Chords as Roman numerals in a key: `ii7`, `bVI`, `V7/ii`.

How they are read: large numerals are major, small ones minor, and what follows is as in a chord symbol, with ° for
diminished and ø for half-diminished. In keys with a major third the numerals count the major scale. In keys with a
minor third they count the natural minor scale, so in A minor III, VI and VII are C, F and G; bIII, bVI and bVII mean
the same there. A diminished vi or vii in minor stands on the raised degree, the leading tone, as vii° does in every
book; with a b before it, on the natural one. `#` and `b` raise and lower a degree. After a slash, V and vii° chords
lead to the numeral that follows (V7/ii in C is A7); all others have that degree in the bass (IV/V in C is F/G). An
Arabic degree after a slash is always the bass (V/7 in C is G/B). Figured bass is not read: I6 is a sixth chord.
"""

from __future__ import annotations

import re

from ....document.harmony import SCALES, Chord, Key
from ....errors import StudioError
from .qualities import plain_quality

NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII")

LONGEST = 32
"""Characters of a numeral, the one it leads to included."""

_ROMAN = re.compile(
    r"(?P<sign>[b#♭♯]?)(?P<numeral>VII|VI|V|IV|III|II|I|vii|vi|v|iv|iii|ii|i)(?P<quality>(?:[^/]|(?<=6)/(?=9))*)"
    r"(?:/(?P<under>.+))?"
)
_DEGREE = re.compile(r"([b#♭♯]?)([1-7])")
_DIMINISHED = re.compile(r"dim|°|º|o|ø|Ø|half|m7[b♭(-]")

Sound = tuple[int, str, int | None]


def is_roman(text: str) -> bool:
    """Whether a text begins as a Roman numeral does."""
    return re.match(r"[b#♭♯]?[IViv]", text) is not None


def from_roman(text: str, key: Key) -> Sound:
    """Root, quality and bass that a Roman numeral means in a key. Raises StudioError, naming the numeral."""
    found = _ROMAN.fullmatch(text.strip()) if len(text) <= LONGEST else None
    if found is None:
        raise _unknown(text)
    numeral, written = found["numeral"], found["quality"]
    small = numeral.islower()
    quality = plain_quality(_lowered(written) if small else written)
    if quality is None:
        raise _unknown(text)
    degree = NUMERALS.index(numeral.upper())
    raised = small and quality.startswith(("dim", "m7b5", "m9b5", "m11b5"))
    under = found["under"]
    if under is not None and _leads(numeral, quality) and not _DEGREE.fullmatch(under):
        return _applied(text, degree, quality, under, key)
    root = _pitch_class(found["sign"], degree, key, raised)
    return root, quality, None if under is None else _bass(text, under, key, root)


def roman_of(chord: Chord, key: Key) -> str:
    """The Roman numeral of a chord in a key. `from_roman` reads it as the same root, quality and bass.

    Dominants that lead to a degree other than the tonic are written as such: A7 in C major is V7/ii.
    """
    quality = plain_quality(chord.quality)
    quality = chord.quality if quality is None else quality
    target = (chord.root - 7) % 12
    if chord.bass is None and quality.startswith(("7", "9", "13")) and _is_applied(chord.root, target, key):
        return f"V{quality}/{_target(target, key)}"
    under = "" if chord.bass is None else f"/{_arabic(chord.bass, key)}"
    small = quality.startswith("dim") or (quality.startswith("m") and not quality.startswith("maj"))
    halved = quality.startswith("m7b5")
    sign, degree = _degree(chord.root, key, small and (halved or quality.startswith("dim")))
    numeral = NUMERALS[degree].lower() if small else NUMERALS[degree]
    return f"{sign}{numeral}{_shortened(quality, small)}{under}"


def is_minor(key: Key) -> bool:
    """Whether the third above the tonic is minor."""
    return 3 in SCALES[key.mode] and 4 not in SCALES[key.mode]


def degrees(key: Key) -> tuple[int, ...]:
    """Semitones above the tonic on which the seven numerals stand."""
    return SCALES["minor"] if is_minor(key) else SCALES["major"]


def _lowered(written: str) -> str:
    """The quality of a small numeral, as it would follow a root."""
    return written if _DIMINISHED.match(written) or re.match(r"m(?!aj)|-|sus|5$", written) else f"m{written}"


def _shortened(quality: str, small: bool) -> str:
    if quality.startswith("m7b5"):
        return "ø7" + quality[4:]
    if quality.startswith("dim"):
        return "°" + quality[3:]
    return quality[1:] if small else quality


def _leads(numeral: str, quality: str) -> bool:
    """Whether a chord in front of a slash leads to what stands behind it."""
    return numeral == "V" or (numeral == "vii" and quality.startswith(("dim", "m7b5")))


def _applied(text: str, degree: int, quality: str, under: str, key: Key) -> Sound:
    try:
        root, goal, _ = from_roman(under, key)
    except StudioError:
        raise _unknown(text) from None
    mode = "minor" if goal.startswith(("m", "dim")) and not goal.startswith("maj") else "major"
    return _pitch_class("", degree, Key(0, root, mode), degree == 6), quality, None


def _bass(text: str, under: str, key: Key, root: int) -> int | None:
    numbered = _DEGREE.fullmatch(under)
    named = None if numbered else _ROMAN.fullmatch(under)
    if numbered:
        bass = _pitch_class(numbered[1], int(numbered[2]) - 1, key, False)
    elif named and not named["quality"] and not named["under"]:
        bass = _pitch_class(named["sign"], NUMERALS.index(named["numeral"].upper()), key, False)
    else:
        raise _unknown(text)
    return None if bass == root else bass


def _pitch_class(sign: str, degree: int, key: Key, raised: bool) -> int:
    step = degrees(key)[degree]
    if is_minor(key) and degree in {2, 5, 6}:
        flat = sign in {"b", "♭"}
        step += 1 if raised and degree != 2 and not flat and not sign else 0
        return (key.tonic + step + (1 if sign in {"#", "♯"} else 0)) % 12
    return (key.tonic + step + {"b": -1, "♭": -1, "#": 1, "♯": 1, "": 0}[sign]) % 12


def _degree(pitch_class: int, key: Key, diminished: bool) -> tuple[str, int]:
    """Sign and degree, from 0, of a pitch class."""
    above = (pitch_class - key.tonic) % 12
    if is_minor(key):
        leading = {9: ("", 5), 11: ("", 6), 8: ("b", 5), 10: ("b", 6)} if diminished else {9: ("#", 5), 11: ("#", 6)}
        if above in leading:
            return leading[above]
    table = degrees(key)
    if above in table:
        return "", table.index(above)
    sharp = above == 6 or (is_minor(key) and above == 4)
    return ("#", table.index(above - 1)) if sharp else ("b", table.index(above + 1))


def _arabic(pitch_class: int, key: Key) -> str:
    sign, degree = _degree(pitch_class, key, False)
    return f"{sign}{degree + 1}"


def _is_applied(root: int, target: int, key: Key) -> bool:
    """Whether a dominant leads to a degree of the scale and is not the key's own chord."""
    steps = [(key.tonic + step) % 12 for step in degrees(key)]
    third = (root + 4) % 12
    own = target == key.tonic or (is_minor(key) and third in steps and root in steps)
    return target in steps and not own and _target(target, key) != ""


def _target(pitch_class: int, key: Key) -> str:
    """The numeral of the triad of the scale on a degree; empty where that is diminished."""
    steps = [(key.tonic + step) % 12 for step in degrees(key)]
    degree = steps.index(pitch_class)
    third, fifth = (steps[(degree + up) % 7] - pitch_class for up in (2, 4))
    if fifth % 12 == 6:
        return ""
    return NUMERALS[degree].lower() if third % 12 == 3 else NUMERALS[degree]


def _unknown(text: str) -> StudioError:
    word = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return StudioError(f"“{word}” is not a Roman numeral; write numerals such as ii7, V7, bVI or V7/ii.")
