"""Encode a bounce: WAV, FLAC, MP3, Ogg Vorbis, Opus."""

from __future__ import annotations

import contextlib
import io
import os
import uuid
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Protocol, get_args

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from ...errors import StudioError
from .decode import sync_folder
from .riff import Bext, Float32, SampleFormat
from .wavefile import RecordingFile, disk_advice

Format = Literal["wav", "flac", "mp3", "ogg", "opus"]
Bits = Literal["16", "24", "32f"]

_DITHER_SEED = 1_770
_PIECE = 4_096  # libsndfile's Vorbis encoder keeps a whole write on the stack
_MP3_RATES = {8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000}
_WAV_FORMATS: dict[Bits, SampleFormat] = {"16": "i16", "24": "i24", "32f": "f32"}
_ENCODERS: dict[Format, dict[str, Any]] = {
    "mp3": {
        "format": "MP3",
        "subtype": "MPEG_LAYER_III",
        "bitrate_mode": "CONSTANT",
        "compression_level": 0.0,  # 320 kbit/s
    },
    "ogg": {"format": "OGG", "subtype": "VORBIS", "compression_level": 0.2},  # quality 8 of 10
    "opus": {"format": "OGG", "subtype": "OPUS", "compression_level": 0.5},  # about 256 kbit/s
}


class ExportError(StudioError):
    """A file cannot be exported."""


class AudioWriter:
    """Streams sound into one file that appears at `finish`, whole or not at all. One thread, not the render thread.

    As a context manager it finishes, or aborts when the block raises. Opus, and MP3 at rates it does not know, are
    resampled to 48 kHz. The lossy formats say how long their encoder delay is, so that they decode in place.
    """

    def __init__(self, path: Path, format: Format, rate: int, channels: int = 2, bits: Bits = "24") -> None:
        """`bits`: 16 (TPDF dither from a fixed seed, so that exports are reproducible), 24, or 32f for WAV alone;
        the lossy formats have no bit depth and take 16 or 24 alike. Raises StudioError."""
        _check(path, format, bits, channels)
        self.path = path
        self.frames = 0
        """Frames taken so far, at the caller's rate."""
        self.rate = _rate(format, rate)
        """The rate of the file."""
        self._quantise = _Quantiser(bits) if format in {"wav", "flac"} and bits != "32f" else None
        self._channels = channels
        self._resampler = None if self.rate == rate else soxr.ResampleStream(rate, self.rate, channels, quality="VHQ")
        self._temporary = path.with_name(f".{uuid.uuid4().hex[:12]}.part")
        self._sink = self._open(format, bits)

    def write(self, block: Float32) -> None:
        """Encode float32 (channels, frames). Only integers are clipped at full scale. Raises StudioError."""
        self.frames += block.shape[1]
        if self._resampler is not None:
            block = self._resampler.resample_chunk(np.ascontiguousarray(block.T, np.float32)).T
        self._encode(block)

    def finish(self) -> Path:
        """Write the rest, sync, rename to the final name, which it returns. Raises StudioError, leaving nothing."""
        try:
            if self._resampler is not None:
                rest = np.empty((0, self._channels), np.float32)
                self._encode(self._resampler.resample_chunk(rest, last=True).T)
            self._sink.close()
            self._temporary.replace(self.path)
            sync_folder(self.path.parent)
        except OSError as cause:
            self.abort()
            raise ExportError(f"“{self.path.name}” cannot be written: {disk_advice(cause)}") from cause
        except BaseException:
            self.abort()
            raise
        return self.path

    def abort(self) -> None:
        """Stop and leave nothing behind."""
        with contextlib.suppress(StudioError, OSError):
            self._sink.close()
        self._temporary.unlink(missing_ok=True)

    def __enter__(self) -> AudioWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.finish()
        else:
            self.abort()

    def _open(self, format: Format, bits: Bits) -> _Sink:
        if format == "wav":
            kind, name = _WAV_FORMATS[bits], self.path.name
            return RecordingFile(self._temporary, self.rate, self._channels, Bext(), sample_format=kind, title=name)
        options = {"format": "FLAC", "subtype": f"PCM_{bits}"} if format == "flac" else _ENCODERS[format]
        return _Encoder(self._temporary, self.path.name, self.rate, self._channels, options)

    def _encode(self, block: Float32) -> None:
        if not np.isfinite(block).all():
            block = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
        self._sink.append(self._quantise(block) if self._quantise is not None else block)


