"""The names of the lanes, each with a button that silences it and a mark where it plays a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QMenu, QWidget

from ...document.edits.sampling import has_sample, is_sampler, remove_sample
from ...document.edits.tracks import set_lanes
from .. import theme
from ..controls import InlineEdit, LetterButton
from ..file_drops import FileDrops
from ..pianoroll.rows import Row
from .lanes import lanes_of, with_lane

if TYPE_CHECKING:
    from .view import DrumView

WIDTH = 168


class LaneHeaders(QWidget):
    """Lane names at the left of the grid. A click sounds a lane and selects its notes, a double-click renames it.

    A sound that is dropped on one is what the lane plays; the menu takes it off again.
    """

    def __init__(self, view: DrumView) -> None:
        super().__init__(view)
        self._view = view
        self._buttons: dict[int, LetterButton] = {}
        self._drops = FileDrops(self, self._pitch_at, view.samples_dropped.emit)
        self.setAccessibleName("Lanes")
        self.setToolTip("Click to select a lane's notes, double-click to rename it; drop a sound on it to play that")

    def paintEvent(self, _event: QPaintEvent) -> None:
        try:
            self._paint()
        except Exception as error:  # an exception that leaves a paint event ends the program
            self._view.paint_failed(error)

    def _paint(self) -> None:
        canvas, ratio = self._view.canvas, self._view.stage.axis.ratio
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.color("panel"))
            painter.fillRect(QRectF(self.width() - 1, 0, 1, self.height()), theme.color("line"))
            if self._view.stage.clip is None:
                return
            height = canvas.rows.height / ratio
            painter.setFont(theme.font(theme.SMALL if height < 20 else theme.TEXT))
            for n, row in enumerate(canvas.rows.rows):
                y = canvas.y(n) / ratio
                if -height < y < self.height():
                    self._paint_lane(painter, row, QRectF(0, y, self.width(), height))

    def _paint_lane(self, painter: QPainter, row: Row, box: QRectF) -> None:
        painter.setPen(theme.color("faint" if row.muted else "text"))
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(box.adjusted(theme.MARGIN, 0, theme.MARGIN - 52, 0), left, row.name)
        painter.fillRect(QRectF(0, box.bottom() - 1, self.width(), 1), theme.mix("line", "panel", 0.6))
        track = self._view.stage.track
        if has_sample(track, row.pitch) and not is_sampler(track):  # where every lane has one, none needs to say so
            painter.setPen(QPen(theme.color("faint" if row.muted else "accent"), 1.5))
            for n, tall in enumerate((0.2, 0.5, 0.3, 0.15)):  # a little waveform
                x, middle = self.width() - 52 + 3 * n, box.center().y()
                painter.drawLine(QPointF(x, middle - tall * 14), QPointF(x, middle + tall * 14))
        if self._drops.over == row.pitch:
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.drawRect(box.adjusted(1, 1, -2, -2))

    def place_buttons(self) -> None:
        """Puts a mute button on every lane that is seen, and takes those away that are not."""
        canvas, ratio, stage = self._view.canvas, self._view.stage.axis.ratio, self._view.stage
        height = canvas.rows.height / ratio
        rows = canvas.rows.rows if stage.clip is not None else ()
        wanted = {row.pitch: (n, row) for n, row in enumerate(rows)}
        for pitch in [pitch for pitch in self._buttons if pitch not in wanted]:
            self._buttons.pop(pitch).deleteLater()
        for pitch, (n, row) in wanted.items():
            button = self._buttons.get(pitch)
            if button is None:
                button = self._buttons[pitch] = LetterButton("M", "", "mute", self)
                button.setMinimumHeight(0)
                button.clicked.connect(lambda on, p=pitch: self.mute(p, on))
            button.setAccessibleName(f"Mute {row.name}")
            button.setToolTip(f"Mute {row.name}")
            button.setChecked(row.muted)
            button.setEnabled(stage.may_write)
            y, size = canvas.y(n) / ratio, min(height - 4, theme.HIT)
            button.setGeometry(self.width() - 36, round(y + (height - size) / 2), 28, round(size))
            button.setVisible(-height < y < self.height())

    def button(self, pitch: int) -> LetterButton:
        """The mute button of a lane."""
        return self._buttons[pitch]

    def mute(self, pitch: int, muted: bool) -> None:
        """Silences a lane, or lets it sound again."""
        stage = self._view.stage
        if stage.track is not None:
            lanes = lanes_of(stage.track, stage.table.pitch.astype(int).tolist())
            stage.apply(set_lanes(stage.track.id, with_lane(lanes, pitch, muted=muted)))

    def _name(self, pitch: int, name: str) -> None:
        stage = self._view.stage
        if stage.track is not None and name.strip():
            lanes = lanes_of(stage.track, stage.table.pitch.astype(int).tolist())
            stage.apply(set_lanes(stage.track.id, with_lane(lanes, pitch, name=name.strip())))

    def _row(self, at: QPointF) -> int:
        canvas = self._view.canvas
        return canvas.rows.at(at.y() * self._view.stage.axis.ratio + canvas.top)

    def _pitch_at(self, at: QPoint) -> int | None:
        """The lane at a place that a sound can be dropped on."""
        row = self._row(QPointF(at))
        return self._view.canvas.rows.rows[row].pitch if row >= 0 and self._view.stage.may_write else None

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        row = self._row(QPointF(event.pos()))
        if row >= 0 and self._view.stage.clip is not None:
            menu = self.menu(row)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(event.globalPos())

    def menu(self, row: int) -> QMenu:
        """What can be done with a lane."""
        stage, lane, menu = self._view.stage, self._view.canvas.rows.rows[row], QMenu(self)
        menu.addAction("Sample…", lambda: self._view.sample_requested.emit(lane.pitch))
        remove = menu.addAction("Remove Sample", lambda: self.remove_sample(lane.pitch))
        remove.setEnabled(has_sample(stage.track, lane.pitch))
        menu.addSeparator()
        menu.addAction("Rename…", lambda: self.rename(row))
        mute = menu.addAction("Mute", lambda: self.mute(lane.pitch, not lane.muted))
        mute.setCheckable(True)
        mute.setChecked(lane.muted)
        for action in menu.actions():
            action.setEnabled(action.isEnabled() and stage.may_write)
        return menu

    def remove_sample(self, pitch: int) -> None:
        """Lets a lane play what it would without a sound of its own."""
        stage = self._view.stage
        if stage.track is not None:
            stage.apply(remove_sample(stage.track.id, pitch))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        stage, row = self._view.stage, self._row(event.position())
        if event.button() == Qt.MouseButton.LeftButton and row >= 0 and stage.clip is not None:
            pitch = self._view.canvas.rows.rows[row].pitch
            stage.select(stage.table.named(np.flatnonzero(stage.table.pitch == pitch)))
            stage.hear(pitch)
            self._view.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.rename(self._row(event.position()))

    def rename(self, row: int) -> None:
        """Edits the name of a lane in place."""
        canvas, ratio = self._view.canvas, self._view.stage.axis.ratio
        if row >= 0 and self._view.stage.may_write:
            found = canvas.rows.rows[row]
            box = QRect(4, round(canvas.y(row) / ratio), self.width() - 44, round(canvas.rows.height / ratio))
            editor = InlineEdit(self, box, found.name, "Name of the lane")
            editor.accepted.connect(lambda text: self._name(found.pitch, text))

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._view.wheelEvent(event)
