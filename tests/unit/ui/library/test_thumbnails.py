"""Pictures of sounds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from pytestqt.qtbot import QtBot

from studio.ui.library.thumbnails import COLUMNS, Thumbnails, look_up, make_thumb, picture
from studio.ui.theme import color
from unit.ui.library.conftest import write_sound


@pytest.fixture
def thumbnails(qtbot: QtBot, tmp_path: Path) -> Iterator[Thumbnails]:
    made = Thumbnails(tmp_path / "pictures")
    yield made
    made.close()


def ramp(file: Path, seconds: float, rate: int = 8000) -> Path:
    frames = round(seconds * rate)
    soundfile.write(file, np.linspace(0, 0.9, frames).astype(np.float32), rate)
    return file


@pytest.mark.parametrize("seconds", [0.001, 0.5, 5.0, 60.0])
def test_the_outline_follows_the_sound(tmp_path: Path, seconds: float) -> None:
    thumb = make_thumb(ramp(tmp_path / "ramp.wav", seconds))
    assert thumb.outline.shape == (2, COLUMNS)
    assert thumb.seconds == pytest.approx(seconds)
    high = thumb.outline[1].astype(float)
    assert (np.diff(high) >= 0).all()
    assert high[-1] == pytest.approx(0.9 * 127, abs=3)
    if seconds > 0.1:
        assert high[0] < 3


def test_a_thumb_is_made_beside_the_window_and_kept(qtbot: QtBot, thumbnails: Thumbnails, tmp_path: Path) -> None:
    file = write_sound(tmp_path / "a.wav")
    with qtbot.waitSignal(thumbnails.ready) as told:
        assert thumbnails.thumb(file) is None
    assert told.args == [str(file)]
    thumb = thumbnails.thumb(file)
    assert thumb is not None
    assert not thumb.problem
    assert len([path for path in (tmp_path / "pictures").rglob("*") if path.is_file()]) == 1
    kept = look_up(file, tmp_path / "pictures")
    assert (kept.outline == thumb.outline).all()


def test_a_changed_file_gets_a_new_picture(tmp_path: Path) -> None:
    file, folder = ramp(tmp_path / "a.wav", 1.0), tmp_path / "pictures"
    before = look_up(file, folder)
    write_sound(file, 2.0)
    after = look_up(file, folder)
    assert after.seconds == 2.0
    assert (before.outline != after.outline).any()


def test_a_damaged_kept_picture_is_made_again(tmp_path: Path) -> None:
    file, folder = ramp(tmp_path / "a.wav", 1.0), tmp_path / "pictures"
    before = look_up(file, folder)
    kept = next(path for path in folder.rglob("*") if path.is_file())
    kept.write_bytes(b"garbage")
    assert (look_up(file, folder).outline == before.outline).all()


def test_what_is_no_sound_or_gone_has_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_bytes(b"RIFF nothing")
    for name in ("bad.wav", "gone.wav"):
        thumb = look_up(tmp_path / name, tmp_path / "pictures")
        assert len(thumb.problem) > 10
        assert not thumb.outline.any()


def test_a_disk_that_refuses_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "pictures").write_text("a file where the folder should be")
    thumb = look_up(ramp(tmp_path / "a.wav", 1.0), tmp_path / "pictures")
    assert not thumb.problem


def test_the_last_wish_comes_first(qtbot: QtBot, thumbnails: Thumbnails, tmp_path: Path) -> None:
    files = [write_sound(tmp_path / f"{n}.wav", 4.0) for n in range(12)]
    ready: list[str] = []
    thumbnails.ready.connect(ready.append)
    for file in files:
        thumbnails.thumb(file)
    qtbot.waitUntil(lambda: len(ready) == 12)
    assert ready.index(str(files[11])) < ready.index(str(files[1]))


def test_a_picture_is_as_large_as_asked_and_shows_the_wave(qtbot: QtBot) -> None:
    outline = np.zeros((2, COLUMNS), np.int8)
    outline[1, COLUMNS // 2 :] = 127
    drawn = picture(outline, 84, 42, "#5aa9e6").toImage()
    assert (drawn.width(), drawn.height()) == (84, 42)
    assert drawn.pixelColor(70, 4) == color("#5aa9e6")
    assert drawn.pixelColor(10, 4) == color("well")
    assert drawn.pixelColor(10, 20) == color("#5aa9e6")  # silence is a line
