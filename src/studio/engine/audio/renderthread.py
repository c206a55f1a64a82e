"""The render thread: drives the transport, carries out what is asked of it, and changes streams."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np

from ...document.instruments import Instrument
from .capture import Capture
from .clock import ClockStream
from .device import DeviceChoice
from .devicethread import DeviceThread, Listed
from .fades import Floats
from .gainline import StereoGain
from .latency import Probe
from .livenotes import LiveNotes
from .metronome import Clicks
from .preview import Preview
from .rolling import Rolling
from .status import DeviceState
from .stream import Stream
from .take import Recording
from .transport import SAFE_LEAD, Snapshot, Source, Transport

Command = Callable[[], None]

PREVIEW_DEPTH, NOTES_DEPTH, LOADED_DEPTH = 0.06, 0.025, 0.05
"""Seconds that the short ring is filled to: for a preview, for notes played by hand, and for these under load."""

WAKE = 0.004
"""Seconds after which the thread looks again if nobody woke it."""

NO_DEVICE = "No sound device is in use: playback is silent; choose one in the preferences."
LOST = "The sound device is gone, so playback stopped: connect it again, or choose another one in the preferences."
AGAIN = "The sound device failed for a moment, so playback stopped; it is running again."

MOST_LOSSES = 3
"""How often in a minute a device that fails is opened again by itself."""


class Locate:
    """A request to go to a place, which a later one replaces."""

    def __init__(self, transport: Transport, position: int) -> None:
        self._transport, self._position = transport, position

    def __call__(self) -> None:
        self._transport.locate(round(self._position / self._transport.pace))


class StripMove:
    """A request to move a fader, pan, mute or solo, which need not wait for the block being rendered."""

    def __init__(self, transport: Transport, strip: str, parameters: dict[str, Any]) -> None:
        self._transport, self._strip, self._parameters = transport, strip, parameters

    def __call__(self) -> None:
        self._transport.set_strip(self._strip, self._parameters)


class HandNote:
    """A note that is played by hand, which waits for no block either."""

    def __init__(self, thread: RenderThread, pitch: int, velocity: int) -> None:
        self._thread, self._pitch, self._velocity = thread, pitch, velocity

    def __call__(self) -> None:
        self._thread.note(self._pitch, self._velocity)
        self._thread.feed_live()


class HandEvent:
    """What is played in, a note or a controller; it waits for no block either."""

    def __init__(self, thread: RenderThread, kind: int, number: int, value: int) -> None:
        self._thread, self._event = thread, (kind, number, value)

    def __call__(self) -> None:
        self._thread.tell(*self._event)
        self._thread.feed_live()


class RenderThread:
    """Owns transport, stream and source. Other threads `post` to it and read `shot`, `state`, `notice` and `stream`.

    The thread waits for nobody: not for a lock that another thread may hold, not for the disk, not for the device.
    """

    def __init__(self, source: Source, rate: int) -> None:
        self.rate = rate
        self._capacity = 1 << (round(1.2 * rate) - 1).bit_length()
        self.stream: Stream = ClockStream(rate, self._capacity)
        self.transport = Transport(source, rate, self.stream)
        self.shot: Snapshot = self.transport.snapshot()
        self.state: DeviceState = "starting"
        self.notice = ""
        self.fault: Exception | None = None
        self.capture = Capture(lambda: self.shot, self._recording_failed, source.retired)
        self.devices = DeviceThread(rate, self._capacity, self._opened, self._not_opened)
        self._preview: Preview | None = None
        self._live: LiveNotes | None = None
        self._aside: LiveNotes | None = None
        self._hands: tuple[LiveNotes, ...] = ()
        self._kept_gains: dict[str, StereoGain] = {}
        self._live_peaks: dict[str, StereoGain] = {}
        self._commands: SimpleQueue[Command] = SimpleQueue()
        self._next: Command | None = None
        source.interlude = self._move_strips
        self._depths: list[int] = []
        self._request = 0
        self._losses: list[float] = []
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="render", daemon=True)

    def start(self) -> None:
        """Start this thread and those it works with."""
        self.devices.start()
        self.capture.start()
        self._thread.start()

    def close(self) -> None:
        """Stop, give the device back and end the threads. Waits for each, some seconds at most."""
        self._ending = True
        self.post(lambda: None)
        self._thread.join(5.0)
        self.capture.close()
        self.devices.close(self.stream if self.stream.device else None)

    def post(self, command: Command) -> None:
        """Have a command carried out on this thread, soon and in order. Any thread; returns at once."""
        self._commands.put(command)

    def take_live_peaks(self) -> dict[str, StereoGain]:
        """How loud what is played by hand was on each track since the last call. Main thread."""
        found, self._live_peaks = self._live_peaks, {}
        return found

    def waiting(self) -> int:
        """How many commands wait. Any thread."""
        return self._commands.qsize()

    # -- commands, on this thread --------------------------------------------------------------------------------

    def open_device(self, choice: DeviceChoice) -> None:
        """Have a device opened in place of the present one."""
        self.release("starting", "")
        self.devices.open(choice, self._request)

    def rescan(self, listed: Listed) -> None:
        """Have devices looked for, with the present one closed meanwhile."""
        self.release("starting", "")
        self.devices.rescan(listed, self._request)

    def release(self, state: DeviceState, notice: str) -> None:
        """Go by the clock; the device is closed elsewhere, and what is still being opened is no longer wanted."""
        self._request += 1
        self._use(ClockStream(self.rate, self._capacity), state, notice)

    def deepen(self, depth: int, more: bool) -> None:
        """Add or take back a request for a ring of `depth` frames."""
        (self._depths.append if more else self._depths.remove)(depth)
        self.transport.depth = max((*self._depths, self.transport.rest_depth))

    def begin_recording(self, recording: Recording | Rolling, count_in: tuple[int, Clicks] | None) -> None:
        """Play, if it does not, and tell a recording which playback it belongs to."""
        recording.begin = self._heard() if self.transport.playing else 0
        self.transport.play(count_in, SAFE_LEAD)
        recording.run = self.transport.run

    def end_recording(self, recording: Recording | Rolling) -> None:
        """End a recording at what is heard now."""
        if recording.until is None:
            recording.until = self._heard()

    def probe(self, probe: Probe) -> None:
        """Stop, play a signal once and have the capture thread hear what comes."""
        self.transport.stop()
        at = self.transport.play_once(probe.signal)
        probe.first = at + (self.stream.epochs[-1].offset if self.stream.epochs else 0)
        self.capture.listen(probe.hear)

    def preview(self, preview: Preview | None) -> None:
        """Play a preview in place of the one before."""
        if self._preview is not None:
            self._preview.end()
            self.stream.put_live(self._preview.fade())
        self._preview = preview

    def play_live(self, live: LiveNotes | None) -> None:
        """Have another instrument played by hand, or none."""
        if self._live is not None:
            self._live.end()
            self.transport.source.retired.append(self._live)  # another thread frees it
        self._live = live

    def play_aside(self, live: LiveNotes | None) -> None:
        """Have another instrument beside the song, or none."""
        if self._aside is not None:
            self._aside.end()
            self.transport.source.retired.append(self._aside)
        self._aside = live

    def note_aside(self, pitch: int, velocity: int) -> None:
        """Begin a note on the instrument beside the song, or end it with a velocity of 0."""
        if self._aside is not None:
            self._aside.note(pitch, velocity)

    def play_hands(self, hands: tuple[LiveNotes, ...]) -> None:
        """Have other instruments played by what is played in; those that stay go on."""
        for before in self._hands:
            if before not in hands:
                before.end()
                self.transport.source.retired.append(before)
        self._hands = hands

    def keep_hands(self, kept: bool) -> None:
        """Keep the gains that what is played in has now, or follow the mixer again."""
        self._kept_gains = dict(self.transport.source.gains()) if kept else {}

    def tell(self, kind: int, number: int, value: int) -> None:
        """Pass on what is played in: to the instruments meant for that, else to the one played by hand."""
        for live in self._hands or (self._live,):
            if live is not None:
                live.tell(kind, number, value)

    def shape_live(self, instrument: Instrument) -> None:
        """Give what is played by hand other parameters."""
        if self._live is not None:
            self._live.set(instrument)

    def note(self, pitch: int, velocity: int) -> None:
        """Begin a note by hand, or end it with a velocity of 0."""
        if self._live is not None:
            self._live.note(pitch, velocity)

    # -- the loop ------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._ending:
            try:
                self._turn()
            except Exception as error:
                self._give_up(error)
        self.transport.stop()

    def _turn(self) -> None:
        self.feed_live()
        busy = self.transport.advance()
        if not self.stream.check():
            self._lose()
        self.shot = self.transport.snapshot()
        self._obey(0.0 if busy else WAKE)

    def _lose(self) -> None:
        """The stream has died. Often the device is still there: PortAudio gives up at an error of the driver."""
        now = time.perf_counter()
        self.transport.stop()
        self.release("lost", LOST)
        self._losses = [at for at in self._losses if now - at < 60.0]
        if len(self._losses) < MOST_LOSSES:
            self._losses.append(now)
            self.devices.reopen(self._request)

    def _obey(self, patience: float) -> None:
        """Carry out what was asked; of several places to go to in a row only the last."""
        command, self._next = self._next, None
        try:
            if command is None:
                command = self._commands.get(timeout=patience) if patience else self._commands.get_nowait()
            while True:
                following = None if self._commands.empty() else self._commands.get_nowait()
                if not (isinstance(command, Locate) and isinstance(following, Locate)):
                    command()
                if following is None:
                    return
                command = following
        except Empty:
            return

    def _move_strips(self) -> None:
        """Within a block: carry out what may be, as long as nothing else was asked before."""
        self.feed_live()
        while self._next is None and not self._commands.empty():
            command = self._commands.get_nowait()
            if isinstance(command, StripMove | HandNote | HandEvent):
                command()
            else:
                self._next = command

    def _give_up(self, error: Exception) -> None:
        """An error in the renderer: fall silent and say so, but stay. `fault` keeps the error for the log."""
        self.fault = error
        self.notice = f"Playback stopped because of an error in the program ({error}). The song is safe."
        self.transport.stop()
        self._obey(WAKE)

    def feed_live(self) -> None:
        """Fill the short ring with what is played by hand and with a preview."""
        lives = [*self._hands, *(live for live in (self._live, self._aside) if live is not None)]
        if not self.stream.device:
            for live in lives:
                live.end()
        if not self.stream.device or not (lives or self._preview):
            return
        notes = LOADED_DEPTH if self.transport.load > 0.5 else NOTES_DEPTH
        room = self.stream.live_room(notes if self._preview is None else PREVIEW_DEPTH)
        if room <= 0:
            return
        parts = [self._hand_played(live, room) for live in lives]
        if self._preview is not None:
            parts.append(self._previewed(self._preview, room))
        blocks = [block for block in parts if block is not None]
        if blocks:
            mix = np.zeros((max(map(len, blocks)), 2), np.float32)
            for block in blocks:
                mix[: len(block)] += block
            self.stream.put_live(mix)

    def _hand_played(self, live: LiveNotes, room: int) -> Floats | None:
        gains = self._kept_gains or self.transport.source.gains()
        block = live.take(room, gains.get(live.track, (1.0, 1.0)))
        if block is not None:
            left, right = np.abs(block).max(axis=0).tolist()
            before = self._live_peaks.get(live.track, (0.0, 0.0))
            self._live_peaks[live.track] = max(left, before[0]), max(right, before[1])
        return block

    def _previewed(self, preview: Preview, room: int) -> Floats | None:
        blocks: list[Floats] = []
        while room > 0 and (block := preview.take(room)) is not None:
            blocks.append(block)
            room -= len(block)
        if preview.over:
            self._preview = None
        return np.concatenate(blocks) if blocks else None

    def _heard(self) -> int:
        since, frame = self.transport.heard
        return round(frame + (time.perf_counter() - since) * self.rate)

    def _use(self, stream: Stream, state: DeviceState, notice: str) -> None:
        before, self.stream = self.stream, stream
        goes_on = self.transport.playing and self.state == "starting"
        self.transport.stop()
        self.capture.use(stream, self.transport.snapshot())
        self.transport.use(stream)
        if goes_on:
            self.transport.play()
        self.state, self.notice = state, notice
        if stream.device:
            self.devices.start_stream(stream, self._request)
        if before.device:
            self.devices.close_stream(before)

    def _fail(self, sentence: str) -> None:
        self.transport.stop()
        self.notice = sentence

    # -- news from other threads ---------------------------------------------------------------------------------

    def _recording_failed(self, sentence: str) -> None:
        """Capture thread: the disk refused."""
        self.post(lambda: self._fail(sentence))

    def _opened(self, stream: Stream, number: int) -> None:
        """Device thread: a stream is open."""
        self.post(lambda: self._take(stream, number))

    def _not_opened(self, sentence: str, number: int) -> None:
        """Device thread: it could not be opened or started."""
        self.post(lambda: self.release("clock", sentence) if number == self._request else None)

    def _take(self, stream: Stream, number: int) -> None:
        if number == self._request:
            self._use(stream, "running", AGAIN if self.state == "lost" else "")
        else:
            self.devices.close_stream(stream)
