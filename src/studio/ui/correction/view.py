"""The sung notes of a clip as blobs over lines of semitones, with the mouse and the keys that move them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame

from .. import theme
from ..coach.paint import paint_sentence
from . import accessible
from .hand import Hand
from .staff import HEAD, NAMES, Staff, paint, song_offset
from .tuning import MAKING, Tuning

Key, Held = Qt.Key, Qt.KeyboardModifier

LEAST, MOST = 40.0, 2000.0
"""Pixels a second."""

ROW = (14.0, 30.0)
"""How high a semitone is at least and at most."""

AROUND = 3.0
"""Semitones that are shown above and below the notes."""


class BlobView(QAbstractScrollArea):
    """Main thread. `heard(number)` asks for a note to be played, `locate_requested(frame)` for the playhead,
    `menu_requested(place)` for the menu of the notes."""

    heard = Signal(int)
    locate_requested = Signal(int)
    menu_requested = Signal(object)

    def __init__(self, tuning: Tuning) -> None:
        super().__init__()
        accessible.install()
        self.tuning = tuning
        self.playhead: float | None = None
        self._scale = 120.0
        self._shown: tuple[str, str] = ("", "")
        self.hand = Hand(self)
        self.setAccessibleName("Sung notes")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.setMinimumHeight(80)
        tuning.shown.connect(self._follow)
        tuning.selected.connect(self._selected)
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.valueChanged.connect(lambda _: self.viewport().update())

    @property
    def staff(self) -> Staff:
        """Where everything stands now."""
        rate = self.tuning.rate
        first = self.tuning.window[0] / rate + self.horizontalScrollBar().value() / self._scale
        low, high = self._range()
        row = self._row(low, high)
        return Staff(self._scale, row, first, high - self.verticalScrollBar().value() / row)

    def _range(self) -> tuple[float, float]:
        """The lowest and the highest semitone that there are."""
        correction = self.tuning.correction
        notes = [correction.notes[n] for n in self.tuning.visible]
        places = [place for note in notes for place in (note.pitch, note.pitch + correction.moved(note))]
        return (min(places, default=60.0) - AROUND, max(places, default=60.0) + AROUND)

    def _row(self, low: float, high: float) -> float:
        return min(max((self.viewport().height() - HEAD) / max(high - low, 1.0), ROW[0]), ROW[1])

    def _follow(self) -> None:
        tuning = self.tuning
        shown = (tuning.clip_id, tuning.take_id) if tuning.sung is not None else ("", "")
        if shown != self._shown:
            self._shown = shown
            self.hand.abandon()
            self.fit()
        if not self.hand.busy:
            self._settle()
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        self.viewport().update()

    def _selected(self) -> None:
        accessible.tell_selection(self)
        self.viewport().update()

    def fit(self) -> None:
        """Shows the whole clip."""
        first, last = self.tuning.window
        seconds = max((last - first) / self.tuning.rate, 0.05)
        self._scale = min(max((self.viewport().width() - NAMES - theme.PAD) / seconds, 60.0), 400.0)
        self._settle()
        self.horizontalScrollBar().setValue(0)

    def zoom(self, factor: float, x: float) -> None:
        """Shows more or fewer seconds; what lies under a pixel stays there."""
        at = self.staff.seconds(x)
        self._scale = min(max(self._scale * factor, LEAST), MOST)
        self._settle()
        start = self.tuning.window[0] / self.tuning.rate
        self.horizontalScrollBar().setValue(round((at - start) * self._scale - (x - NAMES)))
        self.viewport().update()

    def _settle(self) -> None:
        """Gives the scroll bars their ranges."""
        first, last = self.tuning.window
        room = self.viewport().size()
        wide, seen = round((last - first) / self.tuning.rate * self._scale), room.width() - NAMES - theme.PAD
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setRange(0, max(wide - seen, 0))
        across.setPageStep(max(seen, 1))
        low, high = self._range()
        tall = round((high - low) * self._row(low, high))
        down.setRange(0, max(tall - (room.height() - HEAD), 0))
        down.setPageStep(max(room.height() - HEAD, 1))

    def reveal(self, number: int) -> None:
        """Scrolls to a note."""
        box = self.staff.box(self.tuning.notes[number], self.tuning.correction, self.tuning.rate)
        room = QRectF(self.viewport().rect()).adjusted(NAMES, HEAD, 0, 0)
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        if not room.left() <= box.left() <= room.right() - 20:
            across.setValue(across.value() + round(box.left() - room.left() - room.width() / 4))
        if not room.top() + 20 <= box.center().y() <= room.bottom() - 10:
            down.setValue(down.value() + round(box.center().y() - room.center().y()))

    def at(self, place: QPointF) -> int:
        """The number of the note at a place; -1 for none."""
        staff, correction, rate = self.staff, self.tuning.correction, self.tuning.rate
        if place.x() < NAMES or place.y() < HEAD or self.tuning.sung is None:
            return -1
        near = [n for n in self.tuning.visible if staff.box(correction.notes[n], correction, rate).contains(place)]
        return near[-1] if near else -1

    def show_playhead(self, frame: int) -> None:
        """Follows the playhead, a frame of the song."""
        tuning = self.tuning
        seconds = (frame - song_offset(tuning)) / tuning.rate if tuning.sung is not None else None
        if seconds != self.playhead:
            self.playhead = seconds
            self.viewport().update()

    def locate(self, x: float) -> None:
        """Asks for the playhead at a pixel."""
        self.locate_requested.emit(max(round(self.staff.seconds(x) * self.tuning.rate) + song_offset(self.tuning), 0))

    # -- Qt ------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        box = QRectF(self.viewport().rect())
        with QPainter(self.viewport()) as painter:
            if self.tuning.sentence:
                paint_sentence(painter, box, self.tuning.sentence)
                return
            paint(painter, box, self.staff, self.tuning, self.playhead, self.hasFocus())
            self.hand.paint(painter)
            if self.tuning.waits:
                self._say(painter, box, MAKING)

    def _say(self, painter: QPainter, box: QRectF, text: str) -> None:
        """A line at the foot of the picture."""
        painter.setFont(theme.font(theme.SMALL, "medium"))
        width = painter.fontMetrics().horizontalAdvance(text) + 2 * theme.PAD
        place = QRectF(NAMES + theme.PAD, box.height() - 28, min(width, box.width() - NAMES - 2 * theme.PAD), 20)
        painter.fillRect(place, theme.color("warn_soft"))
        painter.setPen(theme.color("warn"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._settle()
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.hand.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hand.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.hand.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.hand.double_click(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_requested.emit(event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta()
        if event.modifiers() & Held.ControlModifier:
            self.zoom(1.25 ** (turn.y() / 120), event.position().x())
        elif event.modifiers() & Held.ShiftModifier or abs(turn.x()) > abs(turn.y()):
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() - (turn.x() or turn.y()))
        else:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() - turn.y() // 2)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.hand.key(event):
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()
