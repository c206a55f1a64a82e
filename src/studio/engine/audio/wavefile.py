"""A WAV file that grows while it is recorded, and its repair after a crash."""

from __future__ import annotations

import contextlib
import errno
import os
import struct
from io import FileIO
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ...errors import StudioError
from .riff import (
    HEADER_BYTES,
    MAX_RATE,
    MIN_RATE,
    SAMPLE_BYTES,
    Bext,
    SampleFormat,
    header,
    to_bytes,
)

_FIXED = ((8, b"WAVE"), (48, b"bext"), (658, b"fmt "), (684, b"fact"), (696, b"data"))


class RecordingError(StudioError):
    """A sound file cannot be written."""


class RecordingFile:
    """A growing WAV with a bext chunk that becomes RF64 past 4 GiB: float32 by default, as every recording is.

    One thread at a time, never the render thread. After a failure the file on disk is valid up to the last whole
    frame that was written, and every later `append` raises again.
    """

    def __init__(
        self,
        path: Path,
        rate: int,
        channels: int,
        bext: Bext | None = None,
        *,
        sample_format: SampleFormat = "f32",
        title: str = "",
    ) -> None:
        """Create `path`, which must not exist. `title` is its name in messages. Raises RecordingError."""
        if not (MIN_RATE <= rate <= MAX_RATE and 1 <= channels <= 64):
            raise RecordingError(f"A file of {channels} channels at {rate} Hz cannot be recorded; choose another rate.")
        self.path = path
        self._title = title or path.name
        self.rate = rate
        self.channels = channels
        self.frames = 0
        self._format: SampleFormat = sample_format
        self._frame_bytes = channels * SAMPLE_BYTES[sample_format]
        self._bext = bext or Bext()
        self._failure: OSError | None = None
        try:
            self._file: FileIO = path.open("xb", buffering=0)
        except OSError as cause:
            raise RecordingError(f"“{self._title}” cannot be created: {disk_advice(cause)}") from cause
        try:
            _write_all(self._file, self._header())
        except OSError as cause:
            self._file.close()
            path.unlink(missing_ok=True)
            raise RecordingError(f"“{self._title}” cannot be created: {disk_advice(cause)}") from cause

    def append(self, block: NDArray[Any]) -> None:
        """Write (channels, frames) at the end: float32, or integers in range for an integer format.

        Raises RecordingError; what was written before stays valid.
        """
        if block.ndim != 2 or block.shape[0] != self.channels:
            raise ValueError(f"a block of shape {block.shape} does not fit {self.channels} channels")
        if self._failure is not None:
            raise self._error(self._failure) from self._failure
        try:
            _write_all(self._file, to_bytes(block, self._format))
        except OSError as cause:
            self._failure = cause
            self._keep_whole_frames()
            raise self._error(cause) from cause
        self.frames += block.shape[1]

    def flush_header(self, *, sync: bool = False) -> None:
        """Make the header true for what is written; with `sync` also wait until it is on the disk.

        Call it at least once a second. Raises RecordingError.
        """
        try:
            self._file.seek(0)
            _write_all(self._file, self._header())
            self._file.seek(0, os.SEEK_END)
            if sync:
                os.fsync(self._file.fileno())
        except OSError as cause:
            raise self._error(cause) from cause

    def close(self) -> None:
        """Finish the file and sync it to the disk. Calling it again does nothing. Raises RecordingError."""
        if self._file.closed:
            return
        try:
            if self._failure is None and self._data_bytes % 2:
                _write_all(self._file, b"\0")  # chunks are padded to even length
            self.flush_header(sync=True)
        except OSError as cause:
            raise self._error(cause) from cause
        finally:
            self._file.close()

    def discard(self) -> None:
        """Close and remove the file."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    @property
    def _data_bytes(self) -> int:
        return self.frames * self._frame_bytes

    def _header(self) -> bytes:
        return header(self.rate, self.channels, self._data_bytes, self._bext, self._format)

    def _keep_whole_frames(self) -> None:
        """A write that failed half-way leaves part of a block: keep its whole frames, cut the rest."""
        with contextlib.suppress(OSError):  # the first failure is the one that is reported
            written = self._file.seek(0, os.SEEK_END) - HEADER_BYTES
            self.frames = max(self.frames, written // self._frame_bytes)
            self._file.truncate(HEADER_BYTES + self._data_bytes)
            self._file.seek(0)
            _write_all(self._file, self._header())

    def _error(self, cause: OSError) -> RecordingError:
        return RecordingError(f"“{self._title}” cannot be written any further: {disk_advice(cause)}")


def repair(path: Path) -> int:
    """Make the header of a RecordingFile that was not closed agree with the file's size; returns its frames.

    The file may not be in use. Raises RecordingError for a file that is not one of ours or cannot be written.
    """
    try:
        with path.open("r+b", buffering=0) as file:
            head = file.read(HEADER_BYTES)
            rate, channels = _own_format(head, path)
            size = file.seek(0, os.SEEK_END)
            frames = (size - HEADER_BYTES) // (channels * 4)
            file.truncate(HEADER_BYTES + frames * channels * 4)
            fresh = header(rate, channels, frames * channels * 4, Bext())
            file.seek(0)
            _write_all(file, fresh[:56] + head[56:658] + fresh[658:])  # the bext chunk's body stays as it is
            os.fsync(file.fileno())
    except OSError as cause:
        raise RecordingError(f"“{path.name}” cannot be repaired: {disk_advice(cause)}") from cause
    return frames


def _own_format(head: bytes, path: Path) -> tuple[int, int]:
    """Rate and channels out of a header that `riff.header` wrote."""
    if len(head) == HEADER_BYTES and all(head[at : at + len(name)] == name for at, name in _FIXED):
        tag, channels, rate, _, align, bits = struct.unpack_from("<HHIIHH", head, 666)
        if tag == 3 and bits == 32 and 1 <= channels <= 64 and align == channels * 4 and MIN_RATE <= rate <= MAX_RATE:
            return rate, channels
    raise RecordingError(f"“{path.name}” is not a recording of this studio; import it instead.")


def _write_all(file: FileIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def disk_advice(cause: OSError) -> str:
    """What to tell the user about a failed write: the end of a sentence."""
    if cause.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full; free some space."
    if cause.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "the folder is read-only; choose another one."
    if cause.errno == errno.EEXIST:
        return "there is a file of that name already; choose another name."
    return f"{cause.strerror or cause}; check the disk."
