"""What the renderer returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from .fader import SILENT, StereoGain
from .fades import Floats


class Rendered(NamedTuple):
    """A block. Valid until the next call of `render`; not to be written to.

    `master` is float32 (2, frames). `strips` are the signals after the effects and before the fader, float32
    (2, frames), of the strips that are not silent, the master's among them. `peaks` are the largest magnitudes (left,
    right) after the fader. `gains` are the gains (left, right) of the ways to the master, reached by `Renderer.ramp`
    frames into the block.
    """

    master: Floats
    strips: Mapping[str, Floats]
    peaks: Mapping[str, StereoGain]
    gains: Mapping[str, StereoGain]


def joined(parts: list[Rendered]) -> Rendered:
    """Neighbouring blocks as one."""
    strips: dict[str, Floats] = {}
    peaks: dict[str, StereoGain] = {}
    for key in dict.fromkeys(key for part in parts for key in part.strips):
        blocks = [part.strips.get(key, np.zeros_like(part.master)) for part in parts]
        strips[key] = np.concatenate(blocks, axis=1)
        tops = [part.peaks.get(key, SILENT) for part in parts]
        peaks[key] = (max(top[0] for top in tops), max(top[1] for top in tops))
    return Rendered(np.concatenate([part.master for part in parts], axis=1), strips, peaks, {})
