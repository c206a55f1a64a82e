"""The round trip of a sound device: how many frames after its output a sound played into its own input comes back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import numpy.typing as npt

from ...errors import StudioError

if TYPE_CHECKING:
    from .player import Player

Floats = npt.NDArray[np.float32]

LONGEST = 1.0
"""Seconds within which a click is looked for."""
PATIENCE = 3.0
"""Seconds that a device may take beyond that."""
GLANCE = 0.05
"""Seconds between reports while a click is waited for."""
CLEAR = 8.0
"""How far a click must stand out of what else is heard, as a ratio of correlations."""


class RoundTrip(msgspec.Struct, frozen=True):
    """The median of several measurements, and how far they lie apart, in frames."""

    frames: int
    spread: int


class Probe:
    """A signal played once, and what came in from then on. Made for one use."""

    def __init__(self, signal: Floats, frames: int) -> None:
        self.signal, self.frames = signal, frames
        self.first: int | None = None
        """The input frame that belongs to the output frame of the signal's first; set by the render thread."""
        self.heard: Floats = np.zeros((0, 0), np.float32)
        self._blocks: list[Floats] = []
        self._got = threading.Event()

    def hear(self, at: int, block: Floats) -> bool:
        """Collect input from frame `first` on; whether more is wanted. Capture thread."""
        if self.first is None:
            return not self._got.is_set()
        begin = max(self.first - at, 0)
        if begin < len(block):
            self._blocks.append(block[begin:])
        if sum(map(len, self._blocks)) < self.frames:
            return not self._got.is_set()
        self.heard = np.concatenate(self._blocks)[: self.frames]
        self._got.set()
        return False

    def wait(self, seconds: float) -> bool:
        """Wait until all was heard. A job's thread."""
        return self._got.wait(seconds) and len(self.heard) > 0


def click(rate: int) -> Floats:
    """The signal that is played: 20 ms, a sweep from 300 Hz to 6 kHz, whose correlation has one sharp peak."""
    time = np.arange(round(0.02 * rate)) / rate
    phase = 2 * np.pi * (300 * time + (6000 - 300) * time**2 / (2 * 0.02))
    return (0.5 * np.sin(phase) * np.hanning(len(time))).astype(np.float32)


def delay(signal: Floats, heard: Floats) -> int | None:
    """The frame of `heard` (frames, channels) at which `signal` (frames,) begins, by cross-correlation.

    None if it does not clearly stand out.
    """
    size = 1 << (len(heard) + len(signal) - 1).bit_length()
    kernel = np.conj(np.fft.rfft(signal, size))
    best, found = 0.0, None
    for channel in heard.T:
        match = np.abs(np.fft.irfft(np.fft.rfft(channel, size) * kernel, size)[: len(heard)])
        peak = int(match.argmax())
        near = slice(max(peak - len(signal), 0), peak + len(signal))
        rest = np.concatenate((match[: near.start], match[near.stop :]))
        floor = max(float(rest.max(initial=0.0)), 1e-5)
        if match[peak] > best and match[peak] > CLEAR * floor / 2 and match[peak] > 1e-3:
            best, found = float(match[peak]), peak
    return found


def ignore(_share: float) -> None:
    """Progress that nobody wants to hear of."""


def measure_round_trip(player: Player, times: int = 5, report: Callable[[float], object] = ignore) -> RoundTrip:
    """Play clicks and find them in the input. Blocks for about a second each: a job's thread only.

    Playback stops. Measures until `times` clicks in a row agree within a millisecond, because a device that stumbles
    may change its latency. `report` hears 0..1 twenty times a second; what it raises ends the measurement. Raises
    StudioError when there is no input, nothing is heard or they never agree.
    """
    signal = click(player.rate)
    found: list[int] = []
    for done in range(3 * times):
        share = min(max(len(found) / times, done / (3 * times)), 0.95)
        at = delay(signal, _played(player, signal, partial(report, share)))
        if at is not None:
            found.append(at)
        last = found[-times:]
        if len(last) == times and max(last) - min(last) <= player.rate // 1000:
            return RoundTrip(int(np.median(last)), max(last) - min(last))
    raise StudioError(NOT_HEARD if len(found) < times else UNSTEADY)


def _played(player: Player, signal: Floats, glance: Callable[[], object]) -> Floats:
    """What came in while a click was played. Raises StudioError when nothing does."""
    probe = Probe(signal, round(LONGEST * player.rate))
    player.probe(probe)
    end = time.monotonic() + LONGEST + PATIENCE
    while not probe.wait(GLANCE):
        glance()
        if time.monotonic() > end:
            raise StudioError(NO_INPUT)
    return probe.heard


NO_INPUT = "The sound device gives no input: choose one in the preferences, then measure again."
NOT_HEARD = (
    "The clicks were not heard in the input: connect an output to an input with a cable, turn the input up, then "
    "measure again."
)
UNSTEADY = (
    "The clicks came back after a different time each: close other programs that use the sound device, or choose a "
    "larger buffer, then measure again."
)
