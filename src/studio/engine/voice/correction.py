"""Pitch correction: how far each moment of a voice is moved, and the sound that comes of it.

A note's line is taken apart into its centre, its slow way around that (drift, scoops, slides) and its swing (vibrato).
The centre is moved, the slow way taken back as far as asked for, the swing scaled. What has no pitch, and every stretch
in which nothing is moved, comes out bit for bit as it went in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from ...document.correction import SAME, Correction, TunedNote
from ...errors import StudioError
from .heard import Heard
from .notes import ATTACK, RELEASE, find_notes
from .pitchtrack import PitchTrack, Reals, semitone_of

Line = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SWING = 0.25
"""Seconds over which a line is averaged to part its slow way from its swing: one turn of the slowest vibrato."""

BRIDGED = 0.032
"""Seconds without a pitch inside a voice that count as sung."""

SLIP = 3.0
"""Semitones from the pitch of its note from which on a frame is a slip of the tracker."""

SURE = 0.3
"""Semitones by which a pitch measured in the sound may differ from the track's."""

LOWEST = 45.0
"""Hz; a voice goes no lower."""

MOST = 24.0
"""Semitones by which a moment is moved at most."""

ROOM = 0.1
"""Seconds of sound that are needed on each side of what is moved."""

SHORTEST = 0.04
"""Seconds; shorter stretches of voice stay as they are."""

EDGE = 0.016
"""Seconds in which a change of the swing comes and goes at the ends of a note."""

ONE_VOICE = 0.5
"""The share of the sound that must belong to one pitch: 0.83 and more for one voice, 0.25 for a choir of four."""

AROUND, FAR = 0.15, 7.0
"""Seconds around a note, and semitones from it, beyond which a pitch is a slip of the tracker or no singing."""


class Stretch(NamedTuple):
    """Frames of a track, from `first` to before `last`, that are moved up to `quiet`; the rest comes back in phase."""

    first: int
    quiet: int
    last: int


def tunable(heard: Heard, rate: int, frames: int) -> tuple[TunedNote, ...]:
    """The notes of a voice as a correction has them, nothing moved; frames at `rate`. Any thread.

    Raises StudioError where there is nothing to correct: no singing, or several voices at once.
    """
    track, alone = heard.track, heard.sound.alone
    found: list[TunedNote] = []
    if alone is not None and alone < ONE_VOICE:
        raise StudioError(
            f"There is nothing to correct: several voices sound at once, and only {alone:.0%} of the sound belongs to "
            "the pitch that is followed. Choose a recording of one voice alone."
        )
    for note in find_notes(track):
        start = max(round(note.start * rate), found[-1].end if found else 0)
        end = min(round(note.end * rate), frames)
        if end - start >= SHORTEST * rate:
            found.append(TunedNote(start, end, round(note.pitch, 3)))
    if not found:
        raise StudioError("There is nothing to correct: no sung notes are heard in this sound. Choose one voice alone.")
    return tuple(found)


def exact(
    notes: tuple[TunedNote, ...],
    blocks: Iterable[Reals],
    rate: int,
    track: PitchTrack,
    check: Callable[[], object] = lambda: None,
) -> tuple[TunedNote, ...]:
    """The notes with their pitches measured in the sound itself, to a cent where the track is right to five.

    See `corrected` for the rest. Worker threads; a note whose periods cannot be followed keeps its pitch.
    """
    from . import psola

    held, line, measured = _Held(iter(blocks)), sung_line(track), list[TunedNote]()
    room = round(ROOM * rate)
    for note in notes:
        check()
        third = (note.end - note.start) // 3
        first, last = note.start + min(round(ATTACK * rate), third), note.end - min(round(RELEASE * rate), third)
        for _ in held.upto(max(first - room, held.at)):
            pass
        begin, sound = held.at, held.peek(last + room).mean(axis=0, dtype=np.float32)
        if first - begin < room or len(sound) < last - begin + room:
            measured.append(note)
            continue
        hz = _pitch_from(begin, len(sound), rate, track, line)
        periods = psola.periods(sound, rate, hz, track.step * rate, first - begin, last - begin)
        pitch = semitone_of(rate / float(np.median(periods))) if len(periods) else note.pitch
        measured.append(replace(note, pitch=round(pitch, 3)) if abs(pitch - note.pitch) < SURE else note)
    return tuple(measured)


