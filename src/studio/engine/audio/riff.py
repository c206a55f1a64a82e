"""RIFF, RF64 and bext: read where the samples of a WAV file lie, and build the header of the files we write.

Sources: Microsoft Multimedia Programming Interface 1.0 (RIFF WAVE), EBU Tech 3306 (RF64), EBU Tech 3285 (bext).
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Any, BinaryIO, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from ...errors import StudioError

Float32 = NDArray[np.float32]
SampleFormat = Literal["i16", "i24", "i32", "f32"]

HEADER_BYTES = 704  # a multiple of 64, so that samples are aligned in the file
MIN_RATE, MAX_RATE = 1_000, 768_000
MAX_CHUNKS = 4_096
UINT32 = 0xFFFF_FFFF
SAMPLE_BYTES: dict[SampleFormat, int] = {"i16": 2, "i24": 3, "i32": 4, "f32": 4}
_FORMATS: dict[tuple[int, int], SampleFormat] = {(1, 2): "i16", (1, 3): "i24", (1, 4): "i32", (3, 4): "f32"}
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")


class DecodeError(StudioError):
    """A file cannot be read as sound."""


class PlayableLayout(msgspec.Struct, frozen=True):
    """Where the samples of a little-endian PCM or float WAV lie: enough to read any frame with one `preadv`."""

    data_offset: int
    """Byte offset of frame 0."""
    frames: int
    """Whole frames that are really in the file, whatever its header claims."""
    channels: int
    sample_format: SampleFormat
    rate: int

    @property
    def frame_bytes(self) -> int:
        return self.channels * SAMPLE_BYTES[self.sample_format]


class Bext(msgspec.Struct, frozen=True):
    """The broadcast fields of a recording (EBU Tech 3285). Texts are cut to the length of their field."""

    description: str = ""
    originator: str = ""
    originator_reference: str = ""
    date: str = ""
    """yyyy-mm-dd"""
    time: str = ""
    """hh:mm:ss"""
    time_reference: int = 0
    """Samples since midnight of the song's clock: here, since the song's start."""

    def pack(self) -> bytes:
        """Version 1, without a UMID or coding history: 602 bytes."""
        texts = (self.description, self.originator, self.originator_reference, self.date, self.time)
        packed = struct.pack("<256s32s32s10s8s", *(text.encode("ascii", "replace") for text in texts))
        return packed + struct.pack("<QH254x", max(0, self.time_reference), 1)


def header(rate: int, channels: int, data_bytes: int, bext: Bext, sample_format: SampleFormat = "f32") -> bytes:
    """The 704 bytes before the samples of a WAV of `data_bytes`; RF64 when 32-bit sizes no longer hold."""
    riff_bytes = HEADER_BYTES - 8 + data_bytes + (data_bytes & 1)
    width = SAMPLE_BYTES[sample_format]
    frame_bytes = width * channels
    frames = data_bytes // frame_bytes
    big = riff_bytes > UINT32
    sizes = struct.pack("<QQQI", riff_bytes, data_bytes, frames, 0) if big else bytes(28)
    tag = 3 if sample_format == "f32" else 1
    fmt = struct.pack("<HHIIHHH", tag, channels, rate, rate * frame_bytes, frame_bytes, 8 * width, 0)
    parts = [
        struct.pack("<4sI4s", b"RF64" if big else b"RIFF", UINT32 if big else riff_bytes, b"WAVE"),
        _chunk(b"ds64" if big else b"JUNK", sizes),
        _chunk(b"bext", bext.pack()),
        _chunk(b"fmt ", fmt),
        _chunk(b"fact", struct.pack("<I", UINT32 if big else frames)),
        struct.pack("<4sI", b"data", UINT32 if big else data_bytes),
    ]
    return b"".join(parts)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack("<4sI", name, len(body)) + body


def playable_layout(path: Path) -> PlayableLayout:
    """Where the samples of `path` lie.

    Promise: the layout lies inside the file as it was when this looked (a header that claims more is cut to what is
    there). Reads headers only. Raises DecodeError for anything but 16, 24, 32 bit integer or 32 bit float WAV or
    RF64 of sane rate; any number of channels.
    """
    try:
        with path.open("rb") as file:
            return _layout(file, os.fstat(file.fileno()).st_size)
    except _Unplayable as cause:
        raise DecodeError(f"“{path.name}” cannot be played directly: {cause}.") from cause
    except (OSError, ValueError) as cause:
        raise DecodeError(f"“{path.name}” cannot be read: {_reason(cause)}.") from cause


def to_bytes(block: NDArray[Any], sample_format: SampleFormat) -> bytes:
    """Interleaved little-endian samples of (channels, frames): float32 for f32, else integers in the format's range."""
    if sample_format == "i24":
        wide = np.ascontiguousarray(block.T, "<i4")
        return wide.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    dtype = "<f4" if sample_format == "f32" else f"<i{SAMPLE_BYTES[sample_format]}"
    return np.ascontiguousarray(block.T, dtype).tobytes()


