"""Which chords may come next, ranked, each with its reason. Sums and products only: the same on every machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ....document.harmony import SCALES, Chord, Key
from .loops import LOOPS
from .qualities import quality_tones
from .romans import from_roman, is_minor, roman_of
from .spelling import key_name
from .symbols import spell

BAR = 3840
"""Ticks of the first chord of a song, a bar of four quarters; later ones are as long as the one before."""

_MOST_MATCHED = 3
"""Chords of a loop that are looked back on."""


class Suggestion(NamedTuple):
    """A chord that may come next. `weight` is 0 to 1; `reason` a short sentence that begins with its numeral.

    The chord begins where the last one ends, is as long, and has no id yet.
    """

    chord: Chord
    weight: float
    reason: str


class _Idea(NamedTuple):
    above: int
    quality: str
    weight: float
    why: str


class _Place(NamedTuple):
    """Where the song is: the key, its chords as semitones above the tonic and triads, their symbols, the scale."""

    key: Key
    steps: tuple[tuple[int, str], ...]
    heard: tuple[str, ...]
    triads: tuple[tuple[int, str], ...]

    @property
    def last(self) -> tuple[int, str]:
        return self.steps[-1]

    def name(self, above: int, quality: str = "") -> str:
        """The symbol of a chord above the tonic."""
        return spell(Chord("", 0, 1, (self.key.tonic + above) % 12, quality), self.key)

    def quality(self, above: int) -> str | None:
        """The triad of the scale on a degree, None where there is none."""
        return dict(self.triads).get(above % 12)


def suggest(chords_so_far: Sequence[Chord], key: Key, count: int = 8) -> tuple[Suggestion, ...]:
    """The chords most likely to follow, heaviest first.

    Cadences, falling fifths, deceptive turns, relatives, borrowed chords, secondary dominants, the common loops, and
    what the song itself did before are weighed together; the strongest gives the reason. Where the song's chords have
    sevenths, so have these. Any thread.
    """
    steps = tuple(((chord.root - key.tonic) % 12, _triad(chord.quality)) for chord in chords_so_far)
    heard = tuple(spell(chord, key) for chord in chords_so_far)
    place = _Place(key, steps, heard, _triads(key))
    jazzy = sum(10 in tones or 11 in tones for tones in (quality_tones(c.quality) for c in chords_so_far))
    rich = 2 * jazzy > len(chords_so_far)
    same = (steps[-1][0], chords_so_far[-1].quality) if steps else None
    gathered: dict[tuple[int, str], list[_Idea]] = {}
    for idea in _ideas(place):
        quality = _with_seventh(place, idea.above, idea.quality) if rich else idea.quality
        if not steps or not {(idea.above, idea.quality), (idea.above, quality)} & {place.last, same}:
            gathered.setdefault((idea.above, quality), []).append(idea)
    end, length = (chords_so_far[-1].start + chords_so_far[-1].length, chords_so_far[-1].length) if steps else (0, BAR)
    made = [_suggestion(place, quality, ideas, end, length) for (_, quality), ideas in gathered.items()]
    made.sort(key=lambda one: (-one.weight, (one.chord.root - key.tonic) % 12, one.chord.quality))
    return tuple(made[:count])


def _suggestion(place: _Place, quality: str, ideas: list[_Idea], start: int, length: int) -> Suggestion:
    best = max(ideas, key=lambda idea: idea.weight)
    against = 1.0
    for idea in ideas:
        against *= 1.0 - idea.weight
    chord = Chord("", start, length, (place.key.tonic + best.above) % 12, quality)
    return Suggestion(chord, round(1.0 - against, 3), f"{roman_of(chord, place.key)}: {best.why}")


def _ideas(place: _Place) -> Iterator[_Idea]:
    if not place.steps:
        yield from _beginnings(place)
        yield from _scale(place)
        return
    kinds: tuple[Callable[[_Place], Iterator[_Idea]], ...] = (
        _scale, _cadences, _fifths, _relatives, _borrowed, _dominants, _loops, _earlier,
    )  # fmt: skip
    for kind in kinds:
        yield from kind(place)


def _beginnings(place: _Place) -> Iterator[_Idea]:
    minor = is_minor(place.key)
    home = "m" if minor else ""
    yield _Idea(0, home, 0.9, f"home in {key_name(place.key)}, where most songs begin")
    for above, weight in ((8, 0.5), (5, 0.4), (10, 0.3)) if minor else ((9, 0.5), (5, 0.45), (2, 0.3), (7, 0.25)):
        quality = place.quality(above)
        if quality is not None:
            yield _Idea(above, quality, weight, "begins away from home and leaves room to come back")


def _scale(place: _Place) -> Iterator[_Idea]:
    """Every chord of the scale is possible."""
    for above, quality in place.triads:
        weight = 0.04 if quality == "dim" else 0.12
        yield _Idea(above, quality, weight, f"a chord of {key_name(place.key)}")


def _cadences(place: _Place) -> Iterator[_Idea]:
    above, quality = place.last
    minor = is_minor(place.key)
    home, name = ("m" if minor else ""), place.name(0, "m" if minor else "")
    if (above == 7 and quality != "m") or (above == 11 and quality == "dim"):
        yield _Idea(0, home, 0.85, f"comes home from {place.heard[-1]}")
        sixth = (8, "") if minor else (9, "m")
        yield _Idea(*sixth, 0.45, f"a deceptive turn: {place.name(*sixth)} where {name} is expected")
    elif above in {2, 5}:
        yield _Idea(7, "", 0.6, f"leads home to {name}")
        if above == 5:
            yield _Idea(0, home, 0.5, f"comes home from {place.heard[-1]} without a dominant, as in an amen")
    elif above == 10 and quality == "":
        yield _Idea(0, home, 0.5, f"comes home by a whole step from {place.heard[-1]}")
    else:
        yield _Idea(7, "", 0.3, f"leads home to {name}")
        fourth = place.quality(5)
        if above == 0 and fourth is not None:
            yield _Idea(5, fourth, 0.4, "opens away from home, the commonest chord after it")


def _fifths(place: _Place) -> Iterator[_Idea]:
    above, quality = place.last
    to = (above + 5) % 12
    goal = place.quality(to)
    if quality == "" and place.quality(above) != "" and above != 7 and goal is not None and goal != "dim":
        yield _Idea(to, goal, 0.75, f"where {place.heard[-1]} leads")
    elif goal is not None and place.quality(above) is not None:
        yield _Idea(to, goal, 0.3, f"a fifth below {place.heard[-1]}, round the circle of fifths")


def _relatives(place: _Place) -> Iterator[_Idea]:
    above, quality = place.last
    to, kind, word = (above + 9, "m", "minor") if quality == "" else (above + 3, "", "major")
    if quality in {"", "m"} and place.quality(to) == kind:
        why = f"the relative {word} of {place.heard[-1]}, which shares two of its notes"
        yield _Idea(to % 12, kind, 0.25, why)


def _borrowed(place: _Place) -> Iterator[_Idea]:
    tonic = place.key.tonic
    if is_minor(place.key):
        yield _Idea(
            5, "", 0.2, f"borrowed from {key_name(Key(0, tonic, 'dorian'))}, brighter than {place.name(5, 'm')}"
        )
        yield _Idea(1, "", 0.1, "the Neapolitan chord, a semitone above home")
        return
    source = key_name(Key(0, tonic, "minor"))
    for above, quality, weight in ((5, "m", 0.2), (8, "", 0.16), (10, "", 0.2), (3, "", 0.12)):
        if place.quality(above) != quality:
            yield _Idea(above, quality, weight, f"borrowed from {source}")


def _dominants(place: _Place) -> Iterator[_Idea]:
    for above, quality in place.triads:
        root = (above + 7) % 12
        if quality != "dim" and above != 0 and place.quality(root) != "":
            goal = place.name(above, quality)
            yield _Idea(root, "7", 0.22 if above in {2, 7, 9} else 0.14, f"leads to {goal}, which can follow")


def _loops(place: _Place) -> Iterator[_Idea]:
    for music, numerals in LOOPS["minor" if is_minor(place.key) else "major"]:
        loop = [from_roman(numeral, place.key)[:2] for numeral in numerals.split()]
        cycle = [((root - place.key.tonic) % 12, quality) for root, quality in loop]
        matched = max(
            ((_matched(place.steps, cycle, n), -n) for n in range(len(cycle)) if cycle[n] != place.last), default=(0, 0)
        )
        if matched[0]:
            following = cycle[-matched[1]]
            weight = (0.0, 0.12, 0.35, 0.55)[matched[0]]
            yield _Idea(*following, weight, f"goes on as {numerals.replace(' ', '–')}, a loop of {music}")


def _matched(steps: Sequence[tuple[int, str]], cycle: Sequence[tuple[int, str]], following: int) -> int:
    """How many of the last chords stand before a place of a loop."""
    count = 0
    while count < min(len(steps), _MOST_MATCHED) and steps[-1 - count] == cycle[(following - 1 - count) % len(cycle)]:
        count += 1
    return count


def _earlier(place: _Place) -> Iterator[_Idea]:
    """What followed the last two chords earlier in the song."""
    steps = place.steps
    followed = {steps[n + 2] for n in range(len(steps) - 2) if steps[n : n + 2] == steps[-2:]}
    for above, quality in sorted(followed):
        names = f"{place.heard[-2]} and {place.heard[-1]}"
        yield _Idea(above, quality, 0.5, f"followed {names} earlier in the song")


def _triad(quality: str) -> str:
    """The triad under a quality: "", "m" or "dim"."""
    steps = quality_tones(quality)
    if 3 in steps and 4 not in steps:
        return "dim" if 6 in steps and 7 not in steps else "m"
    return ""


def _triads(key: Key) -> tuple[tuple[int, str], ...]:
    """The triads of the key's scale: the natural scale of its third where its own has not seven notes."""
    own = SCALES[key.mode]
    scale = own if len(own) == 7 and "minor" not in key.mode else SCALES["minor" if is_minor(key) else "major"]
    triads = []
    for n, step in enumerate(scale):
        third, fifth = ((scale[(n + up) % 7] - step) % 12 for up in (2, 4))
        triads.append((step, "dim" if fifth == 6 else "m" if third == 3 else ""))
    return tuple(triads)


def _with_seventh(place: _Place, above: int, quality: str) -> str:
    """The quality with the seventh that belongs to it: of the scale, or a dominant's."""
    if quality == "dim":
        return "dim7" if is_minor(place.key) and above == 11 else "m7b5"
    if quality == "m":
        return "m7"
    dominant = above == 7 or quality == "7"
    return "maj7" if not dominant and (above + 11) % 12 in SCALES[place.key.mode] else "7"
