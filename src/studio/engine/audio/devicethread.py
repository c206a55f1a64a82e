"""The thread that opens, starts and closes sound devices, because each of these may take long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue

from ...errors import StudioError
from .device import Device, DeviceChoice, list_devices, look_again
from .opening import open_device
from .stream import Stream

Listed = Callable[[tuple[Device, ...]], None]


REOPENINGS, REOPEN_PAUSE = 4, 0.5
"""How often a lost device is tried again, and the seconds before each try."""


class DeviceThread:
    """Carries out requests in their order. Every method but `close` returns at once, on any thread.

    `opened` and `failed` are called on this thread, with a stream not yet started or a sentence for the user, and the
    number of the request that they answer.
    """

    def __init__(
        self, rate: int, capacity: int, opened: Callable[[Stream, int], None], failed: Callable[[str, int], None]
    ) -> None:
        self._rate, self._capacity = rate, capacity
        self._tell_opened, self._tell_failed = opened, failed
        self._requests: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._choice: DeviceChoice | None = None
        self._open: set[Stream] = set()
        self._thread = threading.Thread(target=self._run, name="device", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def open(self, choice: DeviceChoice, number: int) -> None:
        """Open a device."""
        self._requests.put(lambda: self._do_open(choice, number))

    def reopen(self, number: int) -> None:
        """Open the same device once more, some seconds long; says nothing if that does not succeed."""
        self._requests.put(lambda: self._do_reopen(number))

    def start_stream(self, stream: Stream, number: int) -> None:
        """Start a stream that the render thread has filled."""
        self._requests.put(lambda: self._do_start(stream, number))

    def close_stream(self, stream: Stream) -> None:
        """Close a stream that no other thread uses any more."""
        self._requests.put(lambda: self._do_close(stream))

    def rescan(self, listed: Listed, number: int) -> None:
        """Look for devices again, tell which there are, and open again what was open."""
        self._requests.put(lambda: self._do_rescan(listed, number))

    def close(self, stream: Stream | None) -> None:
        """Close `stream` and end the thread; waits for it some seconds at most, because a broken device may hang."""
        if stream is not None:
            self.close_stream(stream)
        self._requests.put(None)
        self._thread.join(5.0)

    def _run(self) -> None:
        while (request := self._requests.get()) is not None:
            request()

    def _do_open(self, choice: DeviceChoice, number: int) -> None:
        self._choice = choice
        if not list_devices() and not self._open:
            look_again()
        try:
            stream = open_device(choice, self._rate, self._capacity)
        except StudioError as error:
            self._tell_failed(str(error), number)
            return
        self._open.add(stream)
        self._tell_opened(stream, number)

    def _do_reopen(self, number: int) -> None:
        """A device whose driver stumbled is there again at once; another request comes first."""
        for _ in range(REOPENINGS):
            time.sleep(REOPEN_PAUSE)
            if self._choice is None or not self._requests.empty():
                return
            with suppress(StudioError):
                stream = open_device(self._choice, self._rate, self._capacity)
                self._open.add(stream)
                self._tell_opened(stream, number)
                return

    def _do_start(self, stream: Stream, number: int) -> None:
        try:
            stream.start()
        except StudioError as error:
            self._tell_failed(str(error), number)

    def _do_close(self, stream: Stream) -> None:
        self._open.discard(stream)
        stream.close()

    def _do_rescan(self, listed: Listed, number: int) -> None:
        for stream in tuple(self._open):
            self._do_close(stream)
        listed(look_again())
        if self._choice is not None:
            self._do_open(self._choice, number)