class _Sink(Protocol):
    def append(self, block: NDArray[Any], /) -> None: ...
    def close(self) -> None: ...


class _Quantiser:
    """float32 to integers: triangular dither of +-1 step at 16 bit, plain rounding at 24; clipped at full scale."""

    def __init__(self, bits: Bits) -> None:
        self._steps = 2.0 ** (int(bits) - 1)
        self._random = np.random.default_rng(_DITHER_SEED) if bits == "16" else None

    def __call__(self, block: Float32) -> NDArray[Any]:
        scaled = block.astype(np.float64) * self._steps
        if self._random is not None:
            # Frames lead, so that the noise of a sample does not depend on how the sound is split into blocks.
            noise = self._random.random((block.shape[1], block.shape[0], 2))
            scaled += (noise[:, :, 0] - noise[:, :, 1]).T
        whole = np.rint(np.clip(scaled, -self._steps, self._steps - 1.0))
        return whole.astype(np.int16 if self._random is not None else np.int32)


class _Encoder:
    """libsndfile writing through a file object of ours, so that a full disk is a clear error."""

    def __init__(self, path: Path, name: str, rate: int, channels: int, options: dict[str, Any]) -> None:
        self._name = name
        self._wide = options["subtype"] == "PCM_24"
        try:
            self._file = _CarefulFile(path, "xb+")
        except OSError as cause:
            raise ExportError(f"“{name}” cannot be created: {disk_advice(cause)}") from cause
        try:
            self._sound = soundfile.SoundFile(self._file, "w", rate, channels, **options)
        except soundfile.SoundFileError as cause:
            self._file.close()
            path.unlink(missing_ok=True)
            raise ExportError(f"“{name}” cannot be encoded at {rate} Hz: choose another format.") from cause

    def append(self, block: NDArray[Any]) -> None:
        interleaved = np.ascontiguousarray(block.T)
        if self._wide:
            interleaved = interleaved << 8  # libsndfile takes the upper 24 bits
        try:
            for start in range(0, len(interleaved), _PIECE):
                self._sound.write(interleaved[start : start + _PIECE])
        except (soundfile.SoundFileError, AssertionError) as cause:
            raise self._failed(cause) from cause
        self._check()

    def close(self) -> None:
        if self._file.closed:
            return
        try:
            self._sound.close()
            self._check()
            os.fsync(self._file.fileno())
        except (soundfile.SoundFileError, OSError) as cause:
            raise self._failed(cause) from cause
        finally:
            self._file.close()

    def _check(self) -> None:
        if self._file.failure is not None:
            raise self._failed(self._file.failure) from self._file.failure

    def _failed(self, cause: Exception) -> ExportError:
        known = self._file.failure or (cause if isinstance(cause, OSError) else None)
        advice = disk_advice(known) if known is not None else "the encoder gave up; choose another format."
        return ExportError(f"“{self._name}” cannot be written: {advice}")


class _CarefulFile(io.FileIO):
    """A file whose failed writes are remembered, because an exception cannot pass through libsndfile."""

    failure: OSError | None = None

    def write(self, data: Any, /) -> int:
        view = memoryview(data)
        try:
            while view:
                view = view[super().write(view) :]
        except OSError as failure:
            self.failure = self.failure or failure
        return len(data) - len(view)


def _check(path: Path, format: str, bits: str, channels: int) -> None:
    if format not in get_args(Format):
        raise ExportError(f"“{path.name}”: {format} is no export format; choose wav, flac, mp3, ogg or opus.")
    if bits not in get_args(Bits):
        raise ExportError(f"“{path.name}”: {bits} is no bit depth; choose 16, 24 or 32f.")
    if bits == "32f" and format != "wav":
        raise ExportError(f"“{path.name}”: 32-bit float needs WAV; choose 16 or 24 bits for {format.upper()}.")
    if channels not in (1, 2):
        raise ExportError(f"“{path.name}”: {channels} channels cannot be exported; choose mono or stereo.")


def _rate(format: Format, rate: int) -> int:
    if format == "opus" or (format == "mp3" and rate not in _MP3_RATES):
        return 48_000
    return rate
