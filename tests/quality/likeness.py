"""How alike two pieces of music are: the share of notes that stand in both at the same place with the same pitch."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterable, Sequence

from studio.engine.music.composer.compose import Composition, Passage

FORM = "intro:4 verse:8 chorus:8 verse:8 chorus:8 outro:4"
"""The song in which parts should be known again."""

PARTS = ("drums", "chords", "bass", "melody")

Notes = frozenset[tuple[str, int, int]]
"""Part, written start in ticks, pitch."""


def notes_in(passages: Iterable[Passage], whole: bool = True) -> Notes:
    """The notes of some passages, at ticks of the composition or, if not `whole`, of each passage."""
    return frozenset(
        (passage.part, (passage.start if whole else 0) + note.start - note.shift, note.pitch)
        for passage in passages
        for note in passage.notes
    )


def likeness(one: Notes, other: Notes) -> float:
    """Notes in both as a share of notes in either, 0 to 1."""
    return len(one & other) / max(len(one | other), 1)


def of_seeds(songs: Sequence[Composition]) -> list[float]:
    """How alike each two of some compositions are that differ in their seeds alone."""
    sets = [notes_in(song.passages) for song in songs]
    return [likeness(one, other) for one, other in itertools.combinations(sets, 2)]


def section(song: Composition, part: str, name: str) -> Notes:
    """The notes of a part in a section such as "Chorus 2"."""
    return notes_in((one for one in song.part(part) if one.section.name == name), whole=False)


def known_again(song: Composition) -> dict[str, float]:
    """By part, how alike the two choruses are."""
    pairs = {part: (section(song, part, "Chorus"), section(song, part, "Chorus 2")) for part in PARTS}
    return {part: likeness(*pair) for part, pair in pairs.items() if all(pair)}


def told_apart(song: Composition, others: Sequence[Composition]) -> dict[str, float]:
    """By part, how alike a chorus is to that of other genres in the same key, on average."""
    found: dict[str, float] = {}
    for part in PARTS:
        own = section(song, part, "Chorus")
        theirs = [notes for other in others if (notes := section(other, part, "Chorus"))]
        if own and theirs:
            found[part] = statistics.fmean(likeness(own, notes) for notes in theirs)
    return found
