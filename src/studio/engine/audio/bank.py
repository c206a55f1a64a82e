"""A bank of strips that do not feed one another, run side by side.

What is done to all of them is one operation on one array. That is not for the arithmetic: each numpy call and each
plug-in gives the interpreter lock away, and beside busy threads it takes longer to get the lock back than to compute.
So a block costs one hand-over for every strip with plug-ins and some dozen more, however many strips there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np

from .biquad import Cascade, filter_rows
from .blit import flat, lay
from .chain import Chain
from .fader import StereoGain
from .fades import Floats
from .pages import PageReader
from .plan import MASTER
from .processors import LARGEST, run
from .strip import QUIET, StripAtWork, Way

OFTEN = 4
"""Strips between two interludes."""


class Sounding(NamedTuple):
    """What a bank says: `signal` is float32 (strips, 2, frames), after the effects and before the faders."""

    strips: list[StripAtWork]
    signal: Floats


class Bank:
    """Strips of the plan in force. Render thread only.

    Sums are made in the order of `strips`, the same whether they run side by side or, where nothing is gained by it,
    one by one. `interlude` is called now and then while effects run and nothing of the block has been mixed yet.
    With a `crew`, half of the effects run on another thread, which is waited for.
    """

    def __init__(
        self, strips: Sequence[StripAtWork], interlude: Callable[[], None] | None = None, crew: Executor | None = None
    ) -> None:
        self.strips = list(strips)
        self._interlude, self._crew = interlude, crew
        self._plain = not any(strip.chain or strip.metered for strip in strips)

    def run(
        self, first: int, last: int, buses: dict[str, Floats], pages: PageReader, patience: float
    ) -> Sounding | None:
        """Render the song frames `first` to `last` and add them to `buses`, from which the strips take what feeds them.

        Returns what is heard of the strips, None where nobody asks for it.
        """
        if self._plain:
            for strip in self.strips:
                fed = buses.pop(strip.plan.id, None)
                block = strip.run(first, last, fed, pages, patience) if strip.live else None
                for way in strip.ways:
                    way.send(block, last - first, buses)
            return None
        sounding = self._sounding(first, last, buses, pages, patience)
        self._mix(sounding, last - first, buses)
        return sounding

    def _sounding(
        self, first: int, last: int, buses: dict[str, Floats], pages: PageReader, patience: float
    ) -> Sounding:
        """Read all strips, run their effects, and measure what comes out."""
        work = _Work(len(self.strips), first, last, pages, patience)
        for strip in self.strips:
            if strip.live:
                work.enter(strip, buses.pop(strip.plan.id, None))
        return work.done(self._interlude, self._crew)

    def _mix(self, sounding: Sounding, frames: int, buses: dict[str, Floats]) -> None:
        """Add the strips to where their ways lead."""
        row_of = {id(strip): row for row, strip in enumerate(sounding.strips)}
        entries: dict[str, list[tuple[int, Way]]] = {}
        for strip in self.strips:
            row = row_of.get(id(strip), -1)
            for way in strip.ways:
                if (row >= 0 and not way.fader.silent) or way.busy:
                    entries.setdefault(way.to, []).append((row, way))
                else:
                    way.fader.skip(frames)
        for to, ways in entries.items():
            buses[to] = _sum(ways, sounding.signal, frames, buses.get(to))


def banks(strips: Sequence[StripAtWork], interlude: Callable[[], None], crew: Executor | None) -> list[Bank]:
    """The strips as banks, one after the other: what feeds a strip is in an earlier bank. The first has the interlude.

    `strips` are in an order in which each follows all that feed it, with their ways connected.
    """
    depth: dict[str, int] = {}
    for strip in strips:
        here = depth.setdefault(strip.plan.id, 0)
        for way in strip.ways:
            if way.to != MASTER:
                depth[way.to] = max(depth.get(way.to, 0), here + 1)
    deepest = max(depth.values(), default=-1)
    levels = [[s for s in strips if depth[s.plan.id] == level] for level in range(deepest + 1)]
    return [Bank(level, None if at else interlude, crew) for at, level in enumerate(levels)]


class _Work:
    """One block of a bank: the strips that sound, a row of `signal` each."""

    def __init__(self, most: int, first: int, last: int, pages: PageReader, patience: float) -> None:
        self.first, self.last, self.pages, self.patience = first, last, pages, patience
        self.frames = last - first
        self.strips: list[StripAtWork] = []
        self.signal = np.empty((most, 2, self.frames), np.float32)
        self.level = np.ones((most, 1, 1), np.float32)
        self.into = flat(self.signal)
        self.batch: list[tuple[int, StripAtWork, Chain]] = []
        self.feeds: dict[int, Floats] = {}

    def enter(self, strip: StripAtWork, fed: Floats | None) -> None:
        """Give a strip a row, unless it is silent, and put into it what goes into its effects.

        Effects that wake up or whose parameters move are run at once, by themselves.
        """
        row, chain = len(self.strips), strip.chain
        if chain is None or (strip.awake and chain.steady and self.frames <= LARGEST):
            block = self._input(row, strip, fed)
            if block is None and chain is not None:
                block = np.zeros((1, self.frames), np.float32)
            if chain is not None:
                self.batch.append((row, strip, chain))
        else:
            block = strip.run(self.first, self.last, fed, self.pages, self.patience)
        if block is not None:
            lay(self.into, row * 2 * self.frames, block)
            self.strips.append(strip)

    def _input(self, row: int, strip: StripAtWork, fed: Floats | None) -> Floats | None:
        """What goes into a strip's effects, but for the gain in `level`."""
        if fed is None:
            block, self.level[row] = strip.plain(self.first, self.last, self.pages, self.patience)
            return block
        self.feeds[row] = fed
        return self._again(row, strip)

    def _again(self, row: int, strip: StripAtWork) -> Floats | None:
        return strip.fed(self.first, self.last, self.feeds.get(row), self.pages, self.patience)

    def done(self, interlude: Callable[[], None] | None, crew: Executor | None) -> Sounding:
        """Run the effects, side by side."""
        count = len(self.strips)
        signal, level = self.signal[:count], self.level[:count]
        if (level != 1.0).any():
            signal *= level
        if crew is not None and len(self.batch) > 1:
            half = len(self.batch) // 2
            other = crew.submit(_effects, self.batch[:half], signal, self.into, None)
            _effects(self.batch[half:], signal, self.into, interlude)
            other.result()
        elif self.batch:
            _effects(self.batch, signal, self.into, interlude)
        tops = np.maximum.reduce(np.abs(signal), axis=2).tolist()
        for strip, (left, right) in zip(self.strips, tops, strict=True):
            strip.top = (left, right)
        for row, strip, chain in self.batch:
            if not chain.judge(strip.top, self.frames):
                signal[row] = strip.rescued(chain, self._again(row, strip), self.frames)
            if not strip.heard and max(strip.top) < QUIET:
                block = self._again(row, strip)
                strip.heard = block is not None and bool(block.any())
            strip.passed(self.frames)
        return Sounding(self.strips, signal)


