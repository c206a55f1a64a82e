"""Questions to the library, asked on one thread beside the window's, whose late answers are dropped."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal

from ...errors import StudioError


class _Turn(QRunnable):
    def __init__(self, number: int, task: Callable[[], Any], wanted: Callable[[int], bool], tell: Callable[..., None]):
        super().__init__()
        self.setAutoDelete(False)
        self._number, self._task, self._wanted, self._tell = number, task, wanted, tell

    def run(self) -> None:
        result, error = None, None
        if self._wanted(self._number):
            try:
                result = self._task()
            except StudioError as refused:
                error = refused
            except Exception as cause:  # the window must hear of it; a thread that dies silently would leave it waiting
                error = StudioError(f"The library could not answer ({type(cause).__name__}: {cause}); try again.")
                error.__cause__ = cause
        self._tell(self._number, result, error)


class Background(QObject):
    """Runs tasks one after the other on a thread of its own. Main thread, except for the tasks.

    `failed(error)` carries the StudioError of a task that nobody else hears of.
    """

    failed = Signal(object)
    _told = Signal(int, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._pool.setExpiryTimeout(-1)
        self._numbers = count(1)
        self._turns: dict[int, tuple[_Turn, str, Callable[[Any], None] | None]] = {}
        self._latest: dict[str, int] = {}
        self._closed = False
        self._told.connect(self._hear, Qt.ConnectionType.QueuedConnection)

    def do(self, task: Callable[[], Any], then: Callable[[Any], None] | None = None) -> None:
        """Runs a task whose effect is wanted in any case; `then(result)` follows on the main thread."""
        self._start("", task, then)

    def ask(self, topic: str, task: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Asks for an answer that only counts until the next question of the same topic: an older one is not even run
        if it still waits, and its answer is dropped if it comes."""
        self._latest[topic] = self._start(topic, task, then)

    def forget(self, prefix: str) -> None:
        """Drops every question whose topic begins so."""
        for topic in [topic for topic in self._latest if topic.startswith(prefix)]:
            del self._latest[topic]

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._turns)

    def close(self) -> None:
        """Does what is to be done in any case, drops the questions. The last thing to call; waits."""
        self._closed = True
        self._latest.clear()
        self._pool.waitForDone()
        self._turns.clear()

    def _start(self, topic: str, task: Callable[[], Any], then: Callable[[Any], None] | None) -> int:
        number = next(self._numbers)
        if not self._closed:
            turn = _Turn(number, task, self._wanted, self._told.emit)
            self._turns[number] = (turn, topic, then)
            if topic:
                self._latest[topic] = number
            self._pool.start(turn)
        return number

    def _wanted(self, number: int) -> bool:
        """Whether anybody waits for this. Any thread: reads two dicts once each."""
        turn = self._turns.get(number)
        return turn is not None and (not turn[1] or self._latest.get(turn[1]) == number)

    def _hear(self, number: int, result: Any, error: StudioError | None) -> None:
        wanted = self._wanted(number)
        turn = self._turns.pop(number, None)
        if turn is None or not wanted:
            return
        if turn[1]:
            del self._latest[turn[1]]
        if error is not None:
            self.failed.emit(error)
        elif turn[2] is not None:
            turn[2](result)
