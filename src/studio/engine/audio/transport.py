"""The transport: what the render thread does next. It renders the song ahead of the device, and changes what waits.

Everything here belongs to the render thread, which neither opens files nor logs nor waits for another thread.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from .gainline import StereoGain
from .metronome import Clicks, Metronome
from .ringqueue import MASTER, RingQueue
from .songmap import SongMap, Stretch
from .stream import Stream

Floats = npt.NDArray[np.float32]
Tap = Callable[[int, Floats], None]

METRONOME = "metronome"
COUNT_IN = "count-in"
PROBE = "probe"
BLOCK = 1024
LEAD, SAFE_LEAD = 0.03, 0.15
"""Seconds between asking for a start and hearing it, in which the render thread gets ahead; the latter for a take."""

PATIENCE = 2.0
"""Seconds that a start waits for the first pages of its media: for so many frames that the ring has time to fill."""
FIRST = 8 * BLOCK


class Block(Protocol):
    """What a renderer returns: see `renderer.Rendered`."""

    @property
    def master(self) -> Floats: ...
    @property
    def strips(self) -> Mapping[str, Floats]: ...
    @property
    def gains(self) -> Mapping[str, StereoGain]: ...
    @property
    def peaks(self) -> Mapping[str, StereoGain]: ...


class Pages(Protocol):
    """Where a renderer gets its media: see `pages.PageReader`."""

    late: int
    notices: deque[str]


class Source(Protocol):
    """What is played: a renderer. All calls on the render thread."""

    ramp: int
    loop: tuple[int, int] | None
    ahead: tuple[int, ...]
    latency: int
    interlude: Callable[[], None] | None
    notices: deque[str]
    retired: deque[Any]

    @property
    def pages(self) -> Pages: ...
    def adopt(self, plan: Any, processors: Any) -> None: ...
    def reset(self, position: int) -> None: ...
    def ready(self, position: int, frames: int) -> bool: ...
    def render(self, position: int, frames: int) -> Block: ...
    def set_strip(self, strip: str, **parameters: Any) -> None: ...
    def gains(self) -> Mapping[str, StereoGain]: ...


class Metered(msgspec.Struct, frozen=True):
    """Peaks of the strips in the output frames from `start` to `end`."""

    start: int
    end: int
    peaks: Mapping[str, StereoGain]


class Snapshot(msgspec.Struct, frozen=True):
    """What the render thread publishes. `clock` is (time.perf_counter(), output frame heard then)."""

    playing: bool = False
    starting: bool = False
    running: bool = False
    song_map: SongMap = SongMap()
    clock: tuple[float, float] = (0.0, 0.0)
    burst: int = 0
    fill: int = 0
    size: int = 0
    load: float = 0.0
    lowest: int = 0
    late: int = 0
    meters: tuple[Metered, ...] = ()
    position: int = 0
    begun: int = 0
    run: int = 0
    pace: float = 1.0


class Transport:
    """Plays a source into a stream. `rate` is the project's; `depth` how far ahead it renders, in frames.

    Positions are frames of what is rendered: those of the song divided by `pace`, which is not 1 in a practice.
    """

    def __init__(self, source: Source, rate: int, stream: Stream) -> None:
        self.source, self.rate = source, rate
        self.rest_depth = self.depth = round(0.4 * rate)
        self.metronome = Metronome(rate)
        self.tap: Tap | None = None
        self.song_map = SongMap()
        self.playing = False
        self.position = 0
        self.run = 0
        self.late = 0
        self.load = 0.0
        self.lowest = 0
        self.pace = 1.0
        self._loop: tuple[int, int] | None = None
        self._lap = 0
        self._begun = 0
        self._starting = 0.0
        self._lead = 0
        self._count: tuple[int, Clicks] | None = None
        self._counted = 0
        self._exact = True
        self._full = False
        self._click_gain = 0.0
        self._meters: list[Metered] = []
        self.heard = (time.perf_counter(), 0.0)
        self._moved = 0
        self.use(stream)

    # -- the stream ----------------------------------------------------------------------------------------------

    def use(self, stream: Stream) -> None:
        """Play into another stream from now on; the transport stops."""
        self.stream = stream
        self.queue = RingQueue(stream.buffer, self.rate, (METRONOME, COUNT_IN, PROBE))
        self.queue.patch(METRONOME, (self._click_gain, self._click_gain), 0)
        self.queue.patch(COUNT_IN, (1.0, 1.0), 0)
        self.playing, self._starting = False, 0.0
        self.song_map = SongMap((Stretch(0, self.position, False, self.run),))
        self._meters.clear()
        self.heard, self._moved = (time.perf_counter(), 0.0), 0
        self.queue.rest(self.depth)
        stream.publish(self.queue.end)
        self.lowest = self.depth

    @property
    def guard(self) -> int:
        """How far ahead of what is taken the queue is left alone, in frames."""
        burst = self.stream.burst
        return max(round(0.01 * self.rate), burst + burst // 4 + round(0.004 * self.rate))

    def _edge(self) -> int:
        """The first output frame that may still be changed."""
        return self.stream.taken() + self.guard

    # -- what is asked -------------------------------------------------------------------------------------------

    def play(self, count: tuple[int, Clicks] | None = None, lead: float = LEAD) -> None:
        """Play from the position, `lead` seconds later, after a count-in of (frames, clicks) if one is given."""
        if not self.playing:
            self._lead = round(lead * self.rate)
            self._begin(self.position, count)

    def stop(self) -> None:
        """Fade out what waits; the position is where that happens."""
        if not self.playing:
            return
        edge = self._fade_out()
        self.position = self.song_map.song(edge)
        self.song_map = self.song_map.then(Stretch(edge, self.position, False, self.run))
        self.playing, self._starting, self._count = False, 0.0, None
        self.source.reset(self.position)

    def locate(self, position: int) -> None:
        """Go to a song frame; playback goes on from there."""
        if self.playing:
            edge = self._fade_out()
            self.song_map = self.song_map.then(Stretch(edge, position, False, self.run))
            self._lead = round(LEAD * self.rate)
            self._begin(position, None)
        else:
            self.position = position
            edge = self.stream.taken()
            self.song_map = self.song_map.then(Stretch(edge, position, False, self.run))
            self.source.reset(position)

    def set_loop(self, start: int, end: int, on: bool) -> None:
        """Go round from `end` to `start` while `on`. What waits is rendered anew if it went another way."""
        loop = (start, end) if on and end > start else None
        if loop == self._loop:
            return
        before, self._loop = self._loop, loop
        self.source.loop, self.source.ahead = loop, (start,) if loop else ()
        if not self.playing or self._starting:
            return
        edge = self._edge()
        here = self.song_map.song(edge)
        waits = self.queue.cursor - edge
        borders = [b[1] for b in (before, loop) if b is not None and here < b[1]]
        if any(here + waits >= border for border in borders):
            self.locate(here)

    def set_plan(self, plan: Any, processors: Any, exact: bool = True, pace: float = 1.0) -> None:
        """Play another plan from the next block on. `exact`: nothing unlinear follows the strips' sum.

        At another pace it goes on, as after a jump, at the same place of the song.
        """
        self._exact = exact
        if pace == self.pace:
            self.source.adopt(plan, processors)
            return
        playing, loop = self.playing, self._loop
        self.stop()
        self.source.adopt(plan, processors)
        position = round(self.position * self.pace / pace)
        ends = tuple(round(end * self.pace / pace) for end in loop or ())
        self.pace = pace
        self.locate(position)
        if ends:
            self.set_loop(ends[0], ends[1], True)
        if playing:
            self.play()

    def set_strip(self, strip: str, parameters: Mapping[str, Any]) -> None:
        """Change a strip, in what waits too."""
        self.source.set_strip(strip, **parameters)
        self._patch_gains()

    def set_clicks(self, clicks: Clicks) -> None:
        """Where the metronome clicks from the next block on."""
        self.metronome.clicks = clicks

    def set_metronome(self, gain: float) -> None:
        """The metronome's linear gain, 0 is off."""
        self._click_gain = gain
        self.queue.patch(METRONOME, (gain, gain), self._edge())

    def play_once(self, signal: Floats) -> int:
        """Add a signal, float32 (frames,) and shorter than what waits, to the silence; returns its output frame."""
        self.queue.patch(PROBE, (1.0, 1.0), self._edge())
        at = self._edge() + self.queue.ramp
        self.queue.put_extra(PROBE, at, np.stack((signal, signal)))
        return at

    # -- what is done --------------------------------------------------------------------------------------------

    def advance(self) -> bool:
        """Render one block if one is due; whether it was."""
        self._observe()
        if not self.playing or (self._starting and not self._may_start()):
            return self._rest()
        ahead = 0 if self._starting else self.queue.cursor - self.stream.taken()
        if ahead >= self.depth:
            self._full = True
            return False
        return self._count_in() if self._count else self._render(ahead)

    def snapshot(self) -> Snapshot:
        """What other threads may know."""
        return Snapshot(
            self.playing,
            self._starting > 0,
            self.stream.running(),
            self.song_map,
            self.heard,
            self.stream.burst,
            max(self.queue.end - self.stream.taken(), 0),
            self.depth,
            self.load,
            self.lowest,
            self.late,
            tuple(self._meters),
            self.position,
            self._begun,
            self.run,
            self.pace,
        )

    def _begin(self, position: int, count: tuple[int, Clicks] | None) -> None:
        self.position = self._begun = position
        self.playing, self._starting = True, time.perf_counter()
        self.run += 1
        self._lap, self._full = 0, False
        self._count, self._counted = count, 0
        self.metronome.reset()
        self.source.reset(position)

    def _may_start(self) -> bool:
        waited = time.perf_counter() - self._starting > PATIENCE
        return self.stream.running() and (waited or self.source.ready(self.position, FIRST))

    def _secure(self) -> None:
        """Make sure that the cursor is where a block may be put, now that there is one."""
        if self._starting:
            self._place()
        elif self.queue.cursor < min(self.queue.end, self.stream.taken() + self.stream.burst):
            self._skip()

    def _place(self) -> None:
        """Let the next block be the first one of this run."""
        self._starting = 0.0
        self.queue.restart(self._edge() + self._lead)
        at = self.queue.cursor
        if self._count:
            self.song_map = self.song_map.then(Stretch(at, self.position, False, self.run, 0, True))
        else:
            self.song_map = self.song_map.then(Stretch(at, self.position, True, self.run))

    def _skip(self) -> None:
        """The reader has come too near while what waits was rendered anew: go on further ahead, with a gap."""
        self.late += 1
        self.queue.restart(self._edge())
        if not self._count:
            self.song_map = self.song_map.then(Stretch(self.queue.cursor, self.position, True, self.run, self._lap))

    def _rest(self) -> bool:
        short = self.depth - (self.queue.end - self.stream.taken())
        if short <= 0:
            return False
        self.queue.cursor = max(self.queue.cursor, self.queue.end)
        self.queue.rest(min(BLOCK, short))
        self.stream.publish(self.queue.end)
        return True

    def _count_in(self) -> bool:
        length, clicks = self._count or (0, Clicks())
        frames = min(BLOCK, length - self._counted)
        self._secure()
        at = self.queue.cursor
        song_clicks, self.metronome.clicks = self.metronome.clicks, clicks
        mix = self.metronome.block(self._counted, frames, at)
        self.metronome.clicks = song_clicks
        self.queue.put(np.zeros((2, frames), np.float32), {}, {}, 0)
        self.queue.put_extra(COUNT_IN, at, mix)
        self._counted += frames
        if self._counted >= length:
            self._count = None
            stretch = Stretch(self.queue.cursor, self.position, True, self.run)
            self.song_map = self.song_map.then(stretch)
        self.stream.publish(self.queue.end)
        return True

    def _render(self, ahead: int) -> bool:
        frames = self._frames(ahead)
        if self._loop and self.position < self._loop[1]:
            frames = min(frames, self._loop[1] - self.position)
        if not self.source.ready(self.position, frames) and ahead > max(self.depth // 6, self.guard):
            return False
        began = time.perf_counter()
        block = self.source.render(self.position, frames)
        master = block.master
        if not np.isfinite(master).all():
            master = np.nan_to_num(master, nan=0.0, posinf=0.0, neginf=0.0)
        if self.tap is not None:
            self.tap(self.position, master)
        self._secure()
        at = self.queue.cursor
        self.queue.put(master, block.strips, block.gains, self.source.ramp)
        self.queue.put_extra(METRONOME, at, self.metronome.block(self.position, frames, at))
        self.stream.publish(self.queue.end)
        self._meters.append(Metered(at, at + frames, block.peaks))
        self.load += 0.1 * ((time.perf_counter() - began) * self.rate / frames - self.load)
        self.position += frames
        if self._loop and self.position == self._loop[1]:
            self._wrap(self._loop[0])
        return True

    def _frames(self, ahead: int) -> int:
        """How much to render at once: little while all is well, so that commands are heard soon; more under load.

        Each block costs the same number of hand-overs of the interpreter, so large blocks catch up.
        """
        if not self._full and ahead < self.depth // 8:
            return BLOCK
        if self.load < 0.4 and ahead > self.depth // 2:
            return BLOCK
        return 2 * BLOCK if ahead > self.depth // 2 else 4 * BLOCK

    def _wrap(self, start: int) -> None:
        self._lap += 1
        self.position = start
        self.queue.seam()
        self.song_map = self.song_map.then(Stretch(self.queue.cursor, start, True, self.run, self._lap))

    def _fade_out(self) -> int:
        """Fade out what waits, and return the frame from which on."""
        edge = min(self._edge(), self.queue.end)
        self.queue.silence(edge)
        self.metronome.reset()
        self._meters = [metered for metered in self._meters if metered.start < edge]
        return edge

    def _patch_gains(self) -> None:
        edge, exact = self._edge(), self._exact and not self.source.latency
        for strip, gain in self.source.gains().items():
            if self.queue.patch(strip, gain, edge, exact):
                self._meter_again(strip, edge)

    def _meter_again(self, strip: str, edge: int) -> None:
        changed = (strip, MASTER)
        for index, old in enumerate(self._meters):
            if old.start >= edge and strip in old.peaks:
                frames = old.end - old.start
                again = {name: self.queue.peak(name, old.start, frames) for name in changed}
                self._meters[index] = Metered(old.start, old.end, {**old.peaks, **again})

    def _observe(self) -> None:
        """Keep the clock of what is heard: a smooth line through the bursts in which the device takes frames."""
        now, taken = time.perf_counter(), self.stream.taken()
        if self.playing and self._full:
            self.lowest = min(self.lowest, self.queue.cursor - taken)
        if taken == self._moved:
            return
        burst = max(self.stream.burst, 1)
        told = taken - self.stream.output_latency
        expected = self.heard[1] + (now - self.heard[0]) * self.rate
        error = told - expected
        heard = told if abs(error) > 3 * burst + 0.02 * self.rate else expected + 0.1 * error
        self.heard, self._moved = (now, heard), taken
        oldest = int(heard) - self.rate
        if self._meters and self._meters[0].end < oldest:
            self._meters = [metered for metered in self._meters if metered.end >= oldest]
