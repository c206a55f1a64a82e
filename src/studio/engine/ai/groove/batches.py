"""Performances made into batches: shuffled, varied, laid end to end and cut, the same for the same seed and step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from msgspec.structs import replace

from .codes import Codes, about, codes_of, echoes_of
from .hits import FINES, TOMS, Ints, Performance, coded, fills_of

if TYPE_CHECKING:
    from .network import Batch

LOUDER = 16.0
"""How far all velocities of a performance are moved at most."""
LATER = 1.5 / FINES
"""How far, in steps, all hits of a performance are moved at most."""
OTHER_TOMS, OTHER_TEMPO = 0.3, 0.06

FORGET_STYLE, FORGET_TEMPO, FORGET_FILLS = 0.2, 0.2, 0.6
"""How often a condition is left out, so that the network can do without it."""

ECHOES = ("then1", "then2", "fine1", "fine2", "loud1", "loud2")
FIELDS = ("places", "fines", "velocities", "at", "fills", "style", "tempo", "piece", *ECHOES)


class Rows(msgspec.Struct, frozen=True):
    """Sequences side by side as arrays (rows, codes + 1) by the names of Batch. `scored` (rows, codes) as of losses."""

    arrays: dict[str, Ints]

    def given(self) -> Batch:
        """All codes but the last."""
        return _batch({name: array[:, :-1] for name, array in self.arrays.items()})

    def wanted(self) -> Batch:
        """All codes but the first."""
        return _batch({name: array[:, 1:] for name, array in self.arrays.items()})

    def scored(self) -> Any:
        """Bool tensor: where the code that follows belongs to the same piece."""
        import torch

        piece = self.arrays["piece"]
        return torch.from_numpy((piece[:, :-1] == piece[:, 1:]) & (piece[:, 1:] >= 0))


def _batch(arrays: dict[str, Ints]) -> Batch:
    import torch

    from .network import Batch

    return Batch(**{name: torch.from_numpy(np.ascontiguousarray(arrays[name])) for name in FIELDS})


class Stream:
    """An endless row of batches from performances. `batch(step)` depends on the seed and the step alone."""

    def __init__(self, performances: Sequence[Performance], rows: int, length: int, seed: int) -> None:
        self._performances, self._rows, self._length, self._seed = list(performances), rows, length, seed
        codes = sum(codes_of(coded(one)).count for one in self._performances)
        self.steps = max(codes // (rows * length), 1)
        self._epoch = -1
        self._laid: dict[str, Ints] = {}

    def batch(self, step: int) -> Rows:
        """The batch of a step, counted from 0."""
        epoch, within = divmod(step, self.steps)
        if epoch != self._epoch:
            self._epoch, self._laid = epoch, self._lay(epoch)
        size = self._rows * self._length
        begins = within * size + np.arange(self._rows) * self._length
        places = begins[:, None] + np.arange(self._length + 1)
        return Rows({name: array[places % len(array)] for name, array in self._laid.items()})

    def _lay(self, epoch: int) -> dict[str, Ints]:
        """All performances end to end, each varied, from a random place on."""
        rng = np.random.default_rng((self._seed, epoch))
        pieces = []
        for piece, n in enumerate(rng.permutation(len(self._performances))):
            pieces.append(columns(varied(self._performances[n], rng), piece, rng))
        laid = {name: np.concatenate([one[name] for one in pieces]) for name in FIELDS}
        turn = int(rng.integers(len(laid["at"])))
        return {name: np.roll(array, turn) for name, array in laid.items()}


def columns(performance: Performance, piece: int, rng: np.random.Generator | None = None) -> dict[str, Ints]:
    """A performance's codes with its conditions, of which chance leaves some out; none without chance but the fills."""
    hits = coded(performance)
    style, tempo = about(performance.style, performance.bpm)
    fills: Ints | None = None
    if rng is not None:
        style = 0 if rng.random() < FORGET_STYLE else style
        tempo = 0 if rng.random() < FORGET_TEMPO else tempo
        fills = None if rng.random() < FORGET_FILLS else fills_of(performance, hits)
    return conditioned(codes_of(hits, fills), style, tempo, piece)


def conditioned(codes: Codes, style: int, tempo: int, piece: int = 0) -> dict[str, Ints]:
    """Codes with style, tempo and echoes beside each, by the names of Batch."""
    count = codes.count
    known = {"style": np.full(count, style), "tempo": np.full(count, tempo), "piece": np.full(count, piece)}
    return {name: getattr(codes, name) for name in codes.__struct_fields__} | known | echoes_of(codes)


def varied(performance: Performance, rng: np.random.Generator) -> Performance:
    """The performance a little louder or softer, earlier or later, at another tempo, on other toms."""
    velocities = np.clip(np.round(performance.velocities + rng.uniform(-LOUDER, LOUDER)), 1, 127).astype(np.int64)
    times = np.maximum(performance.times + rng.uniform(-LATER, LATER), -0.5)
    lanes = performance.lanes
    if rng.random() < OTHER_TOMS:
        moved = np.clip(lanes + rng.choice([-1, 1]), TOMS[0], TOMS[-1])
        lanes = np.where(np.isin(lanes, TOMS), moved, lanes)
    bpm = performance.bpm * float(np.exp(rng.uniform(-OTHER_TEMPO, OTHER_TEMPO)))
    return replace(performance, times=times, lanes=lanes, velocities=velocities, bpm=bpm)
