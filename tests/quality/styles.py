"""Which style drums are in, by a small classifier that has heard human drummers only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from studio.document.time import PPQ

from .drummers import Hits, Performance

Floats = npt.NDArray[np.float64]

KNOWN = ("funk", "hiphop", "jazz", "latin", "rock")
"""The styles it tells apart: those of which many performances were recorded."""

CHANCE = 1 / len(KNOWN)

BAR, SIXTEENTH = 4 * PPQ, PPQ // 4
PIECE = 8
"""Bars that are judged at a time."""

FAMILIES = (
    (35, 36),  # kick
    (38, 40, 39, 65, 68),  # snare, clap, and the high timbale in its place
    (37, 75, 76, 77),  # side stick, claves, wood blocks
    (42, 22, 70, 69, 82),  # closed hat, and shakers in its place
    (44,),  # pedal hat
    (46, 26),  # open hat
    (51, 59, 53, 56, 67),  # ride, its bell, cow-bell
    (41, 43, 45, 47, 48, 50, 58, 66),  # toms and the low timbale
    (49, 52, 55, 57),  # crashes
)
"""Pitches of General MIDI, and those of the kit that was recorded, by drum."""

_FAMILY = {pitch: n for n, pitches in enumerate(FAMILIES) for pitch in pitches}


def features(hits: Hits) -> Floats:
    """Strokes per bar on each drum and sixteenth, their density, mean velocities and how far off-beats lie late.

    float64 (features,). Square roots, so that a busy lane does not drown the others.
    """
    bars = max((hits.ticks[-1] - hits.ticks[0]) / BAR, 1.0) if len(hits.ticks) else 1.0
    grid = np.zeros((len(FAMILIES), 16))
    loud = np.zeros(len(FAMILIES))
    for tick, pitch, velocity in zip(hits.ticks, hits.pitches, hits.velocities, strict=True):
        family = _FAMILY.get(int(pitch))
        if family is not None:
            grid[family, round(tick / SIXTEENTH) % 16] += 1
            loud[family] += velocity
    struck = grid.sum(1)
    mean = np.divide(loud, struck, out=np.zeros_like(loud), where=struck > 0) / 127
    return np.concatenate([np.sqrt(grid / bars).ravel(), np.sqrt(struck / bars), mean, _off_beats(hits)])


def _off_beats(hits: Hits) -> Floats:
    """Shares of strokes near the straight and the triplet places between two beats."""
    within = hits.ticks % PPQ / PPQ
    places = np.array([0.25, 1 / 3, 0.5, 2 / 3, 0.75])
    near = np.abs(within[:, None] - places) < 1 / 24
    return near.mean(0) if len(within) else np.zeros(len(places))


def pieces(hits: Hits) -> list[Hits]:
    """The strokes cut every eight bars, counted from the first; what is left over counts if it is half of that."""
    found = []
    length = PIECE * BAR
    for number in range(int(hits.ticks[-1] // length) + 1 if len(hits.ticks) else 0):
        chosen = (hits.ticks >= number * length) & (hits.ticks < (number + 1) * length)
        one = Hits(hits.ticks[chosen], hits.pitches[chosen], hits.velocities[chosen], hits.bpm)
        if len(one.ticks) and (number == 0 or one.ticks[-1] - one.ticks[0] >= length / 2):
            found.append(one)
    return found


class Listener:
    """A classifier of styles: logistic regression, every style weighing the same."""

    def __init__(self, heard: Iterable[Performance]) -> None:
        lessons = [(features(piece), one.style) for one in heard if one.style in KNOWN for piece in pieces(one.hits)]
        self._model: Pipeline = make_pipeline(
            StandardScaler(), LogisticRegression(C=0.02, class_weight="balanced", max_iter=2000)
        )
        self._model.fit(np.array([lesson for lesson, _ in lessons]), [style for _, style in lessons])

    def style_of(self, hits: Hits) -> str:
        """The style that most of the pieces seem to be in; empty for silence."""
        cut = pieces(hits)
        if not cut:
            return ""
        shares = self._model.predict_proba(np.array([features(piece) for piece in cut])).mean(0)
        return str(self._model.classes_[int(np.argmax(shares))])


def accuracy(listener: Listener, played: Sequence[Performance]) -> dict[str, tuple[int, int]]:
    """By style, how many performances are put where they belong, and how many there are."""
    known = [one for one in played if one.style in KNOWN]
    right = Counter(one.style for one in known if listener.style_of(one.hits) == one.style)
    total = Counter(one.style for one in known)
    return {style: (right[style], total[style]) for style in KNOWN if total[style]}
