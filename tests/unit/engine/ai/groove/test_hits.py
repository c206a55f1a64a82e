"""Drum hits become codes and come back, and what stood bars before is found."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from studio.engine.ai.groove.codes import BAR, NOTHING, about, codes_of, echoes_of, hits_of, tempo_of
from studio.engine.ai.groove.hits import (
    FILL,
    FINES,
    LANE_OF,
    LANES,
    NO_FILL,
    PITCHES,
    STEPS,
    STYLES,
    Hits,
    coded,
    fills_of,
    perform,
    style_of,
    times_of,
)  # fmt: skip


def hits(*rows: tuple[int, int, int, int]) -> Hits:
    columns = np.array(sorted(rows), np.int64).reshape(-1, 4)
    return Hits(*(columns[:, n] for n in range(4)))


HITS = st.lists(
    st.tuples(st.integers(0, 100), st.integers(0, 11), st.integers(0, 23), st.integers(0, 15)), min_size=1, max_size=60
)


@given(HITS)
def test_a_sequence_of_codes_holds_exactly_the_hits(rows: list[tuple[int, int, int, int]]) -> None:
    given = hits(*rows)
    codes = codes_of(given)
    back = hits_of(codes)
    for name in Hits.__struct_fields__:
        assert np.array_equal(getattr(back, name), getattr(given, name))
    assert int((codes.places == BAR).sum()) == given.bars + 1
    assert codes.places[0] == BAR == codes.places[-1]
    inside = (codes.places[:-1] != BAR) & (codes.places[1:] != BAR)
    assert (codes.places[1:] >= codes.places[:-1])[inside].all(), "no code is followed by an earlier place of its bar"


@given(st.lists(st.tuples(st.floats(0, 60), st.sampled_from(sorted(LANE_OF)), st.integers(1, 127)), min_size=1))
def test_times_are_kept_to_half_a_24th_of_a_step(notes: list[tuple[float, int, int]]) -> None:
    performance, missed = perform(*zip(*notes, strict=True), bpm=100.0)
    assert missed == 0
    found = coded(performance)
    assert np.allclose(np.sort(times_of(found)), performance.times, atol=0.5 / FINES + 1e-9)
    assert found.steps.min() < STEPS, "counted from the bar of the first hit"


def test_each_lane_has_its_pitch_and_what_is_no_drum_is_counted() -> None:
    assert [LANE_OF[pitch] for pitch in PITCHES] == list(range(len(LANES)))
    performance, missed = perform([0.0, 4.0, 8.0], [36, 56, 60], [100, 100, 100])
    assert (performance.count, missed) == (1, 2)


def test_a_hit_just_before_the_bar_line_belongs_to_the_bar() -> None:
    performance, _ = perform([15.8, 20.0], [36, 38], [100, 100])
    found = coded(performance)
    assert found.steps.tolist() == [0, 4] and found.fines[0] < FINES // 2


def test_echoes_are_what_stood_at_the_same_place_one_and_two_bars_before() -> None:
    codes = codes_of(hits((0, 0, 12, 9), (4, 1, 10, 14), (16, 0, 13, 8), (20, 1, 11, 3), (32, 0, 12, 7)))
    echoes = echoes_of(codes)
    last = int(np.flatnonzero(codes.places == 0)[-1])
    assert (echoes["fine1"][last], echoes["loud1"][last]) == (13 + 1, 8 + 1)
    assert (echoes["fine2"][last], echoes["loud2"][last]) == (12 + 1, 9 + 1)
    assert echoes["then1"][last] == 4 * 12 + 1, "after the kick came the snare a bar before"
    assert echoes["then1"][1] == NOTHING and echoes["fine1"][1] == 0


def test_a_bar_of_toms_is_a_fill() -> None:
    groove = [(bar * 16 + step, 1 if step % 8 == 4 else 0, 12, 10) for bar in range(6) for step in (0, 4, 8, 12)]
    toms = [(6 * 16 + step, 6 + step % 3, 12, 12) for step in range(16)]
    given = hits(*groove, *toms)
    performance, _ = perform(times_of(given).tolist(), [PITCHES[n] for n in given.lanes], [90] * given.count)
    assert fills_of(performance, coded(performance)).tolist() == [NO_FILL] * 6 + [FILL]


def test_styles_and_tempos_are_told_by_name_and_number() -> None:
    assert STYLES[style_of("Hip-Hop")] == "hiphop" and STYLES[style_of("jazz/funk")] == "jazz"
    assert style_of("polka") == 0
    assert tempo_of(float("nan")) == 0 and tempo_of(-3) == 0
    assert tempo_of(60) < tempo_of(120) < tempo_of(240)
    assert about("rock", 120.0) == (style_of("rock"), tempo_of(120.0))
