"""Fade curves: their shape, and that they do not depend on blocks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.engine.audio.fades import EQUAL_POWER, LINEAR, Ramp, quarter_sine


def test_quarter_sine_is_a_sine() -> None:
    x = np.linspace(0, 1, 10_001)
    assert np.abs(quarter_sine(x) - np.sin(x * np.pi / 2)).max() < 1e-11


@pytest.mark.parametrize("shape", [LINEAR, EQUAL_POWER])
def test_rising_and_falling_mirror_each_other(shape: int) -> None:
    up, down = Ramp(10, 100, shape, True).gains(10, 110), Ramp(10, 100, shape, False).gains(10, 110)
    assert np.array_equal(up, down[::-1])
    assert 0 < up[0] < 0.05
    assert 0.99 < up[-1] < 1
    total = up + down if shape == LINEAR else up**2 + down**2
    assert np.abs(total - 1).max() < 1e-9


@settings(deadline=None)
@given(st.integers(1, 3000), st.data(), st.sampled_from([LINEAR, EQUAL_POWER]), st.booleans())
def test_any_part_of_a_fade_is_the_same_part(length: int, data: st.DataObject, shape: int, rising: bool) -> None:
    ramp = Ramp(-7, length, shape, rising)
    first = data.draw(st.integers(0, length))
    last = data.draw(st.integers(first, length))
    whole = ramp.gains(-7, -7 + length)
    assert np.array_equal(whole[first:last], ramp.gains(-7 + first, -7 + last))