def is_playable(path: Path, rate: int) -> bool:
    """Whether a reader can play `path` as it is: mono or stereo PCM or float WAV at `rate`, with at least a frame."""
    try:
        layout = playable_layout(path)
    except DecodeError:
        return False
    return layout.rate == rate and layout.channels <= 2 and layout.frames > 0


def to_float(raw: bytes | bytearray | memoryview, layout: PlayableLayout) -> Float32:
    """Interleaved little-endian samples as float32 (channels, frames), full scale 1.0. An unfinished frame is cut.

    NaN and infinity are passed on: the caller decides. The result may be a read-only view of `raw`.
    """
    frames = len(raw) // layout.frame_bytes
    view = memoryview(raw)[: frames * layout.frame_bytes]
    if layout.sample_format == "f32":
        flat = np.frombuffer(view, "<f4").astype(np.float32, copy=False)
    elif layout.sample_format == "i24":
        wide = np.zeros((frames * layout.channels, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(view, np.uint8).reshape(-1, 3)
        flat = wide.view("<i4")[:, 0].astype(np.float32) * np.float32(2.0**-31)
    else:
        bits = 16 if layout.sample_format == "i16" else 32
        flat = np.frombuffer(view, f"<i{bits // 8}").astype(np.float32) * np.float32(2.0 ** (1 - bits))
    return np.ascontiguousarray(flat.reshape(frames, layout.channels).T)


class _Unplayable(Exception):
    pass


def _layout(file: BinaryIO, size: int) -> PlayableLayout:
    form, _, kind = struct.unpack("<4sI4s", _exactly(file, 12))
    if form not in (b"RIFF", b"RF64") or kind != b"WAVE":
        raise _Unplayable("it is not a WAV file")
    fmt, data64, position = b"", 0, 12
    for _ in range(MAX_CHUNKS):
        file.seek(position)
        name, length = struct.unpack("<4sI", _exactly(file, 8))
        position += 8
        if name == b"fmt ":
            fmt = file.read(min(length, 40))
        elif name == b"ds64" and form == b"RF64":
            _, data64 = struct.unpack("<QQ", _exactly(file, 16))
        elif name == b"data":
            claimed = data64 if form == b"RF64" and length == UINT32 else length
            return _described(fmt, position, min(claimed, size - position))
        position += length + (length & 1)
    raise _Unplayable("it has too many chunks")


def _described(fmt: bytes, offset: int, data_bytes: int) -> PlayableLayout:
    if len(fmt) < 16:
        raise _Unplayable("its format is not described")
    tag, channels, rate, _, align, bits = struct.unpack_from("<HHIIHH", fmt)
    if tag == 0xFFFE and len(fmt) == 40 and fmt[26:] == _GUID_TAIL:
        (tag,) = struct.unpack_from("<H", fmt, 24)
    sample_bytes = (bits + 7) // 8
    sample_format = _FORMATS.get((tag, sample_bytes))
    if sample_format is None or not channels or align != channels * sample_bytes:
        raise _Unplayable("its samples are in another format")
    if not MIN_RATE <= rate <= MAX_RATE:
        raise _Unplayable(f"its rate of {rate} Hz is not one of sound")
    return PlayableLayout(offset, data_bytes // align, channels, sample_format, rate)


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) != count:
        raise _Unplayable("it ends before its samples")
    return data


def _reason(cause: Exception) -> str:
    return (getattr(cause, "strerror", None) or str(cause) or type(cause).__name__).lower().rstrip(".")
