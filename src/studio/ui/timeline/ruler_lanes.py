"""Where the lanes of the ruler are, and how each is painted. Heights in logical pixels, painting in device pixels."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from ...document.project import Project
from ...document.time import PPQ, bar_beat
from .. import theme
from . import grid
from .axis import Axis
from .labels import device_font

LOOP = (0, 11)
BARS = (0, 26)
TIME = (26, 42)
MARKERS = (42, 60)
SECTIONS = (60, 82)
CHORDS = (82, 104)
HEIGHT = 106

BAR_LABELS = 56.0
TIME_LABELS = 76.0
_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


def paint_scale(painter: QPainter, project: Project, axis: Axis, left: int, right: int) -> None:
    """Paints loop, bars and time between two columns; what is there moves along unchanged when the song is scrolled."""
    painter.setClipRect(left, 0, right - left, round(TIME[1] * axis.ratio))
    painter.fillRect(left, 0, right - left, round(TIME[1] * axis.ratio), theme.color("panel"))
    _loop(painter, project, axis)
    _bars(painter, project, axis, left, right)
    _times(painter, project, axis, left, right)


def paint_places(painter: QPainter, project: Project, axis: Axis, width: int) -> None:
    """Paints markers and sections; the painter's origin is their upper edge."""
    ratio, hair = axis.ratio, max(round(axis.ratio), 1)
    painter.translate(0, -round(TIME[1] * ratio))
    painter.fillRect(0, round(TIME[1] * ratio), width, round((HEIGHT - TIME[1]) * ratio) + 1, theme.color("bg"))
    for lane in (MARKERS, SECTIONS, CHORDS):
        painter.fillRect(0, round(lane[0] * ratio), width, hair, theme.mix("line", "bg", 0.5))
    _sections(painter, project, axis, 0, width)
    _markers(painter, project, axis, 0, width)
    painter.fillRect(0, round(HEIGHT * ratio) - hair, width, hair, theme.color("line"))


def _loop(painter: QPainter, project: Project, axis: Axis) -> None:
    loop, ratio = project.loop, axis.ratio
    x0, x1 = axis.x(loop.start), axis.x(loop.end)
    ink = theme.color("accent") if loop.on else theme.color("faint")
    painter.fillRect(QRectF(x0, 0, max(x1 - x0, 2), BARS[1] * ratio), theme.color("accent", 0.1 if loop.on else 0.0))
    painter.fillRect(QRectF(x0, 0, max(x1 - x0, 2), 5 * ratio), ink)


def _bars(painter: QPainter, project: Project, axis: Axis, left: int, right: int) -> None:
    ratio, hair = axis.ratio, max(round(axis.ratio), 1)
    per_tick, bottom = axis.logical_per_tick(), round(BARS[1] * ratio)
    first, last = axis.tick(left - BAR_LABELS * 2 * ratio), axis.tick(right)
    ticks, strong = grid.lines(project.signatures, first, last, per_tick)
    for x, bar in zip(axis.xs(ticks.astype(float)).tolist(), strong.tolist(), strict=True):
        height = round((8 if bar else 4) * ratio)
        painter.fillRect(x, bottom - height, hair, height, theme.color("faint" if bar else "line"))
    labels, strong = grid.lines(project.signatures, first, last, per_tick, BAR_LABELS)
    painter.setFont(device_font(theme.SMALL, ratio))
    for tick, x, bar in zip(labels.tolist(), axis.xs(labels.astype(float)).tolist(), strong.tolist(), strict=True):
        spot = bar_beat(project.signatures, tick)
        text = str(spot.bar) if bar else f"{spot.bar}.{spot.beat}" + (f".{spot.tick:03d}" if spot.tick else "")
        painter.setPen(theme.color("text" if bar else "dim"))
        painter.fillRect(x, round(7 * ratio), hair, bottom - round(7 * ratio), theme.color("line"))
        box = QRectF(x + 5 * ratio, 6 * ratio, 90 * ratio, 16 * ratio)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


def time_step(seconds: float) -> float:
    """The smallest round number of seconds that is at least `seconds`."""
    return next((step for step in _STEPS if step >= seconds), _STEPS[-1])


