"""The capture thread: takes what comes in out of the ring, measures it, and hands it to a recording."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np
import numpy.typing as npt

from .clock import ClockStream
from .songmap import Stretch, epoch_at, pieces
from .stream import Stream
from .take import Recording, losses, passes_of
from .transport import Snapshot

Floats = npt.NDArray[np.float32]
Listener = Callable[[int, Floats], bool]

WAKE = 0.01
KEPT = 1.0
"""Seconds of input that are kept for a recording whose first frame is not known yet."""
LAST_WORDS = 1.0
"""Seconds that a finished recording waits for the input that was still on its way."""


class Capture:
    """Drains the stream's input. All methods return at once, on any thread; the rest happens on its own thread.

    That thread also lets go of what the renderer has `retired`, which the render thread has no time for.
    """

    def __init__(self, shot: Callable[[], Snapshot], failed: Callable[[str], None], retired: deque[Any]) -> None:
        self.inputs: tuple[float, ...] = ()
        self._shot, self._failed, self._retired = shot, failed, retired
        self._stream: Stream = ClockStream(48_000, 2)
        self._commands: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._came = 0
        self._kept: deque[tuple[int, Floats]] = deque()
        self._levels: deque[Floats] = deque(maxlen=4)
        self._listeners: list[Listener] = []
        self._take: _Take | None = None
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """Finish what is being recorded and end the thread; waits for it some seconds at most."""
        self._commands.put(None)
        self._thread.join(5.0)

    def use(self, stream: Stream, last: Snapshot) -> None:
        """Take the input of another stream; what is being recorded ends, at the state `last` of the one before."""
        self._commands.put(lambda: self._use(stream, last))

    def record(self, recording: Recording, latency: int) -> None:
        """Feed a recording; input is heard `latency` frames after the output that it belongs to."""
        self._commands.put(lambda: self._record(recording, latency))

    def listen(self, listener: Listener) -> None:
        """Call `listener(input frame, float32 (frames, channels))` with all that comes, until it returns False.

        On the capture thread, with what is kept first.
        """
        self._commands.put(lambda: self._listen(listener))

    def _run(self) -> None:
        going = True
        while going:
            try:
                command = self._commands.get(timeout=WAKE)
                if command is None:
                    going = False
                else:
                    command()
            except Empty:
                pass
            self._draw()
            if self._retired:
                self._retired.popleft()
        self._finish()

    def _use(self, stream: Stream, last: Snapshot) -> None:
        self._draw()
        self._finish(last)
        self._stream, self._came = stream, 0
        self._kept.clear()
        self._levels.clear()
        self.inputs = ()

    def _record(self, recording: Recording, latency: int) -> None:
        self._take = _Take(recording, latency, self._stream)

    def _listen(self, listener: Listener) -> None:
        if all(listener(at, block) for at, block in self._kept):
            self._listeners.append(listener)

    def _draw(self) -> None:
        block = self._stream.drain()
        if len(block):
            self._levels.append(np.abs(block).max(axis=0))
            self.inputs = tuple(np.max(self._levels, axis=0).tolist())
            self._kept.append((self._came, block))
            self._listeners = [listener for listener in self._listeners if listener(self._came, block)]
            self._came += len(block)
        if self._take is not None and not self._take.follow(self._shot(), self._kept, self._came):
            self._finish()
        oldest = self._came - round(KEPT * self._stream.rate)
        while self._kept and self._kept[0][0] + len(self._kept[0][1]) < oldest:
            self._kept.popleft()

    def _finish(self, last: Snapshot | None = None) -> None:
        take, self._take = self._take, None
        if take is not None:
            take.finish(last or self._shot())
            if take.recording.error:
                self._failed(take.recording.error)


class _Take:
    """Where in the input a recording begins and ends, and the way there. Capture thread."""

    def __init__(self, recording: Recording, latency: int, stream: Stream) -> None:
        self.recording = recording
        self._latency, self._stream = latency, stream
        self._start: int | None = None
        self._first = 0
        self._fed = 0
        self._lost: list[int] = []
        self._counted = stream.input_dropouts
        self._ended = 0.0

    def follow(self, shot: Snapshot, kept: deque[tuple[int, Floats]], came: int) -> bool:
        """Feed what has come; False once the recording is complete or cannot go on."""
        if self.recording.run < 0:
            return not self.recording.error
        if self._start is None and not self._find_start(shot):
            return not (shot.run > self.recording.run or self._over(shot, came))
        if self._stream.input_dropouts != self._counted:
            self._counted = self._stream.input_dropouts
            self._lost.append(came)
        end = self._end(shot)
        last = came if end is None else min(came, self._input(end))
        self._feed(kept, last)
        return not self.recording.error and not self._over(shot, came)

    def finish(self, shot: Snapshot) -> None:
        """Tell the recording what it consists of."""
        if self._start is None:
            self.recording.finish((), ())
            return
        end = self._end(shot)
        heard = self._fed - self._latency - self._offset(self._fed)
        found = pieces(
            shot.song_map, self._stream.epochs, self.recording.run, self._start, heard if end is None else end
        )
        passes = passes_of(found, self._first, self._latency, shot.pace) if found else ()
        jumps = [at + self._latency for at in losses(self._stream.epochs, self._start, heard)]
        lost = sorted({at - self._first for at in (*self._lost, *jumps) if at >= self._first})
        self.recording.finish(passes, tuple(lost))

    def _find_start(self, shot: Snapshot) -> bool:
        for stretch, following in _with_next(shot.song_map.stretches):
            at = max(stretch.output, self.recording.begin)
            if stretch.run == self.recording.run and stretch.playing and (following is None or at < following):
                self._start = at
                self._first = self._fed = self._input(at)
                return True
        return False

    def _input(self, output: int) -> int:
        """The input frame in which the answer to an output frame arrives."""
        epoch = epoch_at(self._stream.epochs, output)
        return output + (epoch.offset if epoch else 0) + self._latency

    def _offset(self, came: int) -> int:
        """Input count less output count at an input frame."""
        offset = 0
        for epoch in self._stream.epochs:
            if epoch.output + epoch.offset + self._latency <= came:
                offset = epoch.offset
        return offset

    def _end(self, shot: Snapshot) -> int | None:
        """The output frame at which the song stops or jumps away, or the recording was told to end."""
        ends = [] if self.recording.until is None else [self.recording.until]
        for stretch in shot.song_map.stretches:
            mine = stretch.playing and stretch.run == self.recording.run
            if self._start is not None and stretch.output > self._start and not mine:
                ends.append(stretch.output)
        return min(ends, default=None)

    def _over(self, shot: Snapshot, came: int) -> bool:
        end = self._end(shot) if self._start is not None else self.recording.until
        stopped = not shot.playing and shot.run >= self.recording.run
        if end is None and not (self._start is None and stopped):
            return False
        self._ended = self._ended or time.perf_counter()
        complete = end is not None and came >= self._input(end)
        return complete or self._start is None or time.perf_counter() - self._ended > LAST_WORDS

    def _feed(self, kept: deque[tuple[int, Floats]], last: int) -> None:
        for at, block in kept:
            left, right = max(self._fed, at), min(last, at + len(block))
            if right > left:
                self.recording.feed(block[left - at : right - at])
                self._fed = right


def _with_next(stretches: tuple[Stretch, ...]) -> list[tuple[Stretch, int | None]]:
    following = [stretch.output for stretch in stretches[1:]]
    return list(zip(stretches, [*following, None], strict=True))
