"""A strip at work: it reads its segments or plays its instrument, runs its effects, and sleeps when it is silent."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

import numpy as np

from .chain import Chain, peaks
from .delayline import DelayLine
from .fader import Fader
from .fades import Floats
from .instruments.synth import Synth
from .pages import PageReader
from .plan import Segment, StripPlan
from .score import SILENT_SCORE

CELL = 16_384
"""Strips fall asleep and wake at song frames that are multiples of this, so that it does not matter how a render is
cut into blocks."""

QUIET = 10 ** (-90 / 20)
"""Effects fall asleep when what comes out is below this and what goes in is nothing,"""

QUIET_SECONDS = 1.0
"""for this long,"""

TAIL_SECONDS = 30.0
"""and at the latest this long after the last clip."""

LEAVING_SECONDS = 0.01
"""How fast an instrument that is replaced fades out."""

WINDOW = 8 * CELL
Gain = Floats | np.float32

_HALF_POWER = np.float32(math.sqrt(0.5))
_UNITY = np.float32(1.0)
_NOTHING: Floats = np.zeros((2, 0), np.float32)


class Way:
    """From a strip to a bus or the master. Render thread."""

    __slots__ = ("delay", "fader", "gain", "pre_fader", "to")

    def __init__(self, to: str, gain: float, pre_fader: bool, fader: Fader) -> None:
        self.to, self.gain, self.pre_fader, self.fader = to, gain, pre_fader, fader
        self.delay: DelayLine | None = None

    def set_delay(self, frames: int) -> None:
        """Arrive this much later."""
        if frames != (self.delay.frames if self.delay else 0):
            self.delay = DelayLine(frames) if frames else None

    @property
    def busy(self) -> bool:
        """Whether something is still on its way."""
        return self.delay is not None and self.delay.busy

    @property
    def at_rest(self) -> bool:
        """Whether it is no more than a gain: nothing moves and nothing is delayed."""
        return self.delay is None and self.fader.still

    def answer(self, block: Floats | None, frames: int) -> Floats | None:
        """What arrives of a strip's block (None: silence); None if that is silence and no sound is on its way."""
        if block is None or (self.fader.silent and self.delay is None):
            self.fader.skip(frames)
            if not self.busy:
                return None
            block = np.zeros((2, frames), np.float32)
        else:
            block = self.fader.apply(block)
        return block if self.delay is None else self.delay.process(block)

    def send(self, block: Floats | None, frames: int, buses: dict[str, Floats]) -> None:
        """Add a strip's block (None: silence) to where this leads."""
        block = self.answer(block, frames)
        if block is None:
            return
        bus = buses.get(self.to)
        if bus is None:
            bus = buses[self.to] = np.zeros((2, frames), np.float32)
        bus += block


