"""Chords voiced: which tones sound in which octave, moving as little as possible from one chord to the next.

All of it is whole numbers, so the same chords are voiced alike on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise, permutations
from typing import Literal

from ....document.harmony import Chord
from .symbols import tones

Style = Literal["triad", "seventh", "spread", "shell", "rootless", "power", "close", "open"]
"""How a chord is laid out.

triad: root, third and fifth, close. seventh: with the seventh or sixth. close: all tones, five at most, close together.
open: four at most, the second from the top an octave lower. spread: the bass and wide steps above it. shell: the bass,
third and seventh. rootless: third, fifth, seventh and ninth. power: root, fifth and octave.
"""

Pitches = tuple[int, ...]

_C3 = 48
_WIDE = 5
"""Semitones that two tones stand apart at least where the lower one is below C3, and in a spread chord."""

_DIVISIBLE = 60
"""By any number of voices up to six."""


def voice(chord: Chord, style: Style, previous: Pitches | None, low: int, high: int) -> Pitches:
    """The pitches of a chord within `low` to `high`, rising, with the least motion from `previous`.

    Without `previous` they stand around the middle of the range, and so they do where two voicings move as far. Only
    tones of the chord sound; spread and shell have the chord's bass lowest. Where the range has no room for the style,
    the tones that fit in it. Fast enough for any thread: a voicing asked for again is remembered.
    """
    return _voiced(chord.root, chord.quality, chord.bass, style, previous or (), low, high)


def alternatives(chord: Chord, style: Style, low: int, high: int) -> tuple[Pitches, ...]:
    """All voicings of a chord in a style and range out of which `voice` chooses, rising, without clusters."""
    return _alternatives(chord.root, chord.quality, chord.bass, style, low, high)


def motion(before: Pitches, after: Pitches) -> int:
    """Semitones that the voices move in all, without crossing.

    Where the numbers of voices differ, voices part or join: each tone of the larger chord is reached from, or leads to,
    one tone of the other, and every tone has a part in it.
    """
    if len(before) == len(after):
        return sum(abs(a - b) for a, b in zip(before, after, strict=True))
    few, many = sorted((before, after), key=len)
    if not few:
        return 0
    row = [abs(few[0] - pitch) for pitch in many]
    costs = [sum(row[: n + 1]) for n in range(len(many))]
    for at, pitch in enumerate(few[1:], 1):
        best = [1 << 30] * len(many)
        for n in range(at, len(many)):
            best[n] = abs(pitch - many[n]) + min(best[n - 1], costs[n - 1])
        costs = best
    return costs[-1]


@lru_cache(maxsize=16384)
def _voiced(root: int, quality: str, bass: int | None, style: Style, previous: Pitches, low: int, high: int) -> Pitches:
    choice = _alternatives(root, quality, bass, style, low, high)

    def order(pitches: Pitches) -> tuple[int, int, Pitches]:
        middle = abs(2 * sum(pitches) - len(pitches) * (low + high)) * (_DIVISIBLE // len(pitches))
        return (motion(previous, pitches) if previous else 0), middle, pitches

    return min(choice, key=order, default=())


@lru_cache(maxsize=4096)
def _alternatives(root: int, quality: str, bass: int | None, style: Style, low: int, high: int) -> tuple[Pitches, ...]:
    chord = Chord("", 0, 1, root, quality, bass)
    for apart in (_WIDE, 3, 1):
        placed = {pitches for shape in _shapes(chord, style, apart) for pitches in _placed(shape, low, high)}
        if placed:
            return tuple(sorted({pitches for pitches in placed if _spaced(pitches)} or placed))
    wanted = _classes(_chosen(chord, style), root)
    within = tuple(pitch for pitch in range(low, high + 1) if pitch % 12 in wanted)[: len(wanted)]
    return (within,) if within else ()


def _spaced(pitches: Pitches) -> bool:
    """Whether a voicing is clear: wide steps below C3, no semitone at the top, no three tones in three semitones."""
    steps = [b - a for a, b in pairwise(pitches)]
    clear = all(step >= _WIDE or pitch >= _C3 for pitch, step in zip(pitches, steps, strict=False))
    crowded = any(a + b <= 3 for a, b in pairwise(steps))
    return clear and not crowded and (not steps or steps[-1] > 1)


def _placed(shape: Pitches, low: int, high: int) -> Iterator[Pitches]:
    """A shape, whose lowest tone is a pitch class, in every octave of the range."""
    first = shape[0] + 12 * -((shape[0] - low) // 12)
    for up in range(first - shape[0], high - shape[-1] + 1, 12):
        yield tuple(pitch + up for pitch in shape)


def _shapes(chord: Chord, style: Style, apart: int) -> Iterator[Pitches]:
    """Every order of a style's tones, rising from a pitch class; those of a spread chord `apart` at least."""
    chosen = _classes(_chosen(chord, style), chord.root)
    match style:
        case "triad" | "seventh" | "close" | "rootless":
            yield from _rotations(chosen)
        case "open":
            yield from (_dropped(shape) for shape in _rotations(chosen))
        case "power":
            yield _stacked([*chosen, chord.root], 1)
        case "shell" | "spread":
            lowest = chord.root if chord.bass is None else chord.bass
            upper = [pitch_class for pitch_class in chosen if pitch_class != lowest]
            for order in permutations(upper):
                shape = _stacked([lowest, *order], apart if style == "spread" else min(apart, 3))
                yield shape
                yield (shape[0], *(pitch + 12 for pitch in shape[1:]))


