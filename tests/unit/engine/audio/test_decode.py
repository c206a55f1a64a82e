"""Every kind of sound file opens as what it is; everything else is refused by a sentence."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from studio.engine.audio import decode
from studio.engine.audio.decode import (
    DecodeCancelled,
    DecodeError,
    DecodeReport,
    convert,
    decode_blocks,
    is_playable,
    playable_layout,
    probe,
)
from studio.engine.audio.wavefile import RecordingError

RATE = 44_100


def whole(path: Path, **options: object) -> np.ndarray:
    return np.concatenate(list(decode_blocks(path, **options)), axis=1)


def music(rate: int = RATE, seconds: float = 1.5) -> np.ndarray:
    """(2, frames): a chirp left, noise right, so that any shift shows."""
    t = np.arange(int(rate * seconds)) / rate
    left = 0.4 * np.sin(2 * np.pi * (200 + 1500 * t) * t)
    right = np.random.default_rng(5).normal(0, 0.1, t.size)
    return np.stack((left, np.convolve(right, np.ones(8) / 8, "same"))).astype(np.float32)


def encode(path: Path, codec: str, sound: np.ndarray, rate: int, layout: str = "stereo", **tags: str) -> None:
    with av.open(str(path), "w") as container:
        container.metadata.update(tags)
        stream = container.add_stream(codec, rate=rate, layout=layout)
        stream.bit_rate = 256_000
        for start in range(0, sound.shape[1], 4096):
            block = np.ascontiguousarray(sound[:, start : start + 4096])
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=layout)
            frame.sample_rate, frame.pts = rate, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def lag(found: np.ndarray, sound: np.ndarray) -> int:
    """By how many frames `found` comes after `sound`."""
    size = 1 << 17
    spectrum = np.fft.rfft(found, size) * np.conj(np.fft.rfft(sound, size))
    at = int(np.fft.irfft(spectrum, size).argmax())
    return at - size if at > size // 2 else at


@pytest.mark.parametrize(
    ("name", "subtype"),
    [
        ("a.wav", "PCM_16"),
        ("a.wav", "PCM_24"),
        ("a.wav", "FLOAT"),
        ("a.aiff", "PCM_24"),
        ("a.aiff", "FLOAT"),
        ("a.au", "PCM_16"),
        ("a.caf", "PCM_24"),
        ("a.w64", "PCM_32"),
        ("a.flac", "PCM_16"),
        ("a.flac", "PCM_24"),
    ],
)
def test_lossless_formats_are_exact(tmp_path: Path, name: str, subtype: str) -> None:
    sound = music()
    path = tmp_path / name
    soundfile.write(path, sound.T, RATE, subtype=subtype)
    info = probe(path)
    assert (info.rate, info.channels, info.frames, info.frames_estimated) == (RATE, 2, sound.shape[1], False)
    step = 2.0**-15 if subtype == "PCM_16" else 2.0**-22
    np.testing.assert_allclose(whole(path), sound, atol=step)


@pytest.mark.parametrize(
    ("name", "codec", "rate", "exact_length"),
    [
        ("a.mp3", "libmp3lame", 44_100, True),
        ("a.opus", "libopus", 48_000, True),
        ("a.webm", "libopus", 48_000, True),
        ("a.m4a", "aac", 44_100, False),
        ("a.mp4", "aac", 48_000, False),
        ("a.mkv", "aac", 44_100, False),
        ("a.mka", "flac", 44_100, True),
        ("a.m4a", "alac", 44_100, True),
        ("a.mov", "pcm_s24le", 44_100, True),
    ],
)
def test_lossy_and_video_formats_keep_place_and_length(
    tmp_path: Path, name: str, codec: str, rate: int, exact_length: bool
) -> None:
    sound = music(rate)
    path = tmp_path / name
    if codec in {"flac", "alac", "pcm_s24le"}:
        encode_lossless(path, codec, sound, rate)
    else:
        encode(path, codec, sound, rate)
    assert probe(path).rate == rate
    found = whole(path)
    if exact_length:
        assert found.shape == sound.shape
    else:
        assert 0 <= found.shape[1] - sound.shape[1] < 2_048  # AAC ends with a whole packet
    assert lag(found[0], sound[0]) == 0
    frames = sound.shape[1]
    error = np.sqrt(np.mean((found[0, :frames] - sound[0]) ** 2))
    assert error < 0.02


def encode_lossless(path: Path, codec: str, sound: np.ndarray, rate: int) -> None:
    packed = {"flac": "s16", "alac": "s16p", "pcm_s24le": "s32"}[codec]
    scale = 2**15 if packed.startswith("s16") else 2**31
    whole_numbers = np.rint(sound.astype(np.float64) * (scale - 1)).astype(np.int16 if scale == 2**15 else np.int32)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout="stereo", format=packed)
        for start in range(0, sound.shape[1], 4096):
            block = whole_numbers[:, start : start + 4096]
            block = np.ascontiguousarray(block if packed.endswith("p") else block.T.reshape(1, -1))
            frame = av.AudioFrame.from_ndarray(block, format=packed, layout="stereo")
            frame.sample_rate, frame.pts = rate, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def test_the_sound_of_a_film_is_taken_and_the_picture_ignored(tmp_path: Path) -> None:
    sound = music(48_000)
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mpeg4", rate=25)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        stream = container.add_stream("aac", rate=48_000, layout="stereo")
        for number in range(25):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), number, np.uint8), format="rgb24")
            container.mux(picture.encode(frame))
        frame = av.AudioFrame.from_ndarray(sound, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = 48_000, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        container.mux(picture.encode(None))
    assert probe(path).subtype == "aac"
    assert lag(whole(path)[0], sound[0]) == 0


def test_a_film_without_sound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "silent.mp4"
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mpeg4", rate=25)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        container.mux(picture.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")))
        container.mux(picture.encode(None))
    with pytest.raises(DecodeError, match="no sound"):
        probe(path)


def test_tags_of_both_libraries(tmp_path: Path) -> None:
    encode(tmp_path / "a.mp3", "libmp3lame", music(), RATE, title="Lied", artist="Wir")
    with soundfile.SoundFile(tmp_path / "a.flac", "w", RATE, 1) as file:
        file.title, file.artist = "Lied", "Wir"
        file.write(np.zeros(10))
    for name in ("a.mp3", "a.flac"):
        info = probe(tmp_path / name)
        assert (info.title, info.artist) == ("Lied", "Wir"), name


@pytest.mark.parametrize("block", [1, 1000, 65_536])
def test_the_block_size_changes_nothing(tmp_path: Path, block: int) -> None:
    sound = music(seconds=0.1)
    soundfile.write(tmp_path / "a.wav", sound.T, RATE, subtype="FLOAT")
    encode(tmp_path / "a.mp3", "libmp3lame", sound, RATE)
    for name in ("a.wav", "a.mp3"):
        blocks = list(decode_blocks(tmp_path / name, block=block))
        assert {piece.shape[1] for piece in blocks[:-1]} <= {block}
        assert all(piece.dtype == np.float32 and piece.flags.c_contiguous for piece in blocks)
        np.testing.assert_array_equal(np.concatenate(blocks, axis=1), whole(tmp_path / name))


def test_names_that_are_no_utf8_or_look_like_addresses(tmp_path: Path) -> None:
    sound = music(seconds=0.2)
    encode(tmp_path / "plain.mp3", "libmp3lame", sound, RATE)
    soundfile.write(tmp_path / "plain.wav", sound.T, RATE)
    names = ["concat:a|b", "http:__x", "%d", "-i", "Für Elise ♪"]
    if sys.platform.startswith("linux"):
        names.append(os.fsdecode(b"caf\xe9"))
    for name in names:
        for ending in (".mp3", ".wav"):
            path = tmp_path / (name + ending)
            path.write_bytes((tmp_path / f"plain{ending}").read_bytes())
            assert whole(path).shape == sound.shape


# the files of others


def test_all_odd_wav_files_open(testdata: Path, tmp_path: Path) -> None:
    for path in sorted((testdata / "wav_odd" / "wavefile").glob("*.wav")):
        info = probe(path)
        assert whole(path).shape == (info.channels, info.frames), path.name
        made = convert(path, tmp_path / "out.wav", rate=48_000)
        assert abs(made.frames - info.frames * 48_000 / info.rate) < 2, path.name


def test_odd_wav_files_that_hold_the_same_sound_agree(testdata: Path) -> None:
    folder = testdata / "wav_odd" / "wavefile"
    plain = whole(folder / "16-bit-8kHz-noBext-mono.wav")
    for name, worst in {
        "RIFX-16bit-mono.wav": 0.0,
        "27bit-8kHz-noBext-mono.wav": 1e-4,
        "RF64-64-bit-8kHz--mono-bext.wav": 1e-4,
        "8bit-alaw-8kHz-noBext-mono-encoded.wav": 0.02,
        "8bit-mulaw-8kHz-noBext-mono-encoded.wav": 0.02,
    }.items():
        assert np.abs(whole(folder / name) - plain).max() <= worst, name


def test_flac_test_bench(testdata: Path) -> None:
    for path in sorted((testdata / "flac_testbench" / "subset").glob("*.flac")):
        info = probe(path)
        assert whole(path).shape[1] > 100_000
        assert abs(whole(path).shape[1] - info.frames) <= (1 if info.frames_estimated else 0), path.name
    opened = 0
    for path in sorted((testdata / "flac_testbench" / "faulty").glob("*.flac")):
        try:
            opened += bool(whole(path).size)
        except DecodeError as refusal:
            assert path.name in str(refusal)
    assert opened >= 4


NORMAL_MP3 = ["l3-compl", "l3-he_32khz", "l3-he_48khz", "l3-hecommon", "l3-he_free", "l3-si", "l3-si_block"]


@pytest.mark.parametrize("name", NORMAL_MP3)
def test_mp3_conformance(testdata: Path, name: str) -> None:
    """The samples of the reference, but for the decoder's first packet, which the references leave out or keep."""
    path = testdata / "mp3_conformance" / f"{name}.bit"
    found = whole(path)
    channels = found.shape[0]
    reference = np.fromfile(path.with_suffix(".pcm"), "<i2").reshape(-1, channels).T / 32_768
    best = min(
        float(np.sqrt(np.mean((a - b) ** 2)))
        for shift in (-1152, 0, 1152)
        for a, b in [_overlap(found, reference, shift)]
    )
    assert abs(found.shape[1] - reference.shape[1]) <= 1_152
    assert best < 2.0**-15 / math.sqrt(12) * 2  # ISO 11172-4: full accuracy is half of this


