"""A window that knows how long its frames take."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QMainWindow


class Window(QMainWindow):
    """Notes how long painting and flushing take."""

    spent = 0.0
    worked = 0.0

    def event(self, event: QEvent) -> bool:
        if event.type() != QEvent.Type.UpdateRequest:
            return super().event(event)
        start, work = time.perf_counter(), time.thread_time()
        done = super().event(event)
        self.spent += time.perf_counter() - start
        self.worked += time.thread_time() - work
        return done
