"""Drawing controllers, bends and programs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notesongs import clips_of, note_song
from studio.document.document import EditRefused
from studio.document.edits import controls
from studio.document.edits.controls import BEND, PROGRAM, STEP
from studio.document.notes import PRESSURE, Bend, Controller, Program

lines = st.sampled_from([1, 7, 64, PRESSURE, BEND])
places = st.tuples(st.integers(-5000, 50_000), st.integers(-9000, 9000))


@given(lines, places, places)
def test_a_ramp_is_thin_and_goes_from_end_to_end(
    line: int | str, first: tuple[int, int], last: tuple[int, int]
) -> None:
    points = controls.ramp(line, first, last)
    low, high, _ = controls.range_of(line)
    ticks, values = [point.tick for point in points], [controls.value_of(point) for point in points]
    (begin, _), (end, _) = sorted((first, last))
    assert ticks[0] == begin and ticks[-1] == end
    assert ticks == sorted(set(ticks))
    assert len(points) <= (end - begin) // STEP + 3
    assert all(low <= value <= high for value in values)
    assert values == sorted(values) or values == sorted(values, reverse=True), "a straight line never turns"
    if line == 64:
        assert set(values) <= {0, 127} and len(points) <= 3


def test_a_long_line_takes_no_more_points_than_it_has_values() -> None:
    points = controls.ramp(1, (0, 10), (400_000, 12))
    assert [controls.value_of(point) for point in points] == [10, 11, 12, 12]


def test_a_point_is_moved_and_takes_the_place_of_another() -> None:
    document = note_song([], [Controller(0, 1, 10), Controller(480, 1, 20), Controller(480, 7, 99), Bend(480, 5)])
    (clip,) = clips_of(document)
    document.apply(controls.move_control(clip.id, Controller(0, 1, 10), 480, 300))
    assert set(clips_of(document)[0].controls) == {Controller(480, 1, 127), Controller(480, 7, 99), Bend(480, 5)}
    with pytest.raises(EditRefused, match="no longer in the clip"):
        document.apply(controls.move_control(clip.id, Controller(0, 1, 10), 10, 3))
    document.apply(controls.remove_control(clip.id, Controller(480, 1, 127)))
    assert set(clips_of(document)[0].controls) == {Controller(480, 7, 99), Bend(480, 5)}


def test_a_program_keeps_its_bank_when_it_is_moved() -> None:
    document = note_song([], [Program(0, 12, 300)])
    (clip,) = clips_of(document)
    document.apply(controls.move_control(clip.id, Program(0, 12, 300), 960, 99))
    assert clips_of(document)[0].controls == (Program(960, 12, 300),)
    assert controls.make_point(PROGRAM, 5, 40, 7) == Program(5, 40, 7)
