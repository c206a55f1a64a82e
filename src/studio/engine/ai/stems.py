"""A mix taken apart into its stems by an ONNX network, window by window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import StudioError
from ..jobs import Work
from .guarded import told
from .loading import Loaded
from .sounding import Planar

RATE = 44_100
"""Frames a second of the sounds that are taken apart, and of the stems."""

WINDOW_S = 7.8
"""Seconds of a window where the network takes any length."""

OVERLAP = 0.25
"""Of a window, how much the next one hears again."""

LONGEST_S = 1_800.0
"""Seconds of the longest sound; six stems of half an hour are four gigabytes."""

QUIET = 1e-8

Weights = npt.NDArray[np.float32]


def separate(loaded: Loaded, sound: Planar, work: Work) -> dict[str, Planar]:
    """The stems of a mix by name, float32 (2, frames) at `RATE`, which is the rate of `sound`, (channels, frames).

    The same mix gives the same stems. The thread that runs models; can be stopped between windows. Raises StudioError
    for a network that is none for stems or a sound that is too long, Cancelled, and out of memory as the runtime
    raises it.
    """
    if loaded.spec.runs_on.family != "onnx" or loaded.spec.task != "stems":
        raise StudioError(f"“{loaded.spec.title}” takes no mix apart; choose another model.")
    if sound.shape[1] > LONGEST_S * RATE:
        raise StudioError(f"The sound is longer than {LONGEST_S / 60:.0f} minutes; take it apart in shorter pieces.")
    network = _Network(loaded)
    stereo = np.repeat(sound, 2, axis=0) if sound.shape[0] == 1 else sound[:2]
    level = float(np.sqrt(np.mean(stereo**2, dtype=np.float64))) if sound.shape[1] else 0.0
    result = np.zeros((len(network.names), 2, sound.shape[1]), np.float32)
    if level < QUIET:
        return dict(zip(network.names, result, strict=True))
    covered = np.zeros(sound.shape[1], np.float32)
    weights = _weights(network.window)
    places = list(_places(sound.shape[1], network.window))
    for number, begin in enumerate(places):
        work.report(number / len(places), f"Window {number + 1} of {len(places)}")
        work.check()
        stems = network.run(stereo[:, begin : begin + network.window] / np.float32(level))
        end = begin + stems.shape[-1]
        result[:, :, begin:end] += stems * weights[: end - begin]
        covered[begin:end] += weights[: end - begin]
    result *= np.float32(level) / covered
    work.report(1.0)
    return dict(zip(network.names, result, strict=True))


def _places(frames: int, window: int) -> Iterator[int]:
    """Where windows begin, so that each frame is in one."""
    step = max(round(window * (1 - OVERLAP)), 1)
    begin = 0
    yield begin
    while begin + window < frames:
        begin += step
        yield begin


def _weights(window: int) -> Weights:
    """What a window counts at each of its frames: most in its middle, never nothing."""
    rising = np.arange(1, window // 2 + 1, dtype=np.float32)
    falling = np.arange(window - window // 2, 0, -1, dtype=np.float32)
    both = np.concatenate([rising, falling])
    return np.asarray(both / both.max(), np.float32)


class _Network:
    """An ONNX network that takes (1, 2, frames) and gives (1, stems, 2, frames), or each stem (1, 2, frames) apart."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded, self._session = loaded, loaded.model
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) != 1 or len(inputs[0].shape) != 3 or not _is(inputs[0].shape[1], 2):
            raise self._strange("it asks for more than a stereo sound")
        self._input = inputs[0]
        length = inputs[0].shape[2]
        self.window = length if isinstance(length, int) else round(WINDOW_S * RATE)
        self._whole = [one for one in outputs if len(one.shape) == 4 and _is(one.shape[2], 2)][:1]
        self._apart = [one for one in outputs if len(one.shape) == 3 and _is(one.shape[1], 2)]
        self.names = self._named()

    def _named(self) -> tuple[str, ...]:
        told = tuple(self._loaded.spec.stems)
        if not self._whole and not self._apart:
            raise self._strange("it gives no sounds")
        count = self._whole[0].shape[1] if self._whole else len(self._apart)
        if not self._whole and not told:
            return tuple(one.name for one in self._apart)
        if not isinstance(count, int):
            count = len(told)
        names = told or tuple(f"stem {number + 1}" for number in range(count))
        if len(names) != count or not count:
            raise self._strange(f"it gives {count} stems and its entry names {len(names)}")
        return names

    def _strange(self, why: str) -> StudioError:
        return StudioError(f"“{self._loaded.spec.title}” cannot be used for stems: {why}; choose another network.")

    def run(self, mix: Planar) -> Planar:
        """The stems (n, 2, frames) of a window or less of a mix (2, frames)."""
        frames = mix.shape[1]
        kind = np.float16 if "16" in self._input.type else np.float32
        padded = np.pad(mix, ((0, 0), (0, self.window - frames)))[None].astype(kind)
        wanted = [one.name for one in self._whole or self._apart]
        with told(self._loaded):
            made = self._session.run(wanted, {self._input.name: np.ascontiguousarray(padded)})
        stems = made[0][0] if self._whole else np.concatenate(made, axis=0)
        if stems.shape[0] != len(self.names) or stems.shape[1:] != (2, self.window) or not np.isfinite(stems).all():
            raise self._strange("what it gives is no sound as long as the mix")
        return np.asarray(stems[:, :, :frames], np.float32)


def _is(axis: Any, size: int) -> bool:
    """Whether an axis has this size, or leaves it open."""
    return axis == size or not isinstance(axis, int)


STEM_TITLES: Mapping[str, str] = {
    "drums": "Drums",
    "bass": "Bass",
    "other": "Other",
    "vocals": "Vocals",
    "guitar": "Guitar",
    "piano": "Piano",
}
"""What a person reads for the stems that networks usually give."""
