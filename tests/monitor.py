"""A second program that records what the virtual sound card plays."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time

import numpy as np
import numpy.typing as npt

from sound import SoundCard

BYTES = 8
"""Of one stereo frame."""


class Monitor:
    """parec on the card's monitor, from now to `stop`, at 48 kHz."""

    def __init__(self, card: SoundCard) -> None:
        command = ["parec", "--format=float32le", "--rate=48000", "--channels=2", "--latency-msec=20"]
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop
        self._program = subprocess.Popen(
            [*command, "-d", "loop.monitor"], env=os.environ | card.environment, stdout=self._file
        )
        self.wait(1)

    def wait(self, frames: int, seconds: float = 30.0) -> None:
        """Waits until so many more frames were recorded."""
        goal, end = self._size() + BYTES * frames, time.monotonic() + seconds
        while self._size() < goal:
            assert time.monotonic() < end, "the card is not heard"
            time.sleep(0.02)

    def stop(self) -> npt.NDArray[np.float32]:
        """Ends, and returns what was heard: float32 (frames, 2)."""
        self._program.terminate()
        self._program.wait(timeout=10)
        self._file.seek(0)
        data = self._file.read()
        self._file.close()
        return np.frombuffer(data[: len(data) // BYTES * BYTES], np.float32).reshape(-1, 2)

    def _size(self) -> int:
        return os.fstat(self._file.fileno()).st_size
