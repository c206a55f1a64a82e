"""What was sung beside what was to be sung: how far off each note is in pitch and time, and what that is worth.

The formulas stand in docs/coach-accuracy.md. Pitch is judged at the middle of a note, the centre of a vibrato; accuracy
(the mean of signed errors) and precision (their spread) are told apart: Pfordresher and Brown, Music Perception 25
(2007).
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np

from .notes import SungNote
from .pitchtrack import PitchTrack
from .targets import Target, TargetNote, in_lines, tuning_of

Difficulty = Literal["easy", "medium", "hard"]

ZERO_AT = {"easy": 100.0, "medium": 75.0, "hard": 50.0}
"""Cents at which a note is worth nothing; up to CLOSE it is worth all."""

EARLY_OR_LATE = 0.3
"""Seconds within which an onset is taken to be meant for a target's."""

ON_TIME, OFF_TIME = 0.05, 0.15
"""Seconds up to which an onset is worth all, and from which on it is worth nothing."""

TOO_SHORT = 0.05
"""Seconds of a note's ends that are not asked for: consonants stand there."""

STEADY, UNSTEADY = 12.0, 60.0
"""Cents of spread up to which notes are fully consistent, and from which on not at all."""

CYCLE = 0.17
"""Seconds of a cycle of vibrato."""

GLIDE = 8.0
"""Semitones a second from which on a voice glides."""

SINGING = 0.6
"""The share of a voice that is held when it surely sings."""

WEIGHTS = {"pitch": 0.5, "rhythm": 0.3, "consistency": 0.2}
"""How much each score counts for the overall one; one that is not there leaves its weight to the others."""


class Tolerance(msgspec.Struct, frozen=True):
    """In cents: what is in tune, what is close, and how severe the score is beyond that."""

    in_tune: float = 15.0
    close: float = 25.0
    difficulty: Difficulty = "medium"


class GradedNote(msgspec.Struct, frozen=True):
    """A target note and what became of it.

    `cents` is how far above (negative: below) it was sung, None where it was not; `onset` how many seconds late, None
    where no onset belongs to it; `covered` the share of it that was sung. `pitch_credit` and `time_credit` go to 1.
    """

    target: TargetNote
    line: int
    cents: float | None
    onset: float | None
    covered: float
    pitch_credit: float
    time_credit: float | None
    sung: SungNote | None = None


class Scores(msgspec.Struct, frozen=True):
    """0 to 100 each; None where there is nothing to judge by. `confidence` is 0 to 1."""

    overall: float
    pitch: float
    rhythm: float | None
    consistency: float | None
    confidence: float


class Rhythm(msgspec.Struct, frozen=True):
    """Onsets against a beat or a target, in seconds: `late` on the mean (negative: early), and their `spread`.

    `off` is the share of those that are more than OFF_TIME away.
    """

    late: float
    spread: float
    off: float
    count: int


class Graded(msgspec.Struct, frozen=True):
    """A take beside its target. `octaves` is how many octaves above it the singer sang all of it."""

    notes: tuple[GradedNote, ...]
    scores: Scores
    rhythm: Rhythm | None
    accuracy: float
    precision: float
    octaves: int

    def line(self, number: int) -> list[GradedNote]:
        """The notes of a line."""
        return [note for note in self.notes if note.line == number]


def grade(
    track: PitchTrack,
    sung: Sequence[SungNote],
    target: Target,
    *,
    offset: float = 0.0,
    tolerance: Tolerance | None = None,
) -> Graded:
    """Judges a take against a target that begins `offset` seconds into its sound.

    Target and take may be of any lengths: what the take does not reach was not sung, what lies beyond is not judged.
    """
    allowed = tolerance or Tolerance()
    placed = target.delayed(offset)
    octaves = _octaves(track, placed) if target.any_octave else 0
    moved = placed.shifted(12 * octaves)
    onsets = [note.start for note in sung]
    notes = tuple(
        _graded(track, sung, onsets, note, number, allowed)
        for number, line in enumerate(moved.lines)
        for note in line.notes
    )
    errors = [note.cents for note in notes if note.cents is not None and note.target.kind != "freestyle"]
    late = [note.onset for note in notes if note.onset is not None]
    accuracy = float(np.mean(errors)) if errors else 0.0
    precision = float(np.std(errors)) if len(errors) > 1 else 0.0
    rhythm = rhythm_of(late)
    return Graded(notes, _scores(track, notes, errors), rhythm, accuracy, precision, octaves)


