"""One thread for what must come out the same however many cores there are."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_turn = threading.Lock()


@contextmanager
def one_thread() -> Iterator[None]:
    """Has torch work on one thread; several at once wait for each other. Worker threads; imports torch."""
    import torch

    with _turn:
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(before)
