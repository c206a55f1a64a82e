"""Whether a dataset's media are what they were: digests are computed once, then sizes and times tell."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Literal

import msgspec

from ...errors import StudioError
from ..modelstore.wanted import UNWATCHED, Watch
from .folder import DatasetFolder, digest_of

NOTED = "checked.json"
MAX_NOTED = 1 << 28
"""Bytes of the note; a million files take half of it."""

State = Literal["", "gone", "changed"]


class Seen:
    """What was found of the media of one dataset; a note that may be deleted. One thread at a time."""

    def __init__(self, folder: DatasetFolder) -> None:
        self._folder, self._file = folder, folder.folder / NOTED
        self._known = self._read()
        self._fresh = False

    def state(self, media: str, sha256: str, watch: Watch = UNWATCHED) -> State:
        """Whether a file is there and has its digest. Reads it only where its size or time is new. Worker threads."""
        path = self._folder.media(media)
        try:
            now = _looks(path)
        except OSError:
            return "gone"
        if self._known.get(media) == now:
            return ""
        try:
            if digest_of(path, watch) != sha256:
                return "changed"
        except StudioError:
            return "gone"
        self._known[media] = now
        self._fresh = True
        return ""

    def note(self) -> None:
        """Keeps what was found. A disk that refuses is no reason not to go on: the files are read again then."""
        if not self._fresh:
            return
        with contextlib.suppress(OSError):
            handle, temporary = tempfile.mkstemp(prefix=".part-", dir=self._file.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(msgspec.json.encode(self._known))
                Path(temporary).replace(self._file)
            finally:
                Path(temporary).unlink(missing_ok=True)
        self._fresh = False

    def _read(self) -> dict[str, tuple[int, int]]:
        try:
            if self._file.stat().st_size > MAX_NOTED:
                return {}
            return msgspec.json.decode(self._file.read_bytes(), type=dict[str, tuple[int, int]])
        except (OSError, msgspec.DecodeError):
            return {}


def _looks(path: Path) -> tuple[int, int]:
    """Size in bytes, and when it was written in nanoseconds since 1970."""
    about = path.stat()
    return about.st_size, about.st_mtime_ns
