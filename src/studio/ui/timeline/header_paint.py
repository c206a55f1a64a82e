"""How a track header looks. Logical pixels."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from ...document.project import Track
from .. import theme
from ..controls import LIGHTS, decibels, fader_position, meter_position
from .header_layout import BAR, Layout
from .instruments import instrument_name
from .scene import Row

_LIGHT = {"M": "mute", "S": "solo", "R": "arm"}


def lit(track: Track, letter: str) -> bool:
    """Whether a header's button is on."""
    return {"M": track.strip.mute, "S": track.strip.solo, "R": track.armed}[letter]


def paint_header(
    painter: QPainter, box: QRect, parts: Layout, row: Row, current: bool, gain: float, hover: str
) -> None:
    """Paints the header of a track into `box`, all but its meter."""
    track = row.track
    painter.fillRect(box, theme.color("raised" if current else "panel"))
    painter.fillRect(box.left(), box.top(), BAR, box.height() - 1, theme.color(track.color))
    painter.fillRect(box.left(), box.bottom(), box.width(), 1, theme.mix("line", "bg", 0.7))
    small = box.height() < theme.HIT
    painter.setFont(theme.font(10 if small else theme.TEXT, "medium"))
    painter.setPen(theme.color("dim" if track.strip.mute else "text"))
    name = parts.name.translated(box.topLeft())
    text = painter.fontMetrics().elidedText(track.name, Qt.TextElideMode.ElideRight, name.width())
    painter.drawText(name, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
    if parts.instrument.width():
        _instrument(painter, parts.instrument.translated(box.topLeft()), track, hover == "instrument")
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for letter, place in parts.buttons.items():
        _button(painter, place.translated(box.topLeft()), letter, lit(track, letter), hover == letter)
    if parts.level.width() > 20:
        _level(painter, parts.level.translated(box.topLeft()), track, gain)
    if parts.lanes.width() and row.plan.comps:
        _chevron(painter, parts.lanes.translated(box.topLeft()), track.lanes_open, hover == "lanes")
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _instrument(painter: QPainter, place: QRect, track: Track, warm: bool) -> None:
    painter.setFont(theme.font(theme.SMALL))
    painter.setPen(theme.color("text" if warm else "dim"))
    name = instrument_name(track.instrument)
    text = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


def _button(painter: QPainter, place: QRect, letter: str, on: bool, warm: bool) -> None:
    ground, ink = LIGHTS[_LIGHT[letter]] if on else ("raised", "text")
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.mix(ground, "raised", 0.3) if on else theme.mix("line", "panel", 0.9 if warm else 0.55))
    painter.drawRoundedRect(QRectF(place).adjusted(1, 1, -1, -1), 4, 4)
    painter.setFont(theme.font(theme.SMALL, "semibold" if on else "medium"))
    painter.setPen(theme.color(ink))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, letter)


def _level(painter: QPainter, place: QRect, track: Track, gain: float) -> None:
    y = place.center().y() - 2
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("well"))
    painter.drawRoundedRect(QRectF(place.left(), y, place.width(), 5), 2.5, 2.5)
    width = fader_position(decibels(gain)) * place.width() if gain > 0 else 0.0
    painter.setBrush(theme.color("faint") if track.strip.mute else theme.color(track.color))
    if width >= 2:
        painter.drawRoundedRect(QRectF(place.left(), y, width, 5), 2.5, 2.5)
    painter.setBrush(theme.color("text"))
    painter.drawRoundedRect(QRectF(place.left() + width - 1.5, y - 3, 3, 11), 1.5, 1.5)


def _chevron(painter: QPainter, place: QRect, is_open: bool, warm: bool) -> None:
    x, y = place.center().x() + 0.5, place.center().y() + 0.5
    points = [(-4, -2), (0, 2), (4, -2)] if is_open else [(-2, -4), (2, 0), (-2, 4)]
    painter.setPen(QPen(theme.color("text" if warm else "dim"), 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF([QPointF(x + a, y + b) for a, b in points]))


def paint_lane(painter: QPainter, box: QRect, track: Track, number: int) -> None:
    """Paints the header of a take lane."""
    painter.fillRect(box, theme.mix("panel", "bg", 0.6))
    painter.fillRect(box.left(), box.top(), BAR, box.height() - 1, theme.mix(track.color, "bg", 0.4))
    painter.fillRect(box.left(), box.bottom(), box.width(), 1, theme.mix("line", "bg", 0.45))
    painter.setFont(theme.font(theme.SMALL))
    painter.setPen(theme.color("dim"))
    inner = box.adjusted(BAR + 24, 0, -20, 0)
    painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, f"Take {number}")


def paint_meter(painter: QPainter, place: QRect, peaks: tuple[float, float], clipped: bool) -> None:
    """Paints the two bars of a header's meter."""
    painter.fillRect(place, theme.color("well"))
    half = (place.width() - 1) / 2
    for i, peak in enumerate(peaks):
        height = int(meter_position(peak) * place.height())
        ink = "rec" if clipped else "ok"
        painter.fillRect(
            QRectF(place.left() + i * (half + 1), place.bottom() + 1 - height, half, height), theme.color(ink)
        )
