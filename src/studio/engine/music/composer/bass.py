"""The bass: a line of its own that goes along with chords and kick, and walks where the genre walks."""

from __future__ import annotations

from collections.abc import Sequence

from ....document.harmony import SCALES, Chord
from ..genres.genre import Rhythm
from ..genres.lines import bars_of, held
from ..harmony.symbols import tones
from .draft import Draft, loudness
from .sheet import Bar, Sheet

ACCENT, WEAK = 1.12, 0.88
NEAR = 7
"""Semitones within which the bass likes to go on from where it is."""

RINGING = ("r---",)
"""The last bar of a song."""

_DEGREES = {"3": (3, 4), "5": (7, 6, 8), "6": (9, 8), "7": (10, 11, 9)}
"""The intervals that a figure means, the first of them that the chord has."""


def write_bass(sheet: Sheet, bars: Sequence[Bar]) -> list[Draft]:
    """The bass of some bars, unfelt. It hears the drums that are written."""
    notes: list[Draft] = []
    for bar in bars:
        notes += _bar(sheet, bar, notes[-1].pitch if notes else None)
    return notes


def _bar(sheet: Sheet, bar: Bar, before: int | None) -> list[Draft]:
    rhythm = _rhythm(sheet, bar)
    cycle = RINGING if sheet.ends(bar) else bars_of(rhythm.line, bar.ticks)
    steps = cycle[bar.within % len(cycle)]
    step = bar.ticks // len(steps)
    more = bar.section.bars - bar.within - 1
    places = [
        (bar.start + n * step, sign, held(cycle, bar.within, n, bar.ticks, more))
        for n, sign in enumerate(steps)
        if sign not in ".-"
    ]
    tied = (len(steps) - len(steps.lstrip("-"))) * step
    if tied and bar.within == 0:
        places = [(bar.start, "r", tied), *places]
    places = _with_kick(sheet, bar, _kicked(sheet, bar, _moved_on(sheet, places)), bar.start + tied)
    notes: list[Draft] = []
    for n, (start, sign, drawn) in enumerate(places):
        until = places[n + 1][0] if n + 1 < len(places) else max(bar.end, start + drawn)
        length = min(drawn, until - start, sheet.section_end(bar) - start)
        last = notes[-1].pitch if notes else before
        pitch = _pitch(sheet, bar, sign, start, min(start + drawn, bar.end), last, n)
        level = ACCENT if sign.isupper() or (start - bar.start) % (2 * sheet.beat) == 0 else 1.0
        level *= 1.0 if (start - bar.start) % sheet.beat == 0 or sign.isupper() else WEAK
        gate = 1.0 if _glides(sheet, bar, n) and until < bar.end else sheet.genre.bass.gate
        extra = sheet.beat // 8 if gate == 1.0 else 0
        notes.append(
            Draft(start, max(round(length * gate) + extra, 1), pitch, loudness(sheet.genre.bass.velocity, level))
        )
    return notes


def _rhythm(sheet: Sheet, bar: Bar) -> Rhythm:
    usable = sheet.fitting(sheet.genre.bass.rhythms, bar)
    return sheet.habit("bass", bar, "rhythm").pick(usable, [one.weight for one in usable])


Place = tuple[int, str, int]
"""A start in ticks, a sign, and a length in ticks."""


def _kicks(sheet: Sheet, bar: Bar) -> list[int]:
    return sorted({hit.start for hit in sheet.heard("drums", bar) if hit.lane == "kick"})


def _kicked(sheet: Sheet, bar: Bar, places: list[Place]) -> list[Place]:
    """The places with every `k` put where the kick is, each until the next."""
    if not any(sign in "kK" for _, sign, _ in places):
        return places
    kicks = _kicks(sheet, bar) or [bar.start]
    ends = [*kicks[1:], bar.end]
    others = [place for place in places if place[1] not in "kK"]
    signs = ["r"] * len(kicks)
    signs[-1] = _last_kicked(sheet, bar, kicks)
    locked = [(start, sign, end - start) for start, end, sign in zip(kicks, ends, signs, strict=True)]
    taken = {start for start, _, _ in locked}
    return sorted([*locked, *(place for place in others if place[0] not in taken)])


def _last_kicked(sheet: Sheet, bar: Bar, kicks: list[int]) -> str:
    """What the last of several kicks in a bar is played with: mostly the root, sometimes its fifth or octave."""
    chance = sheet.habit("bass", bar, "kicked", bar.within % 4)
    late = len(kicks) > 2 and kicks[-1] - bar.start > bar.ticks // 2
    if late and chance.happens(0.8 * sheet.request.complexity):
        return chance.pick("58")
    return "r"


