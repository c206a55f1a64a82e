"""The accompaniment: chords voiced with least motion, played in the rhythm of the genre."""

from __future__ import annotations

from collections.abc import Sequence

from ..genres.genre import Rhythm
from ..genres.lines import bars_of
from ..harmony.voicing import voice
from .draft import Draft, loudness
from .sheet import Bar, Sheet, fitting

SOFT, ACCENT = 0.72, 1.15
"""What small and capital letters multiply a velocity by."""


def write_chords_part(sheet: Sheet, bars: Sequence[Bar]) -> list[Draft]:
    """The chords of some bars, unfelt."""
    voicings = _voicings(sheet)
    notes: list[Draft] = []
    for bar in bars:
        rhythm = _rhythm(sheet, bar)
        cycle = bars_of(rhythm.line, bar.ticks)
        steps = cycle[bar.within % len(cycle)]
        step = bar.ticks // len(steps)
        for n, sign in enumerate(steps):
            if sign not in ".-":
                held = _held(steps, n)
                notes += _struck(sheet, bar, sign, bar.start + n * step, held * step, voicings, n + held == len(steps))
    return notes


def _rhythm(sheet: Sheet, bar: Bar) -> Rhythm:
    usable = fitting(sheet.genre.chords.rhythms, bar, sheet.signature)
    return sheet.habit("chords", bar, "rhythm").pick(usable, [one.weight for one in usable])


def _held(steps: str, n: int) -> int:
    """How many steps a sign lasts, with the `-` behind it."""
    length = 1
    while n + length < len(steps) and steps[n + length] == "-":
        length += 1
    return length


def _voicings(sheet: Sheet) -> dict[int, tuple[int, ...]]:
    """The tones of every chord of the song, by its start."""
    kind = sheet.genre.chords
    found: dict[int, tuple[int, ...]] = {}
    before: tuple[int, ...] | None = None
    for chord in sheet.chords:
        before = voice(chord, kind.voicing, before, kind.low, kind.high)
        found[chord.start] = before
    return found


def _struck(
    sheet: Sheet, bar: Bar, sign: str, start: int, length: int, voicings: dict[int, tuple[int, ...]], rings: bool
) -> list[Draft]:
    kind = sheet.genre.chords
    early = sign in "nN"
    chord = sheet.chord_after(start) if early else sheet.chord_at(start)
    change = sheet.change_after(start) if not early else start + 2 * bar.ticks
    tones = _chosen(voicings[chord.start], sign)
    length = min(length, change - start, sheet.section_end(bar) - start)
    sounding = length if rings and length > sheet.beat else max(round(length * kind.gate), 1)
    strum = round(kind.strum_ms * sheet.request.bpm * 960 / 60_000)
    level = ACCENT if sign.isupper() else SOFT if sign == "o" else 1.0
    spread = strum / max(len(tones) - 1, 1)
    return [
        Draft(
            start + min(round(n * spread), length - 1),
            max(sounding - round(n * spread), 1),
            pitch,
            loudness(kind.velocity, level),
        )
        for n, pitch in enumerate(tones)
    ]


def _chosen(tones: tuple[int, ...], sign: str) -> tuple[int, ...]:
    """The tones that a sign plays."""
    if sign.isdigit():
        number = int(sign) - 1
        octaves, within = divmod(number, len(tones))
        return (tones[within] + 12 * octaves,)
    if sign in "bB":
        return tones[:1]
    if sign in "uU":
        return tones[1:] or tones
    return tones
