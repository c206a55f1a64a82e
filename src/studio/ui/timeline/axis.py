"""Where ticks stand on the canvas. The axis is linear in ticks; all positions are device pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ...document.time import PPQ, TempoMap

MOST_PER_TICK = 1600.0
"""The deepest zoom, in device pixels per tick: about 64 pixels for a sample at 120 BPM and 48 kHz."""

FARTHEST = 2_000_000_000
"""Scroll positions stay below this: scroll bars count in 32 bits."""


@dataclass(frozen=True)
class Axis:
    """`per_tick` device pixels per tick; `scroll` the device pixel of the song at the canvas's left edge.

    `ratio` is device pixels per logical pixel. `scroll` is whole, so that scrolling moves pixels unchanged.
    """

    per_tick: float = 0.05
    scroll: int = 0
    ratio: float = 1.0

    def x(self, tick: float) -> float:
        """The canvas position of a tick, in device pixels from the left edge."""
        return tick * self.per_tick - self.scroll

    def xs(self, ticks: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """The whole canvas positions of many ticks."""
        return np.rint(ticks * self.per_tick).astype(np.int64) - self.scroll

    def tick(self, x: float) -> float:
        """The exact tick at a canvas position."""
        return (x + self.scroll) / self.per_tick

    def logical_per_tick(self) -> float:
        """Logical pixels per tick, on which the density of grid and labels depends."""
        return self.per_tick / self.ratio

    def edges(self, first: int, last: int, time: TempoMap) -> npt.NDArray[np.float64]:
        """The exact frame of each column border from canvas column `first` to `last`: float64 (last - first + 1)."""
        columns = np.arange(first + self.scroll, last + self.scroll + 1, dtype=np.float64)
        return time.seconds_of(columns / self.per_tick) * time.rate

    def zoomed(self, factor: float, x: float, least: float) -> Axis:
        """The axis zoomed by `factor` so that the tick at canvas position `x` stays there. Never left of tick 0."""
        tick = self.tick(x)
        per_tick = min(max(self.per_tick * factor, least), MOST_PER_TICK)
        return replace(self, per_tick=per_tick).scrolled_to(round(tick * per_tick - x))

    def scrolled_to(self, scroll: int) -> Axis:
        """The axis with another left edge."""
        return replace(self, scroll=min(max(scroll, 0), FARTHEST))

    def at_ratio(self, ratio: float) -> Axis:
        """The same view on a screen of another pixel ratio."""
        factor = ratio / self.ratio
        return Axis(self.per_tick * factor, round(self.scroll * factor), ratio)


def fitting(first: float, last: float, width: int, ratio: float) -> Axis:
    """The axis that shows ticks `first` to `last` in `width` device pixels."""
    span = max(last - first, PPQ / 64)
    per_tick = min(width / span, MOST_PER_TICK)
    return Axis(per_tick, max(round(first * per_tick), 0), ratio)
