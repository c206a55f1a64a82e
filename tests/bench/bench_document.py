"""What an edit costs among 10,000 clips: the document's share of the 16 ms from edit to repaint."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from songs import small_song
from studio.document.document import Document
from studio.document.edits import clips, mix

pytestmark = pytest.mark.bench


def _milliseconds(action: Callable[[int], object], rounds: int = 200) -> float:
    times = []
    for n in range(rounds):
        begin = time.perf_counter()
        action(n)
        times.append(time.perf_counter() - begin)
    return statistics.median(times) * 1000


@pytest.mark.parametrize(("tracks", "each"), [(64, 156), (1, 10_000)])
def test_edit_among_ten_thousand_clips(row: Callable[..., None], tracks: int, each: int) -> None:
    document = Document(small_song(tracks, each, 1000))
    track = document.project.tracks[0]
    clip = track.clips[each // 2]
    move = _milliseconds(lambda n: document.apply(clips.move_clips((clip.id,), clip.id, 10_000 + n)))
    fader = _milliseconds(lambda n: document.apply(mix.set_gain(track.id, n / 400 + 0.1)))
    undo = _milliseconds(lambda n: document.undo() if n % 2 == 0 else document.redo())
    plain = _milliseconds(lambda n: replace(document.project, name=str(n)))
    label = f"10,000 clips on {tracks} track{'s' if tracks > 1 else ''}"
    row(f"move a clip, {label}", f"{move:.2f} ms", "16 ms to the repaint", move < 16)
    row(f"fader edit, {label}", f"{fader:.2f} ms", "16 ms to the repaint", fader < 16)
    row(f"undo or redo, {label}", f"{undo:.2f} ms", "16 ms to the repaint", undo < 16)
    row("peer: one bare replace of the project struct", f"{plain * 1000:.1f} µs")