def _effects(
    batch: list[tuple[int, StripAtWork, Chain]],
    signal: Floats,
    into: memoryview[float],
    interlude: Callable[[], None] | None,
) -> None:
    """Run the effects of strips in place, stage by stage."""
    size = signal.shape[1] * signal.shape[2]
    for stage in range(max(len(chain.runs) for _, _, chain in batch)):
        filters: list[tuple[int, Cascade]] = []
        for row, strip, chain in batch:
            if stage >= len(chain.runs):
                continue
            work = chain.runs[stage]
            if isinstance(work, Cascade):
                filters.append((row, work))
            elif isinstance(work, list):
                lay(into, row * size, run(work, signal[row], strip.rate))
            else:
                lay(into, row * size, work.process(signal[row]))
            if interlude is not None and row % OFTEN == 0:
                interlude()
        if filters:
            filter_rows(filters, signal)


def _sum(ways: list[tuple[int, Way]], signal: Floats, frames: int, bus: Floats | None) -> Floats:
    """`bus` plus the rows of `signal` that the ways carry, in their order. Row -1 is silence on a way that is busy."""
    base = int(bus is not None)
    terms = np.empty((base + len(ways), 2, frames), np.float32)
    if bus is not None:
        terms[0] = bus
    rows = [max(row, 0) for row, _ in ways]
    gains: list[StereoGain] = []
    moving = []
    for at, (row, way) in enumerate(ways):
        rest = row >= 0 and way.at_rest
        gains.append(way.fader.target if rest else (0.0, 0.0))
        if not rest:
            moving.append((base + at, row, way))
    if len(moving) < len(ways):
        source = signal if rows == list(range(len(signal))) else signal[rows]
        np.multiply(source, np.array(gains, np.float32)[:, :, None], out=terms[base:])
    for at, row, way in moving:
        terms[at] = way.answer(signal[row] if row >= 0 else None, frames)
    out: Floats = np.add.reduce(terms, axis=0)
    return out
