"""One writer per song: a lock that the operating system takes back when its process ends, however that ends."""

from __future__ import annotations

import os
import platform
import sys
import time
from pathlib import Path

import msgspec

from .failures import BundleError, BundleLocked, file_failure

LOCK_FILE = "project.lock"
_FAR = 2**30
"""Where Windows locks a byte: beyond the text, which others must be able to read."""


class Holder(msgspec.Struct, frozen=True):
    """Who holds a lock, as written into its file. `since` is Unix time in seconds."""

    pid: int = 0
    host: str = ""
    since: float = 0.0


class BundleLock:
    """The lock of a bundle's folder, held until `release`.

    Raises BundleLocked when somebody else holds it: another process, or another BundleLock of this one.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK_FILE
        self._handle = self._acquire(folder)
        text = msgspec.json.encode(Holder(os.getpid(), platform.node(), time.time()))
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, text, 0) if hasattr(os, "pwrite") else os.write(self._handle, text)

    def _acquire(self, folder: Path) -> int:
        while True:
            try:
                handle = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
            except OSError as cause:
                raise BundleError(file_failure(f"Opening “{folder.stem}”", cause)) from cause
            try:
                _lock(handle)
            except (BlockingIOError, PermissionError) as cause:
                os.close(handle)
                raise BundleLocked(_sentence(folder.stem, read_holder(self._path))) from cause
            except OSError as cause:
                os.close(handle)
                advice = "copy it to a local disk or open it read-only"
                raise BundleError(f"“{folder.stem}” is in a place that cannot be locked; {advice}.") from cause
            if self._is_in_place(handle):
                return handle
            os.close(handle)

    def _is_in_place(self, handle: int) -> bool:
        """Whether the locked file is still the one in the folder: its last holder may have removed it meanwhile."""
        try:
            return os.path.samestat(os.fstat(handle), self._path.stat())
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Gives the lock back and removes its file."""
        if self._handle < 0:
            return
        if sys.platform != "win32" and self._is_in_place(self._handle):
            _remove(self._path)
        os.close(self._handle)
        self._handle = -1
        if sys.platform == "win32":
            _remove(self._path)


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError:
        return  # the file without its lock blocks nobody


def read_holder(path: Path) -> Holder:
    """Who wrote a lock file; an empty Holder where that cannot be read."""
    try:
        return msgspec.json.decode(path.read_bytes()[:4096], type=Holder)
    except (OSError, msgspec.DecodeError):
        return Holder()


def _sentence(name: str, holder: Holder) -> str:
    who = "another studio"
    if holder.pid:
        place = "this computer" if holder.host == platform.node() else f"the computer {holder.host[:80]!r}"
        since = time.strftime("%H:%M", time.localtime(max(0.0, min(holder.since, 4e9))))
        who = f"another studio on {place} (process {holder.pid}, since {since})"
    return f"“{name}” is open in {who}; close it there or open it read-only here."


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        os.lseek(handle, _FAR, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        os.lseek(handle, 0, os.SEEK_SET)

else:
    import fcntl

    def _lock(handle: int) -> None:
        # flock belongs to the open file, so a second opener in the same process is refused too.
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
