"""Which key a piece is in, by how much of each pitch class sounds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ....document.harmony import Key

Floats = npt.NDArray[np.float64]

_MAJOR = (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081)
_MINOR = (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052)
_CERTAIN = 12.0
"""How fast being the better match becomes being sure."""


class KeyFound(NamedTuple):
    """A key and how sure it is, 0 to 1: the chance that a piece of this sort is in it."""

    key: Key
    confidence: float


def key_of(weights: npt.ArrayLike) -> KeyFound | None:
    """The key in which twelve pitch classes, C first, sound this long; None for silence or all alike.

    Each of the 24 major and minor keys is the correlation with the profile of J. Albrecht and D. Shanahan, The Use of
    Large Corpora to Train a New Type of Key-Finding Algorithm, Music Perception 31 (2013), after C. Krumhansl and
    E. Kessler (1982): of those tried it tells natural minor from its relative best. The confidence is the share of the
    best of them. Any thread.
    """
    heard = np.asarray(weights, np.float64)
    spread = heard - heard.mean()
    size = float(np.sqrt(np.sum(spread**2)))
    if not np.isfinite(size) or size <= 1e-9:
        return None
    matches = np.array([_match(spread / size, profile, tonic) for profile in (_MAJOR, _MINOR) for tonic in range(12)])
    shares = np.exp(_CERTAIN * (matches - matches.max()))
    best = int(np.argmax(matches))
    key = Key(0, best % 12, "major" if best < 12 else "minor")
    return KeyFound(key, float(shares[best] / shares.sum()))


def _match(heard: Floats, profile: tuple[float, ...], tonic: int) -> float:
    wanted = np.roll(np.array(profile), tonic)
    wanted = wanted - wanted.mean()
    return float(np.sum(heard * wanted) / np.sqrt(np.sum(wanted**2)))
