"""Sound at another speed and in another key, neither of which moves the other: what a singer practises to.

pedalboard's `time_stretch` (Rubber Band) returns as many frames as asked but wanders inside: clicks 20 s into a sound
came 13 ms early at 125 % and 49 ms early at half speed a third higher. So a sound is stretched in pieces of 1.5
seconds, each laid where it belongs, within the few milliseconds at which its waveform best continues the one before.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .decode import decode_blocks, playable_layout, probe
from .riff import Bext
from .wavefile import RecordingFile

Floats = npt.NDArray[np.float32]

PIECE, CONTEXT = 1.5, 0.3
"""Seconds of the result that are made at once, and of the source that is heard before and after them."""

JOINT, SEARCH = 0.03, 0.003
"""Seconds over which two pieces fade into one another, and how far they may be moved to fit."""

SPARE = 2
"""Frames of silence at the end, so that every rounding of a length finds its frame."""


def stretch_file(
    source: Path,
    out: Path,
    rate: int,
    pace: float,
    semitones: float,
    progress: Callable[[float], object] = lambda _: None,
) -> None:
    """Writes `source` at `pace` times its speed and `semitones` higher; `out` appears whole or not at all.

    `source` is a playable file at `rate`; a pace of 0.5 is half its speed. The result has `stretched_length` frames.
    `progress` gets 0..1 before each piece and may raise to stop. Raises DecodeError and RecordingError. I/O pool;
    memory does not grow with the sound.
    """
    frames = playable_layout(source).frames
    channels = min(probe(source).channels, 2)
    writer = RecordingFile(
        out.with_name(f".{uuid.uuid4().hex}.wav"), rate, channels, Bext(description=source.name), title=out.name
    )
    try:
        for piece in stretched(_Source(source), frames, rate, pace, semitones, progress):
            writer.append(piece)
        writer.close()
        writer.path.replace(out)
    except BaseException:
        with contextlib.suppress(OSError):
            writer.discard()
        raise


def stretched_length(frames: int, pace: float) -> int:
    """How many frames a sound of so many has at another pace."""
    return round(frames / pace) + SPARE


Read = Callable[[int, int], Floats]
"""Frames of a sound from one to another, float32 (channels, frames). Asked in ascending order."""


def stretched(
    read: Read,
    frames: int,
    rate: int,
    pace: float,
    semitones: float,
    progress: Callable[[float], object] = lambda _: None,
) -> Iterator[Floats]:
    """The pieces of a sound at another pace and in another key: float32 (channels, n), `stretched_length` in all."""
    total, step, joint = stretched_length(frames, pace), round(PIECE * rate), round(JOINT * rate)
    tail: Floats | None = None
    for begin in range(0, total, step):
        progress(begin / total)
        end = min(begin + step, total)
        made = _piece(read, frames, rate, pace, semitones, begin, end + joint, round(SEARCH * rate), tail)
        if tail is not None:
            rise = np.linspace(0.0, 1.0, joint, dtype=np.float32)[: made.shape[1]]
            made[:, : len(rise)] = made[:, : len(rise)] * rise + tail[:, : len(rise)] * (1 - rise)
        tail = made[:, end - begin : end - begin + joint].copy()
        yield made[:, : end - begin]


def _piece(
    read: Read,
    frames: int,
    rate: int,
    pace: float,
    semitones: float,
    begin: int,
    end: int,
    search: int,
    tail: Floats | None,
) -> Floats:
    """Frames `begin` to `end` of the result, moved by at most `search` so that they continue `tail`."""
    import pedalboard

    before = round(CONTEXT * rate)
    first, last = max(round(begin * pace) - before, 0), min(round(end * pace) + before, frames)
    sound = read(first, max(last, first))
    if pace == 1.0 and not semitones:
        made = sound
    elif not sound.any():
        made = np.zeros((sound.shape[0], max(round((last - first) / pace), 0)), np.float32)
    else:
        made = pedalboard.time_stretch(
            sound, rate, stretch_factor=pace, pitch_shift_in_semitones=semitones, preserve_formants=False
        )  # kept formants cost a mix of instruments 1 dB and more
    lead = begin - round(first / pace)
    moved = _fit(made, lead, search, tail) if tail is not None else 0
    there = made[:, max(lead + moved, 0) : lead + moved + end - begin]
    whole = np.zeros((sound.shape[0], end - begin), np.float32)
    whole[:, : there.shape[1]] = there
    return whole


def _fit(made: Floats, lead: int, search: int, tail: Floats) -> int:
    """By how many frames from `lead` on a piece is most like the tail of the one before."""
    joint = tail.shape[1]
    low = max(lead - search, 0)
    around = made[:, low : lead + search + joint].mean(axis=0)
    pattern = tail.mean(axis=0)
    if around.shape[0] < joint or not pattern.any():
        return 0
    match = np.correlate(around, pattern, "valid")
    power = np.cumsum(np.concatenate(([0.0], around.astype(np.float64) ** 2)))
    loud = np.sqrt(np.maximum(power[joint:] - power[:-joint], 1e-9))
    return int((match / loud).argmax()) + low - lead


class _Source:
    """Reads a file forwards in overlapping stretches."""

    def __init__(self, path: Path) -> None:
        self._blocks = decode_blocks(path)
        self._first = 0
        self._held: list[Floats] = []

    def __call__(self, first: int, last: int) -> Floats:
        while self._first + sum(block.shape[1] for block in self._held) < last:
            block = next(self._blocks, None)
            if block is None:
                break
            self._held.append(block[:2])
        while len(self._held) > 1 and self._first + self._held[0].shape[1] <= first:
            self._first += self._held.pop(0).shape[1]
        whole = np.concatenate(self._held, axis=1)
        return np.ascontiguousarray(whole[:, first - self._first : last - self._first], np.float32)
