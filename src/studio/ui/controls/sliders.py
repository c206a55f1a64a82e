"""Painted faders and knobs. They are sliders to the keyboard and to screen readers, and paint themselves."""

from __future__ import annotations

from itertools import count

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QWidget

from ..theme import HIT, SMALL, color, font, mix
from .levels import FLOOR, TOP, decibels, fader_level, fader_position, gain_of, level_text, pan_text

FINE = 0.1
"""How much slower a control moves while Ctrl or Shift is held."""

_gestures = count(1)
_KEYS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_Left: -1}
_PAGES = {Qt.Key.Key_PageUp: 1, Qt.Key.Key_PageDown: -1}
_TYPED = set("0123456789-+")


class GestureSlider(QAbstractSlider):
    """A slider whose moves come as gestures: dragging, a run of keys, a run of the wheel.

    `live(amount)` follows the hand; `settled(amount, gesture)` says what stays, once per drag and once per key or wheel
    step. Steps of one run share `gesture`, a text that no other gesture has. `typed(text)` asks for an editor: a digit
    or a sign was pressed, or Enter. Amounts are in the unit of the subclass.
    """

    live = Signal(float)
    settled = Signal(float, str)
    typed = Signal(str)

    RUN = 700
    """Steps further apart than this many ms are gestures of their own."""

    def __init__(self, parent: QWidget | None, low: int, high: int, rest: int) -> None:
        super().__init__(parent)
        self.rest = rest
        self.setRange(low, high)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._gesture = ""
        self._start = self._at = 0.0
        self._pointer = QPointF()
        self._wheel = 0
        self._run: QTimer | None = None

    def amount(self) -> float:
        """What the control shows, in its own unit."""
        raise NotImplementedError

    def text(self) -> str:
        """What the control shows, as people read it."""
        raise NotImplementedError

    def position_of(self, value: float) -> float:
        """The place 0..1 on the way for a value."""
        return (value - self.minimum()) / (self.maximum() - self.minimum())

    def value_at(self, position: float) -> int:
        """The value at a place 0..1."""
        return round(self.minimum() + position * (self.maximum() - self.minimum()))

    def travel(self) -> float:
        """How many pixels of the pointer make the whole way."""
        return 160.0

    def step_size(self, coarse: bool, fine: bool) -> int:
        """How far one step of a key or of the wheel goes; `coarse` for a page."""
        return 10 if coarse else 1 if fine else 4

    @property
    def busy(self) -> bool:
        """Whether a hand is on the control, so that it must not follow the document."""
        return self.isSliderDown()

    def put(self, value: int) -> None:
        """Moves the control by a gesture that is complete at once: reset, typed value."""
        self._end_run()
        self._move(value)
        self.settled.emit(self.amount(), self._new_gesture())

    def sliderChange(self, change: QAbstractSlider.SliderChange) -> None:
        """Says the value as people read it, for screen readers, beside the plain figure that Qt gives them."""
        super().sliderChange(change)
        if change is QAbstractSlider.SliderChange.SliderValueChange:
            self.setAccessibleDescription(self.spoken())

    def spoken(self) -> str:
        """The value with its unit."""
        return self.text()

    def _new_gesture(self) -> str:
        return f"{type(self).__name__.lower()}-{next(_gestures)}"

    def _end_run(self) -> None:
        self._gesture = ""

    def _move(self, value: int) -> None:
        before = self.value()
        self.setValue(value)
        if self.value() != before:
            self.live.emit(self.amount())

    def _step(self, by: int) -> None:
        if not self._gesture:
            self._gesture = self._new_gesture()
        if self._run is None:
            self._run = QTimer(self, singleShot=True, interval=self.RUN)
            self._run.timeout.connect(self._end_run)
        self._run.start()
        before = self.value()
        self._move(before + by)
        if self.value() != before:
            self.settled.emit(self.amount(), self._gesture)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._start, self._at = self.value(), self.position_of(self.value())
        self._pointer = event.position()
        self.setSliderDown(True)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self.isSliderDown():
            return
        way = event.position() - self._pointer
        self._pointer = event.position()
        fine = _is_fine(event.modifiers())
        self._at += self.pixels(way) / self.travel() * (FINE if fine else 1.0)
        self._at = min(max(self._at, 0.0), 1.0)
        value = self.value_at(self._at)
        self._move(self.rest if not fine and abs(value - self.rest) <= self.magnet() else value)

    def pixels(self, way: QPointF) -> float:
        """How many pixels up a movement of the pointer counts."""
        return -way.y()

    def magnet(self) -> int:
        """How near to its rest value a coarse drag stops there."""
        return 0

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton or not self.isSliderDown():
            event.ignore()
            return
        self.setSliderDown(False)
        self.update()
        if self.value() != self._start:
            self.settled.emit(self.amount(), self._new_gesture())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.put(self.rest)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta().y()
        if not turn:
            event.ignore()
            return
        self._wheel += turn
        steps = int(self._wheel / 120)
        self._wheel -= steps * 120
        if steps and not self.busy:
            self._step(steps * self.step_size(False, _is_fine(event.modifiers())))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, fine = Qt.Key(event.key()), _is_fine(event.modifiers())
        if key is Qt.Key.Key_Escape and self.busy:
            self.cancel()
        elif key in _KEYS:
            self._step(_KEYS[key] * self.step_size(False, fine))
        elif key in _PAGES:
            self._step(_PAGES[key] * self.step_size(True, fine))
        elif key is Qt.Key.Key_Home:
            self.put(self.rest)
        elif key is Qt.Key.Key_End:
            self.put(self.minimum())
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.typed.emit("")
        elif event.text() and event.text() in _TYPED:
            self.typed.emit(event.text())
        else:
            event.ignore()

    def cancel(self) -> None:
        """Ends a drag and puts back what was before it."""
        self.setSliderDown(False)
        self._move(int(self._start))
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._end_run()
        self.update()


