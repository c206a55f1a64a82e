"""A recording in progress: its files, their growing peaks, and what came of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import SimpleQueue

import msgspec
import numpy as np
import numpy.typing as npt

from ...errors import StudioError
from .peaks import PeakBuilder
from .riff import Bext
from .songmap import Epoch, Piece
from .wavefile import RecordingFile

Floats = npt.NDArray[np.float32]

MOST_WAITING = 60.0
"""Seconds of sound that may wait for a disk that stands still."""


class ArmedTrack(msgspec.Struct, frozen=True):
    """A track to record: from which input channels (0-based), into which new file."""

    track: str
    channels: tuple[int, ...]
    path: Path
    bext: Bext | None = None


class Pass(msgspec.Struct, frozen=True):
    """`length` frames of the file from frame `media` on belong to the song from frame `song` on.

    `number` counts the rounds of a loop from 0. A pass in which the output ran dry has several entries of its number.
    """

    number: int
    media: int
    song: int
    length: int


class RecordedTrack(msgspec.Struct, frozen=True):
    """What was recorded on a track. `dropouts` are the frames of the file at which sound was lost."""

    track: str
    path: Path
    frames: int
    channels: int
    passes: tuple[Pass, ...]
    dropouts: tuple[int, ...]


class Recording:
    """One recording of one or more tracks. The main thread makes it and polls `done`, `frames`, `error`, `peaks`.

    Its own thread opens the files and writes to them, so that a slow disk delays nobody; the capture thread feeds it.
    A failure of the disk ends it, and what was written stays.
    """

    def __init__(self, tracks: tuple[ArmedTrack, ...], rate: int, armed: Callable[[Recording], None]) -> None:
        self.tracks, self.rate = tracks, rate
        self.peaks: Mapping[str, PeakBuilder] = {armed.track: PeakBuilder(len(armed.channels)) for armed in tracks}
        self.run = -1
        """The number of the playback it belongs to; set by the render thread, as are the next two."""
        self.begin = 0
        """The output frame from which on it wants to record."""
        self.until: int | None = None
        """The output frame at which it ends although playback goes on."""
        self.frames = 0
        self.error = ""
        self.done = False
        self.results: tuple[RecordedTrack, ...] = ()
        self._armed = armed
        self._blocks: SimpleQueue[Floats | None] = SimpleQueue()
        self._passes: tuple[Pass, ...] = ()
        self._dropouts: tuple[int, ...] = ()
        self._thread = threading.Thread(target=self._write, name="take", daemon=True)

    def start(self) -> None:
        """Open the files and then call `armed`, both on the recording's own thread."""
        self._thread.start()

    def feed(self, block: Floats) -> None:
        """Append what came in: float32 (frames, input channels). Capture thread; never blocks."""
        if self.error:
            return
        if self._blocks.qsize() * len(block) > MOST_WAITING * self.rate:
            self.error = "The disk is too slow to record to: choose another folder or fewer tracks."
            return
        for armed in self.tracks:
            self.peaks[armed.track].append(block[:, armed.channels].T)
        self.frames += len(block)
        self._blocks.put(block)

    def finish(self, passes: tuple[Pass, ...], dropouts: tuple[int, ...]) -> None:
        """Nothing more comes: close the files. Capture thread; never blocks."""
        self._passes, self._dropouts = passes, dropouts
        self._blocks.put(None)

    def wait(self, seconds: float) -> bool:
        """Wait until the files are closed; whether they are. Never on the main thread."""
        self._thread.join(seconds)
        return self.done

    def _write(self) -> None:
        files: list[RecordingFile] = []
        try:
            files.extend(RecordingFile(one.path, self.rate, len(one.channels), one.bext) for one in self.tracks)
            self._armed(self)
            self._take(files)
        except StudioError as error:
            self.error = str(error)
            while self._blocks.get() is not None:
                pass
        self._close(files)
        self.done = True

    def _take(self, files: list[RecordingFile]) -> None:
        stale = 0
        while (block := self._blocks.get()) is not None:
            for armed, file in zip(self.tracks, files, strict=True):
                file.append(block[:, armed.channels].T)
            stale += len(block)
            if stale >= self.rate // 2:
                stale = 0
                for file in files:
                    file.flush_header(sync=self._blocks.empty())

    def _close(self, files: list[RecordingFile]) -> None:
        done = []
        for armed, file in zip(self.tracks, files, strict=False):
            try:
                file.close()
            except StudioError as error:
                self.error = self.error or str(error)
            if file.frames == 0:
                file.discard()
                continue
            kept = tuple(clipped(self._passes, file.frames))
            lost = tuple(frame for frame in self._dropouts if frame < file.frames)
            done.append(RecordedTrack(armed.track, file.path, file.frames, file.channels, kept, lost))
        self.results = tuple(done)


def clipped(passes: tuple[Pass, ...], frames: int) -> list[Pass]:
    """The part of passes that lies within the first `frames` frames of the file."""
    return [
        Pass(one.number, one.media, one.song, min(one.length, frames - one.media))
        for one in passes
        if one.media < frames
    ]


def passes_of(found: list[Piece], first: int, latency: int, pace: float = 1.0) -> tuple[Pass, ...]:
    """Passes out of pieces, for a file whose frame 0 is input frame `first`, `latency` frames late.

    `pace` is how many frames of the song one frame of what was played is.
    """
    return tuple(
        Pass(piece.lap - found[0].lap, piece.input + latency - first, round(piece.song * pace), piece.length)
        for piece in found
    )


def losses(epochs: tuple[Epoch, ...], start: int, end: int) -> list[int]:
    """The input frames at which the counts jumped between the output frames `start` and `end`."""
    return [epoch.output + epoch.offset for epoch in epochs if start < epoch.output < end]