def grade_freely(
    track: PitchTrack,
    sung: Sequence[SungNote],
    beat: float = 0.0,
    first_beat: float = 0.0,
    *,
    classes: frozenset[int] = frozenset(),
    tolerance: Tolerance | None = None,
) -> Graded:
    """Judges singing without a target: notes beside the nearest semitone of the singer's own tuning.

    With pitch `classes` (0 is C), such as those of a scale, they are judged beside the nearest of these at concert
    pitch. Onsets are judged beside half beats where there is a `beat` (seconds; one falls on `first_beat`).
    """
    tuning = 0.0 if classes else tuning_of(sung)
    meant = [TargetNote(note.start, note.length, _meant(note.pitch - tuning, classes) + tuning) for note in sung]
    lines = in_lines(meant)
    onsets = [note.start for note in sung]
    free = tolerance or Tolerance()
    notes = [_graded(track, sung, onsets, note, n, free) for n, line in enumerate(lines) for note in line.notes]
    late = [_off_beat(note.start, beat, first_beat) for note in sung] if beat else []
    timed = [
        msgspec.structs.replace(note, onset=off, time_credit=_time_credit(off) if off is not None else None)
        for note, off in zip(notes, late if len(late) == len(notes) else [None] * len(notes), strict=True)
    ]
    errors = [note.cents for note in timed if note.cents is not None]
    accuracy = 100.0 * tuning + (float(np.mean(errors)) if errors and classes else 0.0)
    precision = float(np.std(errors)) if len(errors) > 1 else 0.0
    return Graded(tuple(timed), _scores(track, timed, errors), rhythm_of(late), accuracy, precision, 0)


def _meant(pitch: float, classes: frozenset[int]) -> int:
    """The nearest semitone, or of those in `classes`."""
    nearest = round(pitch)
    if not classes:
        return nearest
    return min(range(nearest - 6, nearest + 7), key=lambda one: (one % 12 not in classes, abs(one - pitch)))


def _off_beat(at: float, beat: float, first: float) -> float:
    half = beat / 2
    return (at - first + half / 2) % half - half / 2


def _octaves(track: PitchTrack, target: Target) -> int:
    """The octave in which the singer sings the song, from all that was sung in its notes."""
    differences = []
    for note in target.notes:
        part = track.between(note.start, note.end)
        if part.voiced.any():
            differences.append(float(np.median(part.semitones[part.voiced])) - note.pitch)
    return round(float(np.median(differences)) / 12) if differences else 0


def _graded(
    track: PitchTrack,
    sung: Sequence[SungNote],
    onsets: Sequence[float],
    note: TargetNote,
    line: int,
    allowed: Tolerance,
) -> GradedNote:
    edge = min(TOO_SHORT, note.length / 4)
    part = track.between(note.start + edge, note.end - edge)
    voiced = part.voiced
    covered = float(voiced.mean()) if len(part) else 0.0
    cents = None
    if voiced.sum() >= 2:
        cents = 100.0 * (float(np.median(part.semitones[voiced])) - note.pitch)
    own = _belonging(sung, onsets, note)
    onset = own.start - note.start if own is not None and abs(own.start - note.start) <= EARLY_OR_LATE else None
    credit = 0.0 if cents is None else _pitch_credit(cents, allowed) * min(covered / 0.8, 1.0)
    timed = _time_credit(onset) if onset is not None else (0.0 if cents is None else None)
    return GradedNote(note, line, cents, onset, covered, credit, timed, own)