def sung_line(track: PitchTrack) -> Line:
    """The pitch of each frame on the scale of MIDI notes, lone slips of the tracker left out, gaps bridged."""
    line, heard = track.semitones, track.voiced
    if not heard.any():
        return np.zeros(len(track))
    at = np.arange(len(line))
    line = np.interp(at, at[heard], line[heard])
    padded = np.pad(line, 2, mode="edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, 5), axis=1))


def lift(track: PitchTrack, line: Line, correction: Correction, rate: int) -> Line:
    """How many semitones each frame of a track is moved; 0 where nothing is sung. `line` is what `sung_line` gives."""
    whole, bent = np.full(len(line), np.nan), np.zeros(len(line))
    swung = np.zeros(len(line))
    for note, first, last in _placed(correction, track, rate):
        whole[first:last] = correction.moved(note)
        if correction.changes(note):
            part = np.clip(line[first:last], note.pitch - SLIP, note.pitch + SLIP)
            slow = _smooth(part, min(SWING, (last - first) * track.step / 2) / track.step)
            bent[first:last] = -correction.strength * note.drift * (slow - note.pitch)
            swung[first:last] = (note.vibrato - 1.0) * (part - slow) * _edges(last - first, EDGE / track.step)
    moved = _smooth(_filled(whole) + bent, correction.speed / 1000.0 / track.step) + swung
    moved = np.clip(moved, -MOST, MOST)
    moved[~sounding(track, line, correction, rate)] = 0.0
    moved[np.abs(moved) < SAME] = 0.0
    return np.asarray(moved)


def sounding(track: PitchTrack, line: Line, correction: Correction, rate: int) -> Flags:
    """Which frames are sung: those with a pitch, short gaps between them, but nothing far away from every note."""
    heard = track.voiced.copy()
    for first, last in _runs(~heard):
        if first > 0 and last < len(heard) and (last - first) * track.step <= BRIDGED:
            heard[first:last] = True
    near = np.zeros(len(line), bool)
    around = round(AROUND / track.step)
    for note, first, last in _placed(correction, track, rate):
        part = slice(max(first - around, 0), last + around)
        near[part] |= np.abs(line[part] - note.pitch) < FAR
    return np.asarray(heard & near)


def stretches(track: PitchTrack, moved: Line, sung: Flags, closing: float = 0.15) -> list[Stretch]:
    """The stretches of voice in which something is moved, each with up to `closing` seconds to come back in phase."""
    more = round(closing / track.step)
    found: list[Stretch] = []
    for first, last in _runs(sung):
        inside = np.flatnonzero(moved[first:last])
        if not len(inside) or (last - first) * track.step < SHORTEST:
            continue
        gaps = np.flatnonzero(np.diff(inside) > 2 * more)
        begins = [inside[0], *inside[gaps + 1]]
        ends = [*inside[gaps], inside[-1]]
        for begin, end in zip(begins, ends, strict=True):
            quiet = first + int(end) + 1
            found.append(Stretch(max(first + int(begin) - 1, first), quiet, min(quiet + more, last)))
    return found


def corrected(
    blocks: Iterable[Reals],
    rate: int,
    track: PitchTrack,
    correction: Correction,
    check: Callable[[], object] = lambda: None,
) -> Iterator[Reals]:
    """The sound of `blocks`, float32 (channels, frames) at `rate`, as the correction has it, in blocks.

    `track` is its pitch. Not the main or render thread. Memory holds a block and the stretch of voice at hand; `check`
    is called before each stretch and may raise to stop.
    """
    line = sung_line(track)
    moved = lift(track, line, correction, rate)
    hop = track.step * rate
    held = _Held(iter(blocks))
    sung = sounding(track, line, correction, rate)
    for stretch in stretches(track, moved, sung) if correction.sounds else []:
        check()
        first, quiet, last = (round(track.start * rate + one * hop) for one in stretch)
        room = round(ROOM * rate)
        yield from held.upto(max(first - room, held.at))
        begin, sound = held.at, held.peek(last + room)
        if sound.shape[1] < last - begin + room:
            sound = np.pad(sound, ((0, 0), (0, last - begin + room - sound.shape[1])))
        before = max(room - (first - begin), 0)
        sound = np.pad(sound, ((0, 0), (before, 0)))
        done = _moved(sound, rate, track, line, moved, begin - before, (first, last, quiet))
        held.replace(done[:, before : before + last - begin])
    yield from held.upto(None)


def _moved(
    sound: Reals, rate: int, track: PitchTrack, line: Line, moved: Line, begin: int, ends: tuple[int, int, int]
) -> Reals:
    """A stretch whose sound begins at frame `begin`, between the frames `ends`, corrected."""
    from . import psola

    at, frames = _grid(begin, sound.shape[1], rate, track)
    hz = _pitch_from(begin, sound.shape[1], rate, track, line)
    first, last, quiet = (one - begin for one in ends)
    return psola.moved(sound, rate, hz, np.interp(at, frames, moved), track.step * rate, first, last, quiet)


def _grid(begin: int, size: int, rate: int, track: PitchTrack) -> tuple[Line, Line]:
    """The times, in seconds of the track, of a stretch's own frames a step apart, and those of the track's."""
    hop = track.step * rate
    at = (begin + np.arange(round(size / hop) + 2) * hop) / rate - track.start
    frames = np.arange(len(track), dtype=np.float64) * track.step
    return at, frames


def _pitch_from(begin: int, size: int, rate: int, track: PitchTrack, line: Line) -> Line:
    """The pitch in Hz of a stretch's own frames."""
    at, frames = _grid(begin, size, rate, track)
    return np.asarray(np.maximum(440.0 * 2.0 ** ((np.interp(at, frames, line) - 69.0) / 12.0), LOWEST))


class _Held:
    """Blocks that are read as they are needed, the frame of the next one that has not been passed on, and edits."""

    def __init__(self, blocks: Iterator[Reals]) -> None:
        self._blocks, self._sound, self.at = blocks, np.zeros((0, 0), np.float32), 0

    def _read(self) -> bool:
        block = next(self._blocks, None)
        if block is None:
            return False
        self._sound = np.concatenate([self._sound, block], axis=1) if self._sound.shape[1] else np.array(block)
        return True

    def peek(self, until: int) -> Reals:
        """What comes next, up to a frame or the end."""
        parts, size = [self._sound] if self._sound.shape[1] else [], self._sound.shape[1]
        while self.at + size < until and (block := next(self._blocks, None)) is not None:
            parts.append(block)
            size += block.shape[1]
        self._sound = np.concatenate(parts, axis=1) if len(parts) > 1 else np.array(parts[0]) if parts else self._sound
        return self._sound[:, : max(until - self.at, 0)]

    def replace(self, sound: Reals) -> None:
        """Puts a sound in the place of what comes next."""
        size = min(sound.shape[1], self._sound.shape[1])
        self._sound[:, :size] = sound[:, :size]

    def upto(self, until: int | None) -> Iterator[Reals]:
        """Passes on what comes up to a frame, None: all there is."""
        while until is None or self.at < until:
            if not self._sound.shape[1] and not self._read():
                return
            size = self._sound.shape[1] if until is None else min(until - self.at, self._sound.shape[1])
            passed, self._sound = self._sound[:, :size], self._sound[:, size:]
            self.at += size
            yield passed


def _placed(correction: Correction, track: PitchTrack, rate: int) -> Iterator[tuple[TunedNote, int, int]]:
    """The notes that lie in the track, each with its first frame there and the one after its last."""
    begin, end, hop = track.start * rate, (track.start + len(track) * track.step) * rate, track.step * rate
    for note in correction.notes:
        if note.end > begin and note.start < end:
            first = max(math.ceil((note.start - begin) / hop - 1e-9), 0)
            last = min(math.ceil((note.end - begin) / hop - 1e-9), len(track))
            if last > first:
                yield note, first, last


def _runs(flags: Flags) -> list[tuple[int, int]]:
    """Where flags are set: (first, after the last) of each run."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.view(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _filled(line: Line) -> Line:
    """A line whose gaps hold the nearest value, up to their middle the one before; all 0 where it has none."""
    known = np.flatnonzero(~np.isnan(line))
    if not len(known):
        return np.zeros(len(line))
    nearest = np.rint(np.interp(np.arange(len(line)), known, np.arange(len(known)))).astype(np.int64)
    return np.asarray(line[known[nearest]])


def _smooth(line: Line, frames: float) -> Line:
    """A line averaged with a bell as wide as so many frames, its ends held."""
    reach = max(round(frames) // 2, 0)
    if not reach or not len(line):
        return line
    bell = np.hanning(2 * reach + 3)[1:-1]
    padded = np.pad(line, reach, mode="edge")
    return np.asarray(np.convolve(padded, bell / bell.sum(), mode="valid"))


def _edges(frames: int, rise: float) -> Line:
    """1 but for the ends of a note, where it comes up from 0."""
    at = np.minimum(np.arange(frames), np.arange(frames)[::-1]) + 1.0
    return np.minimum(at / max(rise, 1.0), 1.0)
