"""Loudness against the EBU's signals, and against sines whose loudness is known."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import sosfreqz

from studio.engine.audio.decode import decode_blocks, probe
from studio.engine.audio.loudness import LoudnessMeter, k_weighting


def measured(path: Path) -> LoudnessMeter:
    info = probe(path)
    meter = LoudnessMeter(info.rate, info.channels)
    for block in decode_blocks(path):
        meter.add(block)
    return meter


def sine(level: float, frequency: float, seconds: float, rate: int = 48_000, channels: int = 2) -> np.ndarray:
    t = np.arange(round(seconds * rate)) / rate
    return np.tile((10 ** (level / 20) * np.sin(2 * np.pi * frequency * t)).astype(np.float32), (channels, 1))


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("seq-3341-1-16bit.flac", -23.0),
        ("seq-3341-2-16bit.flac", -33.0),
        ("seq-3341-3-16bit-v02.flac", -23.0),
        ("pyloudnorm/1770-2_Comp_AbsGateTest.wav", -69.5),
        ("pyloudnorm/1770-2_Comp_RelGateTest.wav", -10.0),
        ("pyloudnorm/sine_1000.wav", -3.05),
    ],
)
def test_integrated_loudness_of_the_reference_files(testdata: Path, name: str, target: float) -> None:
    assert measured(testdata / "loudness" / name).integrated() == pytest.approx(target, abs=0.1)


def test_loudness_range_of_the_reference_file(testdata: Path) -> None:
    assert measured(testdata / "loudness" / "seq-3342-1-16bit.flac").range() == pytest.approx(10.0, abs=0.1)


def test_the_filter_is_the_table_of_bs1770_at_48_khz() -> None:
    table = [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
    np.testing.assert_allclose(k_weighting(48_000), table, atol=1e-7)


@pytest.mark.parametrize("rate", [22_050, 44_100, 88_200, 96_000, 192_000])
def test_the_filter_sounds_the_same_at_every_rate(rate: int) -> None:
    tones = np.array([30.0, 60.0, 200.0, 1_000.0, 3_000.0, 6_000.0])
    reference = np.abs(sosfreqz(k_weighting(48_000), tones, fs=48_000)[1])
    found = np.abs(sosfreqz(k_weighting(rate), tones, fs=rate)[1])
    # The high-pass of BS.1770 is not normalised, so that its gain differs by hundredths of a decibel.
    np.testing.assert_allclose(20 * np.log10(found / reference), 0.0, atol=0.1)


@pytest.mark.parametrize("rate", [11_025, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_tone_of_997_hz_has_its_known_loudness(rate: int, channels: int) -> None:
    meter = LoudnessMeter(rate, channels)
    meter.add(sine(-20.0, 997.0, 5.0, rate, channels))
    expected = -23.01 + 10 * math.log10(channels)
    for value in (meter.integrated(), meter.momentary, meter.short_term):
        assert value == pytest.approx(expected, abs=0.05)
    assert meter.range() == pytest.approx(0.0, abs=0.01)


def test_surround_weights() -> None:
    """EBU Tech 3341, test 6: -28, -28, -24, (LFE left out), -30, -30 dBFS makes -23 LUFS."""
    t = np.arange(5 * 48_000) / 48_000
    levels = np.array([-28.0, -28.0, -24.0, -3.0, -30.0, -30.0])
    block = (10 ** (levels[:, np.newaxis] / 20) * np.sin(2 * np.pi * 1000 * t)).astype(np.float32)
    meter = LoudnessMeter(48_000, 6)
    meter.add(block)
    assert meter.integrated() == pytest.approx(-23.0, abs=0.1)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 20_000), min_size=1, max_size=12))
def test_any_split_into_blocks_measures_the_same(sizes: list[int]) -> None:
    noise = np.random.default_rng(2).normal(0, 0.2, (2, 60_000)).astype(np.float32)
    whole, split = LoudnessMeter(44_100, 2), LoudnessMeter(44_100, 2)
    whole.add(noise)
    at = 0
    for size in [*sizes, 60_000]:
        split.add(noise[:, at : at + size])
        at += size
    assert split.integrated() == pytest.approx(whole.integrated(), abs=1e-9)
    assert split.momentary == pytest.approx(whole.momentary, abs=1e-9)
    assert split.true_peak == pytest.approx(whole.true_peak, rel=1e-6)
    assert split.sample_peak == whole.sample_peak


def test_silence_and_less_than_a_window_have_no_loudness() -> None:
    meter = LoudnessMeter(48_000, 2)
    assert meter.true_peak == 0.0
    meter.add(np.zeros((2, 0), np.float32))
    meter.add(sine(-6.0, 997.0, 0.3))
    assert meter.integrated() == meter.momentary == meter.short_term == -math.inf
    assert meter.range() == 0.0
    silent = LoudnessMeter(48_000, 2)
    silent.add(np.zeros((2, 480_000), np.float32))
    assert silent.integrated() == silent.momentary == -math.inf


@pytest.mark.parametrize(
    ("divisor", "phase", "rate"),
    [(4, 0.0, 48_000), (4, 45.0, 48_000), (6, 60.0, 48_000), (8, 67.5, 48_000), (4, 45.0, 44_100), (4, 45.0, 96_000)],
)
def test_true_peak_of_the_ebu_sines(divisor: int, phase: float, rate: int) -> None:
    """EBU Tech 3341, tests 15 to 18: amplitude 0.5 between the samples reads -6.0 dBTP, +0.2 -0.4."""
    meter = LoudnessMeter(rate, 1)
    tone = 0.5 * np.sin(2 * np.pi * np.arange(rate) / divisor + math.radians(phase))
    ramp = np.minimum(1.0, np.arange(rate) / 4_800)
    meter.add((tone * np.minimum(ramp, ramp[::-1])).astype(np.float32)[np.newaxis])
    assert -0.4 <= 20 * math.log10(meter.true_peak) + 6.0 <= 0.2


def test_range_leaves_out_what_is_20_lu_under_the_level() -> None:
    meter = LoudnessMeter(48_000, 1)
    for level in (-20.0, -50.0):
        meter.add(sine(level, 997.0, 60.0, channels=1))
    assert meter.range() < 1.0
    louder = LoudnessMeter(48_000, 1)
    for level in (-20.0, -35.0):
        louder.add(sine(level, 997.0, 60.0, channels=1))
    assert louder.range() == pytest.approx(15.0, abs=0.1)


@pytest.mark.parametrize("block", [1, 3, 24_000])
def test_true_peak_sees_what_samples_hide(block: int) -> None:
    meter = LoudnessMeter(48_000, 1)
    tone = np.sin(np.pi / 2 * np.arange(24_000) + np.pi / 4).astype(np.float32)[np.newaxis]
    for start in range(0, 600 if block < 100 else 24_000, block):
        meter.add(tone[:, start : start + block])
    assert meter.sample_peak == pytest.approx(0.7071, abs=1e-3)
    assert meter.true_peak > 0.98
