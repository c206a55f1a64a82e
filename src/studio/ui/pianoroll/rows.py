"""The rows of the editor: which pitch stands in which, how high they are, and what they are called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

NAMES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
BLACK = frozenset({1, 3, 6, 8, 10})


def pitch_name(pitch: int) -> str:
    """The name of a pitch with its octave; 60 is C4."""
    return f"{NAMES[pitch % 12]}{pitch // 12 - 1}"


@dataclass(frozen=True)
class Row:
    """One row: its pitch, its name, and whether what it plays is silenced."""

    pitch: int
    name: str
    muted: bool = False


class Rows:
    """Rows of one height from the top down. `height` is in device pixels; `drums` says that they are named lanes."""

    def __init__(self, rows: Iterable[Row], height: int, drums: bool = False) -> None:
        self.rows: Sequence[Row] = tuple(rows)
        self.height, self.drums = max(height, 1), drums
        self.pitches: npt.NDArray[np.int64] = np.array([row.pitch for row in self.rows], np.int64)
        self.of_pitch: npt.NDArray[np.int64] = np.full(128, -1, np.int64)
        self.of_pitch[self.pitches] = np.arange(len(self.rows))

    @property
    def extent(self) -> int:
        """The height of all rows, in device pixels."""
        return self.height * len(self.rows)

    def at(self, y: float) -> int:
        """The row at a height from the top of the first one; -1 outside."""
        row = int(y // self.height)
        return row if 0 <= row < len(self.rows) else -1

    def nearest(self, y: float) -> int:
        """The row at a height, the first or last one beyond them."""
        return min(max(int(y // self.height), 0), len(self.rows) - 1)


def piano_rows(height: int) -> Rows:
    """All 128 pitches, the highest at the top."""
    return Rows((Row(pitch, pitch_name(pitch)) for pitch in range(127, -1, -1)), height)
