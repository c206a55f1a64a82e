"""How alike two sounds are: a small print of each, and a number for two prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Values = npt.NDArray[np.float64]

BANDS = 24
LOWEST_HZ, HIGHEST_HZ = 60.0, 7_000.0
ROWS_PER_SECOND = 10
LONGEST_S = 60
"""A print is of the first minute; its 14 kB tell two songs apart."""

SPAN_DB = 45.0
"""What is softer than the loudest by more than this is all alike."""

SHIFT_S = 1.0
"""How much later one sound may begin and still be found alike."""

COLOUR = 0.3
"""How much the mean spectrum counts beside what changes in time."""

ALIKE = 0.85
"""From this on two sounds are nearly the same: takes of one song with other seeds stay well below."""


def sound_print(sound: Floats, rate: int) -> bytes:
    """A print of float32 (channels, frames); empty for silence. It does not depend on level or rate.

    Takes a hundredth of the sound's length. Any thread but the render thread.
    """
    mono = np.nan_to_num(sound[:, : LONGEST_S * rate].mean(axis=0, dtype=np.float32)) if sound.size else np.zeros(0)
    hop = rate // ROWS_PER_SECOND
    if len(mono) < hop or float(np.abs(mono).max(initial=0.0)) < 1e-5:
        return b""
    rows = _rows(mono.astype(np.float32, copy=False), rate, hop)
    levels = 10 * np.log10(np.maximum(rows, 1e-20))
    floor = levels.max() - SPAN_DB
    return np.asarray(np.clip((levels - floor) / SPAN_DB, 0, 1) * 255, np.uint8).tobytes()


def _rows(mono: Floats, rate: int, hop: int) -> Values:
    """The energy of each band in each stretch of the sound."""
    size = 1 << (max(rate // 20, 64) - 1).bit_length()
    edges = np.geomspace(LOWEST_HZ, min(HIGHEST_HZ, rate * 0.45), BANDS + 1) * size / rate
    firsts = np.minimum(np.round(edges[:-1]).astype(int), size // 2 - 1)
    window = np.hanning(size).astype(np.float32)
    rows = []
    for begin in range(0, len(mono) - hop + 1, hop):
        stretch = np.pad(mono[begin : begin + max(hop, size)], (0, max(size - (len(mono) - begin), 0)))
        cut = np.lib.stride_tricks.sliding_window_view(stretch, size)[:: max(size // 2, 1)]
        power = np.square(np.abs(np.fft.rfft(cut * window, axis=1))).mean(axis=0)
        rows.append(np.add.reduceat(power[: round(edges[-1]) + 1], firsts))
    return np.array(rows, np.float64)


def likeness(one: bytes, other: bytes) -> float:
    """How alike the sounds of two prints are, 0 to 1; 1 for the same sound at any level. Any thread."""
    if not one or not other:
        return 0.0
    return _likeness(_pattern(one), _pattern(other))


def _likeness(first: Values, second: Values) -> float:
    most = round(SHIFT_S * ROWS_PER_SECOND)
    return max(0.0, *(_agreement(first, second, shift) for shift in range(-most, most + 1)))


def _pattern(made: bytes) -> Values:
    exact = np.pad(np.frombuffer(made, np.uint8).reshape(-1, BANDS).astype(np.float64), ((1, 1), (0, 0)), mode="edge")
    rows = (exact[:-2] + 2 * exact[1:-1] + exact[2:]) / 4  # a beginning between two rows is to make no difference
    mean = rows.mean(axis=0)
    return np.concatenate([rows - mean, COLOUR * np.sqrt(len(rows)) * (mean - mean.mean())[None]])


def _agreement(one: Values, other: Values, shift: int) -> float:
    """The cosine of two patterns of which one begins `shift` rows later; what only one has counts against it."""
    a, b = one[:-1], other[:-1]
    begin, end = max(shift, 0), min(len(a), len(b) + shift)
    together = float((a[begin:end] * b[begin - shift : end - shift]).sum()) if end > begin else 0.0
    lengths = np.sqrt(len(a) * len(b))
    colour = float((one[-1] * other[-1]).sum()) / lengths * min(len(a), len(b))
    size = np.sqrt(float((one**2).sum()) * float((other**2).sum()))
    return (together + colour) / size if size > 0 else 0.0


def nearly_the_same(made: bytes, others: Mapping[str, bytes] | Iterable[tuple[str, bytes]]) -> list[tuple[str, float]]:
    """Of other prints by name those that are nearly the same, the most alike first."""
    pairs = others.items() if isinstance(others, Mapping) else others
    if not made:
        return []
    pattern = _pattern(made)
    found = [(name, _likeness(pattern, _pattern(other))) for name, other in pairs if other]
    return sorted(((name, share) for name, share in found if share >= ALIKE), key=lambda one: -one[1])
