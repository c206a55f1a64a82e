"""What one strip of a plan plays before its fader, as an array: the material that a model is given to work on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from .bounce import PATIENCE
from .fades import Floats
from .pages import PageReader
from .plan import RenderPlan
from .preparing import prepare
from .renderer import Renderer
from .strip import CELL


def render_strip(
    plan: RenderPlan,
    strip: str,
    start: int,
    end: int,
    check: Callable[[float], None] = lambda _: None,
    font: Path | None = None,
) -> tuple[Floats, tuple[str, ...]]:
    """float32 (2, frames) of the song frames `start` to `end` of a strip, after its effects and before its fader, and
    what could not be rendered as the song has it, in sentences.

    A strip whose sounds are all mono is the same on both sides, at its own level. `check` gets 0..1 after each block
    and may raise to stop; `font` is the SoundFont, None for the usual one. Worker threads; waits for the disk.
    """
    sound = np.zeros((2, end - start), np.float32)
    pages = PageReader(plan.rate)
    try:
        renderer = Renderer(plan.rate, pages, PATIENCE)
        renderer.adopt(plan, prepare(plan, font=font))
        renderer.reset(start)
        at = start
        while at < end:
            frames = min(CELL - at % CELL, end - at)
            block = renderer.render(at, frames).strips.get(strip)
            if block is not None:
                sound[:, at - start : at - start + frames] = block
            at += frames
            check((at - start) / (end - start))
        return sound, (*plan.notices, *renderer.notices, *pages.notices)
    finally:
        pages.close()