def _belonging(sung: Sequence[SungNote], onsets: Sequence[float], note: TargetNote) -> SungNote | None:
    """The sung note that is meant for a target's: the one that begins nearest, if it overlaps it."""
    at = bisect.bisect_left(onsets, note.start)
    near = [sung[n] for n in range(max(at - 2, 0), min(at + 2, len(sung)))]
    near = [one for one in near if one.end > note.start and one.start < note.end]
    return min(near, key=lambda one: abs(one.start - note.start)) if near else None


def _pitch_credit(cents: float, allowed: Tolerance) -> float:
    zero = max(ZERO_AT[allowed.difficulty], allowed.close + 1.0)
    return min(max((zero - abs(cents)) / (zero - allowed.close), 0.0), 1.0)


def _time_credit(seconds: float) -> float:
    return min(max((OFF_TIME - abs(seconds)) / (OFF_TIME - ON_TIME), 0.0), 1.0)


def rhythm_of(late: Sequence[float]) -> Rhythm | None:
    """The rhythm of onsets, None where there are fewer than two."""
    if len(late) < 2:
        return None
    values = np.asarray(late)
    return Rhythm(float(values.mean()), float(values.std()), float((np.abs(values) > OFF_TIME).mean()), len(late))


def _scores(track: PitchTrack, notes: Sequence[GradedNote], errors: Sequence[float]) -> Scores:
    judged = [note for note in notes if note.target.kind in {"normal", "golden"}]
    weights = [note.target.length * (2.0 if note.target.kind == "golden" else 1.0) for note in judged]
    pitch = 100.0 * _mean([note.pitch_credit for note in judged], weights)
    timed = [note.time_credit for note in notes if note.time_credit is not None]
    rhythm = 100.0 * _mean(timed, [1.0] * len(timed)) if len(timed) > 1 else None
    consistency = 100.0 * _consistency(errors) if len(errors) > 1 else None
    parts = {"pitch": pitch, "rhythm": rhythm, "consistency": consistency}
    there = {name: value for name, value in parts.items() if value is not None}
    total = sum(WEIGHTS[name] for name in there)
    overall = sum(WEIGHTS[name] * value for name, value in there.items()) / total
    return Scores(overall, pitch, rhythm, consistency, _confidence(track, notes))


def _mean(values: Sequence[float], weights: Sequence[float]) -> float:
    total = sum(weights)
    return sum(v * w for v, w in zip(values, weights, strict=True)) / total if total else 0.0


def _consistency(errors: Sequence[float]) -> float:
    """From the spread of the errors around their median, octave slips left out of it."""
    middle = float(np.median(errors))
    spread = float(np.std(np.clip(np.asarray(errors) - middle, -200.0, 200.0)))
    return min(max((UNSTEADY - spread) / (UNSTEADY - STEADY), 0.0), 1.0)


def _confidence(track: PitchTrack, notes: Sequence[GradedNote]) -> float:
    """How far the scores can be trusted.

    The tracker's confidence where it hears a voice, times how much that voice sings, times how many notes there are to
    judge by.
    """
    voiced = track.voiced
    if not voiced.any() or not notes:
        return 0.0
    sure = float(track.confidence[voiced].mean())
    enough = 1.0 - math.exp(-sum(note.cents is not None for note in notes) / 6)
    return sure * min(sustained(track) / SINGING, 1.0) * enough


def sustained(track: PitchTrack) -> float:
    """The share of a voice that is held: 0.5 to 0.9 for singing, 0.3 and less for speech, whose pitch never rests.

    Held is what lasts a cycle of vibrato and, averaged over one, moves by less than GLIDE.
    """
    voiced = track.voiced
    cycle = np.ones(max(round(CYCLE / track.step), 1))
    if len(track) < len(cycle) or not voiced.any():
        return 0.0
    heard = np.convolve(voiced, cycle, "same")
    line = np.convolve(np.where(voiced, track.semitones, 0.0), cycle, "same") / np.maximum(heard, 1.0)
    slope = np.abs(np.gradient(line, track.step))
    held = voiced & (heard >= 0.9 * len(cycle)) & (slope < GLIDE)
    return float(held.sum() / voiced.sum())
