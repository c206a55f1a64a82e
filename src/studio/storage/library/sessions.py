"""Which processes are alive: each locks a file of its own, and the system lets go of it however the process ends."""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
import time
from collections.abc import Iterator
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


POLL_SECONDS = 0.02


def take(file: Path) -> int | None:
    """Locks a file, made if missing, and returns its descriptor (close it to let go), or None while another has it.

    Raises OSError when the file cannot be made.
    """
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(handle)
    except OSError:
        os.close(handle)
        return None
    return handle


@contextlib.contextmanager
def alone(file: Path, seconds: float) -> Iterator[None]:
    """Waits for the lock on a file and holds it. Raises TimeoutError after `seconds`, OSError if it cannot be made."""
    end = time.monotonic() + seconds
    while (handle := take(file)) is None:
        if time.monotonic() > end:
            raise TimeoutError(f"{file} is locked")
        time.sleep(POLL_SECONDS)
    try:
        yield
    finally:
        os.close(handle)


class Session:
    """This process's sign of life in a folder that several processes share."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.id = secrets.token_hex(8)
        self._folder = folder
        self._handle = take(folder / self.id)

    def alive(self, session: str) -> bool:
        """Whether the process that calls itself `session` still runs. Clears away after one that does not."""
        if session == self.id:
            return True
        file = self._folder / session
        if not session.isalnum() or not file.exists():
            return False
        handle = take(file)
        if handle is None:
            return True
        os.close(handle)
        file.unlink(missing_ok=True)
        return False

    def close(self) -> None:
        """Takes the sign down."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
            (self._folder / self.id).unlink(missing_ok=True)
