"""The renderer: a plan, sounding. Playback and bounce use the same one, and get the same samples.

Promise: the stream from song frame p on is, bit for bit, the same for any split into blocks, and the same as that of
another renderer with fresh processors that starts at p, while no parameter moves and no page is late. To keep it, sums
run in a fixed order, every gain is a function of the song frame, and strips fall asleep at fixed song frames only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, cast

import numpy as np

from ...document.instruments import Instrument
from .bank import Bank, banks
from .chain import Chain, Node
from .effects import values_of
from .fader import SILENT, StereoGain
from .fades import Floats
from .instruments.synth import Synth
from .pages import PageReader
from .plan import MASTER, RenderPlan, StripPlan
from .preparing import NodeKey, Processors
from .rendered import Rendered, joined
from .routing import Open, stereo_gains, what_passes
from .strip import CELL, StripAtWork
from .wiring import connect, line_up

RAMP_SECONDS = 0.005


class Slot:
    """The parameters of a strip that move without a new plan."""

    __slots__ = ("gain", "mute", "pan", "solo")

    def __init__(self, plan: StripPlan) -> None:
        self.gain, self.pan, self.mute, self.solo = plan.gain, plan.pan, plan.mute, plan.solo

    def follow(self, old: StripPlan, new: StripPlan) -> None:
        """Take what a new plan changed; what a gesture holds stays."""
        for name in self.__slots__:
            if getattr(old, name) != getattr(new, name):
                setattr(self, name, getattr(new, name))


class Renderer:
    """Renders one plan after the other at one rate. All calls on the render thread; nothing waits but `render`.

    It waits for pages, up to `patience` seconds for each before it is silence. With `metering` off, `strips` and
    `peaks` stay empty and strips that do not pass are left out: for a bounce. `loop` is the range (start, end) that the
    caller goes round in, None for none: effects that look ahead must know. `ahead` are the song frames it may jump to.
    A `crew` of one thread runs half of the effects, for a bounce: the render thread of playback waits for nobody.
    `interlude` is called now and then within `render`, at points where `set_strip` may be called.
    """

    def __init__(
        self,
        rate: int,
        pages: PageReader,
        patience: float = 0.0,
        metering: bool = True,
        crew: Executor | None = None,
    ) -> None:
        self.rate, self.pages, self.patience, self.metering = rate, pages, patience, metering
        self.ramp = max(round(RAMP_SECONDS * rate), 1)
        self._crew = crew
        self.loop: tuple[int, int] | None = None
        self.ahead: tuple[int, ...] = ()
        self.interlude: Callable[[], None] | None = None
        self.latency = 0
        self.notices: deque[str] = deque(maxlen=64)
        self.retired: deque[Node | Synth] = deque(maxlen=1024)
        self._plan: RenderPlan | None = None
        self._strips: list[StripAtWork] = []
        self._banks: list[Bank] = []
        self._master: StripAtWork | None = None
        self._slots: dict[str, Slot] = {}
        self._nodes: dict[NodeKey, Node | Synth] = {}
        self._gains: dict[str, StereoGain] = {}
        self._next: int | None = None
        self._cell_end = 0
        self._fresh = True
        self._first_piece = False

    # -- what to render --------------------------------------------------------------------------------------------

    def adopt(self, plan: RenderPlan, processors: Processors) -> None:
        """Render this plan from the next block on. `processors` are those `prepare` returned for it.

        What lives on keeps its state; what does not is put into `retired`, for another thread to let go.
        """
        known = {strip.plan.id: strip for strip in self._every()}
        self.retired.extend(node for key, node in self._nodes.items() if processors.get(key) is not node)
        self._nodes = dict(processors)
        self._strips = [self._adopted(strip, known.get(strip.id)) for strip in plan.strips]
        self._master = self._adopted(plan.master, known.get(MASTER))
        self._slots = {s.plan.id: self._slots[s.plan.id] for s in (*self._strips, self._master)}
        self._plan = plan
        connect(self._strips, self._master, self.ramp)
        self.latency = line_up(self._strips, self._master)
        self._banks = banks(self._strips, self._pause, self._crew)
        self._aim()
        self._next = None if self._fresh else -1

    def _adopted(self, plan: StripPlan, strip: StripAtWork | None) -> StripAtWork:
        if strip is None:
            strip = StripAtWork(plan, self.rate, self.metering)
            self._slots[plan.id] = Slot(plan)
        else:
            self._slots[plan.id].follow(strip.plan, plan)
            strip.follow(plan)
        nodes = [cast(Node, self._nodes[insert.id, insert.kind]) for insert in plan.inserts]
        for node, insert in zip(nodes, plan.inserts, strict=True):
            node.aim(values_of(insert))
        if strip.chain is None or strip.chain.nodes != nodes:
            strip.chain = Chain(nodes, self.rate) if nodes else None
        if plan.instrument is not None:
            self._equip(strip, plan.instrument)
        return strip

    def _equip(self, strip: StripAtWork, instrument: Instrument) -> None:
        """Give a strip its instrument, which begins where the song is; the one before it fades out."""
        synth = cast(Synth, self._nodes[strip.plan.id, strip.plan.sound])
        synth.set(instrument)
        if strip.synth is not synth:
            strip.equip(synth, self.retired)
            strip.begin(max(self._next or 0, 0))
            strip.told = ""
            self._hear_synth(strip)

    def set_strip(self, strip: str, **parameters: Any) -> None:
        """Move `gain`, `pan`, `mute` or `solo` of a strip (a track's id or "master") within 5 ms.

        A strip that is gone is left alone.
        """
        slot = self._slots.get(strip)
        if slot is not None:
            for name, value in parameters.items():
                setattr(slot, name, value)
            self._aim()

    def gains(self) -> dict[str, StereoGain]:
        """The gains (left, right) that the ways to the master are at, or moving to. By strip id, and "master"."""
        return self._gains

    def _aim(self) -> None:
        """Send every fader where slots, mute and solo want it."""
        feeds = {s.plan.id: tuple(dict.fromkeys(way.to for way in s.ways[1:])) for s in self._strips}
        muted = {key for key in feeds if self._slots[key].mute}
        soloed = {key for key in feeds if self._slots[key].solo}
        passing = what_passes(feeds, muted, soloed)
        gains = {}
        for strip in self._strips:
            gains[strip.plan.id] = self._aim_strip(strip, passing[strip.plan.id])
        if self._master is not None:
            slot = self._slots[MASTER]
            gains[MASTER] = SILENT if slot.mute else stereo_gains(slot.gain, slot.pan, False)
            self._master.ways[0].fader.aim(gains[MASTER])
        self._gains = gains
        if self._fresh:
            self._snap()

    def _aim_strip(self, strip: StripAtWork, passing: Open) -> StereoGain:
        slot = self._slots[strip.plan.id]
        left, right = stereo_gains(slot.gain, slot.pan, strip.plan.mono)
        for way in strip.ways:
            passes = passing.direct if way.to == MASTER else way.to in passing.buses
            pair = (way.gain, way.gain) if way.pre_fader else (left * way.gain, right * way.gain)
            way.fader.aim(pair if passes else SILENT)
        return strip.ways[0].fader.target

    def _every(self) -> list[StripAtWork]:
        return self._strips if self._master is None else [*self._strips, self._master]

    def _snap(self) -> None:
        for strip in self._every():
            for way in strip.ways:
                way.fader.snap(way.fader.target)

    @property
    def ringing(self) -> bool:
        """Whether something may still sound by itself: an effect at work, or sound on its way through a delay."""
        return bool(self.latency) or any(strip.ringing for strip in self._every())

    @property
    def hold(self) -> int:
        """The longest silence, in frames, that may lie within a tail."""
        return max((strip.chain.hold for strip in self._every() if strip.chain is not None), default=0)

    # -- rendering -------------------------------------------------------------------------------------------------

    def reset(self, position: int) -> None:
        """Forget all that sounded, as before a first block at `position`, whose pages are read ahead."""
        self._fresh, self._next = True, None
        for strip in self._every():
            strip.fresh()
            strip.begin(position)
        self._snap()
        if self._plan is not None:
            self.pages.follow(self._plan, (position, *self.ahead))

    def ready(self, position: int, frames: int) -> bool:
        """Whether a block can be rendered without waiting for pages. It also makes the reader look there."""
        if self._plan is None:
            return True
        self.pages.follow(self._plan, (position, *self.ahead))
        last = position + frames + self.latency
        return all(strip.ready(position, last, self.pages) for strip in self._strips)

    def render(self, position: int, frames: int) -> Rendered:
        """The song frames `position` to `position + frames`. A jump, as at the end of a loop, keeps what rings on."""
        if self._plan is None or frames <= 0:
            return Rendered(np.zeros((2, max(frames, 0)), np.float32), {}, {}, {})
        self.pages.begin()
        self.pages.follow(self._plan, (position, *self.ahead))
        if self._fresh and self.latency:
            self._pieces([(position, self.latency)])
        self._fresh = False
        done = self._pieces(self._sources(position, frames))
        rendered = done[0] if len(done) == 1 else joined(done)
        return rendered._replace(gains=self._gains)

    def _sources(self, position: int, frames: int) -> list[tuple[int, int]]:
        """Where, as (song frame, frames), the segments are read for a block: ahead by the latency, round the loop."""
        start = position + self.latency
        if not self.latency or self.loop is None or position >= self.loop[1]:
            return [(start, frames)]
        loop_start, loop_end = self.loop
        sources = []
        while frames > 0:
            while start >= loop_end:
                start += loop_start - loop_end
            count = min(frames, loop_end - start)
            sources.append((start, count))
            start, frames = start + count, frames - count
        return sources

    def _pieces(self, sources: list[tuple[int, int]]) -> list[Rendered]:
        """Render stretch by stretch, cut at the borders of cells."""
        done: list[Rendered] = []
        for start, frames in sources:
            at, stop = start, start + frames
            while at < stop:
                self._first_piece = not done and not self._fresh
                if at != self._next or at >= self._cell_end:
                    self._enter(at, self._next is not None and self._next >= 0 and at != self._next)
                count = min(self._cell_end, stop) - at
                done.append(self._piece(at, at + count))
                at = self._next = at + count
        return done

    def _enter(self, at: int, jumped: bool) -> None:
        """A new cell: strips wake and fall asleep."""
        self._cell_end = at - at % CELL + CELL
        fed: set[str] = set()
        for strip in self._strips:
            if jumped:
                strip.jump()
            strip.enter(at, strip.plan.id in fed)
            if not self.metering and all(way.fader.silent for way in strip.ways):
                strip.live = False
            if strip.live:
                fed.update(way.to for way in strip.ways)
        if self._master is not None:
            self._master.enter(at, MASTER in fed)

    def _piece(self, first: int, last: int) -> Rendered:
        assert self._master is not None
        frames = last - first
        buses: dict[str, Floats] = {MASTER: np.zeros((2, frames), np.float32)}
        strips: dict[str, Floats] = {}
        tops: dict[str, StereoGain] = {}
        for bank in self._banks:
            sounding = bank.run(first, last, buses, self.pages, self.patience)
            if sounding is not None:
                for strip, block in zip(sounding.strips, sounding.signal, strict=True):
                    self._hear(strip, block, strips, tops)
        master, fader = self._master, self._master.ways[0].fader
        mix = master.run(first, last, buses[MASTER], self.pages, self.patience) if master.live else None
        self._hear(master, mix, strips, tops)
        if mix is None:
            fader.skip(frames)
            return Rendered(np.zeros((2, frames), np.float32), strips, tops, {})
        return Rendered(fader.apply(mix) + np.float32(0.0), strips, tops, {})

    def _pause(self) -> None:
        """Let others in, unless part of the block has been mixed already."""
        if self.interlude is not None and self._first_piece:
            self.interlude()

    def _hear(
        self, strip: StripAtWork, block: Floats | None, strips: dict[str, Floats], tops: dict[str, StereoGain]
    ) -> None:
        """Note what a strip says, for meters and for the queue."""
        if self.metering and block is not None:
            key = strip.plan.id
            strips[key] = block if block.shape[0] == 2 else np.broadcast_to(block, (2, block.shape[1]))
            (left, right), gain = strip.top, self._gains[key]
            tops[key] = (left * abs(gain[0]), right * abs(gain[1]))
        if strip.chain is not None and strip.chain.notice:
            self.notices.append(strip.chain.notice)
            strip.chain.notice = ""
        self._hear_synth(strip)

    def _hear_synth(self, strip: StripAtWork) -> None:
        """Pass on why an instrument is silent, once."""
        if strip.synth is not None and strip.synth.notice != strip.told:
            strip.told = strip.synth.notice
            if strip.told:
                self.notices.append(strip.told)
