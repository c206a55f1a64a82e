"""Loudness as broadcasters measure it: ITU-R BS.1770-5, EBU R 128, EBU Tech 3341 and 3342; streaming."""

from __future__ import annotations

import math
from array import array

import numpy as np
from numpy.typing import NDArray

from .riff import Float32
from .sosfilt import sosfilt

Float64 = NDArray[np.float64]

HOPS_PER_SECOND = 10
MOMENTARY_HOPS, SHORT_TERM_HOPS = 4, 30
ABSOLUTE_GATE = -70.0
SURROUND_WEIGHTS = (1.0, 1.0, 1.0, 0.0, 1.41, 1.41)
"""L R C LFE Ls Rs."""
_PHASE_TAPS = 24
_PIECE = 4_096


class LoudnessMeter:
    """Feed it blocks with `add`, ask at any time. One thread. Loudness in LUFS, -inf where there is none to measure.

    `between` the samples it looks for the true peak only if asked to: that takes longer than all the rest.
    """

    def __init__(self, rate: int, channels: int, between: bool = True) -> None:
        self._rate = rate
        self._sos = k_weighting(rate)
        self._state = np.zeros((channels, 2, 2))
        self._weights = np.array(SURROUND_WEIGHTS if channels == 6 else (1.0,) * channels)
        self._hops = array("d")
        self._hop_sum = 0.0
        self._frames = 0
        self._true_peak = _TruePeak(rate, channels) if between else None
        self.sample_peak = 0.0
        """Largest magnitude of a sample, full scale 1.0."""

    def add(self, block: Float32) -> None:
        """Measure float32 (channels, frames); any split of a signal into blocks gives the same, to rounding."""
        if block.shape[1] == 0:
            return
        self.sample_peak = max(self.sample_peak, float(np.abs(block).max()))
        if self._true_peak is not None:
            self._true_peak.add(block)
        weighted = block.astype(np.float64, order="C")
        sosfilt(self._sos, weighted, self._state)
        self._collect(self._weights @ np.square(weighted))

    @property
    def true_peak(self) -> float:
        """Largest magnitude at the samples and between them (BS.1770-5 annex 2) where looked for, full scale 1.0."""
        return max(self.sample_peak, self._true_peak.value() if self._true_peak is not None else 0.0)

    @property
    def momentary(self) -> float:
        """The last 400 ms."""
        return self._window(MOMENTARY_HOPS)

    @property
    def short_term(self) -> float:
        """The last 3 s."""
        return self._window(SHORT_TERM_HOPS)

    def integrated(self) -> float:
        """The whole, gated at -70 LUFS and 10 LU under the ungated level. Needs 400 ms of sound, else -inf."""
        powers = self._moving(MOMENTARY_HOPS)
        powers = powers[powers > _power(ABSOLUTE_GATE)]
        if powers.size == 0:
            return -math.inf
        return _loudness(float(powers[powers > powers.mean() / 10.0].mean()))

    def range(self) -> float:
        """Loudness range in LU (Tech 3342): 10th to 95th percentile of short-term loudness, gated at -20 LU."""
        powers = self._moving(SHORT_TERM_HOPS)
        powers = powers[powers > _power(ABSOLUTE_GATE)]
        if powers.size == 0:
            return 0.0
        kept = powers[powers >= powers.mean() / 100.0]
        low, high = np.percentile(kept, (10, 95))
        return _loudness(float(high)) - _loudness(float(low))

    def _collect(self, power: Float64) -> None:
        """Add weighted squares of every frame to the mean squares of hops of 100 ms."""
        start = 0
        while start < power.size:
            begin, end = self._hop_edges()
            count = min(end - self._frames, power.size - start)
            self._hop_sum += float(power[start : start + count].sum())
            self._frames += count
            start += count
            if self._frames == end:
                self._hops.append(self._hop_sum / (end - begin))
                self._hop_sum = 0.0

    def _hop_edges(self) -> tuple[int, int]:
        hop = len(self._hops)
        return hop * self._rate // HOPS_PER_SECOND, (hop + 1) * self._rate // HOPS_PER_SECOND

    def _window(self, hops: int) -> float:
        return _loudness(sum(self._hops[-hops:]) / hops) if len(self._hops) >= hops else -math.inf

    def _moving(self, hops: int) -> Float64:
        """Mean power of every window of so many hops, one per hop."""
        powers = np.array(self._hops, np.float64)
        if powers.size < hops:
            return np.empty(0)
        return np.asarray(np.lib.stride_tricks.sliding_window_view(powers, hops).mean(axis=1))


