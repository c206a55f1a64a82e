"""An exported file decodes to what was written: its length, its level, its place."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from studio.engine.audio.decode import decode_blocks, playable_layout, probe
from studio.engine.audio.export import AudioWriter, ExportError
from studio.errors import StudioError

ENV = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4] / "src")}


def music(rate: int, seconds: float = 3.0) -> np.ndarray:
    t = np.arange(int(rate * seconds) + 77) / rate
    sweep = 0.4 * np.sin(2 * np.pi * (150 + 700 * t) * t)
    return np.stack((sweep, 0.5 * sweep[::-1])).astype(np.float32)


def export(path: Path, sound: np.ndarray, rate: int, bits: str = "24", *, block: int = 5_000) -> Path:
    with AudioWriter(path, path.suffix[1:], rate, sound.shape[0], bits) as writer:
        for start in range(0, sound.shape[1], block):
            writer.write(sound[:, start : start + block])
    return path


def whole(path: Path) -> np.ndarray:
    return np.concatenate(list(decode_blocks(path)), axis=1)


def lag(found: np.ndarray, sound: np.ndarray) -> int:
    size = 1 << 18
    at = int(np.fft.irfft(np.fft.rfft(found, size) * np.conj(np.fft.rfft(sound, size)), size).argmax())
    return at - size if at > size // 2 else at


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize(
    ("format", "bits"), [("wav", "16"), ("wav", "24"), ("wav", "32f"), ("flac", "16"), ("flac", "24")]
)
def test_lossless_formats(tmp_path: Path, format: str, bits: str, rate: int) -> None:
    sound = music(rate, 0.5)
    subtype, worst = {
        "16": ("PCM_16", 2.0**-15 * 1.51),  # rounding, and a step of dither
        "24": ("PCM_24", 2.0**-23 * 0.51),
        "32f": ("FLOAT", 0.0),
    }[bits]
    path = export(tmp_path / f"a.{format}", sound, rate, bits)
    info = probe(path)
    assert (info.rate, info.channels, info.frames, info.subtype) == (rate, 2, sound.shape[1], subtype)
    assert np.abs(soundfile.read(path)[0].T - sound).max() <= worst
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("format", ["mp3", "ogg", "opus"])
def test_lossy_formats_keep_length_level_and_place(tmp_path: Path, format: str, rate: int, channels: int) -> None:
    sound = music(rate)[:channels]
    path = export(tmp_path / f"a.{format}", sound, rate, "16")
    info = probe(path)
    assert info.channels == channels
    assert info.rate == (48_000 if format == "opus" or (format, rate) == ("mp3", 96_000) else rate)
    found = whole(path)
    if info.rate != rate:
        import soxr

        sound = soxr.resample(sound.T, rate, info.rate, "VHQ").T
    assert found.shape == sound.shape
    for channel in range(channels):
        assert lag(found[channel], sound[channel]) == 0
        assert np.sqrt(np.mean((found[channel] - sound[channel]) ** 2)) < 0.01
        assert np.sqrt(np.mean(found[channel] ** 2)) == pytest.approx(np.sqrt(np.mean(sound[channel] ** 2)), rel=0.02)


def test_only_integers_clip(tmp_path: Path) -> None:
    loud = np.tile(np.array([2.0, -2.0, 1.0, -1.0], np.float32), (2, 100))
    assert np.abs(whole(export(tmp_path / "a.wav", loud, 48_000, "32f"))).max() == 2.0
    for format, bits in (("wav", "16"), ("wav", "24"), ("flac", "16"), ("flac", "24")):
        found = whole(export(tmp_path / f"b{bits}.{format}", loud, 48_000, bits))
        assert found.min() == -1.0
        assert 0.9999 < found.max() < 1.0
        assert (np.sign(found) == np.sign(loud)).all()


def test_dither_is_the_same_every_time_and_for_every_split(tmp_path: Path) -> None:
    sound = music(48_000, 0.3)
    first = export(tmp_path / "a.wav", sound, 48_000, "16", block=100).read_bytes()
    assert export(tmp_path / "b.wav", sound, 48_000, "16", block=4_001).read_bytes() == first
    flac = whole(export(tmp_path / "c.flac", sound, 48_000, "16"))
    np.testing.assert_array_equal(flac, whole(tmp_path / "a.wav"))


def test_dither_frees_the_error_from_the_signal(tmp_path: Path) -> None:
    """A tone of half a step survives under the noise, and the noise has the power of TPDF: 3/12 of a step squared."""
    t = np.arange(48_000) / 48_000
    quiet = np.tile((0.4 * 2.0**-15 * np.sin(2 * np.pi * 1000 * t)).astype(np.float32), (2, 1))
    found = soundfile.read(export(tmp_path / "a.wav", quiet, 48_000, "16"))[0].T * 2**15
    tone = np.sin(2 * np.pi * 1000 * t)
    assert 2 * np.mean(found[0] * tone) == pytest.approx(0.4, abs=0.02)
    error = found - quiet * 2**15
    assert np.var(error) == pytest.approx(0.25, rel=0.05)
    assert abs(np.corrcoef(error[0], error[1])[0, 1]) < 0.02


def test_what_is_not_finite_is_silence(tmp_path: Path) -> None:
    bad = np.array([[0.5, np.nan, np.inf, 0.25]], np.float32)
    for bits in ("16", "32f"):
        found = whole(export(tmp_path / f"{bits}.wav", bad, 48_000, bits))
        np.testing.assert_allclose(found, [[0.5, 0, 0, 0.25]], atol=1e-4)


@pytest.mark.parametrize(
    ("format", "bits", "channels", "word"),
    [
        ("flac", "32f", 2, "WAV"),
        ("mp3", "32f", 2, "WAV"),
        ("wav", "20", 2, "20"),
        ("wma", "16", 2, "wma"),
        ("wav", "16", 6, "6"),
    ],
)
def test_what_cannot_be_exported_is_a_sentence(
    tmp_path: Path, format: str, bits: str, channels: int, word: str
) -> None:
    with pytest.raises(ExportError, match=word):
        AudioWriter(tmp_path / "a", format, 48_000, channels, bits)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("format", ["wav", "flac", "mp3", "ogg", "opus"])
def test_an_aborted_export_leaves_the_old_file_and_nothing_else(tmp_path: Path, format: str) -> None:
    path = tmp_path / f"a.{format}"
    path.write_bytes(b"old")
    with pytest.raises(KeyError), AudioWriter(path, format, 48_000, 2, "16") as writer:
        writer.write(music(48_000, 0.2))
        raise KeyError
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    export(path, music(48_000, 0.2), 48_000, "16")
    assert probe(path).rate == 48_000


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    for format in ("wav", "flac"):
        with pytest.raises(StudioError, match="cannot be created"):
            AudioWriter(tmp_path / "none" / "a", format, 48_000)


def test_a_long_wav_is_rf64_capable(tmp_path: Path) -> None:
    path = export(tmp_path / "a.wav", music(48_000, 0.1), 48_000, "24")
    assert path.read_bytes()[12:16] == b"JUNK"
    assert playable_layout(path).sample_format == "i24"


FULL = """
import resource, signal, sys, numpy as np
from pathlib import Path
from studio.engine.audio.export import AudioWriter
from studio.errors import StudioError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
path = Path(sys.argv[1])
try:
    with AudioWriter(path, path.suffix[1:], 48000, 2, "16") as writer:
        for block in range(20):
            writer.write(np.random.default_rng(block).normal(0, .2, (2, 20_000)).astype("f4"))
except StudioError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a file size limit")
@pytest.mark.parametrize("format", ["wav", "flac", "mp3", "ogg", "opus"])
def test_a_write_that_fails_is_a_sentence_and_leaves_nothing(tmp_path: Path, format: str) -> None:
    arguments = [sys.executable, "-c", FULL, str(tmp_path / f"a.{format}")]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True, env=ENV)
    assert done.stdout.startswith(f"“a.{format}” cannot be written")
    assert done.stderr == ""
    assert not list(tmp_path.iterdir())
