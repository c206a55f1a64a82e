"""Damaged sound files of every kind: decoded or refused, never a crash, a hang, or noise on stderr."""

from __future__ import annotations

import math
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.engine.audio.decode import DecodeError, convert
from studio.engine.audio.riff import playable_layout

RATE = 22_050
KINDS = ["wav", "aiff", "flac", "ogg", "opus", "mp3", "m4a", "mkv", "caf", "w64", "au"]
FFMPEG = {"mp3": "libmp3lame", "m4a": "aac", "mkv": "aac"}


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A second of sound in every kind of file."""
    folder = tmp_path_factory.mktemp("originals")
    sound = np.random.default_rng(1).normal(0, 0.1, (RATE, 2)).astype(np.float32)
    made = {}
    for kind in KINDS:
        path = folder / f"a.{kind}"
        if kind in FFMPEG:
            _encode(path, FFMPEG[kind], sound)
        elif kind == "opus":
            soundfile.write(path, sound, 24_000, format="OGG", subtype="OPUS")
        else:
            soundfile.write(path, sound, RATE)
        made[kind] = path.read_bytes()
    return made


def _encode(path: Path, codec: str, sound: np.ndarray) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE, layout="stereo")
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound.T), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = RATE, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_decoded_or_refused(originals, tmp_path: Path, capfd, kind: str, data: st.DataObject) -> None:
    raw = bytearray(originals[kind])
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.one_of(st.integers(0, min(200, len(raw) - 1)), st.integers(0, len(raw) - 1)))
        junk = data.draw(st.one_of(st.binary(min_size=1, max_size=8), st.sampled_from([b"\xff" * 4, bytes(4)])))
        raw[at : at + len(junk)] = junk
    if data.draw(st.booleans()):
        del raw[data.draw(st.integers(1, len(raw))) :]
    path, out = tmp_path / f"x.{kind}", tmp_path / "out.wav"
    path.write_bytes(raw)
    out.unlink(missing_ok=True)
    try:
        made = convert(path, out, rate=48_000)
    except DecodeError as refusal:
        assert path.name in str(refusal)
        assert not out.exists()
    else:
        assert math.isfinite(made.peak)
        assert playable_layout(out).frames == made.frames > 0
        assert made.frames < 60 * 48_000
    assert {entry.name for entry in tmp_path.iterdir()} <= {path.name, out.name}
    assert capfd.readouterr().err == ""


HEADS = [
    b"",
    b"RIFF\xff\xff\xff\xffWAVE",
    b"RIFX\0\0\0\0WAVE",
    b"RF64\xff\xff\xff\xffWAVEds64",
    b"RIFF\0\0\0\0AVI ",
    b"FORM\0\0\1\0AIFF",
    b"fLaC",
    b"OggS\0\2",
    b"caff\0\1\0\0",
    b".snd",
    b"ID3\4\0\0\0\0\0\0",
    b"\xff\xfb\x90\x64",
    b"\0\0\0\x18ftypM4A ",
    b"\x1a\x45\xdf\xa3",
    b"MThd\0\0\0\6",
    b"riff\x2e\x91\xcf\x11",
    b"#EXTM3U\n",
    b"wvpk",
    b"MAC ",
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    head=st.sampled_from(HEADS),
    body=st.binary(max_size=3_000),
    ending=st.sampled_from(["wav", "mp3", "aac", "ac3", "raw", ""]),
)
def test_garbage_after_a_known_beginning(tmp_path: Path, capfd, head: bytes, body: bytes, ending: str) -> None:
    path = tmp_path / f"x.{ending}"
    path.write_bytes(head + body)
    try:
        assert convert(path, tmp_path / "out.wav", rate=48_000).frames > 0
    except DecodeError as refusal:
        assert str(refusal).endswith(".")
    path.unlink()
    assert capfd.readouterr().err == ""
