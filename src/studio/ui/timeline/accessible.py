"""The canvas for screen readers: a list of tracks, each a list of clips, with name, role, state and place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget

from ...document.time import bar_beat
from ..accessibles import Item, Provider
from .hit import handles
from .scene import Row
from .selection import locate

if TYPE_CHECKING:
    from .view import TimelineView

Role, Text = QAccessible.Role, QAccessible.Text


class CanvasAccessible(QAccessibleWidget):
    """The timeline: its children are the tracks. Keeps every interface that it gave away: Qt holds no reference."""

    def __init__(self, view: TimelineView) -> None:
        super().__init__(view, Role.List, "Timeline")
        self.view = view
        self._tracks: dict[str, TrackAccessible] = {}
        self._clips: dict[str, ClipAccessible] = {}

    def rows(self) -> Sequence[Row]:
        """The rows of the tracks."""
        return self.view.stage.scene.track_rows()

    def track(self, track_id: str) -> TrackAccessible:
        """The interface of a track."""
        return self._tracks.setdefault(track_id, TrackAccessible(self, track_id))

    def clip(self, clip_id: str) -> ClipAccessible:
        """The interface of a clip."""
        return self._clips.setdefault(clip_id, ClipAccessible(self, clip_id))

    def childCount(self) -> int:
        return len(self.rows())

    def child(self, index: int) -> QAccessibleInterface | None:
        rows = self.rows()
        return self.track(rows[index].track.id) if 0 <= index < len(rows) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        ids = [row.track.id for row in self.rows()]
        return ids.index(child.id) if isinstance(child, TrackAccessible) and child.id in ids else -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:
        at = self.view.viewport().mapFromGlobal(QPoint(x, y))
        canvas = self.view.stage.canvas
        row = canvas.scene.row_at(round(at.y() * canvas.axis.ratio) + canvas.top)
        return self.track(row.track.id).childAt(x, y) or self.track(row.track.id) if row else None

    def focusChild(self) -> QAccessibleInterface | None:
        chosen = self.view.stage.selection
        return self.clip(min(chosen)) if len(chosen) == 1 else None

    def text(self, kind: QAccessible.Text) -> str:
        if kind == Text.Name:
            return "Timeline"
        if kind == Text.Description:
            count = self.childCount()
            return "No tracks; import sounds to begin" if not count else f"{count} track{'s' if count > 1 else ''}"
        return ""

    def screen(self, left: float, top: float, right: float, bottom: float) -> QRect:
        """A place of the canvas, given in device pixels, on the screen."""
        ratio, port = self.view.stage.canvas.axis.ratio, self.view.viewport()
        x0, x1 = max(left / ratio, 0), min(right / ratio, port.width())
        corner = port.mapToGlobal(QPoint(int(x0), int(top / ratio)))
        return QRect(corner.x(), corner.y(), max(int(x1 - x0), 0), int((bottom - top) / ratio))


class TrackAccessible(QAccessibleInterface):
    """A track: its children are its clips in order of time."""

    def __init__(self, canvas: CanvasAccessible, track_id: str) -> None:
        super().__init__()
        self.canvas, self.id = canvas, track_id

    def _row(self) -> Row | None:
        return self.canvas.view.stage.scene.row(self.id)

    def isValid(self) -> bool:
        return self._row() is not None

    def object(self) -> QObject | None:
        return None

    def parent(self) -> QAccessibleInterface:
        return self.canvas

    def role(self) -> QAccessible.Role:
        return Role.ListItem

    def childCount(self) -> int:
        row = self._row()
        return len(row.plan.ids) if row else 0

    def child(self, index: int) -> QAccessibleInterface | None:
        row = self._row()
        return self.canvas.clip(row.plan.ids[index]) if row and 0 <= index < len(row.plan.ids) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        row = self._row()
        if row is None or not isinstance(child, ClipAccessible) or child.id not in row.plan.ids:
            return -1
        return list(row.plan.ids).index(child.id)

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:
        row, view = self._row(), self.canvas.view
        at = view.viewport().mapFromGlobal(QPoint(x, y))
        if row is None:
            return None
        index = row.plan.clip_at(view.stage.canvas.axis.tick(at.x() * view.stage.canvas.axis.ratio))
        return self.child(index) if index >= 0 else None

    def rect(self) -> QRect:
        row, canvas = self._row(), self.canvas.view.stage.canvas
        if row is None:
            return QRect()
        top = row.top - canvas.top
        return self.canvas.screen(0, top, canvas.backing.width, top + row.height)

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        state.selectable = True
        state.selected = self.id == self.canvas.view.stage.track_id
        return state

    def text(self, kind: QAccessible.Text) -> str:
        row = self._row()
        if row is None:
            return ""
        track, count = row.track, self.childCount()
        if kind == Text.Name:
            return track.name
        if kind == Text.Description:
            flags = {"muted": track.strip.mute, "solo": track.strip.solo, "armed": track.armed}
            words = [f"{count} clip{'' if count == 1 else 's'}", *(word for word, on in flags.items() if on)]
            return ("Bus, " if track.kind == "bus" else "") + ", ".join(words)
        return ""

    def setText(self, _kind: QAccessible.Text, _text: str) -> None:
        """Names are changed by the commands."""


class ClipAccessible(Item):
    """A clip."""

    def __init__(self, canvas: CanvasAccessible, clip_id: str) -> None:
        super().__init__(canvas)
        self.canvas, self.id = canvas, clip_id

    def _found(self) -> tuple[Row, int] | None:
        return locate(self.canvas.view.stage, self.id)

    def isValid(self) -> bool:
        return self._found() is not None

    def parent(self) -> QAccessibleInterface | None:
        found = self._found()
        return self.canvas.track(found[0].track.id) if found else None

    def rect(self) -> QRect:
        found = self._found()
        if found is None:
            return QRect()
        at = handles(self.canvas.view.stage, *found)
        return self.canvas.screen(at.left, at.top, at.right, at.bottom)

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        state.selectable = state.focusable = True
        state.selected = state.focused = self.id in self.canvas.view.stage.selection
        found, canvas = self._found(), self.canvas.view.stage.canvas
        if found is not None:
            at = handles(self.canvas.view.stage, *found)
            state.offscreen = at.right < 0 or at.left > canvas.backing.width
        return state

    def text(self, kind: QAccessible.Text) -> str:
        found, project = self._found(), self.canvas.view.stage.project
        if found is None or project is None:
            return ""
        row, i = found
        if kind == Text.Name:
            return row.plan.names[i]
        if kind == Text.Description:
            spot = bar_beat(project.signatures, round(float(row.plan.begin[i])))
            seconds = int(row.plan.last[i] - row.plan.first[i]) / project.rate
            muted = ", muted" if row.plan.muted[i] else ""
            return f"on {row.track.name}, at bar {spot.bar} beat {spot.beat}, {seconds:.1f} seconds{muted}"
        return ""


def _views() -> type:
    from .view import TimelineView

    return TimelineView


_provider = Provider(_views, CanvasAccessible)
install = _provider.install


def tell_selection(view: TimelineView) -> None:
    """Tells screen readers which clip has been chosen."""
    if not QAccessible.isActive() or len(view.stage.selection) != 1:
        return
    interface = QAccessible.queryAccessibleInterface(view)
    if isinstance(interface, CanvasAccessible):
        chosen = interface.clip(min(view.stage.selection))
        QAccessible.updateAccessibility(QAccessibleEvent(chosen, QAccessible.Event.Focus))
