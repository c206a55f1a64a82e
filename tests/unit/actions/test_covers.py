"""Covers: any picture becomes a square JPEG, is kept with the song, and is on what is exported."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from studio.actions.covers import keep_cover, made_pictures, song_cover
from studio.actions.exporting import PICTURED, Request, export_song
from studio.actions.generatefile import generated_folder
from studio.actions.headless import bounce_song, import_files
from studio.actions.song import OpenSong, create_song, open_song
from studio.cli import run
from studio.engine.audio.cover import SIDE, CoverError, read_cover
from studio.engine.audio.tags import read_tags
from studio.engine.jobs import Cancelled, Work
from studio.errors import StudioError


def picture(path: Path, width: int, height: int, **how: object) -> Path:
    """Red at the left, green in the middle square, blue at the right."""
    made = np.zeros((height, width, 3), np.uint8)
    edge = min(width, height)
    made[:, : (width - edge) // 2, 0] = made[:, (width + edge) // 2 :, 2] = 255
    made[:, (width - edge) // 2 : (width + edge) // 2, 1] = 255
    Image.fromarray(made).save(path, **how)
    return path


def seen(content: bytes) -> Image.Image:
    opened = Image.open(io.BytesIO(content))
    opened.load()
    return opened


@pytest.fixture
def song(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenSong]:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    create_song(tmp_path / "Song.studio").close()
    soundfile.write(tmp_path / "tone.wav", 0.3 * np.sin(np.arange(9_600) / 20).astype(np.float32), 48_000)
    import_files(tmp_path / "Song.studio", [tmp_path / "tone.wav"], "", 0.0, lambda *_: None)
    opened = open_song(tmp_path / "Song.studio")
    yield opened
    opened.close()


@pytest.mark.parametrize("kind", ["png", "jpg", "webp"])
def test_the_middle_square_of_any_picture(tmp_path: Path, kind: str) -> None:
    cover = seen(read_cover(picture(tmp_path / f"wide.{kind}", 300, 100)))
    assert (cover.format, cover.size, cover.mode) == ("JPEG", (100, 100), "RGB")
    assert all(abs(one - wanted) < 12 for one, wanted in zip(cover.getpixel((5, 50)), (0, 255, 0), strict=True))
    assert seen(read_cover(picture(tmp_path / f"large.{kind}", 2000, 1600))).size == (SIDE, SIDE)


def test_a_cover_does_not_fade_from_export_to_export(tmp_path: Path) -> None:
    first = read_cover(picture(tmp_path / "wide.png", 300, 100))
    (tmp_path / "cover.jpg").write_bytes(first)
    assert read_cover(tmp_path / "cover.jpg") == first


def test_it_stands_upright_and_tells_nothing_about_the_camera(tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    turned[0x010F] = "Camera"
    path = picture(tmp_path / "photo.jpg", 100, 100, exif=turned)
    with Image.open(path) as photo:
        half = np.asarray(photo).copy()
    half[:50] = 0
    Image.fromarray(half).save(path, exif=turned, quality=95)
    cover = seen(read_cover(path))
    assert not cover.getexif()
    assert cover.getpixel((90, 50))[1] < 40 and cover.getpixel((10, 50))[1] > 200
    see_through = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    see_through.save(tmp_path / "clear.png")
    assert min(seen(read_cover(tmp_path / "clear.png")).getpixel((9, 9))) > 250


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 64, b"GIF89a" + b"\0" * 20])
def test_what_is_no_picture_is_said(tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(content)
    with pytest.raises(CoverError, match=r"“bad.png” is no picture that can be read; choose a JPEG, PNG or WebP"):
        read_cover(bad)
    with pytest.raises(CoverError, match="cannot be read"):
        read_cover(tmp_path / "nowhere.png")
    cut = picture(tmp_path / "cut.png", 300, 100)
    cut.write_bytes(cut.read_bytes()[:-60])
    with pytest.raises(CoverError, match="choose a JPEG"):
        read_cover(cut)
    monkeypatch.setattr("studio.engine.audio.cover.MAX_PIXELS", 29_999)
    with pytest.raises(CoverError, match="too many pixels"):
        read_cover(picture(tmp_path / "bomb.png", 300, 100))


@pytest.mark.parametrize("kind", PICTURED)
def test_the_export_carries_it(song: OpenSong, tmp_path: Path, kind: str) -> None:
    cover = picture(tmp_path / "wide.png", 300, 100)
    plain, out = tmp_path / f"plain.{kind}", tmp_path / f"mix.{kind}"
    for path, chosen in ((plain, None), (out, cover)):
        request = Request(path, kind, "16", cover=chosen)  # type: ignore[arg-type]
        report = export_song(song.bundle, song.project, request, Work(lambda *_: None, threading.Event()))
        assert report.file == path
    assert read_tags(out).cover == read_cover(cover) and read_tags(out).title == song.project.name
    assert not read_tags(plain).cover
    assert np.array_equal(soundfile.read(out)[0], soundfile.read(plain)[0])
    assert not list(tmp_path.glob(".*"))


def test_an_export_that_ends_early_leaves_nothing(
    song: OpenSong, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Work(lambda *_: None, threading.Event())
    monkeypatch.setattr(work, "cancelled", lambda: True)
    cover = picture(tmp_path / "wide.png", 300, 100)
    request = Request(tmp_path / "mix.flac", "flac", cover=cover)
    with pytest.raises(Cancelled):
        export_song(song.bundle, song.project, request, work)
    cover.write_bytes(b"broken")
    with pytest.raises(CoverError):
        export_song(song.bundle, song.project, request, Work(lambda *_: None, threading.Event()))
    request = Request(tmp_path / "nowhere" / "mix.flac", "flac", cover=picture(cover, 30, 30))
    with pytest.raises(StudioError, match=r"“mix.flac” cannot be written"):
        export_song(song.bundle, song.project, request, Work(lambda *_: None, threading.Event()))
    assert not list(tmp_path.glob(".*")) and not (tmp_path / "mix.flac").exists()


def test_it_stays_with_the_song_and_its_copies(song: OpenSong, tmp_path: Path) -> None:
    assert song_cover(song.bundle) is None and keep_cover(song.bundle, None) is None
    kept = keep_cover(song.bundle, picture(tmp_path / "wide.png", 300, 100))
    assert kept == song_cover(song.bundle) == song.bundle.folder / "cover.jpg"
    assert keep_cover(song.bundle, kept) == kept
    copy = song.bundle.save_as(tmp_path / "Copy.studio").folder
    assert (copy / "cover.jpg").read_bytes() == kept.read_bytes()
    song.close()
    other = open_song(tmp_path / "Song.studio", read_only=True)
    assert keep_cover(other.bundle, tmp_path / "wide.png") == tmp_path / "wide.png"
    assert song_cover(other.bundle) == kept
    other.close()
    opened = open_song(tmp_path / "Song.studio")
    assert keep_cover(opened.bundle, None) is None and song_cover(opened.bundle) is None
    assert not list(opened.bundle.folder.glob(".*.part"))
    opened.close()


def test_without_a_window(song: OpenSong, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = keep_cover(song.bundle, picture(tmp_path / "own.png", 60, 60))
    assert kept is not None
    own, given = kept.read_bytes(), picture(tmp_path / "given.png", 90, 30)
    song.close()
    folder, span = tmp_path / "Song.studio", (0.0, None)
    bounce_song(folder, tmp_path / "own.mp3", span, None, None, lambda *_: None)
    bounce_song(folder, tmp_path / "given.mp3", span, None, None, lambda *_: None, given)
    assert read_tags(tmp_path / "own.mp3").cover == own
    assert read_tags(tmp_path / "given.mp3").cover == read_cover(given)
    with pytest.raises(StudioError, match="A WAV file has no place for a cover; export one of flac"):
        bounce_song(folder, tmp_path / "mix.wav", span, None, None, lambda *_: None, given)
    bounce_song(folder, tmp_path / "mix.wav", span, None, None, lambda *_: None)
    assert run(["bounce", str(folder), str(tmp_path / "mix.flac"), "--stems", "--cover", str(given)]) == 1
    assert capsys.readouterr().err == "studio: Stems carry no cover; leave out --cover or --stems.\n"


def test_what_models_made_is_offered_the_latest_first(song: OpenSong) -> None:
    assert made_pictures() == []
    generated_folder().mkdir(parents=True)
    for n, name in enumerate(("old.png", "new.png", "sound.flac")):
        path = generated_folder() / name
        path.write_bytes(b"")
        os.utime(path, (n, n))
    assert [path.name for path in made_pictures()] == ["new.png", "old.png"]
