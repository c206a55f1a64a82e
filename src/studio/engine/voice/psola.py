"""Another pitch for a voice with its formants kept: pitch-synchronous overlap-add, compiled (ADR 15).

Moulines and Charpentier: Pitch-synchronous waveform processing techniques for text-to-speech synthesis using
diphones, Speech Communication 9, 1990. Every period of the voice is cut out with a soft window around its mark and laid
down again at other distances; a period's own shape, which holds the formants, stays as it is.

Importing this loads numba: not on the main or render thread.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..audio.compiled import compiled
from .pitchtrack import Reals

Line = npt.NDArray[np.float64]

REACH = 0.15
"""The share of a period by which the next may be longer or shorter than the pitch says."""

TAPS = 12
"""Samples on each side that a sound between samples is computed from."""

WIDE = 1.25
"""How many periods of the recording a window reaches to each side at most: more would bring their neighbours along."""

SPAN = 4
"""Periods that are measured together."""

CLOSING = 0.12
"""Seconds in which what was moved comes back into phase with the recording."""


@compiled("float64(float64, float64[::1], float64)")
def _value(at: float, line: Line, hop: float) -> float:
    """The value at a frame of a line whose values stand `hop` frames apart, its ends held."""
    spot = min(max(at / hop, 0.0), len(line) - 1.0)
    low = int(spot)
    high = min(low + 1, len(line) - 1)
    return float(line[low] + (spot - low) * (line[high] - line[low]))


@compiled("float64(float32[::1], int64, int64, int64, int64)")
def _likeness(sound: Reals, a: int, b: int, half: int, every: int) -> float:
    """How alike the sound is around two frames, -1..1, by every so many samples."""
    both, one, other = 0.0, 1e-12, 1e-12
    for i in range(-half, half, every):
        x, y = float(sound[a + i]), float(sound[b + i])
        both += x * y
        one += x * x
        other += y * y
    return float(both / np.sqrt(one * other))


@compiled("float64(float32[::1], float64, float64, int64)")
def _next_mark(sound: Reals, mark: float, period: float, way: int) -> float:
    """The frame about a period after (`way` 1) or before (-1) a mark at which the sound is most like that at it."""
    half, here = int(period / 2), int(mark + 0.5)
    middle, reach = int(mark + way * period + 0.5), max(int(REACH * period), 2)
    step = max(reach // 8, 1)
    best, peak = middle, -2.0
    for at in range(middle - reach, middle + reach + 1, step):
        alike = _likeness(sound, here, at, half, step)
        if alike > peak:
            best, peak = at, alike
    middle, peak = best, -2.0
    for at in range(middle - step, middle + step + 1):
        alike = _likeness(sound, here, at, half, 1)
        if alike > peak:
            best, peak = at, alike
    before, after = _likeness(sound, here, best - 1, half, 1), _likeness(sound, here, best + 1, half, 1)
    bend = before - 2.0 * peak + after
    offset = 0.5 * (before - after) / bend if bend < 0.0 else 0.0
    return float(best) + min(max(offset, -0.5), 0.5) + (mark - here)


@compiled("float64[::1](float32[::1], float64[::1], float64, int64, int64)")
def find_marks(sound: Reals, periods: Line, hop: float, first: int, last: int) -> Line:
    """The frames between `first` and `last` that stand one period of the voice apart, near the peaks of its pulses.

    `periods` are those expected, in frames, `hop` frames apart from frame 0 on. The sound must reach 1.5 periods beyond
    both ends.
    """
    loudest, seed = -1.0, first
    for at in range(first, last):
        if abs(sound[at]) > loudest:
            loudest, seed = abs(float(sound[at])), at
    shortest = 2.0
    for period in periods:
        shortest = period if 2.0 < period < shortest or shortest == 2.0 else shortest
    most = int((last - first) / (shortest * (1.0 - 2.0 * REACH))) + 8
    back, ahead = np.empty(most), np.empty(most)
    behind, forward = 0, 0
    mark = float(seed)
    while mark < last and forward < most:
        ahead[forward] = mark
        forward += 1
        mark = _next_mark(sound, mark, _value(mark, periods, hop), 1)
    mark = _next_mark(sound, float(seed), _value(float(seed), periods, hop), -1)
    while mark >= first and behind < most:
        back[behind] = mark
        behind += 1
        mark = _next_mark(sound, mark, _value(mark, periods, hop), -1)
    return np.concatenate((back[:behind][::-1], ahead[:forward]))


@compiled("Tuple((float64[::1], int64[::1]))(float64[::1], float64[::1], float64, float64, float64)")
def _laid(marks: Line, semitones: Line, hop: float, quiet: float, closing: float) -> tuple[Line, npt.NDArray[np.int64]]:
    """Where periods go, and which mark each is taken from. The first and the last stay on their marks.

    `semitones` are what the pitch is moved by, `hop` frames apart. What is needed to end on the last mark is spread
    over the frames after `quiet`, over the last `closing` frames if those are fewer.
    """
    count = len(marks)
    most = 4 * count + 8
    places, taken = np.empty(most), np.empty(most, np.int64)
    places[0], taken[0], used, near = marks[0], 0, 1, 0
    while used < most:
        here = places[used - 1]
        while near + 2 < count and marks[near + 1] <= here:
            near += 1
        ratio = 2.0 ** (_value(here, semitones, hop) / 12.0)
        place = here + (marks[near + 1] - marks[near]) / ratio
        if place > marks[-1] + 0.5 * (marks[-1] - marks[-2]) / ratio:
            break
        places[used] = place
        used += 1
    rest = marks[-1] - places[used - 1]
    begin = max(min(quiet, marks[-1] - closing), marks[0])
    span = max(places[used - 1] - begin, 1.0)
    for at in range(1, used):
        share = (places[at] - begin) / span
        if share > 0.0:
            places[at] += rest * share * share * (3.0 - 2.0 * share)
    at = 0
    for one in range(used):
        while at + 1 < count and abs(marks[at + 1] - places[one]) <= abs(marks[at] - places[one]):
            at += 1
        taken[one] = at
    taken[used - 1] = count - 1
    return places[:used], taken[:used]


@compiled("void(float32[:, ::1], float32[:, ::1], float64[::1], int64[::1], float64[::1])")
def _overlap(sound: Reals, out: Reals, places: Line, taken: npt.NDArray[np.int64], marks: Line) -> None:
    """Lays periods of `sound` down in `out`, which is set from the first place to the last."""
    begin, stop = int(np.ceil(places[0])), int(np.floor(places[-1]))
    for channel in range(len(out)):
        for at in range(begin, stop + 1):
            out[channel, at] = 0.0
    taps = np.empty(2 * TAPS)
    for one in range(len(places)):
        place, mark = places[one], marks[taken[one]]
        at_mark = taken[one]
        before = marks[at_mark] - marks[at_mark - 1] if at_mark else marks[1] - marks[0]
        after = marks[at_mark + 1] - mark if at_mark + 1 < len(marks) else before
        left = min(place - places[one - 1], WIDE * before) if one else 1.0
        right = min(places[one + 1] - place, WIDE * after) if one + 1 < len(places) else 1.0
        shift = int(np.floor(mark - place))
        part = mark - place - shift
        whole = part < 1e-9 or part > 1.0 - 1e-9
        if part > 1.0 - 1e-9:
            shift += 1
        if not whole:
            for tap in range(2 * TAPS):
                far = tap - TAPS + 1 - part
                bell = np.cos(0.5 * np.pi * far / TAPS) if abs(far) < TAPS else 0.0
                taps[tap] = np.sin(np.pi * far) / (np.pi * far) * bell * bell if abs(far) > 1e-12 else 1.0
        low = max(int(np.ceil(place - left)), begin)
        high = min(int(np.floor(place + right)), stop)
        for at in range(low, high + 1):
            far = (at - place) / (left if at < place else right)
            weight = 0.5 + 0.5 * np.cos(np.pi * min(max(far, -1.0), 1.0))
            for channel in range(len(out)):
                value = 0.0
                if whole:
                    value = float(sound[channel, at + shift])
                else:
                    for tap in range(2 * TAPS):
                        value += taps[tap] * float(sound[channel, at + shift + tap - TAPS + 1])
                out[channel, at] += np.float32(weight * value)


def periods(sound: Reals, rate: int, hz: Line, hop: float, first: int, last: int) -> Line:
    """The periods of a voice between two frames, in frames, each the mean of those around it.

    sound: float32 (frames); for the rest see `moved`. Empty where there are too few.
    """
    marks = find_marks(np.ascontiguousarray(sound), np.ascontiguousarray(rate / hz), hop, first, last)
    if len(marks) <= SPAN:
        return np.zeros(0)
    return np.asarray((marks[SPAN:] - marks[:-SPAN]) / SPAN)


def moved(sound: Reals, rate: int, hz: Line, semitones: Line, hop: float, first: int, last: int, quiet: int) -> Reals:
    """A copy of `sound` whose voice is moved by `semitones` between frames `first` and `last`, all else as it was.

    sound: float32 (channels, frames), and it must reach a tenth of a second beyond both frames. `hz` is its pitch and
    `semitones` how far that is lifted, both `hop` frames apart from frame 0 on. After frame `quiet` nothing is moved
    any more but for what brings the voice back into phase. Worker threads; about 200 times as fast as it sounds.
    """
    out = np.array(sound, np.float32, order="C")
    louder = int(np.argmax(np.einsum("cf,cf->c", out, out)))
    marks = find_marks(np.ascontiguousarray(out[louder]), np.ascontiguousarray(rate / hz), hop, first, last)
    if len(marks) < 3:
        return out
    places, taken = _laid(marks, np.ascontiguousarray(semitones), hop, float(quiet), CLOSING * rate)
    _overlap(np.ascontiguousarray(sound, np.float32), out, places, taken, marks)
    return out
