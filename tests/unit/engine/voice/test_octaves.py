"""Slips into another octave are put right; leaps that a voice makes are left."""

from __future__ import annotations

import numpy as np
import pytest

from studio.engine.voice.octaves import OCTAVE, without_slips

STEP = 0.008
SHORT = round(OCTAVE / STEP) - 1


def semitones(line: list[float], sure: list[float] | None = None) -> np.ndarray:
    hz = (440.0 * 2.0 ** ((np.array(line) - 69.0) / 12.0)).astype(np.float32)
    confidence = np.array(sure if sure is not None else [0.9] * len(line), np.float32)
    made = without_slips(hz, confidence, STEP)
    assert made.dtype == np.float32
    return 69.0 + 12.0 * np.log2(made.astype(np.float64) / 440.0)


@pytest.mark.parametrize("slip", [12.3, -12.2, 24.1])
def test_a_slip_is_put_back_with_its_cents(slip: float) -> None:
    line = [60.0] * 30 + [60.0 + slip] * SHORT + [60.0] * 30
    found = semitones(line)
    assert np.abs(found - 60.0).max() < 0.35
    assert found[32] == pytest.approx(60.0 + slip - 12 * round(slip / 12), abs=1e-3)


def test_a_leap_that_lasts_is_sung() -> None:
    for line in ([57.0] * 40 + [69.0] * 40, [57.0] * 40 + [69.0] * (SHORT + 2) + [57.0] * 40, [69.0] * 60 + [45.0] * 9):
        assert semitones(line) == pytest.approx(np.array(line), abs=1e-3)


def test_other_intervals_are_left_alone() -> None:
    line = [60.0] * 30 + [67.0] * 4 + [60.0] * 30 + [73.5] * 3 + [60.0] * 20
    assert semitones(line) == pytest.approx(np.array(line), abs=1e-3)


def test_a_guess_goes_to_the_octave_around_it_and_silence_stays() -> None:
    sure = [0.9] * 20 + [0.3] * 20 + [0.1] * 80
    found = semitones([60.0] * 20 + [72.0] * 20 + [72.0] * 80, sure)
    assert np.abs(found[:30] - 60.0).max() < 1e-3
    assert np.abs(found[60:] - 72.0).max() < 1e-3


def test_no_frames_are_no_trouble() -> None:
    assert len(semitones([])) == 0
