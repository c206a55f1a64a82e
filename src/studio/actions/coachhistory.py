"""Takes over weeks: the figures of judged takes kept in the library, told by song and exercise, and plotted."""

from __future__ import annotations

import datetime
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from ..engine.voice.pitchtrack import name_of
from ..storage import locations
from ..storage.library import CoachedTake, Library
from .coaching import Coached

Report = dict[str, Any]

RANGE = 0.04
"""The share of sung time at either end that does not count for a range: slips and creaks stand there."""

COMPARED = 3
"""Takes at the beginning and at the end that a trend compares."""


def taken(done: Coached, song: str = "", track: Path | None = None, when: float = 0.0) -> CoachedTake:
    """The figures of a judged take as the library keeps them; `when` 0 is now. Pure."""
    graded = done.judged.graded
    scores, rhythm, karaoke = graded.scores, graded.rhythm, done.judged.karaoke
    low, high = sung_range(done)
    return CoachedTake(
        0,
        when,
        done.name,
        song,
        done.aim.title,
        str(track or ""),
        done.heard.sound.seconds,
        len(done.judged.notes),
        low,
        high,
        graded.accuracy,
        graded.precision,
        None if rhythm is None else rhythm.late,
        None if rhythm is None else rhythm.spread,
        scores.overall,
        scores.pitch,
        scores.rhythm,
        scores.consistency,
        scores.confidence,
        None if karaoke is None else karaoke.points,
    )


def sung_range(done: Coached) -> tuple[float | None, float | None]:
    """The lowest and the highest pitch that was held, on the scale of MIDI notes; None where nothing was."""
    notes = sorted(done.judged.notes, key=lambda note: note.pitch)
    if not notes:
        return None, None
    spare = RANGE * sum(note.length for note in notes)
    return _edge([(n.pitch, n.length) for n in notes], spare), _edge([(n.pitch, n.length) for n in notes[::-1]], spare)


def _edge(notes: Sequence[tuple[float, float]], spare: float) -> float:
    passed = 0.0
    for pitch, length in notes:
        passed += length
        if passed > spare:
            return pitch
    return notes[-1][0]


def keep(library: Library, done: Coached, song: str = "", track: Path | None = None) -> None:
    """Keeps a take's figures, if anything was sung in it. Worker threads. Raises LibraryError."""
    if done.judged.notes:
        library.add_coached_take(taken(done, song, track))


def keep_in_history(done: Coached) -> None:
    """Keeps a take of a file in this user's library. Raises StudioError."""
    locations.create_folders()
    with Library(locations.library_file()) as library:
        keep(library, done)


def history_report(limit: int = 1000) -> Report:
    """All takes of this user's library, oldest first, and what became of each song and exercise."""
    locations.create_folders()
    with Library(locations.library_file()) as library:
        return history_of(library, limit)


def history_of(library: Library, limit: int = 1000) -> Report:
    """The report for a library: `takes`, and `songs` with their trends. Raises LibraryError."""
    takes = library.coached_takes(limit=limit)
    songs = [
        {
            "song": one.song,
            "target": one.target,
            "takes": one.takes,
            "last": _date(one.last),
            "best": round(one.best, 1),
            "trend": trend([take for take in takes if (take.song, take.target) == (one.song, one.target)]),
        }
        for one in library.practised()
    ]
    return {"takes": [_row(take) for take in takes], "songs": songs}


def trend(takes: Sequence[CoachedTake]) -> Report | None:
    """How far the last takes are from the first ones: medians of up to COMPARED; None with fewer than two."""
    if len(takes) < 2:
        return None
    count = min(COMPARED, len(takes) // 2)
    first, last = takes[:count], takes[-count:]

    def middle(part: Sequence[CoachedTake], field: str) -> float | None:
        values = [value for take in part if (value := getattr(take, field)) is not None]
        return statistics.median(map(abs, values) if field == "accuracy" else values) if values else None

    def change(field: str) -> float | None:
        before, after = middle(first, field), middle(last, field)
        return None if before is None or after is None else round(after - before, 3)

    return {field: change(field) for field in ("overall", "pitch", "rhythm", "accuracy", "precision", "spread")}


def _row(take: CoachedTake) -> Report:
    row: Report = {
        key: round(value, 3) if isinstance(value, float) else value
        for key, value in msgspec.structs.asdict(take).items()
    }
    row["taken"] = _date(take.taken)
    row["range"] = None if take.low is None or take.high is None else f"{name_of(take.low)} to {name_of(take.high)}"
    return row


def _date(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat(timespec="seconds")
