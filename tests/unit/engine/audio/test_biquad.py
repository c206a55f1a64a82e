"""Filters: their response, and that blocks do not show."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import sosfilt, sosfreqz

from mixes import RATE, noise
from studio.engine.audio import biquad


def decibels(section: biquad.Section, *frequencies: float) -> list[float]:
    response = sosfreqz(section[None], worN=np.array(frequencies), fs=RATE)[1]
    return list(20 * np.log10(np.abs(response)))


def test_responses() -> None:
    q = 0.5**0.5
    assert decibels(biquad.highpass(1000, q, RATE), 250, 1000, 12_000) == pytest.approx([-24.1, -3.01, 0], abs=0.15)
    assert decibels(biquad.lowpass(1000, q, RATE), 50, 1000, 4000) == pytest.approx([0, -3.01, -24.6], abs=0.2)
    assert decibels(biquad.peak(1000, 6, 1, RATE), 20, 1000, 20_000) == pytest.approx([0, 6, 0], abs=0.05)
    assert decibels(biquad.low_shelf(1000, 6, q, RATE), 10, 1000, 20_000) == pytest.approx([6, 3, 0], abs=0.05)
    assert decibels(biquad.high_shelf(1000, -6, q, RATE), 10, 1000, 20_000) == pytest.approx([0, -3, -6], abs=0.05)


@settings(max_examples=50, deadline=None)
@given(st.floats(20, 20_000), st.floats(0.1, 18), st.floats(-24, 24))
def test_every_filter_is_stable(frequency: float, q: float, gain: float) -> None:
    for rate in (22_050, 192_000):
        sections = (
            biquad.highpass(frequency, q, rate),
            biquad.lowpass(frequency, q, rate),
            biquad.peak(frequency, gain, q, rate),
            biquad.low_shelf(frequency, gain, q, rate),
            biquad.high_shelf(frequency, gain, q, rate),
        )
        for section in sections:
            assert np.abs(np.roots(section[3:])).max() < 1


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 900), min_size=1, max_size=8))
def test_a_cascade_does_not_show_its_blocks(blocks: list[int]) -> None:
    sections = np.stack([biquad.highpass(80, 0.7, RATE), biquad.peak(900, 9, 2, RATE)])
    sound = noise(sum(blocks)) * np.exp(-np.arange(sum(blocks)) / 50).astype(np.float32)
    whole = biquad.Cascade(sections).process(sound)
    cascade, parts, at = biquad.Cascade(sections), [], 0
    for frames in blocks:
        parts.append(cascade.process(sound[:, at : at + frames]))
        at += frames
    assert np.array_equal(np.concatenate(parts, axis=1), whole)


def test_what_has_died_away_is_forgotten() -> None:
    cascade = biquad.Cascade(biquad.highpass(1000, 0.7, RATE)[None])
    cascade.process(noise(100))
    assert cascade.state.any()
    cascade.process(np.zeros((2, 200_000), np.float32))
    cascade.settle()
    assert not cascade.state.any()


def test_filters_of_many_strips_in_one_call_are_each_alone_and_what_scipy_does() -> None:
    designs = (biquad.highpass(80, 0.7, RATE), biquad.peak(900, 5, 1, RATE), biquad.low_shelf(300, -4, 0.7, RATE))
    cascades = [biquad.Cascade(np.stack(designs[: 1 + at % 3])) for at in range(5)]
    alone = [biquad.Cascade(cascade.sections) for cascade in cascades]
    rows, sound = (0, 2, 3, 5, 6), np.stack([noise(3000, 2, at, 0.3) for at in range(7)])
    whole = sound.copy()
    for begin, end in ((0, 1), (1, 700), (700, 3000)):
        part = np.ascontiguousarray(whole[:, :, begin:end])
        biquad.filter_rows(list(zip(rows, cascades, strict=True)), part)
        whole[:, :, begin:end] = part
    for row, one in zip(rows, alone, strict=True):
        assert np.array_equal(whole[row], one.process(sound[row]))
        wanted = sosfilt(one.sections, sound[row].astype(np.float64)).astype(np.float32)
        np.testing.assert_allclose(whole[row], wanted, atol=1e-7)
    for cascade, one in zip(cascades, alone, strict=True):
        assert np.array_equal(cascade.state, one.state)
    assert np.array_equal(whole[[1, 4]], sound[[1, 4]])
