"""Sound through FFmpeg (PyAV): what libsndfile cannot read, and every file of more than two channels."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import msgspec
import numpy as np

from .riff import DecodeError, Float32

DEMUXERS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,dts,eac3,flac,flv,loas,matroska,mov,mp3,mpc,mpc8,mpeg,mpegts,"
    "ogg,tak,truehd,tta,voc,w64,wav,wv"
)
"""Containers of sound and video only: play lists and scripts, which name other files or addresses, stay closed."""

_SCALE = {"u1": 2.0**-7, "i2": 2.0**-15, "i4": 2.0**-31}


class StreamInfo(msgspec.Struct, frozen=True):
    """The best audio stream of a file, as its header says."""

    rate: int
    channels: int
    frames: int
    """0 when unknown; otherwise an estimate."""
    container: str
    codec: str
    bits: int
    layout: tuple[str, ...]
    """Channel names such as FL FR FC LFE BL BR; empty when the file does not say."""
    tags: dict[str, str]


def info(path: Path) -> StreamInfo:
    """What FFmpeg finds in `path`. Raises DecodeError."""
    try:
        with _open(path) as container:
            return _describe(container, _stream(container, path))
    except (av.FFmpegError, ValueError) as cause:
        raise _unreadable(path) from cause


def blocks(path: Path, rate: int, channels: int, block: int) -> Iterator[Float32 | None]:
    """float32 (channels, <= block) at `rate`; None stands for a packet that could not be decoded.

    A stream that changes its rate or channels on the way is converted to those asked for. Encoder delay and padding
    that the file declares are cut (FFmpeg does it from Xing/LAME tags, edit lists, pre-skip). Raises DecodeError.
    """
    try:
        with _open(path) as container:
            yield from _rechunked(_decoded(container, _stream(container, path), rate, channels), block)
    except (av.FFmpegError, ValueError) as cause:
        raise _unreadable(path) from cause


def _open(path: Path) -> Any:
    options = {"format_whitelist": DEMUXERS, "protocol_whitelist": "file"}
    return av.open("file:" + os.fspath(path), options=options, metadata_errors="replace")


def _stream(container: Any, path: Path) -> Any:
    stream = container.streams.best("audio")
    if stream is None or stream.codec_context is None or not stream.rate or not stream.channels:
        raise DecodeError(f"“{path.name}” contains no sound that this studio can decode.")
    return stream


def _describe(container: Any, stream: Any) -> StreamInfo:
    names = tuple(channel.name for channel in stream.layout.channels)
    return StreamInfo(
        rate=stream.rate,
        channels=stream.channels,
        frames=_estimate(container, stream),
        container=container.format.name.split(",")[0],
        codec=stream.codec_context.codec.name,
        bits=8 * stream.format.bytes,
        layout=() if "NONE" in names else names,
        tags={key.lower(): value for key, value in {**container.metadata, **stream.metadata}.items()},
    )


def _estimate(container: Any, stream: Any) -> int:
    if stream.duration and stream.time_base:
        return max(0, int(stream.duration * stream.time_base * stream.rate))
    if container.duration:
        return max(0, int(container.duration * stream.rate // 1_000_000))
    return 0


def _decoded(container: Any, stream: Any, rate: int, channels: int) -> Iterator[Float32 | None]:
    convert = _Converter(rate, channels)
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except (av.FFmpegError, ValueError):  # the container itself is broken from here on
            yield None
            packet = None
        if packet is None:
            break
        try:
            for frame in packet.decode():
                yield from convert(frame)
        except av.EOFError:
            break
        except (av.FFmpegError, ValueError):
            yield None
    yield from convert.rest()


class _Converter:
    """Decoded frames as float32 planes of one rate and channel count."""

    def __init__(self, rate: int, channels: int) -> None:
        self._rate, self._channels = rate, channels
        self._resampler: Any = None
        self._source: tuple[str, str, int] | None = None

    def __call__(self, frame: Any) -> Iterator[Float32]:
        fits = frame.sample_rate == self._rate and frame.layout.nb_channels == self._channels
        source = (frame.format.name, frame.layout.name, frame.sample_rate)
        if fits or source != self._source:
            yield from self.rest()
        if fits:
            yield _planes(frame)
            return
        if self._resampler is None:
            layout = {1: "mono", 2: "stereo"}.get(self._channels, f"{self._channels}c")
            self._resampler = av.AudioResampler("fltp", layout, self._rate)
            self._source = source
        frame.pts = None
        for converted in self._resampler.resample(frame):
            yield _planes(converted)

    def rest(self) -> Iterator[Float32]:
        """What a resampler in use still holds."""
        resampler, self._resampler, self._source = self._resampler, None, None
        if resampler is not None:
            with contextlib.suppress(av.EOFError):
                for converted in resampler.resample(None):
                    yield _planes(converted)


def _planes(frame: Any) -> Float32:
    samples = frame.to_ndarray()
    if not frame.format.is_planar:
        samples = samples.reshape(-1, frame.layout.nb_channels).T
    kind = samples.dtype.str[1:]
    with np.errstate(over="ignore"):  # a double beyond float32 becomes infinity, which the caller replaces
        planes: Float32 = samples.astype(np.float32)
    if kind == "u1":
        planes -= np.float32(128.0)
    planes *= np.float32(_SCALE.get(kind, 1.0))
    return planes


def _rechunked(pieces: Iterator[Float32 | None], block: int) -> Iterator[Float32 | None]:
    """The same samples in blocks of exactly `block` frames, but for the last."""
    held: list[Float32] = []
    count = 0
    for piece in pieces:
        if piece is None:
            yield None
            continue
        held.append(piece)
        count += piece.shape[1]
        if count >= block:
            whole = np.concatenate(held, axis=1)
            cut = count - count % block
            for start in range(0, cut, block):
                yield np.ascontiguousarray(whole[:, start : start + block])
            held, count = [whole[:, cut:].copy()], count - cut
    if count:
        yield np.concatenate(held, axis=1)


def _unreadable(path: Path) -> DecodeError:
    return DecodeError(f"“{path.name}” is not a sound file this studio can read, or it is damaged.")