def _overlap(a: np.ndarray, b: np.ndarray, shift: int) -> tuple[np.ndarray, np.ndarray]:
    a, b = a[:, max(0, shift) :], b[:, max(0, -shift) :]
    frames = min(a.shape[1], b.shape[1])
    return a[:, :frames], b[:, :frames]


def test_every_other_file_opens_or_is_refused_by_a_sentence(testdata: Path, tmp_path: Path, capfd) -> None:
    opened = refused = 0
    for path in sorted(testdata.glob("mp3_conformance/*.bit")) + sorted(testdata.glob("midi_odd/**/*.*")):
        try:
            made = convert(path, tmp_path / "out.wav", rate=48_000)
            assert made.frames > 0
            assert math.isfinite(made.peak)
            opened += 1
        except DecodeError as refusal:
            assert path.name in str(refusal)
            assert str(refusal).endswith(".")
            refused += 1
    assert opened >= 14
    assert refused >= 60
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["out.wav"]
    assert capfd.readouterr() == ("", "")


# what is not sound, or no longer


def _text(path: Path) -> None:
    path.write_text("#EXTM3U\nhttp://example.invalid/a.mp3\n" * 50)


def _script(path: Path) -> None:
    path.write_text("ffconcat version 1.0\nfile '/etc/passwd'\n")


