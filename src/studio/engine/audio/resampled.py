"""A sound device that does not know the project's rate, behind a resampler."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import soxr

from .songmap import Epoch
from .stream import DeviceStream

Floats = npt.NDArray[np.float32]

DEPTH = 0.06
"""Seconds of sound at the device's rate that wait behind the queue; they can no longer be changed."""

PULL = 512


class ResampledStream:
    """A stream at the project's rate on a device at another. Frames are counted at the project's rate throughout.

    The render thread itself is the reader of `buffer`: `check` passes frames on through the resampler.
    """

    device = True
    burst = 0

    def __init__(self, inner: DeviceStream, rate: int, capacity: int) -> None:
        self.rate, self.device_rate = rate, inner.rate
        self.buffer: Floats = np.zeros((capacity, 2), np.float32)
        self.notice = inner.notice
        self.input_channels = inner.input_channels
        self.epochs: tuple[Epoch, ...] = inner.epochs
        self._inner, self._ratio = inner, rate / inner.rate
        self._depth = round(DEPTH * inner.rate)
        inner.refill = DEPTH / 2
        self._out = soxr.ResampleStream(rate, inner.rate, 2, dtype="float32", quality="HQ")
        self._in = soxr.ResampleStream(inner.rate, rate, max(inner.input_channels, 1), dtype="float32", quality="HQ")
        self._live = soxr.ResampleStream(rate, inner.rate, 2, dtype="float32", quality="HQ")
        self._pulled = self._end = self._put = 0

    @property
    def dropouts(self) -> int:
        """Gaps of the output."""
        return self._inner.dropouts

    @property
    def input_dropouts(self) -> int:
        """Gaps of the input."""
        return self._inner.input_dropouts

    @property
    def output_latency(self) -> int:
        """Frames between being taken and being heard: what waits for the device, and the device's own."""
        waits: int = self._put - self._inner.taken() + self._inner.output_latency
        return round(waits * self._ratio)

    def start(self) -> None:
        """Start the device. Raises StudioError. Device thread."""
        self._inner.start()

    def running(self) -> bool:
        """Whether the device has asked for its first block."""
        return self._inner.running()

    def taken(self) -> int:
        """Frames that have gone into the resampler."""
        return self._pulled

    def publish(self, end: int) -> None:
        """Allow frames up to `end` to be taken."""
        self._end = max(end, self._end)
        self._pump()

    def check(self) -> bool:
        """Pass frames on; restart what has ended; False once the device is gone."""
        self._pump()
        alive = self._inner.check()
        if len(self._inner.epochs) != len(self.epochs):
            self.epochs = tuple(
                Epoch(round(epoch.output * self._ratio), round(epoch.offset * self._ratio))
                for epoch in self._inner.epochs
            )
        return alive

    def drain(self) -> Floats:
        """What has come in since the last call: float32 (frames, input channels). Capture thread only."""
        block = self._inner.drain()
        return self._in.resample_chunk(block) if len(block) else block

    def live_room(self, depth: float) -> int:
        """How many frames `put_live` may be given now, for a ring of `depth` seconds."""
        return round(self._inner.live_room(depth) * self._ratio)

    def put_live(self, block: Floats) -> None:
        """Play float32 (frames, 2) at once, beside the queue."""
        self._inner.put_live(self._live.resample_chunk(np.ascontiguousarray(block)))

    def close(self) -> None:
        """Give the device back. Device thread."""
        self._inner.close()

    def _pump(self) -> None:
        mask, ring = len(self.buffer) - 1, self._inner.buffer
        while self._pulled < self._end and self._put - self._inner.taken() < self._depth:
            at = self._pulled & mask
            frames = min(PULL, self._end - self._pulled, len(self.buffer) - at)
            block = self._out.resample_chunk(self.buffer[at : at + frames])
            self._pulled += frames
            place = np.arange(self._put, self._put + len(block)) & (len(ring) - 1)
            ring[place] = block
            self._put += len(block)
            self._inner.publish(self._put)
