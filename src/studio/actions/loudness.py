"""How loud a sound file is."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from ..engine.audio.decode import decode_blocks, probe
from ..engine.audio.loudness import LoudnessMeter
from ..engine.jobs import Work


def loudness_of(path: Path, work: Work) -> float | None:
    """The integrated loudness in LUFS (BS.1770), None for silence. Worker threads; raises DecodeError."""
    about = probe(path)
    meter = LoudnessMeter(about.rate, about.channels, between=False)
    done = 0
    for block in decode_blocks(path):
        work.check()
        meter.add(np.nan_to_num(block))
        done += block.shape[1]
        work.report(done / max(about.frames, 1))
    found = meter.integrated()
    return float(found) if math.isfinite(found) else None
