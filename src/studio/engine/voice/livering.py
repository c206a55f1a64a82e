"""The live trace: a thread that follows the voice as it comes in, and a ring of its answers that anybody may read."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from queue import Empty, SimpleQueue

import msgspec
import numpy as np
import numpy.typing as npt

from .livepitch import LiveFrame, LivePitch
from .pitchtrack import PitchTrack, Reals
from .steady import STEP, Reading, Steady
from .tracking import detector

SIZE = 8192
"""Frames that the ring holds: more than two minutes."""

SPARE = 256
"""Frames that are never handed out, because they may be overwritten meanwhile."""

BACK = 64
"""Frames behind the newest among which the one is that a final answer takes the place of."""

MOST_WAITING = 100
"""Blocks that may wait for the thread: about a second. Those that come then are lost."""

MOST_AT_ONCE = 0.5
"""Seconds of sound that are followed in one go."""

IDLE = 0.2
"""Seconds between looks at whether it is still wanted."""

SongTimes = Callable[[npt.NDArray[np.int64]], npt.NDArray[np.float64]]
"""The seconds of the song to which input frames were sung, NaN where the song stood."""


def nowhere(at: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """The seconds of no song."""
    return np.full(len(at), np.nan)


class Seen(msgspec.Struct, frozen=True):
    """A stretch of the trace, oldest first: input frames, seconds of the song (NaN where it stood), and what was heard.

    `at` int64, `song` float64, `hz`, `confidence`, `loudness` float32, all of one length.
    """

    at: npt.NDArray[np.int64]
    song: npt.NDArray[np.float64]
    hz: Reals
    confidence: Reals
    loudness: Reals

    def __len__(self) -> int:
        return len(self.at)

    def track(self, times: npt.NDArray[np.float64], start: float, end: float) -> PitchTrack:
        """What lies from `start` to `end` of `times`, the second of each frame, as a track. Gaps are not sung."""
        frames = max(round((end - start) / STEP), 1)
        columns = [np.zeros(frames, np.float32), np.zeros(frames, np.float32), np.full(frames, -120.0, np.float32)]
        with np.errstate(invalid="ignore"):
            inside = (times >= start - STEP / 2) & (times < end - STEP / 2)
        place = np.clip(np.round((times[inside] - start) / STEP).astype(np.int64), 0, frames - 1)
        for column, source in zip(columns, (self.hz, self.confidence, self.loudness), strict=True):
            column[place] = source[inside]
        return PitchTrack(start, STEP, *columns)


class LiveTrace:
    """The newest frames. One thread writes with `put`; any thread reads with `last`, which never waits.

    They are dated when they are read, by what is known of the device's counts by then.
    """

    def __init__(self, song_times: SongTimes = nowhere) -> None:
        self._song_times = song_times
        self._at = np.full(SIZE, -1, np.int64)
        self._values = np.zeros((3, SIZE), np.float32)
        self._count = 0
        self.news = 0
        """Goes up with every frame that is put in."""

    def put(self, frame: LiveFrame) -> None:
        """Takes a frame in, in place of what was known of the same input frame before."""
        self.news += 1
        for n in range(self._count - 1, max(self._count - BACK, 0) - 1, -1):
            if self._at[n % SIZE] == frame.at:
                self._values[:, n % SIZE] = frame.hz, frame.confidence, frame.loudness
                return
            if self._at[n % SIZE] < frame.at:
                break
        slot = self._count % SIZE
        self._at[slot] = frame.at
        self._values[:, slot] = frame.hz, frame.confidence, frame.loudness
        self._count += 1

    def last(self, frames: int) -> Seen:
        """The newest frames, as many as there are of so many."""
        end = self._count
        slots = np.arange(max(end - min(frames, SIZE - SPARE), 0), end) % SIZE
        hz, confidence, loudness = self._values[:, slots]
        at = self._at[slots]
        return Seen(at, self._song_times(at), hz, confidence, loudness)


class Listening:
    """Follows the voice in one input channel on a thread of its own until `close`.

    `hear` is for `Player.listen`. `trace`, `reading`, `clock` and `error` may be read by any thread: `clock` is the
    newest input frame and when it came, in time.perf_counter(); `error` is a sentence once the tracker cannot be used.
    `loading` is entered while the tracker is loaded.
    """

    def __init__(
        self,
        rate: int,
        channel: int,
        song_times: SongTimes = nowhere,
        loading: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self.rate, self.channel = rate, channel
        self.trace = LiveTrace(song_times)
        self.reading = Reading()
        self.clock: tuple[int, float] = (0, 0.0)
        self.error = ""
        self.ready = False
        self._loading = loading
        self._blocks: SimpleQueue[tuple[int, Reals]] = SimpleQueue()
        self._held: tuple[int, Reals] | None = None
        self._wanted = True
        self._thread = threading.Thread(target=self._run, name="coach")  # no daemon: the network must not outlive us

    def start(self) -> None:
        """Begins to listen."""
        self._thread.start()

    def close(self) -> None:
        """Ends it. Any thread; returns at once."""
        self._wanted = False
        self._blocks.put((0, np.zeros((0, 1), np.float32)))

    def wait(self, seconds: float) -> bool:
        """Waits for the thread to end; False when it would not."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def hear(self, at: int, block: Reals) -> bool:
        """Takes float32 (frames, channels) from the capture thread; False once it is closed. Never blocks."""
        if self._wanted and self._blocks.qsize() < MOST_WAITING:
            self._blocks.put((at, block))
        return self._wanted

    def _run(self) -> None:
        try:
            with self._loading():
                detector()
            self._forget_waiting()
            self.ready = True
            self._follow()
        except Exception as error:  # the window says so; singing on is not worth the program
            self.error = f"The voice cannot be followed ({error}); close the coach and open it again."
            self._wanted = False

    def _forget_waiting(self) -> None:
        """What came while the tracker was loaded is too old to be shown."""
        while self._blocks.qsize() > 1:
            self._blocks.get()

    def _follow(self) -> None:
        pitch, steady = LivePitch(self.rate), Steady()
        while self._wanted and threading.main_thread().is_alive():
            try:
                at, sound = self._waiting()
            except Empty:
                continue
            if not len(sound):
                continue
            self.clock = (at + len(sound), time.perf_counter())
            for frame in pitch.push(at, np.nan_to_num(sound, posinf=0.0, neginf=0.0)):
                self.trace.put(frame)
                if not frame.final and not frame.hint:
                    self.reading = steady.read(frame)

    def _waiting(self) -> tuple[int, Reals]:
        """All that waits and follows one another, in one: the network takes no longer for it, so that a thread that was
        held up is at once on time again. Raises Empty after a while."""
        first, block = self._held or self._blocks.get(timeout=IDLE)
        self._held = None
        parts, end = [block], first + len(block)
        while not self._blocks.empty() and end - first < MOST_AT_ONCE * self.rate:
            at, block = self._blocks.get_nowait()
            if at != end or block.shape[1] != parts[0].shape[1]:
                self._held = at, block
                break
            parts.append(block)
            end += len(block)
        whole = np.concatenate(parts)
        return first, np.ascontiguousarray(whole[:, min(self.channel, whole.shape[1] - 1)], np.float32)
