"""What is painted for all rows at once, kept or copied looks as if it had been painted by itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

from studio.document.edits import clips, mix, tracks
from studio.ui import theme
from studio.ui.timeline.backing import Backing
from studio.ui.timeline.header_layout import WIDTH, layout
from studio.ui.timeline.header_paint import paint_header
from studio.ui.timeline.header_pictures import HeaderPictures

from .conftest import RATE, OpenSong, Shown


@pytest.fixture
def rich(arranged: OpenSong) -> OpenSong:
    """Clips with fades, muted ones, one over another, and many narrow ones."""
    song = arranged
    media = song.document.project.media[0]
    one, two, three = (track.id for track in song.document.project.tracks)
    first, second = (clip.id for clip in song.document.project.tracks[0].clips)
    song.document.apply(clips.set_fades(first, fade_in=RATE // 2))
    song.document.apply(clips.set_fades(second, fade_out=RATE))
    song.put(one, media, 6.5, 2.0)
    song.document.apply(clips.mute_clips((song.put(two, media, 6.0, 1.0),), True))
    for n in range(40):
        song.put(three, media, n * 0.2, 0.19, n * 0.1)
    return song


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_rows_painted_together_look_like_rows_painted_alone(
    rich: OpenSong, show: Callable[[OpenSong], Shown], ratio: float
) -> None:
    shown = show(rich)
    stage = shown.view.stage
    stage.scene.rescale(ratio)
    stage.canvas.show(stage.canvas.axis.at_ratio(ratio), 20)
    stage.select([clip.id for track in rich.document.project.tracks for clip in track.clips[::2]])
    together = shown.picture().copy()
    stage.canvas.backing.pixels[:] = 0xFF00FF00
    for row in stage.scene.rows:
        stage.canvas.mark_rows([row.key])
        alone = shown.picture()
        y0, y1 = max(row.top - stage.canvas.top, 0), row.top + row.height - stage.canvas.top
        assert np.array_equal(alone[y0:y1], together[y0:y1]), row.track.name


def test_a_stretched_picture_shows_old_columns_and_the_ground_outside() -> None:
    backing = Backing(6, 2)
    backing.pixels[:] = np.arange(12).reshape(2, 6)
    for _ in range(2):  # the second time into the array that was the first
        before = backing.pixels.copy()
        backing.stretch(np.array([-2, -1, 0, 0, 4, 6]), 99)
        wanted = before[:, [0, 0, 0, 0, 4, 0]]
        wanted[:, [0, 1, 5]] = 99
        assert np.array_equal(backing.pixels, wanted)
        assert backing.image.constBits()[16:20] == wanted[0, 4:5].tobytes()


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("top", [0, 7])
def test_a_kept_header_equals_one_painted_in_place(shown: Shown, ratio: float, top: int) -> None:
    song = shown.song
    row = shown.view.stage.scene.rows[0]
    pictures = HeaderPictures()
    key = row.track.id
    edits = [None, mix.set_mute(key, True), tracks.arm(key, True), tracks.rename_track(key, "Other")]
    for edit in edits:
        if edit is not None:
            song.document.apply(edit)
        row = shown.view.stage.scene.rows[0]
        box = QRect(0, top, WIDTH, 67)
        parts = layout(box.height(), True)
        for hover, gain in (("", 0.5), ("M", 0.5), ("", 0.9)):
            kept, plain = _canvas(ratio), _canvas(ratio)
            for _ in range(2):
                with QPainter(kept) as painter:
                    pictures.paint(painter, box, parts, row, True, gain, hover)
            with QPainter(plain) as painter:
                paint_header(painter, box, parts, row, True, gain, hover)
            assert kept == plain


def _canvas(ratio: float) -> QImage:
    image = QImage(420, 200, QImage.Format.Format_RGB32)
    image.fill(theme.color("bg"))
    image.setDevicePixelRatio(ratio)
    return image
