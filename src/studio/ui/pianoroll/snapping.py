"""The grid that notes are drawn to: the timeline's, with halves and triplets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ...document.time import PPQ, Signature
from ..timeline import grid

SnapMode = Literal["adaptive", "bar", "1/2", "1/4", "1/8", "1/16", "1/32", "1/4T", "1/8T", "1/16T", "off"]
SNAP_MODES: tuple[SnapMode, ...] = (
    "adaptive", "bar", "1/2", "1/4", "1/8", "1/16", "1/32", "1/4T", "1/8T", "1/16T", "off",
)  # fmt: skip
_TICKS = {
    "1/2": 2 * PPQ, "1/4": PPQ, "1/8": PPQ // 2, "1/16": PPQ // 4, "1/32": PPQ // 8,
    "1/4T": PPQ * 2 // 3, "1/8T": PPQ // 3, "1/16T": PPQ // 6,
}  # fmt: skip
_TEXTS = {"adaptive": "Adaptive", "bar": "Bar", "off": "Off", "1/4T": "1/4 triplet", "1/8T": "1/8 triplet"}
_TEXTS["1/16T"] = "1/16 triplet"


def snap_text(mode: SnapMode) -> str:
    """How a mode is called."""
    return _TEXTS.get(mode, mode)


class NoteGrid:
    """The grid at one zoom. `per_tick` is logical pixels per tick, on which the adaptive grid depends."""

    def __init__(self, signatures: Sequence[Signature], mode: SnapMode, per_tick: float) -> None:
        self._signatures, self._per_tick, self.mode = signatures, per_tick, mode

    def _current(self, tick: float) -> Signature:
        found = [s for s in self._signatures if s.tick <= max(tick, 0)]
        return found[-1] if found else self._signatures[0]

    def step(self, tick: float) -> int:
        """The distance of grid positions around a tick; with the grid off that of the adaptive one."""
        if self.mode in _TICKS:
            return _TICKS[self.mode]
        current = self._current(tick)
        return current.bar_ticks if self.mode == "bar" else max(grid.step(current, self._per_tick), 1)

    def floor(self, tick: float) -> int:
        """The grid position at or before a tick; the tick itself with the grid off."""
        if self.mode == "off":
            return int(tick)
        first, width = self._current(tick).tick, self.step(tick)
        return int((tick - first) // width) * width + first

    def nearest(self, tick: float, free: bool = False) -> int:
        """The grid position nearest to a tick; the tick itself with the grid off, or with `free`."""
        if self.mode == "off" or free:
            return round(tick)
        first, width = self._current(tick).tick, self.step(tick)
        return round((tick - first) / width) * width + first
