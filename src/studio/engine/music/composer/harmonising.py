"""The second voice: thirds or sixths below the melody, or long tones that lead into one another."""

from __future__ import annotations

from collections.abc import Sequence

from ....document.harmony import steps_away
from ....document.time import PPQ
from ..harmony.symbols import tones
from .draft import Draft, loudness
from .sheet import Bar, Sheet

STEPS = {"third": -2, "sixth": -5}
"""Scale steps from the melody to the second voice."""

CLOSEST, FARTHEST = 3, 9
"""Semitones below the melody at which a second voice may stand."""


def write_harmony(sheet: Sheet, bars: Sequence[Bar]) -> list[Draft]:
    """The second voice of some bars, unfelt. It hears the melody that is written."""
    style = sheet.genre.harmony.style
    notes: list[Draft] = []
    for bar in bars:
        heard = sheet.heard("melody", bar)
        if style == "long" or not heard:
            notes += _long(sheet, bar, notes[-1].pitch if notes else None) if style == "long" else []
        else:
            notes += [_below(sheet, note, STEPS[style]) for note in heard if note.length >= PPQ // 3]
    return notes


def _below(sheet: Sheet, note: Draft, steps: int) -> Draft:
    """The note a third or sixth below; on a chord tone where the melody stands on one."""
    kind = sheet.genre.harmony
    pitch = steps_away(note.pitch, sheet.key, steps)
    chord = sheet.chord_under(note.start, note.length)
    classes = {(chord.root + tone) % 12 for tone in tones(chord)}
    strong = (
        note.start % (2 * sheet.beat) == 0 or note.length >= sheet.beat or sheet.change_after(note.start) < note.end
    )
    if (note.pitch % 12 in classes or strong) and pitch % 12 not in classes:
        places = [p for p in range(note.pitch - FARTHEST, note.pitch - CLOSEST + 1) if p % 12 in classes]
        pitch = min(places, key=lambda p: (abs(p - pitch), p)) if places else pitch
    while pitch < kind.low:
        pitch += 12
    while pitch > kind.high or pitch >= note.pitch + 12:
        pitch -= 12
    velocity = loudness(kind.velocity, note.velocity / sheet.genre.melody.velocity)
    return Draft(note.start, note.length, pitch, velocity)


def _long(sheet: Sheet, bar: Bar, last: int | None) -> list[Draft]:
    """A tone for each chord of the bar, the nearest to the last one; it is silent in the second half of a phrase."""
    kind = sheet.genre.harmony
    notes = []
    start = bar.start
    while start < bar.end:
        until = min(sheet.change_after(start), bar.end)
        places = _below_the_tune(sheet, bar, start, until)
        near = last if last is not None else (kind.low + kind.high) // 2
        last = min(places, key=lambda p: (abs(p - near), p))
        notes.append(Draft(start, max(until - start - sheet.beat // 8, 1), last, kind.velocity))
        start = until
    return notes


def _below_the_tune(sheet: Sheet, bar: Bar, start: int, until: int) -> list[int]:
    """The chord's tones, its root last of all, that lie in the range and below what the melody plays meanwhile."""
    kind = sheet.genre.harmony
    tune = [note.pitch for note in sheet.heard("melody", bar) if note.start < until and note.end > start]
    top = min([kind.high, *(pitch - CLOSEST for pitch in tune)])
    chord = sheet.chord_at(start)
    own = tones(chord)
    for few in (own[1:4], own):
        classes = {(chord.root + tone) % 12 for tone in few}
        places = [p for p in range(kind.low, top + 1) if p % 12 in classes]
        if places:
            return places
    return [min(p for p in range(kind.low, kind.low + 12) if p % 12 in classes)]
