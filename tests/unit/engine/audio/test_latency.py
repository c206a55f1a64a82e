"""Finding the click of a latency measurement."""

from __future__ import annotations

import numpy as np
import pytest

from studio.engine.audio.latency import click, delay

RATE = 48_000


def heard(at: int, level: float = 0.3, noise: float = 0.0, channels: int = 2) -> np.ndarray:
    sound = np.random.default_rng(3).standard_normal((RATE, channels)).astype(np.float32) * np.float32(noise)
    signal = click(RATE)
    sound[at : at + len(signal), -1] += level * signal
    return sound


@pytest.mark.parametrize("at", [0, 1, 480, 3_601, 40_000])
def test_click_is_found_to_the_frame(at: int) -> None:
    assert delay(click(RATE), heard(at)) == at
    assert delay(click(RATE), -heard(at)) == at
    assert delay(click(RATE), heard(at, 0.2, 0.02)) == at


def test_what_is_not_there_is_not_found() -> None:
    assert delay(click(RATE), np.zeros((RATE, 2), np.float32)) is None
    assert delay(click(RATE), heard(100, 0.0, 0.1)) is None
