"""Files in step: whichever is heard goes on where the other was, at its own gain, without a click."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from studio.engine.audio.comparing import Compared

RATE = 8000


def ramp(path: Path, seconds: float, sign: float, rate: int = RATE) -> Path:
    """A sound whose value tells the second: sign x second / 10."""
    time_of = np.arange(round(seconds * rate)) / rate
    soundfile.write(path, (sign * time_of / 10).astype(np.float32), rate, "FLOAT")
    return path


def taken(compared: Compared, frames: int) -> np.ndarray:
    """So many frames, waiting for them as the device does."""
    parts, have, until = [], 0, time.monotonic() + 20
    while have < frames and not compared.over and time.monotonic() < until:
        block = compared.take(frames - have)
        if block is None:
            time.sleep(0.002)
            continue
        parts.append(block)
        have += len(block)
    return np.concatenate(parts)


@pytest.fixture
def pair(tmp_path: Path) -> list[Path]:
    return [ramp(tmp_path / "up.wav", 4.0, 1.0), ramp(tmp_path / "down.wav", 3.0, -1.0)]


def test_a_switch_goes_on_in_step_at_the_other_gain(pair: list[Path]) -> None:
    compared = Compared(pair, RATE, [1.0, 0.5])
    compared.start()
    first = taken(compared, RATE)
    compared.choose(1)
    second = taken(compared, RATE)
    compared.end()
    steps = np.arange(RATE) / RATE
    assert np.allclose(first[:, 0], steps / 10, atol=1e-6) and np.array_equal(first[:, 0], first[:, 1])
    assert np.allclose(second[40:, 0], -(1 + steps[40:]) / 20, atol=1e-6)
    assert np.abs(np.diff(second[:, 0])).max() < 0.005 and compared.played == 2 * RATE


def test_it_begins_anew_where_the_longest_ends(pair: list[Path]) -> None:
    compared = Compared(pair, RATE, [1.0, 1.0])
    compared.choose(1)
    compared.start()
    sound = taken(compared, 5 * RATE)
    compared.end()
    assert compared.length == 4 * RATE
    assert not sound[3 * RATE : 4 * RATE].any() and sound[2 * RATE, 0] == pytest.approx(-0.2, abs=1e-4)
    assert sound[4 * RATE + 4000, 0] == pytest.approx(-0.05, abs=1e-4)


def test_other_rates_stay_in_step_and_the_unreadable_is_silent(tmp_path: Path, pair: list[Path]) -> None:
    other = ramp(tmp_path / "other.wav", 4.0, 1.0, 11_025)
    (tmp_path / "broken.wav").write_text("no sound")
    compared = Compared([pair[0], other, tmp_path / "broken.wav"], RATE, [1.0, 1.0, 1.0])
    compared.choose(1)
    compared.start()
    sound = taken(compared, 2 * RATE)
    assert sound[RATE, 0] == pytest.approx(0.1, abs=1e-3)
    compared.choose(2)
    assert not taken(compared, 800)[40:].any()
    compared.end()
    assert "broken.wav" in compared.error


def test_nothing_readable_is_over(tmp_path: Path) -> None:
    compared = Compared([tmp_path / "gone.wav"], RATE, [1.0])
    compared.start()
    until = time.monotonic() + 20
    while not compared.over and time.monotonic() < until:
        assert compared.take(100) is None
    assert compared.over and compared.error
