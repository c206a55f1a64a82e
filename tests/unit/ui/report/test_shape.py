"""What the pictures of the report show, without a pixel: the voice by bands, rows, and figures over days."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from studio.engine.voice.grading import GradedNote, Tolerance
from studio.engine.voice.pitchtrack import PitchTrack
from studio.engine.voice.targets import TargetNote
from studio.storage.library import CoachedTake
from studio.ui.report.series import series_of, told
from studio.ui.report.shape import CLOSE, FREE, IN_TUNE, LEAST_ROWS, OFF, curve_of, rows_of

STEP = 0.008


def track(*parts: tuple[float, float | None]) -> PitchTrack:
    """Seconds at a pitch each, None for silence."""
    line = np.concatenate([np.full(round(seconds / STEP), np.nan if at is None else at) for seconds, at in parts])
    sung = np.isfinite(line)
    hz = np.where(sung, 440.0 * 2 ** ((np.nan_to_num(line) - 69) / 12), 0.0).astype(np.float32)
    return PitchTrack(0.0, STEP, hz, sung.astype(np.float32), np.where(sung, -20, -90).astype(np.float32))


def note(start: float, length: float, pitch: float, kind: str = "normal") -> GradedNote:
    return GradedNote(TargetNote(start, length, pitch, "", kind), 0, 0.0, 0.0, 1.0, 1.0, 1.0)  # type: ignore[arg-type]


def test_the_voice_is_parted_by_how_far_it_is_off() -> None:
    heard = track((1.0, 60.1), (1.0, 62.2), (0.5, None), (1.0, 64.4), (1.0, 70.0))
    notes = [note(0.0, 1.0, 60), note(1.0, 1.0, 62), note(2.5, 1.0, 64), note(3.5, 1.0, 60, "freestyle")]
    curve = curve_of(heard, notes, Tolerance())
    bands = [set(curve.band[(curve.time > at) & (curve.time < at + 0.9)].tolist()) for at in (0.02, 1.02, 2.52, 3.52)]
    assert bands == [{IN_TUNE}, {CLOSE}, {OFF}, {FREE}]
    assert not curve.joined[0]
    breaks = curve.time[~curve.joined]
    assert np.allclose(breaks, [0.0, 1.0, 2.5, 3.5], atol=2 * STEP)
    wide = curve_of(heard, notes, Tolerance(45.0, 60.0)).band
    assert np.isin(wide, (CLOSE, OFF)).sum() <= 2  # where one note ends and the next begins


def test_a_long_take_is_thinned_and_still_parted() -> None:
    heard = track(*[part for n in range(60) for part in ((2.0, 60.0 + n % 5), (1.0, None))])
    curve = curve_of(heard, (), Tolerance())
    seen = curve.between(0.0, 180.0, 500)
    assert 400 <= len(seen.time) <= 1100
    assert (~seen.joined).sum() >= 60
    part = curve.between(90.0, 93.0, 5000)
    assert part.time[1] == pytest.approx(90.0, abs=2 * STEP) and part.time[-1] <= 93.1


def test_the_rows_hold_what_is_to_be_sung_and_no_slip_of_the_tracker() -> None:
    heard = track((10.0, 60.0), (0.05, 96.0))
    low, high = rows_of(curve_of(heard, (), Tolerance()), [TargetNote(0.0, 1.0, 60), TargetNote(1.0, 1.0, 72)])
    assert low < 60 and 72 < high < 80
    assert high - low >= LEAST_ROWS
    empty = rows_of(curve_of(track((1.0, None)), (), Tolerance()), [])
    assert empty[1] - empty[0] == LEAST_ROWS


def take(day: int, hour: int, overall: float, late: float | None) -> CoachedTake:
    when = datetime.datetime(2026, 5, day, hour).timestamp()
    return CoachedTake(
        0,
        when,
        "T",
        "S",
        "M",
        "",
        9.0,
        8,
        55.0,
        67.0 + day,
        -20.0 + day,
        12.0,
        late,
        None,
        overall,
        90,
        None,
        None,
        0.8,
    )


def test_figures_over_days_are_points_and_the_median_of_each_day() -> None:
    takes = [take(1, 9, 50, None), take(1, 10, 90, None), take(1, 11, 60, 0.04), take(3, 9, 80, -0.01)]
    found = {one.title: one for one in series_of(takes)}
    assert list(found) == ["Score", "Accuracy, cents", "Precision, ± cents", "Timing, ms late", "Range"]
    score = found["Score"]
    assert [value for _, value in score.points] == [50, 90, 60, 80]
    assert [value for _, value in score.days] == [60, 80]
    assert told(score) == "Score: 4 takes, first 50, last 80."
    assert found["Timing, ms late"].points == ((takes[2].taken, 40.0), (takes[3].taken, -10.0))
    assert told(found["Range"]) == "Range: the last take G3 to A#4, all takes G3 to A#4."