def k_weighting(rate: int) -> Float64:
    """Second-order sections of the K filter for any rate: the analogue prototypes behind the 48 kHz table of BS.1770.

    The parameters are those of B. De Man, Evaluation of implementations of the EBU R128 loudness measurement (2018).
    """
    k, q = math.tan(math.pi * 1681.974450955533 / rate), 0.7071752369554196
    high = 10.0 ** (3.999843853973347 / 20.0)
    band = high**0.4996667741545416
    shelf_b = [high + band * k / q + k * k, 2.0 * (k * k - high), high - band * k / q + k * k]
    shelf_a = [1.0 + k / q + k * k, 2.0 * (k * k - 1.0), 1.0 - k / q + k * k]
    k, q = math.tan(math.pi * 38.13547087602444 / rate), 0.5003270373238773
    pass_a = [1.0 + k / q + k * k, 2.0 * (k * k - 1.0), 1.0 - k / q + k * k]
    shelf = [value / shelf_a[0] for value in shelf_b + shelf_a]
    return np.array([shelf, [1.0, -2.0, 1.0] + [value / pass_a[0] for value in pass_a]])


def low_pass(taps: int, cutoff: float) -> Float64:
    """A windowed sinc of gain 1 at 0 Hz: `taps` coefficients, `cutoff` 0..1 of half the rate, Kaiser's window of 7."""
    at = np.arange(taps) - 0.5 * (taps - 1)
    sinc = cutoff * np.sinc(cutoff * at) * np.kaiser(taps, 7.0)
    return np.asarray(sinc / sinc.sum())


class _TruePeak:
    """Interpolation to at least 192 kHz by a polyphase low-pass, as BS.1770-5 annex 2 describes."""

    def __init__(self, rate: int, channels: int) -> None:
        self._factor = 4 if rate <= 96_000 else 2 if rate < 192_000 else 1
        taps = low_pass(self._factor * _PHASE_TAPS, 1.0 / self._factor) * self._factor
        self._phases = np.ascontiguousarray(taps.reshape(_PHASE_TAPS, self._factor)[::-1], np.float32)
        self._gain = float(np.abs(self._phases).sum(axis=0).max())
        self._history = np.zeros((channels, _PHASE_TAPS - 1), np.float32)
        self._peak = 0.0

    def add(self, block: Float32) -> None:
        if self._factor == 1:
            return
        signal = np.concatenate((self._history, block), axis=1)
        self._history = signal[:, 1 - _PHASE_TAPS :].copy()
        for start in range(0, block.shape[1], _PIECE):
            self._peak = max(self._peak, self._of(signal[:, start : start + _PIECE + _PHASE_TAPS - 1]))

    def value(self) -> float:
        """The peak so far, with what the filter still holds."""
        if self._factor == 1:
            return self._peak
        silence = np.zeros((self._history.shape[0], _PHASE_TAPS - 1), np.float32)
        return max(self._peak, self._of(np.concatenate((self._history, silence), axis=1)))

    def _of(self, signal: Float32) -> float:
        if float(np.abs(signal).max(initial=0.0)) * self._gain <= self._peak:
            return 0.0  # no interpolated value can pass the peak that is known
        windows = np.lib.stride_tricks.sliding_window_view(signal, _PHASE_TAPS, axis=1)
        return float(np.abs(windows @ self._phases).max(initial=0.0))


def _power(loudness: float) -> float:
    return math.pow(10.0, (loudness + 0.691) / 10.0)


def _loudness(power: float) -> float:
    return -0.691 + 10.0 * math.log10(power) if power > 0.0 else -math.inf
