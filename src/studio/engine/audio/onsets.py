"""Onsets: where in a sound something is struck, plucked or begins.

Spectral flux finds that something begins: how much the spectrum, in bands as ears have them and on a logarithmic scale,
rises from one window to the next. A rise counts where it stands out from its surroundings. The samples then tell where
exactly: at the foot of the attack.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np
import numpy.typing as npt

from .fades import Floats
from .sosfilt import sosfilt

Values = npt.NDArray[np.float64]

WINDOW_SECONDS, HOP_SECONDS = 2048 / 48_000, 128 / 48_000
BANDS = 40
LOWEST_HZ, HIGHEST_HZ = 30.0, 16_000.0

COMPRESSION = 300.0
"""What is so many times below the loudest band hardly counts."""

AROUND_SECONDS = 0.1
"""The surroundings that a rise must stand out from reach so far to both sides."""

GAP_SECONDS = 0.03
"""Two onsets stand at least so far apart."""

BEFORE_SECONDS, AFTER_SECONDS = 0.015, 0.007
"""Where an attack is looked for around the place where the spectrum rose most."""

GROUND_SECONDS, TOP_SECONDS = 0.003, 0.002
"""What an attack is measured against, and how soon it is there."""

LEFT_OF_IT = 0.08
"""Where sound is cut off the spectrum is ragged, too; an onset leaves more than this of what sounded before it."""

BATCH = 128
"""Windows that are transformed at once: few enough for the processor's cache."""


class Onset(msgspec.Struct, frozen=True):
    """Something begins at `frame`. `strength` is how much it stands out, 1 for what does so most in its sound."""

    frame: int
    strength: float


def find_onsets(sound: Floats, rate: int, sensitivity: float = 0.5) -> list[Onset]:
    """The onsets of float32 (channels, frames), by frame; `sensitivity` 0 finds the plainest only, 1 every stirring.

    Takes some hundredths of the sound's length. Any thread but the render thread.
    """
    mono = np.ascontiguousarray(sound.mean(axis=0, dtype=np.float64)) if sound.size else np.zeros(0)
    if not mono.any():
        return []
    hop, size = max(round(HOP_SECONDS * rate), 1), max(round(WINDOW_SECONDS * rate), 8)
    rise = _flux(mono, rate, hop, size)
    found = _standing_out(rise, sensitivity)
    top = max((rise[n] for n in found), default=1.0)
    envelope, gap = _envelope(mono, rate), round(GAP_SECONDS * rate)
    onsets: list[Onset] = []
    for n in found:
        one = Onset(_foot(envelope, n * hop - size, rate), float(rise[n] / top))
        if not onsets or one.frame - onsets[-1].frame >= gap:
            onsets.append(one)
        elif one.strength > onsets[-1].strength:
            onsets[-1] = one
    return onsets


