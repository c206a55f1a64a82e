"""The trace of an exercise, kept while it is sung, so that it can be judged when it is over."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .heard import Heard, SoundFacts
from .livering import Seen

SETTLED = 16
"""Frames at the end of a trace whose answers may still change."""

Times = npt.NDArray[np.float64]


class KeptTrace:
    """Gathers what is sung. One thread; `add` at least every half minute, because the live ring forgets."""

    def __init__(self, rate: int) -> None:
        self._rate, self._last = rate, -1
        self._parts: list[tuple[Seen, Times]] = []

    def add(self, seen: Seen, times: Times, over: bool = False) -> None:
        """Takes in what is new: the frames of a trace and their seconds of the target (NaN where it stood).

        The newest frames are left for the next time, unless it is `over`.
        """
        end = len(seen) if over else max(len(seen) - SETTLED, 0)
        fresh = seen.at[:end] > self._last
        if not fresh.any():
            return
        self._last = int(seen.at[:end][fresh][-1])
        wanted = np.flatnonzero(fresh & np.isfinite(times[:end]))
        cut = Seen(seen.at[wanted], seen.song[wanted], seen.hz[wanted], seen.confidence[wanted], seen.loudness[wanted])
        self._parts.append((cut, times[wanted].copy()))

    def heard(self, seconds: float) -> Heard:
        """The voice from the beginning of the target on; where a line was sung twice, the later time counts."""

        def column(name: str) -> Any:
            return np.concatenate([getattr(part, name) for part, _ in self._parts]) if self._parts else np.zeros(0)

        at, song, hz, confidence, loudness = map(column, ("at", "song", "hz", "confidence", "loudness"))
        times = np.concatenate([times for _, times in self._parts]) if self._parts else np.zeros(0)
        track = Seen(at, song, hz, confidence, loudness).track(times, 0.0, seconds)
        loudest = float(track.loudness.max()) if len(track) else -120.0
        return Heard(track, SoundFacts(seconds, self._rate, 10.0 ** (loudest / 20.0), 0.0, None))
