"""Bars, the chords of the song and the clip's extent above the notes. A click moves the playhead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from ...document.project import Project
from ...document.time import bar_beat
from ...engine.music.chordnames import SHARPS, spell_chord
from .. import theme
from ..timeline import grid

if TYPE_CHECKING:
    from .view import NoteView

HEIGHT = 38
BARS = 20
LABELS = 44.0
"""How far labels stand apart at least, in logical pixels."""


class NoteRuler(QWidget):
    """The ruler of the editor."""

    def __init__(self, view: NoteView) -> None:
        super().__init__(view)
        self._view = view
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setToolTip("Click to move the playhead; below are the chords and keys of the song")
        self.setAccessibleName("Bars and chords")

    def x(self, tick: float) -> float:
        """The position of a tick, in logical pixels."""
        axis = self._view.stage.axis
        return axis.x(tick) / axis.ratio

    def paintEvent(self, _event: QPaintEvent) -> None:
        try:
            self._paint()
        except Exception as error:  # an exception that leaves a paint event ends the program
            self._view.paint_failed(error)

    def _paint(self) -> None:
        stage = self._view.stage
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.color("panel"))
            painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), theme.color("line"))
            project, clip = stage.project, stage.clip
            if project is None or clip is None:
                return
            left, right = self.x(clip.anchor), self.x(clip.end)
            painter.fillRect(QRectF(left, 0, right - left, BARS), theme.color("raised"))
            if clip.loop:
                begin, end = self.x(clip.origin), self.x(clip.origin + clip.loop)
                painter.fillRect(QRectF(begin, 0, end - begin, 3), theme.color("accent"))
            self._bars(painter, project)
            self._harmony(painter, project)
            x = self.x(stage.playhead_tick)
            painter.fillRect(QRectF(x - 0.75, 0, 1.5, self.height()), theme.color("text"))

    def _bars(self, painter: QPainter, project: Project) -> None:
        axis = self._view.stage.axis
        first, last = axis.tick(-LABELS * axis.ratio), axis.tick(self.width() * axis.ratio)
        ticks, strong = grid.lines(project.signatures, first, last, axis.logical_per_tick(), LABELS)
        painter.setFont(theme.font(theme.SMALL))
        for tick, bar in zip(ticks.tolist(), strong.tolist(), strict=True):
            spot, x = bar_beat(project.signatures, tick), self.x(tick)
            painter.setPen(theme.color("text" if bar else "dim"))
            text = str(spot.bar) if bar else "" if spot.tick else f"{spot.bar}.{spot.beat}"
            painter.drawText(
                QRectF(x + 4, 0, 80, BARS), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text
            )
            painter.fillRect(QRectF(x, BARS - (8 if bar else 5), 1, 8 if bar else 5), theme.color("faint"))

    def _harmony(self, painter: QPainter, project: Project) -> None:
        painter.fillRect(QRectF(0, BARS, self.width(), self.height() - BARS - 1), theme.color("bg"))
        for chord in project.chords:
            left, right = self.x(chord.start), self.x(chord.start + chord.length)
            if right > 0 and left < self.width():
                box = QRectF(left + 0.5, BARS + 2, max(right - left - 1, 1), self.height() - BARS - 5)
                painter.fillRect(box, theme.mix("accent", "bg", 0.22))
                painter.setPen(theme.color("text"))
                align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
                painter.drawText(box.adjusted(5, 0, 0, 0), align, spell_chord(chord))
        for key in project.keys:
            x = self.x(key.tick)
            if -120 < x < self.width() and not any(c.start <= key.tick < c.start + c.length for c in project.chords):
                painter.setPen(theme.color("dim"))
                box = QRectF(x + 5, BARS, 140, self.height() - BARS)
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, f"{SHARPS[key.tonic]} {key.mode}")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._locate(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._locate(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._view.wheelEvent(event)

    def _locate(self, event: QMouseEvent) -> None:
        stage = self._view.stage
        if stage.project is not None and stage.clip is not None:
            tick = max(stage.axis.tick(event.position().x() * stage.axis.ratio), 0)
            free = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            at = max(self._view.grid().nearest(tick, free), 0)
            self._view.locate_requested.emit(int(stage.project.time.frame(at)))
