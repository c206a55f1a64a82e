"""Samples for zooms finer than the peaks, read in blocks on a thread of its own and kept for a while."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from ...engine.audio.peaks import FULL_SCALE, read_samples
from ...errors import StudioError

BLOCK = 1 << 16
"""Frames read at once."""

KEPT = 96
"""Blocks kept: 24 MB of mono float32."""

Float32 = npt.NDArray[np.float32]
Key = tuple[str, int]


class _Read(QRunnable):
    def __init__(self, path: Path, key: Key, tell: Callable[[Key, object], None]) -> None:
        super().__init__()
        self.setAutoDelete(False)
        self._path, self._key, self._tell = path, key, tell

    def run(self) -> None:
        try:
            found = read_samples(self._path, self._key[1] * BLOCK, BLOCK)
        except (StudioError, OSError) as error:
            self._tell(self._key, error)
        else:
            self._tell(self._key, found)


class Samples(QObject):
    """Blocks of samples by media. `path_of` gives the playable file of a media id. Main thread.

    `came(media id)` follows every block that has been read; a file that cannot be read is not asked for again.
    """

    came = Signal(str)
    _told = Signal(object, object)

    def __init__(self, path_of: Callable[[str], Path | None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path_of = path_of
        self._blocks: OrderedDict[Key, Float32] = OrderedDict()
        self._running: dict[Key, _Read] = {}
        self._unreadable: set[str] = set()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._pool.setExpiryTimeout(-1)
        self._told.connect(self._hear)

    def close(self) -> None:
        """Waits for the reader. The last thing to call."""
        self._pool.clear()
        self._pool.waitForDone()

    def forget(self, media_id: str) -> None:
        """Reads a media anew when it is next needed."""
        self._unreadable.discard(media_id)
        for key in [key for key in self._blocks if key[0] == media_id]:
            del self._blocks[key]

    def forget_all(self) -> None:
        """Forgets every media: another song is shown."""
        self._pool.clear()
        self._blocks.clear()
        self._running.clear()
        self._unreadable.clear()

    def samples(self, media_id: str, first: int, last: int) -> Float32 | None:
        """float32 (channels, last - first) from frame `first`, silence outside the file; None until they are there."""
        blocks = range(max(first, 0) // BLOCK, max(last - 1, 0) // BLOCK + 1)
        found = [self._block((media_id, number)) for number in blocks]
        if any(block is None for block in found):
            return None
        whole = np.concatenate([block for block in found if block is not None], axis=1)
        start = blocks.start * BLOCK
        part = whole[:, max(first - start, 0) : last - start]
        return np.pad(part, ((0, 0), (max(-first, 0), 0))) if first < 0 else part

    def bins(self, media_id: str, size: int, begin: int, end: int) -> tuple[npt.NDArray[np.int8], ...] | None:
        """Lowest and highest amplitude of all channels in bins of `size` frames: int8, or None until they are there."""
        found = self.samples(media_id, begin * size, end * size)
        if found is None:
            return None
        parts = found.reshape(found.shape[0], -1, size)
        low, high = parts.min(axis=(0, 2)), parts.max(axis=(0, 2))
        return tuple(np.rint(np.clip(edge, -1, 1) * FULL_SCALE).astype(np.int8) for edge in (low, high))

    def _block(self, key: Key) -> Float32 | None:
        if key in self._blocks:
            self._blocks.move_to_end(key)
            return self._blocks[key]
        if key not in self._running and key[0] not in self._unreadable:
            path = self._path_of(key[0])
            if path is not None:
                self._running[key] = _Read(path, key, self._told.emit)
                self._pool.start(self._running[key])
        return None

    def _hear(self, key: Key, found: object) -> None:
        self._running.pop(key, None)
        if not isinstance(found, np.ndarray):
            self._unreadable.add(key[0])
            return
        self._blocks[key] = found
        while len(self._blocks) > KEPT:
            self._blocks.popitem(last=False)
        self.came.emit(key[0])
