"""A stream without a device: playback against the computer's clock, unheard."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt

from .songmap import Epoch


class ClockStream:
    """Takes frames from its buffer at `rate` a second, as a sound device would. Render thread only.

    `buffer`: float32 (capacity, 2). See `stream.Stream` for what its members promise.
    """

    device = False
    burst = 0
    output_latency = 0
    input_channels = 0
    notice = ""
    input_dropouts = 0
    epochs: tuple[Epoch, ...] = ()

    def __init__(self, rate: int, capacity: int) -> None:
        self.rate = self.device_rate = rate
        self.buffer: npt.NDArray[np.float32] = np.zeros((capacity, 2), np.float32)
        self.dropouts = 0
        self._written = 0
        self._taken = 0
        self._since = time.perf_counter()

    def start(self) -> None:
        """Nothing to start: time runs."""

    def taken(self) -> int:
        """Frames that time has taken so far; it waits where nothing is written."""
        due = int((time.perf_counter() - self._since) * self.rate)
        if due > self._written:
            self._since += (due - self._written) / self.rate
            due = self._written
        self._taken = max(due, self._taken)
        return self._taken

    def publish(self, end: int) -> None:
        """Allow frames up to `end` to be taken."""
        self._written = max(end, self._written)

    def check(self) -> bool:
        """Whether it is still there: always."""
        return True

    def running(self) -> bool:
        """Whether it takes frames: always."""
        return True

    def live_room(self, depth: float) -> int:
        """What `put_live` may be given now: nothing is heard, so nothing."""
        return 0

    def put_live(self, block: npt.NDArray[np.float32]) -> None:
        """Nothing is heard."""

    def drain(self) -> npt.NDArray[np.float32]:
        """What came in: nothing, float32 (0, 0)."""
        return np.zeros((0, 0), np.float32)

    def close(self) -> None:
        """Nothing to give back."""
