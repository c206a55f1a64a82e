"""Faders and knobs under mouse, wheel and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.ui.controls import Fader, GestureSlider, PanKnob


class Heard:
    """What a control said."""

    def __init__(self, control: GestureSlider) -> None:
        self.live: list[float] = []
        self.settled: list[tuple[float, str]] = []
        self.typed: list[str] = []
        control.live.connect(self.live.append)
        control.settled.connect(lambda amount, gesture: self.settled.append((amount, gesture)))
        control.typed.connect(self.typed.append)


@pytest.fixture
def fader(qtbot: QtBot) -> Fader:
    made = Fader()
    qtbot.addWidget(made)
    made.resize(40, 132)
    made.show()
    return made


def mouse(control: GestureSlider, kind: QEvent.Type, y: float, held: Qt.KeyboardModifier, x: float = 20) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button, buttons = (none, left) if kind is QEvent.Type.MouseMove else (left, left)
    QApplication.sendEvent(control, QMouseEvent(kind, QPointF(x, y), QPointF(x, y), button, buttons, held))


def drag(control: GestureSlider, ys: list[float], held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    mouse(control, QEvent.Type.MouseButtonPress, ys[0], held)
    for y in ys[1:]:
        mouse(control, QEvent.Type.MouseMove, y, held)
    mouse(control, QEvent.Type.MouseButtonRelease, ys[-1], held)


def wheel(control: GestureSlider, turn: int) -> None:
    where, none = QPointF(5, 5), Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        where, where, QPoint(), QPoint(0, turn), Qt.MouseButton.NoButton, none, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(control, event)


def test_a_click_never_jumps(fader: Fader) -> None:
    heard = Heard(fader)
    drag(fader, [120.0, 120.0])
    assert fader.amount() == 1.0
    assert heard.settled == []


def test_a_drag_is_felt_all_the_way_and_settles_once(fader: Fader) -> None:
    heard = Heard(fader)
    drag(fader, [30.0, 50.0, 70.0])
    assert len(heard.live) == 2
    assert heard.live[0] > heard.live[1]
    assert [amount for amount, _ in heard.settled] == [heard.live[-1]]


def test_two_drags_are_two_gestures(fader: Fader) -> None:
    heard = Heard(fader)
    drag(fader, [30.0, 50.0])
    drag(fader, [50.0, 70.0])
    assert len({gesture for _, gesture in heard.settled}) == 2


@pytest.mark.parametrize("held", [Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier])
def test_fine_drags_go_a_tenth_of_the_way(fader: Fader, held: Qt.KeyboardModifier) -> None:
    drag(fader, [30.0, 90.0])
    coarse = fader.position_of(0) - fader.position_of(fader.value())
    fader.show_gain(1.0)
    drag(fader, [30.0, 90.0], held)
    fine = fader.position_of(0) - fader.position_of(fader.value())
    assert fine == pytest.approx(coarse / 10, rel=0.06)


def test_the_bottom_is_silence_and_the_top_is_twelve_db(fader: Fader) -> None:
    drag(fader, [10.0, 500.0])
    assert fader.amount() == 0.0
    assert fader.text() == "−∞"
    drag(fader, [100.0, -500.0])
    assert fader.value() == 120


def test_a_coarse_drag_rests_at_zero_db(fader: Fader) -> None:
    fader.show_gain(10 ** (-6 / 20))
    mouse(fader, QEvent.Type.MouseButtonPress, 60.0, Qt.KeyboardModifier.NoModifier)
    seen = []
    for y in range(59, 30, -1):
        mouse(fader, QEvent.Type.MouseMove, float(y), Qt.KeyboardModifier.NoModifier)
        seen.append(fader.value())
    assert 0 in seen


def test_double_click_goes_to_zero_db_in_one_step(fader: Fader) -> None:
    heard = Heard(fader)
    fader.show_gain(0.1)
    mouse(fader, QEvent.Type.MouseButtonDblClick, 60.0, Qt.KeyboardModifier.NoModifier)
    assert fader.amount() == 1.0
    assert [amount for amount, _ in heard.settled] == [1.0]


def test_escape_puts_back_what_was(fader: Fader, qtbot: QtBot) -> None:
    heard = Heard(fader)
    fader.show_gain(0.5)
    before = fader.value()
    mouse(fader, QEvent.Type.MouseButtonPress, 60.0, Qt.KeyboardModifier.NoModifier)
    mouse(fader, QEvent.Type.MouseMove, 90.0, Qt.KeyboardModifier.NoModifier)
    qtbot.keyClick(fader, Qt.Key.Key_Escape)
    mouse(fader, QEvent.Type.MouseButtonRelease, 90.0, Qt.KeyboardModifier.NoModifier)
    assert fader.value() == before
    assert heard.settled == []
    assert heard.live[-1] == fader.amount()


def test_a_hand_on_the_fader_wins_over_the_document(fader: Fader) -> None:
    mouse(fader, QEvent.Type.MouseButtonPress, 60.0, Qt.KeyboardModifier.NoModifier)
    fader.show_gain(0.25)
    assert fader.amount() == 1.0
    mouse(fader, QEvent.Type.MouseButtonRelease, 60.0, Qt.KeyboardModifier.NoModifier)
    fader.show_gain(0.25)
    assert fader.text() == "−12.0"


def test_keys_and_wheel_step_and_a_run_is_one_gesture(fader: Fader, qtbot: QtBot) -> None:
    heard = Heard(fader)
    qtbot.keyClick(fader, Qt.Key.Key_Up)
    qtbot.keyClick(fader, Qt.Key.Key_PageDown)
    qtbot.keyClick(fader, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert fader.value() == 5 - 30 - 1
    wheel(fader, 120)
    wheel(fader, 60)
    wheel(fader, 60)
    assert fader.value() == 5 - 30 - 1 + 10
    assert len(heard.settled) == 5
    assert len({gesture for _, gesture in heard.settled}) == 1


def test_home_is_zero_db_and_end_is_silence(fader: Fader, qtbot: QtBot) -> None:
    qtbot.keyClick(fader, Qt.Key.Key_End)
    assert fader.amount() == 0.0
    qtbot.keyClick(fader, Qt.Key.Key_Home)
    assert fader.amount() == 1.0


def test_typing_a_figure_asks_for_an_editor(fader: Fader, qtbot: QtBot) -> None:
    heard = Heard(fader)
    qtbot.keyClicks(fader, "-")
    qtbot.keyClick(fader, Qt.Key.Key_Return)
    assert heard.typed == ["-", ""]


def test_letters_are_left_to_the_window(fader: Fader, qtbot: QtBot) -> None:
    heard = Heard(fader)
    qtbot.keyClicks(fader, "m")
    assert (heard.typed, heard.settled) == ([], [])


def test_the_knob_turns_by_both_axes_and_rests_in_the_centre(qtbot: QtBot) -> None:
    knob = PanKnob()
    qtbot.addWidget(knob)
    none = Qt.KeyboardModifier.NoModifier
    mouse(knob, QEvent.Type.MouseButtonPress, 10, none)
    mouse(knob, QEvent.Type.MouseMove, 10, none, x=60)
    right = knob.amount()
    mouse(knob, QEvent.Type.MouseMove, -30, none, x=60)
    assert 0 < right < knob.amount()
    assert knob.text().startswith("R")
    mouse(knob, QEvent.Type.MouseButtonRelease, -30, none, x=60)
    mouse(knob, QEvent.Type.MouseButtonDblClick, 10, none)
    assert knob.amount() == 0.0


def test_screen_readers_hear_decibels(fader: Fader) -> None:
    fader.show_gain(0.5)
    assert fader.accessibleDescription() == "−6.0 dB"
    fader.show_gain(0.0)
    assert fader.accessibleDescription() == "silent"
