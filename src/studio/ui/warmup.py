"""What the first paint does not wait for: a worker thread imports and opens it while the window is there already."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

HEAVY = (
    "msgspec",
    "numpy",
    "sqlalchemy",
    "sounddevice",
    "soundfile",
    "pedalboard",
    "soxr",
)


def import_all(names: Iterable[str] = HEAVY) -> list[str]:
    """Imports modules and returns those that failed; what needs one says so itself when it is used. Any thread."""
    failed = []
    for name in names:
        try:
            importlib.import_module(name)
        except (ImportError, OSError):
            failed.append(name)
    return failed


class Warmup(QObject):
    """Runs one function on a thread of its own and hands its result, or what it raised, to the main thread."""

    done = Signal(object)
    failed = Signal(object)
    _over = Signal(object, object)

    def __init__(self, load: Callable[[], Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._load = load
        self._thread = threading.Thread(target=self._run, name="warm-up", daemon=True)
        self._over.connect(self._hear, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Begins. Once."""
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Waits for the thread to end; False when it would not."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._over.emit(self._load(), None)
        except Exception as error:
            self._over.emit(None, error)

    def _hear(self, result: Any, error: Exception | None) -> None:
        if error is None:
            self.done.emit(result)
        else:
            self.failed.emit(error)
