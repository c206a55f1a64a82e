"""Where derived files belong."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from studio.document.project import Media
from studio.storage.cache import Cache, key

DIGEST = "0123456789abcdef" * 4


def a_media(key: str = "media-1", digest: str = DIGEST) -> Media:
    return Media(key, "Sound", "media/a.wav", 10, 1, 44_100, digest=digest)


def test_files_are_named_by_content_and_rate(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    assert cache.copy_path(a_media(), 48_000) == tmp_path / "cache" / f"{DIGEST}-48000.wav"
    assert cache.peaks_path(a_media()) == tmp_path / "cache" / f"{DIGEST}.peaks"
    assert cache.peaks_path(a_media("other")) == cache.peaks_path(a_media())
    assert cache.copy_path(a_media(), 44_100) != cache.copy_path(a_media(), 48_000)
    assert (tmp_path / "cache").is_dir()


@given(st.text(), st.text())
def test_nothing_in_a_media_leads_out_of_the_cache(media_id: str, digest: str) -> None:
    name = key(a_media(media_id, digest))
    assert name.isalnum()
    assert len(name) in {32, 64}


def test_a_folder_deleted_meanwhile_comes_back(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.peaks_path(a_media())
    (tmp_path / "cache").rmdir()
    assert cache.peaks_path(a_media()).parent.is_dir()


def test_a_read_only_song_puts_new_files_elsewhere_and_finds_old_ones(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    there = Cache(tmp_path).peaks_path(a_media())
    there.write_bytes(b"peaks")
    cache = Cache(tmp_path, tmp_path / "spare")
    assert cache.peaks_path(a_media()) == there
    assert cache.copy_path(a_media(), 48_000).parent == tmp_path / "spare"
