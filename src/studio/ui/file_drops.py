"""Sound files dropped on a part of a widget: on a track's header, on a lane's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar, cast

from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtGui import QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from .timeline.drops import paths_of

K = TypeVar("K")


class FileDrops(QObject, Generic[K]):
    """Lets files be dropped on those parts of a widget that take them. Main thread.

    `part_at(point)` names the part at a place of the widget, None where nothing can be dropped; `take(paths, part)`
    gets what was dropped. `over` is the part that a drag is over now, for the widget to show; it is repainted when that
    changes.
    """

    def __init__(
        self,
        widget: QWidget,
        part_at: Callable[[QPoint], K | None],
        take: Callable[[list[str], K], object],
    ) -> None:
        super().__init__(widget)
        self.over: K | None = None
        self._widget, self._part_at, self._take = widget, part_at, take
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in {QEvent.Type.DragEnter, QEvent.Type.DragMove}:
            self._move(cast(QDragMoveEvent, event))
        elif kind == QEvent.Type.DragLeave:
            self._show(None)
        elif kind == QEvent.Type.Drop:
            self._drop(cast(QDropEvent, event))
        else:
            return False
        return True

    def _part(self, event: QDropEvent) -> K | None:
        return self._part_at(event.position().toPoint()) if paths_of(event.mimeData()) else None

    def _move(self, event: QDragMoveEvent) -> None:
        part = self._part(event)
        self._show(part)
        if part is not None:
            event.acceptProposedAction()
        elif event.type() == QEvent.Type.DragEnter and paths_of(event.mimeData()):
            event.accept()  # another part of the widget may take it
        else:
            event.ignore()

    def _drop(self, event: QDropEvent) -> None:
        part = self._part(event)
        self._show(None)
        if part is None:
            event.ignore()
            return
        event.acceptProposedAction()
        self._take(paths_of(event.mimeData()), part)

    def _show(self, part: K | None) -> None:
        if part != self.over:
            self.over = part
            self._widget.update()
