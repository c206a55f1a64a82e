"""The render plan: what is to sound, as data. Compiled off the main thread, read by others, never changed."""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from ...document.instruments import Instrument
from ...document.project import Clip, Insert, Media
from ...document.time import TempoPoint
from .fades import EQUAL_POWER, Floats, Ramp
from .samples import Sample
from .score import SILENT_SCORE, Score

StripKind = Literal["audio", "instrument", "bus", "master"]
Integers = npt.NDArray[np.int64]

MASTER = "master"


class PlanMedia(msgspec.Struct, frozen=True):
    """A file to sound. `path` is empty while the file is missing: it is silence then. `frames` bounds what is read."""

    id: str
    path: str
    frames: int
    channels: int


class Segment:
    """`media` from frame `source`, sounding in the song frames `start` to `end`, times `gain` and its `ramps`."""

    __slots__ = ("end", "gain", "media", "ramps", "source", "start")

    def __init__(
        self, start: int, end: int, source: int, media: PlanMedia, gain: np.float32, ramps: tuple[Ramp, ...]
    ) -> None:
        self.start, self.end, self.source = start, end, source
        self.media, self.gain, self.ramps = media, gain, ramps

    def shaped(self, first: int, last: int) -> bool:
        """Whether a fade lies within the song frames `first` to `last`."""
        return any(ramp.start < last and ramp.end > first for ramp in self.ramps)

    def envelope(self, first: int, last: int) -> Floats | None:
        """The gain at each song frame `first` to `last` inside the segment, None where it is `gain` throughout."""
        total: npt.NDArray[np.float64] | None = None
        for ramp in self.ramps:
            begin, stop = max(first, ramp.start), min(last, ramp.end)
            if begin < stop:
                if total is None:
                    total = np.ones(last - first)
                total[begin - first : stop - first] *= ramp.gains(begin, stop)
        return None if total is None else total.astype(np.float32) * self.gain


class SegmentTable(msgspec.Struct, frozen=True, eq=False):
    """All segments of a strip as columns, sorted by `start`. Every array has one entry a segment.

    `latest` is the running maximum of `end`. `rise`/`fall` are the clip's own fades, which start at song frame
    `rise_at` and end at `fall_end`; `cross_in`/`cross_out`, from `cross_in_at` and up to `cross_out_end`, those
    at the segment's edges: crossfades of a comp, or the short fade where sound is cut (`soft_in`/`soft_out` tell
    which), which may reach over a seam into very short pieces. `which` points into `media`.
    """

    media: tuple[PlanMedia, ...]
    start: Integers
    end: Integers
    latest: Integers
    source: Integers
    which: Integers
    gain: Floats
    rise_at: Integers
    rise: Integers
    fall_end: Integers
    fall: Integers
    shape: Integers
    cross_in: Integers
    cross_out: Integers
    cross_in_at: Integers
    cross_out_end: Integers
    soft_in: npt.NDArray[np.bool_]
    soft_out: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.start)

    def rows(self, first: int, last: int) -> range:
        """The rows among which all segments lie that sound in the song frames `first` to `last`."""
        begin = int(np.searchsorted(self.latest, first, side="right"))
        return range(begin, max(begin, int(np.searchsorted(self.start, last, side="left"))))

    def between(self, first: int, last: int) -> list[Segment]:
        """The segments that sound in the song frames `first` to `last`, by start."""
        return [self.segment(row) for row in self.rows(first, last) if self.end[row] > first]

    def segment(self, row: int) -> Segment:
        """One segment."""
        start, end, shape = int(self.start[row]), int(self.end[row]), int(self.shape[row])
        rise, fall = int(self.rise[row]), int(self.fall[row])
        cross_in, cross_out = int(self.cross_in[row]), int(self.cross_out[row])
        ramps = (
            Ramp(int(self.rise_at[row]), rise, shape, True),
            Ramp(int(self.fall_end[row]) - fall, fall, shape, False),
            Ramp(int(self.cross_in_at[row]), cross_in, EQUAL_POWER * int(not self.soft_in[row]), True),
            Ramp(int(self.cross_out_end[row]) - cross_out, cross_out, EQUAL_POWER * int(not self.soft_out[row]), False),
        )
        kept = tuple(ramp for ramp in ramps if ramp.length and ramp.start < end and ramp.end > start)
        return Segment(start, end, int(self.source[row]), self.media[self.which[row]], self.gain[row], kept)


class SendPlan(msgspec.Struct, frozen=True):
    """A feed from a strip to the bus with id `bus`."""

    id: str
    bus: str
    gain: float
    pre_fader: bool


class Origin(msgspec.Struct, frozen=True, eq=False):
    """What a strip's segments were compiled from, kept so that the next compilation can use them again.

    `columns` (rows, 12) and `gains` (rows) are the clips before their ticks became frames; `first` (clips + 1) is the
    row at which each clip begins.
    """

    clips: tuple[Clip, ...]
    media: tuple[PlanMedia, ...]
    columns: Integers
    gains: npt.NDArray[np.float64]
    first: Integers


class StripPlan(msgspec.Struct, frozen=True, eq=False):
    """A strip: its segments, or its instrument and score, the effects they run through, its fader and its sends.

    `mono`: all its segments are mono, so it is panned with constant power; else pan is a balance. `samples` are the
    sounds that the zones of its instrument play, `sound` the `sound_key` of the two.
    """

    id: str
    kind: StripKind
    gain: float
    pan: float
    mute: bool
    solo: bool
    mono: bool
    inserts: tuple[Insert, ...]
    sends: tuple[SendPlan, ...]
    segments: SegmentTable
    origin: Origin
    instrument: Instrument | None = None
    score: Score = SILENT_SCORE
    samples: tuple[Sample, ...] = ()
    sound: str = ""


def sound_key(instrument: Instrument, samples: tuple[Sample, ...]) -> str:
    """What two instruments share that can take each other's parameters: the kind, of plug-ins the name, the zones."""
    kind = f"plugin/{instrument.preset}" if instrument.kind == "plugin" else instrument.kind
    if not instrument.zones:
        return kind
    return f"{kind}/{hashlib.sha1(msgspec.msgpack.encode((instrument.zones, samples))).hexdigest()}"


class RenderPlan(msgspec.Struct, frozen=True, eq=False):
    """A song to render. `strips` are in the order in which they can be computed: a bus follows all that feed it.

    `end` is the frame after the last clip. `notices` are sentences about what could not be taken over. `tempo` and
    `media` are those of the project compiled.
    """

    rate: int
    strips: tuple[StripPlan, ...]
    master: StripPlan
    end: int
    notices: tuple[str, ...]
    tempo: tuple[TempoPoint, ...]
    media: tuple[Media, ...]

    @property
    def exact(self) -> bool:
        """Whether the mix is the sum of the strips times their gains: no effect works on a bus or on the master."""
        return not any(strip.inserts for strip in (*self.strips, self.master) if strip.kind != "audio")
