"""A running stream of a sound device: rtmixer's C callback between the device and two ring buffers."""

from __future__ import annotations

import time
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ...errors import StudioError
from .device import DeviceChoice, Resolved
from .songmap import Epoch

Floats = npt.NDArray[np.float32]

AT_ONCE = -1e9
"""A start time that has always passed: rtmixer starts the action in its next callback, whatever its clock says."""

INPUT_SECONDS = 5.0

LIVE_SIZE = 1 << 15
"""Frames that the ring beside the queue can hold."""

UNKNOWN = (1 << 62, 0)

REFILL = 0.2
"""Seconds that must wait in the ring before it is played again after it ran dry, so that it does not at once again."""

SETTLING = 0.3
"""Seconds in which input and output of a device may still stumble into step."""

LATE, GONE = 0.15, 10.0
"""Seconds without a callback after which a stream is asked whether it lives, and after which it is given up."""

NOT_STARTED = "The sound device does not start: close what else uses it, or choose another one in the preferences."


class Stream(Protocol):
    """What the render thread plays into. All members belong to the render thread, except `drain` (capture thread).

    `taken()` counts the frames the reader has taken since the stream began, `publish(end)` allows it frames up to
    `end`; `burst` is how many it takes at once, `output_latency` how many lie between being taken and being heard.
    `epochs` relate the input's count to the output's. `check()` mends what can be mended and is False once the
    stream is gone.
    """

    @property
    def device(self) -> bool: ...
    @property
    def rate(self) -> int: ...
    @property
    def device_rate(self) -> int: ...
    @property
    def buffer(self) -> Floats: ...
    @property
    def notice(self) -> str: ...
    @property
    def input_channels(self) -> int: ...
    @property
    def dropouts(self) -> int: ...
    @property
    def input_dropouts(self) -> int: ...
    @property
    def epochs(self) -> tuple[Epoch, ...]: ...
    @property
    def burst(self) -> int: ...
    @property
    def output_latency(self) -> int: ...
    def start(self) -> None: ...
    def taken(self) -> int: ...
    def publish(self, end: int) -> None: ...
    def check(self) -> bool: ...
    def running(self) -> bool: ...
    def drain(self) -> Floats: ...
    def live_room(self, depth: float) -> int: ...
    def put_live(self, block: Floats) -> None: ...
    def close(self) -> None: ...


