"""Waveform peaks at every zoom: a pyramid of smallest and largest samples, finished or still growing.

Level k has one column per 64 x 2^k frames. Only the finest level is stored; the others are made of it in an instant.
"""

from __future__ import annotations

import contextlib
import os
import struct
import uuid
import zlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from .decode import MAX_CHANNELS, DecodeCancelled, decode_blocks, playable_layout, probe
from .riff import DecodeError, Float32, to_float
from .wavefile import RecordingError, disk_advice

Int8 = NDArray[np.int8]

BASE = 64
"""Frames per column of the finest level."""
LEVELS = 16
"""The coarsest level has 2,097,152 frames a column: 44 s at 48 kHz."""
FULL_SCALE = 127
_MAGIC, _VERSION = b"StudPeak", 1
_HEADER = struct.Struct("<8sHHIQQq")  # magic, version, channels, base, frames, source size, source mtime ns
_CRC = struct.Struct("<I")  # of header and columns


class PeakColumns(msgspec.Struct, frozen=True):
    """A range of columns, aligned to the grid of its level."""

    values: Int8
    """int8 (channels, columns, 2): smallest and largest sample, 127 is full scale."""
    start: int
    """The frame at which the first column begins."""
    frames_per_column: int


class Peaks:
    """Peaks of a finished file. Immutable: any thread."""

    def __init__(self, base: Int8, frames: int) -> None:
        """`base`: int8 (channels, ceil(frames / 64), 2)."""
        self.channels = base.shape[0]
        self.frames = frames
        self._levels = [base]
        while len(self._levels) < LEVELS and self._levels[-1].shape[1] > 1:
            self._levels.append(_halved(self._levels[-1]))

    def level(self, frames_per_column: float) -> tuple[Int8, int]:
        """The coarsest level with at most `frames_per_column` (else the finest): int8 (channels, columns, 2), its
        frames per column."""
        index = min(_index(frames_per_column), len(self._levels) - 1)
        return self._levels[index], BASE << index

    def columns(self, start: int, stop: int, frames_per_column: float) -> PeakColumns:
        """The columns that touch the frames [start, stop), at the level that `level` picks."""
        values, width = self.level(frames_per_column)
        first, last = _touched(start, stop, width)
        return PeakColumns(values[:, first:last], first * width, width)

    def save(self, file: Path, source: Path) -> None:
        """Store the peaks of `source` in `file`: temporary name, sync, rename. Raises RecordingError. I/O pool."""
        body = self._levels[0].tobytes()
        size, mtime = _stamp(source)
        head = _HEADER.pack(_MAGIC, _VERSION, self.channels, BASE, self.frames, size, mtime)
        temporary = file.with_name(f".{uuid.uuid4().hex[:12]}.part")
        try:
            with temporary.open("xb") as out:
                out.write(head + body + _CRC.pack(zlib.crc32(body, zlib.crc32(head))))
                out.flush()
                os.fsync(out.fileno())
            temporary.replace(file)
        except OSError as cause:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise RecordingError(f"The waveform of “{source.name}” cannot be stored: {disk_advice(cause)}") from cause