def time_text(seconds: float, step: float) -> str:
    """A time as the ruler writes it: minutes and seconds, with the decimals that `step` needs."""
    decimals = 0 if step >= 1 else 1 if step >= 0.1 else 2 if step >= 0.01 else 3
    minutes, rest = divmod(round(seconds * 10**decimals), 60 * 10**decimals)
    width = decimals + 3 if decimals else 2
    return f"{minutes}:{rest / 10**decimals:0{width}.{decimals}f}"


def _times(painter: QPainter, project: Project, axis: Axis, left: int, right: int) -> None:
    ratio, hair, time = axis.ratio, max(round(axis.ratio), 1), project.time
    first, last = time.seconds_of([axis.tick(left - TIME_LABELS * 2 * ratio), axis.tick(right)]).tolist()
    slowest = 60 / (PPQ * min(point.bpm for point in time.points))
    step = time_step(slowest / axis.per_tick * TIME_LABELS * ratio)
    count = int((last - first) / step) + 2
    at = [n * step for n in range(max(int(first / step), 0), max(int(first / step), 0) + count) if n * step <= last]
    painter.setFont(device_font(10, ratio, mono=True))
    painter.setPen(theme.color("dim"))
    ticks = time.exact_ticks([seconds * time.rate for seconds in at]) if at else []
    top, height = TIME[0] * ratio, (TIME[1] - TIME[0]) * ratio
    for seconds, tick in zip(at, ticks, strict=True):
        x = round(axis.x(float(tick)))
        painter.fillRect(x, round(top + height - 4 * ratio), hair, round(4 * ratio), theme.color("faint"))
        box = QRectF(x + 5 * ratio, top, 90 * ratio, height)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, time_text(seconds, step))


def _sections(painter: QPainter, project: Project, axis: Axis, left: int, right: int) -> None:
    ratio = axis.ratio
    painter.setFont(device_font(theme.SMALL, ratio, "medium"))
    top, height = (SECTIONS[0] + 3) * ratio, (SECTIONS[1] - SECTIONS[0] - 4) * ratio
    for section in project.sections:
        x0, x1 = round(axis.x(section.start)), round(axis.x(section.start + section.length))
        if x1 <= left or x0 >= right:
            continue
        box = QRectF(x0, top, max(x1 - x0 - ratio, 1), height)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.mix(section.color, "bg", 0.3))
        painter.drawRoundedRect(box, 3 * ratio, 3 * ratio)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(theme.mix("#ffffff", section.color, 0.45))
        inner = box.adjusted(max(6 * ratio, left - x0 + 6 * ratio), 0, -4 * ratio, 0)
        if inner.width() > 8 * ratio:
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, section.name)


def _markers(painter: QPainter, project: Project, axis: Axis, left: int, right: int) -> None:
    ratio = axis.ratio
    painter.setFont(device_font(theme.SMALL, ratio))
    top, bottom = MARKERS[0] * ratio, MARKERS[1] * ratio
    for i, marker in enumerate(project.markers):
        x = round(axis.x(marker.start))
        if x < left - 300 * ratio or x > right + 10 * ratio:
            continue
        flag = [(x, top + 4 * ratio), (x + 7 * ratio, top + 8 * ratio), (x, top + 12 * ratio)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("text"))
        painter.drawPolygon(QPolygonF([QPointF(a, b) for a, b in flag]))
        painter.fillRect(x, round(top), max(round(ratio), 1), round(bottom - top), theme.color("text"))
        painter.setPen(theme.color("text"))
        following = axis.x(project.markers[i + 1].start) if i + 1 < len(project.markers) else x + 300 * ratio
        box = QRectF(x + 11 * ratio, top, max(min(following - x - 14 * ratio, 280 * ratio), 0), bottom - top)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, marker.name)


def paint_playhead(painter: QPainter, x: int, ratio: float) -> None:
    """The head of the playhead, and its line down to the canvas."""
    half, foot = 6 * ratio, BARS[1] * ratio
    width = max(round(1.5 * ratio), 1)
    painter.fillRect(x - width // 2, round(foot - 8 * ratio), width, round(HEIGHT * ratio), theme.color("text"))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("text"))
    middle = x - width // 2 + width / 2
    head = [(middle - half, foot - 16 * ratio), (middle + half, foot - 16 * ratio), (middle, foot - 6 * ratio)]
    painter.drawPolygon(QPolygonF([QPointF(a, b) for a, b in head]))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
