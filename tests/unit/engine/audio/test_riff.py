"""The RIFF parser finds exactly the samples that are there, and nothing in what is not a WAV."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.engine.audio.riff import (
    HEADER_BYTES,
    Bext,
    DecodeError,
    PlayableLayout,
    header,
    is_playable,
    playable_layout,
    to_bytes,
    to_float,
)

SUBTYPES = {"PCM_16": "i16", "PCM_24": "i24", "PCM_32": "i32", "FLOAT": "f32"}


def read_by_layout(path: Path) -> np.ndarray:
    layout = playable_layout(path)
    raw = path.read_bytes()[layout.data_offset :][: layout.frames * layout.frame_bytes]
    return to_float(raw, layout)


@pytest.mark.parametrize("container", ["WAV", "WAVEX", "RF64"])
@pytest.mark.parametrize("subtype", SUBTYPES)
@pytest.mark.parametrize("channels", [1, 2])
def test_reads_what_libsndfile_wrote(tmp_path: Path, container: str, subtype: str, channels: int) -> None:
    sound = np.random.default_rng(1).uniform(-1, 1, (777, channels)).astype(np.float32)
    path = tmp_path / "a.wav"
    soundfile.write(path, sound, 44_100, subtype=subtype, format=container)
    layout = playable_layout(path)
    assert (layout.frames, layout.channels, layout.rate) == (777, channels, 44_100)
    assert layout.sample_format == SUBTYPES[subtype]
    expected, _ = soundfile.read(path, dtype="float32", always_2d=True)
    np.testing.assert_allclose(read_by_layout(path), expected.T, atol=1e-7)
    assert is_playable(path, 44_100)
    assert not is_playable(path, 48_000)


def test_every_odd_wav_agrees_with_libsndfile_or_is_refused(testdata: Path) -> None:
    read = set()
    for path in sorted((testdata / "wav_odd" / "wavefile").glob("*.wav")):
        try:
            found = read_by_layout(path)
        except DecodeError as refusal:
            assert path.name in str(refusal)
            continue
        expected, _ = soundfile.read(path, dtype="float32", always_2d=True)
        np.testing.assert_allclose(found, expected.T, atol=1e-7, err_msg=path.name)
        read.add(path.name)
    assert "RF64-16bit-8kHz-stereo-reaper.wav" in read
    assert "32IEEE-meta.wav" in read
    assert "27bit-8kHz-noBext-mono.wav" in read
    assert not {name for name in read if name.startswith(("RIFX", "8bit", "4bit", "64bit"))}


@pytest.mark.parametrize("claimed", [0xFFFF_FFFF, 0x7FFF_FFFF, 4_000])
def test_a_header_that_claims_too_much_is_cut_to_the_file(tmp_path: Path, claimed: int) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.ones((500, 2)) * 0.5, 48_000, subtype="PCM_16")
    raw = bytearray(path.read_bytes())
    struct.pack_into("<I", raw, raw.index(b"data") + 4, claimed)
    path.write_bytes(raw[:-3])  # the last frame is not whole
    assert playable_layout(path).frames == 499


def test_a_chunk_of_odd_length_is_padded(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.ones(50) * 0.5, 48_000, subtype="PCM_16")
    raw = path.read_bytes()
    at = raw.index(b"data")
    path.write_bytes(raw[:at] + b"note\3\0\0\0abc\0" + raw[at:])
    assert playable_layout(path).frames == 50
    assert (read_by_layout(path) == 0.5).all()


def test_ds64_that_lies_is_cut_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    raw = bytearray(header(48_000, 1, 2**40, Bext()))
    path.write_bytes(raw + bytes(400))
    assert playable_layout(path) == PlayableLayout(HEADER_BYTES, 100, 1, "f32", 48_000)


@pytest.mark.parametrize(
    "content",
    [b"", b"RIFF", b"RIFF\0\0\0\0WAVE", b"hello, this is a text", b"RIFF\0\0\0\0WAVE" + bytes(200_000)],
    ids=["empty", "stump", "no chunks", "text", "chunks without end"],
)
def test_refuses_with_the_name_of_the_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "song.wav"
    path.write_bytes(content)
    with pytest.raises(DecodeError, match=r"“song\.wav”"):
        playable_layout(path)
    assert not is_playable(path, 48_000)


def test_refuses_a_folder_and_a_missing_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.wav"):
        with pytest.raises(DecodeError):
            playable_layout(path)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_header_never_points_outside_the_file(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject):
    path = tmp_path_factory.getbasetemp() / "damaged.wav"
    raw = bytearray(header(48_000, 2, 800, Bext(description="x")) + bytes(800))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.sampled_from([*range(12, 28), *range(40, 56), *range(650, HEADER_BYTES)]))
        raw[at] = data.draw(st.integers(0, 255))
    path.write_bytes(raw[: data.draw(st.integers(0, len(raw)))])
    try:
        layout = playable_layout(path)
    except DecodeError:
        return
    assert layout.data_offset >= 0
    assert layout.frames >= 0
    assert layout.data_offset + layout.frames * layout.frame_bytes <= path.stat().st_size


@pytest.mark.parametrize(("sample_format", "bits"), [("i16", 16), ("i24", 24), ("i32", 32)])
def test_integers_survive_the_way_to_bytes_and_back(sample_format: str, bits: int) -> None:
    top = 2 ** (bits - 1)
    whole = np.array([[-top, -1, 0, 1, top - 1]], np.int64).repeat(2, axis=0)
    layout = PlayableLayout(0, 5, 2, sample_format, 48_000)
    np.testing.assert_allclose(to_float(to_bytes(whole, sample_format), layout), whole / top, atol=2.0**-24)


def test_bext_carries_its_fields() -> None:
    packed = Bext("Take 1", "studio", "ref", "2024-05-06", "07:08:09", 2**40 + 5).pack()
    assert len(packed) == 602
    assert packed[:7] == b"Take 1\0"
    assert packed[256:263] == b"studio\0"
    assert packed[320:338] == b"2024-05-0607:08:09"
    assert struct.unpack_from("<QH", packed, 338) == (2**40 + 5, 1)
