"""One file from the hub to the disk: resumed where it stopped, tried again when the line breaks, checked at its end."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from ...errors import StudioError
from ..failures import file_failure
from .hub import HubAway, HubError, Listing, RemoteFile, Unsteady, stream
from .wanted import Wanted, Watch

PART = ".part"
"""The ending of a file that is not whole yet."""


class Patience(msgspec.Struct, frozen=True):
    """How long a hub is waited for: `silence` seconds for its next byte, `tries` without any progress.

    Before the n-th of them passes `pause` seconds times 2 to the n, at most a minute.
    """

    silence: float = 10.0
    tries: int = 6
    pause: float = 1.0


class Door(msgspec.Struct, frozen=True):
    """How the hub is asked: its address, the user's token for gated models, and the patience."""

    endpoint: str
    token: str | None
    patience: Patience


Moved = Callable[[int], None]
"""Hears of bytes that have come; negative where some had to be thrown away."""


def persist(patience: Patience, watch: Watch, attempt: Callable[[], Any], progress: Callable[[], int]) -> Any:
    """Calls `attempt` until it does not fail for a reason that may go away; gives up after `tries` without progress.

    Raises HubAway then. Anything else it raises passes through at once.
    """
    left, reached = patience.tries, progress()
    while True:
        watch.check()
        try:
            return attempt()
        except Unsteady as error:
            now = progress()
            left, reached = (patience.tries, now) if now > reached else (left - 1, reached)
            if left <= 0:
                raise HubAway(f"{error}; what has come is kept, so try again later.") from error
            _rest(watch, error.wait or min(patience.pause * 2.0 ** (patience.tries - left), 60.0))


def _rest(watch: Watch, seconds: float) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        watch.check()
        time.sleep(min(left, 0.1))


def fetch(
    spec: Wanted, listing: Listing, file: RemoteFile, target: Path, door: Door, watch: Watch, moved: Moved
) -> str:
    """Brings one file to `target`, which appears whole or not at all, and returns its SHA-256.

    What is there of it in `target` with the ending `.part` is kept and continued. Raises HubError or StudioError.
    """
    part = target.with_name(target.name + PART)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        moved(_size(part))
        attempt = lambda: _once(spec, listing.commit, file, part, door, watch, moved)  # noqa: E731
        persist(door.patience, watch, attempt, lambda: _size(part))
        digest = check_content(spec, file, part, watch)
        with part.open("rb+") as handle:
            os.fsync(handle.fileno())
        part.replace(target)
    except OSError as cause:
        raise disk_failure(spec, cause) from cause
    return digest


def _once(spec: Wanted, commit: str, file: RemoteFile, part: Path, door: Door, watch: Watch, moved: Moved) -> None:
    """One request for what is missing."""
    begin = _size(part)
    if begin > file.bytes:
        part.unlink()
        moved(-begin)
        begin = 0
    if begin == file.bytes:
        part.touch()
        return
    with stream(spec, door.endpoint, commit, file.path, begin, door.patience.silence, door.token) as answer:
        if begin and answer.status_code != 206:  # the hub starts at the beginning again
            part.unlink()
            moved(-begin)
            begin = 0
        with part.open("ab") as handle:
            for piece in answer.iter_raw():  # as it comes: what waits for a larger piece is lost when the line breaks
                watch.check()
                if begin + len(piece) > file.bytes:
                    raise HubError(f"The hub sends more of “{spec.title}” than it announced; nothing of it is used.")
                handle.write(piece)
                begin += len(piece)
                moved(len(piece))
    if begin < file.bytes:
        raise Unsteady("The hub closed the line early")


def check_content(spec: Wanted, file: RemoteFile, path: Path, watch: Watch) -> str:
    """The SHA-256 of a file that is whole, after comparing it with what the hub told of it.

    What differs is deleted. Raises StudioError then.
    """
    sha256 = sha256_of(path, watch)
    told, found = (file.sha256, sha256) if file.sha256 else (file.blob, _blob_of(path, watch) if file.blob else "")
    if told != found and told:
        path.unlink()
        raise wrong_digest(spec, file.path)
    return sha256


def wrong_digest(spec: Wanted, path: str) -> StudioError:
    """The error for a file that is another than the one that was promised."""
    return StudioError(
        f"“{path}” of “{spec.title}” is not the file that was promised: its digest differs. Nothing of it is used;"
        " fetch the model again, and if that does not help, do not use this source."
    )


def sha256_of(path: Path, watch: Watch) -> str:
    """The SHA-256 of a file. Worker threads; the watch may end it."""
    return _digest(path, hashlib.sha256(), watch)


def _blob_of(path: Path, watch: Watch) -> str:
    """The digest that git gives a file."""
    return _digest(path, hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False), watch)


def _digest(path: Path, digest: hashlib._Hash, watch: Watch) -> str:
    with path.open("rb") as handle:
        while piece := handle.read(1 << 20):
            watch.check()
            digest.update(piece)
    return digest.hexdigest()


def disk_failure(spec: Wanted, cause: OSError) -> StudioError:
    """The sentence for a disk that did not take a download."""
    if cause.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StudioError(
            f"The disk is full, so “{spec.title}” is not complete; what has come is kept. Free some space, or remove a"
            " model, and go on."
        )
    if cause.errno == errno.EFBIG:
        return StudioError(f"This disk cannot hold files as large as those of “{spec.title}”; use another one.")
    return StudioError(file_failure(f"Keeping “{spec.title}”", cause))


def _size(part: Path) -> int:
    try:
        return part.stat().st_size
    except FileNotFoundError:
        return 0
