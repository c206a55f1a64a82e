"""Where seconds and semitones stand in the editor, and the picture of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from ...document.correction import Correction, TunedNote
from ...document.project import Comp, Project, Take, clip_start
from ...document.time import PPQ, bar_beat
from ...engine.voice.pitchtrack import name_of
from .. import theme
from .tuning import Line, Tuning

NAMES, HEAD = 44, 20
"""The width of the note names at the left, the height of the bars above; logical pixels."""

SEEN = 0.5
"""Pixels between two lines from which on both are drawn."""

BLACK = frozenset((1, 3, 6, 8, 10))
BLOB, CHOSEN = "#5aa9e6", "accent"


@dataclass(frozen=True)
class Staff:
    """Places in logical pixels: `scale` a second, `row` a semitone; `first` seconds of the media stand at the left edge
    of the picture, the semitone `top` at its upper edge."""

    scale: float
    row: float
    first: float
    top: float

    def x(self, seconds: float) -> float:
        """Pixels from the left edge of the widget."""
        return NAMES + (seconds - self.first) * self.scale

    def y(self, semitone: float) -> float:
        """Pixels from the upper edge of the widget."""
        return HEAD + (self.top - semitone) * self.row

    def seconds(self, x: float) -> float:
        """The place in the media under a pixel."""
        return self.first + (x - NAMES) / self.scale

    def semitone(self, y: float) -> float:
        """The pitch at a pixel."""
        return self.top - (y - HEAD) / self.row

    def box(self, note: TunedNote, correction: Correction, rate: int) -> QRectF:
        """Where a note is seen."""
        left, right = self.x(note.start / rate), self.x(note.end / rate)
        height = min(self.row * 0.9, 26.0)
        return QRectF(left, self.y(note.pitch + correction.moved(note)) - height / 2, max(right - left, 3.0), height)


def paint(painter: QPainter, box: QRectF, staff: Staff, tuning: Tuning, playhead: float | None, focus: bool) -> None:
    """The whole editor: rows, bars, blobs, the two lines and the playhead."""
    painter.fillRect(box, theme.color("well"))
    painter.setClipRect(QRectF(NAMES, HEAD, box.width() - NAMES, box.height() - HEAD))
    _rows(painter, box, staff)
    ticks = _ticks(box, staff, tuning)
    _beats(painter, box, ticks)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _blobs(painter, box, staff, tuning, focus)
    seconds, sung, corrected = tuning.lines(staff.first, staff.seconds(box.width()))
    moved = tuning.correction.sounds
    if moved:  # where both lines are one, the upper is enough
        sung = np.where(np.abs(corrected - sung) > SEEN / staff.row, sung, np.nan)
    _line(painter, staff, seconds, sung, QPen(theme.color("faint" if moved else "text"), 1.5))
    if moved:
        _line(painter, staff, seconds, corrected, QPen(theme.color("text"), 1.8))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    if playhead is not None:
        painter.fillRect(QRectF(round(staff.x(playhead)), HEAD, 1, box.height()), theme.color("text"))
    painter.setClipping(False)
    _names(painter, box, staff)
    _bars(painter, box, ticks)


def _semitones(box: QRectF, staff: Staff) -> range:
    return range(math.floor(staff.semitone(box.height())), math.ceil(staff.top) + 1)


def _rows(painter: QPainter, box: QRectF, staff: Staff) -> None:
    for semitone in _semitones(box, staff):
        y = staff.y(semitone)
        if semitone % 12 in BLACK:
            painter.fillRect(QRectF(NAMES, y - staff.row / 2, box.width(), staff.row), theme.mix("panel", "well", 0.5))
        painter.setPen(QPen(theme.color("line") if semitone % 12 == 0 else theme.mix("line", "well", 0.6), 1))
        painter.drawLine(QPointF(NAMES, round(y) + 0.5), QPointF(box.width(), round(y) + 0.5))


def _names(painter: QPainter, box: QRectF, staff: Staff) -> None:
    painter.fillRect(QRectF(0, 0, NAMES, box.height()), theme.color("panel"))
    step = 1 if staff.row >= 13 else 2 if staff.row >= 8 else 12
    painter.setFont(theme.font(theme.SMALL, "medium"))
    for semitone in _semitones(box, staff):
        y = staff.y(semitone)
        if semitone % step == 0 and y >= HEAD + 6:
            painter.setPen(theme.color("text" if semitone % 12 == 0 else "dim"))
            place = QRectF(0, y - 9, NAMES - theme.PAD, 18)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name_of(semitone))


def _ticks(box: QRectF, staff: Staff, tuning: Tuning) -> list[tuple[float, int, bool]]:
    """The beats in sight: pixel, number of the bar, whether it begins there."""
    project, offset = tuning.session.document.project, song_offset(tuning)
    rate, time = tuning.rate, project.time
    first = int(time.tick(max(round(staff.first * rate) + offset, 0)))
    last = int(time.tick(max(round(staff.seconds(box.width()) * rate) + offset, 0)))
    step = PPQ if (last - first) // PPQ < box.width() / 24 else PPQ * 4
    ticks = range(first // step * step, last + 1, step)
    spots = [bar_beat(project.signatures, tick) for tick in ticks]
    seconds = ((time.frames(list(ticks)) - offset) / rate).tolist()
    return [(staff.x(at), spot.bar, spot.beat == 1) for at, spot in zip(seconds, spots, strict=True)]


def song_offset(tuning: Tuning) -> int:
    """How many frames later than in its media the part stands in the song."""
    project: Project = tuning.session.document.project
    clip = tuning.session.document.clip(tuning.clip_id)
    part = tuning.part
    if clip is None or part is None:
        return 0
    start = int(clip_start(clip, project.time))
    if isinstance(clip, Comp) and isinstance(part, Take):
        start += part.start - clip.lead
    return start - part.source


def _beats(painter: QPainter, box: QRectF, ticks: list[tuple[float, int, bool]]) -> None:
    for begins in (False, True):
        lines = [QLineF(round(x) + 0.5, HEAD, round(x) + 0.5, box.height()) for x, _, first in ticks if first is begins]
        painter.setPen(QPen(theme.color("line") if begins else theme.mix("line", "well", 0.6), 1))
        painter.drawLines(lines)


def _bars(painter: QPainter, box: QRectF, ticks: list[tuple[float, int, bool]]) -> None:
    painter.fillRect(QRectF(0, 0, box.width(), HEAD), theme.color("panel"))
    painter.setFont(theme.font(theme.SMALL))
    painter.setPen(theme.color("dim"))
    free = float(NAMES)
    for x, bar, first in ticks:
        if first and x >= free:
            painter.drawText(QRectF(x + 3, 0, 40, HEAD), Qt.AlignmentFlag.AlignVCenter, str(bar))
            free = x + 36


def _blobs(painter: QPainter, box: QRectF, staff: Staff, tuning: Tuning, focus: bool) -> None:
    correction, rate = tuning.correction, tuning.rate
    sung = Correction(correction.notes)
    painter.setFont(theme.font(theme.SMALL, "medium"))
    for number in tuning.visible:
        note = correction.notes[number]
        if staff.x(note.end / rate) < NAMES or staff.x(note.start / rate) > box.width():
            continue
        place = staff.box(note, correction, rate)
        chosen = number in tuning.selection
        if correction.changes(note) and not correction.bypassed:
            painter.setPen(QPen(theme.color("faint"), 1, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(staff.box(TunedNote(note.start, note.end, note.pitch), sung, rate), 4, 4)
        ink = CHOSEN if chosen else "faint" if correction.bypassed else BLOB
        painter.setPen(QPen(theme.color(ink), 1.5 if chosen and focus else 1))
        painter.setBrush(theme.mix(ink, "well", 0.5 if chosen else 0.34))
        painter.drawRoundedRect(place, 4, 4)
        _name(painter, place, note, correction, chosen)


def _name(painter: QPainter, place: QRectF, note: TunedNote, correction: Correction, chosen: bool) -> None:
    """The note's name above its blob, with what it is off by, where there is room or the note is chosen."""
    pitch = note.pitch + correction.moved(note)
    cents = round(100 * (pitch - round(pitch)))
    text = name_of(pitch) + (f" {cents:+d}".replace("-", "−") if cents else "")
    room = QRectF(place.left(), place.top() - 15, place.width() + 4, 14)
    wide = painter.fontMetrics().horizontalAdvance
    if wide(text) > room.width():
        text = name_of(pitch)
    if wide(text) <= room.width() or chosen:
        painter.setPen(theme.color("text"))
        room.setWidth(max(room.width(), wide(text) + 2.0))
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


def _line(painter: QPainter, staff: Staff, seconds: Line, pitch: Line, pen: QPen) -> None:
    """A line with gaps where it has no value."""
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    known = ~np.isnan(pitch)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], known.view(np.int8), [0]])))
    xs, ys = staff.x(0.0) + seconds * staff.scale, staff.y(0.0) - pitch * staff.row
    every = max(int(1.0 / max(xs[1] - xs[0], 1e-3)), 1) if len(xs) > 1 else 1
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        shown = [*range(first, last - 1, every), last - 1]
        points = zip(xs[shown].tolist(), ys[shown].tolist(), strict=True)
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))
