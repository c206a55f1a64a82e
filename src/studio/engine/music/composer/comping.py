"""The accompaniment: chords voiced with least motion, played in the rhythm of the genre."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ....document.harmony import Chord
from ..genres.genre import Rhythm
from ..genres.lines import bars_of, held
from ..harmony.voicing import voice
from .draft import Draft, loudness
from .sheet import Bar, Sheet

SOFT, ACCENT = 0.72, 1.15
"""What `o` and capital letters multiply a velocity by."""

RINGING = ("x---",)
"""The last bar of a song."""


def write_chords_part(sheet: Sheet, bars: Sequence[Bar]) -> list[Draft]:
    """The chords of some bars, unfelt."""
    voicings = _voicings(sheet)
    notes: list[Draft] = []
    for bar in bars:
        rhythm = _rhythm(sheet, bar)
        cycle = RINGING if sheet.ends(bar) else bars_of(rhythm.line, bar.ticks)
        steps = cycle[bar.within % len(cycle)]
        step = bar.ticks // len(steps)
        for n, sign in enumerate(steps):
            if sign not in ".-" or (sign == "-" and n == bar.within == 0):
                length = held(cycle, bar.within, n, bar.ticks, bar.section.bars - bar.within - 1)
                rings = n * step + length >= bar.ticks
                for start, until in _pieces(sheet, sign, bar.start + n * step, length):
                    notes += _struck(sheet, bar, sign, start, until - start, voicings, rings)
    return notes


def _pieces(sheet: Sheet, sign: str, start: int, length: int) -> Iterator[tuple[int, int]]:
    """A held chord cut where the next one begins, which is struck too if at least half a beat of it is left."""
    end = start + length
    while start < end:
        change = end if sign in "nN" else min(sheet.turn_after(start), end)
        early = change < end and change - start <= sheet.beat // 2 and end - change > change - start
        until = min(sheet.turn_after(change), end) if early else change
        yield start, until
        start = until if end - until >= sheet.beat // 2 else end


def _rhythm(sheet: Sheet, bar: Bar) -> Rhythm:
    usable = sheet.fitting(sheet.genre.chords.rhythms, bar)
    return sheet.habit("chords", bar, "rhythm").pick(usable, [one.weight for one in usable])


def _voicings(sheet: Sheet) -> dict[int, tuple[int, ...]]:
    """The tones of every chord of the song, by its start. A chord that comes back lies where it lay."""
    kind = sheet.genre.chords
    found: dict[int, tuple[int, ...]] = {}
    known: dict[tuple[int, str, int | None], tuple[int, ...]] = {}
    before: tuple[int, ...] | None = None
    for chord in sheet.chords:
        sound = (chord.root, chord.quality, chord.bass)
        if sound not in known:
            known[sound] = voice(chord, kind.voicing, before, kind.low, kind.high)
        before = found[chord.start] = known[sound]
    return found


def _struck(
    sheet: Sheet, bar: Bar, sign: str, start: int, length: int, voicings: dict[int, tuple[int, ...]], rings: bool
) -> list[Draft]:
    kind = sheet.genre.chords
    chord = _sounding(sheet, bar, sign, start, length)
    tones = _chosen(voicings[chord.start], sign, kind.octaves)
    length = min(length, sheet.section_end(bar) - start)
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
        for n, pitch in enumerate(reversed(tones) if sign in "uU" else tones)
    ]


def _sounding(sheet: Sheet, bar: Bar, sign: str, start: int, length: int) -> Chord:
    """The chord that a sign means: the one it leads into, or the one after a push."""
    if sign in "nN":
        return sheet.chord_from(min(start + length, bar.end))
    early = sheet.turn_after(start) - start < min(length, sheet.beat // 2 + 1)
    return sheet.chord_after(start) if early else sheet.chord_at(start)


def _chosen(tones: tuple[int, ...], sign: str, doubled: bool) -> tuple[int, ...]:
    """The tones that a sign plays; single ones with the octave above where they are doubled."""
    if sign.isdigit() or sign in "bB":
        octaves, within = divmod(int(sign) - 1 if sign.isdigit() else 0, len(tones))
        pitch = tones[within] + 12 * octaves
        return (pitch, pitch + 12) if doubled else (pitch,)
    if sign in "uU":
        return tones[1:] or tones
    return tones