def _noise(path: Path) -> None:
    path.write_bytes(np.random.default_rng(3).bytes(300_000))


def _no_samples(path: Path) -> None:
    soundfile.write(path, np.zeros((0, 2)), 48_000, format="WAV")


@pytest.mark.parametrize("ending", ["wav", "mp3", "flac", "m4a", "ogg"])
@pytest.mark.parametrize(
    "make", [Path.touch, Path.mkdir, _text, _script, _noise, _no_samples, lambda path: path.write_bytes(bytes(100_000))]
)
def test_what_is_no_sound_is_refused(tmp_path: Path, capfd, make: Callable[[Path], object], ending: str) -> None:
    path = tmp_path / f"x.{ending}"
    make(path)
    with pytest.raises(DecodeError, match=f"“x.{ending}” .*\\.$"):
        convert(path, tmp_path / "out.wav", rate=48_000)
    assert list(tmp_path.iterdir()) == [path]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "text",
    [
        "ffconcat version 1.0\nfile 'secret.wav'\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsecret.wav\n#EXT-X-ENDLIST\n",
    ],
)
def test_a_play_list_never_opens_another_file(tmp_path: Path, text: str) -> None:
    soundfile.write(tmp_path / "secret.wav", music().T, RATE)
    path = tmp_path / "list.m3u8"
    path.write_text(text)
    with pytest.raises(DecodeError):
        probe(path)


