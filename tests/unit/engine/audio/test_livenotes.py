"""Notes by hand: what is played in blocks of any length begins and ends, whatever the instrument computes ahead."""

from __future__ import annotations

import numpy as np
import pytest

from studio.document.instruments import Instrument
from studio.engine.audio.instruments.changing import make_instrument, with_values
from studio.engine.audio.instruments.making import live_step, make_synth
from studio.engine.audio.instruments.soundfont import find_fonts
from studio.engine.audio.livenotes import LiveNotes

RATE = 48_000


def played(live: LiveNotes, sizes: list[int]) -> np.ndarray:
    """What is heard in blocks of these sizes, silence where nothing sounds: float32 (frames, 2)."""
    blocks = [live.take(size, (1.0, 1.0)) for size in sizes]
    return np.concatenate(
        [np.zeros((n, 2), np.float32) if b is None else b for n, b in zip(sizes, blocks, strict=True)]
    )


@pytest.mark.parametrize("preset", ["Organ", "Bass"])
@pytest.mark.parametrize("size", [256, 333, 1000, 61])
def test_every_note_begins_and_ends_for_any_size_of_blocks(preset: str, size: int) -> None:
    instrument = make_instrument("synth", preset)
    live = LiveNotes("track", make_synth(instrument, RATE, by_hand=True), live_step(instrument))
    for _ in range(3):
        live.note(60, 100)
        sound = played(live, [size] * (RATE // 5 // size))
        assert np.abs(sound[: 2 * size + 600]).max() > 0.05, "the note does not begin"
        live.note(60, 0)
        tail = played(live, [size] * (RATE // size))
        assert np.abs(tail[-4 * size :]).max() < 1e-4, "the note does not end"
        assert live.take(size, (1.0, 1.0)) is None


def test_other_parameters_hold_from_the_next_note_on() -> None:
    instrument = make_instrument("synth", "Organ")
    live = LiveNotes("track", make_synth(instrument, RATE, by_hand=True), live_step(instrument))
    peaks = []
    for level in (0.0, -40.0, 0.0):
        live.set(with_values(instrument, {"level_db": level}))
        live.note(60, 100)
        sound = played(live, [1000] * 10)
        live.note(60, 0)
        played(live, [1000] * 50)
        peaks.append(float(np.abs(sound).max()))
    assert peaks[1] == pytest.approx(peaks[0] / 100, rel=0.01)
    assert peaks[2] == pytest.approx(peaks[0], rel=0.01)


@pytest.mark.skipif(not find_fonts(), reason="no SoundFont is installed")
@pytest.mark.parametrize("size", [256, 1000, 61])
def test_every_note_of_a_soundfont_begins_and_ends(size: int) -> None:
    live = LiveNotes("track", make_synth(Instrument(program=16), RATE, by_hand=True))
    for _ in range(3):
        live.note(60, 100)
        sound = played(live, [size] * (RATE // 5 // size))
        assert np.abs(sound[: 2 * size + 3000]).max() > 0.01, "the note does not begin"
        live.note(60, 0)
        tail = played(live, [size] * (RATE // size))
        assert np.abs(tail[-4 * size :]).max() < 1e-3, "the note does not end"