def _moved_on(sheet: Sheet, places: list[Place]) -> list[Place]:
    """The places and, under a tone held into another chord, that chord's root for what is left of it."""
    out = []
    for start, sign, length in places:
        end = start + length
        change = end if sign in "nN" else min(sheet.turn_after(start), end)
        out.append((start, sign, change - start if end - change >= sheet.beat // 2 else length))
        while end - change >= sheet.beat // 2:
            until = min(sheet.turn_after(change), end)
            out.append((change, "r", until - change))
            change = until
    return out


def _with_kick(sheet: Sheet, bar: Bar, places: list[Place], begin: int) -> list[Place]:
    """The places and, as far as the genre locks them together, a root where the kick alone would be from `begin` on."""
    lock = sheet.genre.bass.lock * (0.5 + sheet.request.complexity)
    chance = sheet.chance("bass", bar, "lock")
    near = sheet.beat // 4
    out = list(places)
    for kick in _kicks(sheet, bar):
        free = kick >= begin and all(abs(start - kick) >= near for start, _, _ in out)
        if chance.happens(lock * 0.6) and free:
            out.append((kick, "r", near * 2))
    return sorted(out)


def _pitch(sheet: Sheet, bar: Bar, sign: str, start: int, end: int, last: int | None, n: int) -> int:
    kind = sheet.genre.bass
    chord = sheet.chord_at(start)
    low = sign.lower()
    if low == "n":
        return root_near(sheet.chord_from(end), None, kind.low, kind.high)
    if low in "as":
        following = sheet.chord_from(min(sheet.change_after(start), bar.end))
        return _approach(sheet, low, root_near(following, None, kind.low, kind.high), last)
    if low == "w":
        target = root_near(sheet.chord_after(start), last, kind.low, kind.high)
        return _walked(sheet, bar, chord, start, last, target, n)
    root = root_near(chord, None, kind.low, kind.high)
    if low == "8":
        return _above(root, 12, kind.low, kind.high)
    if low in _DEGREES:
        have = {tone % 12 for tone in tones(chord)}
        up = next((i for i in _DEGREES[low] if i in have), 7 if low == "5" else 0)
        return _above(root, (chord.root + up - root) % 12, kind.low, kind.high)
    return root


def _lowest(chord: Chord) -> int:
    return chord.root if chord.bass is None else chord.bass


def root_near(chord: Chord, last: int | None, low: int, high: int) -> int:
    """The chord's lowest tone in the range, in the lower half of it or near the last one."""
    wanted = last if last is not None else low + (high - low) // 3
    places = [pitch for pitch in range(low, high + 1) if pitch % 12 == _lowest(chord)]
    return min(places, key=lambda pitch: (abs(pitch - wanted) > NEAR, pitch > low + 13, abs(pitch - wanted), pitch))


def _above(root: int, interval: int, low: int, high: int) -> int:
    """The tone an interval above a root, or an octave lower where the range ends before it."""
    below = root - 12 if interval == 12 else root + interval - 12
    return next((pitch for pitch in (root + interval, below) if low <= pitch <= high), root)


def _approach(sheet: Sheet, sign: str, target: int, last: int | None) -> int:
    """A semitone or a step of the scale beside the next root, from the side where the line is if the range lets it."""
    kind = sheet.genre.bass
    below = (last if last is not None else target - 1) <= target
    for side in (-1, 1) if below else (1, -1):
        pitch = target + side * (1 if sign == "a" else _step(sheet, target, side))
        if kind.low <= pitch <= kind.high:
            return pitch
    return target


def _step(sheet: Sheet, pitch: int, side: int) -> int:
    """Semitones to the next tone of the scale on one side of a pitch."""
    scale = {(sheet.key.tonic + step) % 12 for step in SCALES[sheet.key.mode]}
    return next(away for away in range(1, 12) if (pitch + side * away) % 12 in scale)


def _walked(sheet: Sheet, bar: Bar, chord: Chord, start: int, last: int | None, target: int, n: int) -> int:
    """A tone of a walking bass: the root where a chord begins, an approach before the next, chord tones between."""
    kind = sheet.genre.bass
    chance = sheet.chance("bass", bar, "walk", n)
    if start == chord.start or last is None:
        return root_near(chord, last, kind.low, kind.high)
    if start + sheet.beat >= sheet.change_after(start):
        return _approach(sheet, "a" if chance.happens(0.6) else "s", target, last)
    usable = {(chord.root + tone) % 12 for tone in tones(chord)[:4]} - {last % 12}
    if chance.happens(0.3) and (start - bar.start) % (2 * sheet.beat):
        usable |= {(sheet.key.tonic + step) % 12 for step in SCALES[sheet.key.mode]} - {last % 12}
    rising = target >= last if abs(target - last) > 3 else chance.happens(0.5)
    places = [p for p in range(max(last - 7, kind.low), min(last + 7, kind.high) + 1) if p % 12 in usable]
    ahead = [p for p in places if (p > last) == rising] or places or [last]
    near = sorted(ahead, key=lambda p: (abs(p - last), p))[:3]
    return chance.pick(near)


def _glides(sheet: Sheet, bar: Bar, n: int) -> bool:
    glide = sheet.genre.bass.glide
    return bool(glide) and sheet.chance("bass", bar, "glide", n).happens(glide * (0.4 + sheet.request.complexity))
