"""Writing a take."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from studio.engine.audio.take import ArmedTrack, Pass, Recording

RATE = 48_000


def fed(recording: Recording, frames: int, blocks: int) -> np.ndarray:
    sound = np.random.default_rng(1).uniform(-1, 1, (frames * blocks, 3)).astype(np.float32)
    for number in range(blocks):
        recording.feed(sound[number * frames : (number + 1) * frames])
    return sound


def test_each_track_gets_its_channels(tmp_path: Path) -> None:
    armed: list[Recording] = []
    tracks = (ArmedTrack("a", (2,), tmp_path / "a.wav"), ArmedTrack("b", (0, 1), tmp_path / "b.wav"))
    recording = Recording(tracks, RATE, armed.append)
    recording.start()
    sound = fed(recording, 500, 20)
    recording.finish((Pass(0, 0, 77, 9_000),), (4_000,))
    assert recording.wait(10)
    assert armed == [recording] and recording.error == ""
    one, two = recording.results
    assert (one.track, one.frames, one.channels, one.dropouts) == ("a", 10_000, 1, (4_000,))
    assert one.passes == two.passes == (Pass(0, 0, 77, 9_000),)
    assert np.array_equal(soundfile.read(one.path, dtype="float32")[0], sound[:, 2])
    assert np.array_equal(soundfile.read(two.path, dtype="float32")[0], sound[:, :2])
    assert recording.peaks["b"].frames == 10_000


def test_recording_of_nothing_leaves_no_file(tmp_path: Path) -> None:
    recording = Recording((ArmedTrack("a", (0,), tmp_path / "a.wav"),), RATE, lambda _: None)
    recording.start()
    recording.finish((), ())
    assert recording.wait(10)
    assert recording.results == () and list(tmp_path.iterdir()) == []


def test_folder_that_is_gone_is_an_error(tmp_path: Path) -> None:
    recording = Recording((ArmedTrack("a", (0,), tmp_path / "no" / "a.wav"),), RATE, lambda _: None)
    recording.start()
    recording.finish((), ())
    assert recording.wait(10)
    assert "a.wav" in recording.error and recording.results == ()
