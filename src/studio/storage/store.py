"""The store thread: the one writer of a song's file. The main thread hands writes over and never waits for the disk.

Writes are committed together every 15 ms with a log that is not synced (a killed process loses nothing that was
committed), and once a second, while there is something to sync, with one that is (a power cut loses a second).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import msgspec

from .database import Connection, close_cleanly, put_meta

COMMIT_SECONDS = 0.015
GESTURE_SECONDS = 0.050
SYNC_SECONDS = 1.0

_log = logging.getLogger(__name__)


class Write(msgspec.Struct, frozen=True):
    """One change of the file. `number` is the revision it stores, -1 where it is something else.

    A `gesture` writes again a revision that was handed over before; only its last state matters.
    """

    action: Callable[[Connection], None]
    number: int = -1
    gesture: bool = False


class Store:
    """Owns `db` until `stop`; others read from it while they hold `using`, as the store does while it writes.

    All methods may be called from any thread.

    `committed(number)` is called on the store thread after each commit with the newest revision that is on disk;
    `failed(error)` once, when a write did not succeed. After that nothing is written any more, and what was handed over
    stays in `unwritten`. `in_place` is called around each commit and raises when the file is no longer where it was.
    """

    def __init__(
        self,
        db: Connection,
        using: threading.Lock,
        durable: int,
        in_place: Callable[[], None],
        committed: Callable[[int], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._db, self._using, self._in_place, self._tell, self._tell_failure = db, using, in_place, committed, failed
        self._changed = threading.Condition()
        self._queue: list[Write] = []
        self._submitted = self._done = 0
        self._urgent = self._stopping = False
        self._last: Callable[[Connection], None] | None = None
        self._error: Exception | None = None
        self._durable = durable
        self._committed_at = self._written_at = 0.0
        self._unsynced_since: float | None = None
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self._thread.start()

    @property
    def durable(self) -> int:
        """The newest revision that is found again after a crash."""
        return self._durable

    @property
    def idle(self) -> bool:
        """Whether everything handed over is on disk."""
        with self._changed:
            return self._done == self._submitted

    @property
    def unwritten(self) -> tuple[Write, ...]:
        """What was handed over and is not on disk, in order."""
        with self._changed:
            return tuple(self._queue)

    def submit(self, write: Write) -> None:
        """Hands a write over. Never waits."""
        with self._changed:
            last = self._queue[-1] if self._queue else None
            if write.gesture and last is not None and last.number == write.number and last.gesture:
                self._queue[-1] = write
            else:
                self._queue.append(write)
                self._submitted += 1
            self._changed.notify_all()

    def flush(self, timeout: float) -> bool:
        """Waits until everything handed over so far is on disk and synced; False when it is not in time, or failed."""
        with self._changed:
            target = self._submitted
            self._urgent = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._error is not None or self._is_settled(target), timeout)
            return self._error is None and self._is_settled(target)

    def _is_settled(self, target: int) -> bool:
        return self._done >= target and self._unsynced_since is None

    def stop(self, last: Callable[[Connection], None]) -> Exception | None:
        """Writes what is left and `last`, makes the one file complete, closes it and ends the thread.

        Returns why that did not succeed, None when it did.
        """
        with self._changed:
            self._stopping, self._last = True, last
            self._changed.notify_all()
        self._thread.join()
        return self._error

    def _run(self) -> None:
        while self._error is None and (work := self._take()) is not None:
            self._commit(*work)
        try:
            self._finish()
        except Exception as error:  # whatever it is, the song's owner must hear of it
            self._fail(error)

    def _take(self) -> tuple[list[Write], bool] | None:
        """Waits for what to commit next and whether to sync it; None when nothing is left and the end has come."""
        with self._changed:
            while True:
                now = time.monotonic()
                if self._urgent or self._stopping:
                    if not self._queue and self._unsynced_since is None:
                        self._urgent = False
                        self._changed.notify_all()
                        if self._stopping:
                            return None
                    else:
                        return list(self._queue), True
                due = self._due()
                if due is not None and due <= now:
                    sync = self._unsynced_since is not None and now - self._unsynced_since >= SYNC_SECONDS
                    return self._queue[: len(self._queue) - self._is_held(now)], sync
                self._changed.wait(None if due is None else due - now)

    def _due(self) -> float | None:
        times = [] if self._unsynced_since is None else [self._unsynced_since + SYNC_SECONDS]
        if self._queue:
            only_gesture = len(self._queue) == 1 and self._queue[0].gesture
            times.append(self._written_at + GESTURE_SECONDS if only_gesture else self._committed_at + COMMIT_SECONDS)
        return min(times, default=None)

    def _is_held(self, now: float) -> bool:
        """Whether the last write is a gesture that may wait because more of it is likely to come."""
        return bool(self._queue) and self._queue[-1].gesture and now < self._written_at + GESTURE_SECONDS

    def _commit(self, writes: list[Write], sync: bool) -> None:
        try:
            self._in_place()
            self._transact(writes, sync)
            self._in_place()
        except Exception as error:  # whatever it is, nothing may be announced as saved from here on
            self._fail(error)
            return
        with self._changed:
            # A gesture that went on meanwhile has replaced its write in the queue and is still to come.
            done = {id(write) for write in writes}
            self._queue = [write for write in self._queue if id(write) not in done]
            self._done = self._submitted - len(self._queue)
            self._committed_at = time.monotonic()
            if writes and writes[-1].number >= 0:
                self._written_at = self._committed_at
            self._unsynced_since = None if sync else self._unsynced_since or self._committed_at
            self._durable = max((self._durable, *(write.number for write in writes)))
            self._changed.notify_all()
        self._announce(self._tell, self._durable)

    def _transact(self, writes: list[Write], sync: bool) -> None:
        with self._using:
            self._transact_alone(writes, sync)

    def _transact_alone(self, writes: list[Write], sync: bool) -> None:
        self._db.execute(f"PRAGMA synchronous={'FULL' if sync else 'NORMAL'}")
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for write in writes:
                write.action(self._db)
            if sync:
                put_meta(self._db, "synced", time.time_ns())  # a commit without a change would sync nothing
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _fail(self, error: Exception) -> None:
        with self._changed:
            self._error = error
            self._changed.notify_all()
        self._announce(self._tell_failure, error)

    def _announce(self, tell: Callable[..., None], *told: object) -> None:
        try:
            tell(*told)
        except Exception:  # a listener's fault is not the disk's
            _log.exception("a listener of the store failed")

    def _finish(self) -> None:
        """The end of the thread: the last write and a complete file, or after a failure just the file's release."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopping)
        if self._error is not None:
            self._db.close()
            return
        try:
            self._in_place()
            if self._last is not None:
                self._transact([Write(self._last)], True)
        except BaseException:
            self._db.close()
            raise
        close_cleanly(self._db)
