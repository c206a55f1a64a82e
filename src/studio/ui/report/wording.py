"""The figures of a take as sentences."""

from __future__ import annotations

import datetime
import statistics

from ...actions.coachhistory import sung_range
from ...actions.results import Result
from ...engine.voice.between import told_between
from ...engine.voice.grading import GradedNote
from ...engine.voice.phrases import Phrase, clock
from ...engine.voice.pitchtrack import name_of

LONG = 0.5
"""Seconds from which on a note is long enough to swing."""


def signed(value: float, unit: str) -> str:
    """A figure with its sign, such as "−12 cents"."""
    return f"{value:+.0f} {unit}".replace("-", "−").replace("+0 ", "0 ").replace("−0 ", "0 ")


def note_words(note: GradedNote) -> str:
    """A note to sing and what became of it, in one line."""
    word = note.target.syllable.replace("~", "").strip()
    head = f"{name_of(note.target.pitch)} “{word}”" if word else name_of(note.target.pitch)
    if note.target.kind == "freestyle":
        return f"{head}, free"
    if note.cents is None:
        return f"{head}, not sung"
    told = [head, signed(note.cents, "cents")]
    if note.onset is not None:
        told.append(f"{1000 * abs(note.onset):.0f} ms {'late' if note.onset > 0 else 'early'}")
    return ", ".join(told)


def phrase_words(phrase: Phrase, offset: float) -> str:
    """What a phrase is called: when it is sung in the song, and its words."""
    return f"{clock(phrase.start + offset)}  {phrase.words}".rstrip() if phrase.words else clock(phrase.start + offset)


def facts(result: Result) -> list[tuple[str, str]]:
    """Names and figures: accuracy, precision, rhythm, range, vibrato."""
    judged = result.coached.judged
    graded = judged.graded
    told = []
    if any(note.cents is not None for note in graded.notes):
        told.append(("Accuracy", f"{signed(graded.accuracy, 'cents')} on the mean"))
        told.append(("Precision", f"±{graded.precision:.0f} cents around it"))
    if graded.rhythm is not None:
        late, spread = 1000 * graded.rhythm.late, 1000 * graded.rhythm.spread
        when = f"{abs(late):.0f} ms {'late' if late > 0 else 'early'}" if round(late) else "on time"
        told.append(("Rhythm", f"{when} on the mean, ±{spread:.0f} ms, {graded.rhythm.off:.0%} off the beat"))
    low, high = sung_range(result.coached)
    if low is not None and high is not None:
        told.append(("Range", f"{name_of(low)} to {name_of(high)}, {round(high) - round(low)} semitones"))
    if judged.notes:
        told.append(("Vibrato", _vibrato(result)))
    if graded.octaves:
        way = "above" if graded.octaves > 0 else "below"
        count = abs(graded.octaves)
        told.append(("Octave", f"{'one octave' if count == 1 else f'{count} octaves'} {way} the target"))
    return told


def _vibrato(result: Result) -> str:
    held = [note for note in result.coached.judged.notes if note.length >= LONG]
    swings = [note.vibrato for note in held if note.vibrato is not None]
    if not held:
        return f"no note is held for {LONG:g} s"
    if not swings:
        return f"none on {len(held)} long note{'s' * (len(held) != 1)}"
    rate, extent = (statistics.median(getattr(one, name) for one in swings) for name in ("rate", "extent"))
    return f"on {len(swings)} of {len(held)} long notes, {rate:.1f} Hz, {extent:.1f} semitones"


def consistency(result: Result) -> list[str]:
    """How this take compares with others of the same: those at its place, and earlier attempts."""
    told = list(told_between(result.varying, result.compared))
    earlier = result.earlier
    if earlier:
        scores = [take.overall for take in earlier]
        off = [take.accuracy for take in earlier] + [result.coached.judged.graded.accuracy]
        count = f"{len(earlier)} earlier attempt{'s' * (len(earlier) != 1)}"
        since = datetime.datetime.fromtimestamp(earlier[0].taken).strftime("%d %b %Y").lstrip("0")
        best = f"best {max(scores):.0f}, last {scores[-1]:.0f}"
        spread = f"; their mean pitch differs by {statistics.stdev(off):.0f} cents" if len(off) > 2 else ""
        told.append(f"{count} since {since}: {best}, now {result.coached.judged.graded.scores.overall:.0f}{spread}.")
    return told


def summary(result: Result) -> str:
    """The scores in one line."""
    scores = result.coached.judged.graded.scores
    if not result.coached.judged.notes:
        return result.coached.notices[0] if result.coached.notices else "No notes are heard."
    parts = [("pitch", scores.pitch), ("rhythm", scores.rhythm), ("consistency", scores.consistency)]
    told = ", ".join(f"{name} {value:.0f}" for name, value in parts if value is not None)
    return f"{scores.overall:.0f} of 100: {told}."