def _flux(mono: Values, rate: int, hop: int, size: int) -> Values:
    """How much the spectrum rises at each hop; the first is centred a window's length before the sound."""
    transform = 1 << (size - 1).bit_length()  # lengths with large factors take many times as long
    bands, window = _bands(transform, rate), np.hanning(size).astype(np.float32)
    padded = np.concatenate([np.zeros(size + size // 2), mono, np.zeros(size)]).astype(np.float32)
    cut = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    parts = []
    for at in range(0, len(cut), BATCH):
        bins = np.abs(np.fft.rfft(cut[at : at + BATCH] * window, transform, axis=1))
        parts.append(np.stack([bins[:, low : low + len(band)] @ band for low, band in bands], axis=1))
    levels = np.concatenate(parts)
    loudness = np.log1p(COMPRESSION * levels / max(levels.max(), 1e-12))
    lag = max(size // (2 * hop), 1)
    before = np.pad(loudness, ((lag, 0), (1, 1)), mode="edge")[: len(loudness)]
    before[:lag] = 0.0
    before = np.maximum(np.maximum(before[:, :-2], before[:, 1:-1]), before[:, 2:])
    total = np.pad(levels.sum(axis=1), (lag, 2 * lag))
    kept = total[3 * lag :] >= total[: -3 * lag] * LEFT_OF_IT
    return np.asarray(np.maximum(loudness - before, 0.0).mean(axis=1) * kept)


def _bands(size: int, rate: int) -> list[tuple[int, Floats]]:
    """Bands of equal width on a logarithmic scale, as triangles that overlap by half: first bin and weights of each."""
    bins = np.fft.rfftfreq(size, 1 / rate)
    edges = np.geomspace(LOWEST_HZ, min(HIGHEST_HZ, rate * 0.45), BANDS + 2)
    found = []
    for low, middle, high in zip(edges[:-2], edges[1:-1], edges[2:], strict=True):
        weights = np.clip(np.minimum((bins - low) / (middle - low), (high - bins) / (high - middle)), 0.0, None)
        if not weights.any():  # narrower than a bin
            weights[np.argmin(np.abs(bins - middle))] = 1.0
        inside = np.flatnonzero(weights)
        found.append((int(inside[0]), (weights[inside] / weights.sum()).astype(np.float32)))
    return found


def _standing_out(rise: Values, sensitivity: float) -> list[int]:
    """The peaks of `rise` that stand out from their surroundings."""
    asked = min(max(sensitivity, 0.0), 1.0)
    around, near = round(AROUND_SECONDS / HOP_SECONDS), round(GAP_SECONDS / HOP_SECONDS / 2)
    usual = np.convolve(rise, np.full(2 * around + 1, 1 / (2 * around + 1)))[around : around + len(rise)]
    peaks = (rise == _highest(np.pad(rise, near), 2 * near + 1)) & (
        rise > usual * (2.5 - asked) + 0.4 * 10 ** (-1.2 * asked)
    )
    return [int(n) for n in np.flatnonzero(peaks)]


def _highest(values: Values, count: int) -> Values:
    """The largest of each `count` neighbours, from the first on."""
    return np.asarray(np.lib.stride_tricks.sliding_window_view(values, count).max(axis=1))


def _envelope(mono: Values, rate: int) -> Values:
    """How loud each frame is; what lies below 150 Hz is held back, so that a bass that sounds on hides no attack."""
    k = math.tan(math.pi * 150.0 / rate)
    high_pass = np.array([[1 / (1 + k), -1 / (1 + k), 0.0, 1.0, (k - 1) / (k + 1), 0.0]])
    bright = mono[None].copy()
    sosfilt(high_pass, bright, np.zeros((1, 1, 2)))
    return np.asarray(np.abs(bright[0]) + 0.1 * np.abs(mono))


def _foot(envelope: Values, centre: int, rate: int) -> int:
    """The frame at which the attack near `centre` leaves what sounded before it."""
    left = max(centre - round(BEFORE_SECONDS * rate), 0)
    right = min(centre + round(AFTER_SECONDS * rate), len(envelope))
    ground, top = round(GROUND_SECONDS * rate), round(TOP_SECONDS * rate)
    before, after = max(ground - left, 0), max(right + top - len(envelope), 0)
    around = np.pad(envelope[max(left - ground, 0) : right + top], (before, after))
    if right <= left or not around.any():
        return min(max(centre, 0), len(envelope) - 1)
    quiet, loud = _highest(around[: right - left + ground - 1], ground), _highest(around[ground:], top)[: right - left]
    least = float(around.max()) * 0.03
    rises = np.log((loud + least) / (quiet + least)) * np.maximum(loud - quiet, 0.0) ** 0.25
    at = int(np.argmax(rises))
    edge = quiet[at] + (loud[at] - quiet[at]) * 0.1
    above = np.flatnonzero(envelope[left + at : left + at + top + 1] > edge)
    return left + at + (int(above[0]) if above.size else 0)
