"""Gaps in what is played: the studio's own and those of the card, and a mix that is heavy to render."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from listening import RATE
from mixes import Mix, noise
from studio.document.project import Insert, Strip
from studio.engine.audio.pages import PageReader
from studio.engine.audio.player import Player
from studio.engine.audio.preparing import prepare
from studio.engine.audio.renderer import Renderer

INSERTS = ("highpass", "compressor", "peak")


def heavy_mix(folder: Path, tracks: int, seconds: float) -> Renderer:
    """Stereo tracks of three inserts each, with sound throughout. Close its `pages` in the end."""
    song = Mix(folder)
    media = song.media(noise(60 * RATE, 2, 1, 0.02))
    laps = range(max(1, round(seconds / 60) + 2))
    for track in range(tracks):
        inserts = tuple(Insert(f"i{track}-{kind}", kind) for kind in INSERTS)
        song.track([song.clip(media, lap * 60 * RATE + track) for lap in laps], Strip(gain=0.5, inserts=inserts))
    plan = song.plan()
    renderer = Renderer(RATE, PageReader(RATE))
    renderer.adopt(plan, prepare(plan))
    return renderer


def control(seconds: float) -> int:
    """Gaps that the card itself reports while rtmixer plays a full ring, by nobody's fault but the machine's."""
    import rtmixer

    mixer = rtmixer.MixerAndRecorder(channels=2, samplerate=RATE, latency=0.02)
    frames = 1 << int(seconds * RATE * 1.5).bit_length()
    ring = rtmixer.RingBuffer(8, buffer=np.zeros((frames, 2), np.float32))
    mixer.play_ringbuffer(ring, start=-1e9)
    ring.advance_write_index(frames - 1)
    mixer.start()
    time.sleep(seconds)
    gaps = int(mixer._state.stats.output_underflows)
    mixer.abort()
    mixer.close()
    return gaps


def own_gaps(player: Player) -> tuple[int, int]:
    """(gaps of the studio's ring, gaps that the card reports)."""
    stream: Any = player._thread.stream
    card = int(stream._mixer._state.stats.output_underflows) if stream.device else 0
    return player._thread.shot.late + (stream.ring_gaps if stream.device else 0), card
