"""Read any sound file: describe it, stream it as float32, turn it into a file the player reads directly.

libsndfile reads PCM-like files, FLAC and Ogg; FFmpeg reads all else, MP3 among it because it skips encoder delay,
survives broken frames and keeps quiet on stderr. Playable files are described by `playable_layout`.
"""

from __future__ import annotations

import contextlib
import os
import stat
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np
import soundfile
import soxr

from .mixdown import to_stereo
from .riff import (
    MAX_RATE,
    MIN_RATE,
    Bext,
    DecodeError,
    Float32,
    PlayableLayout,
    is_playable,
    playable_layout,
)
from .wavefile import RecordingFile, disk_advice

__all__ = [
    "AudioInfo",
    "ConvertedAudio",
    "DecodeCancelled",
    "DecodeError",
    "DecodeReport",
    "PlayableLayout",
    "convert",
    "decode_blocks",
    "is_playable",
    "playable_layout",
    "probe",
]

MAX_CHANNELS = 64
BLOCK = 65_536
_BITS = {"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "FLOAT": 32, "DOUBLE": 64}


class DecodeCancelled(DecodeError):
    """The caller asked to stop; nothing is left behind."""


class AudioInfo(msgspec.Struct, frozen=True):
    """What a sound file says about itself."""

    rate: int
    channels: int
    frames: int
    frames_estimated: bool
    """True when `frames` comes from a duration or is unknown (0); decoding tells the truth."""
    format: str
    """The container: WAV, FLAC, mp3, mov ..."""
    subtype: str
    """The coding of the samples: PCM_16, VORBIS, aac ..."""
    bits: int
    """Bits per sample, 0 where the coding has none."""
    layout: tuple[str, ...] = ()
    """Channel names FL FR FC LFE BL BR SL SR ... when the file says; mono and stereo may stay empty."""
    title: str = ""
    artist: str = ""
    album: str = ""
    date: str = ""
    comment: str = ""
    through_ffmpeg: bool = False


class DecodeReport:
    """What decoding had to mend: filled while `decode_blocks` runs."""

    def __init__(self) -> None:
        self.replaced = 0
        """Samples that were not finite and became 0."""
        self.damaged = 0
        """Packets that could not be decoded and were left out."""


class ConvertedAudio(msgspec.Struct, frozen=True):
    """The float32 WAV that `convert` wrote. `peak` is the largest magnitude, full scale 1.0."""

    frames: int
    channels: int
    rate: int
    peak: float
    replaced: int
    damaged: int


def probe(path: Path) -> AudioInfo:
    """Describe `path` from its headers. Any thread but the render thread; raises DecodeError."""
    if _for_soundfile(path):
        try:
            info = _probe_soundfile(path)
        except soundfile.SoundFileError:
            info = _probe_ffmpeg(path)  # libsndfile knows the container but not this coding
        else:
            if info.channels > 2:
                info = _with_layout(path, info)
    else:
        info = _probe_ffmpeg(path)
    if not MIN_RATE <= info.rate <= MAX_RATE:
        raise DecodeError(f"“{path.name}” claims a rate of {info.rate} Hz, which is not one of sound.")
    if info.channels > MAX_CHANNELS:
        raise DecodeError(f"“{path.name}” has {info.channels} channels; at most {MAX_CHANNELS} can be read.")
    if info.frames == 0 and not info.frames_estimated:
        raise DecodeError(f"“{path.name}” contains no sound.")
    return info


def decode_blocks(path: Path, *, block: int = BLOCK, report: DecodeReport | None = None) -> Iterator[Float32]:
    """Stream `path` as float32 (channels, frames <= block), at its own rate and channel count as `probe` says.

    Never holds more than a few blocks. Damaged parts are left out and counted in `report`; samples that are not
    finite become 0. Raises DecodeError when the file cannot be read, holds no sound, or is mostly damaged.
    """
    report = report or DecodeReport()
    info = probe(path)
    frames = blocks = 0
    for piece in _pieces(path, info, block):
        if piece is None:
            report.damaged += 1
            continue
        frames, blocks = frames + piece.shape[1], blocks + 1
        yield _finite(piece, report)
    if frames == 0:
        raise DecodeError(f"“{path.name}” contains no sound.")
    if _mostly_lost(info, frames, report.damaged):
        raise DecodeError(f"“{path.name}” is too damaged to be used.")


def _mostly_lost(info: AudioInfo, frames: int, damaged: int) -> bool:
    """More packets lost than kept (each taken as 1,152 frames), or under a tenth of a known length decoded."""
    claimed = 0 if info.frames_estimated else info.frames
    return damaged > max(8, frames // 1_152) or (damaged > 0 and frames * 10 < claimed)


def convert(
    path: Path,
    out: Path,
    *,
    rate: int,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> ConvertedAudio:
    """Decode `path` into `out`, a mono or stereo float32 WAV at `rate`; `out` appears whole or not at all.

    Resampled by soxr at its best quality, with its delay removed. More than two channels are mixed to stereo by
    ITU-R BS.775 (centre and surrounds at -3 dB, LFE left out), not scaled down: float keeps what passes full scale.
    Written under a temporary name beside `out`, synced, renamed. `progress` gets 0..1; `cancelled` is asked once a
    block and may raise as well. Raises DecodeError, DecodeCancelled, RecordingError (disk full). I/O pool.
    """
    info = probe(path)
    report = DecodeReport()
    bext = Bext(description=path.name)
    writer = RecordingFile(_temporary(out), rate, min(2, info.channels), bext, title=out.name)
    try:
        peak = 0.0
        for piece in _resampled(_mixed(path, info, report, progress, cancelled), info, rate):
            writer.append(piece)
            peak = max(peak, float(np.abs(piece).max(initial=0.0)))
        writer.close()
        _publish(writer.path, out)
    except BaseException:
        writer.discard()
        raise
    return ConvertedAudio(writer.frames, writer.channels, rate, peak, report.replaced, report.damaged)


def decode_at(path: Path, rate: int) -> Float32:
    """All of `path` as float32 (1 or 2, frames) at `rate`, made as `convert` makes it. Raises DecodeError."""
    info = probe(path)
    pieces = list(_resampled(_mixed(path, info, DecodeReport(), None, None), info, rate))
    return np.ascontiguousarray(np.concatenate(pieces, axis=1), np.float32)


def _for_soundfile(path: Path) -> bool:
    """Whether libsndfile should be tried: known by content, because its guesses at the rest are noisy or wrong."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a named pipe would be waited for
            raise DecodeError(f"“{path.name}” is not a file.")
        with path.open("rb") as file:
            head = file.read(12)
    except OSError as cause:
        raise DecodeError(f"“{path.name}” cannot be opened: {cause.strerror or cause}.") from cause
    if not head:
        raise DecodeError(f"“{path.name}” is empty.")
    wave = head[:4] in {b"RIFF", b"RIFX", b"RF64"} and head[8:12] == b"WAVE"
    aiff = head[:4] == b"FORM" and head[8:12] in {b"AIFF", b"AIFC"}
    other = head[:4] in {b"fLaC", b"OggS", b"caff", b".snd"} or head[:8] == b"riff\x2e\x91\xcf\x11"
    return wave or aiff or other or _free_format_mp3(head)


def _free_format_mp3(head: bytes) -> bool:
    """MP3 without a stated bit rate (layer III, rate index 0), which FFmpeg does not read."""
    return len(head) > 2 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2 and head[2] & 0xF0 == 0


@contextlib.contextmanager
def _sound_file(path: Path) -> Iterator[soundfile.SoundFile]:
    """libsndfile on `path`. It gets no name where that can be: it would take the ending for the format."""
    if os.name == "nt":
        with soundfile.SoundFile(os.fspath(path)) as sound:
            yield sound
        return
    with path.open("rb", buffering=0) as file, soundfile.SoundFile(file.fileno(), closefd=False) as sound:
        yield sound


def _probe_soundfile(path: Path) -> AudioInfo:
    with _sound_file(path) as file:
        tags = file.copy_metadata()
        texts = {name: tags.get(name, "") for name in ("title", "artist", "album", "date", "comment")}
        bits = _BITS.get(file.subtype, 0)
        return AudioInfo(file.samplerate, file.channels, file.frames, False, file.format, file.subtype, bits, **texts)


def _probe_ffmpeg(path: Path) -> AudioInfo:
    from . import ffmpeg  # when a file first needs it: PyAV takes a twentieth of a second to import

    found = ffmpeg.info(path)
    texts = {name: found.tags.get(name, "") for name in ("title", "artist", "album", "date", "comment")}
    return AudioInfo(
        rate=found.rate,
        channels=found.channels,
        frames=found.frames,
        frames_estimated=True,
        format=found.container,
        subtype=found.codec,
        bits=found.bits if found.codec.startswith(("pcm", "flac", "alac")) else 0,
        layout=found.layout,
        through_ffmpeg=True,
        **texts,
    )


def _with_layout(path: Path, info: AudioInfo) -> AudioInfo:
    """FFmpeg knows which channel is which; libsndfile does not say."""
    try:
        return _probe_ffmpeg(path)
    except DecodeError:
        return info


def _pieces(path: Path, info: AudioInfo, block: int) -> Iterator[Float32 | None]:
    """Samples, with None for each damaged packet. A file on which libsndfile gives up is finished by FFmpeg."""
    done = 0
    if not info.through_ffmpeg:
        try:
            with _sound_file(path) as file:
                while len(samples := file.read(block, dtype="float32", always_2d=True)):
                    done += len(samples)
                    yield samples.T
            return
        except soundfile.SoundFileError:
            yield None
    from . import ffmpeg

    for piece in ffmpeg.blocks(path, info.rate, info.channels, block):
        skipped = min(done, 0 if piece is None else piece.shape[1])
        done -= skipped
        if piece is None or skipped < piece.shape[1]:
            yield piece if piece is None else piece[:, skipped:]


def _finite(piece: Float32, report: DecodeReport) -> Float32:
    piece = np.ascontiguousarray(piece)
    finite = np.isfinite(piece)
    if not finite.all():
        report.replaced += int(piece.size - np.count_nonzero(finite))
        piece = np.where(finite, piece, np.float32(0.0))
    return piece


def _mixed(
    path: Path,
    info: AudioInfo,
    report: DecodeReport,
    progress: Callable[[float], None] | None,
    cancelled: Callable[[], bool] | None,
) -> Iterator[Float32]:
    done = 0
    for piece in decode_blocks(path, report=report):
        if cancelled is not None and cancelled():
            raise DecodeCancelled(f"Converting “{path.name}” was cancelled.")
        done += piece.shape[1]
        if progress is not None and info.frames:
            progress(min(1.0, done / info.frames))
        yield to_stereo(piece, info.layout) if info.channels > 2 else piece


def _resampled(pieces: Iterator[Float32], info: AudioInfo, rate: int) -> Iterator[Float32]:
    if info.rate == rate:
        yield from pieces
        return
    channels = min(2, info.channels)
    stream = soxr.ResampleStream(info.rate, rate, channels, dtype="float32", quality="VHQ")
    for piece in pieces:
        yield stream.resample_chunk(np.ascontiguousarray(piece.T)).T
    yield stream.resample_chunk(np.empty((0, channels), np.float32), last=True).T


def _temporary(out: Path) -> Path:
    return out.with_name(f".{uuid.uuid4().hex[:12]}.part")


def _publish(temporary: Path, out: Path) -> None:
    try:
        temporary.replace(out)
        sync_folder(out.parent)
    except OSError as cause:
        raise DecodeError(f"“{out.name}” cannot be written: {disk_advice(cause)}") from cause


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut. Windows has no such call and does without."""
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
