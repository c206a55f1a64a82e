"""What the network plays follows from the seed, keeps what it is to keep, and hears what stood before."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from studio.engine.ai.groove.hits import FILL, NO_FILL, STEPS, Hits
from studio.engine.ai.groove.keeping import load_network
from studio.engine.ai.groove.network import GrooveNetwork
from studio.engine.ai.groove.playing import NO_HITS, Guide, Wish, fill, go_on, humanise, rewrite, vary, write_bar
from studio.engine.ai.groove.threads import one_thread

WISH = Wish("rock", 110.0, seed=4)
NOTHING = NO_HITS


@pytest.fixture(scope="module")
def network() -> Iterator[GrooveNetwork]:
    with one_thread():
        yield load_network()[0]


def straight(bars: int) -> Hits:
    rows = [
        (bar * STEPS + step, lane, 12, 12)
        for bar in range(bars)
        for step, lane in sorted([(0, 0), (4, 1), (8, 0), (10, 0), (12, 1), *((n, 3) for n in range(0, 16, 2))])
    ]
    columns = np.array(rows, np.int64)
    return Hits(*(columns[:, n] for n in range(4)))


def same(one: Hits, other: Hits) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in Hits.__struct_fields__)


def places(hits: Hits) -> list[tuple[int, int]]:
    return list(zip(hits.steps.tolist(), hits.lanes.tolist(), strict=True))


def test_going_on_fills_the_bars_and_follows_from_the_seed(network: GrooveNetwork) -> None:
    first, again = (go_on(network, straight(2), 3, WISH) for _ in range(2))
    assert same(first, again) and first.bars <= 3 and first.count >= 12
    assert not same(first, go_on(network, straight(2), 3, Wish("rock", 110.0, seed=5)))
    shared = set(places(first.between(0, 1))) & set(places(straight(1)))
    assert len(shared) >= 5, "it goes on with what it heard"


def test_a_fill_changes_its_bar_alone_and_is_none_of_the_usual(network: GrooveNetwork) -> None:
    pattern = straight(4)
    filled = fill(network, pattern, 3, WISH)
    assert same(filled.between(0, 3), pattern.between(0, 3))
    assert not same(filled.between(3, 4), pattern.between(3, 4))


def test_fills_leave_the_pattern_and_grooves_keep_it(network: GrooveNetwork) -> None:
    def strange(kind: int) -> int:
        bars = [write_bar(network, straight(4), 4, Wish("rock", 110.0, seed), 4, kind) for seed in range(4)]
        return sum(len(set(places(bar)) - set(places(straight(1)))) for bar in bars)

    assert strange(FILL) > strange(NO_FILL) + 4


def test_a_bar_is_written_anew_beside_its_neighbours(network: GrooveNetwork) -> None:
    pattern = straight(3)
    rewritten = rewrite(network, pattern, [1], WISH)
    assert same(rewritten.between(0, 1), pattern.between(0, 1))
    assert same(rewritten.between(2, 3), pattern.between(2, 3))
    assert not same(rewritten.between(1, 2), pattern.between(1, 2))


def test_humanising_keeps_every_hit_and_moves_it_a_little(network: GrooveNetwork) -> None:
    pattern = straight(2)
    played = humanise(network, pattern, WISH)
    assert places(played) == places(pattern)
    assert np.ptp(played.fines) > 0 and np.ptp(played.velocities) > 0
    assert np.abs(played.fines - 12).mean() < 5 and np.abs(played.velocities - 12).max() <= 8


def test_varying_keeps_most_of_the_bar(network: GrooveNetwork) -> None:
    pattern = straight(6)
    given = set(places(pattern))
    shares = {}
    for change in (0.0, 0.1, 0.9):
        varied = set(places(vary(network, pattern, WISH, change)))
        shares[change] = len(varied & given) / len(varied | given)
    assert shares[0.0] == 1.0 and 0.6 < shares[0.1] < 1.0 and shares[0.9] < shares[0.1]


def test_hits_that_share_a_place_keep_their_order_and_number(network: GrooveNetwork) -> None:
    """Two strokes of a hat within one step, as in a roll of 32nds."""
    roll = Hits(np.array([0, 0, 0, 1, 1]), np.array([0, 3, 3, 3, 3]), np.array([12, 0, 12, 0, 12]), np.full(5, 10))
    written = write_bar(network, NOTHING, 0, WISH, 0, NO_FILL, Guide(roll, near=2.0, close=5.0))
    assert places(written) == places(roll)
    assert written.fines[1] < written.fines[2] and written.fines[3] < written.fines[4]


def test_a_guide_ends_where_the_bar_is_free(network: GrooveNetwork) -> None:
    pattern = straight(1)
    written = write_bar(network, straight(2), 2, WISH, 2, FILL, Guide(pattern, free=8))
    assert places(written.between(0, 1))[: int((pattern.steps < 8).sum())] == [p for p in places(pattern) if p[0] < 8]
    assert all(step >= 8 for step, _ in places(written)[int((pattern.steps < 8).sum()) :])


def test_nothing_heard_is_a_beginning_too(network: GrooveNetwork) -> None:
    for style in ("", "jazz", "no such style"):
        assert write_bar(network, NOTHING, 0, Wish(style, math.nan, 1), 0, NO_FILL).count >= 3


def test_a_temperature_of_nothing_plays_the_likeliest(network: GrooveNetwork) -> None:
    still = [go_on(network, straight(2), 1, Wish("rock", 110.0, seed, 0.0, 0.0)) for seed in (1, 2)]
    assert same(*still)
