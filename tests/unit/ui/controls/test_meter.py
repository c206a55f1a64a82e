"""How meters fall, hold and clip, and what they paint."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from studio.ui.controls import Meter, bar_rows, decibels, fall, paint_meter
from studio.ui.theme import color


def run(meter: Meter, seconds: float, peak: float = 0.0, step: float = 1 / 60) -> None:
    for _ in range(round(seconds / step)):
        meter.feed(peak, peak, fall(step), step)


def test_a_peak_shows_at_once_and_falls_by_13_db_a_second() -> None:
    meter = Meter()
    meter.feed(0.5, 0.25, fall(0.02), 0.02)
    assert meter.levels == [0.5, 0.25]
    run(meter, 1.0)
    assert decibels(meter.levels[0]) == pytest.approx(decibels(0.5) - 13.3, abs=1e-6)


@pytest.mark.parametrize("step", [1 / 240, 1 / 60, 1 / 10])
def test_the_fall_does_not_depend_on_the_rate_of_ticks(step: float) -> None:
    meter = Meter()
    meter.feed(1.0, 1.0, 1.0, 0.0)
    run(meter, 2.0, step=step)
    assert decibels(meter.levels[0]) == pytest.approx(-26.6, abs=1e-6)


def test_a_mark_stays_for_a_second_and_a_half_and_then_falls() -> None:
    meter = Meter()
    meter.feed(0.5, 0.5, 1.0, 0.0)
    run(meter, 1.4)
    assert meter.held == [0.5, 0.5]
    run(meter, 1.0)
    assert meter.held[0] < 0.5


def test_the_clip_light_stays_until_it_is_cleared() -> None:
    meter = Meter()
    run(meter, 0.1, 0.999)
    assert not meter.clipped
    meter.feed(0.0, 1.0, 1.0, 0.02)
    run(meter, 5.0)
    assert meter.clipped
    assert meter.highest == 1.0
    meter.clear()
    assert not meter.clipped
    assert meter.highest == 0.0


def painted(meter: Meter, ratio: float) -> tuple[QImage, int]:
    rect = QRect(0, 0, 18, 104)
    picture = QImage(round(18 * ratio), round(104 * ratio), QImage.Format.Format_RGB32)
    picture.setDevicePixelRatio(ratio)
    picture.fill(QColor("black"))
    with QPainter(picture) as painter:
        paint_meter(painter, rect, ratio, meter.rows(bar_rows(rect.height(), ratio)))
    return picture, bar_rows(rect.height(), ratio)


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_as_many_rows_are_lit_as_the_level_says(qtbot: QtBot, ratio: float) -> None:
    meter = Meter()
    meter.feed(0.1, 0.0, 1.0, 0.0)
    picture, rows = painted(meter, ratio)
    column = [QColor(picture.pixel(1, picture.height() - 1 - n)) for n in range(rows)]
    lit = [n for n, shade in enumerate(column) if shade == color("ok")]
    assert min(lit) == 0
    assert max(lit) == pytest.approx(rows * 50 / 115, abs=3 * ratio)  # -20 dB stands at 50 of 115
    right = QColor(picture.pixel(picture.width() - 2, picture.height() - 1))
    assert right != color("ok")


def test_the_clip_light_is_painted(qtbot: QtBot) -> None:
    meter = Meter()
    assert QColor(painted(meter, 1.0)[0].pixel(4, 1)) != color("rec")
    meter.feed(1.5, 0.0, 1.0, 0.0)
    assert QColor(painted(meter, 1.0)[0].pixel(4, 1)) == color("rec")
