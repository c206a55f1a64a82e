"""The editor widget: notes in the middle, ruler above, keys or lanes at the left, values below, scrolled together."""

from __future__ import annotations

import traceback

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QLabel, QWidget

from ...document.edits.controls import Line
from .. import theme
from ..timeline.axis import Axis, fitting
from ..timeline.labels import device_font
from . import accessible, keyboard, lane, pointlane, ruler
from .canvas import Canvas
from .editing import Editing
from .keyboard import Keyboard
from .keys import Keys
from .lane import LaneKind, ValueLane
from .lines import line_title
from .pointer import Pointer
from .pointlane import PointLane
from .rows import Rows, piano_rows, pitch_name
from .ruler import NoteRuler
from .snapping import NoteGrid, SnapMode
from .stage import Stage
from .stepping import StepEntry
from .syllables import Syllables

LaneChoice = LaneKind | Line
"""What the lane below the notes shows."""

LANES = ("velocity", "probability")
STEP = 1.25
"""How much a wheel notch or a key zooms."""

KEY_HEIGHT, LEAST_KEY, MOST_KEY = 14, 4, 40
SCROLL = 66
START_BARS = 4
NO_SONG = "Open a song or start one to write notes here."
NO_CLIP = "Select a clip of notes on the timeline, or press Ctrl+Shift+C for a new one."
NO_NOTES = "Double-click to draw a note, or press B for the pen."