def _chosen(chord: Chord, style: Style) -> list[int]:
    """Semitones above the root of the tones that a style takes, the root first."""
    steps = tones(chord)
    thirds = [step for step in steps if 2 <= step <= 5]
    fifths = [step for step in steps if 6 <= step <= 8]
    sevenths = [step for step in steps if 9 <= step <= 11][-1:]
    above = [step for step in steps if step > 12]
    colour = thirds + sevenths
    if style == "rootless":
        return _without_root(colour, fifths, above)
    room = {"close": 5, "open": 4, "spread": 4}.get(style, 0)
    rich = [*colour, *above[-3 if style == "close" else -1 :]]
    taken = {
        "triad": thirds + fifths,
        "seventh": thirds + fifths + sevenths,
        "power": fifths[:1],
        "shell": colour if len(colour) > 1 else colour + fifths[:1],
    }.get(style, rich + (fifths if len(rich) + len(fifths) < room else []))
    return [0, *taken][: room or None]


def _without_root(colour: list[int], fifths: list[int], above: list[int]) -> list[int]:
    """Third and seventh, with the fifth and one tone above them or with two; the root where that leaves a gap."""
    upper = above[-2:] if len(above) > 1 else fifths + above
    return colour + upper if len(colour + upper) >= 3 else [0, *colour, *upper]


def _classes(steps: Iterable[int], root: int) -> list[int]:
    return list(dict.fromkeys((root + step) % 12 for step in steps))


def _rotations(pitch_classes: list[int]) -> Iterator[Pitches]:
    rising = sorted(pitch_classes)
    for n in range(len(rising)):
        yield _stacked(rising[n:] + rising[:n], 1)


def _stacked(pitch_classes: list[int], apart: int) -> Pitches:
    """Each pitch class above the one before, in the first octave that leaves `apart` semitones."""
    pitches = [pitch_classes[0]]
    for pitch_class in pitch_classes[1:]:
        least = pitches[-1] + apart
        pitches.append(least + (pitch_class - least) % 12)
    return tuple(pitches)


def _dropped(shape: Pitches) -> Pitches:
    """With the second tone from the top an octave lower, counted from a pitch class again."""
    if len(shape) < 3:
        return shape
    lowered = sorted([*shape[:-2], shape[-2] - 12, shape[-1]])
    up = -(lowered[0] // 12) * 12
    return tuple(pitch + up for pitch in lowered)