def test_a_missing_file_and_a_pipe_are_refused_without_waiting(tmp_path: Path) -> None:
    with pytest.raises(DecodeError, match="cannot be opened"):
        probe(tmp_path / "none.wav")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.wav")
        with pytest.raises(DecodeError, match="not a file"):
            probe(tmp_path / "pipe.wav")


@pytest.mark.parametrize("rate", [1, 100_000_000])
def test_a_rate_that_is_not_one_of_sound_is_refused(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(100), 48_000)
    raw = bytearray(path.read_bytes())
    raw[24:28] = rate.to_bytes(4, "little")
    path.write_bytes(raw)
    with pytest.raises(DecodeError, match="rate"):
        probe(path)


def test_samples_that_are_not_finite_become_silence_and_are_counted(tmp_path: Path) -> None:
    sound = np.array([0.5, np.nan, np.inf, -np.inf, 1e300, 0.25])
    soundfile.write(tmp_path / "a.wav", sound, 48_000, subtype="DOUBLE")
    report = DecodeReport()
    np.testing.assert_array_equal(whole(tmp_path / "a.wav", report=report), [[0.5, 0, 0, 0, 0, 0.25]])
    assert report.replaced == 4
    assert convert(tmp_path / "a.wav", tmp_path / "b.wav", rate=48_000).replaced == 4


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "ogg", "m4a"])
def test_a_truncated_file_gives_what_is_there_or_a_sentence(tmp_path: Path, capfd, ending: str) -> None:
    sound = music(seconds=5)
    path = tmp_path / f"a.{ending}"
    if ending in {"mp3", "m4a"}:
        encode(path, "aac" if ending == "m4a" else "libmp3lame", sound, RATE)
    else:
        soundfile.write(path, sound.T, RATE)
    full = path.read_bytes()
    for part in (0.02, 0.3, 0.6, 0.95):
        path.write_bytes(full[: int(len(full) * part)])
        try:
            found = whole(path)
        except DecodeError:
            assert ending == "m4a" or part < 0.1  # an MP4 has its index at the end
            continue
        assert found.shape[1] > sound.shape[1] * part - RATE  # the rates of both vary along the file
        assert found.shape[1] <= sound.shape[1]
        assert np.abs(found).max() < 1.0
    assert capfd.readouterr().err == ""


def test_a_hole_in_an_mp3_is_left_out(tmp_path: Path) -> None:
    sound = music(seconds=4)
    path = tmp_path / "a.mp3"
    encode(path, "libmp3lame", sound, RATE)
    raw = bytearray(path.read_bytes())
    middle = len(raw) // 2
    raw[middle : middle + 3000] = np.random.default_rng(1).bytes(3000)
    path.write_bytes(raw)
    assert sound.shape[1] - RATE < whole(path).shape[1] < sound.shape[1]


# convert


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_convert_makes_a_playable_file_in_place_and_in_tune(tmp_path: Path, rate: int) -> None:
    frames = RATE * 2
    t = np.arange(frames) / RATE
    soundfile.write(tmp_path / "a.flac", 0.5 * np.sin(2 * np.pi * 1000 * t), RATE, subtype="PCM_24")
    seen: list[float] = []
    made = convert(tmp_path / "a.flac", tmp_path / "b.wav", rate=rate, progress=seen.append)
    assert (made.channels, made.rate, made.frames) == (1, rate, round(frames * rate / RATE))
    assert made.peak == pytest.approx(0.5, abs=0.01)
    assert seen[-1] == 1.0
    assert seen == sorted(seen)
    assert is_playable(tmp_path / "b.wav", rate)
    assert playable_layout(tmp_path / "b.wav").sample_format == "f32"
    found, _ = soundfile.read(tmp_path / "b.wav")
    expected = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(made.frames) / rate)
    np.testing.assert_allclose(found[500:-500], expected[500:-500], atol=1e-5)


