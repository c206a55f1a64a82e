"""How fast the groove model plays: eight bars gone on with, humanised, and written by the producer, on one core."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from studio.actions.drumfiles import read_drums
from studio.actions.producing import produce
from studio.document.project import new_project
from studio.engine.ai.groove.hits import coded
from studio.engine.ai.groove.keeping import load_network
from studio.engine.ai.groove.playing import Wish, go_on, humanise
from studio.engine.ai.groove.threads import one_thread
from studio.engine.music.genres.reading import load_genres
from studio.engine.music.requests import Wishes, make_request

pytestmark = pytest.mark.bench
Row = Callable[..., None]

DRUMS = Path(__file__).resolve().parents[1] / "data" / "groove_midi"
ROUNDS = 5
BARS = 8


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


def fastest(work: Callable[[int], object]) -> float:
    """Seconds of the fastest of some rounds."""
    times = []
    for n in range(ROUNDS):
        began = time.perf_counter()
        work(n)
        times.append(time.perf_counter() - began)
    return min(times)


@pytest.mark.usefixtures("one_core")
def test_eight_bars(row: Row) -> None:
    network, _ = load_network()
    files = [file for file in read_drums(DRUMS).files if coded(file.performance).bars >= 4 + BARS]
    slowest, most = 0.0, 0
    with one_thread():
        for file in files:
            hits, style = coded(file.performance), file.performance.style
            heard, wish = hits.between(0, 4), Wish(style, file.performance.bpm)
            made = [go_on(network, heard, BARS, Wish(style, wish.bpm, seed)).count for seed in range(ROUNDS)]
            seconds = fastest(lambda seed: go_on(network, heard, BARS, Wish(wish.style, wish.bpm, seed)))  # noqa: B023
            slowest, most = max(slowest, seconds), max(most, int(np.mean(made)))
        human = hits.between(4, 4 + BARS)
        played = fastest(lambda seed: humanise(network, human, Wish(style, wish.bpm, seed)))
    told = f"{slowest:.2f} s, about {most} hits"
    row("eight bars of drums by the groove model, slowest of some drummers", told, "1 s", slowest <= 1.0)
    row("eight bars humanised by the groove model", f"{played:.2f} s, {human.count} hits", "1 s", played <= 1.0)


@pytest.mark.usefixtures("one_core")
def test_eight_bars_of_the_producer(row: Row) -> None:
    genre = load_genres().find("rock")
    for engine in ("groove", "both"):
        wishes = Wishes(bars=BARS, parts=("drums",), engine=engine)
        request = make_request(genre, wishes)
        produce(new_project("Song"), genre, request, 0, False)
        seconds = fastest(lambda _: produce(new_project("Song"), genre, request, 0, False))  # noqa: B023
        row(f"eight bars of rock drums by the producer, engine {engine}", f"{seconds:.2f} s", "1 s", seconds <= 1.0)
