"""Peaks never hide a sample: each column holds the smallest and largest of its frames, at every zoom."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.engine.audio.decode import DecodeCancelled, DecodeError
from studio.engine.audio.peaks import BASE, LEVELS, PeakBuilder, Peaks, build_peaks, load_peaks, read_samples


def sound(frames: int, channels: int = 2, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (channels, frames)).astype(np.float32)


def truth(samples: np.ndarray, width: int) -> np.ndarray:
    """The definition, column by column."""
    columns = [samples[:, start : start + width] for start in range(0, samples.shape[1], width)]
    pairs = [np.stack((column.min(axis=1), column.max(axis=1)), axis=1) for column in columns]
    return np.rint(np.stack(pairs, axis=1) * 127).astype(np.int8)


def built(samples: np.ndarray, block: int = 10_000) -> Peaks:
    builder = PeakBuilder(samples.shape[0])
    for start in range(0, samples.shape[1], block):
        builder.append(samples[:, start : start + block])
    return builder.finish()


@settings(max_examples=40, deadline=None)
@given(frames=st.integers(1, 5_000), block=st.integers(1, 3_000), channels=st.integers(1, 3), level=st.integers(0, 8))
def test_every_level_is_the_extremes_of_its_frames(frames: int, block: int, channels: int, level: int) -> None:
    samples = sound(frames, channels)
    peaks = built(samples, block)
    values, width = peaks.level(BASE << level)
    assert width <= BASE << level
    assert peaks.frames == frames
    np.testing.assert_array_equal(values, truth(samples, width))


@pytest.mark.parametrize(("asked", "given"), [(0.01, 64), (64, 64), (127.9, 64), (128, 128), (1e9, 64 << 11)])
def test_the_level_is_never_coarser_than_asked_if_it_can_be(asked: float, given: int) -> None:
    peaks = built(sound(64 << 11))
    assert peaks.level(asked)[1] == given


def test_a_range_is_the_same_columns() -> None:
    samples = sound(10_000)
    peaks = built(samples)
    found = peaks.columns(1_000, 3_000, 300)
    assert (found.frames_per_column, found.start) == (256, 768)
    np.testing.assert_array_equal(found.values, truth(samples, 256)[:, 3:12])
    assert peaks.columns(-500, 100, 64).start == 0
    assert peaks.columns(20_000, 30_000, 64).values.shape == (2, 0, 2)


def test_nan_and_overs_are_drawn_as_silence_and_full_scale() -> None:
    samples = np.zeros((1, 128), np.float32)
    samples[0, 3], samples[0, 5], samples[0, 70], samples[0, 71] = np.nan, 0.5, 7.0, -np.inf
    np.testing.assert_array_equal(built(samples).level(64)[0], [[[0, 64], [0, 127]]])


def test_a_growing_recording_shows_the_column_that_is_filling() -> None:
    samples = sound(64 * 21)
    builder = PeakBuilder(2)
    builder.append(samples)
    found = builder.columns(0, samples.shape[1], 512)
    assert found.frames_per_column == 512
    np.testing.assert_array_equal(found.values, truth(samples, 512))
    assert builder.level(512)[0].shape[1] == 2
    assert builder.columns(0, 10_000_000, 64 << 20).frames_per_column == 64 << (LEVELS - 1)
    np.testing.assert_array_equal(
        builder.columns(0, samples.shape[1], 64 << 12).values, truth(samples, samples.shape[1])
    )


def test_one_thread_may_read_while_another_appends() -> None:
    samples = np.tile(np.linspace(-1, 1, 64, dtype=np.float32), (2, 3_000))
    builder = PeakBuilder(2)
    writer = threading.Thread(target=lambda: [builder.append(samples) for _ in range(60)])
    writer.start()
    seen = 0
    while writer.is_alive():
        for width in (64, 1024, 64 << 9):
            values = builder.columns(0, 10**9, width).values
            assert (values[..., 0] == -127).all()
            assert (values[..., 1] == 127).all()
        seen = max(seen, builder.level(64)[0].shape[1])
    writer.join()
    assert builder.level(64)[0].shape[1] == 180_000
    assert seen > 0


def test_stored_peaks_come_back_and_stale_ones_do_not(tmp_path: Path) -> None:
    source, file = tmp_path / "a.wav", tmp_path / "a.peaks"
    samples = sound(30_001)
    soundfile.write(source, samples.T, 48_000, subtype="FLOAT")
    assert load_peaks(file, source) is None
    progress: list[float] = []
    peaks = build_peaks(source, progress=progress.append)
    assert progress[-1] == 1.0
    peaks.save(file, source)
    loaded = load_peaks(file, source)
    assert loaded is not None
    assert loaded.frames == 30_001
    np.testing.assert_array_equal(loaded.level(64)[0], truth(samples, 64))
    np.testing.assert_array_equal(loaded.level(4096)[0], truth(samples, 4096))
    stat = source.stat()
    os.utime(source, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    assert load_peaks(file, source) is None
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.peaks", "a.wav"]


@settings(max_examples=100, deadline=None)
@given(at=st.integers(0, 400), value=st.integers(1, 255), cut=st.integers(0, 400))
def test_a_damaged_peak_file_is_made_anew(tmp_path_factory, at: int, value: int, cut: int) -> None:
    folder = tmp_path_factory.getbasetemp()
    source, file = folder / "s.wav", folder / "s.peaks"
    source.write_bytes(b"any")
    built(sound(6_000)).save(file, source)
    raw = bytearray(file.read_bytes())
    raw[at] ^= value
    file.write_bytes(raw)
    assert load_peaks(file, source) is None
    raw[at] ^= value
    file.write_bytes(raw[:cut])
    assert load_peaks(file, source) is None
    file.write_bytes(raw)
    assert load_peaks(file, source) is not None


def test_a_cancelled_build_and_a_bad_file(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(1000), 48_000)
    with pytest.raises(DecodeCancelled):
        build_peaks(tmp_path / "a.wav", cancelled=lambda: True)
    with pytest.raises(DecodeError):
        build_peaks(tmp_path)


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32", "FLOAT"])
def test_samples_with_silence_outside_the_file(tmp_path: Path, subtype: str) -> None:
    samples = sound(1_000)
    path = tmp_path / "a.wav"
    soundfile.write(path, samples.T, 48_000, subtype=subtype)
    found = read_samples(path, -10, 1_020)
    assert not found[:, :10].any()
    assert not found[:, -10:].any()
    np.testing.assert_allclose(found[:, 10:-10], samples, atol=2.0**-15)
    assert read_samples(path, 400, 50).shape == (2, 50)
    assert not read_samples(path, 5_000, 50).any()
    with pytest.raises(DecodeError):
        read_samples(tmp_path / "none.wav", 0, 10)


def test_samples_that_are_not_finite_are_silence(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.array([1.0, np.nan, np.inf]), 48_000, subtype="FLOAT")
    np.testing.assert_array_equal(read_samples(tmp_path / "a.wav", 0, 3), [[1, 0, 0]])
