"""What is to be sung: notes with words, in lines. Made from clips, MIDI files, UltraStar songs, recordings, scales."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec
from msgspec.structs import replace

from ...document.harmony import SCALES, Key
from ...document.sounding import Played
from ...document.time import TempoMap
from ...errors import StudioError
from .notes import SungNote

TargetKind = Literal["normal", "golden", "freestyle", "rap", "golden rap"]

BREATH = 0.6
"""Seconds of rest after which a new line begins, where the source has no lines."""

LONGEST_LINE = 10.0
"""Seconds after which a line ends at the next rest, however short."""


class TargetNote(msgspec.Struct, frozen=True, gc=False):
    """A note to sing: seconds from the beginning of the target, `pitch` on the scale of MIDI notes."""

    start: float
    length: float
    pitch: float
    syllable: str = ""
    kind: TargetKind = "normal"

    @property
    def end(self) -> float:
        """Seconds."""
        return self.start + self.length


class Line(msgspec.Struct, frozen=True):
    """What is sung in one breath."""

    notes: tuple[TargetNote, ...]

    @property
    def start(self) -> float:
        """Seconds."""
        return self.notes[0].start

    @property
    def end(self) -> float:
        """Seconds."""
        return max(note.end for note in self.notes)

    @property
    def words(self) -> str:
        """What is sung, as one text."""
        return " ".join("".join(note.syllable for note in self.notes).replace("~", "").split())


class Target(msgspec.Struct, frozen=True):
    """What is to be sung, line by line. With `any_octave`, a voice may sing it in the octave that suits it.

    `beat` is the length of a beat in seconds, 0 where there is none, and `first_beat` where one falls.
    """

    title: str
    lines: tuple[Line, ...]
    any_octave: bool = True
    beat: float = 0.0
    first_beat: float = 0.0

    @property
    def notes(self) -> tuple[TargetNote, ...]:
        """All notes in order."""
        return tuple(note for line in self.lines for note in line.notes)

    @property
    def range(self) -> tuple[float, float]:
        """The lowest and the highest pitch."""
        pitches = [note.pitch for note in self.notes]
        return min(pitches), max(pitches)

    def shifted(self, semitones: float) -> Target:
        """In another key."""
        return self._changed(lambda note: replace(note, pitch=note.pitch + semitones))

    def delayed(self, seconds: float) -> Target:
        """Begun later, or earlier."""
        moved = self._changed(lambda note: replace(note, start=note.start + seconds))
        return replace(moved, first_beat=self.first_beat + seconds)

    def stretched(self, factor: float) -> Target:
        """Slower (above 1) or faster."""
        moved = self._changed(lambda note: replace(note, start=note.start * factor, length=note.length * factor))
        return replace(moved, beat=self.beat * factor, first_beat=self.first_beat * factor)

    def _changed(self, change: Callable[[TargetNote], TargetNote]) -> Target:
        return replace(self, lines=tuple(Line(tuple(map(change, line.notes))) for line in self.lines))


def in_lines(notes: Iterable[TargetNote]) -> tuple[Line, ...]:
    """Notes parted where a singer breathes. Of notes that sound at once the highest is kept: a voice sings one."""
    lines: list[list[TargetNote]] = []
    for note in _one_voice(notes):
        if lines:
            last = lines[-1]
            rest = note.start - last[-1].end
            long = note.start - last[0].start > LONGEST_LINE and rest > BREATH / 4
            if rest < BREATH and not long:
                last.append(note)
                continue
        lines.append([note])
    return tuple(Line(tuple(line)) for line in lines)


def _one_voice(notes: Iterable[TargetNote]) -> list[TargetNote]:
    kept: list[TargetNote] = []
    for note in sorted(notes, key=lambda one: (one.start, -one.pitch)):
        if kept and note.start < kept[-1].end - 0.03:
            before = kept[-1]
            if note.start - before.start < 0.03 or note.pitch < before.pitch:
                continue
            kept[-1] = replace(before, length=note.start - before.start)
        kept.append(note)
    return kept


def target_of_notes(
    title: str, played: Sequence[Played], time: TempoMap, words: dict[int, str] | None = None
) -> Target:
    """The target of notes on the timeline, in seconds of the song. `words` are syllables by tick.

    Raises StudioError where there are none.
    """
    if not played:
        raise StudioError(f"“{title}” has no notes to sing; choose a clip with a melody.")
    said = words or {}
    seconds = time.seconds_of([edge for note in played for edge in (note.start, note.end)]).tolist()
    notes = [
        TargetNote(seconds[2 * n], max(seconds[2 * n + 1] - seconds[2 * n], 0.01), note.pitch, said.get(note.start, ""))
        for n, note in enumerate(played)
    ]
    first = played[0].start
    beat = float(time.seconds_of([first + 960])[0] - time.seconds_of([first])[0])
    return Target(title, in_lines(notes), beat=beat)


def target_of_voice(title: str, sung: Sequence[SungNote], steps: bool = True) -> Target:
    """The target that another recording is: its notes, on whole semitones with `steps`.

    A singer who is off concert pitch as a whole is followed there: the notes are moved by the median of their cents
    first. Raises StudioError where nothing was sung.
    """
    if not sung:
        raise StudioError(f"No notes are heard in “{title}”; choose a recording of one voice.")
    tuning = tuning_of(sung) if steps else 0.0
    notes = [TargetNote(note.start, note.length, round(note.pitch - tuning) if steps else note.pitch) for note in sung]
    return Target(title, in_lines(notes))


def tuning_of(sung: Sequence[SungNote]) -> float:
    """How far, in semitones from -0.5 to 0.5, a singer's notes stand above the nearest ones as a whole.

    The angle of the mean of all cents on a circle of one semitone, each note weighing as long as it lasts.
    """
    total = sum(note.length * cmath.exp(2j * math.pi * note.pitch) for note in sung)
    return cmath.phase(total) / (2 * math.pi) if abs(total) > 1e-9 else 0.0


ExerciseKind = Literal["scale", "arpeggio", "five notes", "thirds", "octaves", "long tones"]


def exercise(kind: ExerciseKind, key: Key, low: float, high: float, bpm: float = 80.0) -> Target:
    """A scale or figure on every tonic that the range holds, rising by semitones and coming down again.

    `low` and `high` are the singer's range on the scale of MIDI notes. Raises StudioError where it is too narrow.
    """
    figure = _figure(kind, key.mode)
    span = max(figure)
    roots = list(range(round(low), round(high) - span + 1))
    if not roots:
        raise StudioError(
            f"The range is too narrow for this exercise, which spans {span} semitones; widen it or choose another."
        )
    first = min((root for root in roots if root % 12 == key.tonic), default=roots[0])
    rising = [root for root in roots if first <= root][: 8 if kind != "long tones" else 5]
    beat = 60.0 / bpm
    length = beat * (4.0 if kind == "long tones" else 0.5 if len(figure) > 6 else 1.0)
    lines: list[Line] = []
    at = 0.0
    for root in [*rising, *rising[-2::-1]]:
        notes = [TargetNote(at + n * length, length * 0.96, root + step) for n, step in enumerate(figure)]
        lines.append(Line(tuple(notes)))
        at += (len(figure) * length // beat + 2) * beat
    name = f"{kind.capitalize()}, {key.mode}"
    return Target(name, tuple(lines), any_octave=False, beat=beat)


def _figure(kind: ExerciseKind, mode: str) -> list[int]:
    scale = [*SCALES[mode], 12]
    match kind:
        case "scale":
            return [*scale, *scale[-2::-1]]
        case "arpeggio":
            third = 3 if 3 in scale and 4 not in scale else 4
            return [0, third, 7, 12, 7, third, 0]
        case "five notes":
            return [*scale[:5], *scale[3::-1]]
        case "thirds":
            return [step for n in range(len(scale) - 2) for step in (scale[n], scale[n + 2])] + [0]
        case "octaves":
            return [0, 12, 0]
        case "long tones":
            return [0]
