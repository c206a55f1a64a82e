"""Bounce: the file is what plays, tails included, or there is no file."""

from __future__ import annotations

import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mixes import RATE, Floats, Mix, even, noise, rendered
from studio.document.project import Insert, Strip
from studio.engine.audio.bounce import BounceCancelled, bounce
from studio.errors import StudioError


@pytest.fixture
def mix(tmp_path: Path) -> Mix:
    folder = tmp_path / "media"
    folder.mkdir()
    made = Mix(folder)
    made.track([made.clip(made.media(noise(2 * RATE, 2, 1)), 1000, gain=0.5)])
    made.track([made.clip(made.media(noise(RATE, 1, 2)), 0)], Strip(pan=0.3, inserts=(Insert("c", "compressor"),)))
    return made


def read(path: Path) -> Floats:
    return soundfile.read(path, dtype="float32", always_2d=True)[0].T


def reverb(room: float) -> tuple[Insert, ...]:
    return (Insert("r", "reverb", (("mix", 0.5), ("room_size", room))),)


def test_the_file_is_what_plays(mix: Mix, tmp_path: Path) -> None:
    plan = mix.plan()
    steps: list[float] = []
    report = bounce(plan, tmp_path / "out.wav", bits="32f", progress=steps.append)
    expected = rendered(plan, 0, even(2 * RATE + 1000))
    got = read(report.file)
    assert np.array_equal(got, expected)
    assert (report.frames, report.rate, report.notices) == (2 * RATE + 1000, RATE, ())
    assert report.peak_dbfs == pytest.approx(20 * np.log10(np.abs(expected).max()))
    assert -25 < report.lufs < -10
    assert steps == sorted(steps)
    assert steps[-1] == 1.0


def test_a_range(mix: Mix, tmp_path: Path) -> None:
    plan = mix.plan()
    report = bounce(plan, tmp_path / "out.wav", start=12_345, end=4 * RATE, bits="32f")
    assert report.frames == 4 * RATE - 12_345
    assert np.array_equal(read(report.file), rendered(plan, 12_345, even(4 * RATE - 12_345)))


def test_the_tail_is_kept_to_its_last_frame_over_minus_90(mix: Mix, tmp_path: Path) -> None:
    mix.strip("track-0", inserts=reverb(0.3))
    plan = mix.plan()
    report = bounce(plan, tmp_path / "out.wav", bits="32f")
    got = read(report.file)
    endless = rendered(plan, 0, even(12 * RATE))
    loud = np.flatnonzero(np.abs(endless).max(axis=0) >= 10 ** (-90 / 20))
    assert report.frames == loud[-1] + 1 > plan.end + RATE // 2
    assert np.array_equal(got, endless[:, : report.frames])


def test_a_tail_that_never_ends_is_cut_after_30_seconds(mix: Mix, tmp_path: Path) -> None:
    echo = (Insert("d", "delay", (("feedback", 0.95), ("mix", 0.9), ("time_ms", 2000.0))),)
    mix.strip("track-0", inserts=echo)
    report = bounce(mix.plan(), tmp_path / "out.wav")
    assert mix.plan().end + 28 * RATE < report.frames <= mix.plan().end + 30 * RATE


def test_echoes_after_a_long_silence_are_kept(mix: Mix, tmp_path: Path) -> None:
    echo = (Insert("d", "delay", (("feedback", 0.0), ("mix", 0.5), ("time_ms", 2000.0))),)
    mix.track([mix.clip("media-001", 0, 0, 4800)], Strip(inserts=echo))
    mix.project = mix.project.__class__(
        **{name: getattr(mix.project, name) for name in mix.project.__struct_fields__ if name != "tracks"},
        tracks=mix.project.tracks[-1:],
    )
    report = bounce(mix.plan(), tmp_path / "out.wav")
    assert report.frames == 2 * RATE + 4800


@pytest.mark.parametrize(("format", "bits"), [("wav", "16"), ("wav", "24"), ("flac", "24"), ("mp3", "16")])
def test_formats(mix: Mix, tmp_path: Path, format: str, bits: str) -> None:
    report = bounce(mix.plan(), tmp_path / f"out.{format}", format=format, bits=bits)  # type: ignore[arg-type]
    got, expected = read(report.file), rendered(mix.plan(), 0, even(2 * RATE + 1000))
    assert got.shape == expected.shape
    error = np.sqrt(np.mean((got - expected) ** 2))
    assert error < {"16": 2e-5, "24": 2e-7}[bits] if format != "mp3" else error < 0.05


def test_nothing_to_export(mix: Mix, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="nothing to export"):
        bounce(mix.plan(), tmp_path / "out.wav", start=10 * RATE)
    with pytest.raises(StudioError, match="nothing to export"):
        bounce(Mix(tmp_path).plan(), tmp_path / "out.wav")
    assert list(tmp_path.glob("*out*")) == []


def test_a_cancel_leaves_nothing(mix: Mix, tmp_path: Path) -> None:
    out = tmp_path / "exports"
    out.mkdir()
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 3

    threads = threading.active_count()
    with pytest.raises(BounceCancelled):
        bounce(mix.plan(), out / "out.wav", cancelled=cancelled)
    assert list(out.iterdir()) == []
    assert threading.active_count() == threads


def test_a_cancel_keeps_the_file_that_was_there(mix: Mix, tmp_path: Path) -> None:
    (tmp_path / "out.wav").write_bytes(b"precious")
    with pytest.raises(BounceCancelled):
        bounce(mix.plan(), tmp_path / "out.wav", cancelled=lambda: True)
    assert (tmp_path / "out.wav").read_bytes() == b"precious"


@contextmanager
def files_end_at(size: int) -> Iterator[None]:
    """No file of this process may grow over `size` bytes, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("format", ["wav", "flac"])
def test_a_full_disk_is_a_sentence_and_leaves_nothing(mix: Mix, tmp_path: Path, format: str) -> None:
    out = tmp_path / "exports"
    out.mkdir()
    plan = mix.plan()
    with files_end_at(100_000), pytest.raises(StudioError, match=r"out\.") as caught:
        bounce(plan, out / f"out.{format}", format=format)  # type: ignore[arg-type]
    assert caught.value.__cause__ is not None
    assert list(out.iterdir()) == []


def test_missing_media_is_told(mix: Mix, tmp_path: Path) -> None:
    gone = mix.paths["media-001"]
    assert gone is not None
    plan = mix.plan()
    gone.unlink()
    report = bounce(plan, tmp_path / "out.wav")
    assert len(report.notices) == 1
    assert gone.name in report.notices[0]
