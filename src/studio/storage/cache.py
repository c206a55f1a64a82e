"""The folder `cache/` of a song: peaks and playable copies, named by content. It may be deleted at any time."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from ..document.project import Media
from .failures import BundleError, file_failure

CACHE = "cache"
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Cache:
    """Where derived files of a song belong. `spare` takes them where the song's own folder cannot be written to."""

    def __init__(self, bundle: Path, spare: Path | None = None) -> None:
        self._own, self._spare = bundle / CACHE, spare

    def peaks_path(self, media: Media) -> Path:
        """Where the peaks of a media are or belong."""
        return self._place(f"{key(media)}.peaks")

    def copy_path(self, media: Media, rate: int) -> Path:
        """Where the copy of a media that can be played at `rate` Hz is or belongs."""
        return self._place(f"{key(media)}-{int(rate)}.wav")

    def stretched_path(self, media: Media, rate: int, key_shift: int, pace: float) -> Path:
        """Where the copy of a media that is `key_shift` semitones higher and `pace` times as fast is or belongs."""
        return self._place(f"{key(media)}-{int(rate)}-k{key_shift:+d}-p{pace:.6f}.wav")

    def forget_stretched(self, keep: int, used: Iterable[Path]) -> None:
        """Removes stretched copies but for those in use and the newest of the others."""
        kept = set(used)
        folders = {self._own, self._spare or self._own}
        found = [file for folder in folders for file in folder.glob("*-k[+-]*-p*.wav") if file not in kept]
        with contextlib.suppress(OSError):  # one that is still being read is removed another time
            for file in sorted(found, key=lambda one: one.stat().st_mtime, reverse=True)[keep:]:
                file.unlink(missing_ok=True)

    def _place(self, name: str) -> Path:
        own = self._own / name
        if self._spare is not None and not own.is_file():
            return self._spare / name
        try:
            self._own.mkdir(exist_ok=True)
        except OSError as cause:
            raise BundleError(file_failure("Making the song's cache folder", cause)) from cause
        return own


def key(media: Media) -> str:
    """A file name for what is derived from a media: its digest, or while it has none, its id made harmless."""
    if _DIGEST.fullmatch(media.digest):
        return media.digest
    return hashlib.sha256(media.id.encode("utf-8", "replace")).hexdigest()[:32]
