"""The lines of a take, each with what it is worth."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from .grading import WEIGHTS, Graded, GradedNote
from .pitchtrack import name_of


class Phrase(msgspec.Struct, frozen=True):
    """A line as it was sung. Scores 0 to 100, `rhythm` None where it has no onsets; `cents` is the mean of its errors.

    `worst` says in words where it went wrong most, empty where nothing did.
    """

    number: int
    words: str
    start: float
    end: float
    score: float
    pitch: float
    rhythm: float | None
    cents: float | None
    worst: str


def phrases_of(graded: Graded) -> list[Phrase]:
    """The lines in the order in which they are sung; sort them by score for the worst first."""
    lines: dict[int, list[GradedNote]] = {}
    for note in graded.notes:
        lines.setdefault(note.line, []).append(note)
    return [_phrase(number, notes) for number, notes in sorted(lines.items())]


def _phrase(number: int, notes: Sequence[GradedNote]) -> Phrase:
    judged = [note for note in notes if note.target.kind in {"normal", "golden"}] or list(notes)
    total = sum(note.target.length for note in judged)
    pitch = 100.0 * sum(note.pitch_credit * note.target.length for note in judged) / total if total else 0.0
    timed = [note.time_credit for note in notes if note.time_credit is not None]
    rhythm = 100.0 * sum(timed) / len(timed) if timed else None
    errors = [note.cents for note in judged if note.cents is not None]
    parts = [(WEIGHTS["pitch"], pitch)] + ([(WEIGHTS["rhythm"], rhythm)] if rhythm is not None else [])
    score = sum(weight * value for weight, value in parts) / sum(weight for weight, _ in parts)
    words = words_of(notes)
    start, end = notes[0].target.start, max(note.target.end for note in notes)
    cents = sum(errors) / len(errors) if errors else None
    return Phrase(number, words, start, end, score, pitch, rhythm, cents, _worst(judged))


def words_of(notes: Sequence[GradedNote]) -> str:
    """What is sung on these notes, as one text."""
    return " ".join("".join(note.target.syllable for note in notes).replace("~", "").split())


def _worst(notes: Sequence[GradedNote]) -> str:
    low = min(notes, key=lambda note: note.pitch_credit)
    if low.pitch_credit > 0.95:
        return ""
    what = f"{name_of(low.target.pitch)} at {clock(low.target.start)}"
    if low.cents is None or low.covered < 0.2:
        return f"{what} was not sung"
    if abs(low.cents) <= 25:
        return f"only {100 * low.covered:.0f} % of {what} was sung"
    return f"{what} was {abs(low.cents):.0f} cents {'sharp' if low.cents > 0 else 'flat'}"


def clock(seconds: float) -> str:
    """A time as people read it, such as 1:04.2."""
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths % 600 // 10:02}.{tenths % 10}"
