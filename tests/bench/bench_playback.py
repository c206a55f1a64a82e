"""Playback under load: drop-outs, the lowest the ring got, and how soon a fader is felt.

STUDIO_BENCH_SECONDS sets the length of each run under load (default 15; 600 for the budget's ten minutes), and
STUDIO_BENCH_TRACKS the number of tracks. Two kinds of gaps are told apart: the studio's own, when its ring ran dry, and
those that the virtual card reports, beside those of a control in the same run: rtmixer playing a ring that is full.
"""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gaps import control, heavy_mix, own_gaps
from listening import RATE, hear_frames, playing_on, settle, until
from sound import SoundCard, sound_card
from studio.document.instruments import Instrument
from studio.engine.audio.device import DeviceChoice
from studio.engine.audio.instruments.making import make_synth
from studio.engine.audio.instruments.soundfont import find_fonts
from studio.engine.audio.livenotes import LiveNotes
from studio.engine.audio.player import Player
from studio.engine.audio.renderer import Renderer
from studio.engine.audio.score import SILENT_SCORE

__all__ = ["sound_card"]

pytestmark = pytest.mark.bench

SECONDS = float(os.environ.get("STUDIO_BENCH_SECONDS", "15"))
TRACKS = int(os.environ.get("STUDIO_BENCH_TRACKS", "64"))


@contextmanager
def two_busy_threads(player: Player | None = None) -> Iterator[None]:
    """Two threads that compute in Python all the time."""
    done = threading.Event()

    def toil() -> None:
        number = 1
        while not done.is_set():
            for _ in range(1_000):
                number = number * 1_103_515_245 + 12_345 & 0x7FFFFFFF

    with _threads([toil, toil], done):
        yield


@contextmanager
def torch_training(player: Player | None = None) -> Iterator[None]:
    """A network that is trained on one thread. Torch is imported with the ring raised, as the program does."""
    with player.raise_ring() if player else nullcontext():
        if player:
            until(lambda: player.status().ring_fill > 0.9 * RATE, "the ring is full")
        import torch

    torch.set_num_threads(1)
    done = threading.Event()
    net = torch.nn.Sequential(torch.nn.Linear(256, 512), torch.nn.ReLU(), torch.nn.Linear(512, 256))
    optimizer = torch.optim.AdamW(net.parameters())

    def train() -> None:
        data = torch.randn(64, 256)
        while not done.is_set():
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(net(data), data).backward()
            optimizer.step()

    with _threads([train], done):
        yield


@contextmanager
def nothing(player: Player | None = None) -> Iterator[None]:
    """No load."""
    yield


@contextmanager
def _threads(work: list[Callable[[], None]], done: threading.Event) -> Iterator[None]:
    threads = [threading.Thread(target=one, daemon=True) for one in work]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()


@pytest.fixture
def mix(tmp_path: Path) -> Iterator[Renderer]:
    """Stereo tracks of three inserts each, with sound throughout."""
    renderer = heavy_mix(tmp_path, TRACKS, SECONDS)
    yield renderer
    renderer.pages.close()


@pytest.mark.parametrize("load", [nothing, two_busy_threads, torch_training], ids=lambda load: load.__name__)
def test_dropouts(sound_card: SoundCard, mix: Renderer, row: Callable[..., None], load: Callable[[], Any]) -> None:
    with playing_on(mix, DeviceChoice(latency=0.02)) as player:
        player.play()
        hear_frames(player, RATE)
        player._thread.post(lambda: setattr(player._transport, "lowest", player._transport.depth))
        before, fill = own_gaps(player), settle(player).ring_size
        with load(player):
            time.sleep(SECONDS)
            lowest = player._thread.shot.lowest
            after = own_gaps(player)
        status = player.status()
    with load():
        alone = control(min(SECONDS, 15.0))
    own, card = after[0] - before[0], after[1] - before[1]
    name = load.__name__.replace("_", " ")
    row(f"drop-outs, {TRACKS} tracks, {name}, {SECONDS:.0f} s", f"{own}", "0", own == 0)
    row("   lowest ring", f"{1000 * lowest / RATE:.0f} of {1000 * fill / RATE:.0f} ms")
    row("   render load, late pages", f"{status.load:.2f}, {status.late_pages}")
    row("   gaps the card reports; of a full ring without the studio", f"{card}; {alone}")


@pytest.mark.parametrize(("load", "budget"), [(nothing, 15.0), (two_busy_threads, 30.0)])
def test_fader_to_device(
    sound_card: SoundCard, mix: Renderer, row: Callable[..., None], load: Callable[[], Any], budget: float
) -> None:
    with playing_on(mix, DeviceChoice(latency=0.02)) as player:
        edges: list[tuple[float, int]] = []
        queue = player._transport.queue
        patch = queue.patch

        def watched(strip: str, gain: tuple[float, float], at: int, exact: bool = True) -> bool:
            changed = patch(strip, gain, at, exact)
            if strip == "track-3" and changed:
                edges.append((time.perf_counter(), at))
            return changed

        player._transport.queue.patch = watched  # type: ignore[method-assign]
        player.play()
        hear_frames(player, RATE)
        stream, waits = player._thread.stream, []
        with load():
            for move in range(100):
                edges.clear()
                asked = time.perf_counter()
                player.set_strip("track-3", gain=0.2 + move / 200)
                while not edges or stream.taken() <= edges[-1][1]:
                    time.sleep(0.0005)
                waits.append(1000 * (time.perf_counter() - asked))
                time.sleep(0.02)
    waits.sort()
    middle, late = statistics.median(waits), waits[94]
    name = "" if load is nothing else ", two busy threads"
    row(f"fader to device, 400 ms ring{name}", f"{middle:.1f} ms, p95 {late:.1f}", f"{budget:.0f} ms", middle <= budget)


@pytest.mark.parametrize(("load", "budget"), [(nothing, 35.0), (two_busy_threads, 70.0)])
def test_key_to_device(
    sound_card: SoundCard, mix: Renderer, row: Callable[..., None], load: Callable[[], Any], budget: float
) -> None:
    if not find_fonts():
        pytest.skip("no SoundFont is installed")
    with playing_on(mix, DeviceChoice(latency=0.02)) as player:
        player.play_live(LiveNotes("hand", make_synth(Instrument(), RATE, by_hand=True)))
        player.play()
        hear_frames(player, RATE)
        stream: Any = player._thread.stream
        begun: list[int] = []
        put = stream.put_live

        def watched(block: Any) -> None:
            loud = np.flatnonzero(np.abs(block[:, 0]) > 1e-5)
            if len(loud) and not begun:
                begun.append(stream._live._ptr.writeIndex + int(loud[0]))
            put(block)

        stream.put_live = watched
        waits = []
        with load():
            for _ in range(40):
                begun.clear()
                asked = time.perf_counter()
                player.note(60, 120)
                while not begun or stream._live._ptr.readIndex <= begun[0]:
                    time.sleep(0.0005)
                waits.append(1000 * (time.perf_counter() - asked))
                player._thread.post(lambda: player._thread._live.synth.reset(SILENT_SCORE, player._thread._live._at))
                player.note(60, 0)
                time.sleep(0.15)
    waits.sort()
    middle, late = statistics.median(waits), waits[37]
    name = "" if load is nothing else ", two busy threads"
    row(
        f"key to device, {TRACKS} tracks playing{name}",
        f"{middle:.1f} ms, p95 {late:.1f}",
        f"{budget:.0f} ms",
        late <= budget,
    )
