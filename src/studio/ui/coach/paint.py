"""Painting one frame of the coach. Everything takes a painter in logical pixels and a `Picture`; nothing is kept here
but the ground, which is painted once for each size and range."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap

from ...engine.voice.pitchtrack import name_of
from ...engine.voice.targets import TargetNote
from .. import theme
from ..controls.levels import decibels, meter_position
from .picture import Picture, Trace, beats_of, pieces, visible
from .tiles import Tiles

NAMES = 44
"""The width of the note names at the left."""

MARGIN = 160
"""Pixels beside a tile in which a note, its word or its star may begin."""

NEVER = -math.inf

BLACK = frozenset((1, 3, 6, 8, 10))
SHADES = 3
"""Steps of opacity of the trace."""

BANDS = ("ok", "warn", "rec")
"""In tune, close, off."""

SCALE = 50.0
"""Cents at the ends of the needle's scale."""


class Ground:
    """Rows of semitones with their names, painted once for each size and range."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._pixmap = QPixmap()

    def pixmap(self, size: QSize, ratio: float, low: float, high: float) -> QPixmap:
        """The ground of a staff that shows the semitones from `low` to `high`."""
        key = (size.width(), size.height(), ratio, round(low, 2), round(high, 2))
        if key != self._key:
            self._key, self._pixmap = key, _ground(size, ratio, low, high)
        return self._pixmap


def _ground(size: QSize, ratio: float, low: float, high: float) -> QPixmap:
    made = QPixmap(size * ratio)
    made.setDevicePixelRatio(ratio)
    row = size.height() / (high - low)
    step = 1 if row >= 15 else 2 if row >= 8 else 12
    with QPainter(made) as painter:
        _rows(painter, QRectF(0, 0, size.width(), size.height()), low, high, NAMES)
        painter.setFont(theme.font(13 if row >= 15 else 11, "medium"))
        for semitone in range(math.floor(low), math.ceil(high) + 1):
            if semitone % step == 0:
                painter.setPen(theme.color("text" if semitone % 12 == 0 else "dim"))
                box = QRectF(0, size.height() - (semitone - low) * row - 10, NAMES - 8, 20)
                painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name_of(semitone))
    return made


def _rows(painter: QPainter, box: QRectF, low: float, high: float, left: float) -> None:
    """The rows of semitones, with lines from `left` on."""
    painter.fillRect(box, theme.color("well"))
    row = box.height() / (high - low)
    for semitone in range(math.floor(low), math.ceil(high) + 1):
        y = box.height() - (semitone - low) * row
        if semitone % 12 in BLACK:
            painter.fillRect(QRectF(box.left(), y - row / 2, box.width(), row), theme.mix("panel", "well", 0.35))
        painter.setPen(QPen(theme.color("line") if semitone % 12 == 0 else theme.mix("line", "well", 0.55), 1))
        painter.drawLine(QPointF(left, y), QPointF(box.right(), y))


class Staff:
    """Where seconds and semitones lie on the part of the view that moves; `now` is where the present stands."""

    def __init__(self, box: QRectF, picture: Picture, seconds: float, now: float | None = None) -> None:
        self.box = box
        self.now = NAMES + (box.width() - NAMES) / 3 if now is None else now
        self.scale = (box.width() - NAMES) / seconds
        self.row = box.height() / (picture.high - picture.low)
        self._picture = picture

    def x(self, seconds_from_now: float) -> float:
        """Pixels from the left edge of the box."""
        return self.now + seconds_from_now * self.scale

    def y(self, semitone: float) -> float:
        """Pixels from the top of the box."""
        return self.box.height() - (semitone - self._picture.low) * self.row


def paint_staff(painter: QPainter, box: QRectF, picture: Picture, seconds: float, ground: Ground, tiles: Tiles) -> None:
    """The scrolling part: ground, beats, notes to sing, the trace and the now-line."""
    staff = Staff(box, picture, seconds)
    painter.save()
    painter.translate(box.topLeft())
    inner = QRectF(NAMES, 0, box.width() - NAMES, box.height())
    painter.setClipRect(QRectF(0, 0, box.width(), box.height()))
    ratio = painter.device().devicePixelRatioF()
    names = ground.pixmap(box.size().toSize(), ratio, picture.low, picture.high)
    if picture.target is None or not _tiled(painter, staff, picture, inner, ratio, tiles):
        painter.drawPixmap(0, 0, names)
        painter.setClipRect(inner)
        _beats(painter, staff, picture.beats, picture.now)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _notes(painter, staff, picture.notes, picture.now)
    else:
        painter.drawPixmap(QPointF(0, 0), names, QRectF(0, 0, NAMES * ratio, box.height() * ratio))
        painter.setClipRect(inner)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _notes(painter, staff, [n for n in picture.notes if n.start <= picture.now < n.end], picture.now)
    _trace(painter, staff, picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillRect(QRectF(round(staff.now), 0, 2, box.height()), theme.color("text"))
    painter.restore()


def _tiled(painter: QPainter, staff: Staff, picture: Picture, box: QRectF, ratio: float, tiles: Tiles) -> bool:
    """Draws what only moves from tiles; False while it changes otherwise."""
    target, scale = picture.target, staff.scale
    assert target is not None

    def paint(tile: QPainter, left: float, right: float) -> None:
        first, last = (left - MARGIN) / scale, (right + MARGIN) / scale
        within = QRectF(0, 0, right - left, box.height())
        _rows(tile, within, picture.low, picture.high, 0)
        flat = Staff(QRectF(0, 0, right - left, box.height()), picture, 1.0, -left)
        flat.scale = scale
        _beats(tile, flat, beats_of(target, 0.0, -first, last), 0.0)
        tile.setRenderHint(QPainter.RenderHint.Antialiasing)
        _notes(tile, flat, visible(target, 0.0, -first, last), NEVER)

    key = (id(target), ratio, box.height(), scale, round(picture.low, 3), round(picture.high, 3))
    return tiles.draw(painter, key, box, picture.now * scale - (staff.now - NAMES), paint)


def _beats(painter: QPainter, staff: Staff, beats: Iterable[tuple[float, bool]], now: float) -> None:
    beats = tuple(beats)
    for bar in (False, True):
        lines = [
            QLineF(x, 0, x, staff.box.height())
            for at, first in beats
            if first is bar
            for x in (round(staff.x(at - now)) + 0.5,)
        ]
        if lines:
            painter.setPen(QPen(theme.color("faint") if bar else theme.mix("line", "well", 0.8), 1))
            painter.drawLines(lines)


def _notes(painter: QPainter, staff: Staff, notes: Iterable[TargetNote], now: float) -> None:
    """The notes; that of `now` stands out. NEVER makes none do."""
    present, now = now, 0.0 if now == NEVER else now
    height = min(max(staff.row, 8.0), 34.0)
    painter.setFont(theme.font(round(min(max(height * 0.62, 11), 20)), "semibold"))
    for note in notes:
        left, right = staff.x(note.start - now), staff.x(note.end - now)
        bar = QRectF(left, staff.y(note.pitch) - height / 2, max(right - left - 2, 4), height)
        here = note.start <= present < note.end
        golden, free = note.kind in ("golden", "golden rap"), note.kind == "freestyle"
        name = "accent" if golden else "#5aa9e6"
        painter.setPen(QPen(theme.color("text" if here else name), 2 if here or golden else 1))
        painter.setBrush(QBrush(theme.mix(name, "well", 0.6 if here else 0.4)))
        if free:
            painter.setPen(QPen(theme.color("faint"), 1))
            painter.setBrush(QBrush(theme.color("faint"), Qt.BrushStyle.BDiagPattern))
        painter.drawRoundedRect(bar, 5, 5)
        if golden:
            painter.setPen(theme.color("accent"))
            painter.drawText(bar.adjusted(0, -height, 0, -height), Qt.AlignmentFlag.AlignLeft, "★")
        if note.syllable and note.syllable != "~":
            painter.setPen(theme.color("text"))
            room = bar.adjusted(6, 0, max(60 - bar.width(), 0), 0)
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, note.syllable.strip())


def bands(trace: Trace, picture: Picture) -> npt.NDArray[np.int64]:
    """For each point of the trace whether it is in tune (0), close (1) or off (2): beside the note to sing there, or
    the nearest semitone where none is to be sung."""
    off = np.abs(trace.semitone - np.round(trace.semitone))
    at = trace.time + picture.now
    for note in picture.notes:
        if note.kind != "freestyle":
            inside = (at >= note.start) & (at < note.end)
            off[inside] = np.abs(trace.semitone[inside] - note.pitch)
    return np.digitize(100.0 * off, (picture.in_tune, picture.close), right=True)


def _trace(painter: QPainter, staff: Staff, picture: Picture) -> None:
    trace = picture.trace
    if not len(trace.time):
        return
    x = staff.now + trace.time * staff.scale
    y = staff.box.height() - (trace.semitone - picture.low) * staff.row
    joined = pieces(trace)
    shade = np.clip(((trace.confidence - 0.6) / 0.4 * SHADES).astype(np.int64), 0, SHADES - 1)
    bucket = bands(trace, picture) * SHADES + shade
    begins = np.flatnonzero(~joined | np.concatenate(([True], bucket[1:] != bucket[:-1])))
    points = [QPointF(*pair) for pair in np.stack([x, y], axis=1).tolist()]
    for first, last in zip(begins.tolist(), [*begins[1:].tolist(), len(points)], strict=True):
        number = int(bucket[first])
        color = theme.mix(BANDS[number // SHADES], "well", 0.5 + 0.5 * (number % SHADES) / (SHADES - 1))
        painter.setPen(QPen(color, 5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.BevelJoin))
        run = points[max(first - 1, 0) if joined[first] else first : last]
        painter.drawPolyline(run if len(run) > 1 else [run[0] - QPointF(1, 0), run[0]])


def band_color(picture: Picture) -> QColor:
    """The colour of what is sung now."""
    off = abs(picture.cents)
    return theme.color(BANDS[(off > picture.in_tune) + (off > picture.close)])


def paint_reading(painter: QPainter, box: QRectF, picture: Picture) -> None:
    """The note name, the needle and the figures, to be read from two metres."""
    painter.fillRect(box, theme.color("panel"))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    sung = picture.reading.semitone is not None
    wide = box.width() >= 560
    size = min(box.height() * 0.62, box.width() * (0.13 if wide else 0.2))
    name = QRectF(box.left() + theme.MARGIN, box.top(), size * 2.1, box.height())
    painter.setFont(theme.font(round(size), "semibold"))
    painter.setPen(band_color(picture) if sung else theme.color("faint"))
    text = picture.reading.name if sung else "–"
    painter.drawText(name, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
    meter = QRectF(box.right() - theme.MARGIN - 12, box.top() + 12, 12, box.height() - 24)
    _level(painter, meter, picture.level)
    rest = QRectF(name.right(), box.top(), meter.left() - name.right() - theme.MARGIN, box.height())
    figures = QRectF(rest.left(), rest.top() + 8, rest.width(), rest.height() * 0.36)
    _figures(painter, figures, picture, sung)
    needle = QRectF(rest.left(), figures.bottom(), rest.width(), rest.bottom() - figures.bottom() - 10)
    _needle(painter, needle, picture, sung)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _figures(painter: QPainter, box: QRectF, picture: Picture, sung: bool) -> None:
    height = round(min(box.height() * 0.72, box.width() * 0.085, 44))
    middle = Qt.AlignmentFlag.AlignVCenter
    painter.setFont(theme.font(max(height, 12), "medium"))
    painter.setPen(theme.color("text" if sung else "faint"))
    cents = f"{picture.cents:+.0f} cents".replace("-", "−") if sung else ""
    painter.drawText(box, Qt.AlignmentFlag.AlignLeft | middle, cents)
    painter.setPen(theme.color("dim"))
    painter.drawText(box, Qt.AlignmentFlag.AlignRight | middle, f"{picture.reading.hz:.1f} Hz" if sung else "")


def _needle(painter: QPainter, box: QRectF, picture: Picture, sung: bool) -> None:
    """A scale of cents with the bands, and where the voice stands on it."""
    vibrato = picture.reading.vibrato
    line = box.top() + box.height() * 0.42

    def x(cents: float) -> float:
        return box.center().x() + max(-1.0, min(cents / SCALE, 1.0)) * (box.width() / 2 - 8)

    painter.setPen(Qt.PenStyle.NoPen)
    for edge, name in ((SCALE, "rec"), (picture.close, "warn"), (picture.in_tune, "ok")):
        painter.setBrush(theme.mix(name, "panel", 0.35))
        painter.drawRoundedRect(QRectF(QPointF(x(-edge), line - 7), QPointF(x(edge), line + 7)), 4, 4)
    painter.fillRect(QRectF(x(0) - 1, line - 12, 2, 24), theme.color("text"))
    if sung:
        painter.setBrush(band_color(picture))
        painter.drawRoundedRect(QRectF(x(picture.cents) - 5, line - 16, 10, 32), 4, 4)
    painter.setFont(theme.font(14, "medium"))
    painter.setPen(theme.color("dim"))
    if sung and vibrato is not None:
        text = f"{vibrato.kind.capitalize()} {vibrato.rate:.1f} Hz"
        text += f", {vibrato.extent:.1f} semitones" if box.width() > 260 else ""
        below = QRectF(box.left(), line + 16, box.width(), max(box.bottom() - line - 14, 18))
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, text)


def _level(painter: QPainter, box: QRectF, level: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("well"))
    painter.drawRoundedRect(box, 3, 3)
    height = box.height() * meter_position(level)
    if height > 1:
        loud = decibels(level) if level > 0 else -120.0
        painter.setBrush(theme.color("rec" if loud > -1 else "warn" if loud > -6 else "ok"))
        painter.drawRoundedRect(QRectF(box.left(), box.bottom() - height, box.width(), height), 3, 3)


def paint_tuner(painter: QPainter, box: QRectF, picture: Picture) -> None:
    """One big dial: the note, and how far above or below it."""
    painter.fillRect(box, theme.color("well"))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    sung = picture.reading.semitone is not None
    radius = min(box.width() * 0.46, box.height() * 0.72)
    centre = QPointF(box.center().x(), box.top() + box.height() * 0.86)
    for edge, name in ((SCALE, "rec"), (picture.close, "warn"), (picture.in_tune, "ok")):
        painter.setPen(QPen(theme.mix(name, "well", 0.5), 14, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        span = 2 * edge / SCALE * 60
        ring = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
        painter.drawArc(ring, round((90 - span / 2) * 16), round(span * 16))
    if sung:
        angle = math.radians(max(-SCALE, min(picture.cents, SCALE)) / SCALE * 60)
        way = QPointF(math.sin(angle), -math.cos(angle))
        painter.setPen(QPen(band_color(picture), 8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(centre + way * radius * 0.6, centre + way * radius * 0.97)
    painter.setPen(band_color(picture) if sung else theme.color("faint"))
    painter.setFont(theme.font(round(radius * 0.36), "semibold"))
    inside = QRectF(box.left(), centre.y() - radius * 0.52, box.width(), radius * 0.42)
    painter.drawText(inside, Qt.AlignmentFlag.AlignCenter, picture.reading.name if sung else "–")
    painter.setFont(theme.font(max(round(radius * 0.1), 14), "medium"))
    painter.setPen(theme.color("text"))
    text = (
        f"{picture.cents:+.0f} cents   {picture.reading.hz:.1f} Hz".replace("-", "−") if sung else "Sing or play a note"
    )
    below = QRectF(box.left(), inside.bottom(), box.width(), radius * 0.16)
    painter.drawText(below, Qt.AlignmentFlag.AlignCenter, text)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def paint_words(painter: QPainter, box: QRectF, picture: Picture) -> None:
    """The line to sing now and the score so far, at the foot."""
    painter.fillRect(box, theme.color("panel"))
    painter.setFont(theme.font(18, "semibold"))
    painter.setPen(theme.color("text"))
    inner = box.adjusted(theme.MARGIN, 0, -theme.MARGIN, 0)
    room = inner.adjusted(0, 0, -painter.fontMetrics().horizontalAdvance(picture.score) - theme.MARGIN, 0)
    words = painter.fontMetrics().elidedText(picture.words, Qt.TextElideMode.ElideRight, int(room.width()))
    painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
    painter.setPen(theme.color("accent"))
    painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, picture.score)


def paint_sentence(painter: QPainter, box: QRectF, sentence: str) -> None:
    """What is missing, in the middle."""
    painter.fillRect(box, theme.color("well"))
    painter.setFont(theme.font(16, "medium"))
    painter.setPen(theme.color("dim"))
    inner = box.adjusted(theme.MARGIN * 2, 0, -theme.MARGIN * 2, 0)
    painter.drawText(inner, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, sentence)
