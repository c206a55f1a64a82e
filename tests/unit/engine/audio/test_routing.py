"""The order of strips, mute and solo, and the pan laws."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.engine.audio.routing import stereo_gains, strip_order, what_passes

names = st.sampled_from("abcdefgh")
graphs = st.dictionaries(names, st.lists(names, max_size=4), min_size=1).map(
    lambda drawn: {key: [bus for bus in feeds if bus in drawn] for key, feeds in drawn.items()}
)


@settings(deadline=None)
@given(graphs)
def test_every_bus_follows_what_feeds_it(feeds: dict[str, list[str]]) -> None:
    order, closing = strip_order(feeds)
    assert sorted(order) == sorted(feeds)
    for strip, buses in feeds.items():
        for bus in buses:
            assert (strip, bus) in closing or order.index(strip) < order.index(bus)
    assert strip_order(feeds) == (order, closing)


def test_only_what_closes_a_loop_is_left_out() -> None:
    order, closing = strip_order({"a": ["b"], "b": ["c"], "c": []})
    assert (order, closing) == (["a", "b", "c"], set())
    assert len(strip_order({"a": ["b"], "b": ["a"], "c": ["a"]})[1]) == 1
    assert strip_order({"a": ["a"]})[1] == {("a", "a")}


FEEDS = {"voice": ["room"], "drums": ["room", "crush"], "room": ["glue"], "crush": [], "glue": []}


def test_without_solo_all_passes_but_the_muted() -> None:
    passing = what_passes(FEEDS, {"drums"}, ())
    assert passing["voice"] == (True, {"room"})
    assert passing["drums"] == (False, set())
    assert passing["room"] == (True, {"glue"})


def test_solo_of_a_track_keeps_the_buses_it_feeds() -> None:
    passing = what_passes(FEEDS, (), {"voice"})
    assert {key for key, opened in passing.items() if opened.direct} == {"voice", "room", "glue"}
    assert passing["voice"].buses == {"room"}
    assert passing["drums"] == (False, set())


def test_solo_of_a_bus_keeps_its_feeders_but_not_their_own_sound() -> None:
    passing = what_passes(FEEDS, (), {"room"})
    assert {key for key, opened in passing.items() if opened.direct} == {"room", "glue"}
    assert passing["voice"] == (False, {"room"})
    assert passing["drums"] == (False, {"room"})


def test_mute_beats_solo() -> None:
    assert what_passes(FEEDS, {"voice"}, {"voice"})["voice"] == (False, set())


def test_mono_is_panned_with_constant_power() -> None:
    assert stereo_gains(1.0, 0.0, True) == pytest.approx((0.70795, 0.70795), abs=2e-3)
    assert 20 * math.log10(stereo_gains(1.0, 0.0, True)[0]) == pytest.approx(-3.01, abs=0.001)
    for pan in (-1.0, -0.3, 0.0, 0.8, 1.0):
        left, right = stereo_gains(0.5, pan, True)
        assert math.hypot(left, right) == pytest.approx(0.5)
    assert stereo_gains(1.0, -1.0, True) == pytest.approx((1.0, 0.0))


def test_stereo_is_balanced() -> None:
    assert stereo_gains(0.7, 0.0, False) == (0.7, 0.7)
    assert stereo_gains(1.0, 0.25, False) == (0.75, 1.0)
    assert stereo_gains(1.0, -1.0, False) == (1.0, 0.0)
