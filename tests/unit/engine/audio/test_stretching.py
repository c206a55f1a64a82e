"""Sound at another pace and in another key: in time, in tune, whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from studio.engine.audio.stretching import stretch_file, stretched, stretched_length

RATE = 22_050
SECONDS = 6


def ticking() -> np.ndarray:
    """A tone with a tick each half second, in stereo."""
    time = np.arange(SECONDS * RATE) / RATE
    sound = 0.05 * np.sin(2 * np.pi * 440 * time)
    for n in range(1, 2 * SECONDS):
        sound[n * RATE // 2 : n * RATE // 2 + 40] = 0.8
    return np.stack([sound, sound]).astype(np.float32)


@pytest.mark.parametrize(("pace", "semitones"), [(0.8, 0), (1.0, -3), (1.25, 4)])
def test_ticks_stay_in_their_places_and_the_pitch_is_as_asked(pace: float, semitones: int) -> None:
    sound = ticking()
    made = np.concatenate(
        list(stretched(lambda first, last: sound[:, first:last], sound.shape[1], RATE, pace, semitones)), axis=1
    )
    assert made.shape == (2, stretched_length(sound.shape[1], pace))
    edges = np.abs(np.diff(made[0]))
    for n in range(1, 2 * SECONDS):
        place = round(n * RATE / 2 / pace)
        around = edges[place - RATE // 20 : place + RATE // 20]
        assert abs(int(around.argmax()) - RATE // 20) < 0.012 * RATE
    spectrum = np.abs(np.fft.rfft(made[0] * np.hanning(made.shape[1])))
    low = round(250 * made.shape[1] / RATE)
    found = (low + int(spectrum[low:].argmax())) * RATE / made.shape[1]
    assert 1200 * np.log2(found / 440) == pytest.approx(100 * semitones, abs=12)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "in.wav", ticking()[:, : 2 * RATE].T, RATE, subtype="FLOAT")
    stretch_file(tmp_path / "in.wav", tmp_path / "out.wav", RATE, 0.5, 0)
    assert soundfile.info(tmp_path / "out.wav").frames == stretched_length(2 * RATE, 0.5)

    def stop(share: float) -> None:
        if share > 0.2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        stretch_file(tmp_path / "in.wav", tmp_path / "other.wav", RATE, 0.5, 0, stop)
    assert {file.name for file in tmp_path.iterdir()} == {"in.wav", "out.wav"}


def test_silence_stays_silent() -> None:
    made = list(stretched(lambda first, last: np.zeros((1, last - first), np.float32), RATE, RATE, 1.5, 2))
    assert not np.concatenate(made, axis=1).any()
