"""Values as people type and read them: tempo, time signature, position, time, level."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..errors import StudioError

if TYPE_CHECKING:
    from ..document.project import Project


class TapTempo:
    """The tempo of taps: the mean of the last eight intervals; a pause of two seconds begins anew."""

    def __init__(self) -> None:
        self._taps: list[float] = []

    def tap(self, now: float) -> float | None:
        """Takes a tap at `now` seconds; returns BPM from the second tap on."""
        if self._taps and now - self._taps[-1] > 2.0:
            self._taps.clear()
        self._taps = [*self._taps[-8:], now]
        if len(self._taps) < 2 or self._taps[-1] <= self._taps[0]:
            return None
        return 60.0 * (len(self._taps) - 1) / (self._taps[-1] - self._taps[0])


def parse_tempo(text: str) -> float:
    """BPM out of typed text such as "92", "92.5" or "92,5 bpm". Raises StudioError."""
    try:
        bpm = float(text.lower().replace("bpm", "").strip().replace(",", "."))
    except ValueError as cause:
        raise StudioError("A tempo is a number of beats per minute, such as 92 or 92.5.") from cause
    if not 10.0 <= bpm <= 999.0:
        raise StudioError("A tempo lies between 10 and 999 beats per minute.")
    return bpm


def parse_signature(text: str) -> tuple[int, int]:
    """Numerator and denominator out of "6/8". Raises StudioError."""
    above, _, below = text.partition("/")
    if not (above.strip().isdigit() and below.strip().isdigit()):
        raise StudioError("A time signature is two numbers, such as 4/4 or 6/8.")
    numerator, denominator = int(above), int(below)
    if not 1 <= numerator <= 64 or denominator not in (1, 2, 4, 8, 16, 32):
        raise StudioError("A time signature has 1 to 64 beats of a whole, half, quarter, 8th, 16th or 32nd note.")
    return numerator, denominator


def parse_position(text: str, project: Project) -> int:
    """The frame of "17", "17.3" or "17.3.240" (bar, beat, tick). Raises StudioError."""
    from ..document.time import bar_tick, signature_at

    parts = text.replace(":", ".").split(".")
    if not 1 <= len(parts) <= 3 or not all(part.strip().isdigit() for part in parts):
        raise StudioError("A position is bar, beat and tick, such as 17 or 17.3 or 17.3.240.")
    bar, beat, tick = (*(int(part) for part in parts), *(1, 1, 0)[len(parts) :])
    start = bar_tick(project.signatures, max(bar, 1))
    beat_ticks = signature_at(project.signatures, start).beat_ticks
    return max(0, project.time.frame(start + max(beat - 1, 0) * beat_ticks + tick))


def parse_time(text: str, rate: int) -> int:
    """The frame of "83.5", "1:23.5" or "1:02:03" (hours, minutes, seconds). Raises StudioError."""
    seconds = 0.0
    try:
        for part in text.replace(",", ".").split(":"):
            seconds = seconds * 60 + float(part)
    except ValueError as cause:
        raise StudioError("A time is minutes and seconds, such as 1:23.5.") from cause
    if not 0 <= seconds < 360_000:
        raise StudioError("A time lies between 0 and 100 hours.")
    return round(seconds * rate)


def clock_text(frame: int, rate: int) -> str:
    """A frame as minutes, seconds and milliseconds, with hours where there are some."""
    ms = max(frame, 0) * 1000 // rate
    minutes, ms = divmod(ms, 60_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{minutes:02d}:{ms // 1000:02d}.{ms % 1000:03d}"
    return f"{hours}:{text}" if hours else text


def level_text(peak: float) -> str:
    """A linear peak in dBFS, always as wide as "−60.0"."""
    return f"{20 * math.log10(peak):+5.1f}".replace("-", "−") if peak > 1e-5 else "   −∞"
