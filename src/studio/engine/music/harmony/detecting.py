"""Chords and keys found in notes and in sound, with how sure each is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from ....document.harmony import Chord
from ....document.project import new_ids
from ....document.sounding import Played
from .deciding import NOTES, SOUND, Decided, decide
from .grids import Grid
from .hearing import RATE, Blocks, hear
from .keyfinding import KeyFound, key_of
from .symbols import spell

__all__ = ["RATE", "Detected", "Found", "chords_of_notes", "chords_of_sound", "key_of", "mono"]

Floats = npt.NDArray[np.float64]

LOW = 48
"""C3: only what is lower is a bass; the lowest tone of a chord up there is how it is voiced."""

MOST_NOTES = 200_000
"""Notes that are looked at; more than any song has."""


class Found(NamedTuple):
    """A chord and how sure it is: the chance, 0 to 1, that its root and quality are right."""

    chord: Chord
    confidence: float


class Detected(NamedTuple):
    """What was found: chords in order, the key (None where nothing sounds), and the tuning of a sound in cents."""

    chords: tuple[Found, ...]
    key: KeyFound | None
    cents: float = 0.0


def chords_of_notes(played: Sequence[Played], grid: Grid) -> Detected:
    """The chords that notes make on a grid, in song ticks. What is not pitched (drums) is not to be among them.

    Silence and single melody notes may make no chord. Any thread; a minute of music takes a few milliseconds.
    """
    classes, low = _sounding(played[:MOST_NOTES], grid)
    return _detected(decide(classes, low, grid.changes, NOTES), classes, grid, 0.0)


def chords_of_sound(blocks: Blocks, grid: Grid, seconds: Sequence[float], check: Callable[[float], None]) -> Detected:
    """The chords of mono sound at `RATE`; `seconds` are where in it each edge of the grid lies.

    `check` hears how far it is, 0 to 1, and may raise to stop. Job threads; takes about a hundredth of the sound's
    length and holds a spectrum for each cell.
    """
    end = max(seconds[-1], 1e-3)
    heard = hear(blocks, seconds, lambda at: check(min(at / end, 1.0)))
    return _detected(decide(heard.classes, heard.low, grid.changes, SOUND), heard.classes, grid, heard.cents)


def mono(path: Path, start: int = 0, frames: int | None = None) -> Iterator[npt.NDArray[np.float32]]:
    """A stretch of a sound file, counted in frames of its own, all channels as one, at `RATE`.

    Raises DecodeError when it cannot be read.
    """
    import soxr

    from ...audio.decode import decode_blocks, probe

    change = soxr.ResampleStream(probe(path).rate, RATE, 1, dtype="float32", quality="MQ")
    at, end = 0, math.inf if frames is None else start + frames
    for block in decode_blocks(path):
        first, last = max(start - at, 0), min(end - at, block.shape[1])
        at += block.shape[1]
        if first < last:
            yield change.resample_chunk(np.ascontiguousarray(block[:, first : int(last)].mean(axis=0)))
        if at >= end:
            break
    yield change.resample_chunk(np.zeros(0, np.float32), last=True)


def _sounding(played: Sequence[Played], grid: Grid) -> tuple[Floats, Floats]:
    """How long each pitch class sounds in each cell, and how long it is lowest of several: (cells, 12) in ticks."""
    edges = grid.edges
    classes, low = np.zeros((len(edges) - 1, 12)), np.zeros((len(edges) - 1, 12))
    inside: list[list[Played]] = [[] for _ in range(len(classes))]
    for one in played:
        first = max(int(np.searchsorted(edges, one.start, side="right")) - 1, 0)
        cell = first
        while cell < len(inside) and edges[cell] < one.end:
            if one.end > edges[cell] and one.start < edges[cell + 1]:
                inside[cell].append(one)
            cell += 1
    for cell, notes in enumerate(inside):
        begin, end = edges[cell], edges[cell + 1]
        for one in notes:
            classes[cell, one.pitch % 12] += min(one.end, end) - max(one.start, begin)
        _lowest(notes, begin, end, low[cell])
    return np.sqrt(classes), low


def _lowest(notes: Sequence[Played], begin: int, end: int, into: Floats) -> None:
    borders = sorted({begin, end, *(max(one.start, begin) for one in notes), *(min(one.end, end) for one in notes)})
    for start, until in pairwise(borders):
        pitches = {one.pitch for one in notes if one.start <= start and one.end >= until}
        if len(pitches) > 1 and min(pitches) < LOW:
            into[min(pitches) % 12] += until - start


def _detected(decided: Sequence[Decided], classes: Floats, grid: Grid, cents: float) -> Detected:
    sounding = [one for one in decided if one.root is not None]
    key = key_of(classes.sum(axis=0))
    found = []
    for chord_id, one in zip(new_ids("chord", len(sounding)), sounding, strict=True):
        assert one.root is not None
        start, end = grid.edges[one.first], grid.edges[one.last]
        chord = Chord(chord_id, start, end - start, one.root, one.quality, one.bass)
        chord = replace(chord, symbol=spell(chord, key.key if key else None))
        found.append(Found(chord, round(one.confidence, 3)))
    return Detected(tuple(found), key, cents)
