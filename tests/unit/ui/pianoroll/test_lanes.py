"""Controllers, bends and programs below the notes, drawn and dragged by hand."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from notesongs import BAR, note_song
from studio.document.document import Document
from studio.document.edits import controls
from studio.document.edits.controls import BEND, PROGRAM, Line, line_of, value_of
from studio.document.notes import Bend, Control, Controller, Note, Program
from studio.ui.pianoroll.pointlane import PointLane

from ..timeline.conftest import Hand
from .conftest import BEAT, Editor

Key, Held = Qt.Key, Qt.KeyboardModifier


def key_of(made: Lane, which: Qt.Key, held: Qt.KeyboardModifier = Held.NoModifier) -> None:
    QTest.keyClick(made.widget, which, held)


class Lane:
    """The lane of an editor that shows one line."""

    def __init__(self, editor: Editor, line: Line) -> None:
        self.editor, self.line = editor, line
        editor.panel.show_lane(line)
        self.paint()

    @property
    def widget(self) -> PointLane:
        return self.editor.view.points

    def paint(self) -> np.ndarray:
        self.widget.grab()
        return self.widget.picture.pixels

    @property
    def hand(self) -> Hand:
        return Hand(self.widget)

    @property
    def points(self) -> list[tuple[int, int]]:
        return [(p.tick, value_of(p)) for p in self.editor.clip.controls if line_of(p) == self.line]

    def at(self, beat: float, value: float) -> tuple[float, float]:
        place = self.widget.place(round(beat * BEAT), value)
        return place.x(), place.y()


@pytest.fixture
def lane(edit: Callable[[Document], Editor]) -> Callable[..., Lane]:
    """Shows a line of a song with one note and these points."""

    def make(line: Line, *points: Control, **clip: int) -> Lane:
        return Lane(edit(note_song([Note("n0", 0, BEAT, 60)], points, anchor=BAR, **clip)), line)

    return make


def test_the_choice_lists_what_the_clip_has_first(lane: Callable[..., Lane]) -> None:
    made = lane(1, Bend(0, 5), Controller(0, 99, 1), Controller(0, 11, 3))
    box = made.editor.panel.values
    offered = [box.itemData(n) for n in range(box.count()) if box.itemData(n) is not None]
    assert offered == ["velocity", "probability", 11, 99, "bend", 1, 7, 10, 64, 74, 128, "program", "other"]
    assert box.currentText() == "Modulation (1)"
    made.editor.panel.show_lane(30)
    assert box.currentText() == "Controller 30"
    made.editor.panel.show_lane("probability")
    assert made.editor.view.lane.isVisible() and not made.widget.isVisible()


def test_a_drag_draws_thin_points_and_is_one_step(lane: Callable[..., Lane]) -> None:
    made = lane(1, Controller(BEAT, 1, 3), Controller(BEAT, 7, 50), Controller(3 * BEAT, 1, 99))
    before = made.editor.document.project
    made.hand.drag(made.at(0.5, 20), made.at(2, 120), steps=25)
    points = made.points
    assert points[0][1] == pytest.approx(20, abs=5) and points[-2][1] == pytest.approx(120, abs=3)
    assert points[-1] == (3 * BEAT, 99), "what lies beyond the drag stays"
    assert (BEAT, 3) not in points and Controller(BEAT, 7, 50) in made.editor.clip.controls
    assert 5 < len(points) <= 1.5 * BEAT / 60 + 3
    assert sorted(value for _, value in points[:-1]) == [value for _, value in points[:-1]]
    made.editor.document.undo()
    assert made.editor.document.project is before


def test_what_stays_the_same_takes_one_point(lane: Callable[..., Lane]) -> None:
    made = lane(1)
    made.hand.drag(made.at(0.5, 64), made.at(3.5, 64), steps=30)
    assert len(made.points) == 1


def test_shift_draws_a_straight_line_on_the_grid(lane: Callable[..., Lane]) -> None:
    made = lane(BEND)
    made.hand.drag(made.at(0.02, 0), made.at(1.98, 8191), Held.ShiftModifier)
    points = made.points
    assert points[0][0] == 0 and points[-1][0] == 2 * BEAT
    slope = [(b - a) / (t - s) for (s, a), (t, b) in itertools.pairwise(points)]
    assert max(slope) - min(slope) < 0.5
    made.hand.drag(made.at(1, 0), made.at(1, -4000), Held.ShiftModifier)
    assert len(made.points) >= len(points) - 1


def test_a_point_is_dragged_and_removed(lane: Callable[..., Lane]) -> None:
    made = lane(1, Controller(BEAT, 1, 64), Controller(2 * BEAT, 1, 30))
    made.hand.drag(made.at(1, 64), made.at(1.5, 100))
    assert made.points[0][0] == 1.5 * BEAT and made.points[0][1] == pytest.approx(100, abs=3)
    x, y = made.at(made.points[0][0] / BEAT, made.points[0][1])
    made.hand.double_click(x, y)
    assert made.points == [(2 * BEAT, 30)]
    made.hand.drag(made.at(2, 30), made.at(3, 90), steps=3, release=False)
    key_of(made, Key.Key_Escape)
    assert made.points == [(2 * BEAT, 30)]


def test_the_right_button_erases(lane: Callable[..., Lane]) -> None:
    made = lane(1, *(Controller(n * 240, 1, n) for n in range(16)), Controller(480, 7, 9))
    hand = made.hand
    hand.press(*made.at(0.9, 60), button=Qt.MouseButton.RightButton)
    for beat in (1.2, 1.7, 2.1):
        hand.move(*made.at(beat, 60))
    hand.release(*made.at(2.1, 60))
    assert [tick for tick, _ in made.points] == [*range(0, 960, 240), *range(2160, 3840, 240)]
    assert Controller(480, 7, 9) in made.editor.clip.controls


def test_pedals_are_on_or_off_and_keep_to_the_grid(lane: Callable[..., Lane]) -> None:
    made = lane(64)
    made.hand.click(*made.at(1.03, 90))
    made.hand.click(*made.at(1.52, 20))
    assert made.points == [(BEAT, 127), (BEAT * 3 // 2, 0)]


def test_in_a_pattern_every_turn_is_the_same(lane: Callable[..., Lane]) -> None:
    made = lane(64, ticks=2 * BAR, loop=BAR)
    made.hand.click(*made.at(5, 90))
    assert made.points == [(BEAT, 127)]


def test_points_go_by_keyboard(lane: Callable[..., Lane]) -> None:
    made = lane(1, Controller(0, 1, 10), Controller(BEAT, 1, 20))
    made.widget.setFocus()
    key_of(made, Key.Key_Right)
    key_of(made, Key.Key_Right)
    assert made.widget.accessibleDescription() == "20"
    key_of(made, Key.Key_Up)
    key_of(made, Key.Key_Up, Held.ShiftModifier)
    assert made.points == [(0, 10), (BEAT, 31)]
    made.editor.document.undo()
    assert made.points == [(0, 10), (BEAT, 20)]
    made.widget.chosen = made.editor.clip.controls[1]
    key_of(made, Key.Key_Delete)
    assert made.points == [(0, 10)]
    made.editor.panel.stage.playhead = made.editor.document.project.time.frame(BAR + 2 * BEAT)
    key_of(made, Key.Key_Return)
    assert made.points == [(0, 10), (2 * BEAT, 10)]


def test_programs_are_chosen_from_a_menu(lane: Callable[..., Lane], qtbot: Any) -> None:
    made = lane(PROGRAM, Program(2 * BEAT, 5, 8))
    made.hand.click(*made.at(1, 64))
    menus = made.widget.findChildren(QMenu)
    strings = next(menu for menu in menus if menu.title() == "Strings")
    strings.actions()[0].trigger()
    assert made.editor.clip.controls == (Program(BEAT, 40, 0), Program(2 * BEAT, 5, 8))
    made.hand.drag(made.at(2, 64), made.at(3, 64))
    assert made.editor.clip.controls[1] == Program(3 * BEAT, 5, 8)
    made.paint()


def test_the_picture_follows_the_values(lane: Callable[..., Lane]) -> None:
    made = lane(1, Controller(0, 1, 127), Controller(2 * BEAT, 1, 0))
    high = made.paint().copy()
    x = round(made.at(1, 0)[0])
    beyond = round(made.at(3, 0)[0])
    middle = high.shape[0] // 2 + 20
    assert high[middle, x] != high[middle, beyond]
    made.editor.document.apply(controls.draw_controls(made.editor.clip.id, 1, 0, 10, ()))
    assert (made.paint()[middle, x] == high[middle, beyond]).all()


@pytest.mark.parametrize("apart", [60, 900])
def test_a_scrolled_lane_is_the_one_painted_anew(lane: Callable[..., Lane], apart: int) -> None:
    random = np.random.default_rng(3)
    points = [Controller(n * apart, 1, int(random.integers(0, 128))) for n in range(8 * BAR // apart)]
    made = lane(1, *points, ticks=8 * BAR)
    view = made.editor.view
    for dx in (40, -25, 130, -3, 1, 700, -2000, 55):
        view.scroll_by(dx, 0)
        scrolled = made.paint().copy()
        made.widget.redraw()
        assert np.argwhere(scrolled != made.paint()).tolist() == [], dx


def test_what_cannot_be_changed_is_not(lane: Callable[..., Lane]) -> None:
    made = lane(1, Controller(0, 1, 127))
    made.editor.document.read_only = "This song is open elsewhere."
    made.hand.drag(made.at(1, 10), made.at(2, 90))
    made.widget.setFocus()
    key_of(made, Key.Key_Return)
    assert made.points == [(0, 127)]
