"""Decibels, tapers, texts."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.ui.controls import levels


@given(st.floats(levels.FLOOR, levels.TOP))
def test_the_taper_can_be_read_backwards(level: float) -> None:
    assert levels.fader_level(levels.fader_position(level)) == pytest.approx(level, abs=1e-9)


@given(st.floats(0, 1), st.floats(0, 1))
def test_higher_is_louder(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert levels.fader_level(low) <= levels.fader_level(high)
    assert levels.meter_position(low) <= levels.meter_position(high)


@given(st.floats(1.01e-4, 15.85))
def test_gain_and_decibels_are_inverses(gain: float) -> None:
    assert levels.gain_of(levels.decibels(gain)) == pytest.approx(gain)


def test_the_bottom_of_a_fader_is_silence_and_the_top_is_twelve() -> None:
    assert levels.gain_of(levels.fader_level(0.0)) == 0.0
    assert levels.fader_level(1.0) == 12.0
    assert levels.decibels(0.0) == -math.inf


@pytest.mark.parametrize(
    ("text", "level"),
    [("-6", -6.0), ("−6,5 dB", -6.5), ("+3", 3.0), (" -inf ", -math.inf), ("−∞", -math.inf), ("40", 12.0), ("0 dB", 0)],
)
def test_typed_levels(text: str, level: float) -> None:
    assert levels.parse_level(text) == level


@pytest.mark.parametrize("text", ["", "loud", "nan", "1.2.3", "--4"])
def test_what_is_no_level_is_refused(text: str) -> None:
    assert levels.parse_level(text) is None


@pytest.mark.parametrize(
    ("text", "pan"),
    [("c", 0.0), ("L30", -0.3), ("30 r", 0.3), ("-45", -0.45), ("R250", 1.0), ("", None), ("x", None), ("nan", None)],
)
def test_typed_pans(text: str, pan: float | None) -> None:
    assert levels.parse_pan(text) == pan


@given(st.integers(-100, 100))
def test_a_pan_reads_back(percent: int) -> None:
    assert levels.parse_pan(levels.pan_text(percent / 100)) == percent / 100


@given(st.integers(-799, 120))
def test_a_level_reads_back(tenths: int) -> None:
    assert levels.parse_level(levels.level_text(tenths / 10)) == tenths / 10


def test_levels_are_written_with_a_true_minus_and_never_as_minus_zero() -> None:
    assert [levels.level_text(level) for level in (-6.0, 1.5, -0.04, -200.0)] == ["−6.0", "+1.5", "0.0", "−∞"]
