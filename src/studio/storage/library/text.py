"""Words: what is indexed of names and folders, and what is looked for in what a person types."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

MAX_WORDS = 16
"""Of a longer query only the first words count."""

MAX_WORD = 48
"""Of a longer word only the first characters count."""

MAX_QUERY = 4096
"""Characters of a query that are looked at."""

_PIECES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_a-zA-Z]+|\d+")


def clean(name: str) -> str:
    """A name for showing and searching: composed characters, nothing that is not text, no line ends."""
    return " ".join(readable(name).replace("\0", " ").split())


def folded(name: str) -> str:
    """The form in which two tags or collections are the same."""
    return clean(name).casefold()


def readable(name: str) -> str:
    """A text that can be written as UTF-8, its characters composed."""
    return unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())


def _separators() -> dict[int, str]:
    """What stands between words: blanks and marks of the blocks that no Unicode version has touched for long, because
    Python and SQLite come with different versions. SQLite splits at the others where it sees fit."""
    codes = [*range(0x600), *range(0x2000, 0x2066), *range(0x3000, 0x3040)]
    kinds = {code: unicodedata.category(chr(code)) for code in codes}
    return {code: " " for code, kind in kinds.items() if kind[0] in "ZCP" or kind in {"Sm", "Sc", "Sk"}}


_SEPARATORS = _separators()


def _is_word(text: str) -> bool:
    """Whether anything in a text is indexed; looking for what is not would find nothing."""
    return text.isalnum() or any(
        unicodedata.category(c)[0] in "LN" or unicodedata.category(c) in {"So", "Co", "Cn"} for c in text
    )


def words_of(text: str) -> tuple[str, ...]:
    """The words of a query, each once, cut to what is worth looking for."""
    words = (word[:MAX_WORD] for word in readable(text[:MAX_QUERY]).translate(_SEPARATORS).split())
    return tuple(dict.fromkeys(word for word in words if _is_word(word)))[:MAX_WORDS]


def index_words(name: str, path: Path) -> str:
    """What is found of an asset besides its name as written: its folders, and the parts of run-together words, so that
    `drum` finds `BigDrum808`."""
    folders = " ".join(clean(part) for part in path.parent.parts[-8:])
    whole = words_of(f"{name} {folders}"[:MAX_QUERY])
    pieces: dict[str, None] = {}
    for word in whole:
        pieces.update((piece.group(), None) for piece in _PIECES.finditer(word) if piece.start() > 0)
    return f"{folders} {' '.join(pieces)}".strip()
