"""Bounce: the song into a file, by a renderer of its own that waits for every page."""

from __future__ import annotations

import math
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import numpy as np

from ...errors import StudioError
from .chain import peaks
from .export import AudioWriter, Bits, Format
from .fades import Floats
from .loudness import LoudnessMeter
from .pages import PageReader
from .plan import RenderPlan
from .preparing import prepare
from .renderer import Renderer
from .strip import CELL, QUIET, QUIET_SECONDS, TAIL_SECONDS

PATIENCE = 60.0
"""Seconds after which a disk that does not answer counts as unreadable."""

EFFECTS_BLOCK = CELL // 4
"""Frames rendered at once where there are effects: many strips side by side should fit into the processor's cache."""


class BounceCancelled(StudioError):
    """The caller asked to stop; nothing is left behind."""


class BounceReport(msgspec.Struct, frozen=True):
    """What was written. `frames` and `rate` are those rendered; `peak_dbfs` and `lufs` are -inf for silence.

    `notices` are sentences about what could not be rendered as the song has it.
    """

    file: Path
    frames: int
    rate: int
    peak_dbfs: float
    lufs: float
    notices: tuple[str, ...] = ()


def bounce(
    plan: RenderPlan,
    out: Path,
    *,
    start: int = 0,
    end: int | None = None,
    format: Format = "wav",
    bits: Bits = "24",
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    font: Path | None = None,
    pages_factory: Callable[[int], PageReader] = PageReader,
) -> BounceReport:
    """Render the song frames `start` to `end` into `out`; without `end`, to the end of the song and of its tail.

    Mute and solo count. The file appears when it is whole; on a failure or a cancel nothing is left. `progress` gets
    0..1; `cancelled` is asked once a block and may raise as well; `font` is the SoundFont, None for the usual
    one. Raises StudioError: nothing to render, disk full, and BounceCancelled. I/O pool.
    """
    done, total = 0, (plan.end if end is None else end) - start
    if total <= 0:
        raise StudioError("There is nothing to export: the song is empty, or ends before the range begins.")
    meter = LoudnessMeter(plan.rate, 2, between=False)
    pages = pages_factory(plan.rate)
    try:
        with (
            ThreadPoolExecutor(1, "bounce-effects") as crew,
            AudioWriter(out, format, plan.rate, 2, bits) as writer,
            _Sink(writer, meter) as sink,
        ):
            renderer = Renderer(plan.rate, pages, PATIENCE, metering=False, crew=crew)
            renderer.adopt(plan, prepare(plan, font=font))
            renderer.reset(start)
            for block in _blocks(renderer, plan, start, end):
                if cancelled is not None and cancelled():
                    raise BounceCancelled(f"Exporting “{out.name}” was cancelled.")
                sink.put(block)
                done += block.shape[1]
                if progress is not None:
                    progress(min(done / total, 0.99))
    finally:
        pages.close()
    if progress is not None:
        progress(1.0)
    peak = 20 * math.log10(meter.sample_peak) if meter.sample_peak > 0 else -math.inf
    notices = (*plan.notices, *renderer.notices, *pages.notices)
    return BounceReport(out, writer.frames, plan.rate, peak, meter.integrated(), notices)


class _Sink:
    """Encodes and measures on a thread of its own, a few blocks behind the renderer."""

    def __init__(self, writer: AudioWriter, meter: LoudnessMeter) -> None:
        self._writer, self._meter = writer, meter
        self._blocks: queue.Queue[Floats | None] = queue.Queue(8)
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="bounce", daemon=True)

    def put(self, block: Floats) -> None:
        """Hand over a block, waiting while the disk is behind. Raises what went wrong with an earlier one."""
        if self._failure is not None:
            raise self._failure
        self._blocks.put(block)

    def __enter__(self) -> _Sink:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._blocks.put(None)
        self._thread.join()
        if kind is None and self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        while (block := self._blocks.get()) is not None:
            if self._failure is None:
                try:
                    self._writer.write(block)
                    self._meter.add(block)
                except BaseException as failure:
                    self._failure = failure


def _blocks(renderer: Renderer, plan: RenderPlan, start: int, end: int | None) -> Iterator[Floats]:
    """The song from `start`, block by block, with its tail if `end` is None."""
    stop, at = plan.end if end is None else end, start
    step = EFFECTS_BLOCK if any(strip.inserts for strip in plan.strips) else CELL
    while at < stop:
        frames = min(step - at % step, stop - at)
        yield renderer.render(at, frames).master
        at += frames
    if end is None:
        yield from _tail(renderer, at)


def _tail(renderer: Renderer, at: int) -> Iterator[Floats]:
    """What rings on after the song, up to its last frame over -90 dBFS."""
    held: list[Floats] = []
    quiet, last = 0, at + round(TAIL_SECONDS * renderer.rate)
    while renderer.ringing and at < last and quiet < QUIET_SECONDS * renderer.rate + renderer.hold:
        frames = min(CELL - at % CELL, last - at)
        block = renderer.render(at, frames).master
        at += frames
        loud = _loud(block)
        if loud:
            yield from held
            yield block[:, :loud]
            held = []
        held.append(block[:, loud:])
        quiet = frames - loud if loud else quiet + frames


def _loud(block: Floats) -> int:
    """The frame after the last one over -90 dBFS, 0 if there is none."""
    if max(peaks(block)) < QUIET:
        return 0
    over = np.flatnonzero(np.maximum(np.abs(block[0]), np.abs(block[1])) >= QUIET)
    return int(over[-1]) + 1
