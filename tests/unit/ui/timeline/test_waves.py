"""The waveform in the picture against the samples in the file."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from studio.document.edits import clips
from studio.engine.audio.peaks import Peaks
from studio.ui.timeline.axis import Axis
from studio.ui.timeline.columns import paint_of, rgb, shape
from studio.ui.timeline.waves import Waves

from .conftest import RATE, OpenSong, Shown


def _noise(seconds: float, seed: int = 1) -> np.ndarray:
    samples = np.random.default_rng(seed).uniform(-1, 1, round(seconds * RATE)) * 0.9
    return (samples * np.abs(np.sin(np.arange(len(samples)) / 3000))).astype(np.float32)


def _extents(shown: Shown, track_id: str, left: int, right: int) -> tuple[np.ndarray, np.ndarray]:
    """Highest and lowest amplitude of the waveform as painted, by column."""
    canvas = shown.view.stage.canvas
    row = canvas.scene.row(track_id)
    assert row is not None
    form = shape(row.height, canvas.axis.ratio, False)
    y = row.top - canvas.top
    picture = shown.picture()[y + form.wave_top : y + form.wave_bottom, left:right]
    body = rgb(paint_of(row.track.color, 0).body)
    covered = picture != body
    top = covered.argmax(axis=0)
    bottom = form.wave - covered[::-1].argmax(axis=0)
    return 1 - 2 * top / form.wave, 1 - 2 * bottom / form.wave


@pytest.mark.parametrize("per_tick", [0.011, 0.09, 0.4])
def test_every_column_shows_the_extremes_of_its_samples(
    opened: OpenSong, show: Callable[[OpenSong], Shown], per_tick: float
) -> None:
    samples = _noise(12)
    media, track = opened.add_media("Noise", samples), opened.add_track("One")
    opened.put(track, media, 0.0, 12.0)
    shown = show(opened)
    shown.view.set_track_height(None, 200)
    canvas = shown.view.stage.canvas
    shown.view.navigation.show(Axis(per_tick, 30, canvas.axis.ratio))
    left, right = 20, min(round(canvas.axis.x(11.5 * 1920)), canvas.backing.width - 4)
    edges = canvas.axis.edges(left, right, opened.document.project.time)
    high, low = _extents(shown, track, left, right)
    bins = 64 * (edges[1] - edges[0] >= 64)
    for column in range(0, right - left, 7):
        first, last = int(edges[column]), int(edges[column + 1]) + 1
        inside = samples[first:last]
        around = samples[max(first - int(edges[1] - edges[0]) - bins, 0) : last + int(edges[1] - edges[0]) + bins]
        assert high[column] >= inside.max() - 0.06
        assert high[column] <= around.max() + 0.06
        assert low[column] <= inside.min() + 0.06
        assert low[column] >= around.min() - 0.06


def test_many_narrow_clips_look_as_each_alone(opened: OpenSong, show: Callable[[OpenSong], Shown]) -> None:
    sounds = [opened.add_media(f"Noise {n}", _noise(2, n)) for n in range(3)]
    track = opened.add_track("One")
    for n in range(30):
        opened.put(track, sounds[n % 3], n * 0.5, 0.4, (n % 4) * 0.3)
    shown = show(opened)
    shown.view.navigation.show(Axis(0.01, 0, 1.0))
    row = shown.view.stage.scene.row(track)
    assert row is not None
    waves, plan = shown.view.stage.waves, row.plan
    per_column = RATE / 1920 / 0.01
    first, last = plan.first + plan.p_shift, plan.last + plan.p_shift
    dense = waves.bins(plan.p_media, first.astype(float), last.astype(float), per_column)
    size = dense.size
    for i in range(len(plan.ids)):
        alone = waves._cut(plan.p_media[i : i + 1], first[i : i + 1], last[i : i + 1], size)
        at = np.arange(first[i] // size, last[i] // size)
        assert np.array_equal(dense.low[at + dense.shift[i]], alone.low[at + alone.shift[0]])
        assert np.array_equal(dense.high[at + dense.shift[i]], alone.high[at + alone.shift[0]])


def test_peaks_that_come_later_are_drawn(opened: OpenSong, show: Callable[[OpenSong], Shown]) -> None:
    media, track = opened.add_media("Noise", _noise(4), peaks=False), opened.add_track("One")
    opened.put(track, media, 0.0, 4.0)
    shown = show(opened)
    flat = shown.picture().copy()
    from studio.engine.audio.peaks import build_peaks

    opened.waveforms[media.id] = build_peaks(opened.playable_path(media, RATE))
    for listener in opened.listeners:
        listener(media.id)
    assert not np.array_equal(shown.picture(), flat)


def test_single_samples_are_read_and_drawn(
    qapp: QApplication, opened: OpenSong, show: Callable[[OpenSong], Shown]
) -> None:
    ramp = np.linspace(-0.9, 0.9, RATE, dtype=np.float32)
    media, track = opened.add_media("Ramp", ramp), opened.add_track("One")
    opened.put(track, media, 0.0, 1.0)
    shown = show(opened)
    shown.view.set_track_height(None, 200)
    scroll = round(0.9 * 1920 * 120)
    shown.view.navigation.show(Axis(120.0, scroll, 1.0))
    shown.picture()
    end = time.monotonic() + 10
    while not shown.view.stage.samples.samples(media.id, 0, 100) is not None and time.monotonic() < end:
        qapp.processEvents()
    qapp.processEvents()
    high, low = _extents(shown, track, 100, 110)
    assert high.mean() == pytest.approx(0.72, abs=0.05)
    assert low.mean() == pytest.approx(0.72, abs=0.05)


def test_gain_and_fades_shape_the_waveform(opened: OpenSong, show: Callable[[OpenSong], Shown]) -> None:
    media, track = opened.add_media("Loud", np.full(4 * RATE, 0.8, np.float32)), opened.add_track("One")
    clip = opened.put(track, media, 0.0, 4.0)
    shown = show(opened)
    x = round(shown.x(3.0))
    loud = _extents(shown, track, x, x + 1)[0][0]
    opened.document.apply(clips.set_clip_gain((clip,), 0.5))
    assert _extents(shown, track, x, x + 1)[0][0] == pytest.approx(loud / 2, abs=0.06)
    opened.document.apply(clips.set_fades(clip, fade_out=2 * RATE, shape="linear"))
    waves = shown.view.stage.waves
    assert waves.index(media.id) == 0
    row = shown.view.stage.scene.row(track)
    assert row is not None
    assert row.plan.faded


def test_a_missing_waveform_is_silence() -> None:
    waves = Waves(lambda _: None, lambda *_: None, lambda *_: None)
    number = np.array([waves.index("media-1")])
    bins = waves.bins(number, np.array([0.0]), np.array([9000.0]), 500.0)
    assert not bins.low.any()
    assert (bins.least.tolist(), bins.most.tolist()) == ([0], [0])


def test_short_media_have_one_bin_at_coarse_levels() -> None:
    peaks = Peaks(np.array([[[-10, 20], [-30, 5]]], np.int8), 100)
    waves = Waves(lambda _: peaks, lambda *_: None, lambda *_: None)
    number = np.array([waves.index("media-1")])
    bins = waves.bins(number, np.array([0.0]), np.array([100.0]), 100_000.0)
    assert (bins.low.tolist(), bins.high.tolist()) == ([-30], [20])
