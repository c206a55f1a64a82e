"""A recording is a valid file at every moment, and what was written survives a crash and a full disk."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from studio.engine.audio.riff import HEADER_BYTES, Bext, playable_layout
from studio.engine.audio.wavefile import RecordingError, RecordingFile, disk_advice, repair

ENV = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4] / "src")}


def ramp(frames: int, channels: int = 2) -> np.ndarray:
    return (np.arange(frames * channels, dtype=np.float32).reshape(frames, channels).T / 1e6).copy()


def test_what_was_appended_is_read_back_by_libsndfile(tmp_path: Path) -> None:
    sound = ramp(10_000)
    path = tmp_path / "take.wav"
    recording = RecordingFile(path, 48_000, 2, Bext("Voice", time_reference=96_000))
    for start in range(0, 10_000, 999):
        recording.append(sound[:, start : start + 999])
    recording.close()
    found, rate = soundfile.read(path, dtype="float32")
    assert rate == 48_000
    np.testing.assert_array_equal(found.T, sound)
    raw = path.read_bytes()
    assert raw[56:61] == b"Voice"
    assert int.from_bytes(raw[56 + 338 : 56 + 346], "little") == 96_000


def test_ffmpeg_reads_the_time_reference(tmp_path: Path) -> None:
    import av

    recording = RecordingFile(tmp_path / "t.wav", 44_100, 1, Bext("Voice", "studio", time_reference=441_000))
    recording.append(ramp(100, 1))
    recording.close()
    with av.open(str(tmp_path / "t.wav")) as container:
        assert container.metadata["time_reference"] == "441000"
        assert container.metadata["comment"] == "Voice"


def test_header_is_true_after_each_flush(tmp_path: Path) -> None:
    path = tmp_path / "take.wav"
    recording = RecordingFile(path, 48_000, 1)
    assert soundfile.info(path).frames == 0
    for frames in (100, 250):
        recording.append(ramp(frames - recording.frames, 1))
        recording.flush_header()
        assert soundfile.info(path).frames == frames
    recording.discard()
    assert not path.exists()


def test_close_twice_and_a_wrong_shape(tmp_path: Path) -> None:
    recording = RecordingFile(tmp_path / "t.wav", 48_000, 2)
    with pytest.raises(ValueError, match="2 channels"):
        recording.append(np.zeros((1, 10), np.float32))
    recording.close()
    recording.close()


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "t.wav"
    path.write_bytes(b"mine")
    with pytest.raises(RecordingError, match="already"):
        RecordingFile(path, 48_000, 2)
    assert path.read_bytes() == b"mine"


@pytest.mark.parametrize(("rate", "channels"), [(0, 2), (48_000, 0), (48_000, 65), (10_000_000, 1)])
def test_refuses_what_no_file_can_hold(tmp_path: Path, rate: int, channels: int) -> None:
    with pytest.raises(RecordingError):
        RecordingFile(tmp_path / "t.wav", rate, channels)
    assert not list(tmp_path.iterdir())


def test_past_four_gigabytes_it_is_rf64(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    recording = RecordingFile(path, 48_000, 2)
    recording.append(ramp(100))
    recording.close()
    frames = (5 << 30) // 8
    os.truncate(path, HEADER_BYTES + frames * 8)  # sparse
    assert repair(path) == frames
    with path.open("rb") as raw:
        assert raw.read(4) == b"RF64"
    assert soundfile.info(path).frames == frames
    assert playable_layout(path).frames == frames
    with soundfile.SoundFile(path) as file:
        np.testing.assert_array_equal(file.read(100, dtype="float32").T, ramp(100))


CHILD = """
import sys, numpy as np
from pathlib import Path
from studio.engine.audio.wavefile import RecordingFile
recording = RecordingFile(Path(sys.argv[1]), 48000, 2)
at = 0
while True:
    block = (np.arange(at, at + 512, dtype=np.float32) % 4096).repeat(2).reshape(512, 2).T
    recording.append(block)
    at += 512
    print(at, flush=True)
"""


def test_kill_leaves_every_frame_that_was_appended(tmp_path: Path) -> None:
    path = tmp_path / "take.wav"
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True, env=ENV)
    assert child.stdout is not None
    announced = 0
    while announced < 100_000:
        announced = int(child.stdout.readline())
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert soundfile.info(path).frames == 0  # the header was never flushed
    frames = repair(path)
    assert frames >= announced
    found, _ = soundfile.read(path, dtype="float32")
    assert len(found) == frames
    np.testing.assert_array_equal(found[:, 0], np.arange(frames) % 4096)


def test_repair_keeps_bext_and_cuts_half_a_frame(tmp_path: Path) -> None:
    path = tmp_path / "t.wav"
    recording = RecordingFile(path, 48_000, 2, Bext("Voice", time_reference=7))
    recording.append(ramp(10))
    recording.close()
    before = path.read_bytes()
    with path.open("ab") as file:
        file.write(bytes(13))
    assert repair(path) == 11
    after = path.read_bytes()
    assert len(after) == HEADER_BYTES + 88
    assert after[56:658] == before[56:658]


@pytest.mark.parametrize("content", [b"", b"RIFF" * 400, bytes(HEADER_BYTES)])
def test_repair_refuses_foreign_files_and_leaves_them_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "foreign.wav"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match="not a recording"):
        repair(path)
    assert path.read_bytes() == content
    with pytest.raises(RecordingError):
        repair(tmp_path / "none.wav")


FULL = """
import os, resource, signal, sys, numpy as np
from pathlib import Path
from studio.engine.audio.wavefile import RecordingError, RecordingFile
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
recording = RecordingFile(Path(sys.argv[1]), 48000, 2)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_003, 100_003))
for _ in range(2):
    try:
        while True:
            recording.append(np.full((2, 1000), 0.25, np.float32))
    except RecordingError as error:
        print(error)
recording.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a file size limit")
def test_a_write_that_fails_half_way_leaves_a_valid_file(tmp_path: Path) -> None:
    path = tmp_path / "take.wav"
    done = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=True, env=ENV)
    assert done.stdout.count("“take.wav” cannot be written any further") == 2
    found, _ = soundfile.read(path, dtype="float32")
    assert len(found) == (100_003 - HEADER_BYTES) // 8
    assert (found == 0.25).all()


def test_the_sentences_of_full_and_read_only_disks() -> None:
    assert "disk is full" in disk_advice(OSError(errno.ENOSPC, "x"))
    assert "read-only" in disk_advice(OSError(errno.EROFS, "x"))


@pytest.mark.parametrize("sample_format", ["i16", "i24"])
def test_integer_files_are_padded_to_even_length(tmp_path: Path, sample_format: str) -> None:
    path = tmp_path / "t.wav"
    recording = RecordingFile(path, 48_000, 1, sample_format=sample_format)
    recording.append(np.array([[1, -2, 3]], np.int32))
    recording.close()
    assert path.stat().st_size % 2 == 0
    steps = 2**15 if sample_format == "i16" else 2**23
    np.testing.assert_array_equal(soundfile.read(path)[0] * steps, [1, -2, 3])
