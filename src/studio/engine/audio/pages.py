"""Media for the renderer: fixed pages in a bounded pool, filled by a reader thread ahead of where they are needed.

One thread, the consumer, takes pages; the reader's thread opens files, reads and converts. They share no lock. The
consumer looks a page up, marks it as in use and looks again; the reader takes a page out before it checks the mark.
Whichever comes first, a page in use is never filled anew.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from pathlib import Path

import numpy as np

from .fades import Floats
from .foresight import PageKey, wanted_pages
from .pagefile import PAGE, PageFile
from .plan import PlanMedia, RenderPlan

CAPACITY = 1024
"""Pages in the pool: 128 MiB of stereo."""

HORIZON = 2.0
"""How far ahead of each point pages are read, in seconds."""

OFTEN = 0.25
"""After which part of the horizon the wanted pages are worked out anew."""


BATCH = 16
"""How many pages are read before a waiting consumer is woken."""


class Page:
    """`PAGE` frames of one file. `used` is the consumer's turn in which it was last taken."""

    __slots__ = ("buffer", "data", "used")

    def __init__(self) -> None:
        self.buffer = np.empty((2, PAGE), np.float32)
        self.data: Floats = self.buffer
        self.used = -2


class PageReader:
    """Reads the media of a plan ahead. `rate` is the plan's; files at another rate are silent, with a notice.

    `late` counts the pages that were silent because they were not read in time. `notices` are sentences for the user,
    one a file and cause; `failed` counts, by path, the reads that brought silence.
    """

    def __init__(self, rate: int, capacity: int = CAPACITY, horizon: float = HORIZON) -> None:
        self.rate, self.capacity = rate, capacity
        self.late = 0
        self.notices: deque[str] = deque(maxlen=64)
        self.failed: dict[str, int] = {}
        self._horizon = round(horizon * rate)
        self._pages: dict[PageKey, Page] = {}
        self._spare: list[Page] = []
        self._made = self._loads = 0
        self._turn = 0
        self._plan: RenderPlan | None = None
        self._served: RenderPlan | None = None
        self._points: tuple[int, ...] = (0,)
        self._urgent: PageKey | None = None
        self._wake, self._loaded = threading.Event(), threading.Event()
        self._closing = False
        self._files: dict[str, PageFile] = {}
        self._thread = threading.Thread(target=self._run, name="reader", daemon=True)
        self._thread.start()

    # -- the consumer ----------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """A new turn: what `fetch` returned before the last turn may be overwritten from now on."""
        self._turn += 1

    def follow(self, plan: RenderPlan, points: tuple[int, ...]) -> None:
        """Read ahead of these song frames of a plan: the playhead first, then where it may jump. Returns at once."""
        moved = self._points[0] - points[0]
        jumped = points[1:] != self._points[1:] or not -self._horizon * OFTEN < moved <= 0
        if plan is not self._plan or jumped:
            self._plan, self._points = plan, points
            self._wake.set()

    def ready(self, media: PlanMedia, start: int, frames: int) -> bool:
        """Whether frames `start` to `start + frames` can be fetched without waiting."""
        first, last = max(start, 0), min(start + frames, media.frames)
        if first >= last or not media.path:
            return True
        pages = range(first // PAGE, (last - 1) // PAGE + 1)
        return all((media.path, number) in self._pages for number in pages)

    def fetch(self, media: PlanMedia, start: int, frames: int, patience: float = 0.0) -> Floats:
        """float32 (1 or 2, frames) of `media` from frame `start`, full scale 1.0; read-only, valid for two turns.

        Silence outside of the media and where it cannot be read. A page that is not there yet is waited for up to
        `patience` seconds, then it is silence and counted as late.
        """
        if start >= 0 and start + frames <= media.frames:
            number, offset = divmod(start, PAGE)
            if offset + frames <= PAGE:
                page = self._take(media.path, number, patience)
                if page is not None:
                    return page.data[: media.channels, offset : offset + frames]
                return np.zeros((1, frames), np.float32)
        return self._collect(media, start, frames, patience)

    def _collect(self, media: PlanMedia, start: int, frames: int, patience: float) -> Floats:
        out = np.zeros((min(media.channels, 2), frames), np.float32)
        at, stop = max(start, 0), min(start + frames, media.frames)
        while at < stop:
            number, offset = divmod(at, PAGE)
            count = min(PAGE - offset, stop - at)
            page = self._take(media.path, number, patience)
            if page is not None:
                out[:, at - start : at - start + count] = page.data[: media.channels, offset : offset + count]
            at += count
        return out

    def _take(self, path: str, number: int, patience: float) -> Page | None:
        if not path:
            return None
        page = self._marked((path, number))
        if page is None and patience > 0:
            page = self._awaited((path, number), patience)
        if page is None:
            self.late += 1
        return page

    def _marked(self, key: PageKey) -> Page | None:
        page = self._pages.get(key)
        if page is not None:
            page.used = self._turn
            if self._pages.get(key) is not page:
                return None
        return page

    def _awaited(self, key: PageKey, patience: float) -> Page | None:
        until = time.monotonic() + patience
        while True:
            self._loads = 0
            self._loaded.clear()
            self._urgent = key
            self._wake.set()
            page = self._marked(key)
            left = until - time.monotonic()
            if page is not None or left <= 0 or self._closing:
                self._urgent = None
                return page
            self._loaded.wait(min(left, 0.1))

    def close(self) -> None:
        """End the thread and close the files. Any thread but the reader's."""
        self._closing = True
        self._wake.set()
        self._thread.join()

    # -- the reader ------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._closing:
            self._wake.wait()
            self._wake.clear()
            plan, points = self._plan, self._points
            if plan is not self._served:
                self._served = plan
                self._forgive()
            wanted = wanted_pages(plan, points, self._horizon, self.capacity - 1) if plan is not None else {}
            self._reclaim(wanted)
            for key in wanted:
                self._serve_urgent()
                if self._closing or self._plan is not plan or self._points is not points:
                    break
                if key not in self._pages and not self._load(key):
                    break
            self._serve_urgent()
            self._loaded.set()
        for file in self._files.values():
            file.close()

    def _forgive(self) -> None:
        """With a new plan, try again what could not be read: the file may have come back."""
        for path in [path for path, file in self._files.items() if file.notice]:
            self._files.pop(path).close()
            for key in [key for key in self._pages if key[0] == path]:
                page = self._pages.pop(key)
                if page.used < self._turn - 1:
                    self._spare.append(page)
                else:
                    self._made -= 1

    def _serve_urgent(self) -> None:
        key = self._urgent
        if key is not None and key not in self._pages:
            self._load(key, at_once=True)

    def _load(self, key: PageKey, at_once: bool = False) -> bool:
        """Read a page, unless the pool is used up. A waiting consumer is woken only now and then: it costs."""
        if not self._spare:
            if self._made >= self.capacity and not at_once:
                return False
            self._made += 1
            self._spare.append(Page())
        page = self._spare.pop()
        try:
            page.data = self._read(key, page)
        except Exception as error:  # the reader must outlive whatever a file can do to it
            page.buffer[:] = 0.0
            page.data = page.buffer
            self._fail(key[0], f"“{Path(key[0]).name}” cannot be read ({type(error).__name__}: {error}); it is silent.")
        page.used = -2
        self._pages[key] = page
        self._loads += 1
        if self._loads >= BATCH:
            self._loaded.set()
        return True

    def _read(self, key: PageKey, page: Page) -> Floats:
        path, number = key
        file = self._files.get(path) or self._open(path)
        data = file.read(number, page.buffer)
        if file.notice:
            self._fail(path, file.notice)
        return data

    def _fail(self, path: str, notice: str) -> None:
        self.failed[path] = self.failed.get(path, 0) + 1
        if notice not in self.notices:
            self.notices.append(notice)

    def _open(self, path: str) -> PageFile:
        if len(self._files) >= 256:
            self._files.pop(next(iter(self._files))).close()
        file = self._files[path] = PageFile(path, self.rate)
        return file

    def _reclaim(self, wanted: dict[PageKey, None]) -> None:
        """Take back the pages that nobody wants or uses."""
        for key in [key for key in self._pages if key not in wanted]:
            page = self._pages.pop(key)
            if page.used < self._turn - 1:
                self._spare.append(page)
            else:
                self._pages[key] = page
