"""The syllables that are sung on notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from ..document import Edit
from ..notes import MAX_TEXT, Note
from ._notes import note_edit

_PIECE = re.compile(r"[^\s-]+-?|-+")


def set_syllables(clip_id: str, texts: Mapping[str, str], merge: str = "") -> Edit:
    """Gives notes, by id, the syllables sung on them; an empty one takes it away."""
    plain = {key: tidy(text) for key, text in texts.items()}
    label = "Lyrics" if any(plain.values()) else "Remove lyrics"
    return note_edit(
        label, clip_id, tuple(plain), lambda _, __, notes: [replace(n, text=plain[n.id]) for n in notes], merge
    )


def tidy(text: str) -> str:
    """A text as a note can have it: in one line, not too long, and nothing instead of spaces alone."""
    line = "".join(sign if sign.isprintable() else " " for sign in text)[:MAX_TEXT]
    return line if line.strip() else ""


def syllables_of(text: str) -> list[str]:
    """The syllables of written lyrics: words end with a space, parts of a word with the hyphen that stands there."""
    found = []
    for word in text.split():
        pieces = _PIECE.findall(word)
        found += [
            piece if piece.endswith("-") and n + 1 < len(pieces) else piece + " " for n, piece in enumerate(pieces)
        ]
    return found


def sung_notes(notes: Iterable[Note]) -> list[Note]:
    """The notes that take a syllable each: in order, of those that begin together the highest."""
    top: dict[int, Note] = {}
    for note in notes:
        if note.start not in top or note.pitch > top[note.start].pitch:
            top[note.start] = note
    return [top[start] for start in sorted(top)]


def spread(notes: Sequence[Note], text: str) -> dict[str, str]:
    """The syllables of a text by the ids of the notes that sing them, from the first note on; the rest is left out."""
    return {note.id: syllable for note, syllable in zip(sung_notes(notes), syllables_of(text), strict=False)}


def lyrics_of(notes: Iterable[Note]) -> str:
    """What is sung, as one text."""
    return "".join(note.text for note in notes).strip()
