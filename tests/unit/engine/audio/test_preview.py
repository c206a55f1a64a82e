"""Decoding a preview."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import soundfile

from studio.engine.audio.preview import Preview

RATE = 48_000


def everything(preview: Preview) -> np.ndarray:
    blocks = []
    end = time.monotonic() + 20
    while not preview.over and time.monotonic() < end:
        block = preview.take(1_000)
        if block is None:
            time.sleep(0.001)
        else:
            assert len(block) <= 1_000
            blocks.append(block.copy())
    return np.concatenate(blocks) if blocks else np.zeros((0, 2), np.float32)


def test_file_arrives_whole_at_the_rate_and_in_stereo(tmp_path: Path) -> None:
    tone = (0.5 * np.sin(2 * np.pi * 500 / 44_100 * np.arange(2 * 44_100))).astype(np.float32)
    soundfile.write(tmp_path / "tone.wav", tone, 44_100, "FLOAT")
    preview = Preview(tmp_path / "tone.wav", RATE, gain=0.5)
    preview.start()
    sound = everything(preview)
    wanted = 0.25 * np.sin(2 * np.pi * 500 / RATE * np.arange(2 * RATE))
    assert sound.shape == (2 * RATE, 2)
    assert np.abs(sound[500:-500, 0] - wanted[500:-500]).max() < 1e-4
    assert np.array_equal(sound[:, 0], sound[:, 1])


def test_file_that_is_no_sound_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("no sound at all")
    preview = Preview(tmp_path / "text.wav", RATE)
    preview.start()
    assert len(everything(preview)) == 0
    assert "text.wav" in preview.error


def test_ended_preview_fades_and_decodes_no_further(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "long.wav", np.full((RATE * 60, 1), 0.5, np.float32), RATE, "FLOAT")
    preview = Preview(tmp_path / "long.wav", RATE)
    preview.start()
    while preview.take(100) is None:
        time.sleep(0.001)
    preview.end()
    last = preview.fade()
    assert len(last) and last[0, 0] == 0.5 and last[-1, 0] == 0.0
    preview._thread.join(10)
    assert not preview._thread.is_alive()
