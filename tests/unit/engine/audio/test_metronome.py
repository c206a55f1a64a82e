"""Where the metronome clicks."""

from __future__ import annotations

import numpy as np
import pytest

from studio.document.time import Signature, TempoMap, TempoPoint
from studio.engine.audio.metronome import Clicks, Metronome, click, count_in, song_clicks

RATE = 48_000
TEMPO = TempoMap((TempoPoint(0, 120.0),), RATE)


def test_every_beat_clicks_and_every_bar_is_accented() -> None:
    clicks = song_clicks(TEMPO, (Signature(0, 3, 4), Signature(3 * 960 * 2, 2, 2)), 8 * RATE)
    assert clicks.frames[:7].tolist() == [24_000 * beat for beat in range(7)]
    assert clicks.frames[7:9].tolist() == [24_000 * 8, 24_000 * 10]
    assert clicks.accents[:9].tolist() == [True, False, False, True, False, False, True, False, True]
    assert clicks.frames[-1] <= 8 * RATE


def test_count_in_on_a_bar_line_lasts_whole_bars() -> None:
    length, clicks = count_in(TEMPO, (Signature(0),), TEMPO.frame(4 * 960), 2)
    assert length == 8 * 24_000
    assert clicks.frames.tolist() == [24_000 * beat for beat in range(8)]
    assert clicks.accents.tolist() == [True, False, False, False] * 2


def test_count_in_within_a_bar_is_one_bar_and_the_beats_up_to_it() -> None:
    length, clicks = count_in(TEMPO, (Signature(0),), TEMPO.frame(6 * 960), 2)
    assert length == 6 * 24_000
    assert clicks.accents.tolist() == [True, False, False, False, True, False]


def test_no_bars_are_no_count_in() -> None:
    assert count_in(TEMPO, (Signature(0),), 0, 0)[0] == 0


@pytest.mark.parametrize("block", [1, 7, 1_000])
def test_clicks_ring_over_the_borders_of_blocks(block: int) -> None:
    metronome = Metronome(RATE)
    metronome.clicks = Clicks([100, 1_000], [True, False])
    mix = np.concatenate([metronome.block(at, block, 5_000 + at) for at in range(0, 3_000, block)], axis=1)
    wanted = np.zeros(mix.shape[1] + 2_000, np.float32)
    wanted[100:1_540] += click(RATE, accent=True)
    wanted[1_000:2_440] += click(RATE, accent=False)
    assert np.allclose(mix, wanted[: mix.shape[1]], atol=1e-7)
