"""One media file on the reader thread: read in pages with `preadv`, never mapped, so a file cut short is no fault."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from ...errors import StudioError
from .fades import Floats
from .riff import PlayableLayout, playable_layout, to_float

PAGE = 16_384
"""Frames of a page."""


class PageFile:
    """An open media file. Reader thread only. Never raises: what cannot be read is silence, and `notice` says why."""

    def __init__(self, path: str, rate: int) -> None:
        self.name = Path(path).name
        self.notice = ""
        self._layout: PlayableLayout | None = None
        self._handle = -1
        self._raw = np.empty(0, np.uint8)
        try:
            layout = playable_layout(Path(path))
            self._handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        except StudioError as error:
            self.notice = f"{error} It is silent."
        except OSError as error:
            self.notice = f"“{self.name}” cannot be opened ({error.strerror}) and is silent; check its place."
        else:
            self._accept(layout, rate)

    def _accept(self, layout: PlayableLayout, rate: int) -> None:
        if layout.rate != rate:
            self.notice = f"“{self.name}” is at {layout.rate} Hz, the song at {rate} Hz: it is silent; import it again."
            return
        self._layout = layout
        self._raw = np.empty(PAGE * layout.frame_bytes, np.uint8)

    def read(self, number: int, into: Floats) -> Floats:
        """Page `number` as float32 (1 or 2, PAGE): a view of `into` (2, PAGE). Of more channels the first two."""
        if self._layout is None:
            into[:] = 0.0
            return into[:1]
        layout = self._layout
        channels = min(layout.channels, 2)
        out = into[:channels]
        frames = self._fill(number * PAGE) // layout.frame_bytes
        if layout.sample_format == "f32":
            samples = self._raw.view("<f4").reshape(PAGE, layout.channels)[:frames, :channels]
            np.copyto(out[:, :frames], samples.T)
        else:
            out[:, :frames] = to_float(self._raw.data[: frames * layout.frame_bytes], layout)[:channels]
        out[:, frames:] = 0.0
        if frames < min(PAGE, layout.frames - number * PAGE):
            self.notice = f"“{self.name}” is shorter than it was; what is missing is silent."
        if not np.isfinite(out).all():
            out[~np.isfinite(out)] = 0.0
            self.notice = f"“{self.name}” has samples that are not numbers; they are silent."
        return out

    def _fill(self, frame: int) -> int:
        """Read a page's bytes from `frame` on; how many there were."""
        assert self._layout is not None
        left = max(min(PAGE, self._layout.frames - frame), 0) * self._layout.frame_bytes
        offset, done = self._layout.data_offset + frame * self._layout.frame_bytes, 0
        try:
            while done < left:
                count = read_at(self._handle, self._raw.data[done:left], offset + done)
                if count <= 0:
                    break
                done += count
        except OSError as error:
            self.notice = f"“{self.name}” cannot be read ({error.strerror}); the part that is missing is silent."
        return done

    def close(self) -> None:
        """Close the file."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def read_at(handle: int, into: memoryview, offset: int) -> int:
    """Read bytes at `offset` of an open file into a buffer; how many."""
    if hasattr(os, "preadv"):
        return os.preadv(handle, [into], offset)
    os.lseek(handle, offset, os.SEEK_SET)
    data = os.read(handle, len(into))
    into[: len(data)] = data
    return len(data)
