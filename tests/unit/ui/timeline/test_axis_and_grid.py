"""Positions on the canvas, and bar and beat lines."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.document.time import PPQ, Signature, TempoPoint, tempo_map
from studio.ui.timeline import grid
from studio.ui.timeline.axis import Axis, fitting

scales = st.floats(1e-4, 1000)
FOUR = (Signature(0),)


@given(scales, st.integers(0, 10_000_000), st.floats(0.2, 5), st.integers(0, 4000))
@settings(max_examples=60, deadline=None)
def test_zoom_keeps_what_is_under_the_pointer(per_tick: float, scroll: int, factor: float, x: int) -> None:
    axis = Axis(per_tick, scroll)
    tick = axis.tick(x)
    zoomed = axis.zoomed(factor, x, 1e-6)
    wanted = round(tick * zoomed.per_tick - x)
    assert zoomed.scroll == max(wanted, 0)
    if wanted >= 0:
        assert abs(zoomed.x(tick) - x) <= 1


@given(scales, st.integers(0, 1_000_000), st.integers(-500, 500))
@settings(max_examples=40, deadline=None)
def test_scrolling_moves_columns_unchanged(per_tick: float, scroll: int, by: int) -> None:
    time = tempo_map((TempoPoint(0, 97.3), TempoPoint(3840, 141.0, True), TempoPoint(9600, 80.0)), 48_000)
    axis = Axis(per_tick, scroll)
    moved = axis.scrolled_to(scroll + by)
    shift = moved.scroll - axis.scroll
    assert np.array_equal(axis.edges(shift, shift + 50, time), moved.edges(0, 50, time))


def test_fitting_shows_the_span() -> None:
    axis = fitting(960, 9600, 1000, 2.0)
    assert axis.x(960) == pytest.approx(0, abs=1)
    assert axis.x(9600) == pytest.approx(1000, abs=1)


def test_lines_follow_the_time_signature() -> None:
    signatures = (Signature(0, 3, 4), Signature(3 * PPQ * 2, 7, 8))
    ticks, strong = grid.lines(signatures, 0, 3 * PPQ * 2 + 7 * PPQ, per_tick=0.03)
    bars = ticks[strong].tolist()
    assert bars == [0, 3 * PPQ, 6 * PPQ, 6 * PPQ + 7 * PPQ // 2, 6 * PPQ + 7 * PPQ]
    assert np.diff(ticks[ticks < 6 * PPQ]).tolist() == [PPQ // 2] * 11
    assert np.diff(ticks[ticks >= 6 * PPQ]).tolist() == [PPQ // 2] * 14


@given(st.floats(1e-5, 2))
@settings(max_examples=60, deadline=None)
def test_lines_are_never_crowded(per_tick: float) -> None:
    width = grid.step(FOUR[0], per_tick)
    assert width * per_tick >= grid.LINE_PIXELS or width == grid.FINEST
    ticks, _ = grid.lines(FOUR, 0, 2000 / per_tick, per_tick)
    assert len(ticks) <= 2000 / min(grid.LINE_PIXELS, width * per_tick) + 2


@pytest.mark.parametrize(
    ("mode", "tick", "found"),
    [("bar", 2000, 3840), ("1/4", 1400, 960), ("1/16", 1400, 1440), ("adaptive", 1400, 960), ("off", 1400, None)],
)
def test_nearest_grid_position(mode: grid.GridMode, tick: int, found: int | None) -> None:
    assert grid.nearest(FOUR, tick, 0.02, mode) == found