def test_convert_in_blocks_equals_soxr_in_one_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import soxr

    sound = music()
    soundfile.write(tmp_path / "a.wav", sound.T, RATE, subtype="FLOAT")
    monkeypatch.setattr(decode, "BLOCK", 1000)
    convert(tmp_path / "a.wav", tmp_path / "b.wav", rate=48_000)
    expected = soxr.resample(sound.T, RATE, 48_000, "VHQ")
    found, _ = soundfile.read(tmp_path / "b.wav", dtype="float32")
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_convert_keeps_what_passes_full_scale(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.full((100, 2), 3.0), 48_000, subtype="FLOAT")
    assert convert(tmp_path / "a.wav", tmp_path / "b.wav", rate=48_000).peak == 3.0
    assert soundfile.read(tmp_path / "b.wav")[0].max() == 3.0


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.opus"])
def test_surround_is_mixed_by_the_itu(tmp_path: Path, name: str) -> None:
    """Each of the six channels alone, 0.3 s each, in the order of WAV: L R C LFE Ls Rs."""
    length = 14_400
    sound = np.zeros((6 * length, 6), np.float32)
    for channel in range(6):
        t = np.arange(length) / 48_000
        sound[channel * length : (channel + 1) * length, channel] = 0.5 * np.sin(
            2 * np.pi * (60 if channel == 3 else 800) * t
        )
    if name.endswith("opus"):
        encode(tmp_path / name, "libopus", np.ascontiguousarray(sound.T), 48_000, "5.1")
    else:
        encode_surround(tmp_path / name, sound)
    convert(tmp_path / name, tmp_path / "out.wav", rate=48_000)
    found, _ = soundfile.read(tmp_path / "out.wav")
    middle = found.reshape(-1, length, 2)[:6, length // 4 : -length // 4] if len(found) == 6 * length else None
    assert middle is not None
    level = np.sqrt((middle**2).mean(axis=1) * 2) / 0.5
    half = math.sqrt(0.5)
    np.testing.assert_allclose(level, [[1, 0], [0, 1], [half, half], [0, 0], [half, 0], [0, half]], atol=0.02)


def encode_surround(path: Path, sound: np.ndarray) -> None:
    codec, packed = ("pcm_s16le", "s16") if path.suffix == ".wav" else ("flac", "s16")
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=48_000, layout="5.1", format=packed)
        for start in range(0, len(sound), 4096):
            block = np.rint(sound[start : start + 4096] * 32_767).astype(np.int16).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(block, format=packed, layout="5.1")
            frame.sample_rate, frame.pts = 48_000, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def test_several_conversions_at_once_equal_one_after_the_other(tmp_path: Path) -> None:
    sounds = {"a.mp3": "libmp3lame", "b.m4a": "aac", "c.flac": "", "d.ogg": ""}
    for name, codec in sounds.items():
        if codec:
            encode(tmp_path / name, codec, music(), RATE)
        else:
            soundfile.write(tmp_path / name, music().T, RATE)

    def made(name: str, out: str) -> bytes:
        convert(tmp_path / name, tmp_path / out, rate=48_000)
        return (tmp_path / out).read_bytes()

    alone = {name: made(name, f"{name}.alone.wav") for name in sounds}
    with ThreadPoolExecutor(4) as pool:
        again = [(name, pool.submit(made, name, f"{name}.{turn}.wav")) for turn in range(3) for name in sounds]
        for name, result in again:
            assert result.result() == alone[name]


def test_cancel_and_an_error_of_the_caller_leave_nothing(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros((300_000, 2)), 48_000)
    calls = iter([False, False, True])
    with pytest.raises(DecodeCancelled):
        convert(tmp_path / "a.wav", tmp_path / "b.wav", rate=44_100, cancelled=lambda: next(calls))

    def stop(_: float) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError):
        convert(tmp_path / "a.wav", tmp_path / "b.wav", rate=44_100, progress=stop)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.wav"]


def test_a_failed_conversion_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "b.wav").write_bytes(b"old")
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    with pytest.raises(DecodeError):
        convert(tmp_path / "a.wav", tmp_path / "b.wav", rate=48_000)
    assert (tmp_path / "b.wav").read_bytes() == b"old"


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(100), 48_000)
    with pytest.raises(RecordingError, match="cannot be created"):
        convert(tmp_path / "a.wav", tmp_path / "none" / "b.wav", rate=48_000)
