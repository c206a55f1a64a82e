"""How fast the producer is: notes of eight bars and of a whole song, and eight bars rendered on one core."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from quality.making import request, sound_of
from studio.actions.producing import produce
from studio.document.project import new_project
from studio.engine.music.arranger.forms import read_form
from studio.engine.music.composer.compose import compose
from studio.engine.music.genres.genre import Genre
from studio.engine.music.genres.reading import load_genres
from studio.engine.music.requests import Wishes, make_request

pytestmark = pytest.mark.bench
Row = Callable[..., None]

GENRES = load_genres().genres
ROUNDS = 3
SONG = 180.0
"""Seconds of a whole song."""


@pytest.fixture
def one_core() -> Iterator[None]:
    """Keeps this process on one core, where the system lets it."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    yield
    os.sched_setaffinity(0, before)


def fastest(work: Callable[[], object]) -> float:
    """Seconds of the fastest of some rounds."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def told(times: dict[str, float], unit: str = "ms", by: float = 1000.0) -> str:
    """The median, and the slowest with its name."""
    slowest = max(times, key=lambda name: times[name])
    return f"{statistics.median(times.values()) * by:.0f} {unit}, {slowest} {times[slowest] * by:.0f}"


def test_notes_of_eight_bars(row: Row) -> None:
    times = {name: fastest(lambda genre=genre: compose(genre, request(genre, 1))) for name, genre in GENRES.items()}  # type: ignore[misc]
    worst = max(times.values())
    row("notes of eight bars, all parts, median of the genres, slowest", told(times), "0.1 s", worst <= 0.1)


def test_notes_of_a_song(row: Row) -> None:
    """Three minutes: the form that a genre likes best, its seconds reckoned up or down to that."""
    times = {}
    for name, genre in GENRES.items():
        asked = make_request(genre, Wishes(form=read_form(genre.forms[0].sections)))
        seconds = asked.bars * asked.bar_ticks / 960 * 60 / asked.bpm
        times[name] = fastest(lambda genre=genre, asked=asked: compose(genre, asked)) * SONG / seconds  # type: ignore[misc]
    worst = max(times.values())
    row("notes of a three-minute arrangement, the same", told(times), "1 s", worst <= 1.0)


@pytest.mark.usefixtures("one_core")
def test_sound_of_eight_bars(row: Row, tmp_path: Path) -> None:
    """A second of the same piece is rendered before, so that fonts and compiled loops are in memory."""
    for what, parts in (("a beat", ("drums", "percussion")), ("all parts", ())):
        speeds = {name: speed_of(genre, parts, tmp_path) for name, genre in GENRES.items() if genre.drums or not parts}
        slowest = min(speeds, key=lambda name: speeds[name])
        median = statistics.median(speeds.values())
        verdict = speeds[slowest] >= 50 if parts else None
        row(
            f"eight bars of {what} to a WAV file on one core, median, slowest",
            f"{median:.0f} x real time, {slowest} {speeds[slowest]:.0f} x",
            "50 x" if parts else "",
            verdict,
        )


def speed_of(genre: Genre, parts: tuple[str, ...], folder: Path) -> float:
    """How many seconds of sound are rendered in one."""
    before = new_project(genre.name)
    wishes = Wishes(bars=8, parts=parts) if parts else Wishes(bars=8)
    produced = produce(before, genre, make_request(genre, wishes))
    project = produced.edit.change(before)
    out = folder / "piece.wav"
    report = sound_of(project, out)
    return report.frames / report.rate / fastest(lambda: sound_of(project, out))
