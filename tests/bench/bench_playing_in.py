"""From a key of a MIDI keyboard to the device: port, callback, instrument and the short ring, beside a song that plays.

STUDIO_BENCH_TRACKS sets how many tracks of noise with three inserts play (default 64).
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

from keyboards import MidiHub, midi_hub
from listening import RATE, hear_frames, playing_on, until
from mixes import Mix, noise
from sound import SoundCard, sound_card
from studio.actions.hands import Hands
from studio.document.project import Insert, Strip
from studio.engine.audio.device import DeviceChoice
from studio.engine.audio.instruments.changing import make_instrument
from studio.engine.audio.instruments.making import live_step, make_synth
from studio.engine.audio.livenotes import LiveNotes
from studio.engine.audio.midiports import MidiPorts
from studio.engine.audio.pages import PageReader
from studio.engine.audio.preparing import prepare
from studio.engine.audio.renderer import Renderer
from studio.engine.audio.score import SILENT_SCORE

__all__ = ["midi_hub", "sound_card"]

pytestmark = pytest.mark.bench

TRACKS = int(os.environ.get("STUDIO_BENCH_TRACKS", "64"))
PRESSES = 40


@contextmanager
def two_busy_threads() -> Iterator[None]:
    """Two threads that compute in Python all the time."""
    done = threading.Event()

    def toil() -> None:
        number = 1
        while not done.is_set():
            for _ in range(1_000):
                number = number * 1_103_515_245 + 12_345 & 0x7FFFFFFF

    threads = [threading.Thread(target=toil, daemon=True) for _ in range(2)]
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
    song = Mix(tmp_path)
    media = song.media(noise(60 * RATE, 2, 1, 0.02))
    for track in range(TRACKS):
        inserts = tuple(Insert(f"i{track}-{kind}", kind) for kind in ("highpass", "compressor", "peak"))
        song.track([song.clip(media, track)], Strip(gain=0.5, inserts=inserts))
    plan = song.plan()
    renderer = Renderer(RATE, PageReader(RATE))
    renderer.adopt(plan, prepare(plan))
    yield renderer
    renderer.pages.close()


@pytest.mark.parametrize(("load", "budget"), [(nullcontext, 35.0), (two_busy_threads, 70.0)])
def test_midi_key_to_device(
    sound_card: SoundCard,
    midi_hub: MidiHub,
    mix: Renderer,
    row: Callable[..., None],
    load: Callable[[], Any],
    budget: float,
) -> None:
    with playing_on(mix, DeviceChoice(latency=0.02)) as player:
        hands = Hands(lambda: player)
        ports = MidiPorts(hands.midi, hands.gone)
        ports.start()
        keyboard = midi_hub.plug("Grand")
        until(lambda: any(port.open for port in ports.ports), "the keyboard is listened to")
        pluck = make_instrument("synth", "Organ")
        live = LiveNotes("hand", make_synth(pluck, RATE, by_hand=True), live_step(pluck))
        player.play_hands((live,))
        player.play()
        hear_frames(player, RATE)
        stream: Any = player._thread.stream
        begun: list[int] = []
        put = stream.put_live

        def watched(block: Any) -> None:
            loud = np.flatnonzero(np.abs(block[:, 0]) > 1e-4)
            if len(loud) and not begun:
                begun.append(stream._live._ptr.writeIndex + int(loud[0]))
            put(block)

        def taken(place: int) -> bool:
            ring = stream._live._ptr
            return 0 < (ring.readIndex - place) & ring.bigMask <= ring.bigMask // 2

        stream.put_live = watched
        waits = []
        with load():
            for _ in range(PRESSES):
                begun.clear()
                asked = keyboard.send(0x90, 60, 120)
                while not begun or not taken(begun[0]):
                    time.sleep(0.0005)
                waits.append(1000 * (time.perf_counter() - asked))
                keyboard.send(0x80, 60, 0)
                player._thread.post(lambda: live.synth.reset(SILENT_SCORE, live._at))
                time.sleep(0.15)
        ports.close()
    waits.sort()
    late = waits[-PRESSES // 20 - 1]
    name = "" if load is nullcontext else ", two busy threads"
    row(
        f"MIDI key to device, {TRACKS} tracks playing{name}",
        f"{statistics.median(waits):.1f} ms, p95 {late:.1f}",
        f"{budget:.0f} ms",
        late <= budget,
    )
