"""The metronome: where it clicks, and the clicks themselves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...document.time import Signature, TempoMap, bar_beat, bar_tick, signature_at

Floats = npt.NDArray[np.float32]


class Clicks:
    """Frames to click at, ascending int64, and which of them are the first beat of a bar."""

    def __init__(self, frames: npt.ArrayLike = (), accents: npt.ArrayLike = ()) -> None:
        self.frames: npt.NDArray[np.int64] = np.asarray(frames, np.int64)
        self.accents: npt.NDArray[np.bool_] = np.asarray(accents, np.bool_)


def song_clicks(time: TempoMap, signatures: tuple[Signature, ...], end: int) -> Clicks:
    """A click on every beat from the start of the song to frame `end`."""
    last = time.tick(end)
    ticks, accents = [], []
    for index, signature in enumerate(signatures):
        until = signatures[index + 1].tick if index + 1 < len(signatures) else last + 1
        beats = np.arange(signature.tick, max(min(until, last + 1), signature.tick), signature.beat_ticks)
        ticks.append(beats)
        accents.append((beats - signature.tick) % signature.bar_ticks == 0)
    return Clicks(time.frames(np.concatenate(ticks)), np.concatenate(accents))


def count_in(time: TempoMap, signatures: tuple[Signature, ...], start: int, bars: int) -> tuple[int, Clicks]:
    """The length of a count-in to frame `start`, in frames, and its clicks, counted from its beginning.

    On a bar line it lasts `bars` bars; within a bar one bar and the beats up to the start. The tempo is that at the
    start.
    """
    tick = time.tick(start)
    signature = signature_at(signatures, tick)
    bar = bar_tick(signatures, bar_beat(signatures, tick).bar)
    length = tick - bar + signature.bar_ticks if tick > bar else bars * signature.bar_ticks
    frames = round(length * 60.0 * time.rate / (960 * time.bpm_at(tick)))
    beats = np.arange(0, length, signature.beat_ticks)
    return frames, Clicks(np.rint(beats * (frames / max(length, 1))), beats % signature.bar_ticks == 0)


def click(rate: int, accent: bool) -> Floats:
    """The sound of one click, 30 ms: float32 (frames,), a decaying sine with the first beat of a bar an octave up."""
    time = np.arange(round(0.03 * rate)) / rate
    pitch = 2000.0 if accent else 1000.0
    return (0.5 * np.sin(2 * np.pi * pitch * time) * np.exp(-time * 150) * (1 - time / 0.03)).astype(np.float32)


class Metronome:
    """Mixes clicks block by block; a click rings on over the border of a block or of a loop. Render thread only."""

    def __init__(self, rate: int) -> None:
        self.clicks = Clicks()
        self._sounds = (click(rate, False), click(rate, True))
        self._ringing: list[tuple[int, Floats]] = []

    def reset(self) -> None:
        """Let nothing ring."""
        self._ringing.clear()

    def block(self, position: int, frames: int, output: int) -> Floats:
        """The clicks of song frames `position` to `position + frames`, heard from output frame `output` on.

        float32 (2, frames).
        """
        first, last = np.searchsorted(self.clicks.frames, (position, position + frames))
        for at, accent in zip(self.clicks.frames[first:last], self.clicks.accents[first:last], strict=True):
            self._ringing.append((output + int(at) - position, self._sounds[int(accent)]))
        mix = np.zeros(frames, np.float32)
        for start, sound in self._ringing:
            left, right = max(start, output), min(start + len(sound), output + frames)
            if right > left:
                mix[left - output : right - output] += sound[left - start : right - start]
        self._ringing = [(start, sound) for start, sound in self._ringing if start + len(sound) > output + frames]
        return np.stack((mix, mix))
