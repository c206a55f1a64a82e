"""What an edit of a note costs in a clip of 100,000: the document's share of the 16 ms, and what goes to the disk."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

import pytest

from notesongs import clips_of, note_song
from studio.document import codec
from studio.document.document import Edit
from studio.document.edits import notes, velocities
from studio.document.edits.timing import Grid, quantise
from studio.document.notes import Note
from studio.document.project import new_ids
from studio.document.sounding import track_notes

pytestmark = pytest.mark.bench

COUNT = 100_000


def _milliseconds(action: Callable[[], object]) -> float:
    begin = time.perf_counter()
    action()
    return (time.perf_counter() - begin) * 1000


def test_edits_among_a_hundred_thousand_notes(row: Callable[..., None]) -> None:
    chance = random.Random(1)
    ids = new_ids("note", COUNT)
    many = [Note(key, chance.randrange(3_000_000), 200, chance.randrange(128)) for key in ids]
    document = note_song(many, [], ticks=3_000_000)
    (clip,) = clips_of(document)
    sizes: list[int] = []
    document.subscribe(lambda heard: sizes.append(sum(len(codec.encode(p)) for p in heard.changes.changed.values())))

    def move(n: int) -> Edit:
        return notes.move_notes(clip.id, (ids[n],), chance.randrange(9000), 0)

    first = _milliseconds(lambda: document.apply(move(0)))
    times = [_milliseconds(lambda n=n: document.apply(move(n))) for n in range(1, 300)]
    undo = [_milliseconds(document.undo) for _ in range(90)]
    label = "among 100,000 notes of a clip"
    row(f"the first edit of a note {label}", f"{first:.1f} ms", "16 ms to the repaint", first < 16)
    row(
        f"move a note {label}, median",
        f"{statistics.median(times):.1f} ms",
        "16 ms to the repaint",
        statistics.median(times) < 16,
    )
    row("the same, the slowest of 300", f"{max(times):.1f} ms", "16 ms to the repaint", max(times) < 16)
    row("the same, what it stores, largest of 300", f"{max(sizes) / 1000:.1f} kB", "20 kB", max(sizes) < 20_000)
    row(
        f"undo {label}, median",
        f"{statistics.median(undo):.1f} ms",
        "16 ms to the repaint",
        statistics.median(undo) < 16,
    )
    every = _milliseconds(lambda: document.apply(quantise(clip.id, None, Grid(240))))
    ramp = _milliseconds(lambda: document.apply(velocities.ramp_velocities(clip.id, None, 1, 127)))
    row("quantise all of them", f"{every:.0f} ms")
    row("ramp all their velocities", f"{ramp:.0f} ms")
    row(
        "what they sound like, for the compiler",
        f"{_milliseconds(lambda: track_notes(document.project.tracks[0])):.0f} ms",
    )
