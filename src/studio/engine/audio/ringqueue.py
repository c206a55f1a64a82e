"""The sound that is rendered but not yet heard, kept so that it can still be changed.

The device reads the queue through a ring buffer some hundred milliseconds deep. So that this depth is not felt, the
queue keeps the signal of each strip before its fader for as long as the mix of it waits: a fader, pan, mute or solo is
worked into what waits by adding the strip's signal times the change of its gain. Buses and the master's inserts are not
run again; where that makes the seam to the next block inexact, the step is bled off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import numpy.typing as npt

from .blit import flat
from .gainline import GainLine, StereoGain

Floats = npt.NDArray[np.float32]

MASTER = "master"
SILENT: StereoGain = (0.0, 0.0)


class RingQueue:
    """A circular queue of stereo frames, addressed by output frames (counted since the stream began).

    `buffer`: float32 (capacity, 2), capacity a power of two; what the device reads. `cursor` is the next frame to
    render, `end` the frame after the last one that may be read; they differ only while what waits is rendered anew.
    `extras` name signals that are not the renderer's. The
    caller keeps every change `guard` frames ahead of the reader. Render thread only.
    """

    def __init__(self, buffer: Floats, rate: int, extras: Iterable[str] = ()) -> None:
        self.buffer = buffer
        self.capacity = len(buffer)
        self.ramp = round(0.005 * rate)
        self.cursor = 0
        self.end = 0
        self._start = 0
        self._stop = 0
        self._faded = 0
        self._signals: dict[str, Floats] = {}
        self._flat: dict[str, memoryview[float]] = {}
        self._rendered: dict[str, GainLine] = {}
        self._played: dict[str, GainLine] = {}
        self._bent: set[str] = set()
        self._extras = frozenset(extras)
        self._absent: dict[str, int] = {}
        self._bleeds: dict[str, Floats] = {}
        self._jumps = self._seam = False
        self._fade_in = False
        turn = np.linspace(0, np.pi, self.ramp, endpoint=False)
        self._decay = (0.5 + 0.5 * np.cos(turn)).astype(np.float32)
        self._slope = np.linspace(0, 1, 64, endpoint=False, dtype=np.float32)

    def put(self, master: Floats, strips: Mapping[str, Floats], gains: Mapping[str, StereoGain], ramp: int) -> None:
        """Queue a rendered block at the cursor.

        `master` (2, frames) is the mix; `strips` (2, frames) each strip's signal before its fader; `gains` the gains
        that the renderer is at by `ramp` frames into this block, coming from those of the block before.
        """
        frames = master.shape[1]
        self._store(self.cursor, master)
        for strip, signal in strips.items():
            self._keep(strip, self.cursor, signal)
        self._blank(strips, frames)
        if self._fade_in:
            self._rise(frames)
        if self._jumps:
            for strip in self._signals.keys() - self._extras - {MASTER}:
                self._begin_bleed(strip)
        for strip in self._bleeds.keys() - {MASTER}:
            self._bleed(strip, frames)
        for strip, gain in gains.items():
            self._follow(strip, gain, ramp)
        self._stop = self.cursor + frames
        for strip in sorted(self._bent, key=lambda name: name != MASTER):
            self._bend(strip, self.cursor, frames)
        self._smooth(frames)
        self._jumps = self._seam = self._fade_in = False
        self._advance(frames)

    def put_extra(self, name: str, at: int, signal: Floats) -> None:
        """Add an extra signal, such as the metronome's, to frames already put.

        `signal` is float32 (2, frames). Its gain is 0 until it is patched.
        """
        self._keep(name, at, signal)
        line = self._played.setdefault(name, GainLine(SILENT))
        if line.target != SILENT or not line.settled(at):
            self._add(name, at, line.over(at, signal.shape[1]))

    def rest(self, frames: int) -> None:
        """Queue silence at the cursor; it has no strips to patch."""
        for ring, _ in self._spans(self.cursor, frames):
            self.buffer[ring] = 0.0
        self._advance(frames)

    def patch(self, strip: str, gain: StereoGain, at: int, exact: bool = True) -> bool:
        """Move a strip's gain to `gain` from frame `at` on, in what waits and in what comes; whether that changed it.

        With `exact` False the seam to the next block is bled off, for a mix that something unlinear follows.
        """
        line = self._played.setdefault(strip, GainLine(SILENT))
        if line.target == gain:
            return False
        start = max(at, self._start, self.cursor - self.capacity)
        frames = max(self._stop - start, 0)
        before = line.over(start, frames)
        line.glide(at, gain, self.ramp)
        if frames and strip in self._signals:
            self._add(strip, start, line.over(start, frames) - before)
            self._seam |= not exact
        if strip not in self._extras:
            self._bent.add(strip)
        return True

    def gain(self, strip: str) -> StereoGain:
        """The gain a strip is played with in the end."""
        line = self._played.get(strip)
        return line.target if line else SILENT

    def silence(self, at: int) -> None:
        """Fade out what waits from frame `at` on, within `ramp` frames, and drop the rest."""
        at = max(min(at, self.end), 0)
        fade = min(self.ramp, self.end - at)
        for ring, block in self._spans(at, fade):
            self.buffer[ring] *= self._decay[block, None]
        for ring, _ in self._spans(at + fade, self.end - at - fade):
            self.buffer[ring] = 0.0
        self._faded = at + fade
        self._stop = min(self._stop, at)
        self._bleeds.clear()
        self._jumps = self._seam = False
        self.cursor = self.end

    def restart(self, at: int) -> None:
        """Put the next block at frame `at` or where a fade ends: a new beginning, from silence if it is loud there."""
        at = max(at, self._faded)
        self.cursor = self._start = self._stop = at
        if at > self.end:
            gap = at - self.end
            self.cursor = self.end
            self.rest(gap)
        self._fade_in = True
        self._jumps = self._seam = False
        self._bent.clear()
        self._rendered.clear()
        self._played = {name: line for name, line in self._played.items() if name in self._extras}

    def seam(self) -> None:
        """The next block does not continue the last one: bleed off the steps between them, strip by strip."""
        self._jumps = True

    def peak(self, strip: str, start: int, frames: int) -> StereoGain:
        """The largest magnitudes, left and right, that a strip is played with after its fader in frames that wait."""
        if strip == MASTER:
            parts = [np.abs(self.buffer[ring]).max(axis=0) for ring, _ in self._spans(start, frames)]
        else:
            signal, gain = self._signals[strip], self._played[strip].over(start, frames)
            parts = [np.abs(signal[:, ring] * gain[:, at]).max(axis=1) for ring, at in self._spans(start, frames)]
        top = np.max(parts, axis=0)
        return float(top[0]), float(top[1])

    def _spans(self, at: int, frames: int) -> Iterator[tuple[slice, slice]]:
        """Where `frames` frames from output frame `at` lie in the ring, and in a block that begins there."""
        done = 0
        while done < frames:
            place = (at + done) & (self.capacity - 1)
            length = min(frames - done, self.capacity - place)
            yield slice(place, place + length), slice(done, done + length)
            done += length

    def _store(self, at: int, mix: Floats) -> None:
        for ring, block in self._spans(at, mix.shape[1]):
            self.buffer[ring] = mix[:, block].T

    def _keep(self, strip: str, at: int, signal: Floats) -> None:
        if strip not in self._signals:
            memory = self._signals[strip] = np.zeros((2, self.capacity), np.float32)
            self._flat[strip] = flat(memory)
        into = self._flat[strip]
        for ring, block in self._spans(at, signal.shape[1]):
            for side in (0, 1):
                place = side * self.capacity
                into[place + ring.start : place + ring.stop] = signal[side, block].data

    def _blank(self, present: Mapping[str, Floats], frames: int) -> None:
        """Clear the memory of strips that are not in the block; let go of those that have been away for long."""
        for strip in self._signals.keys() - present.keys():
            for ring, _ in self._spans(self.cursor, frames):
                self._signals[strip][:, ring] = 0.0
            self._absent[strip] = self._absent.get(strip, 0) + frames
        for strip in present:
            self._absent.pop(strip, None)
        for strip in [name for name, away in self._absent.items() if away > self.capacity]:
            if strip not in self._extras:
                del self._signals[strip], self._flat[strip], self._absent[strip]

    def _follow(self, strip: str, gain: StereoGain, ramp: int) -> None:
        rendered = self._rendered.get(strip)
        if rendered is None:
            self._rendered[strip] = GainLine(gain, self.cursor)
            self._played.setdefault(strip, GainLine(gain, self.cursor))
        elif rendered.target != gain:
            played = self._played[strip]
            if played.target == rendered.target:
                played.glide(self.cursor, gain, ramp)
            rendered.glide(self.cursor, gain, ramp)

    def _bend(self, strip: str, at: int, frames: int) -> None:
        """Where a strip is played with another gain than it was rendered with, add the difference."""
        played, rendered = self._played[strip], self._rendered.get(strip)
        if rendered is None:
            return
        if played.settled(at) and rendered.settled(at) and played.target == rendered.target:
            self._bent.discard(strip)
            return
        if strip in self._signals:
            self._add(strip, at, played.over(at, frames) - rendered.over(at, frames))

    def _add(self, strip: str, at: int, gain: Floats) -> None:
        """Add a strip's signal times `gain` (2, frames) to the mix, through the master's fader."""
        signal = self._signals[strip]
        whole = None if strip == MASTER or strip in self._extras else self._played.get(MASTER)
        master = self._signals.get(MASTER)
        through = whole.over(at, gain.shape[1]) if whole is not None else None
        for ring, block in self._spans(at, gain.shape[1]):
            change = signal[:, ring] * gain[:, block]
            if through is not None and master is not None:
                master[:, ring] += change
                change *= through[:, block]
            self.buffer[ring] += change.T

    def _rise(self, frames: int) -> None:
        """Let a new beginning come in from silence, in the mix and in the strips it can be changed by."""
        loud = self._loud(self.buffer.T)
        rise = self._slope[:frames]
        for strip, signal in self._signals.items():
            if strip not in self._extras and (loud or self._loud(signal)):
                for ring, block in self._spans(self.cursor, len(rise)):
                    signal[:, ring] *= rise[block]
        if loud:
            for ring, block in self._spans(self.cursor, len(rise)):
                self.buffer[ring] *= rise[block, None]

    def _loud(self, signal: Floats) -> bool:
        return bool(np.abs(signal[:, self.cursor & (self.capacity - 1)]).max() > 0.001)

    def _smooth(self, frames: int) -> None:
        """Bleed off the steps of the mix."""
        if (self._jumps or self._seam) and MASTER in self._signals:
            self._begin_bleed(MASTER)
        if MASTER in self._bleeds:
            self._bleed(MASTER, frames)

    def _begin_bleed(self, strip: str) -> None:
        """Find the step by which a strip's block does not continue what is before it."""
        signal, mask = self._signals[strip], self.capacity - 1
        last, before, first = (signal[:, (self.cursor + n) & mask] for n in (-1, -2, 0))
        self._bleeds[strip] = (2 * last - before - first)[:, None] * self._decay

    def _bleed(self, strip: str, frames: int) -> None:
        """Let the step of a strip decay into this block."""
        bleed = self._bleeds.pop(strip)
        now, rest = bleed[:, :frames], bleed[:, frames:]
        if rest.shape[1]:
            self._bleeds[strip] = rest
        for ring, block in self._spans(self.cursor, now.shape[1]):
            self._signals[strip][:, ring] += now[:, block]
        if strip == MASTER:
            whole = self._played.get(MASTER)
            heard = now * whole.over(self.cursor, now.shape[1]) if whole else now
            for ring, block in self._spans(self.cursor, now.shape[1]):
                self.buffer[ring] += heard[:, block].T

    def _advance(self, frames: int) -> None:
        self.cursor += frames
        self.end = max(self.end, self.cursor)
        for lines in (self._rendered, self._played):
            for line in lines.values():
                line.forget(self.cursor - self.capacity)
