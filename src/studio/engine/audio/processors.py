"""Processors: the code behind the effects. Made and primed on the compiler thread, then owned by the render thread.

A processor takes float32 (2, frames), at most `LARGEST` of them, and returns as many. It keeps its state from call to
call until `reset`, after which it is as good as new: the same input gives the same samples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pedalboard
from pedalboard_native import process as run_plugins

from . import biquad
from .fades import Floats

LARGEST = 8192
"""Frames a processor is given at most. A longer block than any before would silently reset pedalboard's state."""

_SILENCE = np.zeros((2, LARGEST), np.float32)

Values = Mapping[str, float]


class Processor(Protocol):
    """What an effect runs. `hold` is the longest silence, in frames, that may lie between input and a late answer."""

    hold: int

    def set(self, values: Values) -> None:
        """Take these parameters from the next block on."""

    def reset(self) -> None:
        """Forget all that was heard."""

    def process(self, block: Floats) -> Floats:
        """The answer to a block: a new array of the same shape."""


class Plugins:
    """pedalboard plug-ins in a row, played as one.

    Primed with the largest block, because pedalboard forgets its state when a block is longer than all before; and
    reset by a call, because the method of that name forgets the priming too. The first plug-in is one that remembers
    the number of channels (`Clipping` and `BrickwallLimiter` do not): it tells channels from frames in short blocks.
    """

    hold = 0

    def __init__(self, rate: int, plugins: list[Any], apply: Callable[[list[Any], Values], None]) -> None:
        self.plugins, self.rate, self._apply = plugins, rate, apply

    def set(self, values: Values) -> None:
        """See Processor."""
        self._apply(self.plugins, values)

    def reset(self) -> None:
        """See Processor. After it, plug-ins that look ahead return full blocks from the start."""
        run_plugins(_SILENCE, self.rate, self.plugins, LARGEST, False)
        run_plugins(_SILENCE[:, :8], self.rate, self.plugins, LARGEST, True)
        if any(isinstance(plugin, pedalboard.BrickwallLimiter) for plugin in self.plugins):
            run_plugins(_SILENCE, self.rate, self.plugins, LARGEST, False)

    def process(self, block: Floats) -> Floats:
        """See Processor."""
        return run(self.plugins, block, self.rate)


def run(plugins: list[Any], block: Floats, rate: int) -> Floats:
    """A block through plug-ins in one call, which lets other threads run meanwhile. A short answer is filled up."""
    out: Floats = run_plugins(block, rate, plugins, LARGEST, False)
    if out.shape == block.shape:
        return out
    full = np.zeros_like(block)
    if out.size:
        full[:, block.shape[1] - out.shape[1] :] = out
    return full


class Filter:
    """One second-order filter. In a chain, neighbours run as one cascade that `section` and `state` are views of."""

    hold = 0

    def __init__(self, rate: int, design: Callable[[Values, int], biquad.Section]) -> None:
        biquad.load()
        self.rate, self._design = rate, design
        self.section: npt.NDArray[np.float64] = np.zeros(6)
        self.state: npt.NDArray[np.float64] = np.zeros((2, 2))

    def set(self, values: Values) -> None:
        """See Processor."""
        self.section[:] = self._design(values, self.rate)

    def reset(self) -> None:
        """See Processor."""
        self.state[:] = 0.0

    def process(self, block: Floats) -> Floats:
        """See Processor."""
        cascade = biquad.Cascade(self.section[None])
        cascade.state[:, 0] = self.state
        out = cascade.process(block)
        self.state[:] = cascade.state[:, 0]
        return out


