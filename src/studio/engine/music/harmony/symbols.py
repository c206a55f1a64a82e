"""Chords as people type them: bars between `|`, symbols such as `Am7`, `C△7` or `G/B`; and back into symbols."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from ....document.harmony import Chord, Key
from ....document.project import new_ids
from ....errors import StudioError
from .qualities import plain_quality, quality_tones
from .romans import from_roman, is_roman
from .spelling import note_name

MOST_BARS = 4000
"""More bars than a song has are a mistake of the clipboard."""

MOST_IN_BAR = 64

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11, "H": 11}
_SIGNS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}
_SYMBOL = re.compile(r"([A-Ha-h])([#b♯♭]?)(.{0,24}?)(?:/([A-Ha-h])([#b♯♭]?))?")
_SPOKEN = re.compile(r"\S+")
_HOLD = {"%", ".", "/"}
_SILENCE = {"nc", "n.c.", "n.c", "-"}


class ChordTextError(StudioError):
    """Text that is not chords. `first` and `last` are where the wrong word stands in the text, `bar` its bar from 1."""

    def __init__(self, sentence: str, bar: int, first: int, last: int) -> None:
        super().__init__(sentence)
        self.bar, self.first, self.last = bar, first, last


class Word(NamedTuple):
    """One chord of a text: parts `first` to `last` of the `of` equal parts of bar `bar`, counted from 0.

    `root` is None where no chord sounds. `at` is where the word stands in the text.
    """

    bar: int
    first: int
    last: int
    of: int
    root: int | None
    quality: str = ""
    bass: int | None = None
    symbol: str = ""
    at: int = 0


Sound = tuple[int, str, int | None]
"""Root, plain quality and bass."""


def read_symbol(symbol: str) -> Sound | None:
    """Root, plain quality and bass of one chord symbol; None where it is not one.

    Roots may be small letters, H is B natural as in German, and B is B natural too. The bass follows a slash.
    """
    found = _SYMBOL.fullmatch(symbol)
    quality = None if found is None else plain_quality(found[3])
    if found is None or quality is None:
        return None
    bass = _pitch_class(found[4], found[5]) if found[4] else None
    root = _pitch_class(found[1], found[2])
    return root, quality, None if bass == root else bass


def read_words(text: str, key: Key | None = None, first_bar: int = 1) -> tuple[Word, ...]:
    """The chords of a text, bar by bar. With `key` Roman numerals are read too. Errors count bars from `first_bar`.

    `|` and line ends part the bars, the chords of a bar share it evenly. `.`, `/` and `%` hold the chord before; a bar
    of one of them alone is the bar before again. `N.C.` is silence. Raises ChordTextError with the word and its bar.
    """
    words: list[Word] = []
    bars = _bars(text)
    if not bars:
        raise ChordTextError(
            "There are no chords here yet; write some, such as Am7 | F | C G/B.", first_bar, 0, len(text)
        )
    if len(bars) > MOST_BARS:
        raise ChordTextError(f"This text has {len(bars)} bars; write {MOST_BARS} at most.", first_bar, 0, len(text))
    for bar, parts in enumerate(bars):
        words += _bar(bar, parts, words, key, first_bar + bar)
    return tuple(words)


def lay(words: tuple[Word, ...], bar_at: Callable[[int], int]) -> tuple[Chord, ...]:
    """Chords of the song made of words; `bar_at(n)` is the tick on which bar n of the text begins."""
    sounding = [word for word in words if word.root is not None]
    chords = []
    for chord_id, word in zip(new_ids("chord", len(sounding)), sounding, strict=True):
        begin, length = bar_at(word.bar), bar_at(word.bar + 1) - bar_at(word.bar)
        start, end = (begin + length * part // word.of for part in (word.first, word.last))
        assert word.root is not None
        chords.append(Chord(chord_id, start, end - start, word.root, word.quality, word.bass, word.symbol))
    return tuple(chords)


def read_chords(text: str, start: int, bar_ticks: int, key: Key | None = None) -> tuple[Chord, ...]:
    """The chords that a text such as `Am7 | F | C G/B` names, from tick `start` on, every bar `bar_ticks` long.

    What `read_words` says holds: with `key` Roman numerals are read too. Raises ChordTextError, a StudioError, with the
    word and its bar.
    """
    return lay(read_words(text, key), lambda bar: start + bar * bar_ticks)


def spell(chord: Chord, key: Key | None = None) -> str:
    """The symbol of a chord with the sharps or flats of its key, in plain form: `Bbmaj7/D`. Reads back equal."""
    bass = "" if chord.bass is None else f"/{note_name(chord.bass, key)}"
    quality = plain_quality(chord.quality)
    return f"{note_name(chord.root, key)}{chord.quality if quality is None else quality}{bass}"


def tones(chord: Chord) -> tuple[int, ...]:
    """Semitones above the root of a chord's tones, rising from 0; 14 is the ninth. The bass is not among them."""
    return quality_tones(chord.quality)


