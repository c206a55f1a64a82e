"""A knob for one parameter, with its name above and its value below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from ..theme import SMALL, color, font
from .inline import InlineEdit
from .quantities import parse_quantity, quantity_text, value_on, way_of
from .sliders import GestureSlider

if TYPE_CHECKING:
    from ...engine.audio.effects import Parameter

STEPS = 500
"""How many places a knob has that turns without notches."""

SWEEP = 135
"""Degrees from the top to either end."""


class Knob(GestureSlider):
    """Shows and changes a parameter; its amounts are the parameter's values. With `choices` it has a notch for each.

    Drag up or right for more; double-click or Home for the value at rest; a digit, Enter or a double-click on the value
    types one.
    """

    WIDE, HIGH, DIAMETER = 64, 74, 34

    def __init__(
        self, parameter: Parameter, title: str, choices: tuple[str, ...] = (), parent: QWidget | None = None
    ) -> None:
        self.parameter, self.choices, self.title = parameter, choices, title
        self._exact: tuple[int, float] | None = None
        super().__init__(parent, 0, len(choices) - 1 if choices else STEPS, 0)
        self._rest_amount = self._before = parameter.default
        self.changed = False
        self.setAccessibleName(parameter.title)
        self.setFixedSize(self.WIDE, self.HIGH)
        self.setToolTip(f"{parameter.title}: drag, or type a value; double-click for the preset's")
        self.typed.connect(self.type_value)
        self.show_amount(parameter.default, parameter.default)

    def amount(self) -> float:
        if self._exact is not None and self._exact[0] == self.value():
            return self._exact[1]
        if self.choices:
            return self.parameter.low + self.value()
        return value_on(self.parameter, self.value() / STEPS)

    def text(self) -> str:
        if self.choices:
            return self.choices[self.value()]
        return quantity_text(self.parameter, self.amount())

    def show_amount(self, amount: float, rest: float, changed: bool = False) -> None:
        """Follows the document: a value, the one at rest, and whether it differs from that. Not under a hand."""
        self._rest_amount, self.rest = rest, self._place(rest)
        self.changed = changed
        if not self.busy:
            self._set_exactly(amount)
        self.update()

    def put(self, value: int) -> None:
        """See GestureSlider; at rest the value is the preset's own, not the nearest place of the knob."""
        if value == self.rest:
            self.put_amount(self._rest_amount)
        else:
            super().put(value)

    def put_amount(self, amount: float) -> None:
        """Moves the knob to a value by a gesture that is complete at once."""
        before = self.amount()
        self._end_run()
        self._set_exactly(amount)
        if self.amount() != before:
            self.live.emit(self.amount())
            self.settled.emit(self.amount(), self._new_gesture())

    def cancel(self) -> None:
        """Ends a drag and puts back what was before it, to the last digit."""
        self.setSliderDown(False)
        self._set_exactly(self._before)
        self.live.emit(self.amount())
        self.update()

    def type_value(self, begin: str = "") -> None:
        """Opens a line over the value to type it."""
        if self.choices:
            return
        editor = InlineEdit(self, self._foot(), self.text(), self.parameter.title, begin)
        editor.accepted.connect(self._take)

    def _take(self, text: str) -> None:
        value = parse_quantity(self.parameter, text)
        if value is not None and text != self.text():
            self.put_amount(value)

    def _place(self, amount: float) -> int:
        if self.choices:
            return min(max(round(amount - self.parameter.low), 0), len(self.choices) - 1)
        return round(way_of(self.parameter, amount) * STEPS)

    def _set_exactly(self, amount: float) -> None:
        self._exact = (self._place(amount), amount)
        self.setValue(self._exact[0])
        self.setAccessibleDescription(self.spoken())
        self.update()

    def travel(self) -> float:
        return min(60.0 + 30.0 * len(self.choices), 240.0) if self.choices else 200.0

    def pixels(self, way: QPointF) -> float:
        return way.x() - way.y()

    def magnet(self) -> int:
        return 0 if self.choices else 5

    def step_size(self, coarse: bool, fine: bool) -> int:
        if self.choices:
            return 1
        return 50 if coarse else 1 if fine else 10

    def sizeHint(self) -> QSize:
        return QSize(self.WIDE, self.HIGH)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Only the knob in use turns: elsewhere the wheel scrolls past it."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._before = self.amount()
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._foot().contains(event.position().toPoint()):
            self.type_value()
        else:
            super().mouseDoubleClickEvent(event)

    def _foot(self) -> QRect:
        return QRect(2, self.height() - 20, self.width() - 4, 20)

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(font(SMALL))
            painter.setPen(color("dim" if self.isEnabled() else "faint"))
            middle = Qt.AlignmentFlag.AlignCenter
            wide = painter.fontMetrics().elidedText(self.title, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(QRect(0, 0, self.width(), 18), middle, wide)
            self._paint_dial(painter)
            painter.setFont(font(SMALL, "medium" if self.changed else "regular"))
            painter.setPen(color("accent" if self.changed else "text" if self.isEnabled() else "faint"))
            painter.drawText(self._foot(), middle, self.text())

    def _paint_dial(self, painter: QPainter) -> None:
        size = self.DIAMETER
        box = QRectF((self.width() - size) / 2 + 2, 20, size - 4, size - 4)
        way = self.value() / max(self.maximum(), 1)
        zero = min(max(way_of(self.parameter, 0.0), 0.0), 1.0) if self.parameter.low < 0 else 0.0
        pen = QPen(color("line"), 3, c=Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawArc(box, (90 - SWEEP) * 16, 2 * SWEEP * 16)
        warm = self.hasFocus() or self.busy
        ink = "accent" if warm or self.changed else "text" if self.underMouse() else "dim"
        painter.setPen(QPen(color(ink if self.isEnabled() else "faint"), 3, c=Qt.PenCapStyle.RoundCap))
        begin = 90 + SWEEP - zero * 2 * SWEEP
        painter.drawArc(box, round(begin * 16), round((zero - way) * 2 * SWEEP * 16) or 1)
        painter.save()
        painter.translate(box.center())
        painter.rotate(-SWEEP + way * 2 * SWEEP)
        painter.setPen(QPen(color("text" if self.isEnabled() else "faint"), 2, c=Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(0, -4), QPointF(0, -size / 2 + 7))
        painter.restore()