class DeviceStream:
    """A stream at the project's rate. Made and closed on the device thread, used by the render thread in between.

    rtmixer ends the action that reads a ring when the ring runs dry, and the one that fills a ring when it is full:
    `check` counts that, starts the action again once there is something to play, and finds the new relation of the
    two counts.
    """

    device = True

    def __init__(self, choice: DeviceChoice, found: Resolved, rate: int, capacity: int) -> None:
        import rtmixer

        self.rate = self.device_rate = rate
        self.buffer: Floats = np.zeros((capacity, 2), np.float32)
        self.notice = "" if found.input is not None or choice.input is None else NO_INPUT
        self.input_channels = found.input_channels
        self.refill = REFILL
        self.device_gaps = self.ring_gaps = self.input_dropouts = 0
        self.epochs: tuple[Epoch, ...] = ()
        self._mapping = _pair(choice, found)
        self._ring = rtmixer.RingBuffer(8, buffer=self.buffer)
        common = {"samplerate": rate, "latency": found.latency if found.input is not None else found.latency[1]}
        if found.input is None:
            self._mixer = rtmixer.Mixer(device=found.output, channels=found.output_channels, **common)
            self._input = self._record = None
        else:
            self._mixer = rtmixer.MixerAndRecorder(
                device=(found.input, found.output), channels=(found.input_channels, found.output_channels), **common
            )
            size = 1 << int(INPUT_SECONDS * rate).bit_length()
            self._input = rtmixer.RingBuffer(4 * found.input_channels, size)
            self._record = self._mixer.record_ringbuffer(self._input, start=AT_ONCE)
            self.epochs = (Epoch(0, 0),)
        self._play = self._mixer.play_ringbuffer(self._ring, channels=self._mapping, start=AT_ONCE)
        self._live = rtmixer.RingBuffer(8, LIVE_SIZE)
        self._live_play: Any = None
        latency = self._mixer.latency
        self.output_latency = round(rate * (latency if found.input is None else latency[1]))
        self._written = self._play_base = self._record_base = 0
        self._flagged = (0, 0)
        self._dry = False
        self._beat = (0, 0.0)
        self._guess: tuple[int, int] | None = None

    @property
    def dropouts(self) -> int:
        """Gaps of the output: those of the ring, which ran dry, and those that the device reports."""
        return self.ring_gaps + self.device_gaps

    @property
    def burst(self) -> int:
        """Frames that the device takes in one callback, on average."""
        blocks = self._mixer._state.stats.blocks
        return int(self.taken() / blocks) if blocks > 8 else round(0.01 * self.rate)

    def start(self) -> None:
        """Start the device. Both actions are queued already, so input and output frame 0 share a callback.

        Raises StudioError. Device thread.
        """
        import sounddevice

        try:
            self._mixer.start()
        except sounddevice.PortAudioError as error:
            raise StudioError(NOT_STARTED) from error

    def running(self) -> bool:
        """Whether the device has asked for its first block."""
        return bool(self._mixer._state.stats.blocks)

    def taken(self) -> int:
        """Frames that the callback has taken out of the ring."""
        ring = self._ring._ptr
        waits: int = (ring.writeIndex - ring.readIndex) & ring.bigMask
        return self._written - waits

    def publish(self, end: int) -> None:
        """Allow frames up to `end` to be played."""
        if end > self._written:
            self._ring.advance_write_index(end - self._written)
            self._written = end

    def check(self) -> bool:
        """Restart what has ended; False once the device is gone."""
        results = self._mixer._result_q._ptr
        if results.writeIndex != results.readIndex:
            self._count_ended()
        if self._dry and self._written - self.taken() >= round(self.refill * self.rate):
            self._restart_output()
        if self._guess is not None and self._record is not None:
            self._match(self._record, self._guess)
        stats = self._mixer._state.stats
        flagged = stats.output_underflows, stats.input_overflows + stats.input_underflows
        if flagged != self._flagged:
            if self.taken() > SETTLING * self.rate:
                self.device_gaps += flagged[0] - self._flagged[0]
                self.input_dropouts += flagged[1] - self._flagged[1]
            self._flagged = flagged
        return self._alive()

    def drain(self) -> Floats:
        """What has come in since the last call: float32 (frames, input channels). Capture thread only."""
        if self._input is None:
            return np.zeros((0, 0), np.float32)
        return np.frombuffer(self._input.read(), np.float32).reshape(-1, self.input_channels)

    def live_room(self, depth: float) -> int:
        """How many frames `put_live` may be given now, for a ring of `depth` seconds."""
        ring = self._live._ptr
        waits: int = (ring.writeIndex - ring.readIndex) & ring.bigMask
        return round(depth * self.rate) - waits

    def put_live(self, block: Floats) -> None:
        """Play float32 (frames, 2) at once, beside the queue: what is played live, and previews."""
        if len(block):
            self._live.write(np.ascontiguousarray(block))
            if self._live_play is None:
                self._live_play = self._mixer.play_ringbuffer(self._live, channels=self._mapping, start=AT_ONCE)

    def close(self) -> None:
        """Give the device back."""
        self._mixer.abort(ignore_errors=True)
        self._mixer.close(ignore_errors=True)

    def _alive(self) -> bool:
        """Asks PortAudio only when the callback is late, for the question costs a hand-over of the interpreter."""
        now, blocks = time.perf_counter(), self._mixer._state.stats.blocks
        if blocks != self._beat[0] or not blocks:
            self._beat = (blocks, now)
            return True
        silent = now - self._beat[1]
        return silent < LATE or (silent < GONE and bool(self._mixer.active))

    def _count_ended(self) -> None:
        running = self._mixer.actions
        if self._play not in running and not self._dry:
            self.ring_gaps += 1
            self._dry = True
        if self._live_play not in running:
            self._live_play = None
        if self._record is not None and self._record not in running:
            self.input_dropouts += 1
            self._record_base += self._record.done_frames
            self._record = self._mixer.record_ringbuffer(self._input, start=AT_ONCE)
            self._guess = UNKNOWN

    def _restart_output(self) -> None:
        self._dry = False
        self._play_base = self.taken()
        self._play = self._mixer.play_ringbuffer(self._ring, channels=self._mapping, start=AT_ONCE)
        if self._record is not None:
            self._guess = UNKNOWN

    def _match(self, record: Any, guess: tuple[int, int]) -> None:
        """Find input count - output count. A callback moves both, not at once: believe two equal readings apart."""
        came, taken = record.done_frames, self._play.done_frames
        if not came or not taken or came != record.done_frames:
            return
        offset = self._record_base + came - self._play_base - taken
        if offset != guess[0]:
            self._guess = (offset, came)
        elif came != guess[1]:
            begins = max(self._play_base, self._record_base - offset)  # where the later of the two began anew
            self.epochs = (*self.epochs, Epoch(begins, offset))
            self._guess = None


NO_INPUT = "The sound input is not connected: recording waits until one is chosen in the preferences."


def _pair(choice: DeviceChoice, found: Resolved) -> tuple[int, int]:
    left = min(choice.output_channel + 1, found.output_channels)
    return left, min(left + 1, found.output_channels)
