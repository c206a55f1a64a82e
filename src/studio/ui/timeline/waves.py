"""The waveforms of all media as small arrays of lowest and highest amplitudes, gathered for many pieces at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...engine.audio.peaks import BASE, PeakBuilder, Peaks

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.int8]
LowHigh = tuple[Bytes, Bytes]
FineBins = Callable[[str, int, int, int], LowHigh | None]
"""(media id, frames per bin, first bin, end bin) -> amplitudes read from the samples, None while they are not there."""
SamplesOf = Callable[[str, int, int], npt.NDArray[np.float32] | None]
"""(media id, first frame, end frame) -> float32 (channels, frames), None while they are not there."""

MANY, DENSE = 64, 32
"""More than `MANY` pieces, narrower than `DENSE` columns on average, are looked up in one array of all media; others
are cut out of their media one by one."""


@dataclass(frozen=True)
class Bins:
    """Amplitudes of several pieces one after the other, in bins of `size` frames.

    Bin b of piece i stands at `shift[i] + b`; only `least[i]` to `most[i]` exist. `pair_low` and `pair_high` are those
    of a bin together with its right neighbour.
    """

    size: int
    low: Bytes
    high: Bytes
    pair_low: Bytes
    pair_high: Bytes
    shift: Ints
    least: Ints
    most: Ints


@dataclass(frozen=True)
class _Arena:
    """One level of all media in a row: where each begins and how many bins it has."""

    version: int
    low: Bytes
    high: Bytes
    pair_low: Bytes
    pair_high: Bytes
    start: Ints
    count: Ints


_SILENCE = np.zeros(1, np.int8)
_SILENT: LowHigh = (_SILENCE, _SILENCE)


class Waves:
    """Peaks by media number. `peaks_of` gives those of a media id, None while they are being made. Main thread.

    Channels are drawn as one: the lowest and highest of all of them.
    """

    def __init__(
        self, peaks_of: Callable[[str], Peaks | PeakBuilder | None], fine: FineBins, samples: SamplesOf
    ) -> None:
        self._peaks_of, self._fine, self._samples = peaks_of, fine, samples
        self._numbers: dict[str, int] = {}
        self._ids: list[str] = []
        self._levels: dict[tuple[int, int], LowHigh] = {}
        self._arenas: dict[int, _Arena] = {}
        self._version = 0
        self._growing: set[str] = set()

    def index(self, media_id: str) -> int:
        """The number of a media."""
        number = self._numbers.get(media_id)
        if number is None:
            number = self._numbers[media_id] = len(self._ids)
            self._ids.append(media_id)
            self._version += 1
        return number

    def media_id(self, number: int) -> str:
        """The media with a number."""
        return self._ids[number]

    def forget(self, media_id: str) -> None:
        """Reads the peaks of a media anew when they are next needed."""
        number = self._numbers.get(media_id, -1)
        self._levels = {key: value for key, value in self._levels.items() if key[0] != number}
        self._version += 1

    def samples(self, number: int, first: int, last: int) -> npt.NDArray[np.float32] | None:
        """The samples of a media from frame `first` to `last`: float32 (channels, frames); None until they are read."""
        return self._samples(self._ids[number], first, last)

    def grow(self, media_id: str) -> None:
        """A media is being recorded: its peaks are read anew every time."""
        self._growing.add(media_id)
        self._version += 1

    def bins(self, media: Ints, first: Floats, last: Floats, per_column: float) -> Bins:
        """Amplitudes for pieces of `media` numbers from media frame `first` to `last`, for columns of `per_column`
        frames: at most three bins touch a column, unless the peaks are coarser than that."""
        dense = len(media) > MANY and float((last - first).sum()) < len(media) * DENSE * per_column
        if per_column < BASE:
            return self._cut(media, first, last, 1 << max(int(per_column), 1).bit_length() - 1)
        size = BASE << min((int(per_column) // BASE).bit_length() - 1, 15)
        return self._looked_up(media, size) if dense else self._cut(media, first, last, size)

    def _cut(self, media: Ints, first: Floats, last: Floats, size: int) -> Bins:
        lows, highs, shifts, leasts, mosts, at = [], [], [], [], [], 0
        wanted = zip(media.tolist(), (first // size).tolist(), (last // size).tolist(), strict=True)
        for number, begin, end in wanted:
            low, high, least = self._part(number, size, int(begin), int(end) + 2)
            lows.append(low)
            highs.append(high)
            leasts.append(least)
            mosts.append(least + len(low) - 1)
            shifts.append(at - least)
            at += len(low)
        low, high = np.concatenate(lows), np.concatenate(highs)
        pairs = _pairs(low, high)
        return Bins(size, low, high, *pairs, np.array(shifts), np.array(leasts), np.array(mosts))

    def _part(self, number: int, size: int, begin: int, end: int) -> tuple[Bytes, Bytes, int]:
        """Bins `begin` to `end` of a media as far as they exist (at least one), and the number of the first."""
        if size < BASE:
            begin = max(begin, 0)
            fine = self._fine(self._ids[number], size, begin, max(end, begin + 1))
            if fine is not None and len(fine[0]):
                return *fine, begin
            times = BASE // size
            low, high, least = self._part(number, BASE, begin // times, -(-end // times) + 1)
            return np.repeat(low, times), np.repeat(high, times), least * times
        if self._ids[number] in self._growing and (peaks := self._peaks_of(self._ids[number])) is not None:
            return _growing_part(peaks, size, max(begin, 0), max(end, 1))
        low, high = self._level(number, size)
        begin = min(max(begin, 0), len(low) - 1)
        end = max(end, begin + 1)
        return low[begin:end], high[begin:end], begin

    def _level(self, number: int, size: int) -> LowHigh:
        known = self._levels.get((number, size))
        if known is not None:
            return known
        if self._ids[number] in self._growing and (growing := self._peaks_of(self._ids[number])) is not None:
            low, high, _ = _growing_part(growing, size, 0, -(-growing.frames // size))
            return low, high
        peaks = self._peaks_of(self._ids[number])
        if peaks is None:
            return _SILENT
        made = merged(peaks, size)
        if isinstance(peaks, Peaks):
            self._levels[number, size] = made
        return made

    def _looked_up(self, media: Ints, size: int) -> Bins:
        arena = self._arenas.get(size)
        if arena is None or arena.version != self._version:
            arena = self._arenas[size] = self._arena(size)
        least = np.zeros(len(media), np.int64)
        shift, most = arena.start[media], arena.count[media] - 1
        return Bins(size, arena.low, arena.high, arena.pair_low, arena.pair_high, shift, least, most)

    def _arena(self, size: int) -> _Arena:
        parts = [self._level(number, size) for number in range(len(self._ids))]
        count = np.array([len(low) for low, _ in parts], np.int64)
        low = np.concatenate([low for low, _ in parts])
        high = np.concatenate([high for _, high in parts])
        return _Arena(self._version, low, high, *_pairs(low, high), np.cumsum(count) - count, count)


def merged(peaks: Peaks | PeakBuilder, size: int) -> LowHigh:
    """The lowest and highest amplitudes of all channels in bins of `size` frames: int8 each, at least one bin."""
    values, width = peaks.level(size)
    if not values.shape[1]:
        return _SILENT
    low = np.ascontiguousarray(values[:, :, 0].min(axis=0))
    high = np.ascontiguousarray(values[:, :, 1].max(axis=0))
    if width < size:  # a medium so short that its pyramid ends earlier: one column holds it all
        return low.min(keepdims=True), high.max(keepdims=True)
    return low, high


def _growing_part(peaks: Peaks | PeakBuilder, size: int, begin: int, end: int) -> tuple[Bytes, Bytes, int]:
    """Bins of a recording that goes on, the one that is still filling among them."""
    found = peaks.columns(begin * size, end * size, size)
    if not found.values.shape[1] or found.frames_per_column != size:
        return *_SILENT, begin
    return found.values[:, :, 0].min(axis=0), found.values[:, :, 1].max(axis=0), found.start // size


def _pairs(low: Bytes, high: Bytes) -> LowHigh:
    """Each bin together with its right neighbour."""
    pair_low, pair_high = low.copy(), high.copy()
    np.minimum(low[:-1], low[1:], out=pair_low[:-1])
    np.maximum(high[:-1], high[1:], out=pair_high[:-1])
    return pair_low, pair_high
