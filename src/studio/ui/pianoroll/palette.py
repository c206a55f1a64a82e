"""The colours of the editor's picture. Every cell of a row and a column of pixels has a code; a table gives its colour.

Grounds are `class + 3 * line`, with 8 kinds of column lines (the last four outside the clip); ghosts follow, then notes
by state and loudness, each with a second code for the columns at its ends.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .. import theme
from ..timeline.columns import rgb

Codes = npt.NDArray[np.uint8]

PLAIN, SHADED, TONIC = 0, 1, 2
CLASSES = 3
NONE, FINE, BEAT, BAR = 0, 1, 2, 3
OUTSIDE = 4
"""Added to a line: the column lies outside what the clip shows."""

GHOST, REPEAT = 32, 34
NOTES = 64
LOUDNESS = 8
NORMAL, SELECTED, MUTED, MUTED_SELECTED, HIDDEN = range(5)
STATE = 2 * LOUDNESS
"""How many codes each state takes."""

_GROUNDS = ("#21242c", "bg", "#21242c")


def code_of(state: npt.NDArray[np.int64], velocity: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """The codes of notes by state and velocity, 1 to 127."""
    loud = np.clip(velocity // (128 / LOUDNESS), 0, LOUDNESS - 1).astype(np.int64)
    return (NOTES + state * STATE + 2 * loud).astype(np.uint8)


@lru_cache(maxsize=64)
def inks(track: str) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """The colours of all codes inside a row, and at its upper and lower border, for a track's colour: uint32 (256)."""
    inside, border = np.zeros(256, np.uint32), np.zeros(256, np.uint32)
    _grounds(inside, border)
    for first, amount in ((GHOST, 0.22), (REPEAT, 0.34)):
        ink = rgb(theme.mix("dim" if first == GHOST else track, "bg", amount))
        inside[first : first + 2] = border[first : first + 2] = ink
    for state in range(5):
        for loud in range(LOUDNESS):
            body, edge = _note(track, state, (loud + 1) / LOUDNESS)
            at = NOTES + state * STATE + 2 * loud
            inside[at], inside[at + 1] = body, edge
            border[at] = border[at + 1] = edge
    return inside, border


def _grounds(inside: npt.NDArray[np.uint32], border: npt.NDArray[np.uint32]) -> None:
    weights = {NONE: 0.0, FINE: 0.35, BEAT: 0.7, BAR: 1.0}
    for line in range(8):
        for ground, name in enumerate(_GROUNDS):
            under = "well" if line >= OUTSIDE else name
            tint = theme.mix("accent", under, 0.08).name() if ground == TONIC else under
            strength = weights[line % OUTSIDE] * (0.5 if line >= OUTSIDE else 1.0)
            ink = "faint" if line % OUTSIDE == BAR else "line"
            inside[ground + CLASSES * line] = rgb(theme.mix(ink, tint, strength))
            border[ground + CLASSES * line] = rgb(theme.mix("line", tint, 0.55 if line < OUTSIDE else 0.25))


def _note(track: str, state: int, loud: float) -> tuple[int, int]:
    if state == HIDDEN:
        return rgb(theme.mix(track, "well", 0.25)), rgb(theme.mix(track, "well", 0.4))
    if state == SELECTED:
        return rgb(theme.mix("#ffffff", track, 0.25 + 0.4 * loud)), rgb(theme.color("#ffffff"))
    if state == MUTED:
        return rgb(theme.mix("dim", "bg", 0.3)), rgb(theme.mix("dim", "bg", 0.55))
    if state == MUTED_SELECTED:
        return rgb(theme.mix("dim", "bg", 0.45)), rgb(theme.color("#ffffff"))
    return rgb(theme.mix(track, "bg", 0.35 + 0.6 * loud)), rgb(theme.mix(track, "bg", 0.2))