def _pitch_class(letter: str, sign: str) -> int:
    return (_LETTERS[letter.upper()] + _SIGNS[sign]) % 12


def _bars(text: str) -> list[list[re.Match[str]]]:
    """The words of every bar. Bar lines at the ends of a line are no empty bars, and `||` is one bar line."""
    bars: list[list[re.Match[str]]] = []
    for line in re.finditer(r"[^\n\r]+", text):
        inside = re.search(r"[^|\s].*[^|\s]|[^|\s]", line[0])
        if inside is None:
            continue
        begin = line.start() + inside.start()
        parted = re.finditer(r"(?:^|\|+)([^|]*)", inside[0])
        bars += ([*_SPOKEN.finditer(text, begin + bar.start(1), begin + bar.end(1))] for bar in parted)
    return bars


def _bar(bar: int, parts: list[re.Match[str]], before: list[Word], key: Key | None, called: int) -> list[Word]:
    if not parts:
        at = before[-1].at if before else 0
        raise ChordTextError(f"Bar {called} is empty; write a chord, % to repeat, or N.C. for none.", called, at, at)
    if len(parts) > MOST_IN_BAR:
        why = f"Bar {called} has {len(parts)} chords; write {MOST_IN_BAR} at most, with | between the bars."
        raise ChordTextError(why, called, parts[0].start(), parts[-1].end())
    if len(parts) == 1 and parts[0][0] in _HOLD:
        again = [word for word in before if word.bar == bar - 1]
        if not again:
            raise _wrong(parts[0], called, "repeats a bar, and there is none before it; begin with a chord.")
        return [word._replace(bar=bar, at=parts[0].start()) for word in again]
    made: list[Word] = []
    for n, part in enumerate(parts):
        if part[0] not in _HOLD:
            sound = _sound(part, called, key)
            made.append(Word(bar, n, n + 1, len(parts), *sound, at=part.start()))
        elif made:
            made[-1] = made[-1]._replace(last=n + 1)
        elif before:
            made.append(before[-1]._replace(bar=bar, first=n, last=n + 1, of=len(parts), at=part.start()))
        else:
            raise _wrong(part, called, "holds a chord, and there is none before it; begin with a chord.")
    return made


def _sound(part: re.Match[str], called: int, key: Key | None) -> tuple[int | None, str, int | None, str]:
    if part[0].lower() in _SILENCE:
        return None, "", None, part[0]
    sound = read_symbol(part[0])
    if sound is not None:
        return *sound, part[0][0].upper() + part[0][1:]
    if key is not None and is_roman(part[0]):
        root, quality, bass = from_roman(part[0], key)
        return root, quality, bass, spell(Chord("", 0, 1, root, quality, bass), key)
    raise _wrong(part, called, "is not a chord; write chords such as Am7, F or G/B, with | between the bars.")


def _wrong(part: re.Match[str], called: int, why: str) -> ChordTextError:
    word = part[0] if len(part[0]) <= 24 else part[0][:23] + "…"
    return ChordTextError(f"“{word}” in bar {called} {why}", called, part.start(), part.end())
