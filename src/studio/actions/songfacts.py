"""What a song says of a range in words and numbers: length, tempo, key, signature, chords and bars."""

from __future__ import annotations

import math
from typing import Any

from ..document.harmony import key_at
from ..document.project import Project
from ..document.time import bar_beat, signature_at
from ..engine.music.harmony.spelling import key_name
from ..engine.music.harmony.symbols import spell

SHORTEST_S = 1.0
"""Seconds of music that can be asked for at the least."""

SLOWEST, FASTEST = 30.0, 300.0
"""Tempos that can be asked for."""

CHORD_BARS = 32
CHORDS = "Chords: "


def facts_in(project: Project, begin: int, end: int) -> dict[str, Any]:
    """Values of the music form for the frames `begin` to `end`: length, tempo, key and signature where they begin.

    What the song does not say, or the form has no place for, is left to the model. The length is rounded up to
    hundredths of a second, of which every usual rate has whole frames, so that the result reaches to the end.
    """
    time = project.time
    tick = int(time.tick(begin))
    facts: dict[str, Any] = {"seconds": _seconds(end - begin, project.rate), "bpm": None, "key": "", "meter": ""}
    if SLOWEST <= (bpm := round(time.bpm_at(tick), 2)) <= FASTEST:
        facts["bpm"] = bpm
    key = key_at(project.keys, tick)
    if key is not None and key.mode in {"major", "minor"}:
        facts["key"] = key_name(key)
    signature = signature_at(project.signatures, tick)
    if signature.numerator in {2, 3, 4, 6}:
        facts["meter"] = str(signature.numerator)
    return facts


def _seconds(frames: int, rate: int) -> float:
    hundredths = frames * 100 / rate
    whole = round(hundredths)
    exact = whole * rate == frames * 100
    return max((whole if exact else math.ceil((frames + 2) * 100 / rate)) / 100, SHORTEST_S)


def chords_in(project: Project, begin: int, end: int) -> str:
    """The chords of the frames `begin` to `end`, bar by bar, such as "Am | F | C G"; empty where there are none.

    No model of the catalogue has a field for chords, so they go into the description, as its last line.
    """
    first, last = int(project.time.tick(begin)), int(project.time.tick(end))
    bars: dict[int, list[str]] = {}
    for chord in project.chords:
        if chord.start < last and chord.start + chord.length > first:
            symbol = spell(chord, key_at(project.keys, chord.start))
            from_bar = bar_beat(project.signatures, max(chord.start, first)).bar
            to_bar = bar_beat(project.signatures, min(chord.start + chord.length, last) - 1).bar
            for bar in range(from_bar, min(to_bar, from_bar + CHORD_BARS) + 1):
                bars.setdefault(bar, []).append(symbol)
    if not bars:
        return ""
    low = min(bars)
    return " | ".join(" ".join(bars.get(bar, ["N.C."])) for bar in range(low, min(max(bars), low + CHORD_BARS - 1) + 1))


def with_chords(description: str, chords: str) -> str:
    """A description with these chords as its last line, in place of those that were there."""
    lines = [line for line in description.splitlines() if not line.startswith(CHORDS)]
    return "\n".join([*lines, CHORDS + chords] if chords else lines).strip()


def bars_said(project: Project, begin: int, end: int) -> str:
    """Where frames lie, in bars: "bar 5", "bars 5 to 8", or with beats where they are not whole bars."""
    signatures, time = project.signatures, project.time
    first, last = bar_beat(signatures, int(time.tick(begin))), bar_beat(signatures, int(time.tick(end)))
    if (first.beat, first.tick, last.beat, last.tick) == (1, 0, 1, 0) and last.bar > first.bar:
        return f"bar {first.bar}" if last.bar == first.bar + 1 else f"bars {first.bar} to {last.bar - 1}"
    return f"{first.bar}.{first.beat} to {last.bar}.{last.beat}"
