"""A source of sound for tests of the player: what sounds at a song frame is a function of that frame alone."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.engine.audio.gainline import StereoGain

Floats = npt.NDArray[np.float32]
RAMP = 240


class ToneBlock:
    """One rendered block."""

    def __init__(self, master: Floats, strips: dict[str, Floats], gains: dict[str, StereoGain]) -> None:
        self.master, self.strips, self.gains = master, strips, gains
        top = np.abs(master).max(axis=1) if master.size else (0.0, 0.0)
        self.peaks = {name: (float(top[0]), float(top[1])) for name in (*strips, "master")}


class Tones:
    """A strip per frequency, each a sine of `level`, mixed with the strips' gains; 0 Hz is uniform noise.

    Gains ramp over 240 frames from the first frame of the block after they were set.
    """

    ramp = RAMP
    latency = late = 0
    loop: tuple[int, int] | None = None
    ahead: tuple[int, ...] = ()

    def __init__(self, rate: int = 48_000, level: float = 0.25, **strips: float) -> None:
        self.rate, self.level = rate, level
        self.pitches = strips
        self._targets: dict[str, StereoGain] = {**dict.fromkeys(strips, (1.0, 1.0)), "master": (1.0, 1.0)}
        self._now = dict(self._targets)
        self.notices: deque[str] = deque()
        self.retired: deque[Any] = deque()
        self.pages = self
        self.resets: list[int] = []
        self.noise = np.random.default_rng(1).uniform(-1, 1, 1 << 20).astype(np.float32)

    def adopt(self, plan: Any, processors: Any) -> None:
        """A plan is a mapping of strip to frequency."""
        self.pitches = dict(plan)
        self._targets = {**dict.fromkeys(self.pitches, (1.0, 1.0)), "master": (1.0, 1.0)}

    def reset(self, position: int) -> None:
        self.resets.append(position)
        self._now = dict(self._targets)

    def ready(self, position: int, frames: int) -> bool:
        return True

    def gains(self) -> dict[str, StereoGain]:
        return dict(self._targets)

    def set_strip(self, strip: str, **parameters: Any) -> None:
        gain, pan = parameters.get("gain", 1.0), parameters.get("pan", 0.0)
        gain *= not parameters.get("mute", False)
        self._targets[strip] = (gain * min(1 - pan, 1.0), gain * min(1 + pan, 1.0))

    def signal(self, strip: str, position: int, frames: int) -> Floats:
        """What a strip plays before its fader: float32 (2, frames)."""
        at = np.arange(position, position + frames)
        if self.pitches[strip] == 0:
            one = self.noise[at % len(self.noise)] * np.float32(self.level)
        else:
            one = (self.level * np.sin(2 * np.pi * self.pitches[strip] / self.rate * at)).astype(np.float32)
        return np.stack((one, one))

    def render(self, position: int, frames: int) -> ToneBlock:
        strips = {name: self.signal(name, position, frames) for name in self.pitches}
        master = np.zeros((2, frames), np.float32)
        for name, signal in strips.items():
            master += signal * self._ramp(name, frames)
        strips["master"] = master.copy()
        master *= self._ramp("master", frames)
        self._now = dict(self._targets)
        return ToneBlock(master, strips, dict(self._targets))

    def _ramp(self, name: str, frames: int) -> Floats:
        old, new = self._now.get(name, self._targets[name]), self._targets[name]
        way = np.minimum(np.arange(frames) / RAMP, 1.0)
        return np.array([o + (n - o) * way for o, n in zip(old, new, strict=True)], np.float32)
