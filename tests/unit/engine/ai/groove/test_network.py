"""The network reads in order, never offers the impossible, and is judged the same however it is asked."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from studio.engine.ai.groove.batches import FIELDS, conditioned
from studio.engine.ai.groove.codes import BAR, codes_of
from studio.engine.ai.groove.hits import Hits, Performance, perform
from studio.engine.ai.groove.judging import STRIDE, WINDOW, judge
from studio.engine.ai.groove.network import Batch, GrooveNetwork, Memory, Shape, mask_of

SMALL = Shape(width=16, heads=2, layers=1, readers=1)


@pytest.fixture(scope="module")
def network() -> GrooveNetwork:
    torch.manual_seed(1)
    return GrooveNetwork(SMALL).eval()


def some_hits(count: int, seed: int = 1) -> Hits:
    rng = np.random.default_rng(seed)
    steps, lanes = np.sort(rng.integers(0, count // 2, count)), rng.integers(0, 12, count)
    order = np.lexsort((lanes, steps))
    return Hits(steps[order], lanes[order], rng.integers(0, 24, count), rng.integers(0, 16, count))


def batch(hits: Hits, first: int = 0, last: int | None = None) -> Batch:
    columns = conditioned(codes_of(hits), 3, 4)
    return Batch(**{name: torch.from_numpy(columns[name][None, first:last].copy()) for name in FIELDS})


def some_performance(count: int, seed: int) -> Performance:
    rng = np.random.default_rng(seed)
    times = np.sort(rng.uniform(0, count / 2, count)).tolist()
    pitches = rng.choice([36, 38, 42, 46, 51], count).tolist()
    return perform(times, pitches, rng.integers(1, 128, count).tolist(), style="rock", bpm=120.0)[0]


def test_reading_code_by_code_is_reading_at_once(network: GrooveNetwork) -> None:
    whole = batch(some_hits(40))
    count = whole.places.shape[1]
    with torch.no_grad():
        at_once = network.read(whole, mask_of(whole.piece))
        memory = Memory()
        steps = [network.read(batch(some_hits(40), n, n + 1), None, memory) for n in range(count)]
    assert torch.allclose(torch.cat(steps, 1), at_once, atol=1e-5)


def test_nothing_is_known_of_what_comes_later(network: GrooveNetwork) -> None:
    one, other = some_hits(40), some_hits(40)
    other.velocities[30:] = 15 - other.velocities[30:]
    with torch.no_grad():
        first, second = (network.read(batch(hits), mask_of(batch(hits).piece)) for hits in (one, other))
    changed = int(np.flatnonzero(codes_of(one).velocities != codes_of(other).velocities)[0])
    assert torch.equal(first[:, :changed], second[:, :changed])
    assert not torch.allclose(first[:, changed:], second[:, changed:])


def test_earlier_places_of_a_bar_are_impossible_and_all_others_are_not(network: GrooveNetwork) -> None:
    given = batch(some_hits(40))
    with torch.no_grad():
        likely = network.places(network.read(given, mask_of(given.piece)), given.places).softmax(-1)[0]
    for before, row in zip(given.places[0].tolist(), likely, strict=True):
        least = 0 if before == BAR else before
        assert float(row[:least].sum()) == 0.0 and bool((row[least:] > 0).all())


def test_a_performance_costs_the_same_alone_and_in_company(network: GrooveNetwork) -> None:
    performances = [some_performance(count, count) for count in (5, 60, 900)]
    together = judge(network, performances)
    for performance, bits in zip(performances, together, strict=True):
        alone = judge(network, [performance])[0]
        assert alone.total == pytest.approx(bits.total, rel=1e-5)
        assert bits.hits == performance.count and min(bits.step, bits.lane, bits.fine, bits.velocity) > 0


def test_every_code_of_a_long_performance_is_scored_once() -> None:
    """A network that knows nothing pays the same for each code; windows that overlapped or left gaps would show."""
    network = GrooveNetwork(SMALL).eval()
    for one in network.parameters():
        torch.nn.init.zeros_(one)
    performance = some_performance(2 * WINDOW + STRIDE // 3, 2)
    bits = judge(network, [performance])[0]
    assert bits.fine == pytest.approx(performance.count * math.log2(24), rel=1e-5)
    assert bits.velocity == pytest.approx(performance.count * 4, rel=1e-5)
