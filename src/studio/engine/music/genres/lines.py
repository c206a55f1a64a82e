"""Patterns drawn as text, read into steps."""

from __future__ import annotations

from functools import lru_cache

from ....document.time import Signature
from ....errors import StudioError

BARS = 16
"""The most bars a pattern may have."""


def signature_of(text: str) -> Signature:
    """A time signature such as "6/8"."""
    over, under = text.split("/")
    return Signature(0, int(over), int(under))


@lru_cache(4096)
def bars_of(drawn: str, bar_ticks: int) -> tuple[str, ...]:
    """The steps of each bar of a drawn pattern, a character each.

    Raises StudioError with the reason where the steps of a bar do not divide it.
    """
    bars = tuple("".join(bar.split()) for bar in drawn.strip().strip("|").split("|"))
    if len(bars) > BARS:
        raise StudioError(f"“{drawn}” has {len(bars)} bars; a pattern has at most {BARS}.")
    for bar in bars:
        if not bar:
            raise StudioError(f"“{drawn}” has an empty bar; write a `.` for silence.")
        if bar_ticks % len(bar):
            raise StudioError(f"The bar “{bar}” has {len(bar)} steps, which does not divide a bar evenly.")
    return bars


def held(bars: tuple[str, ...], bar: int, n: int, bar_ticks: int, more: int = 0) -> int:
    """How many ticks the sign at step `n` lasts with the `-` behind it, over at most `more` bar lines."""
    steps = bars[bar % len(bars)]
    until = n + 1 + _dashes(steps, n + 1)
    ticks = (until - n) * (bar_ticks // len(steps))
    while until == len(steps) and more > 0:
        bar, more = bar + 1, more - 1
        steps = bars[bar % len(bars)]
        until = _dashes(steps, 0)
        ticks += until * (bar_ticks // len(steps))
    return ticks


def _dashes(steps: str, n: int) -> int:
    return len(steps) - n - len(steps[n:].lstrip("-"))
