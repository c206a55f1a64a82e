"""One channel of the mixer: a painted widget with painted controls on it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QWidget

from ...document.edits import mix, tracks
from ...document.project import Strip as StripState
from ...document.project import TrackKind
from ..controls import (
    Chip,
    Fader,
    InlineEdit,
    LetterButton,
    Meter,
    PanKnob,
    bar_rows,
    decibels,
    level_text,
    paint_meter,
    paint_meter_scale,
    parse_level,
    parse_pan,
)
from ..controls.sliders import GestureSlider
from ..theme import GAP, SMALL, color, font
from ..theme import mix as blend
from . import menu
from .desk import Desk
from .geometry import LINE, Places, places

MASTER_COLOR = "#9aa1af"


@dataclass(frozen=True)
class StripView:
    """What a strip shows of the song. `lines` are its inserts and sends; `silent`: others are soloed, it is not."""

    name: str
    color: str
    strip: StripState
    lines: tuple[str, ...] = ()
    silent: bool = False
    inputs: tuple[int, ...] = ()
    armed: bool = False


class Strip(QWidget):
    """A strip of a track, a bus or the master (`kind` None). Main thread.

    `show_state` follows the document; `feed` takes the meter's peaks and asks for a repaint of what changed.
    """

    def __init__(self, desk: Desk, strip_id: str, kind: TrackKind | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.id, self.kind, self._desk = strip_id, kind, desk
        self.name = ""
        self.view = StripView("", MASTER_COLOR, StripState())
        self._selected = False
        self._line_count = 0
        self.meter = Meter()
        self._rows = (0, 0, 0, 0, False)
        self._peak_text = ""
        self._places: Places = places(104, 220, 0)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._make_controls()

    def _make_controls(self) -> None:
        self.mute = self._letter("M", "mute", lambda on: self._desk.apply(mix.set_mute(self.id, on)))
        self.buttons = [self.mute]
        if self.kind is not None:
            self.solo = self._letter("S", "solo", self._press_solo)
            self.buttons.append(self.solo)
        if self.records:
            self.arm = self._letter("R", "arm", lambda on: self._desk.apply(tracks.arm(self.id, on)))
            self.buttons.append(self.arm)
        self.pan = PanKnob(self)
        self.pan.live.connect(lambda pan: self._desk.live(self.id, pan=pan))
        self.pan.settled.connect(self._settle_pan)
        self.pan.typed.connect(lambda begin: self._type(self.pan, self._places.pan, "Pan", begin))
        if self.kind == "audio":
            self.input = Chip("In 1", checkable=False, parent=self)
            self.input.clicked.connect(lambda: menu.show_inputs(self._desk, self.id, self.input))
        self.fader = Fader(self)
        self.fader.live.connect(self._fader_moves)
        self.fader.settled.connect(self._settle_gain)
        self.fader.typed.connect(lambda begin: self._type(self.fader, self._places.level, "Level", begin))

    def _letter(self, letter: str, light: str, toggle: object) -> LetterButton:
        button = LetterButton(letter, "", light, self)
        button.clicked.connect(toggle)
        button.clicked.connect(self._follow)
        return button

    def show_state(self, view: StripView) -> None:
        """Shows a strip as the song has it now."""
        if view.name != self.name:
            self.name = view.name
            self._name_controls()
        self.view = view
        if self.kind == "audio":
            text = menu.input_text(view.inputs)
            self.input.setText(text)
            self.input.setAccessibleName(f"Input of {view.name}: {text}")
        self._follow()
        self.update()

    def _follow(self, _: bool = False) -> None:
        """Puts the controls where the song has them: after a change, and after one that was refused."""
        view = self.view
        self.mute.setChecked(view.strip.mute)
        if self.kind is not None:
            self.solo.setChecked(view.strip.solo)
        if self.records:
            self.arm.setChecked(view.armed)
        self.fader.show_gain(view.strip.gain)
        self.pan.show_pan(view.strip.pan)

    def _name_controls(self) -> None:
        self.setAccessibleName(f"Strip {self.name}")
        self.mute.setAccessibleName(f"Mute {self.name}")
        self.fader.setAccessibleName(f"Level of {self.name}")
        self.pan.setAccessibleName(f"Pan of {self.name}")
        if self.kind is not None:
            self.solo.setAccessibleName(f"Solo {self.name}")
        if self.records:
            self.arm.setAccessibleName(f"Record on {self.name}")

    def set_selected(self, selected: bool) -> None:
        """Shows whether this is the chosen track."""
        if selected != self._selected:
            self._selected = selected
            self.update()

    @property
    def records(self) -> bool:
        """Whether it is the strip of a track that can be armed."""
        return self.kind in {"audio", "instrument"}

    @property
    def line_count(self) -> int:
        """How many inserts and sends this strip has."""
        return len(self.view.lines)

    @property
    def listening(self) -> tuple[int, ...]:
        """The input channels whose level the meter shows: those of an armed track of sound."""
        return self.view.inputs if self.view.armed and self.kind == "audio" else ()

    def set_line_count(self, count: int) -> None:
        """How many lines of inserts every strip of the mixer keeps free, so that faders stand side by side."""
        if count != self._line_count:
            self._line_count = count
            self._arrange()

    def feed(self, left: float, right: float, factor: float, seconds: float, visible: bool) -> None:
        """Takes the peaks since the last tick; `factor` is `controls.fall(seconds)`. One repaint at most."""
        meter = self.meter
        meter.feed(left, right, factor, seconds)
        if not visible:
            return
        rect = self._places.meter
        rows = meter.rows(bar_rows(rect.height(), self.devicePixelRatioF()))
        text = level_text(decibels(meter.highest)) if meter.highest > 0.0001 else ""
        if text != self._peak_text or rows[4] != self._rows[4]:
            rect = rect.united(self._places.peak)
        elif rows == self._rows:
            return
        self._rows, self._peak_text = rows, text
        self.update(rect)

    def clear_peak(self) -> None:
        """Forgets the highest peak and puts the clip light out."""
        self.meter.clear()
        self._peak_text = ""
        self._rows = self.meter.rows(bar_rows(self._places.meter.height(), self.devicePixelRatioF()))
        self.update()

    def rename(self) -> None:
        """Opens the name for editing in place; the master has none."""
        if self.kind is not None:
            edit = InlineEdit(self, self._places.name, self.name, "Track name")
            edit.accepted.connect(self._take_name)

    def _take_name(self, text: str) -> None:
        if text.strip() and text.strip() != self.name:
            self._desk.apply(tracks.rename_track(self.id, text.strip()))

    def _press_solo(self, on: bool) -> None:
        control = bool(QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ControlModifier)
        self._desk.solo(self.id, on, control)

    def _fader_moves(self, gain: float) -> None:
        self._desk.live(self.id, gain=gain)
        self.update(self._places.level)

    def _settle_gain(self, gain: float, gesture: str) -> None:
        if not self._desk.apply(mix.set_gain(self.id, gain, gesture)):
            self._take_back(gain=True)

    def _settle_pan(self, pan: float, gesture: str) -> None:
        if not self._desk.apply(mix.set_pan(self.id, pan, gesture)):
            self._take_back(gain=False)

    def _take_back(self, gain: bool) -> None:
        self._follow()
        self._desk.live(self.id, gain=self.fader.amount() if gain else None, pan=None if gain else self.pan.amount())
        self.update()

    def _type(self, control: GestureSlider, rect: QRect, name: str, begin: str = "") -> None:
        edit = InlineEdit(self, rect.adjusted(-2, -2, 2, 2), control.text(), f"{name} of {self.name}", begin)
        edit.accepted.connect(lambda text: self._take_typed(control, text))

    def _take_typed(self, control: GestureSlider, text: str) -> None:
        if control is self.fader:
            level = parse_level(text)
            value = None if level is None else round(max(level, control.minimum() / 10) * 10)
        else:
            pan = parse_pan(text)
            value = None if pan is None else round(pan * 100)
        if value is not None and value != control.value():
            control.put(value)
        self.update()

    def _arrange(self) -> None:
        at = self._places = places(self.width(), self.height(), self._line_count)
        count = len(self.buttons)
        wide = min((at.buttons.width() - (count - 1) * GAP) // count, 44)
        for n, button in enumerate(self.buttons):
            button.setGeometry(at.buttons.x() + n * (wide + GAP), at.buttons.y(), wide, at.buttons.height())
        self.pan.setGeometry(at.pan)
        self.fader.setGeometry(at.fader)
        if self.kind == "audio":
            self.input.setGeometry(at.chip)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        where = event.position().toPoint()
        if event.button() is Qt.MouseButton.LeftButton and self._on_meter(where):
            self.clear_peak()
        self._desk.picked.emit(self.id)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        where = event.position().toPoint()
        if self._places.name.contains(where):
            self.rename()
        elif self._places.level.contains(where):
            self._type(self.fader, self._places.level, "Level")

    def _on_meter(self, where: QPoint) -> bool:
        return self._places.meter.adjusted(-4, -4, 4, 4).contains(where) or self._places.peak.contains(where)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._desk.picked.emit(self.id)
        menu.show_strip_menu(self._desk, self, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.kind is not None:
            self.rename()
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason}:
            self._desk.picked.emit(self.id)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        dirty = event.rect()
        with QPainter(self) as painter:
            painter.fillRect(dirty, self._ground())
            at = self._places
            if dirty.intersects(at.meter):
                paint_meter(painter, at.meter, self.devicePixelRatioF(), self._rows)
            if dirty.intersects(at.peak) or dirty.intersects(at.level):
                self._paint_numbers(painter)
            if not at.meter.united(at.peak).contains(dirty):
                self._paint_rest(painter, dirty)

    def _ground(self) -> QColor:
        if self._selected:
            return blend("raised", "panel", 0.45)
        return color("panel") if self.kind is not None else blend("raised", "panel", 0.4)

    def _paint_numbers(self, painter: QPainter) -> None:
        at, middle = self._places, Qt.AlignmentFlag.AlignCenter
        painter.setFont(font(SMALL, mono=True))
        painter.setPen(color("text"))
        painter.drawText(at.level, middle, self.fader.text())
        if self.meter.clipped:
            painter.fillRect(at.peak.adjusted(0, 1, 0, -1), color("rec_soft"))
        painter.setPen(color("rec_text" if self.meter.clipped else "dim"))
        painter.drawText(at.peak, middle, self._peak_text)

    def _paint_rest(self, painter: QPainter, dirty: QRect) -> None:
        at = self._places
        painter.fillRect(self.width() - 1, dirty.y(), 1, dirty.height(), color("line"))
        if self._selected:
            painter.fillRect(0, 0, self.width() - 1, 2, color("accent"))
        if dirty.intersects(at.inserts):
            self._paint_lines(painter, at.inserts)
        if self.kind is None and dirty.intersects(at.scale):
            painter.setFont(font(10, mono=True))
            paint_meter_scale(painter, at.scale, at.meter)
        if dirty.intersects(at.name):
            self._paint_name(painter, at.name)

    def _paint_lines(self, painter: QPainter, rect: QRect) -> None:
        painter.setFont(font(SMALL))
        room = rect.height() // LINE
        every = self.view.lines
        lines = every if len(every) <= room else (*every[: room - 1], "…")
        metrics = QFontMetrics(painter.font())
        for n, text in enumerate(lines[:room]):
            box = QRect(rect.x(), rect.y() + n * LINE, rect.width(), LINE - 2)
            painter.fillRect(box, color("raised"))
            painter.setPen(color("dim"))
            inner = box.adjusted(6, 0, -6, 0)
            name, _, level = text.partition("\t")
            room_left = inner.width() - (metrics.horizontalAdvance(level) + GAP if level else 0)
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room_left)
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, shown)
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, level)

    def _paint_name(self, painter: QPainter, rect: QRect) -> None:
        silent = self.view.silent or self.view.strip.mute
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(color("accent") if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(blend(self.view.color, "panel", 0.3) if silent else color(self.view.color))
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setFont(font(weight="semibold"))
        painter.setPen(color("text" if silent else "bg"))
        shown = QFontMetrics(painter.font()).elidedText(self.name, Qt.TextElideMode.ElideRight, rect.width() - 8)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, shown)
        painter.restore()

    def controls(self) -> list[QAbstractButton | GestureSlider]:
        """The controls in the order of the Tab key."""
        chip = [self.input] if self.kind == "audio" else []
        return [*self.buttons, self.pan, *chip, self.fader]
