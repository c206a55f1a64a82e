"""Vowels sung by pulses through resonances, whose formants are known, and the formants of a sound."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

FORMANTS = {"a": (700.0, 1220.0, 2600.0), "i": (300.0, 2250.0, 2950.0), "o": (450.0, 800.0, 2550.0)}
WIDTHS = (70.0, 90.0, 130.0)
ANALYSED = 8000
"""Hz of the rate at which formants are looked for."""


def vowel(name: str, semitones: npt.NDArray[np.float64], rate: int, level: float = 0.3) -> Floats:
    """A vowel whose pitch goes through these MIDI notes, one a frame, with its ends faded over 20 ms."""
    from scipy.signal import lfilter

    phase = np.cumsum(440.0 * 2.0 ** ((semitones - 69.0) / 12.0)) / rate
    pulses = np.zeros(len(phase))
    beats = np.flatnonzero(np.diff(np.floor(phase)))
    part = (np.floor(phase[beats + 1]) - phase[beats]) / (phase[beats + 1] - phase[beats])
    np.add.at(pulses, beats, 1.0 - part)
    np.add.at(pulses, beats + 1, part)
    sound = lfilter([1.0], [1.0, -0.96], pulses)
    for hertz, width in zip(FORMANTS[name], WIDTHS, strict=True):
        reach = np.exp(-np.pi * width / rate)
        sound = lfilter([1.0], [1.0, -2 * reach * np.cos(2 * np.pi * hertz / rate), reach * reach], sound)
    fade = np.minimum(1.0, np.minimum(np.arange(len(phase)), np.arange(len(phase))[::-1]) / (0.02 * rate))
    return np.asarray(level * sound / np.abs(sound).max() * fade, np.float32)


def formants(sound: Floats, rate: int, count: int = 3) -> list[float]:
    """The lowest resonances of a sound in Hz, by linear prediction over its middle (the median of many windows)."""
    import soxr

    low = soxr.resample(sound.astype(np.float64), rate, ANALYSED)
    low = np.append(low[0], low[1:] - 0.96 * low[:-1])
    width = ANALYSED // 20
    found = [_resonances(low[at : at + width], count) for at in range(width, len(low) - 2 * width, width // 2)]
    return np.median([one for one in found if len(one) == count], axis=0).tolist()


def _resonances(window: npt.NDArray[np.float64], count: int, order: int = 8) -> list[float]:
    shaped = window * np.hamming(len(window))
    spread = np.correlate(shaped, shaped, "full")[len(shaped) - 1 :][: order + 1]
    matrix = spread[np.abs(np.arange(order)[:, None] - np.arange(order))] + 1e-9 * spread[0] * np.eye(order)
    roots = np.roots(np.append(1.0, -np.linalg.solve(matrix, spread[1:])))
    hertz = [
        (float(np.angle(root)) * ANALYSED / (2 * np.pi), -float(np.log(np.abs(root))) * ANALYSED / np.pi)
        for root in roots
        if root.imag > 0
    ]
    return sorted(h for h, width in hertz if h > 150.0 and width < 600.0)[:count]