class StripAtWork:
    """A strip of the plan in force. Render thread only.

    `ways` are where it goes, the one to the master first. `heard` tells whether anything went in or came out of the
    effects in this cell. Effects fall asleep when neither their input nor their tail
    is there any more, and start anew at the very frame at which there is input again. `live` tells whether anything may
    come out of the strip in this cell. `told` is the instrument's notice that has been passed on.
    """

    def __init__(self, plan: StripPlan, rate: int, metered: bool) -> None:
        self.plan, self.rate, self.metered = plan, rate, metered
        self.chain: Chain | None = None
        self.synth: Synth | None = None
        self.ways: list[Way] = []
        self.told = ""
        self.top = (0.0, 0.0)
        self._leaving: tuple[Synth, int] | None = None
        self._gone: deque[Any] = deque()
        self.fresh()

    def fresh(self) -> None:
        """As if nothing had been rendered."""
        self.live = self.awake = False
        self._fed = self.heard = False
        self._silent = self._unfed = self._elapsed = 0
        self._segments: list[Segment] = []
        self._window: list[Segment] = []
        self._window_start = self._window_end = 0
        self._played = (0, 0, _NOTHING)
        self._forget()
        if self.chain is not None:
            self.chain.reset()
        for way in self.ways:
            if way.delay is not None:
                way.delay.reset()

    def follow(self, plan: StripPlan) -> None:
        """Take the strip of a new plan. The caller sets chain and ways; the next block must begin with `enter`."""
        if not plan.score.goes_on_as(self.plan.score, self._played[1]):
            self.jump()
        self.plan = plan
        self._window_end = self._window_start

    def equip(self, synth: Synth, gone: deque[Any]) -> None:
        """Play on this instrument from now on. The one before fades out, then it is put into `gone`."""
        before, self.synth = self.synth, synth
        self._forget()
        self._gone = gone
        if before is not None:
            before.release()
            self._leaving = (before, round(LEAVING_SECONDS * self.rate))

    def _forget(self) -> None:
        """Let go of an instrument that was replaced."""
        if self._leaving is not None:
            self._gone.append(self._leaving[0])
            self._leaving = None

    def begin(self, position: int) -> None:
        """Playback is about to start from a song frame."""
        if self.synth is not None:
            self.synth.reset(self.plan.score, position)

    def jump(self) -> None:
        """The song goes on elsewhere, or otherwise than was known: notes that are held are let go."""
        if self.synth is not None:
            self.synth.release()

    @property
    def ringing(self) -> bool:
        """Whether something may still sound by itself."""
        return self.awake or self._leaving is not None or (self.synth is not None and self.synth.active)

    def enter(self, at: int, fed: bool) -> None:
        """A new cell begins, the one with song frame `at`; `fed` tells whether a strip that feeds this one is live."""
        start = at - at % CELL
        if not self._window_start <= start < self._window_end:
            self._window_start, self._window_end = start, start + WINDOW
            self._window = self.plan.segments.between(start, start + WINDOW)
        end = start + CELL
        self._segments = [s for s in self._window if s.start < end and s.end > start]
        if self.awake:
            self._end_cell()
        self._fed = bool(self._segments) or fed or self._is_played(at, end)
        self.live = self._fed or self.awake or any(way.busy for way in self.ways)

    def _is_played(self, at: int, end: int) -> bool:
        if self.synth is None:
            return False
        return self.synth.active or self._leaving is not None or self.plan.score.any_between(at, end)

    def _end_cell(self) -> None:
        """Fall asleep if the input and the tail have been over for long enough."""
        self._silent = 0 if self.heard else self._silent + self._elapsed
        self._unfed = 0 if self._fed else self._unfed + self._elapsed
        self._elapsed, self.heard = 0, False
        if self.chain is None:
            self.awake = False
            return
        self.chain.settle()
        if self._silent >= QUIET_SECONDS * self.rate + self.chain.hold or self._unfed >= TAIL_SECONDS * self.rate:
            self.awake = False
            self.chain.reset()

    def run(self, first: int, last: int, fed: Floats | None, pages: PageReader, patience: float) -> Floats | None:
        """float32 (1 or 2, frames): what comes out of the effects for the song frames `first` to `last`.

        None is silence. `fed` is what other strips send here. Sets `top`, the largest magnitudes left and right, where
        there is a meter.
        """
        block = self.fed(first, last, fed, pages, patience)
        if self.chain is not None:
            return self._effects(self.chain, block, last - first)
        if self.metered and block is not None:
            self.top = peaks(block)
        return block

    def fed(self, first: int, last: int, fed: Floats | None, pages: PageReader, patience: float) -> Floats | None:
        """float32 (1 or 2, frames): what goes into the effects, None where that is silence."""
        block = self._read(first, last, pages, patience) if self._segments else self._play(first, last)
        if fed is not None:
            block = fed if block is None else fed + block
        return block

    def plain(self, first: int, last: int, pages: PageReader, patience: float) -> tuple[Floats | None, Gain]:
        """What goes into the effects of a strip that no other feeds, and a gain that it is still to be given."""
        if self.synth is not None:
            return self._play(first, last), _UNITY
        here = [s for s in self._segments if s.start < last and s.end > first]
        if not here:
            return None, _UNITY
        segment = here[0]
        alone = len(here) == 1 and segment.start <= first and segment.end >= last
        if alone and not segment.shaped(first, last):
            sound = pages.fetch(segment.media, segment.source + first - segment.start, last - first, patience)
            return sound, self._level(segment.gain, sound)
        return self._read(first, last, pages, patience), _UNITY

    def _play(self, first: int, last: int) -> Floats | None:
        """What the instrument plays; asked again for the same frames, what it played."""
        if self.synth is None:
            return None
        if self._played[:2] != (first, last):
            block = self.synth.play(self.plan.score, first, last)
            self._played = (first, last, block if self._leaving is None else self._faded(block, first, last))
        return self._played[2]

    def _faded(self, block: Floats, first: int, last: int) -> Floats:
        """The block, and in it what is still heard of the instrument before."""
        assert self._leaving is not None
        before, left = self._leaving
        count = min(left, last - first)
        levels = (np.arange(left, left - count, -1, dtype=np.float32) - 0.5) / (LEAVING_SECONDS * self.rate)
        out = block.copy()
        out[:, :count] += before.play(SILENT_SCORE, first, first + count) * levels.astype(np.float32)
        self._leaving = (before, left - count)
        if left == count:
            self._forget()
        return out

    def rescued(self, chain: Chain, block: Floats | None, frames: int) -> Floats:
        """What comes out of effects that answered `block` with something else than numbers."""
        out = chain.rescued(block if block is not None else np.zeros((2, frames), np.float32))
        self.top = chain.top
        return out

    def passed(self, frames: int) -> None:
        """So many frames have gone through effects that are awake; `top` is how loud they came out."""
        self._elapsed += frames
        self.heard = self.heard or max(self.top) >= QUIET

    def _effects(self, chain: Chain, block: Floats | None, frames: int) -> Floats | None:
        if block is None:
            if not self.awake:
                return None
            block = np.zeros((2, frames), np.float32)
        begin = 0
        if not self.awake:
            sounding = np.flatnonzero(block.any(axis=0))
            if not sounding.size:
                return None
            self.awake, self.heard = True, False
            self._silent = self._unfed = self._elapsed = 0
            begin = int(sounding[0])
        out = chain.process(block[:, begin:] if begin else block)
        self.top = chain.top
        self.passed(frames - begin)
        self.heard = self.heard or bool(block.any())
        if begin:
            out = np.concatenate([np.zeros((2, begin), np.float32), out], axis=1)
        return out

    def _read(self, first: int, last: int, pages: PageReader, patience: float) -> Floats | None:
        """The sum of the segments, None where there is none."""
        out: Floats | None = None
        for segment in self._segments:
            begin, stop = max(first, segment.start), min(last, segment.end)
            if begin >= stop:
                continue
            sound = self._sound(segment, begin, stop, pages, patience)
            if out is None and stop - begin == last - first:
                out = sound
            else:
                whole = np.zeros((1 if self.plan.mono else 2, last - first), np.float32)
                if out is not None:
                    whole += out
                whole[:, begin - first : stop - first] += sound
                out = whole
        return out

    def _sound(self, segment: Segment, first: int, last: int, pages: PageReader, patience: float) -> Floats:
        sound = pages.fetch(segment.media, segment.source + first - segment.start, last - first, patience)
        envelope = segment.envelope(first, last) if segment.ramps else None
        gain = self._level(segment.gain if envelope is None else envelope, sound)
        return sound if envelope is None and gain == 1.0 else np.multiply(sound, gain)

    def _level(self, gain: Gain, sound: Floats) -> Gain:
        """The gain of a segment that sounds like this: mono among stereo plays at constant power."""
        return gain if sound.shape[0] == 2 or self.plan.mono else np.multiply(gain, _HALF_POWER)

    def ready(self, first: int, last: int, pages: PageReader) -> bool:
        """Whether the pages for these song frames are there."""
        known = self._window_start <= first and last <= self._window_end
        for segment in self._window if known else self.plan.segments.between(first, last):
            begin, stop = max(first, segment.start), min(last, segment.end)
            source = segment.source + begin - segment.start
            if begin < stop and not pages.ready(segment.media, source, stop - begin):
                return False
        return True
