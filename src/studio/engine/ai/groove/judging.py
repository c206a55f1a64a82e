"""How well a network knows performances: bits per hit, split into what they are spent on."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt

from .batches import FIELDS, Rows, conditioned
from .codes import BAR, about, codes_of
from .hits import LANES, Ints, Performance, coded, fills_of

if TYPE_CHECKING:
    from .network import GrooveNetwork

WINDOW, STRIDE = 384, 192
"""Codes that the network sees at once; every code but the first ones is scored with at least a stride behind it."""

ROWS = 16
PARTS = ("step", "lane", "fine", "velocity")


class Bits(msgspec.Struct, frozen=True):
    """Bits of one performance. `step` is the cost of the steps and bar lines, `lane` that of the lanes given them."""

    hits: int
    step: float
    lane: float
    fine: float
    velocity: float

    @property
    def total(self) -> float:
        """All bits."""
        return self.step + self.lane + self.fine + self.velocity


def judge(
    network: GrooveNetwork,
    performances: Sequence[Performance],
    *,
    fills: bool = False,
    conditions: bool = True,
    progress: Callable[[float], None] = lambda _: None,
) -> list[Bits]:
    """The bits of each performance, bar lines included. Worker threads; the result does not depend on the company.

    Style and tempo are told to the network if `conditions`, the fills of the bars only if `fills`.
    """
    sequences = [_columns(one, fills, conditions) for one in performances]
    windows = [(n, begin) for n, one in enumerate(sequences) for begin in _begins(len(one["at"]))]
    windows.sort(key=lambda window: _length(sequences[window[0]], window[1]))
    spent = np.zeros((len(performances), len(PARTS)))
    for first in range(0, len(windows), ROWS):
        chosen = windows[first : first + ROWS]
        costs = _costs(network, [_window(sequences[n], begin) for n, begin in chosen])
        for (n, begin), cost in zip(chosen, costs, strict=True):
            spent[n] += cost[0 if begin == 0 else WINDOW - STRIDE :].sum(0)
        progress(min((first + ROWS) / max(len(windows), 1), 1.0))
    return [Bits(one.count, *map(float, bits)) for one, bits in zip(performances, spent, strict=True)]


def _columns(performance: Performance, fills: bool, conditions: bool) -> dict[str, Ints]:
    hits = coded(performance)
    known = fills_of(performance, hits) if fills else None
    style, tempo = about(performance.style, performance.bpm) if conditions else (0, 0)
    return conditioned(codes_of(hits, known), style, tempo)


def _begins(count: int) -> list[int]:
    """Where windows begin so that each code but the first is scored once."""
    more = max(math.ceil((count - 1 - WINDOW) / STRIDE), 0)
    return [n * STRIDE for n in range(more + 1)]


def _length(columns: dict[str, Ints], begin: int) -> int:
    return min(len(columns["at"]) - begin, WINDOW + 1)


def _window(columns: dict[str, Ints], begin: int) -> dict[str, Ints]:
    return {name: array[begin : begin + WINDOW + 1] for name, array in columns.items()}


def _costs(network: GrooveNetwork, windows: list[dict[str, Ints]]) -> list[npt.NDArray[np.float64]]:
    """Bits of each code after the first (codes, parts) of some windows, which are filled up to one length."""
    import torch

    from .network import mask_of

    longest = max(len(one["at"]) for one in windows)
    filled = {name: np.stack([_filled(one[name], longest) for one in windows]) for name in FIELDS}
    rows = Rows(filled)
    given, wanted = rows.given(), rows.wanted()
    with torch.no_grad():
        mask = mask_of(torch.zeros_like(given.piece))
        read = network.read(given, mask)
        places = network.places(read, given.places).log_softmax(-1)
        looked = network.look_back(read, given.at, wanted, mask)
        fine = network.fines(looked).log_softmax(-1)
        velocity = network.velocities(looked, wanted.fines).log_softmax(-1)
        is_bar = wanted.places == BAR
        step = torch.cat(
            [places[..., :BAR].reshape(*places.shape[:-1], -1, len(LANES)).logsumexp(-1), places[..., BAR:]], -1
        )
        at_step = _at(step, torch.where(is_bar, step.shape[-1] - 1, wanted.places // len(LANES)))
        parts = [
            at_step,
            _at(places, wanted.places) - at_step,
            _at(fine, wanted.fines.clamp(max=fine.shape[-1] - 1)).masked_fill(is_bar, 0.0),
            _at(velocity, wanted.velocities.clamp(max=velocity.shape[-1] - 1)).masked_fill(is_bar, 0.0),
        ]
        spent = -torch.stack(parts, -1).double().numpy() / math.log(2)
    return [cost[: len(one["at"]) - 1] for cost, one in zip(spent, windows, strict=True)]


def _at(scores: Any, chosen: Any) -> Any:
    return scores.gather(-1, chosen[..., None])[..., 0]


def _filled(array: Ints, length: int) -> Ints:
    return np.pad(array, (0, length - len(array)), mode="edge")
