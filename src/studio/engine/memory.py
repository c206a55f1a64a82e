"""How memory that arrays leave behind is kept for the next ones."""

from __future__ import annotations

import ctypes
import sys

KEPT = 64 << 20
"""Bytes of free memory that stay with the process."""

LARGE = 32 << 20
"""Arrays from here on have memory of their own, given back at once."""

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


def keep_memory() -> None:
    """Have the C library keep what numpy frees, instead of giving it back and asking for it again. Once, at the start.

    glibc begins with thresholds of 128 KiB, the size of an array of 16,384 columns: a frame of the timeline then gave
    its memory back and touched 860 fresh pages, which cost it a third of its time. It comes to these values by itself,
    but only once an array of this size was freed. Other systems keep theirs.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, LARGE)
        mallopt(_M_TRIM_THRESHOLD, KEPT)
