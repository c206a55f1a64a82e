"""The lane below the notes: a stem for each note's velocity, or for its chance to sound, drawn with the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from ...document.edits.notes import replace_notes
from ...document.notes import Note
from .. import theme
from ..timeline.axis import Axis
from ..timeline.backing import Backing, Pixels
from ..timeline.columns import rgb

if TYPE_CHECKING:
    from .view import NoteView

Floats = npt.NDArray[np.float64]
LaneKind = Literal["velocity", "probability"]
HEIGHT = 66
NEAR = 6
"""How near to a stem a press takes it, in logical pixels."""


class ValueLane(QWidget):
    """Shows and changes one value of the notes that are seen; of the selected ones where there are some."""

    def __init__(self, view: NoteView) -> None:
        super().__init__(view)
        self._view = view
        self.kind: LaneKind = "velocity"
        self.picture = Backing(1, 1)
        self._drawn_at: Axis | None = None
        self._drawn: dict[str, Note] = {}
        self._notes: dict[str, Note] = {}
        self._last: tuple[float, float] | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Velocities")
        self.show_kind("velocity")

    def show_kind(self, kind: LaneKind) -> None:
        """Shows velocities or probabilities."""
        self.kind = kind
        what = "how hard notes are struck" if kind == "velocity" else "how likely notes are to sound"
        self.setToolTip(f"Drag to set {what}; with a selection only the selected ones follow")
        self.redraw()

    @property
    def dragging(self) -> bool:
        """Whether values are being drawn."""
        return self._last is not None

    def paintEvent(self, _event: QPaintEvent) -> None:
        try:
            self._draw_picture()
            ratio = self._view.stage.axis.ratio
            with QPainter(self) as painter:
                painter.scale(1 / ratio, 1 / ratio)
                painter.drawImage(QPoint(0, 0), self.picture.image)
        except Exception as error:  # an exception that leaves a paint event ends the program
            self._view.paint_failed(error)

    def redraw(self) -> None:
        """Paints everything anew."""
        self._drawn_at = None
        self.update()

    def _draw_picture(self) -> None:
        """Brings the picture up to date; after scrolling, by moving what is there and painting the rest."""
        axis = self._view.stage.axis
        size = (-int(-self.width() * axis.ratio // 1), -int(-self.height() * axis.ratio // 1))
        if size != (self.picture.width, self.picture.height):
            self.picture, self._drawn_at = Backing(*size), None
        before, self._drawn_at = self._drawn_at, axis
        if before is None or replace_scroll(before, axis) != axis or abs(axis.scroll - before.scroll) >= size[0]:
            self._part(0, size[0])
        elif axis.scroll != before.scroll:
            dx = axis.scroll - before.scroll
            self.picture.shift(dx, 0)
            self._part(*((size[0] - dx, size[0]) if dx > 0 else (0, -dx)))

    def _part(self, left: int, right: int) -> None:
        """Paints the columns `left` to `right`."""
        stage = self._view.stage
        left, right = max(left, 0), min(right, self.picture.width)
        axis, pixels = replace_scroll(stage.axis, stage.axis, left), self.picture.pixels[:, left:right]
        height, hair = self.picture.height, max(round(axis.ratio), 1)
        pixels[:] = rgb(theme.color("bg"))
        pixels[:hair] = rgb(theme.color("line"))
        if stage.clip is None:
            return
        pixels[height // 2 : height // 2 + hair] = rgb(theme.mix("line", "bg", 0.5))
        table = stage.table
        found = np.flatnonzero(
            (table.start >= axis.tick(-4 * hair)) & (table.start <= axis.tick(right - left)) & (table.end > table.start)
        )
        chosen = table.chosen(stage.selection)[found]
        color = stage.track.color if stage.track else theme.TRACKS[0]
        for mask, ink in ((~chosen, color), (chosen, "#ffffff")):
            if mask.any():
                columns = axis.xs(table.start[found[mask]])
                _stems(pixels, columns, self._shares(found[mask]), hair, theme.mix(ink, "bg", 0.75), theme.color(ink))

    def _shares(self, notes: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        table = self._view.stage.table
        return table.velocity[notes] / 127 if self.kind == "velocity" else table.chance[notes]

    # -- hands ---------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        stage = self._view.stage
        if event.button() == Qt.MouseButton.LeftButton and stage.may_write and stage.written is not None:
            self._view.setFocus(Qt.FocusReason.MouseFocusReason)
            self._drawn = {}
            self._notes = {note.id: note for note in stage.written.notes}
            self._last = (event.position().x(), event.position().y())
            self._draw(*self._last)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._last is not None:
            self._draw(event.position().x(), event.position().y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._last is not None and event.button() == Qt.MouseButton.LeftButton:
            self._last = None
            if self._drawn:
                self._view.stage.apply(
                    replace_notes(self._view.stage.clip_id, list(self._drawn.values()), self._label())
                )
            else:
                self._view.stage.preview(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._view.wheelEvent(event)

    def escape(self) -> bool:
        """Gives up what is being drawn; False when nothing is."""
        if self._last is None:
            return False
        self._last = None
        self._view.stage.preview(None)
        return True

    def _label(self) -> str:
        return "Velocity" if self.kind == "velocity" else "Probability"

    def _draw(self, x: float, y: float) -> None:
        """Gives the stems between the last place of the pointer and this one their values."""
        assert self._last is not None
        stage = self._view.stage
        (x0, y0), self._last = self._last, (x, y)
        axis, table = stage.axis, stage.table
        left, right = min(x0, x) - NEAR, max(x0, x) + NEAR
        found = np.flatnonzero(
            (table.start >= axis.tick(left * axis.ratio)) & (table.start <= axis.tick(right * axis.ratio))
        )
        if stage.selection:
            found = found[table.chosen(stage.selection)[found]]
        for n in found.tolist():
            at = axis.x(float(table.start[n])) / axis.ratio
            part = min(max((at - x0) / (x - x0), 0.0), 1.0) if x != x0 else 1.0
            share = min(max(1 - (y0 + (y - y0) * part) / self.height(), 0.0), 1.0)
            note = self._notes.get(table.ids[n])
            if note is not None:
                self._drawn[note.id] = self._valued(note, share)
        if self._drawn:
            stage.preview(replace_notes(stage.clip_id, list(self._drawn.values()), self._label()))

    def _valued(self, note: Note, share: float) -> Note:
        if self.kind == "velocity":
            velocity = min(max(round(share * 127), 1), 127)
            self._view.stage.velocity = velocity
            return replace(note, velocity=velocity, lift=0)
        return replace(note, probability=round(share, 2))


def replace_scroll(axis: Axis, like: Axis, further: int = 0) -> Axis:
    """The axis at the scroll position of another one, or `further` pixels to the right of it."""
    return Axis(axis.per_tick, like.scroll + further, axis.ratio)


def _stems(
    pixels: Pixels,
    columns: npt.NDArray[np.int64],
    shares: npt.NDArray[np.float64],
    hair: int,
    ink: QColor,
    head: QColor,
) -> None:
    """Paints a stem for each note, the highest where several share a column."""
    height, width = pixels.shape
    heights = np.zeros(width, np.int64)
    values = np.rint(shares * (height - 4 * hair)).astype(np.int64) + hair
    for n in range(3 * hair):
        seen = (columns + n >= 0) & (columns + n < width)
        np.maximum.at(heights, columns[seen] + n, values[seen])
    used = np.flatnonzero(heights)
    tops = height - heights[used]
    rows = np.arange(height)[:, None]
    part = pixels[:, used]
    part[rows >= tops] = rgb(ink)
    part[(rows >= tops) & (rows < tops + 3 * hair)] = rgb(head)
    pixels[:, used] = part
