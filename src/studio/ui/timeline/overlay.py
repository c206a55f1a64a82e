"""What lies over the clips and moves without them: playhead, handles, the gesture in progress, drops, hints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from .. import theme
from . import labels
from .hit import Handles, handles
from .labels import device_font
from .stage import Stage

if TYPE_CHECKING:
    from .view import TimelineView

PLAYHEAD = 8
"""Half the width that the playhead may repaint, in logical pixels."""

HINT_WIDTH = 300
HINT = "Drop sounds here for a new track"
EMPTY = (
    "Drop sounds here",
    "or press Ctrl+I to import them, Ctrl+Shift+N for an empty track to record on",
)
_GUIDE = theme.color("accent", 0.8)


def playhead_x(stage: Stage) -> int:
    """The column of the playhead, in device pixels of the canvas."""
    return round(stage.playhead_tick * stage.canvas.axis.per_tick) - stage.canvas.axis.scroll


def paint(painter: QPainter, view: TimelineView, dirty: QRect) -> None:
    """Paints all of it; the painter counts device pixels, `dirty` logical ones."""
    stage = view.stage
    if stage.project is None:
        return
    if dirty.left() < HINT_WIDTH or not stage.scene.rows:
        _hints(painter, stage)
    if dirty.left() < labels.WIDEST:
        view.edge_names.paint(painter, dirty.left() * stage.canvas.axis.ratio)
    if view.pointer.hover is not None and view.pointer.gesture is None:
        hit = view.pointer.hover
        if hit.row is not None and hit.index >= 0 and hit.row.lane < 0 and hit.index < len(hit.row.plan.ids):
            _handles(painter, stage, handles(stage, hit.row, hit.index), hit.zone)
    if view.drop is not None:
        _drop(painter, view)
    _playhead(painter, stage)
    if view.pointer.gesture is not None:
        guide = view.pointer.gesture.guide
        if guide is not None:
            x = round(stage.x_of(guide))
            painter.fillRect(x, 0, max(round(stage.canvas.axis.ratio), 1), stage.canvas.backing.height, _GUIDE)
        view.pointer.gesture.paint(painter)
        _say(painter, view)


def _playhead(painter: QPainter, stage: Stage) -> None:
    width = max(round(1.5 * stage.canvas.axis.ratio), 1)
    x = playhead_x(stage)
    painter.fillRect(x - width // 2, 0, width, stage.canvas.backing.height, theme.color("text"))


def _hints(painter: QPainter, stage: Stage) -> None:
    canvas = stage.canvas
    ratio, end = canvas.axis.ratio, canvas.scene.height - canvas.top
    room = canvas.backing.height - end
    if canvas.scene.rows:
        if room > 40 * ratio:
            painter.setFont(device_font(theme.TEXT, ratio))
            painter.setPen(theme.color("dim"))
            box = QRectF(18 * ratio, end, (HINT_WIDTH - 18) * ratio, 44 * ratio)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, HINT)
        return
    middle = canvas.backing.height / 2
    for text, size, ink, y in ((EMPTY[0], 20, "text", -30), (EMPTY[1], theme.TEXT, "dim", 2)):
        painter.setFont(device_font(size, ratio, "medium" if ink == "text" else "regular"))
        painter.setPen(theme.color(ink))
        box = QRectF(0, middle + y * ratio, canvas.backing.width, 28 * ratio)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _handles(painter: QPainter, stage: Stage, at: Handles, zone: str) -> None:
    ratio = stage.canvas.axis.ratio
    if zone in {"left", "right"}:
        x = at.left if zone == "left" else at.right - 3 * ratio
        painter.fillRect(QRectF(x, at.top, 3 * ratio, at.bottom - at.top), theme.color("text", 0.75))
    if not at.grips:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color("bg"), ratio))
    for name, x in (("fade_in", at.fade_in), ("fade_out", at.fade_out)):
        painter.setBrush(theme.color("accent" if zone == name else "text"))
        inside = min(max(x, at.left + 6 * ratio), at.right - 6 * ratio)
        painter.drawEllipse(QPointF(inside, at.fade_y), 4 * ratio, 4 * ratio)
    painter.setBrush(theme.color("accent" if zone == "gain" else "text"))
    painter.drawRoundedRect(
        QRectF(at.gain_x - 9 * ratio, at.fade_y - 3 * ratio, 18 * ratio, 6 * ratio), 3 * ratio, 3 * ratio
    )
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _drop(painter: QPainter, view: TimelineView) -> None:
    stage, target = view.stage, view.drop
    assert target is not None
    canvas = stage.canvas
    ratio, x = canvas.axis.ratio, round(stage.x_of(target.frame))
    row = stage.scene.row(target.track) if target.track else None
    if row is not None:
        painter.fillRect(0, row.top - canvas.top, canvas.backing.width, row.height, theme.color("accent", 0.08))
        painter.fillRect(x, row.top - canvas.top, round(2 * ratio), row.height, theme.color("accent"))
        return
    rows = stage.scene.track_rows()
    y = (rows[target.index].top if target.index < len(rows) else stage.scene.height) - canvas.top
    painter.fillRect(0, y - round(ratio), canvas.backing.width, round(2 * ratio), theme.color("accent"))
    painter.fillRect(x, y, round(2 * ratio), round(40 * ratio), theme.color("accent"))


def _say(painter: QPainter, view: TimelineView) -> None:
    """The words of a gesture beside the pointer."""
    gesture, at = view.pointer.gesture, view.pointer.at
    if gesture is None or not gesture.says:
        return
    ratio = view.stage.canvas.axis.ratio
    painter.setFont(device_font(theme.SMALL, ratio, mono=True))
    width = painter.fontMetrics().horizontalAdvance(gesture.says) + round(12 * ratio)
    height = round(20 * ratio)
    x = min(max(round(at.x + 14 * ratio), 0), view.stage.canvas.backing.width - width)
    y = max(round(at.y - 28 * ratio), 0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("raised"))
    painter.drawRoundedRect(QRectF(x, y, width, height), 4 * ratio, 4 * ratio)
    painter.setPen(theme.color("text"))
    painter.drawText(QRect(x, y, width, height), Qt.AlignmentFlag.AlignCenter, gesture.says)


def say_rect(view: TimelineView) -> QRect:
    """The part of the canvas that the words of a gesture may cover, in device pixels."""
    at, ratio = view.pointer.at, view.stage.canvas.axis.ratio
    return QRect(round(at.x - 200 * ratio), round(at.y - 32 * ratio), round(400 * ratio), round(40 * ratio))
