"""Which frame of the song sounds at which frame of the output, and which frame of the input belongs to it.

The output counts frames from the start of its stream, whatever the transport does. A `SongMap` lists where in that
count each stretch of the song begins; `Epoch`s list how far the input's count is from the output's, which changes when
the output runs dry or the input overflows. Both are immutable: the render thread replaces them, any thread reads them.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from operator import attrgetter

import msgspec
import numpy as np
import numpy.typing as npt

KEPT = 4096
"""Stretches that are remembered while nothing is recorded."""


class Stretch(msgspec.Struct, frozen=True, gc=False):
    """From output frame `output` on, the song sounds from frame `song`; it stands there while not `playing`.

    `run` counts playbacks, `lap` the rounds of a loop within one. `counting_in` is set while only the count-in sounds.
    """

    output: int
    song: int
    playing: bool
    run: int = 0
    lap: int = 0
    counting_in: bool = False

    def song_at(self, output: int) -> int:
        """The song frame at an output frame of this stretch."""
        return self.song + (output - self.output) * self.playing


class Epoch(msgspec.Struct, frozen=True, gc=False):
    """From output frame `output` on, input frame = output frame + `offset`: both counted since the stream began."""

    output: int
    offset: int


class Piece(msgspec.Struct, frozen=True, gc=False):
    """`length` frames of input from frame `input` on were played to by the song from frame `song` on."""

    input: int
    song: int
    length: int
    lap: int


class SongMap(msgspec.Struct, frozen=True):
    """The stretches of a stream in order of their output frame; there is always one."""

    stretches: tuple[Stretch, ...] = (Stretch(0, 0, False),)

    def at(self, output: int) -> Stretch:
        """The stretch that an output frame belongs to."""
        index = bisect_right(self.stretches, output, key=attrgetter("output")) - 1
        return self.stretches[max(index, 0)]

    def song(self, output: int) -> int:
        """The song frame that sounds at an output frame."""
        return self.at(output).song_at(output)

    def then(self, stretch: Stretch) -> SongMap:
        """This map with `stretch` from its output frame on, and nothing of what was planned after it."""
        kept = tuple(old for old in self.stretches[-KEPT:] if old.output < stretch.output)
        return SongMap((*kept, stretch))


def pieces(song_map: SongMap, epochs: tuple[Epoch, ...], run: int, start: int, end: int) -> list[Piece]:
    """What of the input from output frame `start` to `end` was played to by playback number `run`, in order.

    A piece ends where the song jumps (a loop's end) and where the input's count jumps (a drop-out).
    """
    borders = {s.output for s in song_map.stretches} | {e.output for e in epochs} | {start, end}
    edges = sorted(border for border in borders if start <= border <= end)
    found: list[Piece] = []
    for left, right in pairwise(edges):
        stretch, epoch = song_map.at(left), epoch_at(epochs, left)
        if epoch is not None and stretch.playing and stretch.run == run:
            found.append(Piece(left + epoch.offset, stretch.song_at(left), right - left, stretch.lap))
    return _joined(found)


def song_frames(
    song_map: SongMap, epochs: tuple[Epoch, ...], latency: int, inputs: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """The song frame to which each input frame was sung: NaN where the song stood, counted in or had run dry.

    `inputs` is int64 and may count anew where a stream was opened again: what came before that is NaN. Input is heard
    `latency` frames after the output that it belongs to.
    """
    found = np.full(len(inputs), np.nan)
    if not len(inputs) or not epochs:
        return found
    anew = np.flatnonzero(np.diff(inputs) < 0)
    first = int(anew[-1]) + 1 if len(anew) else 0
    asked = inputs[first:]
    offsets = np.array([epoch.offset for epoch in epochs], np.int64)
    begins = np.array([epoch.output for epoch in epochs], np.int64)
    which = np.searchsorted(begins + offsets + latency, asked, side="right") - 1
    outputs = asked - offsets[which] - latency
    beyond = np.append(begins[1:], np.iinfo(np.int64).max)[which]
    known = (which >= 0) & (outputs < beyond)
    found[first:][known] = _songs_at(song_map, outputs[known])
    return found


def _songs_at(song_map: SongMap, outputs: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """The song frames at output frames, NaN where it stands."""
    if not len(outputs):
        return np.zeros(0)
    needed = bisect_right(song_map.stretches, int(outputs.min()), key=attrgetter("output")) - 1
    stretches = song_map.stretches[max(needed, 0) :]
    at = np.searchsorted(np.array([s.output for s in stretches], np.int64), outputs, side="right") - 1
    songs = np.array([s.song - s.output if s.playing and not s.counting_in else np.nan for s in stretches], np.float64)
    return np.where(at >= 0, songs[at] + outputs, np.nan)


def epoch_at(epochs: tuple[Epoch, ...], output: int) -> Epoch | None:
    """The epoch an output frame belongs to; None before the first."""
    index = bisect_right(epochs, output, key=attrgetter("output")) - 1
    return epochs[index] if index >= 0 else None


def _joined(found: list[Piece]) -> list[Piece]:
    joined: list[Piece] = []
    for piece in found:
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.lap == piece.lap
            and last.input + last.length == piece.input
            and last.song + last.length == piece.song
        ):
            joined[-1] = Piece(last.input, last.song, last.length + piece.length, last.lap)
        else:
            joined.append(piece)
    return joined
