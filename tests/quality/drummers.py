"""Human drummers: the performances of the Groove MIDI Dataset by style, and how uneven they are.

Source: Gillick, Roberts, Engel, Eck, Bamman: Learning to Groove with Inverse Sequence Transformations (ICML 2019),
CC BY 4.0.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from studio.document.time import PPQ
from studio.engine.music.composer.compose import Composition
from studio.engine.music.midifile import read_midi

from .notes import notes_of

Floats = npt.NDArray[np.float64]

SIXTEENTH = PPQ // 4
FEWEST = 5
"""Performances of a style from which a range can be read."""

STYLES = {
    "rock": "rock",
    "jazz": "jazz",
    "funk": "funk",
    "hip-hop": "hiphop",
    "lo-fi": "hiphop",
    "pop": "pop",
    "rnb": "soul",
    "afrobeat": "afrobeat",
    "disco": "dance",
    "salsa": "latin",
    "bossa-nova": "latin",
}
"""Which style of the drummers a genre is compared with; the others are made with machines, or nobody recorded them."""


class Hits(msgspec.Struct, frozen=True):
    """Strokes on drums: ticks, pitches and velocities, each float64 (n,), and the tempo they were played at."""

    ticks: Floats
    pitches: Floats
    velocities: Floats
    bpm: float


class Performance(msgspec.Struct, frozen=True):
    """What one drummer played in one go."""

    style: str
    split: str
    hits: Hits


def performances(folder: Path) -> list[Performance]:
    """All beats in 4/4 of the data set's folder."""
    with (folder / "info.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["beat_type"] == "beat" and row["time_signature"] == "4-4"]
    return [
        Performance(row["style"].split("/")[0], row["split"], _read(folder / row["midi_filename"], float(row["bpm"])))
        for row in rows
    ]


def _read(file: Path, bpm: float) -> Hits:
    notes = [note for track in read_midi(file).tracks for note in track.notes]
    return _hits([(note.start, note.pitch, note.velocity) for note in notes], bpm)


def strokes(song: Composition) -> Hits:
    """What the producer's drums play."""
    return _hits([(note.played, note.pitch, note.velocity) for note in notes_of(song, "drums")], song.request.bpm)


def _hits(found: Iterable[tuple[int, int, int]], bpm: float) -> Hits:
    columns = np.array(sorted(found), np.float64).reshape(-1, 3)
    return Hits(columns[:, 0], columns[:, 1], columns[:, 2], bpm)


def timing_ms(hits: Hits) -> float:
    """The standard deviation of strokes around sixteenths, in milliseconds.

    Strokes a twelfth of a beat or more beside one are left out: flams, rolls and triplets are written, not felt.
    """
    away = (hits.ticks + SIXTEENTH / 2) % SIXTEENTH - SIXTEENTH / 2
    away = away[np.abs(away) < PPQ / 12]
    return float(np.std(away) * 60_000 / PPQ / hits.bpm) if len(away) else 0.0


def velocity_spread(hits: Hits) -> float:
    """The standard deviation of velocities."""
    return float(np.std(hits.velocities)) if len(hits.velocities) else 0.0


class Range(msgspec.Struct, frozen=True):
    """The 5th and 95th percentile among a style's performances: timing in ms, velocity, and how many they are."""

    timing: tuple[float, float]
    velocity: tuple[float, float]
    count: int


def ranges(played: Iterable[Performance]) -> dict[str, Range]:
    """The human range of every style that enough performances are of."""
    by_style: dict[str, list[Hits]] = {}
    for one in played:
        by_style.setdefault(one.style, []).append(one.hits)
    return {
        style: Range(
            _middle([timing_ms(one) for one in all_of]), _middle(list(map(velocity_spread, all_of))), len(all_of)
        )
        for style, all_of in by_style.items()
        if len(all_of) >= FEWEST
    }


def _middle(figures: list[float]) -> tuple[float, float]:
    low, high = np.percentile(figures, [5, 95])
    return float(low), float(high)
