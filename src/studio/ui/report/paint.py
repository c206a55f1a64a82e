"""Painting the picture of a take: rows of semitones, the notes to sing, and the voice over them."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPen

from ...engine.voice.grading import GradedNote
from ...engine.voice.phrases import clock
from ...engine.voice.pitchtrack import name_of
from .. import theme
from .shape import Curve

NAMES = 40
"""Pixels for the names of the notes."""

HEAD, FOOT = 16, 20
"""Pixels for words above the highest note, and for the time below."""

BLACK = frozenset((1, 3, 6, 8, 10))
BANDS = ("ok", "warn", "rec", "dim")
NOTE = "#5aa9e6"
STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0, 3600.0)
"""Seconds between two times below the picture."""


class Scale:
    """Where seconds and semitones lie in a picture."""

    def __init__(self, box: QRectF, start: float, end: float, low: float, high: float) -> None:
        self.box, self.start, self.end, self.low, self.high = box, start, end, low, high
        self.width = max(box.width() - NAMES, 1.0) / max(end - start, 0.01)
        self.row = max(box.height() - HEAD - FOOT, 1.0) / max(high - low, 1.0)

    @property
    def bottom(self) -> float:
        """The lower edge of the rows."""
        return self.box.height() - FOOT

    def x(self, second: float) -> float:
        """Pixels from the left."""
        return NAMES + (second - self.start) * self.width

    def y(self, semitone: float) -> float:
        """Pixels from the top."""
        return self.bottom - (semitone - self.low) * self.row

    def second(self, x: float) -> float:
        """The second at a place."""
        return self.start + (x - NAMES) / self.width

    def bar(self, note: GradedNote) -> QRectF:
        """The bar of a note."""
        height = min(max(self.row * 0.9, 7.0), 26.0)
        left, right = self.x(note.target.start), self.x(note.target.end)
        return QRectF(left, self.y(note.target.pitch) - height / 2, max(right - left - 1, 2.0), height)


def paint_ground(painter: QPainter, scale: Scale, offset: float) -> None:
    """Rows with their names, and times of the song, which begins `offset` seconds before the take."""
    box = scale.box
    painter.fillRect(box, theme.color("well"))
    step = 1 if scale.row >= 12 else 2 if scale.row >= 7 else 12
    painter.setFont(theme.font(theme.SMALL))
    for semitone in range(math.ceil(scale.low), math.floor(scale.high) + 1):
        y = round(scale.y(semitone)) + 0.5
        if semitone % 12 in BLACK:
            shade = QRectF(NAMES, y - scale.row / 2, box.width() - NAMES, scale.row)
            painter.fillRect(shade & QRectF(NAMES, 0, box.width(), scale.bottom), theme.mix("panel", "well", 0.5))
        painter.setPen(QPen(theme.color("line") if semitone % 12 == 0 else theme.mix("line", "well", 0.5), 1))
        painter.drawLine(QPointF(NAMES, y), QPointF(box.width(), y))
        if semitone % step == 0 and 8 < y < scale.bottom - 6:
            painter.setPen(theme.color("text" if semitone % 12 == 0 else "dim"))
            name = QRectF(0, y - 9, NAMES - 6, 18)
            painter.drawText(name, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name_of(semitone))
    _times(painter, scale, offset)


def _times(painter: QPainter, scale: Scale, offset: float) -> None:
    step = next((one for one in STEPS if one * scale.width >= 70), STEPS[-1])
    first = math.ceil((scale.start + offset) / step)
    last = math.floor((scale.end + offset) / step)
    painter.setPen(theme.color("dim"))
    for n in range(first, last + 1):
        x = scale.x(n * step - offset)
        painter.fillRect(QRectF(round(x), scale.bottom, 1, 4), theme.color("faint"))
        if x + 50 < scale.box.width() and n >= 0:
            painter.drawText(QPointF(x + 4, scale.box.height() - 6), clock(n * step))


def paint_notes(painter: QPainter, scale: Scale, notes: list[GradedNote]) -> None:
    """The notes to sing as bars with their words; those that were not sung are empty."""
    painter.setFont(theme.font(theme.TEXT, "semibold"))
    for note in notes:
        bar = scale.bar(note)
        golden, free = note.target.kind in ("golden", "golden rap"), note.target.kind == "freestyle"
        name = "accent" if golden else NOTE
        missing = note.cents is None and not free
        painter.setPen(QPen(theme.color("rec" if missing else name), 1, _style(missing)))
        painter.setBrush(QBrush(theme.mix(name, "well", 0.12 if missing else 0.38)))
        if free:
            painter.setPen(QPen(theme.color("faint"), 1))
            painter.setBrush(QBrush(theme.color("faint"), Qt.BrushStyle.BDiagPattern))
        painter.drawRoundedRect(bar, 3, 3)
        word = note.target.syllable.replace("~", "").strip()
        if word and bar.width() > 12:
            painter.setPen(theme.color("text"))
            above = QRectF(bar.left(), bar.top() - 17, max(bar.width(), 60.0), 16)
            painter.drawText(above, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, word)


def _style(dashed: bool) -> Qt.PenStyle:
    return Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine


def paint_curve(painter: QPainter, scale: Scale, curve: Curve) -> None:
    """The voice, coloured by how far off it is."""
    if not len(curve.time):
        return
    x = NAMES + (curve.time - scale.start) * scale.width
    y = scale.bottom - (curve.semitone - scale.low) * scale.row
    points = [QPointF(*pair) for pair in np.stack([x, y], axis=1).tolist()]
    changed = np.concatenate(([True], curve.band[1:] != curve.band[:-1]))
    begins = np.flatnonzero(~curve.joined | changed).tolist()
    for first, last in zip(begins, [*begins[1:], len(points)], strict=True):
        color = theme.color(BANDS[int(curve.band[first])])
        painter.setPen(QPen(color, 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.BevelJoin))
        run = points[max(first - 1, 0) if curve.joined[first] else first : last]
        painter.drawPolyline(run if len(run) > 1 else [run[0] - QPointF(1, 0), run[0] + QPointF(1, 0)])
