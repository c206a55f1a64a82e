"""The lyrics of a MIDI file, brought to the notes that sing them."""

from __future__ import annotations

import bisect
from collections.abc import Sequence

from msgspec.structs import replace

from ...document.notes import MAX_TEXT, Note
from ...document.time import PPQ

NEAR = PPQ // 8
"""A syllable may stand so far from the note that sings it, in ticks."""

Syllables = Sequence[tuple[int, str]]
"""Tick and text."""


def fitting(notes: Sequence[Note], syllables: Syllables) -> int:
    """How many syllables have a note that begins near them."""
    starts = sorted({note.start for note in notes})
    return sum(_near(starts, tick) is not None for tick, _ in syllables)


def sung(notes: Sequence[Note], syllables: Syllables) -> tuple[tuple[Note, ...], int]:
    """The notes, which are in order, with their syllables, and how many of these had no note of their own.

    Of notes that begin together the highest sings first. A syllable without a note near it goes to the note that sings
    before it, or to the first one, so that no word is lost.
    """
    starts = sorted({note.start for note in notes})
    free: dict[int, list[Note]] = {start: [] for start in starts}
    for note in notes:
        if not note.text:
            free[note.start].append(note)
    for group in free.values():
        group.sort(key=lambda note: note.pitch)
    texts: dict[str, str] = {}
    last, homeless = "", 0
    for tick, text in sorted(syllables, key=lambda one: one[0]):
        start = _near(starts, tick)
        if start is not None and free[start]:
            last = free[start].pop().id
        else:
            homeless += start is None
            last = last or notes[0].id
        texts[last] = (texts.get(last, "") + text)[:MAX_TEXT]
    return tuple(replace(note, text=texts[note.id]) if note.id in texts else note for note in notes), homeless


def _near(starts: Sequence[int], tick: int) -> int | None:
    """The start nearest to a tick, if it is near."""
    at = bisect.bisect_left(starts, tick)
    best = min(starts[max(at - 1, 0) : at + 1], key=lambda start: abs(start - tick), default=None)
    return best if best is not None and abs(best - tick) <= NEAR else None
