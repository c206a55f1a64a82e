"""The promises of the tempo kernel (DESIGN 5)."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.document.time import (
    PPQ,
    Signature,
    TempoMap,
    TempoPoint,
    bar_beat,
    bar_tick,
    signature_at,
)

bpms = st.floats(10, 999)
rates = st.sampled_from([22_050, 44_100, 48_000, 96_000, 192_000])


@st.composite
def maps(draw: st.DrawFn) -> TempoMap:
    gaps = draw(st.lists(st.integers(1, 50_000), max_size=5))
    ticks = np.cumsum([0, *gaps])
    points = tuple(TempoPoint(int(tick), draw(bpms), draw(st.booleans())) for tick in ticks)
    return TempoMap(points, draw(rates))


@settings(deadline=None, max_examples=150)
@given(maps(), st.lists(st.integers(-100_000, 10_000_000), min_size=1))
def test_every_tick_survives_the_way_through_frames(time: TempoMap, ticks: list[int]) -> None:
    assert time.ticks(time.frames(ticks)).tolist() == ticks


@settings(deadline=None, max_examples=150)
@given(maps(), st.lists(st.integers(0, 500_000_000), min_size=1))
def test_frames_come_back_within_half_a_tick(time: TempoMap, frames: list[int]) -> None:
    back = time.frames(time.ticks(frames))
    at = np.minimum(np.abs(time.ticks(frames)), 10**9)
    half = np.array([0.5 * 60 / (PPQ * _slowest(time, int(tick))) * time.rate + 1 for tick in at])
    assert (np.abs(back - frames) <= half).all()


def _slowest(time: TempoMap, tick: int) -> float:
    return min(time.bpm_at(tick - 1), time.bpm_at(tick), time.bpm_at(tick + 1))


@settings(deadline=None, max_examples=60)
@given(maps(), st.lists(st.integers(-1000, 1_000_000), min_size=2))
def test_one_value_and_many_agree(time: TempoMap, ticks: list[int]) -> None:
    together = time.frames(ticks)
    assert [time.frame(tick) for tick in ticks] == together.tolist()
    strided = np.repeat(np.array(ticks), 2)[::2]
    assert time.frames(strided).tolist() == together.tolist()


@settings(deadline=None, max_examples=60)
@given(maps())
def test_time_runs_forward(time: TempoMap) -> None:
    ticks = np.arange(-2000, 300_000, 7)
    assert (np.diff(time.frames(ticks)) > 0).all()


def test_a_constant_tempo_is_plain_arithmetic() -> None:
    time = TempoMap((TempoPoint(0, 120.0),), 48_000)
    assert time.frame(PPQ) == 24_000
    assert time.frame(4 * PPQ) == 96_000
    assert time.tick(12_000) == PPQ // 2


def test_a_ramp_takes_the_time_of_its_integral() -> None:
    """60 to 120 BPM linear over 4 quarters lasts the integral of 60 / bpm, here by the trapezoid rule."""
    time = TempoMap((TempoPoint(0, 60.0, True), TempoPoint(4 * PPQ, 120.0)), 48_000)
    quarters = np.linspace(0, 4, 2_000_001)
    seconds = np.trapezoid(60 / (60 + 15 * quarters), quarters)
    assert abs(time.frame(4 * PPQ) - seconds * 48_000) < 1
    assert time.bpm_at(2 * PPQ) == 90.0
    assert time.bpm_at(5 * PPQ) == 120.0


def test_a_nearly_flat_ramp_is_nearly_flat() -> None:
    ramp = TempoMap((TempoPoint(0, 120.0, True), TempoPoint(10**6, 120.0 + 1e-9)), 48_000)
    flat = TempoMap((TempoPoint(0, 120.0),), 48_000)
    ticks = np.arange(0, 2 * 10**6, 997)
    assert np.abs(ramp.frames(ticks) - flat.frames(ticks)).max() <= 1


def test_bars_and_beats_through_signature_changes() -> None:
    signatures = (Signature(0, 4, 4), Signature(2 * 4 * PPQ, 3, 4), Signature(2 * 4 * PPQ + 3 * PPQ, 7, 8))
    assert str(bar_beat(signatures, 0)) == "1.1.000"
    assert str(bar_beat(signatures, 8 * PPQ)) == "3.1.000"
    assert str(bar_beat(signatures, 11 * PPQ + PPQ // 2 + 5)) == "4.2.005"
    assert str(bar_beat(signatures, -1)) == "0.4.959"
    for bar in range(1, 30):
        assert bar_beat(signatures, bar_tick(signatures, bar)) == type(bar_beat(signatures, 0))(bar, 1, 0)
    assert signature_at(signatures, 9 * PPQ).numerator == 3
