"""Real-time playing and recording, as the rest of the program sees it: every call returns at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from ...document.instruments import Instrument
from ...errors import StudioError
from .capture import Listener
from .device import Device, DeviceChoice
from .latency import Probe
from .livenotes import LiveNotes
from .metronome import Clicks
from .preview import Preview
from .renderthread import NO_DEVICE, HandEvent, HandNote, Locate, RenderThread, StripMove
from .rolling import Heard, Rolling, heard_in
from .score import OFF
from .songmap import Stretch, song_frames
from .status import EngineStatus
from .take import ArmedTrack, Recording
from .transport import Snapshot, Source, Tap

NO_SUCH_INPUT = "The sound device has no such input: choose the track's input or another device in the preferences."

MOST_WAITING = 4096
"""Commands that may wait before what is played in is dropped: seconds of the densest playing."""


class Player:
    """Plays a renderer through a sound device, or against the clock where there is none.

    `source` is used by the render thread only, from `start` on. All other methods are for the main thread (those that
    say so for any thread), never wait, and take effect in the order of their calls. `close` ends the threads.
    """

    def __init__(self, source: Source, rate: int = 48_000) -> None:
        self.rate = rate
        self._thread = RenderThread(source, rate)
        self._transport = self._thread.transport
        self._recording: Recording | None = None
        self._preview: Preview | None = None
        self._round_trip = 0
        self._metered_to = 0.0
        self._source = source
        self._said = ""

    # -- life ----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the threads; playback goes by the clock until a device is open."""
        self._thread.start()

    def close(self) -> None:
        """Stop, finish a recording, give the device back and end the threads. Waits for each, some seconds at most."""
        self.stop_preview()
        self._thread.close()
        if self._recording is not None:
            self._recording.wait(2.0)

    def open_device(self, choice: DeviceChoice) -> None:
        """Open a device in place of the present one; playback stops. `status` tells when it runs or why not."""
        self._thread.post(lambda: self._thread.open_device(choice))

    def close_device(self) -> None:
        """Give the device back; playback goes by the clock."""
        self._thread.post(lambda: self._thread.release("clock", NO_DEVICE))

    def rescan(self, listed: Callable[[tuple[Device, ...]], None]) -> None:
        """Look for devices that came or went, and call `listed` with all of them on the device thread.

        The device in use is closed and opened again for it, so playback stops.
        """
        self._thread.post(lambda: self._thread.rescan(listed))

    @property
    def fault(self) -> Exception | None:
        """The last error that the renderer raised, for the log; playback stopped for it."""
        return self._thread.fault

    # -- transport -----------------------------------------------------------------------------------------------

    def play(self, count_in: tuple[int, Clicks] | None = None) -> None:
        """Play from the position; after a count-in of (frames, clicks) if given, see `metronome.count_in`."""
        self._said = ""
        self._thread.post(lambda: self._transport.play(count_in))

    def stop(self) -> None:
        """Stop at what is heard now."""
        self._thread.post(self._transport.stop)

    def locate(self, position: int) -> None:
        """Go to a song frame, playing or not."""
        self._thread.post(Locate(self._transport, position))

    def set_loop(self, start: int, end: int, on: bool) -> None:
        """Go round between two song frames while `on`."""
        transport = self._transport

        def go_round() -> None:
            transport.set_loop(round(start / transport.pace), round(end / transport.pace), on)

        self._thread.post(go_round)

    def set_plan(self, plan: Any, processors: Any = None, exact: bool = True, pace: float = 1.0) -> None:
        """Play another plan, whole, from a block boundary on. Any thread.

        `exact`: the master has no inserts, so that what waits can be patched without a seam. `pace`: how many frames of
        the song one frame of the plan is; all frames that this class takes and gives stay those of the song.
        """
        self._thread.post(lambda: self._transport.set_plan(plan, processors, exact, pace))

    @property
    def pace(self) -> float:
        """How many frames of the song are heard in the time of one."""
        return self._thread.shot.pace

    def set_strip(self, strip: str, **parameters: Any) -> None:
        """Set gain, pan, mute or solo of a strip, heard within milliseconds: for gestures, whose end is an Edit."""
        self._thread.post(StripMove(self._transport, strip, parameters))

    def set_clicks(self, clicks: Clicks) -> None:
        """Where the metronome clicks: see `metronome.song_clicks`."""
        self._thread.post(lambda: self._transport.set_clicks(clicks))

    def set_metronome(self, on: bool, gain: float = 1.0) -> None:
        """Switch the metronome."""
        self._thread.post(lambda: self._transport.set_metronome(gain if on else 0.0))

    def set_tap(self, tap: Tap | None) -> None:
        """Call `tap(song frame, float32 (2, frames))` with each rendered block, on the render thread. For tests.

        It gets what the renderer delivers, before start and stop fades, clicks, previews and changes of what waits.
        """
        self._thread.post(lambda: setattr(self._transport, "tap", tap))

    @contextmanager
    def raise_ring(self, seconds: float = 1.0, patience: float = 0.0) -> Iterator[None]:
        """Render further ahead within this context, for something heavy to come.

        Any thread; while it plays, waits at most `patience` seconds until what is to be ahead has been rendered.
        """
        depth = round(min(seconds, 1.0) * self.rate)
        self._thread.post(lambda: self._thread.deepen(depth, True))
        try:
            until = time.monotonic() + patience
            while self._thread.shot.playing and self._thread.shot.fill < 0.9 * depth and time.monotonic() < until:
                time.sleep(0.01)
            yield
        finally:
            self._thread.post(lambda: self._thread.deepen(depth, False))

    # -- recording -----------------------------------------------------------------------------------------------

    def set_round_trip(self, frames: int) -> None:
        """How many frames a sound takes from the output to the input of this device; takes begin as much later."""
        self._round_trip = frames

    def record(self, tracks: tuple[ArmedTrack, ...], count_in: tuple[int, Clicks] | None = None) -> Recording:
        """Record: from what is heard now if it plays, else play (after a count-in) and record from the position.

        It ends when playback stops or jumps, with `stop_recording`, when the device goes or when the disk fails. Poll
        the result. Raises StudioError if the device has no such inputs or a recording runs.
        """
        most = max((channel for armed in tracks for channel in armed.channels), default=-1)
        if not 0 <= most < self._thread.stream.input_channels:
            raise StudioError(NO_SUCH_INPUT)
        if self._recording is not None and not self._recording.done:
            raise StudioError("A recording runs already: stop it first.")
        recording = Recording(
            tracks, self.rate, lambda taken: self._thread.post(lambda: self._thread.begin_recording(taken, count_in))
        )
        self._recording = recording
        self._thread.capture.record(recording, self._round_trip)
        recording.start()
        return recording

    def stop_recording(self) -> None:
        """End the recording where it is heard now; playback goes on."""
        recording = self._recording
        if recording is not None:
            self._thread.post(lambda: self._thread.end_recording(recording))

    def roll(self, count_in: tuple[int, Clicks] | None = None) -> Rolling:
        """Play as `record` does, to record notes beside it; `heard_at` tells where in it a moment lies."""
        rolling = Rolling()
        self._thread.post(lambda: self._thread.begin_recording(rolling, count_in))
        return rolling

    def end_roll(self, rolling: Rolling) -> None:
        """End it where it is heard now; playback goes on."""
        self._thread.post(lambda: self._thread.end_recording(rolling))

    def heard_at(self, moment: float, rolling: Rolling | Recording) -> Heard | None:
        """What of a playback was heard at a moment, in time.perf_counter(); None before it is known where it begins.

        The device's clock says which output frame leaves the loudspeaker at a moment: frame = told + (moment - since)
        x rate, where `told` counts what the device had taken, less the latency it reports, and was read at `since`. The
        song map says which song frame that is. So a key pressed with a beat as it is heard lies on that beat, however
        deep the ring is. Main thread.
        """
        shot = self._thread.shot
        since, frame = shot.clock
        output = round(frame + (moment - since) * self.rate)
        if rolling.run < 0:
            return None
        found = heard_in(shot.song_map, rolling.run, rolling.begin, rolling.until, output)
        stopped = shot.run > rolling.run or (shot.run == rolling.run and not shot.playing)
        if found is None:
            return Heard(round(shot.position * shot.pace), over=True) if stopped else None
        return replace(found, song=round(found.song * shot.pace), begin=round(found.begin * shot.pace))

    def listen(self, listener: Listener) -> None:
        """Call `listener(input frame, float32 (frames, channels))` with all that comes in, until it returns False.

        On the capture thread, which it must not hold up. The frames are counted from where the device was opened.
        """
        self._thread.capture.listen(listener)

    def sung_at(self, frames: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """The seconds of the song to which something was sung that came in as these input frames; NaN where it stood.

        By the measured round trip, as for takes, and by what is known now: after a drop-out of input or output the
        relation of the two is found some callbacks later, so ask again for what is older. Any thread.
        """
        shot = self._thread.shot
        found = song_frames(shot.song_map, self._thread.stream.epochs, self._round_trip, frames)
        return found * (shot.pace / self.rate)

    def probe(self, probe: Probe) -> None:
        """Play a short signal once and hear what comes in; playback stops. Any thread."""
        self._thread.post(lambda: self._thread.probe(probe))

    # -- previews ------------------------------------------------------------------------------------------------

    def preview(self, path: Path, gain: float = 1.0) -> None:
        """Play a file beside the song, in place of the preview before. What cannot be read is silent."""
        self.play_preview(Preview(path, self.rate, gain))

    def play_preview(self, preview: Preview) -> None:
        """Play a preview that has not begun, in place of the one before."""
        self._preview = preview
        self._thread.post(lambda: self._thread.preview(preview))
        preview.start()

    def stop_preview(self) -> None:
        """Stop the preview."""
        self._preview = None
        self._thread.post(lambda: self._thread.preview(None))

    # -- notes by hand -------------------------------------------------------------------------------------------

    def play_live(self, live: LiveNotes | None) -> None:
        """Have notes by hand played on this instrument from now on. Any thread."""
        self._thread.post(lambda: self._thread.play_live(live))

    def shape_live(self, instrument: Instrument) -> None:
        """Give the instrument that is played by hand other parameters; it keeps its kind and its notes. Any thread."""
        self._thread.post(lambda: self._thread.shape_live(instrument))

    def note(self, pitch: int, velocity: int) -> None:
        """Begin a note by hand, or end it with a velocity of 0; heard some 30 ms and the device's latency later."""
        self._thread.post(HandNote(self._thread, pitch, velocity))

    def play_aside(self, live: LiveNotes | None) -> None:
        """Have an instrument beside those of the song for `note_aside`, or none. Any thread."""
        self._thread.post(lambda: self._thread.play_aside(live))

    def note_aside(self, pitch: int, velocity: int) -> None:
        """Begin a note on the instrument aside, or end it with a velocity of 0; never recorded. Any thread."""
        self._thread.post(lambda: self._thread.note_aside(pitch, velocity))

    def play_hands(self, hands: tuple[LiveNotes, ...]) -> None:
        """Have what is played in sound on these instruments; without any, on the one of `play_live`. Any thread."""
        self._thread.post(lambda: self._thread.play_hands(hands))

    def keep_hands(self, kept: bool) -> None:
        """Have what is played in sound as loud as now while its tracks are muted, or no longer. Any thread."""
        self._thread.post(lambda: self._thread.keep_hands(kept))

    def shape_hand(self, hand: LiveNotes, instrument: Instrument) -> None:
        """Give one of these instruments other parameters; it keeps its kind and its notes. Any thread."""
        self._thread.post(lambda: hand.set(instrument))

    def tell(self, kind: int, number: int, value: int) -> None:
        """Play in: see `score.Event` for kinds and values; heard some 30 ms and the device's latency later. Any thread.

        While thousands of them wait, only the ends of notes are taken.
        """
        if kind == OFF or self._thread.waiting() < MOST_WAITING:
            self._thread.post(HandEvent(self._thread, kind, number, value))

    # -- what it tells -------------------------------------------------------------------------------------------

    def status(self) -> EngineStatus:
        """The engine now. Main thread; meters are what was heard since the call before."""
        thread = self._thread
        shot, stream, state = thread.shot, thread.stream, thread.state
        heard = self._heard_frame(shot)
        stretch = shot.song_map.at(int(heard))
        taking = self._recording if self._recording is not None and not self._recording.done else None
        return EngineStatus(
            device="starting" if state == "running" and not shot.running else state,
            playing=shot.playing,
            recording=taking is not None and taking.frames > 0,
            inputs=self._thread.capture.inputs,
            taking=taking.frames if taking is not None else 0,
            counting_in=stretch.counting_in,
            position=round(_position(shot, stretch, int(heard)) * shot.pace),
            rate=self.rate,
            device_rate=stream.device_rate,
            meters=self._meters(shot, heard),
            load=shot.load,
            ring_fill=shot.fill,
            ring_size=shot.size,
            dropouts=stream.dropouts + shot.late,
            input_dropouts=stream.input_dropouts,
            late_pages=self._source.pages.late,
            notice=thread.notice or stream.notice,
            news=self._news(),
        )

    def _news(self) -> str:
        """The last sentence of renderer or reader since playback was started."""
        for notices in (self._source.notices, self._source.pages.notices):
            while notices:
                self._said = notices.popleft()
        return self._said

    def _heard_frame(self, shot: Snapshot) -> float:
        since, frame = shot.clock
        ahead = (time.perf_counter() - since) * self.rate
        return max(frame + min(ahead, 2 * shot.burst + 0.05 * self.rate), 0.0)

    def _meters(self, shot: Snapshot, heard: float) -> Mapping[str, tuple[float, float]]:
        top: dict[str, tuple[float, float]] = {}
        before, self._metered_to = min(self._metered_to, heard), heard
        for metered in shot.meters:
            if metered.end > before and metered.start <= heard:
                for strip, (left, right) in metered.peaks.items():
                    now = top.get(strip, (0.0, 0.0))
                    top[strip] = (max(now[0], left), max(now[1], right))
        for strip, (left, right) in self._thread.take_live_peaks().items():
            now = top.get(strip, (0.0, 0.0))
            top[strip] = (max(now[0], left), max(now[1], right))
        return top


def _position(shot: Snapshot, stretch: Stretch, heard: int) -> int:
    """What the playhead shows: what is heard, or where playback will begin or has ended as soon as that is known."""
    if not shot.playing:
        return shot.position
    if shot.starting or stretch.run != shot.run or not stretch.playing:
        return shot.begun
    return stretch.song_at(heard)
