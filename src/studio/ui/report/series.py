"""Takes over days as lines to draw: which figure, its unit, and what it is called. No pixel, no widget."""

from __future__ import annotations

import datetime
import statistics
from collections.abc import Callable, Sequence

import msgspec

from ...engine.voice.pitchtrack import name_of
from ...storage.library import CoachedTake

DAY = 86_400.0


class Series(msgspec.Struct, frozen=True):
    """One figure of takes, oldest first: `points` are (seconds since 1970, value), `spans` (seconds, from, to).

    `days` is the median of each day, at its noon. `signed` says that nothing is best and either side is worse.
    """

    title: str
    points: tuple[tuple[float, float], ...]
    days: tuple[tuple[float, float], ...]
    spans: tuple[tuple[float, float, float], ...] = ()
    signed: bool = False
    words: Callable[[float], str] = str

    @property
    def range(self) -> tuple[float, float]:
        """The lowest and the highest value."""
        values = [value for _, value in self.points] + [value for _, *both in self.spans for value in both]
        return (min(values), max(values)) if values else (0.0, 1.0)


def series_of(takes: Sequence[CoachedTake]) -> list[Series]:
    """What is plotted of takes: score, accuracy, precision, timing, range. Figures that nobody has are left out."""
    made = [
        _plain("Score", takes, lambda take: take.overall, lambda value: f"{value:.0f}"),
        _plain("Accuracy, cents", takes, lambda take: take.accuracy, _signed, signed=True),
        _plain("Precision, ± cents", takes, lambda take: take.precision, lambda value: f"{value:.0f}"),
        _plain("Timing, ms late", takes, lambda take: _ms(take.late), _signed, signed=True),
        _plain("Timing, ± ms", takes, lambda take: _ms(take.spread), lambda value: f"{value:.0f}"),
        _range(takes),
    ]
    return [one for one in made if one.points or one.spans]


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else 1000 * seconds


def _signed(value: float) -> str:
    return f"{value:+.0f}".replace("-", "−") if round(value) else "0"


def _plain(
    title: str,
    takes: Sequence[CoachedTake],
    figure: Callable[[CoachedTake], float | None],
    words: Callable[[float], str],
    signed: bool = False,
) -> Series:
    points = tuple((take.taken, value) for take in takes if (value := figure(take)) is not None)
    return Series(title, points, medians(points), signed=signed, words=words)


def _range(takes: Sequence[CoachedTake]) -> Series:
    spans = tuple((take.taken, take.low, take.high) for take in takes if take.low is not None and take.high is not None)
    return Series("Range", (), (), spans, words=name_of)


def medians(points: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """The median of each day, at the mean time of its takes."""
    days: dict[datetime.date, list[tuple[float, float]]] = {}
    for when, value in points:
        days.setdefault(datetime.datetime.fromtimestamp(when).date(), []).append((when, value))
    return tuple(
        (statistics.fmean(when for when, _ in day), statistics.median(value for _, value in day))
        for _, day in sorted(days.items())
    )


def told(series: Series) -> str:
    """What a plot shows, as a sentence."""
    if series.spans:
        _, low, high = series.spans[-1]
        lowest, highest = min(one[1] for one in series.spans), max(one[2] for one in series.spans)
        widest = f"{series.words(lowest)} to {series.words(highest)}"
        return f"Range: the last take {series.words(low)} to {series.words(high)}, all takes {widest}."
    first, last = series.points[0][1], series.points[-1][1]
    return f"{series.title}: {len(series.points)} takes, first {series.words(first)}, last {series.words(last)}."