class NoteView(QAbstractScrollArea):
    """The piano roll of one clip. Main thread. `DrumView` makes a drum grid of it.

    `locate_requested(frame)`: the playhead should go there. `menu_requested(point)`: the menu should open there.
    `painting_failed(sentence, details)`: a picture could not be painted; the window goes on.
    """

    locate_requested = Signal(int)
    menu_requested = Signal(QPoint)
    painting_failed = Signal(str, str)
    title = "Piano roll"

    def __init__(self, stage: Stage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stage = stage
        self.snap: SnapMode = "1/16"
        self.follows = True
        self.row_height = self.start_height()
        self.canvas = Canvas(stage, self.make_rows())
        self.pointer = self.make_pointer()
        self.keys = Keys(self)
        self.editing = Editing(self)
        self.syllables = Syllables(self)
        self.side = self.make_side()
        self.ruler = NoteRuler(self)
        self.lane = ValueLane(self)
        self.points = PointLane(self)
        self.points.hide()
        self.lane_name = QLabel("Velocity", self)
        self.paint_failures = 0
        self.steps: StepEntry | None = None
        """Step entry, which has its own keys while it is on."""
        self._settling = False
        self._fresh = True
        self._shown_axis: Axis | None = None
        self._set_up()

    def _set_up(self) -> None:
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setViewportMargins(self.side_width(), ruler.HEIGHT, 0, self.lane_height())
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.title)
        self.lane_name.setProperty("role", "dim")
        self.lane_name.setFont(theme.font(theme.SMALL))
        self.lane_name.setWordWrap(True)
        self.lane_name.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
        canvas = self.viewport()
        canvas.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        canvas.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        canvas.setMouseTracking(True)
        canvas.setAccessibleName("Notes")
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.stage.shown.connect(self.redraw)
        self.stage.opened.connect(self._clip_opened)
        self.stage.selected.connect(lambda: accessible.tell_selection(self))
        accessible.install()

    # -- what a drum grid does otherwise ---------------------------------------------------------------------------

    def start_height(self) -> int:
        """The height of a row in logical pixels before anybody zooms."""
        return KEY_HEIGHT

    def side_width(self) -> int:
        """The width of what stands at the left, in logical pixels."""
        return keyboard.WIDTH

    def make_rows(self) -> Rows:
        """The rows as they are now."""
        return piano_rows(round(self.row_height * self.stage.axis.ratio))

    def make_side(self) -> QWidget:
        """What stands at the left of the rows."""
        return Keyboard(self)

    def make_pointer(self) -> Pointer:
        """The hand."""
        return Pointer(self)

    def pitch_text(self, pitch: int) -> str:
        """What a pitch is called here."""
        return pitch_name(pitch)

    # -- the view --------------------------------------------------------------------------------------------------

    def grid(self) -> NoteGrid:
        """The grid at this zoom."""
        project = self.stage.project
        assert project is not None
        return NoteGrid(project.signatures, self.snap, self.stage.axis.logical_per_tick())

    def change_snap(self, mode: SnapMode) -> None:
        """Chooses another grid."""
        self.snap = mode
        self.redraw()

    def lane_height(self) -> int:
        """The height of the lane below the notes, in logical pixels."""
        return lane.HEIGHT if self.points.isHidden() else pointlane.HEIGHT

    def show_lane(self, choice: LaneChoice) -> None:
        """Shows another lane below the notes: a value of theirs, or a line of controllers."""
        if choice in LANES:
            self.lane.show_kind("velocity" if choice == "velocity" else "probability")
            self.points.hide()
            self.lane.show()
        else:
            self.points.show_line(choice)
            self.lane.hide()
            self.points.show()
        self.lane_name.setText(
            choice.capitalize() if isinstance(choice, str) and choice in LANES else line_title(choice)
        )
        self.setViewportMargins(self.side_width(), ruler.HEIGHT, 0, self.lane_height())
        self._lay_out()

    @property
    def shown_lane(self) -> LaneChoice:
        """What the lane shows."""
        return self.lane.kind if self.points.isHidden() else self.points.line

    def redraw(self) -> None:
        """Paints everything anew."""
        self.canvas.stale = True
        for widget in (self.viewport(), self.ruler, self.side):
            widget.update()
        self.lane.redraw()
        self.points.redraw()

    def move_playhead(self, frame: int) -> None:
        """Shows the playhead elsewhere; only its columns are painted."""
        if frame == self.stage.playhead:
            return
        old = self._playhead_x()
        self.stage.playhead = frame
        new = self._playhead_x()
        if old != new:
            for x in (old, new):
                for widget in (self.viewport(), self.ruler):
                    widget.update(QRect(int(x / self.stage.axis.ratio) - 4, 0, 9, widget.height()))

    def follow(self) -> None:
        """Turns the page when the playhead leaves it, inside the clip and under no hand."""
        clip, stage = self.stage.clip, self.stage
        busy = self.pointer.gesture is not None or self.lane.dragging or self.points.dragging
        if not self.follows or busy or clip is None or not clip.anchor <= stage.playhead_tick < clip.end:
            return
        x, width = self._playhead_x(), self.canvas.backing.width
        if not 0 <= x < width * 0.98:
            self.scroll_by(round(x - width * 0.04), 0)

    def _playhead_x(self) -> int:
        return round(self.stage.axis.x(self.stage.playhead_tick))

    def _clip_opened(self) -> None:
        """Another clip: it is shown from its beginning, by an editor out of sight once that is seen."""
        self.pointer.abandon()
        self._fresh = True
        self.reload_rows()
        self._show_fresh()

    def _show_fresh(self) -> None:
        """Shows a clip's beginning once there is room, and anew with another room until the view is moved."""
        untouched = self._fresh or self._shown_axis is self.stage.axis
        if untouched and self.isVisible() and self.canvas.backing.width > 1:
            self._fresh = False
            self.show_notes(whole=False)
            self._shown_axis = self.stage.axis

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._lay_out()
        self.reload_rows()
        self._show_fresh()

    def reload_rows(self) -> None:
        """Looks again at which rows there are and how high they are."""
        rows = self.make_rows()
        before = self.canvas.rows
        at = (self.canvas.top + self.canvas.backing.height / 2) / before.height
        self.canvas.rows = rows
        if rows.height != before.height:
            self.canvas.top = max(round(at * rows.height - self.canvas.backing.height / 2), 0)
        self.update_ranges()
        self.redraw()

    def show_notes(self, whole: bool = True) -> None:
        """Zooms to the clip, or with `whole` to its notes (to the selected ones); the pitches come to the middle."""
        stage = self.stage
        clip, table = stage.clip, stage.table
        if clip is None:
            self.redraw()
            return
        mask = table.chosen(stage.selection) if stage.selection and whole else table.inside
        first, last = float(clip.anchor), float(clip.end if not clip.loop else min(clip.end, clip.origin + clip.loop))
        if whole and mask.any():
            first, last = float(table.start[mask].min()), float(table.end[mask].max())
        elif not whole:
            last = min(last, first + START_BARS * 3840)
        room = (last - first) * 0.04
        width = max(self.canvas.backing.width, 1)
        self.stage.axis = fitting(max(first - room, 0), last + room, width, stage.axis.ratio)
        rows = self.canvas.rows.of_pitch[table.pitch[mask].astype(int)] if mask.any() else []
        seen = [row for row in rows if row >= 0] or [int(self.canvas.rows.of_pitch[60])]
        middle = (min(seen) + max(seen) + 1) / 2 * self.canvas.rows.height
        self.canvas.top = max(round(middle - self.canvas.backing.height / 2), 0)
        self.update_ranges()
        self.redraw()

    def reveal(self, note_id: str) -> None:
        """Scrolls so far that a note is seen."""
        place = self.stage.table.place(note_id)
        if place < 0:
            return
        table, axis, backing = self.stage.table, self.stage.axis, self.canvas.backing
        x, row = axis.x(float(table.start[place])), int(self.canvas.rows.of_pitch[int(table.pitch[place])])
        y = self.canvas.y(row)
        edge = 24 * axis.ratio
        dx = min(x - edge, 0) + max(x - (backing.width - 2 * edge), 0)
        dy = min(y, 0) + max(y + self.canvas.rows.height - backing.height, 0) if row >= 0 else 0
        self.scroll_by(round(dx), round(dy))

    def zoom(self, factor: float, x: float | None = None) -> None:
        """Zooms in time around a column of the canvas, by default its middle."""
        backing = self.canvas.backing
        self.stage.axis = self.stage.axis.zoomed(factor, backing.width / 2 if x is None else x, 2e-4)
        self.update_ranges()
        self.redraw()

    def zoom_rows(self, factor: float) -> None:
        """Makes rows higher or lower."""
        wanted = self.row_height * factor
        self.row_height = min(max(round(wanted + (0.5 if factor > 1 else -0.5)), LEAST_KEY), MOST_KEY)
        self.reload_rows()

    def scroll_by(self, dx: int, dy: int) -> None:
        """Scrolls by device pixels; to the right without end."""
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        to = max(self.stage.axis.scroll + dx, 0)
        if to > across.maximum():
            across.setMaximum(to)
        across.setValue(to)
        down.setValue(down.value() + dy)

    def update_ranges(self) -> None:
        """Fits the scroll bars to the clip and the rows."""
        across, down, axis, backing = (
            self.horizontalScrollBar(),
            self.verticalScrollBar(),
            self.stage.axis,
            self.canvas.backing,
        )
        clip = self.stage.clip
        self._settling = True
        end = round(clip.end * axis.per_tick) if clip else 0
        across.setRange(0, max(end - backing.width // 2, axis.scroll, 0))
        across.setPageStep(backing.width)
        across.setSingleStep(round(SCROLL * axis.ratio))
        across.setValue(axis.scroll)
        down.setRange(0, max(self.canvas.rows.extent - backing.height, 0))
        down.setPageStep(backing.height)
        down.setSingleStep(self.canvas.rows.height)
        down.setValue(self.canvas.top)
        self.canvas.top = down.value()
        self._settling = False

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        if self._settling:
            return
        self.stage.axis = self.stage.axis.scrolled_to(self.horizontalScrollBar().value())
        self.canvas.top = self.verticalScrollBar().value()
        self.viewport().update()
        if dx:
            self.ruler.update()
            self.lane.update()
            self.points.update()
        if dy:
            self.side_scrolled()

    def side_scrolled(self) -> None:
        """The rows stand elsewhere."""
        self.side.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        box, width, ratio = self.viewport().geometry(), self.side_width(), self.devicePixelRatioF()
        self.ruler.setGeometry(box.left(), box.top() - ruler.HEIGHT, box.width(), ruler.HEIGHT)
        self.side.setGeometry(box.left() - width, box.top(), width, box.height())
        self.lane_name.setGeometry(box.left() - width + 2, box.bottom() + 4, width - 6, self.lane_height() - 8)
        for below in (self.lane, self.points):
            below.setGeometry(box.left(), box.bottom() + 1, box.width(), self.lane_height())
        if ratio != self.stage.axis.ratio:
            self.stage.axis = self.stage.axis.at_ratio(ratio)
            self.reload_rows()
        size = (-int(-box.width() * ratio // 1), -int(-box.height() * ratio // 1))
        if size != (self.canvas.backing.width, self.canvas.backing.height):
            self.canvas.resize(*size)
            self.update_ranges()
            self._show_fresh()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._lay_out()
            self.redraw()
        return super().event(event)

    # -- the picture -----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        try:
            self._paint(event)
        except Exception as error:  # an exception that leaves a paint event ends the program
            self.paint_failed(error)

    def _paint(self, event: QPaintEvent) -> None:
        stage, ratio, backing = self.stage, self.stage.axis.ratio, self.canvas.backing
        self.canvas.refresh(self.grid() if stage.project is not None else None)
        with QPainter(self.viewport()) as painter:
            painter.scale(1 / ratio, 1 / ratio)
            for rect in event.region():
                x, y = int(rect.x() * ratio), int(rect.y() * ratio)
                width, height = -int(-rect.width() * ratio // 1) + 1, -int(-rect.height() * ratio // 1) + 1
                painter.drawImage(QPoint(x, y), backing.image, QRect(x, y, width, height))
            if stage.clip is not None:
                wide = max(round(1.5 * ratio), 1)
                painter.fillRect(self._playhead_x() - wide // 2, 0, wide, backing.height, theme.color("text"))
            self._hint(painter)
            if self.pointer.gesture is not None:
                self.pointer.gesture.paint(painter)
                self._say(painter, self.pointer.gesture.says)

    def hint(self) -> str:
        """What to say where there is nothing to show; empty where there is."""
        if self.stage.project is None:
            return NO_SONG
        if self.stage.clip is None:
            return NO_CLIP
        return "" if len(self.stage.table) else NO_NOTES

    def _hint(self, painter: QPainter) -> None:
        text = self.hint()
        if text:
            ratio, backing = self.stage.axis.ratio, self.canvas.backing
            painter.setFont(device_font(theme.TEXT, ratio))
            painter.setPen(theme.color("dim"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(QRectF(0, 0, backing.width, backing.height), flags, text)

    def _say(self, painter: QPainter, text: str) -> None:
        """The words of a gesture beside the pointer."""
        if not text:
            return
        ratio, at = self.stage.axis.ratio, self.pointer.at
        painter.setFont(device_font(theme.SMALL, ratio, mono=True))
        width, height = painter.fontMetrics().horizontalAdvance(text) + round(12 * ratio), round(20 * ratio)
        x = min(max(round(at.x + 14 * ratio), 0), self.canvas.backing.width - width)
        box = QRect(x, max(round(at.y - 28 * ratio), 0), width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(box, 4 * ratio, 4 * ratio)
        painter.setPen(theme.color("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def paint_failed(self, error: Exception) -> None:
        """Counts a failure in painting and says so, the first time for each place it happens at."""
        self.paint_failures += 1
        if self.paint_failures in {1, 100, 10_000}:
            sentence = "A part of the note editor could not be drawn; the song is not affected."
            self.painting_failed.emit(sentence, "".join(traceback.format_exception(error)))

    # -- hands -----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pointer.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointer.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.pointer.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.pointer.double_click(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        held, turn, pixels, ratio = event.modifiers(), event.angleDelta(), event.pixelDelta(), self.stage.axis.ratio
        control = bool(held & Qt.KeyboardModifier.ControlModifier)
        shift = bool(held & Qt.KeyboardModifier.ShiftModifier)
        notches = (turn.y() or turn.x()) / 120
        if control and shift:
            self.zoom_rows(1.15**notches)
        elif control:
            self.zoom(STEP**notches, (event.position().x()) * ratio)
        else:
            across, down = (pixels.x(), pixels.y()) if not pixels.isNull() else (turn.x() * 0.55, turn.y() * 0.55)
            if shift and not across:
                across, down = down, 0
            self.scroll_by(-round(across * ratio), -round(down * ratio))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.keys.press(event):
            event.ignore()

    def focusNextPrevChild(self, forwards: bool) -> bool:
        """Tab walks over the notes; past the last one it leaves the editor."""
        return self.keys.walk(1 if forwards else -1) or super().focusNextPrevChild(forwards)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()
