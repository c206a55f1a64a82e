"""Playing a file that is not part of the song: decoded on a thread of its own, a little ahead of what is heard."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, SimpleQueue

import numpy as np
import numpy.typing as npt
import soxr

from ...errors import StudioError
from .decode import decode_blocks, probe
from .mixdown import to_stereo

Floats = npt.NDArray[np.float32]

AHEAD = 16
"""Blocks that are decoded ahead."""


class Preview:
    """A file on its way to the device. Made on any thread; `take`, `fade` and `over` are the render thread's.

    `error` is a sentence once the file turned out to be unreadable.
    """

    def __init__(self, path: Path, rate: int, gain: float = 1.0) -> None:
        self.path = path
        self.over = False
        self.error = ""
        self._rate, self._gain = rate, np.float32(gain)
        self._blocks: SimpleQueue[Floats | None] = SimpleQueue()
        self._rest: Floats = np.zeros((0, 2), np.float32)
        self._wanted = True
        self._thread = threading.Thread(target=self._decode, name="preview", daemon=True)

    def start(self) -> None:
        """Begin to decode."""
        self._thread.start()

    def end(self) -> None:
        """Decode no further. Any thread; returns at once."""
        self._wanted = False

    def take(self, frames: int) -> Floats | None:
        """The next frames, at most `frames`: float32 (frames, 2). None while there are none; then see `over`."""
        if not len(self._rest):
            try:
                block = self._blocks.get_nowait()
            except Empty:
                return None
            if block is None:
                self.over = True
                return None
            self._rest = block
        now, self._rest = self._rest[:frames], self._rest[frames:]
        return now

    def fade(self) -> Floats:
        """The next 5 ms fading out, to end with: float32 (frames, 2)."""
        last = self.take(round(0.005 * self._rate))
        if last is None:
            return np.zeros((0, 2), np.float32)
        return last * np.linspace(1, 0, len(last), dtype=np.float32)[:, None]

    def _decode(self) -> None:
        try:
            for block in self._stereo():
                self._blocks.put(block)
                while self._wanted and self._blocks.qsize() >= AHEAD:
                    time.sleep(0.02)
                if not self._wanted:
                    break
        except StudioError as error:
            self.error = str(error)
        self._blocks.put(None)

    def _stereo(self) -> Iterator[Floats]:
        """The file at the stream's rate, float32 (frames, 2)."""
        info = probe(self.path)
        change = soxr.ResampleStream(info.rate, self._rate, 2, dtype="float32", quality="HQ")
        for block in decode_blocks(self.path, block=4096):
            pair = to_stereo(block, info.layout) if info.channels > 2 else block
            both = np.ascontiguousarray(np.broadcast_to(pair, (2, pair.shape[1])).T) * self._gain
            yield both if info.rate == self._rate else change.resample_chunk(both)
        if info.rate != self._rate:
            yield change.resample_chunk(np.zeros((0, 2), np.float32), last=True)