def _is_fine(modifiers: Qt.KeyboardModifier) -> bool:
    return bool(modifiers & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier))


class Fader(GestureSlider):
    """A level fader. Its value counts tenths of dB; amounts are linear gains, 0.0 at the bottom.

    Drag from anywhere (relative, so a click never jumps), Ctrl or Shift for fine, double-click or Home for 0 dB, End
    for silence, arrows for half a dB, Page keys for three.
    """

    HANDLE = QSize(24, 12)
    MARKS = (TOP, 6.0, 0.0, -5.0, -10.0, -20.0, -30.0, -40.0, -60.0)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, round(FLOOR * 10), round(TOP * 10), 0)
        self.setValue(0)

    def amount(self) -> float:
        return gain_of(self.value() / 10)

    def text(self) -> str:
        return level_text(self.value() / 10)

    def spoken(self) -> str:
        return "silent" if self.value() <= self.minimum() else f"{self.text()} dB"

    def show_gain(self, gain: float) -> None:
        """Follows the document: shows a linear gain, unless a hand is on the fader."""
        if not self.busy:
            self.setValue(round(max(decibels(gain), FLOOR) * 10))

    def position_of(self, value: float) -> float:
        return fader_position(value / 10)

    def value_at(self, position: float) -> int:
        return round(fader_level(position) * 10)

    def travel(self) -> float:
        return max(1.0, self.height() - self.HANDLE.height())

    def magnet(self) -> int:
        return 3

    def step_size(self, coarse: bool, fine: bool) -> int:
        return 30 if coarse else 1 if fine else 5

    def sizeHint(self) -> QSize:
        return QSize(36, 140)

    def _y(self, level: float) -> float:
        return self.HANDLE.height() / 2 + (1 - fader_position(level)) * self.travel()

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            x = self.width() / 2
            for level in self.MARKS:
                y, half = round(self._y(level)), 10 if level == 0 else 6
                painter.fillRect(QRectF(x - half, y, 2 * half, 1), color("dim" if level == 0 else "line"))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("well"))
            painter.drawRoundedRect(QRectF(x - 2.5, 4, 5, self.height() - 8), 2.5, 2.5)
            self._paint_handle(painter, x)

    def _paint_handle(self, painter: QPainter, x: float) -> None:
        size = self.HANDLE
        y = self._y(self.value() / 10) - size.height() / 2
        box = QRectF(x - size.width() / 2, y, size.width(), size.height())
        warm = self.busy or self.underMouse()
        painter.setBrush(mix("text", "raised", 0.4 if warm else 0.26))
        painter.setPen(QPen(color("accent"), 1.5) if self.hasFocus() else QPen(color("bg"), 1))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.fillRect(QRectF(box.x() + 3, box.center().y() - 0.75, box.width() - 6, 1.5), color("text"))


class PanKnob(GestureSlider):
    """A pan knob with its value beside it. Its value counts hundredths; amounts are -1 left to 1 right.

    Drag up or right for right; double-click or Home for the centre; End for hard left.
    """

    DIAMETER = 22

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, -100, 100, 0)

    def amount(self) -> float:
        return self.value() / 100

    def text(self) -> str:
        return pan_text(self.amount())

    def show_pan(self, pan: float) -> None:
        """Follows the document: shows a pan -1..1, unless a hand is on the knob."""
        if not self.busy:
            self.setValue(round(pan * 100))

    def pixels(self, way: QPointF) -> float:
        return way.x() - way.y()

    def magnet(self) -> int:
        return 2

    def sizeHint(self) -> QSize:
        return QSize(self.DIAMETER + 24, max(self.DIAMETER, HIT))

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            size = self.DIAMETER
            box = QRectF(1.5, (self.height() - size) / 2 + 1.5, size - 3, size - 3)
            turn = -135 * self.value() / 100
            painter.setPen(QPen(color("line"), 3, c=Qt.PenCapStyle.RoundCap))
            painter.drawArc(box, -45 * 16, 270 * 16)
            warm = "accent" if self.hasFocus() else "text" if self.underMouse() or self.busy else "dim"
            painter.setPen(QPen(color(warm), 3, c=Qt.PenCapStyle.RoundCap))
            painter.drawArc(box, 90 * 16, round(turn * 16) or 1)
            painter.save()
            painter.translate(box.center())
            painter.rotate(-turn)
            painter.setPen(QPen(color("text"), 2, c=Qt.PenCapStyle.RoundCap))
            painter.drawLine(QPointF(0, -3), QPointF(0, -size / 2 + 3.5))
            painter.restore()
            painter.setFont(font(SMALL))
            painter.setPen(color("text" if self.value() else "dim"))
            where = QRect(size + 3, 0, self.width() - size - 3, self.height())
            painter.drawText(where, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
