"""What follows the root in a chord symbol: the many ways people write it, one plain form, and its tones."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

ALTERATIONS = {"b5": 6, "#5": 8, "b9": 13, "#9": 15, "#11": 18, "b13": 20}
"""Semitones above the root of every altered tone."""

_ADDED = {"6": 9, "9": 14, "11": 17, "13": 21, "b9": 13, "#9": 15, "#11": 18, "b13": 20}
_SAME = {"2": "9", "4": "11", "b6": "b13", "#4": "#11", "b2": "b9", "#2": "#9"}
_WORDS = re.compile(r"major|minor|maj|min|dim|aug|sus|add|omit|alt|dom|half", re.IGNORECASE)
_SIGNS = str.maketrans({"♭": "b", "♯": "#", "△": "Δ", "▵": "Δ", "∆": "Δ", "º": "°", "−": "-", "–": "-", "Ø": "ø"})
_TOKEN = re.compile(
    r"(?P<minor>minor|min|mi|m(?!aj)|-)|(?P<major>major|maj|ma|M|Δ)|(?P<dim>dim|°|o(?!mit))|(?P<half>ø|half-?dim)"
    r"|(?P<aug>aug|\+)|(?P<sus>sus[24]?)|(?P<add>add[b#]?[0-9]+)|(?P<omit>(?:omit|no)[35])|(?P<alt>alt)|(?P<dom>dom)"
    r"|(?P<six>6/?9)|(?P<number>13|11|[245679])"
)
_ALTERED = re.compile(r"(?P<sign>[b#+-])(?P<degree>5|9|11|13)")


class Quality(NamedTuple):
    """A quality taken apart: triad, whether the seventh is major, the highest stacked third, and what is changed."""

    triad: str = ""
    major: bool = False
    stack: int = 0
    sixth: bool = False
    sus: str = ""
    altered: frozenset[str] = frozenset()
    added: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()


@lru_cache(maxsize=1024)
def plain_quality(written: str) -> str | None:
    """The one form in which the song keeps a quality, such as "m7b5" for "ø"; None where it says no chord."""
    found = _taken_apart(written)
    return None if found is None else _written(found)


@lru_cache(maxsize=1024)
def quality_tones(quality: str) -> tuple[int, ...]:
    """Semitones above the root, rising from 0: thirds and fifths within the octave, ninths and more above it.

    An eleventh comes with the ninth, a thirteenth without the eleventh. What cannot be read is a triad: minor where it
    begins with a small m, else major.
    """
    found = _taken_apart(quality)
    if found is None:
        return (0, 3, 7) if quality.startswith("m") and not quality.startswith("maj") else (0, 4, 7)
    return tuple(sorted({0} | _triad(found) | _sixths_and_sevenths(found) | _above(found)))


def _taken_apart(written: str) -> Quality | None:
    text = _WORDS.sub(lambda word: word[0].lower(), written.translate(_SIGNS))
    text = re.sub(r"[(), ]|/(?=[b#]?[0-9])(?!(?<=6/)9)", "", re.sub(r"M[Aa]", "maj", re.sub(r"M[Ii]", "min", text)))
    at, found = 0, Quality()
    while at < len(text):
        altered = _ALTERED.match(text, at) if at else _ALTERED.match(text) if text[0] in "b#" else None
        token = altered or _TOKEN.match(text, at)
        grown = None if token is None else _grown(found, token, text, first=at == 0)
        if token is None or grown is None:
            return None
        at, found = token.end(), grown
    return _settled(found)


def _grown(found: Quality, token: re.Match[str], text: str, first: bool) -> Quality | None:
    """What is known after one more word of a quality; None where that word makes no sense there."""
    kind, word = str(token.lastgroup), token[0]
    rest = text[token.end() :]
    late = kind in {"minor", "dim", "half", "aug"} and not first
    if late or kind in {"number", "dom"}:
        return _late(found, kind, rest) if late else _numbered(found, word, rest, first)
    changed: dict[str, object] = {}
    match kind:
        case "degree":
            sign = {"+": "#", "-": "b"}.get(token["sign"], token["sign"])
            changed = {"altered": found.altered | {sign + token["degree"]}}
        case "minor" | "dim" | "aug":
            changed = {"triad": {"minor": "m"}.get(kind, kind)}
        case "half":
            changed = {"triad": "m", "stack": 7, "altered": found.altered | {"b5"}}
        case "major":
            alone = word == "Δ" and not found.stack and not rest[:1].isdigit()
            changed = {"major": True, "stack": 7 if alone else found.stack}
        case "sus":
            changed = {"sus": "sus2" if word.endswith("2") else "sus4"}
        case "alt":
            changed = {"stack": 7, "altered": frozenset({"b9", "#9", "b13"}), "left_out": frozenset({"alt"})}
        case "add":
            changed = {"added": found.added | {_SAME.get(word[3:], word[3:])}}
        case "omit":
            changed = {"left_out": found.left_out | {word[-1]}}
        case "six":
            changed = {"sixth": True, "added": found.added | {"9"}}
    grown = found._replace(**changed)  # type: ignore[arg-type]
    return grown if grown.added <= _ADDED.keys() else None


def _late(found: Quality, kind: str, rest: str) -> Quality | None:
    """A triad's word after something else: only a "+" or "aug" that ends the symbol, which raises the fifth."""
    return found._replace(altered=found.altered | {"#5"}) if kind == "aug" and not rest else None