class Echo:
    """A delay with feedback. A new time is a crossfade from one tap to the other over the block in which it comes."""

    LONGEST = 2.0

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._line = np.zeros((2, round(self.LONGEST * rate) + 2 * LARGEST), np.float32)
        self._at = 0
        self._delay = self._next = rate
        self._feedback = self._dry = self._wet = np.float32(0.0)
        self.hold = rate

    def set(self, values: Values) -> None:
        """See Processor."""
        self._next = self.hold = max(round(values["time_ms"] * self.rate / 1000), 64)
        self._feedback = np.float32(values["feedback"])
        self._dry, self._wet = np.float32(1.0 - values["mix"]), np.float32(values["mix"])

    def reset(self) -> None:
        """See Processor."""
        self._line[:] = 0.0
        self._at, self._delay = 0, self._next

    def process(self, block: Floats) -> Floats:
        """See Processor."""
        out = np.empty_like(block)
        done, frames = 0, block.shape[1]
        while done < frames:
            count = min(frames - done, self._delay, self._next)
            part = slice(done, done + count)
            echo = self._tap(self._delay, count)
            if self._next != self._delay:
                way = np.linspace(0.0, 1.0, count, dtype=np.float32)
                echo = echo * (1 - way) + self._tap(self._next, count) * way
                self._delay = self._next
            np.multiply(block[:, part], self._dry, out=out[:, part])
            out[:, part] += echo * self._wet
            self._put(block[:, part] + echo * self._feedback)
            done += count
        return out

    def _tap(self, delay: int, count: int) -> Floats:
        size = self._line.shape[1]
        start = (self._at - delay) % size
        if start + count <= size:
            return self._line[:, start : start + count]
        return np.concatenate([self._line[:, start:], self._line[:, : start + count - size]], axis=1)

    def _put(self, block: Floats) -> None:
        size, count = self._line.shape[1], block.shape[1]
        first = min(count, size - self._at)
        self._line[:, self._at : self._at + first] = block[:, :first]
        self._line[:, : count - first] = block[:, first:]
        self._at = (self._at + count) % size


def _filter(design: Callable[[Values, int], biquad.Section]) -> Callable[[int], Processor]:
    return lambda rate: Filter(rate, design)


def _plugins(make: Callable[[], list[Any]], *names: tuple[int, str, str]) -> Callable[[int], Processor]:
    """A maker of `Plugins` whose parameters go to (plug-in, attribute) by name."""

    def apply(plugins: list[Any], values: Values) -> None:
        for which, attribute, name in names:
            setattr(plugins[which], attribute, values[name])

    return lambda rate: Plugins(rate, make(), apply)


def _same(*names: str) -> list[tuple[int, str, str]]:
    return [(0, name, name) for name in names]


def _reverb(rate: int) -> Processor:
    def apply(plugins: list[Any], values: Values) -> None:
        room = plugins[0]
        room.room_size, room.damping, room.width = values["room_size"], values["damping"], values["width"]
        room.dry_level, room.wet_level = (1 - values["mix"]) / REVERB_DRY, values["mix"] / REVERB_WET

    return Plugins(rate, [pedalboard.Reverb()], apply)


REVERB_DRY, REVERB_WET = 2.0, 3.0
"""By what JUCE's reverb multiplies its two levels, so that `mix` goes from the input alone to the room alone."""

MAKERS: Mapping[str, Callable[[int], Processor]] = {
    "gain": _plugins(lambda: [pedalboard.Gain()], *_same("gain_db")),
    "highpass": _filter(lambda v, rate: biquad.highpass(v["frequency_hz"], v["q"], rate)),
    "lowpass": _filter(lambda v, rate: biquad.lowpass(v["frequency_hz"], v["q"], rate)),
    "peak": _filter(lambda v, rate: biquad.peak(v["frequency_hz"], v["gain_db"], v["q"], rate)),
    "low_shelf": _filter(lambda v, rate: biquad.low_shelf(v["frequency_hz"], v["gain_db"], v["q"], rate)),
    "high_shelf": _filter(lambda v, rate: biquad.high_shelf(v["frequency_hz"], v["gain_db"], v["q"], rate)),
    "compressor": _plugins(
        lambda: [pedalboard.Compressor(), pedalboard.Gain(0.0)],
        *_same("threshold_db", "ratio", "attack_ms", "release_ms"),
        (1, "gain_db", "makeup_db"),
    ),
    "limiter": _plugins(
        lambda: [pedalboard.Gain(0.0), pedalboard.BrickwallLimiter()],
        (1, "ceiling_db", "ceiling_db"),
        (1, "release_ms", "release_ms"),
    ),
    "gate": _plugins(lambda: [pedalboard.NoiseGate()], *_same("threshold_db", "ratio", "attack_ms", "release_ms")),
    "reverb": _reverb,
    "delay": Echo,
    "chorus": _plugins(
        lambda: [pedalboard.Chorus()],
        *_same("rate_hz", "depth", "feedback", "mix"),
        (0, "centre_delay_ms", "delay_ms"),
    ),
    "phaser": _plugins(
        lambda: [pedalboard.Phaser()],
        *_same("rate_hz", "depth", "feedback", "mix"),
        (0, "centre_frequency_hz", "frequency_hz"),
    ),
    "saturation": _plugins(lambda: [pedalboard.Distortion()], *_same("drive_db")),
    "clipping": _plugins(lambda: [pedalboard.Gain(0.0), pedalboard.Clipping()], (1, "threshold_db", "threshold_db")),
}
"""How to make the processor of each kind at a rate."""
