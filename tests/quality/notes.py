"""What the notes of a composition say of themselves: clashes, chord tones, ranges, order of the voices, evenness."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterator

import msgspec

from studio.document.harmony import chord_at
from studio.document.time import PPQ
from studio.engine.music.composer.compose import Composition
from studio.engine.music.harmony.symbols import tones

VOICES = ("bass", "melody", "harmony")
"""The parts that play lines against the chords."""

RANGED = ("chords", *VOICES)
"""The parts whose genre names a range of pitches."""

SIXTEENTH = PPQ // 4


class Written(msgspec.Struct, frozen=True):
    """A note at the composition's own ticks: `start` where it was written, `played` where it sounds."""

    part: str
    start: int
    played: int
    length: int
    pitch: int
    velocity: int

    @property
    def end(self) -> int:
        """The tick after its last, counted from where it was written."""
        return self.start + self.length


def notes_of(song: Composition, *parts: str) -> list[Written]:
    """The notes of some parts, of all if none are named, in order."""
    found = [
        Written(
            passage.part,
            passage.start + note.start - note.shift,
            passage.start + note.start,
            note.length,
            note.pitch,
            note.velocity,
        )
        for passage in song.passages
        if not parts or passage.part in parts
        for note in passage.notes
    ]
    return sorted(found, key=lambda note: (note.start, note.part, note.pitch))


def strong_beats(song: Composition) -> range:
    """The ticks of the strong beats: the first of each bar, and its middle where its beats are even in number."""
    bar = song.request.bar_ticks
    beats = song.request.numerator // (3 if song.request.denominator == 8 else 1)
    return range(0, song.ticks, bar // 2 if beats % 2 == 0 else bar)


def on_strong_beats(song: Composition, part: str) -> Iterator[tuple[Written, frozenset[int]]]:
    """Every note of a part that sounds on a strong beat for a sixteenth at least, with the chord's pitch classes."""
    notes = notes_of(song, part)
    for tick in strong_beats(song):
        classes = chord_classes(song, tick)
        yield from ((note, classes) for note in notes if note.start <= tick and note.end >= tick + SIXTEENTH)


def chord_classes(song: Composition, tick: int) -> frozenset[int]:
    """The pitch classes of the chord at a tick, with its bass."""
    chord = chord_at(song.chords, tick)
    assert chord is not None
    above = {(chord.root + tone) % 12 for tone in tones(chord)}
    return frozenset(above | ({chord.bass} if chord.bass is not None else set()))


def clashes(song: Composition) -> tuple[int, int]:
    """Voices on strong beats that stand a semitone beside a chord tone without being one, and all of them."""
    heard = [one for part in VOICES for one in on_strong_beats(song, part)]
    return sum(_clashes(note.pitch, classes) for note, classes in heard), len(heard)


def _clashes(pitch: int, classes: frozenset[int]) -> bool:
    return pitch % 12 not in classes and bool({(pitch + 1) % 12, (pitch - 1) % 12} & classes)


def fitting(song: Composition, part: str) -> tuple[int, int]:
    """Notes of a part on strong beats that are tones of the chord, and all of them."""
    heard = list(on_strong_beats(song, part))
    return sum(note.pitch % 12 in classes for note, classes in heard), len(heard)


def compass(song: Composition, part: str) -> int:
    """Semitones from the lowest to the highest note of a part in the widest of its passages."""
    widths = [
        max(note.pitch for note in passage.notes) - min(note.pitch for note in passage.notes)
        for passage in song.part(part)
    ]
    return max(widths, default=0)


def outside(song: Composition) -> list[Written]:
    """Notes beyond the range that the genre gives their part; single tones of a chord may be an octave above."""
    ranges = {part: (kind.low, kind.high) for part in RANGED for kind in [getattr(song.genre, part)]}
    ranges["chords"] = (song.genre.chords.low, song.genre.chords.high + 12)
    return [note for note in notes_of(song, *RANGED) if not _inside(note, ranges[note.part])]


def _inside(note: Written, limits: tuple[int, int]) -> bool:
    return limits[0] <= note.pitch <= limits[1]


def crossings(song: Composition) -> tuple[int, int]:
    """Notes of the melody under which the second voice does not stay, and all that it goes along with."""
    below = notes_of(song, "harmony")
    pairs = [
        (note.pitch, other.pitch)
        for note in notes_of(song, "melody")
        for other in below
        if other.start <= note.start < other.end
    ]
    return sum(low >= high for high, low in pairs), len(pairs)


def unevenness(song: Composition, part: str) -> tuple[float, float]:
    """Standard deviations of a part's shifts in ms, swing and leaning included, and of its velocities."""
    notes = notes_of(song, part)
    shifts = [(note.played - note.start) * 60_000 / PPQ / song.request.bpm for note in notes]
    return statistics.pstdev(shifts or [0.0]), statistics.pstdev([note.velocity for note in notes] or [0])


def repeated(song: Composition, part: str) -> float:
    """The share of a part's notes that repeat the pitch before them."""
    pitches = [note.pitch for note in notes_of(song, part)]
    return sum(a == b for a, b in itertools.pairwise(pitches)) / max(len(pitches) - 1, 1)


def longest_run(song: Composition, part: str) -> int:
    """How many bars in a row a part plays the very same, pitches counted from the chord's root."""
    bar = song.request.bar_ticks
    bars: dict[int, list[tuple[int, int, int]]] = {}
    for note in notes_of(song, part):
        chord = chord_at(song.chords, note.start)
        root = chord.root if chord is not None and part in VOICES else 0
        bars.setdefault(note.start // bar, []).append((note.start % bar, (note.pitch - root) % 128, note.length))
    longest = run = 1 if bars else 0
    for number in sorted(bars)[1:]:
        run = run + 1 if bars[number] == bars.get(number - 1) else 1
        longest = max(longest, run)
    return longest
