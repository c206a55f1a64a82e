"""What the network plays: it goes on, fills a bar, varies a pattern as drummers do, and humanises a straight one.

Bars are written one after the other; what chance decides in a bar follows from the seed and the bar's number alone, so
that a bar can be written anew beside its neighbours. The same seed plays the same on one machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt

from .batches import FIELDS, conditioned
from .codes import BAR, NO_FINE, NO_VELOCITY, Codes, about, codes_of
from .hits import ANY_FILL, FILL, LANES, NO_FILL, STEPS, Hits, in_order

if TYPE_CHECKING:
    from torch import Tensor

    from .network import Batch, GrooveNetwork

Scores = npt.NDArray[np.float64]

HEARD = 8
"""Bars that are listened to before a bar is written, and after which a memory begins anew."""

MOST = 64
"""Hits of a bar after which it ends whatever the network would."""


_BACK = 3 * MOST
"""Codes among which those of the last two bars are."""

_COLUMNS = ("places", "fines", "velocities", "at", "fills")


NO_HITS = Hits(*(np.zeros(0, np.int64) for _ in range(4)))

NEAR, CLOSE, TIGHT = 2.0, 5.0, 1.5
"""How near to what is written a humanised hit stays, as of Guide; tight is that of hits that share a place."""

FEW, TRIES = 3, 3


class Wish(msgspec.Struct, frozen=True):
    """How to play: style out of STYLES, tempo, seed, and how daring choices of places and of touch are (1: as learned).

    `temperature` is that of places, `touch` that of fine timing and velocity.
    """

    style: str = ""
    bpm: float = 120.0
    seed: int = 1
    temperature: float = 0.9
    touch: float = 0.9


class Guide(msgspec.Struct, frozen=True):
    """The hits that a bar is to have, counted from its first step, in the order of codes.

    `change` is how often the network may go its own way at a place; from step `free` on it always does. `near` is how
    many bins of velocity, and `close` how many 24ths of a step, around the written ones are likely; infinity leaves
    them to the network.
    """

    hits: Hits
    change: float = 0.0
    near: float = math.inf
    close: float = math.inf
    free: int = STEPS


def go_on(network: GrooveNetwork, heard: Hits, bars: int, wish: Wish, fills: Sequence[int] = ()) -> Hits:
    """`bars` bars that follow `heard`, counted from their own first bar. `fills` says of each bar NO_FILL or FILL."""
    before = heard.bars
    writer = _Writer(network, wish, heard, before)
    for n in range(bars):
        writer.write(fills[n] if n < len(fills) else NO_FILL)
    return writer.hits.between(before, before + bars)


def fill(network: GrooveNetwork, pattern: Hits, bar: int, wish: Wish) -> Hits:
    """The pattern with one bar played as a fill."""
    return rewrite(network, pattern, [bar], wish, FILL)


def rewrite(network: GrooveNetwork, pattern: Hits, bars: Sequence[int], wish: Wish, kind: int = NO_FILL) -> Hits:
    """The pattern with some bars played anew; all others stay as they are and are heard."""
    return _through(network, pattern, bars, wish, kind, lambda _: None)


def vary(network: GrooveNetwork, pattern: Hits, wish: Wish, change: float = 0.12, bars: Sequence[int] = ()) -> Hits:
    """The pattern as a drummer repeats it: nearly all of its hits, touched anew. `bars` are all when none is named."""
    chosen = bars or range(pattern.bars)
    return _through(network, pattern, chosen, wish, ANY_FILL, lambda bar: Guide(pattern.between(bar, bar + 1), change))


def humanise(network: GrooveNetwork, pattern: Hits, wish: Wish, bars: Sequence[int] = ()) -> Hits:
    """The same hits with timing and velocities of a drummer, which stay near those that are written."""
    chosen = bars or range(pattern.bars)

    def guide(bar: int) -> Guide:
        return Guide(pattern.between(bar, bar + 1), near=NEAR, close=CLOSE)

    return _through(network, pattern, chosen, wish, ANY_FILL, guide)


def write_bar(
    network: GrooveNetwork, heard: Hits, bars: int, wish: Wish, number: int, kind: int, guide: Guide | None = None
) -> Hits:
    """One bar after `bars` bars of `heard`, counted from its own first step. Chance follows from seed and `number`.

    What is guided alone keeps the guide's order and number of hits. A bar of nearly nothing is written again.
    """
    rng = np.random.default_rng((wish.seed, number))
    for _ in range(TRIES):
        pen = _Pen(network, wish, about(wish.style, wish.bpm))
        pen.hear(heard, bars, kind)
        written = pen.bar(rng, kind, guide)
        if guide is not None or written.count >= FEW:
            break
    return written


def _through(network: GrooveNetwork, pattern: Hits, bars: Sequence[int], wish: Wish, kind: int, guide: Any) -> Hits:
    """The pattern with `bars` written by a guide each and all others left as they are."""
    wanted = sorted({bar for bar in bars if bar >= 0})
    last = max([pattern.bars, *(bar + 1 for bar in wanted)])
    writer = _Writer(network, wish, NO_HITS, 0)
    for bar in range(last):
        if bar in wanted:
            writer.write(kind, guide(bar))
        else:
            writer.keep(pattern.between(bar, bar + 1))
    return writer.hits


class _Writer:
    """Writes bar after bar, hearing the last ones. A worker thread."""

    def __init__(self, network: GrooveNetwork, wish: Wish, heard: Hits, bars: int) -> None:
        self._network, self._wish = network, wish
        self._condition = about(wish.style, wish.bpm)
        self._steps, self._lanes = list(heard.steps), list(heard.lanes)
        self._fines, self._velocities = list(heard.fines), list(heard.velocities)
        self._bar = bars
        self._pen: _Pen | None = None

    @property
    def hits(self) -> Hits:
        """All bars so far."""
        columns = (self._steps, self._lanes, self._fines, self._velocities)
        return Hits(*(np.array(column, np.int64) for column in columns))

    def keep(self, hits: Hits) -> None:
        """Lets a bar stand as it is."""
        self._add(hits)
        self._pen = None
        self._bar += 1

    def write(self, kind: int, guide: Guide | None = None) -> None:
        """Writes the next bar."""
        rng = np.random.default_rng((self._wish.seed, self._bar))
        if self._pen is None or self._pen.bars >= 2 * HEARD:
            first = max(self._bar - HEARD, 0)
            self._pen = _Pen(self._network, self._wish, self._condition)
            self._pen.hear(self.hits.between(first, self._bar), self._bar - first, kind)
        else:
            self._pen.line(kind)
        self._add(self._pen.bar(rng, kind, guide))
        self._bar += 1

    def _add(self, hits: Hits) -> None:
        hits = in_order(hits)
        self._steps += list(hits.steps + self._bar * STEPS)
        self._lanes += list(hits.lanes)
        self._fines += list(hits.fines)
        self._velocities += list(hits.velocities)


class _Pen:
    """The network with what it has read; it stands after a bar line or a hit."""

    def __init__(self, network: GrooveNetwork, wish: Wish, condition: tuple[int, int]) -> None:
        from .network import Memory

        self._network, self._wish, self._condition = network, wish, condition
        self._memory, self.bars = Memory(), 0
        self._codes: list[tuple[int, int, int, int, int]] = []
        self._read: Any = None

    def hear(self, hits: Hits, bars: int, kind: int) -> None:
        """Reads some bars and the line of the next one, of which `kind` is known."""
        codes = codes_of(hits, np.full(bars, ANY_FILL), bars)
        rows = np.stack([getattr(codes, name) for name in _COLUMNS], 1)
        rows[-1, _COLUMNS.index("fills")] = kind
        self.bars = bars
        self._see([tuple(row) for row in rows.tolist()])

    def line(self, kind: int) -> None:
        """Reads the line of the next bar."""
        self.bars += 1
        self._see([(BAR, NO_FINE, NO_VELOCITY, self.bars * STEPS, kind)])

    def bar(self, rng: np.random.Generator, kind: int, guide: Guide | None) -> Hits:
        """Writes a bar and reads it.

        A fill is chosen half as it goes on from what was heard and half as one that stands alone: after bars that are
        all alike, what went before would hold it back.
        """
        steering = _Steering(guide, self._wish.temperature, rng)
        alone: _Pen | None = None
        if kind == FILL and self.bars:
            alone = _Pen(self._network, self._wish, self._condition)
            alone.hear(NO_HITS, 0, kind)
        written: list[tuple[int, int, int, int]] = []
        while len(written) < MOST:
            place, wanted = steering.next(lambda: self._places() if alone is None else self._mixed(alone))
            if place == BAR:
                break
            step, lane = divmod(place, len(LANES))
            fine, velocity = self._touch(place, rng, wanted)
            for pen in (self, alone) if alone is not None else (self,):
                pen._see([(place, fine, velocity, pen.bars * STEPS + step, kind)])
            written.append((step, lane, fine, velocity))
        columns = np.array(written, np.int64).reshape(-1, 4)
        return Hits(*(columns[:, n] for n in range(4)))

    def _mixed(self, other: _Pen) -> Scores:
        return (_logs(self._places()) + _logs(other._places())) / 2

    def _places(self) -> Scores:
        """Scores of the next place."""
        import torch

        with torch.inference_mode():
            return _numbers(self._network.places(self._read, torch.tensor([[self._codes[-1][0]]])))

    def _touch(self, place: int, rng: np.random.Generator, wanted: _Wanted | None) -> tuple[int, int]:
        """Fine timing and velocity of a hit at a place, near those that are wanted, where some are."""
        import torch

        network, step = self._network, place // len(LANES)
        then = [*self._codes[-_BACK:], (place, 0, 0, self.bars * STEPS + step, ANY_FILL)]
        with torch.inference_mode():
            following = self._batch(then, 1)
            looked = network.look_back(self._read, following.at, following, None, self._memory)
            scores = _numbers(network.fines(looked))
            if wanted is not None:
                scores = _leaning(scores, wanted.fine, wanted.close)
            fine = _drawn(scores, self._wish.touch, rng)
            scores = _numbers(network.velocities(looked, torch.tensor([[fine]])))
        if wanted is not None:
            scores = _leaning(scores, wanted.velocity, wanted.near)
        return fine, _drawn(scores, self._wish.touch, rng)

    def _see(self, rows: list[tuple[int, int, int, int, int]]) -> None:
        """Reads codes, after the last of which it then stands."""
        import torch

        self._codes += rows
        with torch.inference_mode():
            given = self._batch(self._codes[-_BACK - len(rows) :], len(rows))
            mask = torch.ones(len(rows), len(rows), dtype=torch.bool).tril() if len(rows) > 1 else None
            self._read = self._network.read(given, mask, self._memory)[:, -1:]

    def _batch(self, rows: list[tuple[int, int, int, int, int]], last: int) -> Batch:
        """The last codes of some, with their echoes, as tensors of one sequence."""
        import torch

        from .network import Batch

        codes = Codes(*np.array(rows, np.int64).T)
        columns = conditioned(codes, *self._condition)
        return Batch(**{name: torch.from_numpy(columns[name][None, -last:].copy()) for name in FIELDS})


class _Wanted(msgspec.Struct, frozen=True):
    """How a hit of a guide is written, and how near to that it is to be played."""

    place: int
    fine: int
    velocity: int
    near: float
    close: float


class _Steering:
    """Chooses places: freely, or along a guide."""

    def __init__(self, guide: Guide | None, temperature: float, rng: np.random.Generator) -> None:
        self._temperature, self._rng = temperature, rng
        self._change = guide.change if guide is not None else 1.0
        self._free = guide.free if guide is not None else 0
        self._left = _wanted(guide) if guide is not None else []

    def next(self, scores: Callable[[], Scores]) -> tuple[int, _Wanted | None]:
        """The next place, and what is wanted of it; None where that is free."""
        if not self._left and self._free < STEPS:
            own = scores()
            own[: self._free * len(LANES)] = -1e9
            return _drawn(own, self._temperature, self._rng), None
        given = self._left[0].place if self._left else BAR
        if self._change > 0.0 and self._rng.random() < self._change:
            given = _drawn(scores(), self._temperature, self._rng)
        while self._left and self._left[0].place < given:
            self._left.pop(0)
        return given, self._left.pop(0) if self._left and self._left[0].place == given else None


def _wanted(guide: Guide) -> list[_Wanted]:
    hits = guide.hits
    places = (hits.steps * len(LANES) + hits.lanes).tolist()
    columns = zip(places, hits.fines.tolist(), hits.velocities.tolist(), strict=True)
    return [
        _Wanted(place, fine, velocity, guide.near, TIGHT if places.count(place) > 1 else guide.close)
        for place, fine, velocity in columns
        if place < guide.free * len(LANES)
    ]


def _leaning(scores: Scores, wanted: int, width: float) -> Scores:
    """Scores that fall away from the wanted choice like a bell of that width."""
    if not math.isfinite(width):
        return scores
    return scores - (np.arange(len(scores)) - wanted) ** 2 / (2.0 * width**2)


def _numbers(scores: Tensor) -> Scores:
    """The scores of the only code of the only sequence."""
    numbers: Scores = scores[0, -1].double().numpy()
    return numbers


def _logs(scores: Scores) -> Scores:
    """The logarithms of likelihoods."""
    logs: Scores = scores - scores.max()
    return logs - math.log(np.exp(logs).sum())


def _drawn(scores: Scores, temperature: float, rng: np.random.Generator) -> int:
    """One of the choices by chance; the likeliest one where the temperature is 0."""
    if temperature <= 0.0:
        return int(scores.argmax())
    likely = np.exp((scores - scores.max()) / temperature)
    return int(np.searchsorted(np.cumsum(likely / likely.sum()), rng.random(), side="right").clip(0, len(likely) - 1))
