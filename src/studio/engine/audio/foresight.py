"""Which pages of which files will be needed soon, and in what order."""

from __future__ import annotations

from .pagefile import PAGE
from .plan import RenderPlan

PageKey = tuple[str, int]
"""Path of the file and number of the page."""


def wanted_pages(plan: RenderPlan, points: tuple[int, ...], horizon: int, most: int) -> dict[PageKey, None]:
    """The pages to hold, at most `most`, the most urgent first (a dict for its order and its fast `in`).

    `points` are song frames: what follows the first one within `horizon` frames comes first, then half as much of each
    of the others. Reader thread.
    """
    wanted: dict[PageKey, None] = {}
    for at, point in enumerate(points):
        ahead = horizon if at == 0 else horizon // 2
        for _, path, number in sorted(_needs(plan, point, point + ahead)):
            wanted[path, number] = None
            if len(wanted) >= most:
                return wanted
    return wanted


def _needs(plan: RenderPlan, first: int, last: int) -> list[tuple[int, str, int]]:
    """The pages that sound in the song frames `first` to `last`, as (song frame of first use, path, page number)."""
    needs = []
    for strip in plan.strips:
        for segment in strip.segments.between(first, last):
            media, source = segment.media, segment.source - segment.start
            begin, stop = max(first, segment.start), min(last, segment.end)
            low, high = max(begin + source, 0), min(stop + source, media.frames)
            if low < high and media.path:
                numbers = range(low // PAGE, (high - 1) // PAGE + 1)
                needs += [(max(begin, number * PAGE - source), media.path, number) for number in numbers]
    return needs
