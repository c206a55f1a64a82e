"""Two instruments on one track: some pitches are played by one of them, all others by the other."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from msgspec.structs import replace

from ....document.instruments import Instrument
from ..fades import Floats
from ..score import OFF, ON, SILENT_SCORE, Score
from .synth import Synth


class Layered:
    """Plays the pitches `mine` on `upper` and the others on `lower`; controls reach both. See Synth."""

    def __init__(self, upper: Synth, lower: Synth, mine: Collection[int]) -> None:
        self._upper, self._lower = upper, lower
        self._mine = np.zeros(128, bool)
        self._mine[list(mine)] = True
        self._whole = self._above = self._below = SILENT_SCORE

    @property
    def notice(self) -> str:
        """See Synth."""
        return self._upper.notice or self._lower.notice

    @property
    def active(self) -> bool:
        """See Synth."""
        return self._upper.active or self._lower.active

    def set(self, instrument: Instrument) -> None:
        """See Synth."""
        self._upper.set(instrument)
        self._lower.set(instrument)

    def reset(self, score: Score, position: int) -> None:
        """See Synth."""
        self._split(score)
        self._upper.reset(self._above, position)
        self._lower.reset(self._below, position)

    def release(self) -> None:
        """See Synth."""
        self._upper.release()
        self._lower.release()

    def play(self, score: Score, first: int, last: int) -> Floats:
        """See Synth."""
        self._split(score)
        return self._upper.play(self._above, first, last) + self._lower.play(self._below, first, last)

    def _split(self, score: Score) -> None:
        """Take the notes of a score apart, unless it is the one that was."""
        if score is self._whole:
            return
        notes = (score.kind == ON) | (score.kind == OFF)
        mine = notes & self._mine[np.where(notes, score.number, 0)]
        self._whole, self._above, self._below = score, _chosen(score, mine | ~notes), _chosen(score, ~mine)


def _chosen(score: Score, which: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Score:
    columns = {name: getattr(score, name)[which] for name in ("frame", "kind", "number", "value")}
    return replace(score, **columns)
