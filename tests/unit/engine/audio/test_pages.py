"""Media in pages: every format, every fault, and a pool that stays small."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from mixes import PATIENT, RATE, Floats, Mix, even, noise, rendered
from studio.engine.audio.pagefile import PAGE, PageFile, read_at
from studio.engine.audio.pages import Page, PageReader
from studio.engine.audio.plan import PlanMedia


@contextmanager
def reading(capacity: int = 64) -> Iterator[PageReader]:
    pages = PageReader(RATE, capacity)
    try:
        yield pages
    finally:
        pages.close()


def written(path: Path, sound: Floats, subtype: str = "FLOAT", rate: int = RATE) -> PlanMedia:
    soundfile.write(path, sound.T, rate, subtype)
    return PlanMedia(path.stem, str(path), sound.shape[1], min(sound.shape[0], 2))


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32", "FLOAT"])
@pytest.mark.parametrize("channels", [1, 2])
def test_formats(tmp_path: Path, subtype: str, channels: int) -> None:
    media = written(tmp_path / "a.wav", noise(3 * PAGE + 77, channels), subtype)
    expected = soundfile.read(media.path, dtype="float32", always_2d=True)[0].T
    with reading() as pages:
        assert np.array_equal(pages.fetch(media, 0, media.frames, PATIENT), expected)
        assert np.array_equal(pages.fetch(media, 5, 100, PATIENT), expected[:, 5:105])
        assert not pages.notices


@settings(max_examples=30, deadline=None)
@given(start=st.integers(-PAGE, 3 * PAGE), frames=st.integers(1, 2 * PAGE))
def test_any_stretch(tmp_path_factory: pytest.TempPathFactory, start: int, frames: int) -> None:
    sound = noise(2 * PAGE + 500)
    media = written(tmp_path_factory.mktemp("stretch") / "a.wav", sound)
    padded = np.pad(sound, ((0, 0), (PAGE, 6 * PAGE)))
    with reading() as pages:
        got = pages.fetch(media, start, frames, PATIENT)
        assert np.array_equal(got, padded[:, PAGE + start : PAGE + start + frames])


def test_a_page_that_is_not_there_is_silence_and_counted_and_comes_later(tmp_path: Path) -> None:
    media = written(tmp_path / "a.wav", noise(PAGE))
    with reading() as pages:
        assert not pages.ready(media, 0, 10)
        assert not pages.fetch(media, 0, 10).any()
        assert pages.late == 1
        assert pages.fetch(media, 0, 10, PATIENT).any()
        assert pages.ready(media, 0, 10)


def test_the_reader_follows_the_playhead(tmp_path: Path) -> None:
    mix = Mix(tmp_path)
    mix.track([mix.clip(mix.media(noise(8 * RATE)), 1000)])
    plan = mix.plan()
    media = plan.strips[0].segments.media[0]
    with reading() as pages:
        pages.follow(plan, (0, 6 * RATE))
        wait_until(lambda: pages.ready(media, 0, RATE) and pages.ready(media, 6 * RATE, 1000))
        assert not pages.ready(media, 4 * RATE, 1000)
        pages.follow(plan, (3 * RATE,))
        wait_until(lambda: pages.ready(media, 4 * RATE, 1000))


def wait_until(holds: object, seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < until
        time.sleep(0.002)


def test_missing_foreign_and_other_rate(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("this is no sound")
    gone = PlanMedia("gone", str(tmp_path / "gone.wav"), 1000, 2)
    text = PlanMedia("text", str(tmp_path / "text.wav"), 1000, 2)
    slow = written(tmp_path / "slow.wav", noise(1000), rate=44_100)
    nowhere = PlanMedia("nowhere", "", 1000, 2)
    with reading() as pages:
        for media in (gone, text, slow, nowhere):
            assert not pages.fetch(media, 0, 1000, PATIENT).any()
        assert len(pages.notices) == 3
        assert any("44100" in notice for notice in pages.notices)
        assert set(pages.failed) == {gone.path, text.path, slow.path}


def test_a_file_cut_short_while_it_plays_is_silence_with_a_notice(tmp_path: Path) -> None:
    sound = noise(6 * PAGE)
    media = written(tmp_path / "a.wav", sound)
    with reading() as pages:
        assert np.array_equal(pages.fetch(media, 0, 100, PATIENT), sound[:, :100])
        os.truncate(media.path, Path(media.path).stat().st_size - int(2.5 * PAGE) * 8)
        rest = pages.fetch(media, 2 * PAGE, 4 * PAGE, PATIENT)
        assert np.array_equal(rest[:, : PAGE + PAGE // 2], sound[:, 2 * PAGE : 3 * PAGE + PAGE // 2])
        assert not rest[:, PAGE + PAGE // 2 :].any()
        (notice,) = pages.notices
        assert "shorter" in notice
        os.truncate(media.path, 0)
        assert not pages.fetch(media, PAGE, 100, PATIENT).any()


def test_samples_that_are_no_numbers_are_silent(tmp_path: Path) -> None:
    sound = noise(2 * PAGE)
    broken = sound.copy()
    broken[0, 5], broken[1, PAGE + 7], broken[1, 9] = np.nan, np.inf, -np.inf
    media = written(tmp_path / "a.wav", broken)
    with reading() as pages:
        got = pages.fetch(media, 0, 2 * PAGE, PATIENT)
        assert np.isfinite(got).all()
        assert not got[0, 5]
        assert (got == sound).sum() == sound.size - 3
        assert "not numbers" in pages.notices[0]


def test_the_pool_is_bounded_and_media_larger_than_it_plays(tmp_path: Path) -> None:
    sounds = [noise(40 * PAGE, seed=seed) for seed in range(2)]
    media = [written(tmp_path / f"{n}.wav", sound) for n, sound in enumerate(sounds)]
    with reading(capacity=8) as pages:
        for at in range(0, 40 * PAGE, PAGE // 2):
            pages.begin()
            for one, sound in zip(media, sounds, strict=True):
                got = pages.fetch(one, at, PAGE // 2, PATIENT)
                assert np.array_equal(got, sound[:, at : at + PAGE // 2])
        assert pages._made <= 10


def test_a_song_larger_than_the_pool_renders_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mix = Mix(tmp_path)
    for seed in range(6):
        mix.track([mix.clip(mix.media(noise(12 * PAGE, seed=seed)), 0)])
    plan = mix.plan()
    whole = rendered(plan, 0, even(12 * PAGE))
    made: list[PageReader] = []

    class Small(PageReader):
        def __init__(self, rate: int) -> None:
            super().__init__(rate, capacity=12)
            made.append(self)

    monkeypatch.setattr("mixes.PageReader", Small)
    assert np.array_equal(rendered(plan, 0, even(12 * PAGE)), whole)
    assert made[0]._made <= 24


def test_pages_in_use_are_not_filled_anew(tmp_path: Path) -> None:
    """The reader is kept busy with other pages while one is held; its samples stay what they are."""
    mix = Mix(tmp_path)
    sounds = [noise(30 * PAGE, seed=seed) for seed in range(3)]
    for sound in sounds:
        mix.track([mix.clip(mix.media(sound), 0)])
    plan = mix.plan()
    media = {m.id: m for strip in plan.strips for m in strip.segments.media}
    with reading(capacity=6) as pages:
        for at in range(0, 29 * PAGE, PAGE // 4):
            pages.begin()
            pages.follow(plan, (at,))
            held = [pages.fetch(media[key], at, PAGE // 4, PATIENT) for key in sorted(media)]
            for other in range(3):
                pages.follow(plan, ((at + other * 9 * PAGE) % (28 * PAGE),))
            time.sleep(0.0005)
            for got, sound in zip(held, sounds, strict=True):
                assert np.array_equal(got, sound[:, at : at + PAGE // 4])


def test_a_page_taken_out_while_it_is_marked_is_not_taken(tmp_path: Path) -> None:
    """The one order of steps in which reader and consumer could both hold a page, made to happen."""
    media = written(tmp_path / "a.wav", noise(PAGE))
    with reading() as pages:
        assert pages.fetch(media, 0, 10, PATIENT).any()
        key = (media.path, 0)
        page = pages._pages[key]

        class Racing(Page):
            __slots__ = ()

            def __setattr__(self, name: str, value: object) -> None:
                super().__setattr__(name, value)
                if name == "used":
                    pages._pages.pop(key, None)

        page.__class__ = Racing
        assert pages._marked(key) is None


def test_the_reader_outlives_what_nobody_foresaw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good, bad = written(tmp_path / "good.wav", noise(100)), written(tmp_path / "bad.wav", noise(100))
    read = PageFile.read

    def broken(self: PageFile, number: int, into: Floats) -> Floats:
        if self.name == "bad.wav":
            raise ZeroDivisionError("unforeseen")
        return read(self, number, into)

    monkeypatch.setattr(PageFile, "read", broken)
    with reading() as pages:
        assert not pages.fetch(bad, 0, 100, PATIENT).any()
        assert pages.fetch(good, 0, 100, PATIENT).any()
        assert "unforeseen" in pages.notices[0]


def test_the_thread_ends_and_files_are_closed(tmp_path: Path) -> None:
    media = written(tmp_path / "a.wav", noise(100))
    before = threading.active_count()
    with reading() as pages:
        pages.fetch(media, 0, 100, PATIENT)
        handle = pages._files[media.path]._handle
    assert threading.active_count() == before
    with pytest.raises(OSError):
        os.fstat(handle)


def test_read_at_without_preadv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = noise(PAGE + 10)
    media = written(tmp_path / "a.wav", sound)
    monkeypatch.delattr(os, "preadv")
    file = PageFile(media.path, RATE)
    assert np.array_equal(file.read(0, np.empty((2, PAGE), np.float32)), sound[:, :PAGE])
    assert np.array_equal(file.read(1, np.empty((2, PAGE), np.float32))[:, :10], sound[:, PAGE:])
    assert read_at(file._handle, memoryview(bytearray(4)), 10**9) == 0
    file.close()