def _numbered(found: Quality, word: str, rest: str, first: bool) -> Quality | None:
    if word == "dom":
        return found if first and rest[:1] in {"7", "9", "1"} else None
    number = int(word)
    if number == 5:
        return found._replace(left_out=found.left_out | {"3"}) if first else None
    if number == 7 and (found.stack or found.sixth):
        return found if "b5" in found.altered and found.stack == 7 else None
    if number < 7:
        changed = {2: found._replace(added=found.added | {"9"}), 4: found._replace(sus="sus4")}
        return changed.get(number, found._replace(sixth=True))
    if found.sixth or (found.stack and number != 9):
        return found._replace(added=found.added | {word})
    return found._replace(stack=max(number, found.stack))


def _settled(found: Quality) -> Quality:
    """The same chord in its plainest words."""
    altered, added, triad, sixth = set(found.altered), set(found.added), found.triad, found.sixth
    if "6" in added:
        added.discard("6")
        sixth = True
    if not found.stack:
        added |= {word for word in altered if word not in {"b5", "#5"}}
        altered &= {"b5", "#5"}
        if triad == "m" and altered == {"b5"} and not sixth:
            triad, altered = "dim", set()
        if triad == "" and altered == {"#5"} and not sixth:
            triad, altered = "aug", set()
    elif triad == "aug":
        triad, altered = "", altered | {"#5"}
    if triad == "dim":
        altered.discard("b5")
    for natural in ("9", "11", "13"):
        if natural in added and found.stack >= int(natural) and not (natural == "11" and found.stack == 13):
            added.discard(natural)
    major = found.major and found.stack >= 7
    return found._replace(triad=triad, sixth=sixth, major=major, altered=frozenset(altered), added=frozenset(added))


def _written(found: Quality) -> str:
    if "alt" in found.left_out:
        return "7alt"
    if found.left_out == {"3"} and found == Quality(left_out=found.left_out):
        return "5"
    sixth_and_ninth = found.sixth and "9" in found.added
    number = str(found.stack) if found.stack else "6/9" if sixth_and_ninth else "6" if found.sixth else ""
    if found.stack and found.sixth:
        number += "add6"
    altered = "".join(word for word in ALTERATIONS if word in found.altered)
    if altered and not (found.triad or number or found.sus):
        altered = f"({altered})"
    hidden = {"9"} if sixth_and_ninth and not found.stack else set()
    added = "".join(f"add{word}" for word in _ADDED if word in found.added - hidden)
    left_out = "".join(f"no{word}" for word in ("3", "5") if word in found.left_out)
    return f"{found.triad}{'maj' if found.major else ''}{number}{found.sus}{altered}{added}{left_out}"


def _triad(found: Quality) -> set[int]:
    third = {"m": 3, "dim": 3}.get(found.triad, 4)
    third = {"sus2": 2, "sus4": 5}.get(found.sus, third)
    fifths = {ALTERATIONS[word] for word in ("b5", "#5") if word in found.altered}
    fifths = fifths or {{"dim": 6, "aug": 8}.get(found.triad, 7)}
    if "5" in found.left_out or "alt" in found.left_out:
        fifths = set()
    return fifths if "3" in found.left_out else fifths | {third}


def _sixths_and_sevenths(found: Quality) -> set[int]:
    tones = {9} if found.sixth else set()
    if found.stack:
        tones.add(11 if found.major else 9 if found.triad == "dim" else 10)
    return tones


def _above(found: Quality) -> set[int]:
    tones = {ALTERATIONS[word] for word in found.altered if word not in {"b5", "#5"}}
    tones |= {_ADDED[word] for word in found.added}
    for natural, changed in ((9, ("b9", "#9")), (11, ("#11",)), (13, ("b13",))):
        stacked = found.stack >= natural and not (natural == 11 and found.stack == 13)
        if stacked and not any(word in found.altered for word in changed):
            tones.add(_ADDED[str(natural)])
    return tones
