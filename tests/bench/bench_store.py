"""The project on disk: how soon an edit is durable, how long opening takes, how much it stores."""

from __future__ import annotations

import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from bundles import document_of
from songs import RATE, media
from studio.document.document import Document
from studio.document.edits import clips
from studio.document.project import AudioClip, Project, Track, new_id, new_project
from studio.engine.interpreter import share_finely
from studio.storage.bundle import Bundle

pytestmark = pytest.mark.bench

TRACKS, CLIPS = 64, 10_000
EDITS = 250


def large_song() -> Project:
    """10,000 clips on 64 tracks."""
    sound = media(RATE)
    tracks = []
    for row in range(TRACKS):
        count = CLIPS // TRACKS + (row < CLIPS % TRACKS)
        made = [AudioClip(new_id("clip"), "Clip", sound.id, 0, n * RATE, 0, RATE) for n in range(count)]
        made.sort(key=lambda clip: (clip.anchor, clip.offset, clip.id))
        tracks.append(Track(new_id("track"), f"Track {row}", "#5aa9e6", clips=tuple(made)))
    return replace(new_project("Large"), tracks=tuple(tracks), media=(sound,))


@contextmanager
def busy(threads: int) -> Iterator[None]:
    """Python threads that compute, with the interpreter's hand-over as the application sets it."""
    before, over = sys.getswitchinterval(), threading.Event()
    share_finely()

    def spin() -> None:
        total = 0
        while not over.is_set():
            total = (total + 1) % 1_000_003

    spinning = [threading.Thread(target=spin) for _ in range(threads)]
    for thread in spinning:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in spinning:
            thread.join()
        sys.setswitchinterval(before)


def edit_and_wait(bundle: Bundle, document: Document) -> tuple[list[float], list[float]]:
    """For moves of one clip each: milliseconds of an edit on the main thread, and from it to its announcement."""
    announced: dict[int, float] = {}
    bundle.listen(lambda number: announced.setdefault(number, time.perf_counter()) and None, pytest.fail)
    handing, made = [], {}
    document.subscribe(lambda told: made.setdefault(told.revision.number, time.perf_counter()) and None)
    clip = document.project.tracks[30].clips[50].id
    for n in range(EDITS):
        before = time.perf_counter()
        document.apply(clips.move_clips((clip,), clip, n * 37, 0))
        handing.append(1000 * (time.perf_counter() - before))
        time.sleep(0.011)
    assert bundle.flush()
    reached = sorted(announced)
    waits = []
    for number, at in made.items():
        later = next(known for known in reached if known >= number)
        waits.append(1000 * (announced[later] - at))
    return handing, waits


def percentile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


@pytest.mark.parametrize("threads", [0, 2])
def test_edit_to_durable(tmp_path: Path, row: Callable[..., None], threads: int) -> None:
    bundle = Bundle.create(tmp_path, "Large", large_song())
    document = document_of(bundle)
    before = (bundle.folder / "project.db").stat().st_size
    with busy(threads):
        handing, waits = edit_and_wait(bundle, document)
    beside = f", {threads} busy threads" if threads else ""
    found = f"{statistics.median(waits):.1f} ms, p95 {percentile(waits, 0.95):.1f}, worst {max(waits):.1f}"
    row(f"edit among 10,000 clips to announced durable{beside}", found, "100 ms", percentile(waits, 0.95) < 100)
    row(f"the edit itself on the main thread{beside}", f"{statistics.median(handing):.2f} ms", "16 ms", None)
    bundle.close()
    row_size = ((bundle.folder / "project.db").stat().st_size - before) / EDITS / 1000
    row(f"stored per edit, closing snapshot included{beside}", f"{row_size:.2f} kB")


def test_open_and_recall(tmp_path: Path, row: Callable[..., None]) -> None:
    bundle = Bundle.create(tmp_path, "Large", large_song())
    document = document_of(bundle)
    clip = document.project.tracks[30].clips[50].id
    for n in range(EDITS):
        document.apply(clips.move_clips((clip,), clip, n * 37, 0))
    began = time.perf_counter()
    bundle.close()
    row("clean close with a snapshot of 10,000 clips", f"{1000 * (time.perf_counter() - began):.0f} ms")
    began = time.perf_counter()
    bundle = Bundle.open(bundle.folder)
    row("open 10,000 clips at a snapshot", f"{1000 * (time.perf_counter() - began):.0f} ms")
    began = time.perf_counter()
    bundle.recall(EDITS - 1)
    row(f"recall 10,000 clips over {EDITS - 1} changes", f"{1000 * (time.perf_counter() - began):.0f} ms")
    bundle.close()
