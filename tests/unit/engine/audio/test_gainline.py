"""A strip's gain over time."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from studio.engine.audio.gainline import GainLine


def test_glide_is_straight_and_holds() -> None:
    line = GainLine((1.0, 0.0))
    line.glide(100, (0.0, 1.0), 10)
    gain = line.over(95, 20)
    assert np.allclose(gain[0], [1] * 5 + [1 - n / 10 for n in range(10)] + [0] * 5)
    assert np.allclose(gain.sum(axis=0), 1)
    assert not line.settled(109) and line.settled(110)


def test_new_glide_begins_where_the_old_one_is() -> None:
    line = GainLine((0.0, 0.0))
    line.glide(0, (1.0, 1.0), 100)
    line.glide(50, (0.0, 0.0), 100)
    assert line.at(50) == (0.5, 0.5)
    assert line.target == (0.0, 0.0)


moves = st.lists(st.tuples(st.integers(0, 300), st.floats(0, 2), st.integers(1, 50)), max_size=12)


@given(moves, st.integers(0, 3_000), st.integers(1, 400))
def test_any_cut_gives_the_same_gain_and_forgetting_changes_nothing_later(
    plan: list[tuple[int, float, int]], start: int, frames: int
) -> None:
    line, at = GainLine((1.0, 1.0)), 0
    for wait, gain, length in plan:
        at += wait
        line.glide(at, (gain, gain / 2), length)
    whole = line.over(start, frames)
    cut = frames // 3
    parts = [line.over(start, cut), line.over(start + cut, frames - cut)]
    assert np.array_equal(whole, np.concatenate(parts, axis=1))
    assert np.abs(np.diff(whole, axis=1)).max(initial=0) <= 2.0
    line.forget(start)
    assert np.array_equal(whole, line.over(start, frames))
