"""The pitch of a whole recording, by the network of swift-f0 run twice, half a step apart.

Lars Nieradzik: SwiftF0, fast and accurate monophonic pitch detection, 2025. Two runs give a frame each 8 ms and, on the
hand-corrected recording of docs/coach-accuracy.md, 0.5 % more frames right than one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import numpy as np

from ...errors import StudioError
from .octaves import without_slips
from .pitchtrack import PitchTrack, Reals

RATE = 16_000
"""Frames a second that the network hears."""

HOP = 256
PHASES = 2
STEP = HOP / PHASES / RATE
"""Seconds between the frames of a track."""

CHUNK = 30 * RATE
"""How much is tracked at once: enough that the context of its ends does not count."""


@lru_cache(1)
def detector() -> Any:
    """The network, loaded once: 20 ms after its import. One thread, which sleeps between calls."""
    from swift_f0 import SwiftF0

    return SwiftF0(threads=1, spin=False)


def track_pitch(blocks: Iterable[Reals], rate: int, check: Callable[[], object] = lambda: None) -> PitchTrack:
    """The pitch of a sound given in mono blocks (float32, -1..1) at `rate` frames a second.

    `check` is called before each 30 s and may raise to stop. Any thread but the main and render threads; memory does
    not grow with the sound but for the track itself. Raises StudioError for a sound without a single frame.
    """
    streams = [detector().stream() for _ in range(PHASES)]
    skip = [phase * HOP // PHASES for phase in range(PHASES)]
    found: list[list[Any]] = [[] for _ in range(PHASES)]

    def feed(sound: Reals, last: bool) -> None:
        for n, stream in enumerate(streams):
            dropped = min(skip[n], len(sound))
            skip[n] -= dropped
            if len(sound) > dropped:
                found[n].append(stream.push(sound[dropped:], RATE))
            if last:
                found[n].append(stream.flush())

    for chunk, last in _at_network_rate(blocks, rate):
        check()
        feed(chunk, last)
    return _woven(found)


def _at_network_rate(blocks: Iterable[Reals], rate: int) -> Iterable[tuple[Reals, bool]]:
    """The sound at the network's rate in large chunks, and whether one is the last."""
    import soxr

    resampler = soxr.ResampleStream(rate, RATE, 1, dtype="float32") if rate != RATE else None
    held: list[Reals] = []
    size = 0
    for block in blocks:
        plain = np.nan_to_num(np.ascontiguousarray(block, np.float32), posinf=0.0, neginf=0.0)
        piece = resampler.resample_chunk(plain) if resampler is not None else plain
        held.append(piece)
        size += len(piece)
        if size >= CHUNK:
            yield np.concatenate(held), False
            held, size = [], 0
    if resampler is not None:
        held.append(resampler.resample_chunk(np.zeros(0, np.float32), last=True))
    yield np.concatenate([*held, np.zeros(0, np.float32)]), True


def _woven(found: list[list[Any]]) -> PitchTrack:
    """The frames of all phases in turn, as far as each has them."""
    columns = [
        [np.concatenate([getattr(part, name) for part in parts]) for name in ("pitch_hz", "confidence", "loudness_db")]
        for parts in found
    ]
    frames = min(len(phase[0]) for phase in columns)
    if len(columns[0][0]) == 0:
        raise StudioError("There is no sound to hear a pitch in; choose a clip with a voice.")
    if frames == 0:
        hz, confidence, loudness = columns[0]
        return PitchTrack(0.0, HOP / RATE, *(np.asarray(one, np.float32) for one in (hz, confidence, loudness)))
    woven = [np.stack([phase[n][:frames] for phase in columns], axis=1).reshape(-1) for n in range(3)]
    hz, confidence, loudness = (one.astype(np.float32) for one in woven)
    return PitchTrack(0.0, STEP, without_slips(hz, confidence, STEP), confidence, loudness)
