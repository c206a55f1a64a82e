"""The grid on which chords are looked for: beats, with how readily a chord changes at each."""

from __future__ import annotations

from typing import NamedTuple

from ....document.time import Signature, bar_beat, bar_tick, signature_at

MOST_CELLS = 20_000
"""Beats of a song that are looked at, nearly three hours at 120 BPM; what follows is one more cell."""

_AT_BAR, _AT_HALF, _AT_BEAT = 0.45, 0.2, 0.06
"""How likely a chord changes at a bar line, in the middle of a bar, at another beat."""


class Grid(NamedTuple):
    """Cells between `edges`, one more edge than cells, in rising song ticks.

    `changes` has for each cell how likely a chord begins there, 0 to 1.
    """

    edges: tuple[int, ...]
    changes: tuple[float, ...]


def grid_of(signatures: tuple[Signature, ...], start: int, end: int) -> Grid:
    """One cell a beat of the song's bars, from tick `start` to `end`; the first and last may be shorter."""
    edges: list[int] = []
    changes: list[float] = []
    at = start
    while at < end and len(edges) < MOST_CELLS:
        spot, signature = bar_beat(signatures, at), signature_at(signatures, at)
        edges.append(at)
        changes.append(_change(spot.beat, signature.numerator) if spot.tick == 0 else _AT_BEAT)
        following = at - spot.tick + signature.beat_ticks
        bar_end = bar_tick(signatures, spot.bar + 1)
        at = min(following, bar_end) if at < bar_end else following
    return Grid((*edges, end), tuple(changes))


def even_grid(cell: int, cells: int) -> Grid:
    """Cells of equal length from tick 0 on, where no bars are known."""
    return Grid(tuple(n * cell for n in range(cells + 1)), (_AT_HALF,) * cells)


def _change(beat: int, beats: int) -> float:
    if beat == 1:
        return _AT_BAR
    return _AT_HALF if beats % 2 == 0 and beat == beats // 2 + 1 else _AT_BEAT