def load_peaks(file: Path, source: Path) -> Peaks | None:
    """The peaks that `save` stored, or None when they must be made anew: missing, damaged, or `source` has changed."""
    try:
        raw = file.read_bytes()
        magic, version, channels, base, frames, size, mtime = _HEADER.unpack_from(raw)
        (crc,) = _CRC.unpack_from(raw, len(raw) - _CRC.size)
        stamp = _stamp(source)
    except (OSError, struct.error):
        return None
    known = (magic, version, base, (size, mtime)) == (_MAGIC, _VERSION, BASE, stamp)
    columns = -(-frames // BASE)
    body = memoryview(raw)[_HEADER.size : -_CRC.size]
    whole = 1 <= channels <= MAX_CHANNELS and len(body) == channels * columns * 2
    if not known or not whole or zlib.crc32(memoryview(raw)[: -_CRC.size]) != crc:
        return None
    return Peaks(np.frombuffer(body, np.int8).reshape(channels, columns, 2), frames)


def build_peaks(
    source: Path,
    *,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Peaks:
    """The peaks of a sound file, in its own frames. I/O pool; raises DecodeError, DecodeCancelled."""
    info = probe(source)
    builder = PeakBuilder(info.channels)
    for block in decode_blocks(source):
        if cancelled is not None and cancelled():
            raise DecodeCancelled(f"Drawing “{source.name}” was cancelled.")
        builder.append(block)
        if progress is not None and info.frames:
            progress(min(1.0, builder.frames / info.frames))
    return builder.finish()


class PeakBuilder:
    """Peaks that grow. One thread appends; one other may read at the same time, without a lock.

    Readers see whole columns of 64 frames; a wider column that is still filling is shown as far as it is known.
    """

    def __init__(self, channels: int) -> None:
        self.channels = channels
        self.frames = 0
        self._rest = np.zeros((channels, 0), np.float32)
        # Each level is replaced as one tuple, so that a reader never sees a count without its columns.
        self._levels: list[tuple[Int8, int]] = [(np.zeros((channels, 1024, 2), np.int8), 0) for _ in range(LEVELS)]

    def append(self, block: Float32) -> None:
        """Add float32 (channels, frames). The writing thread; never blocks, allocates now and then."""
        samples = np.concatenate((self._rest, block), axis=1) if self._rest.shape[1] else block
        whole = samples.shape[1] - samples.shape[1] % BASE
        self._rest = samples[:, whole:].copy()
        if whole:
            self._extend(0, _columns_of(samples[:, :whole]))
            for index in range(1, LEVELS):
                if not self._pair(index):
                    break
        self.frames += block.shape[1]

    def level(self, frames_per_column: float) -> tuple[Int8, int]:
        """The finished columns of the level, as in `Peaks.level`. A view: later appends do not change it."""
        index = _index(frames_per_column)
        array, count = self._levels[index]
        return array[:, :count], BASE << index

    def columns(self, start: int, stop: int, frames_per_column: float) -> PeakColumns:
        """The columns that touch [start, stop), the one that is still filling among them."""
        values, width = self.level(frames_per_column)
        first, last = _touched(start, stop, width)
        found = values[:, first:last]
        done = values.shape[1]
        base, count = self._levels[0]
        begin = done * width // BASE
        if first <= done < last and begin < count:
            found = np.concatenate((found, _reduced(base[:, begin:count])), axis=1)
        return PeakColumns(found, first * width, width)

    def finish(self) -> Peaks:
        """The finished peaks, with the last partial column. The writing thread, after the last append."""
        base, count = self._levels[0]
        tail = [_columns_of(self._rest)] if self._rest.shape[1] else []
        return Peaks(np.concatenate([base[:, :count], *tail], axis=1), self.frames)

    def _extend(self, index: int, columns: Int8) -> None:
        array, count = self._levels[index]
        total = count + columns.shape[1]
        if total > array.shape[1]:
            larger = np.zeros((self.channels, max(total, 2 * array.shape[1]), 2), np.int8)
            larger[:, :count] = array[:, :count]
            array = larger
        array[:, count:total] = columns
        self._levels[index] = (array, total)

    def _pair(self, index: int) -> bool:
        """Extend level `index` by the pairs that its finer neighbour has finished; False if there are none."""
        finer, count = self._levels[index - 1]
        done = self._levels[index][1]
        if count // 2 == done:
            return False
        self._extend(index, _halved(finer[:, 2 * done : count - count % 2]))
        return True


def read_samples(path: Path, start: int, frames: int) -> Float32:
    """float32 (channels, frames) of a playable file from frame `start`, for zooms below 64 frames a column.

    Silence outside the file and where samples are not finite. Raises DecodeError.
    """
    layout = playable_layout(path)
    out = np.zeros((layout.channels, frames), np.float32)
    first, last = max(0, start), min(start + frames, layout.frames)
    if first < last:
        try:
            with path.open("rb") as file:
                file.seek(layout.data_offset + first * layout.frame_bytes)
                found = to_float(file.read((last - first) * layout.frame_bytes), layout)
        except OSError as cause:
            raise DecodeError(f"“{path.name}” cannot be read: {cause.strerror or cause}.") from cause
        begin = first - start
        out[:, begin : begin + found.shape[1]] = np.where(np.isfinite(found), found, np.float32(0.0))
    return out


def _columns_of(samples: Float32) -> Int8:
    """int8 (channels, ceil(frames / 64), 2) of float32 (channels, frames)."""
    channels, frames = samples.shape
    if frames % BASE:
        samples = np.pad(samples, ((0, 0), (0, -frames % BASE)), mode="edge")
    # Halving by whole rows is several times faster than a reduction over rows of 64.
    low = high = np.ascontiguousarray(samples).reshape(channels, -1, BASE)
    while low.shape[2] > 1:
        half = low.shape[2] // 2
        low = np.minimum(low[:, :, :half], low[:, :, half:])
        high = np.maximum(high[:, :, :half], high[:, :, half:])
    both = np.concatenate((low, high), axis=2)
    if not np.isfinite(both).all():
        return _columns_of(np.where(np.isfinite(samples), samples, np.float32(0.0)))
    return np.rint(np.clip(both, -1.0, 1.0) * FULL_SCALE).astype(np.int8)


def _halved(columns: Int8) -> Int8:
    """The next coarser level; an odd last column stands alone."""
    if columns.shape[1] % 2:
        columns = np.concatenate((columns, columns[:, -1:]), axis=1)
    low = np.minimum(columns[:, 0::2, 0], columns[:, 1::2, 0])
    high = np.maximum(columns[:, 0::2, 1], columns[:, 1::2, 1])
    return np.stack((low, high), axis=2)


def _reduced(columns: Int8) -> Int8:
    return np.stack((columns[:, :, 0].min(axis=1), columns[:, :, 1].max(axis=1)), axis=1)[:, np.newaxis]


def _index(frames_per_column: float) -> int:
    return min(max(int(frames_per_column) // BASE, 1).bit_length() - 1, LEVELS - 1)


def _touched(start: int, stop: int, width: int) -> tuple[int, int]:
    first = max(0, start) // width
    return first, max(first, -(-stop // width))


def _stamp(source: Path) -> tuple[int, int]:
    stat = source.stat()
    return stat.st_size, stat.st_mtime_ns
