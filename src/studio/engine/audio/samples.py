"""Stretches of sound files held in memory: for the sampler, and for what listens to a whole clip."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from weakref import WeakValueDictionary

import msgspec
import numpy as np

from ...document.instruments import Zone
from ...errors import StudioError
from .fades import DECLICK, Floats
from .pagefile import PAGE, PageFile

MARGIN = 8
"""Frames kept on both sides of a stretch, for what is read between them."""

MAX_SECONDS, MAX_TOTAL_SECONDS = 60, 600
"""The longest zone, and the most that the zones of an instrument hold together: 230 MB at 48 kHz."""

_HALF_POWER = np.float32(math.sqrt(0.5))


class Sample(msgspec.Struct, frozen=True):
    """A sound that zones play: its media's id and name, its playable file (empty while that is missing), its length."""

    id: str
    name: str
    path: str
    frames: int


class Stretch(msgspec.Struct, frozen=True):
    """Where a zone lies in a pool: its first frame and its length. `cut_in` and `cut_out`: its media goes on there.

    Where it is cut out, the DECLICK frames after its end are there as well.
    """

    first: int
    length: int
    cut_in: bool
    cut_out: bool

    @property
    def end(self) -> int:
        """The frame after the last that can be heard, from the stretch's first on."""
        return self.length + DECLICK * self.cut_out


class Pool:
    """The sounds of zones, side by side in one array: float32 (2, frames), full scale 1.0, never written to.

    Mono is there at constant power, as on the timeline. `stretches` has one entry a zone, None where it has no sound,
    and `notices` say why.
    """

    def __init__(self, zones: Sequence[Zone], samples: Mapping[str, Sample], rate: int) -> None:
        self.notices: list[str] = []
        self.stretches: list[Stretch | None] = []
        parts, at, left = [np.zeros((2, MARGIN), np.float32)], MARGIN, MAX_TOTAL_SECONDS * rate
        for zone in zones:
            sound, stretch = self._read(zone, samples.get(zone.media), rate, left, at)
            self.stretches.append(stretch)
            if stretch is not None:
                parts.append(sound)
                at, left = at + sound.shape[1], left - stretch.length
        self.sound: Floats = np.concatenate([*parts, np.zeros((2, MARGIN), np.float32)], axis=1)

    def _read(self, zone: Zone, sample: Sample | None, rate: int, left: int, at: int) -> tuple[Floats, Stretch | None]:
        """The sound of a zone with its margins, and where it lies when that begins at pool frame `at`."""
        nothing = np.zeros((2, 0), np.float32)
        if sample is None or not sample.path:
            self._say(f"“{sample.name if sample else zone.media}” is missing; the keys that play it are silent.")
            return nothing, None
        length = min(zone.length, sample.frames - zone.start)
        if length > MAX_SECONDS * rate:
            length = MAX_SECONDS * rate
            self._say(f"“{sample.name}” is longer than a minute; the sampler plays its first minute.")
        if not 0 < length <= left:
            too_much = "what the sampler holds is ten minutes already; use shorter sounds"
            self._say(f"“{sample.name}” is not played: {too_much if length > 0 else 'it is shorter than its zone'}.")
            return nothing, None
        try:
            sound = read_sample(Path(sample.path), rate, zone.start - MARGIN, length + DECLICK + 2 * MARGIN)
        except StudioError as error:
            self._say(str(error))
            return nothing, None
        pair = sound if sound.shape[0] == 2 else np.repeat(sound * _HALF_POWER, 2, axis=0)
        cut_out = zone.start + length < sample.frames
        return pair, Stretch(at + MARGIN, length, zone.start > 0, cut_out)

    def _say(self, notice: str) -> None:
        if notice not in self.notices:
            self.notices.append(notice)


_pools: WeakValueDictionary[tuple[object, ...], Pool] = WeakValueDictionary()


def pool_of(zones: Sequence[Zone], samples: Iterable[Sample], rate: int) -> Pool:
    """The pool of these zones; instruments that play the same share one. Not on the render thread: it reads files."""
    known = {sample.id: sample for sample in samples}
    key = (rate, *((zone.start, zone.length, known.get(zone.media), _stamp(known.get(zone.media))) for zone in zones))
    pool = _pools.get(key)
    if pool is None:
        pool = _pools[key] = Pool(zones, known, rate)
    return pool


def _stamp(sample: Sample | None) -> tuple[int, int]:
    """What changes when a file is replaced."""
    try:
        stat = Path(sample.path).stat() if sample is not None and sample.path else None
    except OSError:
        stat = None
    return (stat.st_size, stat.st_mtime_ns) if stat is not None else (0, 0)


def read_sample(path: Path, rate: int, start: int, length: int) -> Floats:
    """float32 (1 or 2, length): the frames of a playable file from `start` on; silence outside of it.

    Raises StudioError with the reason where it cannot be read, or is not at `rate`. Not on the render thread.
    """
    file = PageFile(str(path), rate)
    try:
        if file.notice:
            raise StudioError(file.notice)
        buffer = np.empty((2, PAGE), np.float32)
        first, last = max(start, 0), max(start + length, 0)
        pages = range(first // PAGE, -(-last // PAGE))
        sound = [file.read(number, buffer).copy() for number in pages]
    finally:
        file.close()
    whole = np.concatenate(sound, axis=1) if sound else np.zeros((1, 0), np.float32)
    part = whole[:, first % PAGE : first % PAGE + last - first]
    return np.pad(part, ((0, 0), (min(-min(start, 0), length), 0))) if start < 0 else np.ascontiguousarray(part)
